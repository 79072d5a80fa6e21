"""Mixing pairs of items and annotators."""

import numpy as np
import pytest
import torch
from _data import small
from scipy.sparse import csr_matrix

from skcrowd.methods import AnnotMix
from skcrowd.methods._pair_mixup import PairMixup, partners


def batch(counts=(2, 1, 3), weight=None):
    """Return a batch of items with so many answers."""
    item = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))
    n_answers, n_items = len(item), len(counts)
    of_item = torch.arange(1.0, n_items + 1).double()
    return {
        "item": item,
        "annotator": torch.arange(n_answers) % 4,
        "answer": torch.arange(n_answers) % 3,
        "answer_weight": of_item[item] if weight is None else torch.tensor(weight),
        "item_weight": of_item if weight is None else torch.tensor(weight),
        "target": torch.eye(3).double()[torch.arange(n_items) % 3],
    }


def test_partners_by_hand():
    first, second, parts = partners(torch.tensor([0, 0, 1]), torch.tensor([1, 0]))
    assert first.tolist() == [0, 1, 2, 2]
    assert second.tolist() == [2, 2, 0, 1]
    assert parts.tolist() == [[1, 1, 2, 2], [2, 2, 1, 1]]


def test_tokens_without_answers_are_no_partners():
    first, second, _ = partners(torch.tensor([1, 1, 3]), torch.arange(5))
    assert first.tolist() == [0, 0, 1, 1, 2]
    assert second.tolist() == [0, 1, 0, 1, 2]


@pytest.mark.parametrize("counts", [(2, 1, 3), (1,), (12, 2, 9, 1), (0, 3, 0)])
def test_every_answer_counts_once_as_first_and_once_as_second(counts):
    item = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))
    other = (
        torch.arange(len(counts)) if 0 in counts else torch.arange(len(counts)).flip(0)
    )
    first, second, parts = partners(item, other)
    assert (item[second] == other[item[first]]).all()
    once = torch.ones(len(item))
    torch.testing.assert_close(torch.bincount(first, 1 / parts[0], len(item)), once)
    back = torch.bincount(second, 1 / parts[1], len(item))
    if max(counts) <= 8:
        torch.testing.assert_close(back, once)
    of_items = torch.bincount(item, back, len(counts))
    torch.testing.assert_close(of_items, torch.tensor(counts).float())


def test_more_than_eight_partners_are_drawn():
    item = torch.arange(2).repeat_interleave(torch.tensor([20, 10]))
    torch.manual_seed(0)
    drawn = [partners(item, torch.tensor([1, 0])) for _ in range(200)]
    assert {len(first) for first, *_ in drawn} == {240}
    counted = sum(torch.bincount(s, 1 / p[1], 30) for _, s, p in drawn) / 200
    assert (counted - 1).abs().max() < 0.3


@pytest.mark.parametrize("layout", ["dense", "image", "sparse"])
def test_rows_targets_and_weights_are_mixed_alike(layout):
    X, given = torch.randn(3, 4).double(), batch()
    shaped = {"image": X.view(3, 1, 2, 2), "sparse": X.to_sparse_coo()}.get(layout, X)
    torch.manual_seed(1)
    mixed_X, mixed = PairMixup(1.0, True)(shaped, given)
    mixed_X = mixed_X.to_dense().reshape(3, 4)
    first, second, share = mixed["annotator"]
    weighted = given["item_weight"][:, None] * given["target"]
    for n in range(3):
        lam = share[mixed["item"] == n][0]
        left = (mixed_X[n] - lam * X[n]) / (1 - lam)
        m = int((X - left).abs().sum(1).argmin())
        torch.testing.assert_close(left, X[m])
        expected = lam * weighted[n] + (1 - lam) * weighted[m]
        torch.testing.assert_close(mixed["target"][n] * mixed["item_weight"], expected)
        own, theirs = (given["item"] == k for k in (n, m))
        pairs = mixed["item"] == n
        assert set(first[pairs].tolist()) == set(given["annotator"][own].tolist())
        assert set(second[pairs].tolist()) == set(given["annotator"][theirs].tolist())
        total = mixed["answer_weight"][:, pairs].sum(1)
        counts = lam * (n + 1) * own.sum(), (1 - lam) * (m + 1) * theirs.sum()
        torch.testing.assert_close(total, torch.stack(counts))


def test_equal_weights_may_be_one_number():
    torch.manual_seed(0)
    _, one = PairMixup(1.0, True)(torch.randn(3, 4), batch(weight=1.0))
    ones = batch(weight=1.0)
    for name, size in (("answer_weight", 6), ("item_weight", 3)):
        ones[name] = torch.ones(size)
    torch.manual_seed(0)
    _, each = PairMixup(1.0, True)(torch.randn(3, 4), ones)
    torch.testing.assert_close(one["answer_weight"], each["answer_weight"])


@pytest.mark.parametrize("X", [torch.randn(3, 4), {"X": 0, "lengths": 0}])
def test_sequences_stay_and_only_their_answers_are_mixed(X):
    given = batch()
    mix_items = not isinstance(X, dict)
    same_X, mixed = PairMixup(1.0, not mix_items)(X, given)
    assert same_X is X
    assert mixed["target"] is given["target"]
    n_pairs = 4 + 1 + 9
    assert mixed["answer"].shape == mixed["answer_weight"].shape == (2, n_pairs)
    of_items = torch.bincount(mixed["item"], mixed["answer_weight"].sum(0))
    torch.testing.assert_close(of_items, torch.tensor([2.0, 2.0, 9.0]).double())


def test_precision_does_not_decide_what_is_mixed():
    X = torch.randn(20, 4).double()
    shares = []
    for rows in (X, X.float(), X.to_sparse_coo()):
        torch.manual_seed(0)
        given = batch([1] * 20)
        shares.append(PairMixup(1.0, True)(rows, given)[1]["annotator"][2])
    assert torch.equal(shares[0], shares[1])
    assert torch.equal(shares[0], shares[2])


def test_small_alpha_mixes_next_to_nothing():
    torch.manual_seed(0)
    _, mixed = PairMixup(0.02, True)(torch.randn(50, 4), batch([1] * 50))
    share = mixed["annotator"][2]
    assert torch.minimum(share, 1 - share).mean() < 0.03


def test_sparse_features_are_the_same(items, answers):
    X = items[0]
    scale = {"module__center": np.zeros(3), "module__scale": np.ones(3)}
    dense = small(AnnotMix(), **scale).fit(X, answers)
    sparse = small(AnnotMix(), **scale).fit(csr_matrix(X), answers)
    np.testing.assert_allclose(
        sparse.predict_proba(csr_matrix(X)), dense.predict_proba(X), atol=0.05
    )


def test_mixing_is_part_of_training_only(items, answers):
    X = items[0]
    clf = small(AnnotMix(), early_stopping=True).fit(X, answers)
    proba = clf.predict_proba(X)
    np.testing.assert_array_equal(proba, clf.predict_proba(X))
    np.testing.assert_allclose(proba[:5], clf.predict_proba(X[:5]))
