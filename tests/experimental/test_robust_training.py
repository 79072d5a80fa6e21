"""Each technique does what its paper says."""

import math
import pickle
from functools import cache

import numpy as np
import pytest
import torch
from _data import blobs, crowd, small, sparse_forms
from _sequence_data import tagger

from skcrowd import Annotations, CrowdClassifier
from skcrowd.backbones import MLP
from skcrowd.experimental import (
    ROBUST_TRAINING,
    CoTeaching,
    EarlyLearning,
    Mixup,
    SmallLoss,
)
from skcrowd.experimental._co_teaching import CrossSelection
from skcrowd.experimental._early_learning import RunningTargets
from skcrowd.experimental._mixup import mixed_batch
from skcrowd.experimental._small_loss import Selection, smallest
from skcrowd.methods import KDCrowd

each_technique = pytest.mark.parametrize("name", ROBUST_TRAINING)


def student(robust, X, y, **parameters):
    """Fit a student alone."""
    method = KDCrowd(robust=robust, back_to_answers=False, distillation=None)
    return small(method, **parameters).fit(X, y)


def test_mixup_mixes_features_labels_and_opinions():
    X = torch.tensor([[1.0, 0.0], [0.0, 4.0]])
    batch = {
        "target": torch.tensor([[1.0, 0.0], [0.0, 1.0]]),
        "teacher": torch.tensor([[0.9, 0.1], [0.5, 0.5]]),
        "item_weight": torch.tensor(1.0),
    }
    mixed, of_pairs = mixed_batch(X, batch, 0.75, torch.tensor([1, 0]))
    assert mixed.tolist() == [[0.75, 1.0], [0.25, 3.0]]
    assert of_pairs["target"].tolist() == [[0.75, 0.25], [0.25, 0.75]]
    np.testing.assert_allclose(of_pairs["teacher"], [[0.8, 0.2], [0.6, 0.4]])
    assert of_pairs["item_weight"].tolist() == [1, 1]


def test_mixup_weighs_the_losses_of_a_pair_by_their_items():
    rng = np.random.default_rng(0)
    target = torch.tensor(rng.dirichlet(np.ones(3), 4))
    log_proba = torch.tensor(np.log(rng.dirichlet(np.ones(3), 4)))
    weight, order = torch.tensor([1.0, 0.0, 2.0, 3.0]).double(), [1, 3, 0, 2]
    batch = {"target": target, "item_weight": weight, "repeats": weight}
    _, of_pairs = mixed_batch(torch.ones(4, 1), batch, 0.3, torch.tensor(order))
    found = -(of_pairs["target"] * log_proba).sum(dim=1) * of_pairs["item_weight"]
    first = -(target * log_proba).sum(dim=1) * weight
    second = -(target[order] * log_proba).sum(dim=1) * weight[order]
    np.testing.assert_allclose(found, 0.3 * first + 0.7 * second)
    assert of_pairs["repeats"].tolist() == pytest.approx([0.3, 2.1, 1.3, 2.3])


@pytest.mark.parametrize("name", ["csr matrix", "coo array"])
def test_mixup_cannot_mix_sparse_features(name, items, answers):
    X = sparse_forms(items[0])[name]
    with pytest.raises(ValueError, match=r"mixup.*sparse matrix.*small_loss"):
        student("mixup", X, answers)


def test_mixup_cannot_mix_sequences():
    X = [["a", "b"], ["c"]]
    y = [[["O", "B-X"], ["O", "O"]], [["O"], ["B-X"]]]
    with pytest.raises(ValueError, match=r"mixup.*sequences"):
        tagger(KDCrowd(robust="mixup")).fit(X, y)


@pytest.mark.parametrize("name", sorted(set(ROBUST_TRAINING) - {"mixup"}))
def test_the_others_take_sparse_features_and_sequences(name, items, answers):
    clf = student(name, sparse_forms(items[0])["csr matrix"], answers)
    assert np.isfinite(clf.predict_proba(items[0])).all()
    X = [["a", "b"], ["c"], ["a"]]
    y = [[["O", "B-X"], ["O", "O"]], [["O"], ["B-X"]], [["O"], ["O"]]]
    found = tagger(KDCrowd(robust=name)).fit(X, y).predict_proba(X)
    assert all(np.isfinite(proba).all() for proba in found)


