"""Validation sets, losses to the truth, schedules, progress."""

import numpy as np
import pytest
import torch
from sklearn.base import clone
from skorch.callbacks import Callback, EpochScoring
from torch import nn

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.callbacks import GradientAccumulation, LRSchedule
from skcrowd.exceptions import CrowdWarning

rng = np.random.default_rng(0)
X = rng.standard_normal((80, 3)).astype(np.float32)
TRUTH = (X[:, 0] > 0).astype(int)
Y = np.where(rng.random((80, 4)) < 0.8, TRUTH[:, None], 1 - TRUTH[:, None])
RATINGS = X[:, :1] + rng.normal(0, 0.3, (80, 4))
VALIDATION = np.arange(80) % 4 == 0
LABELS = dict(zip(np.flatnonzero(VALIDATION).tolist(), TRUTH[VALIDATION], strict=True))
NUMBERS = {row: float(X[row, 0]) for row in LABELS}


class Linear(nn.Module):
    def __init__(self, n_features, n_outputs):
        super().__init__()
        self.layer = nn.Linear(n_features, n_outputs)

    def forward(self, X):
        return self.layer(X)


def small(**parameters):
    options = {"max_epochs": 4, "random_state": 0, "batch_size": 32}
    return CrowdClassifier(Linear, **{**options, **parameters})


@pytest.fixture(scope="module")
def plain():
    return small(method="em").fit(X, Y).predict_proba(X)


# -- validation


@pytest.mark.parametrize(
    ("method", "teacher"),
    [
        ("regularized_em", {}),
        ("em", {}),
        ("crowd_layer", {}),
        ("majority_vote", {}),
        ("kd_crowd", {}),
        ("kd_crowd", {"method__teacher": "em"}),
    ],
)
def test_nothing_is_learned_from_the_validation_set(method, teacher):
    one = small(method=method, **teacher)
    one.fit(X, Y, gold=LABELS, validation=VALIDATION)
    wrong = {row: 1 - label for row, label in LABELS.items()}
    answers = np.where(VALIDATION[:, None], 1 - Y, Y)
    other = small(method=method, **teacher)
    other.fit(X, answers, gold=wrong, validation=VALIDATION)
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))
    np.testing.assert_array_equal(one.annotator_confusion_, other.annotator_confusion_)
    assert one.history_[-1, "valid_loss"] != other.history_[-1, "valid_loss"]


def test_dependence_is_not_measured_in_the_validation_set():
    own = np.random.default_rng(1)
    truth = own.integers(0, 2, 400)
    features = (truth[:, None] + own.normal(0, 0.5, (400, 3))).astype(np.float32)
    answers = np.where(own.random((400, 6)) < 0.8, truth[:, None], 1 - truth[:, None])
    marked = np.arange(400) % 4 != 0
    copied = answers.copy()
    copied[:, 1] = np.where(marked, answers[:, 0], answers[:, 1])
    clf = small(method="regularized_em")
    given = {"validation": marked}
    with pytest.warns(CrowdWarning, match="gave the same answers"):
        fits = [clone(clf).fit(features, copied)]
    with pytest.warns(CrowdWarning, match="gave the same answers"):
        fits.append(clone(clf).fit(features, copied, **given))
    fits.append(clone(clf).fit(features, answers, **given))
    groups = [fit.annotator_groups_.tolist() for fit in fits]
    assert groups == [[0, 0, -1, -1, -1, -1], [-1] * 6, [-1] * 6]
    predicted = [fit.predict_proba(features) for fit in fits]
    np.testing.assert_array_equal(*predicted[1:])


@pytest.mark.parametrize("method", ["em", "gaussian_layer", "mean"])
def test_a_regressor_learns_nothing_from_it_either(method):
    def fitted(gold, ratings):
        reg = CrowdRegressor(Linear, method=method, max_epochs=3)
        reg.set_params(random_state=0)
        return reg.fit(X, ratings, gold=gold, validation=VALIDATION)

    one = fitted(NUMBERS, RATINGS)
    wrong = {row: number + 1 for row, number in NUMBERS.items()}
    other = fitted(wrong, RATINGS + VALIDATION[:, None])
    np.testing.assert_array_equal(one.predict(X), other.predict(X))


