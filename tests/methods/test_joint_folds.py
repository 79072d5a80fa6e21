"""Networks of several folds in the same passes: each as if it were trained alone."""

import numpy as np
import pytest
import torch

from skcrowd import CrowdClassifier, CrowdMultilabelClassifier
from skcrowd.backbones import MLP
from skcrowd.datasets import make_annotations
from skcrowd.exceptions import CrowdWarning
from skcrowd.methods import MajorityVote
from skcrowd.methods._joint_folds import FoldLoss, can_train_jointly, train_jointly
from skcrowd.methods._out_of_fold import _train_one_by_one, predict_out_of_fold
from skcrowd.training import ClassScores, CrowdLoss

N_ITEMS, N_CLASSES, N_FOLDS = 60, 3, 4
rng = np.random.default_rng(0)
TRUTH = np.arange(N_ITEMS) % N_CLASSES
X = rng.standard_normal((N_ITEMS, 5)) + 2 * np.eye(N_CLASSES, 5)[TRUTH]
ANSWERS = make_annotations(TRUTH, 4, random_state=0).annotations
TARGETS = rng.dirichlet(np.ones(N_CLASSES), N_ITEMS)
CONFUSION = np.full((4, N_CLASSES, N_CLASSES), 1 / N_CLASSES)
SEED = 3


class Recorded(MajorityVote):
    """Keeps the context that it learns from."""

    context = None

    def learn(self, context):
        Recorded.context = context
        return super().learn(context)


def context_of(estimator=CrowdClassifier, X=X, answers=ANSWERS, **settings):
    estimator(method=Recorded(), max_epochs=1, random_state=0, **settings).fit(
        X, answers
    )
    return Recorded.context


def trained(context, targets=TARGETS, epochs=3, train=train_jointly):
    fold = context.folds(N_FOLDS)
    nets = list(train(context, targets, CONFUSION, fold, epochs, SEED))
    return [context.predict_truth(net) for net in nets]


def test_the_loss_is_the_sum_of_those_of_the_other_folds():
    torch.manual_seed(0)
    scores = torch.randn(N_ITEMS, N_FOLDS, N_CLASSES, dtype=torch.float64)
    fold = torch.arange(N_ITEMS) % N_FOLDS
    batch = {
        "target": torch.as_tensor(TARGETS),
        "item_weight": torch.rand(N_ITEMS, dtype=torch.float64),
    }
    output = ClassScores(N_CLASSES)
    single = CrowdLoss(torch.nn.Identity(), output, "targets")
    expected = sum(
        single(scores[fold != k, k], {n: v[fold != k] for n, v in batch.items()})
        for k in range(N_FOLDS)
    )
    joint = FoldLoss(torch.nn.Identity(), output)
    torch.testing.assert_close(joint(scores, {**batch, "fold": fold}), expected)
    batch["item_weight"] = torch.tensor(2.0, dtype=torch.float64)
    one = {n: v[:1] if v.ndim else v for n, v in batch.items()}
    only_own = joint(scores[:1], {**one, "fold": fold[:1]})
    assert torch.isfinite(only_own)


@pytest.mark.parametrize("given", [{}, {"module__hidden": (4, 3), "optimizer": "sgd"}])
def test_a_network_learns_as_it_would_alone(given):
    if given:
        given = {**given, "optimizer": torch.optim.SGD, "lr": 0.1}
    context = context_of(batch_size=N_ITEMS, **given)
    first = trained(context)[0]
    alone = trained(context, train=_train_one_by_one)[0]
    np.testing.assert_allclose(first, alone, rtol=1e-6, atol=1e-6)
    untrained = trained(context, epochs=1)[0]
    assert abs(first - untrained).max() > 1e-3


def test_a_network_learns_nothing_from_its_own_fold():
    context = context_of()
    fold = context.folds(N_FOLDS)
    before = trained(context)
    changed = np.where((fold == 1)[:, None], TARGETS[::-1], TARGETS)
    after = trained(context, changed)
    np.testing.assert_allclose(after[1], before[1], rtol=1e-9)
    for k in (0, 2, 3):
        assert abs(after[k] - before[k]).max() > 1e-3


def test_the_order_of_the_items_does_not_matter():
    order = np.random.default_rng(1).permutation(N_ITEMS)
    before = trained(context_of())
    context = context_of(X=X[order], answers=ANSWERS[order])
    for one, other in zip(before, trained(context, TARGETS[order]), strict=True):
        np.testing.assert_allclose(other, one[order], rtol=1e-9)


def test_held_out_items_are_predicted_but_not_learned_from():
    context = context_of(early_stopping=True, validation_fraction=0.2)
    held_out = context.held_out
    assert 0 < held_out.sum() < N_ITEMS
    fold = context.folds(N_FOLDS)
    changed = np.where(held_out[:, None], TARGETS[::-1], TARGETS)
    runs = [
        predict_out_of_fold(context, targets, CONFUSION, fold, 2, SEED)[0]
        for targets in (TARGETS, changed)
    ]
    np.testing.assert_array_equal(*runs)
    np.testing.assert_allclose(np.exp(runs[0]).sum(axis=1), 1)


@pytest.mark.parametrize(
    "settings",
    [
        {"module": MLP},
        {"optimizer": torch.optim.RMSprop},
        {"optimizer__param_groups": [("layers.*", {"lr": 1e-4})]},
        {"estimator": CrowdMultilabelClassifier},
    ],
    ids=["network", "optimizer", "groups", "sets"],
)
def test_other_networks_are_trained_one_by_one(settings):
    if "estimator" in settings:
        answers = [[[f"label {k}"], [f"label {k}", "label 0"]] for k in TRUTH]
        settings = {**settings, "answers": answers}
    assert not can_train_jointly(context_of(**settings), N_FOLDS)


def test_wide_networks_are_trained_one_by_one():
    context = context_of()
    assert can_train_jointly(context, N_FOLDS)
    assert not can_train_jointly(context, 2**15)


def test_all_folds_have_one_bar(capsys):
    CrowdClassifier(max_epochs=2, verbose=1, random_state=0).fit(X, ANSWERS)
    shown = capsys.readouterr().err
    assert "RegularizedEM, 5 folds: " in shown
    assert "fold 1 of" not in shown


def test_an_interrupt_keeps_the_network_of_a_fold(monkeypatch):
    steps, forward = [], FoldLoss.forward

    def interrupted(*args):
        steps.append(1)
        if len(steps) > 2:
            raise KeyboardInterrupt
        return forward(*args)

    monkeypatch.setattr(FoldLoss, "forward", interrupted)
    settings = {"max_epochs": 4, "batch_size": 2 * N_ITEMS, "random_state": 0}
    with pytest.warns(CrowdWarning, match="at epoch 2 of 4"):
        clf = CrowdClassifier(on_interrupt="keep", **settings).fit(X, ANSWERS)
    assert clf.n_iter_ == 2
    assert set(clf.predict(X)) <= set(range(N_CLASSES))
    monkeypatch.undo()
    assert clf.partial_fit(X, ANSWERS).predict_proba(X).shape == (N_ITEMS, N_CLASSES)
    monkeypatch.setattr(FoldLoss, "forward", interrupted)
    with pytest.raises(KeyboardInterrupt):
        CrowdClassifier(**settings).fit(X, ANSWERS)


def test_batches_are_not_larger_than_the_items():
    settings = {"batch_size": N_ITEMS - 5, "iterator_train__drop_last": True}
    clf = CrowdClassifier(max_epochs=2, random_state=0, **settings).fit(X, ANSWERS)
    assert np.isfinite(clf.predictability_)