def test_early_learning_holds_on_to_running_means():
    penalty = RunningTargets((5, 2), weight=2.0, momentum=0.6).double()
    batch = {"row": torch.tensor([3, 1]), "item_weight": torch.tensor([1.0, 2.0])}
    proba = torch.tensor([[0.9, 0.3], [0.1, 0.7]]).double()
    found = [penalty(proba.log(), batch, None).item() for _ in range(2)]
    agreement = (proba**2).sum(dim=0).tolist()
    for share, value in zip((0.4, 0.4 + 0.6 * 0.4), found, strict=True):
        logs = [math.log(1 - share * p) for p in agreement]
        assert value == pytest.approx(2.0 * (logs[0] + 2 * logs[1]) / 3, rel=1e-5)
    np.testing.assert_allclose(penalty.mean[3], 0.64 * proba[:, 0], rtol=1e-6)
    assert (penalty.mean[[0, 2, 4]] == 0).all()


def test_early_learning_pulls_to_what_was_learned():
    penalty = RunningTargets((1, 2), weight=3.0, momentum=0.9).double()
    batch = {"row": torch.tensor([0]), "item_weight": torch.tensor(1.0)}
    penalty.mean[0] = torch.tensor([0.95, 0.05])
    scores = torch.zeros(2, 1, dtype=torch.float64, requires_grad=True)
    penalty(scores.log_softmax(dim=0), batch, None).backward()
    assert scores.grad[0] < 0 < scores.grad[1]


def test_early_learning_forgets_the_items(items, answers):
    clf = student("early_learning", items[0], answers)
    memory = clf.net_.criterion_.penalties[0]
    assert memory.mean.numel() == 0
    pickle.dumps(clf)


def test_the_smallest_losses_are_kept():
    loss = torch.tensor([0.5, 3.0, 0.1, 2.0])
    kept = smallest(loss, torch.tensor(1.0), 0.5)
    assert kept.tolist() == [2, 0, 2, 0]
    assert smallest(loss, torch.tensor(1.0), 0.625).tolist() == pytest.approx(
        [1.6, 0, 1.6, 0.8]
    )
    assert smallest(loss, torch.tensor(1.0), 1.0).tolist() == [1, 1, 1, 1]


def test_an_item_of_weight_two_is_two_items():
    loss, weight = torch.tensor([0.5, 3.0, 0.1]), torch.tensor([2.0, 1.0, 3.0])
    rows = torch.tensor([0, 0, 1, 2, 2, 2])
    repeated = smallest(loss[rows], torch.tensor(1.0), 0.7)
    kept = smallest(loss, weight, 0.7)
    sums = torch.zeros(3).index_add(0, rows, repeated)
    np.testing.assert_allclose(kept, sums, rtol=1e-6)
    assert kept.sum().item() == pytest.approx(weight.sum().item())


def test_the_share_shrinks_to_the_forget_rate():
    selection, kept = Selection(0.4, ramp_epochs=4), []

    class Net:
        history: list = []

    for _ in range(6):
        Net.history = [*Net.history, {}]
        selection.on_epoch_begin(Net)
        kept.append(selection.kept)
    assert kept == pytest.approx([0.9, 0.8, 0.7, 0.6, 0.6, 0.6])


def test_two_networks_choose_for_each_other():
    selection = CrossSelection(0.5, 1)
    selection.kept = 0.5
    loss = torch.tensor([[0.1, 9.0], [5.0, 0.2]])
    assert selection(loss, torch.tensor(1.0)).tolist() == [[0, 2], [2, 0]]


def distilled(robust, X, y):
    """Fit long enough to learn wrong labels by heart."""
    method = KDCrowd("majority_vote", robust=robust, back_to_answers=False)
    settings = {"max_epochs": 20, "module__hidden": (64,), "batch_size": 50}
    return small(method, **settings).fit(X, y)