def test_a_tagger_learns_nothing_from_it_either():
    sequences = [[f"w{k % 7}", f"w{k % 5}"] for k in range(20)]
    tags = [[["A" if w in "w0w1w2" else "O" for w in s]] * 2 for s in sequences]
    marked = np.arange(20) % 4 == 0
    other = [
        [["O" if t == "A" else "A" for t in column] for column in row] if m else row
        for row, m in zip(tags, marked, strict=True)
    ]
    taggers = [
        CrowdSequenceTagger(max_epochs=2, random_state=0).fit(
            sequences, y, validation=marked
        )
        for y in (tags, other)
    ]
    one, two = (t.predict_proba(sequences) for t in taggers)
    for first, second in zip(one, two, strict=True):
        np.testing.assert_array_equal(first, second)
    assert "valid_loss" in taggers[0].history_[-1]


def test_gold_validates_by_cross_entropy():
    clf = small(method="em").fit(X, Y, gold=LABELS, validation=VALIDATION)
    log_proba = np.log(clf.predict_proba(X[VALIDATION]))
    expected = -log_proba[np.arange(len(log_proba)), TRUTH[VALIDATION]].mean()
    assert clf.history_[-1, "valid_loss"] == pytest.approx(expected, rel=1e-4)


def test_answers_validate_by_their_likelihood():
    clf = small(method="em", early_stopping=True, n_iter_no_change=99)
    clf.fit(X, Y, validation=VALIDATION)
    best = min(clf.history_[:, "valid_loss"])
    score = clf.evaluate_answers(X[VALIDATION], Y[VALIDATION]).log_likelihood
    assert best == pytest.approx(-score.mean(), rel=1e-2)


def test_callbacks_may_score_the_validation_set():
    clf = small(callbacks=[EpochScoring("accuracy", lower_is_better=False)])
    clf.fit(X, Y, validation=VALIDATION)
    assert 0 <= clf.history_[-1, "accuracy"] <= 1
    assert not hasattr(clf, "_validation") or clf._validation is None


def test_weights_of_zero_are_left_out_of_it():
    weight = np.where(np.arange(80) < 8, 0.0, 1.0)
    clf = small(method="em").fit(X, Y, sample_weight=weight, validation=VALIDATION)
    less = small(method="em").fit(X[8:], Y[8:], validation=VALIDATION[8:])
    np.testing.assert_array_equal(clf.predict_proba(X), less.predict_proba(X))


@pytest.mark.parametrize(
    ("validation", "message"),
    [
        (np.arange(80), "True or False"),
        (np.ones(3, dtype=bool), "True or False"),
        (np.ones(80, dtype=bool), "to train on"),
        (np.zeros(80, dtype=bool), "to validate with"),
    ],
)
def test_a_validation_set_that_is_none_is_refused(validation, message):
    with pytest.raises(ValueError, match=message):
        small().fit(X, Y, validation=validation)


# -- criterion


class Focal(nn.Module):
    def forward(self, log_proba, target):
        return -(target * (1 - log_proba.exp()) ** 2 * log_proba).sum(dim=1)


@pytest.mark.parametrize("criterion", [nn.CrossEntropyLoss, nn.CrossEntropyLoss()])
def test_cross_entropy_is_what_is_minimised_anyway(criterion, plain):
    clf = small(method="em", criterion=criterion).fit(X, Y)
    np.testing.assert_allclose(clf.predict_proba(X), plain, atol=1e-6)


@pytest.mark.parametrize(
    "criterion", [nn.CrossEntropyLoss(label_smoothing=0.3), Focal(), Focal]
)
def test_another_loss_gives_another_network(criterion, plain):
    clf = small(method="em", criterion=criterion).fit(X, Y)
    assert abs(clf.predict_proba(X) - plain).max() > 1e-4


def test_smoothed_labels_make_the_network_less_sure():
    options = {"method": "majority_vote", "max_epochs": 60, "lr": 0.05}
    smooth = nn.CrossEntropyLoss(label_smoothing=0.3)
    sure = small(**options).fit(X, TRUTH).predict_proba(X).max(axis=1)
    less = small(**options, criterion=smooth).fit(X, TRUTH).predict_proba(X).max(axis=1)
    assert less.mean() < sure.mean() - 0.05
    assert smooth.reduction == "mean"  # the user's own is as it was


