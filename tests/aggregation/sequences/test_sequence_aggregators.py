"""Aggregators of tag sequences."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from skcrowd.aggregation import (
    SEQUENCE_AGGREGATORS,
    SequenceDawidSkene,
    TokenDawidSkene,
    TokenMajorityVote,
    dawid_skene,
)
from skcrowd.annotations import SequenceAnnotations

AGGREGATORS = [
    pytest.param(cls(), id=name) for name, cls in SEQUENCE_AGGREGATORS.items()
]
pytestmark = pytest.mark.filterwarnings("ignore:.*did not converge")


@pytest.fixture(scope="module")
def crowd():
    """Five annotators tag sentences; the last does so at random."""
    rng = np.random.default_rng(0)
    truth, cells = [], []
    for _ in range(60):
        tags = rng.choice(["O", "B-X", "I-X"], rng.integers(3, 8), p=[0.6, 0.3, 0.1])
        for k in np.flatnonzero(tags == "I-X"):
            if not k or tags[k - 1] == "O":
                tags[k] = "B-X"
        truth.append(tags)
        answers = []
        for accuracy in (0.95, 0.9, 0.85, 0.8, 0.4):
            wrong = rng.uniform(size=len(tags)) > accuracy
            other = np.where(tags == "O", "B-X", "O")
            answers.append(np.where(wrong, other, tags).tolist())
        cells.append(answers)
    return SequenceAnnotations.from_cells(cells), truth


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_tags_and_probabilities(aggregator, crowd):
    y, truth = crowd
    model = clone(aggregator).fit(y)
    tags, proba = model.predict(), model.predict_proba()
    assert [len(row) for row in tags] == [len(row) for row in truth]
    right = np.concatenate(tags) == np.concatenate(truth)
    assert right.mean() > 0.93
    assert proba[0].shape == (len(truth[0]), 3)
    np.testing.assert_allclose(np.concatenate(proba).sum(axis=1), 1)
    assert sorted(model.classes_) == ["B-X", "I-X", "O"]
    assert len(model.annotators_) == 5
    assert model.n_iter_ >= 1
    np.testing.assert_allclose(model.class_prior_.sum(), 1)
    assert model.item_names_ is None
    if hasattr(model, "annotator_confusion_"):
        accuracy = np.trace(model.annotator_confusion_, axis1=1, axis2=2)
        assert accuracy.argmin() == 4
    else:
        assert model.annotator_skill_.shape == (5,)
        assert model.annotator_skill_.argmin() == 4


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_gold_clone_and_pickle(aggregator, crowd):
    y, truth = crowd
    wrong = ["B-X"] + ["O"] * (len(truth[2]) - 1)
    model = clone(aggregator).fit(y, gold={2: wrong})
    assert model.predict()[2].tolist() == wrong
    again = pickle.loads(pickle.dumps(model))
    for one, other in zip(again.predict(), model.predict(), strict=True):
        assert one.tolist() == other.tolist()
    with pytest.raises(NotFittedError):
        clone(model).predict()


def same(found, wanted, **options):
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, **options)


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_predict_other_sequences(aggregator, crowd):
    y, truth = crowd
    model = clone(aggregator).fit(y)
    # the last inference of fit, by the fitted annotators
    same(model.predict_proba(y), model.predict_proba(), atol=1e-12)
    model = clone(aggregator).fit(y[:40])
    right = np.concatenate(model.predict(y[40:])) == np.concatenate(truth[40:])
    assert right.mean() > 0.9
    stranger = SequenceAnnotations.from_cells(
        [[["O", "O"]]], annotator_names=["stranger"]
    )
    with pytest.raises(ValueError, match="stranger"):
        model.predict(stranger)
    with pytest.raises(ValueError, match="B-Y"):
        model.predict(SequenceAnnotations.from_cells([[["O", "B-Y"]]]))


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_partial_fit_has_all_answers(aggregator, crowd):
    y, _ = crowd
    whole = clone(aggregator).fit(y)
    part = clone(aggregator).partial_fit(y[:40]).partial_fit(y[40:])
    found, wanted = np.concatenate(part.predict()), np.concatenate(whole.predict())
    assert (found == wanted).mean() > 0.98
    if isinstance(aggregator, SequenceDawidSkene):  # begins anew
        same(part.predict_proba(), whole.predict_proba(), atol=1e-12)


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_gold_of_both_parts_is_kept(aggregator, crowd):
    y, truth = crowd
    wrong = {row: ["B-X"] + ["O"] * (len(truth[row]) - 1) for row in (2, 41)}
    part = clone(aggregator).partial_fit(y[:40], gold={2: wrong[2]})
    part.partial_fit(y[40:], gold={1: wrong[41]})
    for row, tags in wrong.items():
        assert part.predict()[row].tolist() == tags
        assert part.predict_proba()[row].max(axis=1) == pytest.approx(1)


def test_partial_fit_joins_sequences_and_annotators_by_name():
    tags = ["O", "B-X", "O"]
    first = [("s1", "ann", tags), ("s2", "ann", ["O"]), ("s2", "bob", ["O"])]
    second = [("s2", "cy", ["B-X"]), ("s2", "dan", ["B-X"]), ("s2", "eve", ["B-X"])]
    second += [("s3", "ann", ["B-X", "O"])]
    tables = [
        SequenceAnnotations.from_long(*zip(*rows, strict=True))
        for rows in (first, second)
    ]
    model = TokenMajorityVote().partial_fit(tables[0]).partial_fit(tables[1])
    assert model.item_names_.tolist() == ["s1", "s2", "s3"]
    assert model.annotators_.tolist() == ["ann", "bob", "cy", "dan", "eve"]
    found = [part.tolist() for part in model.predict()]
    assert found == [tags, ["B-X"], ["B-X", "O"]]
    with pytest.raises(ValueError, match="'ann' answered sequence 's1' before"):
        model.partial_fit(tables[0])
    longer = SequenceAnnotations.from_long(["s2"], ["fay"], [["O", "O"]])
    with pytest.raises(ValueError, match="'s2' has 2 tokens, and had 1 before"):
        model.partial_fit(longer)


@pytest.mark.parametrize(
    "aggregator",
    [p for p in AGGREGATORS if "annotator_prior" in p.values[0].get_params()],
)
def test_annotator_prior_decides(aggregator):
    cells = [[["O", "B-X"], ["B-X", "O"]]] * 4
    prior = {0: (0.95, 200), 1: (0.5, 200)}
    model = clone(aggregator).set_params(annotator_prior=prior)
    tags = model.fit_predict(SequenceAnnotations.from_cells(cells))
    assert [part.tolist() for part in tags] == [["O", "B-X"]] * 4


def test_tokens_are_those_of_the_function(crowd):
    y, _ = crowd
    proba = np.concatenate(TokenDawidSkene().fit(y).predict_proba())
    np.testing.assert_array_equal(proba, dawid_skene(y.tokens).posterior)


def test_parameters_and_convergence(crowd):
    with pytest.warns(ConvergenceWarning, match="TokenDawidSkene did not converge"):
        TokenDawidSkene(max_iter=1).fit(crowd[0])
    with pytest.raises(ValueError, match="max_iter"):
        TokenDawidSkene(max_iter=0).fit(crowd[0])
    with pytest.raises((TypeError, ValueError)):
        TokenMajorityVote().fit([[0, 1], [1, 1]])


@pytest.mark.parametrize(
    "aggregator",
    [
        TokenMajorityVote(),
        TokenDawidSkene(pseudo_counts=0, tol=1e-8),
        SequenceDawidSkene(pseudo_counts=0),
        SequenceDawidSkene(pseudo_counts=0, previous_truth=False),
    ],
)
def test_an_answer_of_weight_w_is_w_equal_answers(aggregator, crowd):
    y, _ = crowd
    y = y[:30]
    tokens = y.tokens
    copied = np.column_stack([y.to_flat(), y.to_flat()[:, [1, 1]]])
    copied = SequenceAnnotations.from_flat(copied, y.lengths)
    weight = np.ones(y.shape)
    weight[:, 1] = 3
    found, expected = (
        np.concatenate(clone(aggregator).fit(a).predict_proba())
        for a in (y.with_details(weight=weight), copied)
    )
    np.testing.assert_allclose(found, expected, atol=1e-7)
    plain = np.concatenate(clone(aggregator).fit(y).predict_proba())
    assert tokens.weight is None
    assert np.abs(found - plain).max() > 1e-3


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_weights_and_confidences_are_used(aggregator, crowd):
    y, truth = crowd
    plain = np.concatenate(clone(aggregator).fit(y).predict_proba())

    def proba(**details):
        model = clone(aggregator).fit(y.with_details(**details))
        return model, np.concatenate(model.predict_proba())

    model, ones = proba(weight=np.ones(y.shape))
    np.testing.assert_array_equal(ones, plain)
    _, equal = proba(confidence=np.ones(y.shape))
    np.testing.assert_array_equal(equal, plain)
    flat = y.to_flat()
    is_right = flat == np.concatenate(truth)[:, None]
    sure = is_right + 0.5 * np.random.default_rng(0).random(flat.shape)
    model, weighed = proba(confidence=sure)
    is_true = model.classes_ == np.concatenate(truth)[:, None]
    assert np.log(weighed[is_true]).mean() > np.log(plain[is_true]).mean()
    again = np.concatenate(model.predict_proba(y.with_details(confidence=sure)))
    assert not np.allclose(again, np.concatenate(model.predict_proba(y)))
    half = np.random.default_rng(1).random(y.shape) < 0.5
    half[:, 0] = True
    _, some = proba(weight=half)
    kept = y.select_answers(half[y.pairs])
    np.testing.assert_array_equal(
        some, np.concatenate(clone(aggregator).fit(kept).predict_proba())
    )


@pytest.fixture(scope="module")
def soft(crowd):
    """Distributions over the tags, the more decided the more a tag is right."""
    y, truth = crowd
    flat = y.to_flat()
    is_right = flat == np.concatenate(truth)[:, None]
    noise = np.random.default_rng(0).random(flat.shape)
    sure = np.where(is_right, 0.55, 0.4) + 0.4 * noise
    best = flat[..., None] == y.classes
    others = (1 - sure[..., None]) / (len(y.classes) - 1)
    return np.where(best, sure[..., None], others)


def soft_tags(soft, y):
    return SequenceAnnotations.from_soft_labels(soft, y.lengths, classes=y.classes)


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_distributions_are_used(aggregator, crowd, soft):
    y, truth = crowd
    worst = [2, 3, 4]
    stated = soft_tags(soft, y).select_annotators(worst)
    y = y.select_annotators(worst)
    model, plain = (clone(aggregator).fit(a) for a in (stated, y))
    used, ignored = (
        (np.concatenate(m.predict()) == np.concatenate(truth)).mean()
        for m in (model, plain)
    )
    assert used > ignored + 0.02
    np.testing.assert_allclose(np.concatenate(model.predict_proba()).sum(axis=1), 1)
    without = clone(aggregator).fit(stated.without_details("probabilities"))
    np.testing.assert_array_equal(
        *(np.concatenate(m.predict_proba()) for m in (without, plain))
    )
    again, other = (np.concatenate(model.predict_proba(a)) for a in (stated, y))
    assert not np.allclose(again, other)


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_certain_distributions_are_tags(aggregator, crowd):
    y, _ = crowd
    one_hot = (y.to_flat()[..., None] == y.classes).astype(float)
    found, expected = (
        np.concatenate(clone(aggregator).fit(a).predict_proba())
        for a in (soft_tags(one_hot, y), y)
    )
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_distributions_are_free_of_the_order(aggregator, crowd, soft):
    y, _ = crowd
    stated = soft_tags(soft, y)
    order = np.random.default_rng(0).permutation(len(y))
    moved = stated[order].select_annotators([3, 0, 4, 1, 2])
    one, other = (clone(aggregator).fit(a).predict_proba() for a in (stated, moved))
    np.testing.assert_allclose(
        np.concatenate([one[k] for k in order]), np.concatenate(other), atol=1e-6
    )


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_even_distributions_say_nothing(aggregator, crowd, soft):
    """Given the annotators, an even distribution is as good as no tag."""
    y, _ = crowd
    model = clone(aggregator).fit(y)
    even, absent = soft.copy(), soft.copy()
    even[:, 4], absent[:, 4] = 1 / 3, np.nan
    found, expected = (model.predict(soft_tags(a, y)) for a in (even, absent))
    same = np.concatenate(found) == np.concatenate(expected)
    assert same.mean() > 0.99


def test_joined_answers_keep_their_weights(crowd, soft):
    y, _ = crowd
    y = y.with_details(weight=np.random.default_rng(0).uniform(1, 3, y.shape))
    order = [3, 0, 4, 1, 2]
    model = SequenceDawidSkene().fit(y[:40])
    model.partial_fit(y[40:].select_annotators(order))
    assert model._answers.sequences == y
    stated = soft_tags(soft, y)
    model = SequenceDawidSkene().fit(stated[:40])
    model.partial_fit(stated[40:].select_annotators(order))
    assert model._answers.sequences == stated