@cache
def wrong_labels():
    """Items of which three in ten have a wrong label, and other items with truth."""
    X, truth = blobs(400, seed=3)
    rng = np.random.default_rng(0)
    wrong = rng.random(400) < 0.3
    labels = np.where(wrong, (truth + rng.integers(1, 3, 400)) % 3, truth)
    y = Annotations.from_dense(labels[:, None])
    return X, y, *blobs(300, seed=4)


@cache
def score_without_technique():
    X, y, X_test, truth_test = wrong_labels()
    return distilled(None, X, y).score(X_test, truth_test)


@each_technique
def test_robust_to_wrong_labels_that_nobody_can_explain(name):
    X, y, X_test, truth_test = wrong_labels()
    robust = {
        "small_loss": SmallLoss(0.3, 5),
        "co_teaching": CoTeaching(0.3, 5),
    }.get(name, name)
    found = distilled(robust, X, y).score(X_test, truth_test)
    assert found >= score_without_technique() - 0.01
    assert found > 0.9


CHANGES = [
    Mixup(alpha=0.2),
    EarlyLearning(weight=1.0),
    EarlyLearning(momentum=0.1),
    SmallLoss(forget_rate=0.5),
    SmallLoss(ramp_epochs=2),
    CoTeaching(forget_rate=0.5),
    CoTeaching(ramp_epochs=2),
]


@pytest.mark.parametrize("changed", CHANGES, ids=repr)
def test_every_parameter_changes_something(changed):
    assert np.abs(told(changed) - with_defaults(type(changed))).max() > 1e-6


def told(robust):
    """What a student predicts that learned with a technique."""
    X, truth = blobs(90)
    y = crowd(truth, {"average": 3}, answers_per_item=2).annotations
    return student(robust, X, y, batch_size=30).predict_proba(X)


@cache
def with_defaults(technique):
    return told(technique())


@pytest.mark.parametrize(
    ("robust", "parameter"),
    [
        (Mixup(alpha=0), "alpha"),
        (EarlyLearning(weight=-1), "weight"),
        (EarlyLearning(momentum=1), "momentum"),
        (SmallLoss(forget_rate=1), "forget_rate"),
        (SmallLoss(forget_rate="no"), "forget_rate"),
        (CoTeaching(ramp_epochs=0), "ramp_epochs"),
    ],
    ids=repr,
)
def test_parameters_are_checked(robust, parameter, items, answers):
    with pytest.raises(ValueError, match=parameter):
        student(robust, items[0], answers)


@each_technique
def test_weights_are_repetitions(name, items, answers):
    X, weight = items[0], np.arange(60) % 3
    rows = np.repeat(np.arange(60), weight)
    # the default networks of twins begin equal, and rounding decides between them
    whole = {"batch_size": 10_000, "max_epochs": 6, "module": MLP}
    method = KDCrowd(robust=name)
    weighted = small(method, **whole).fit(X, answers, sample_weight=weight)
    repeated = small(method, **whole).fit(X[rows], answers[rows])
    np.testing.assert_allclose(
        weighted.predict_proba(X), repeated.predict_proba(X), rtol=0, atol=1e-8
    )


@each_technique
@pytest.mark.parametrize("early_stopping", [False, True])
def test_precision_early_stopping_and_one_class(name, early_stopping, items, answers):
    settings = {"early_stopping": early_stopping}
    clf = student(name, items[0].astype(np.float32), answers, **settings)
    assert np.isfinite(clf.predict_proba(items[0])).all()
    one = np.where(answers < 0, -1, 0)
    method = KDCrowd(robust=name)
    alone = small(method, classes=[0], **settings).fit(items[0], one)
    assert isinstance(alone, CrowdClassifier)
    np.testing.assert_allclose(alone.predict_proba(items[0]), 1)


@each_technique
def test_a_network_of_the_users_own_is_left_alone(name, items, answers):
    network = torch.nn.Linear(3, 3).double()
    before = network.weight.clone()
    method = KDCrowd(robust=name)
    CrowdClassifier(network, method=method, max_epochs=3).fit(items[0], answers)
    assert torch.equal(network.weight, before)