def test_numbers_may_have_a_robust_loss():
    def fitted(criterion):
        reg = CrowdRegressor(Linear, criterion=criterion, max_epochs=3, random_state=0)
        return reg.fit(X, RATINGS).predict(X)

    np.testing.assert_allclose(fitted(nn.MSELoss), fitted(None), rtol=1e-5)
    assert abs(fitted(nn.L1Loss()) - fitted(None)).max() > 1e-4


@pytest.mark.parametrize("method", ["crowd_layer", "confusion_layer", "max_mig"])
def test_a_loss_to_the_truth_is_refused_where_answers_are_learned(method):
    with pytest.raises(ValueError, match="criterion is the loss to the truth"):
        small(method=method, criterion=Focal).fit(X, Y)


class Mean(nn.Module):
    def forward(self, log_proba, target):
        return -(target * log_proba).mean()


def test_a_loss_without_a_number_for_each_item_is_refused():
    with pytest.raises(ValueError, match="one number an item"):
        small(method="em", criterion=Mean).fit(X, Y)


# -- schedules


class Rates(Callback):
    seen = []

    def on_train_begin(self, net, **kwargs):
        self.seen.clear()

    def on_grad_computed(self, net, training=False, **kwargs):
        self.seen.append(net.optimizer_.param_groups[0]["lr"])


@pytest.mark.parametrize("more", [[], [GradientAccumulation(2)]])
def test_a_schedule_has_the_length_of_the_training(more):
    callbacks = [LRSchedule("OneCycleLR", pct_start=0.5), Rates(), *more]
    small(method="em", batch_size=16, lr=0.01, callbacks=callbacks).fit(X, Y)
    n_steps = 4 * 5 if not more else 4 * 3
    assert len(Rates.seen) == n_steps
    assert max(Rates.seen) == pytest.approx(0.01, rel=0.1)
    assert Rates.seen[-1] < 0.1 * max(Rates.seen)
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.01)
    if not more:
        total = {"total_steps": n_steps, "pct_start": 0.5}
        known = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, **total)
        for rate in Rates.seen:
            assert rate == pytest.approx(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if known.last_epoch < n_steps - 1:
                known.step()


def test_a_schedule_continues_after_an_interruption(tmp_path):
    class Cut(Callback):
        is_over = False

        def on_epoch_end(self, net, **kwargs):
            if len(net.history) == 2 and not Cut.is_over:
                Cut.is_over = True
                raise RuntimeError("cut")

    clf = small(method="em", callbacks=[LRSchedule("CosineAnnealingLR"), Cut()])
    with pytest.raises(RuntimeError, match="cut"):
        clf.set_params(checkpoint=tmp_path).fit(X, Y)
    resumed = clf.fit(X, Y).predict_proba(X)
    whole = clf.set_params(checkpoint=None).fit(X, Y).predict_proba(X)
    np.testing.assert_array_equal(resumed, whole)


@pytest.mark.parametrize("policy", ["StepLR", "OneCycle", 3])
def test_a_schedule_of_no_length_is_refused(policy):
    with pytest.raises(ValueError, match="OneCycleLR"):
        LRSchedule(policy)


# -- progress


def test_the_table_of_skorch_is_printed(capsys):
    small(method="em", verbose=2).fit(X, Y)
    printed = capsys.readouterr()
    assert "train_loss" in printed.out
    assert "epoch/s" not in printed.err


@pytest.mark.parametrize(
    ("method", "stages"),
    [("kd_crowd", ["teacher 1", "teacher 2"]), ("regularized_em", ["fold 1 of"])],
)
def test_every_stage_has_a_bar(method, stages, capsys):
    clf = small(method=method, verbose=1)
    if method == "kd_crowd":
        clf.set_params(method__n_teachers=2, method__teacher="em")
    clf.fit(X, Y)
    shown = capsys.readouterr().err
    for stage in stages:
        assert stage in shown


def test_no_stage_has_a_bar_unless_asked(capsys):
    small(method="kd_crowd").fit(X, Y)
    assert not capsys.readouterr().err


def test_all_ratings_held_out_are_refused():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20, 2))
    y = np.full((20, 3), np.nan)
    y[10:] = X[10:, :1]
    gold = np.where(np.arange(20) < 10, X[:, 0], np.nan)
    reg = CrowdRegressor(early_stopping=True)
    with pytest.raises(ValueError, match="every item with ratings is held out"):
        reg.fit(X, y, gold=gold, validation=np.arange(20) >= 10)
