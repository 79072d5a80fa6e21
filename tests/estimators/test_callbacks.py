"""The callbacks of skorch do what its users expect, or say what to use instead."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import f1_score, log_loss, make_scorer, mean_absolute_error
from skorch.callbacks import (
    BatchScoring,
    Callback,
    Checkpoint,
    EarlyStopping,
    EpochScoring,
    EpochTimer,
    Freezer,
    GradientNormClipping,
    InputShapeSetter,
    LRScheduler,
    ParamMapper,
    PassthroughScoring,
    PrintLog,
    ProgressBar,
    TrainEndCheckpoint,
)
from skorch.utils import freeze_parameter
from torch import nn

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.metrics import get_scorer

RNG = np.random.default_rng(0)
N = 30
X = RNG.standard_normal((N, 3)).astype(np.float32)
LABELS = np.where(RNG.random((N, 4)) < 0.3, -1, RNG.integers(0, 3, (N, 4)))
RATINGS = np.where(RNG.random((N, 4)) < 0.3, np.nan, RNG.standard_normal((N, 4)))
WORDS = [
    [f"{word}{i}" for word in words]
    for i in range(5)
    for words in (["Ann", "met", "Bob"], ["Bob", "slept"], ["Lee"])
]
TAGS = [
    [["B", "O", "B"], ["B", "O", "O"]],
    [["B", "O"], None],
    [["O"], ["B"]],
] * 5
DATA = {
    CrowdClassifier: (X, LABELS),
    CrowdRegressor: (X, RATINGS),
    CrowdSequenceTagger: (WORDS, TAGS),
}
DEFAULT = {
    CrowdClassifier: "accuracy",
    CrowdRegressor: "r2",
    CrowdSequenceTagger: "accuracy",
}
every_estimator = pytest.mark.parametrize("kind", DATA)
of_training = pytest.mark.parametrize("on_train", [True, False])


def fitted(kind, *callbacks, **parameters):
    settings = {
        "method": "em",
        "max_epochs": 3,
        "batch_size": 8,
        "random_state": 0,
        "validation_fraction": 0.3,
        **({"calibrate": False} if kind is CrowdRegressor else {}),
        **parameters,
    }
    return kind(callbacks=[*callbacks], **settings).fit(*DATA[kind])


def answers_and_predictions(model, rows=slice(None)):
    """Every answer beside what is predicted of its item, in the network's unit."""
    kind = next(kind for kind in DATA if isinstance(model, kind))
    X, y = DATA[kind]
    if kind is CrowdSequenceTagger:
        said = [
            (tag, predicted)
            for cells, tags in zip(y, model.predict(X), strict=True)
            for cell in cells
            if cell is not None
            for tag, predicted in zip(cell, tags, strict=True)
        ]
        return tuple(map(np.array, zip(*said, strict=True)))
    missing = y < 0 if kind is CrowdClassifier else np.isnan(y)
    predicted = np.broadcast_to(model.predict(X)[:, None], y.shape)
    return y[rows][~missing[rows]], predicted[rows][~missing[rows]]


# --------------------------------------------------------------------- EpochScoring


@every_estimator
@of_training
def test_epoch_scoring_works_with_its_defaults(kind, on_train):
    scoring = EpochScoring(DEFAULT[kind], on_train=on_train, lower_is_better=False)
    history = fitted(kind, scoring, early_stopping=True).history_
    scores = history[:, DEFAULT[kind]]
    assert all(np.isfinite(scores))
    best = np.maximum.accumulate([-np.inf, *scores[:-1]])
    assert history[:, f"{DEFAULT[kind]}_best"] == [*(scores > best)]


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdSequenceTagger])
def test_the_accuracy_is_the_share_of_answers_that_are_predicted(kind):
    scoring = EpochScoring("accuracy", on_train=True, name="share")
    parameters = {"decode": "argmax"} if kind is CrowdSequenceTagger else {}
    model = fitted(kind, scoring, **parameters)
    answer, predicted = answers_and_predictions(model)
    assert model.history_[-1, "share"] == pytest.approx((answer == predicted).mean())


def test_scores_of_ratings_are_those_of_all_ratings():
    r2 = EpochScoring("r2", on_train=True)
    mae = EpochScoring(mean_absolute_error, on_train=True)
    model = fitted(CrowdRegressor, r2, mae)
    inner = model.net_.predict(X)
    assert inner.shape == (N,)
    known = ~np.isnan(RATINGS)
    unit = (RATINGS[known] - np.nanmean(RATINGS)) / np.nanstd(RATINGS)
    predicted = np.broadcast_to(inner[:, None], RATINGS.shape)[known]
    expected = 1 - ((unit - predicted) ** 2).sum() / (unit**2).sum()
    assert model.history_[-1, "r2"] == pytest.approx(expected, rel=1e-4)
    expected = np.abs(unit - predicted).mean()
    assert model.history_[-1, "mean_absolute_error"] == pytest.approx(expected, 1e-4)


def test_scores_of_true_labels_are_those_of_scikit_learn():
    truth = np.arange(N) % 3
    callbacks = [
        EpochScoring("accuracy", on_train=True),
        EpochScoring("neg_log_loss", on_train=True),
        EpochScoring(make_scorer(f1_score, average="macro"), on_train=True),
        EpochScoring("roc_auc_ovr", on_train=True),
    ]
    model = CrowdClassifier(callbacks=callbacks, max_epochs=2).fit(X, truth)
    proba, last = model.predict_proba(X), model.history_[-1]
    assert last["accuracy"] == (model.predict(X) == truth).mean()
    assert last["neg_log_loss"] == pytest.approx(-log_loss(truth, proba), rel=1e-5)
    expected = f1_score(truth, model.predict(X), average="macro")
    assert last["f1_score"] == pytest.approx(expected)
    assert 0 <= last["roc_auc_ovr"] <= 1


@every_estimator
@of_training
def test_a_function_gets_the_net_and_rows_that_fit_each_other(kind, on_train):
    def n_answers(net, X, y):
        assert len(X) == len(y) == len(net.predict(X)) == len(net.predict_proba(X))
        assert net.history[-1]["epoch"] >= 1
        return len(y)

    scoring = EpochScoring(n_answers, on_train=on_train, name="n_answers")
    model = fitted(kind, scoring, early_stopping=True)
    both = [EpochScoring(n_answers, on_train=on, name=str(on)) for on in (True, False)]
    counts = fitted(kind, *both, early_stopping=True).history_[-1]
    assert 0 < model.history_[-1, "n_answers"] < model.annotator_n_answers_.sum()
    assert counts["True"] + counts["False"] == model.annotator_n_answers_.sum()


def test_a_function_may_predict_other_items():
    truth = RNG.integers(0, 3, N)

    def true_accuracy(net, X_valid, y_valid):
        return float((net.predict(X) == truth).mean())

    model = fitted(CrowdClassifier, EpochScoring(true_accuracy, on_train=True))
    expected = (model.predict(X) == model.classes_[truth]).mean()
    assert model.history_[-1, "true_accuracy"] == expected


def test_held_out_items_are_scored_by_their_answers():
    seen = []

    def accuracy(net, X, y):
        seen.append(y)
        return (net.predict(X) == y).mean()

    model = fitted(CrowdClassifier, EpochScoring(accuracy), early_stopping=True)
    loss = EpochScoring(lambda net, X, y: 0.0, name="zero", on_train=True)
    assert len({len(y) for y in seen}) == 1
    assert len(seen[0]) < model.annotator_n_answers_.sum() / 2
    assert fitted(CrowdClassifier, loss).history_[-1, "zero"] == 0


def test_a_weight_counts_like_repetition():
    scoring = EpochScoring("accuracy", on_train=True)
    weight = np.where(np.arange(N) % 2, 3, 1)
    rows = np.repeat(np.arange(N), weight)
    settings = {"callbacks": [scoring], "max_epochs": 2, "random_state": 0}
    settings["batch_size"] = 100
    weighed = CrowdClassifier(**settings).fit(X, LABELS, weight)
    repeated = CrowdClassifier(**settings).fit(X[rows], LABELS[rows])
    scores = [m.history_[:, "accuracy"] for m in (weighed, repeated)]
    np.testing.assert_allclose(*scores, rtol=1e-6)


@every_estimator
def test_scores_change_nothing(kind):
    plain = fitted(kind, early_stopping=True)
    scored = fitted(
        kind,
        EpochScoring(DEFAULT[kind], on_train=True, name="a"),
        EpochScoring(DEFAULT[kind]),
        early_stopping=True,
    )
    assert plain.history_[:, "train_loss"] == scored.history_[:, "train_loss"]


@pytest.mark.parametrize("method", ["crowd_layer", "conal", "annot_mix", "kd_crowd"])
def test_scores_with_methods_that_change_batches_or_networks(method):
    scoring = EpochScoring("accuracy", on_train=True)
    model = fitted(CrowdClassifier, scoring, method=method, max_epochs=4)
    answer, predicted = answers_and_predictions(model)
    assert model.history_[-1, "accuracy"] == pytest.approx((answer == predicted).mean())


def test_the_score_of_none_is_accuracy():
    first = EpochScoring(None, on_train=True)
    second = EpochScoring("accuracy", on_train=True)
    history = fitted(CrowdClassifier, first, second).history_
    assert history[:, "score"] == history[:, "accuracy"]


def test_early_stopping_may_watch_a_score():
    scoring = EpochScoring("accuracy", lower_is_better=False, on_train=True)
    stop = EarlyStopping(monitor="accuracy", lower_is_better=False, patience=2)
    model = fitted(CrowdClassifier, scoring, stop, max_epochs=200)
    assert model.n_iter_ < 200


@every_estimator
def test_scores_of_items_that_are_not_there_are_warned_of(kind):
    with pytest.warns(
        UserWarning, match=r"callbacks\[0\] \(EpochScoring\) scores held"
    ):
        model = fitted(kind, EpochScoring("accuracy"))
    assert "accuracy" not in model.history_[-1]


# --------------------------------------------------------------------- other callbacks


@every_estimator
def test_print_log_prints_the_table(kind, capsys):
    scoring = EpochScoring(DEFAULT[kind], on_train=True)
    fitted(kind, PrintLog(), scoring)
    header, rule, *rows = capsys.readouterr().out.strip().split("\n")
    assert header.split() == ["epoch", DEFAULT[kind], "train_loss", "dur"]
    assert set(rule) == {"-", " "}
    assert [row.split()[0] for row in rows] == ["1", "2", "3"]


def test_a_print_log_may_have_the_name_that_skorch_gives_it(capsys):
    lines = []
    fitted(CrowdClassifier, ("log", PrintLog(sink=lines.append)), early_stopping=True)
    assert "valid_loss" in lines[0]
    assert capsys.readouterr().out == ""


class Norms(Callback):
    def on_grad_computed(self, net, **kwargs):
        total = sum(p.grad.square().sum() for p in net.module_.parameters())
        net.history.record_batch("norm", float(total.sqrt()))


@every_estimator
def test_gradients_are_clipped(kind):
    clipping = GradientNormClipping(gradient_clip_value=1e-3)
    history = fitted(kind, clipping, Norms()).history_
    assert np.max(history[:, "batches", :, "norm"]) <= 1e-3 * 1.001


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
@pytest.mark.parametrize("callback", [Freezer, ParamMapper])
def test_frozen_weights_stay(kind, callback):
    network = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 3))
    if kind is CrowdRegressor:
        network[2] = nn.Linear(5, 1)
    options = {"fn": freeze_parameter} if callback is ParamMapper else {}
    model = fitted(kind, callback("0.*", **options), module=network)
    first, _, last = model.net_.module_
    assert torch.equal(first.weight, network[0].weight)
    assert not torch.equal(last.weight, network[2].weight)


@every_estimator
@pytest.mark.parametrize("policy", ["StepLR", torch.optim.lr_scheduler.StepLR])
def test_a_schedule_sets_the_learning_rate(kind, policy):
    schedule = LRScheduler(policy=policy, step_size=1, gamma=0.5)
    history = fitted(kind, schedule, lr=0.4).history_
    np.testing.assert_allclose(history[:, "event_lr"], [0.4, 0.2, 0.1])


@every_estimator
def test_a_schedule_may_watch_the_loss(kind):
    schedule = LRScheduler("ReduceLROnPlateau", patience=0, monitor="valid_loss")
    model = fitted(kind, schedule, lr=0.4, early_stopping=True, max_epochs=6)
    assert len(model.history_[:, "event_lr"]) == model.n_iter_


@every_estimator
def test_checkpoints_are_written(kind, tmp_path):
    first = Checkpoint(dirname=tmp_path / "best", monitor="train_loss_best")
    last = TrainEndCheckpoint(dirname=tmp_path / "last")
    model = fitted(kind, first, last)
    assert (tmp_path / "best" / "params.pt").exists()
    weights = torch.load(tmp_path / "last" / "train_end_params.pt")
    assert torch.equal(
        [*weights.values()][-1], [*model.net_.module_.state_dict().values()][-1]
    )


@every_estimator
def test_early_stopping_of_skorch_stops(kind):
    stop = EarlyStopping(patience=2, threshold=10.0, monitor="train_loss")
    assert fitted(kind, stop, max_epochs=50).n_iter_ < 5


@every_estimator
def test_bars_and_clocks_change_nothing(kind, capsys):
    plain = fitted(kind).history_[:, "train_loss"]
    shown = fitted(kind, ProgressBar(), EpochTimer(), ("timer", EpochTimer))
    assert shown.history_[:, "train_loss"] == plain


def test_a_class_is_made_an_instance():
    stop = fitted(CrowdClassifier, EpochTimer, ("clock", EpochTimer))
    assert [name for name, _ in stop.net_.callbacks_].count("clock") == 1


# --------------------------------------------------------------------- what cannot work


class NeedsMuch(Callback):
    def __init__(self, amount):
        self.amount = amount


class Unshareable(Callback):
    def __init__(self):
        self.held = (value for value in range(3))


REFUSED = {
    "no callback": (print, r"callbacks\[1\] is <built-in function print>"),
    "text": ("EarlyStopping", r"callbacks\[1\] is 'EarlyStopping', but must"),
    "bad pair": (("name", 3), r"callbacks\[1\] is \('name', 3\)"),
    "batch": (BatchScoring("accuracy"), r"callbacks\[1\]: BatchScoring .* EpochScor"),
    "shapes": (InputShapeSetter(), r"InputShapeSetter reads .* n_features"),
    "class": (NeedsMuch, r"class NeedsMuch, which cannot .* without arguments"),
    "copy": (Unshareable(), r"callbacks\[1\] \(Unshareable\) cannot be copied"),
    "best": (
        EarlyStopping(load_best=True),
        r"not its annotator model; use early_stopping",
    ),
    "score": (EpochScoring("acuracy"), r"'acuracy' is not a scorer .* mean 'accuracy'"),
    "crowd": (
        EpochScoring(get_scorer("agreement")),
        "evaluates fitted estimators, not",
    ),
    "table": (EpochScoring({"a": "accuracy"}, on_train=True), "multi"),
    "unheard": (EarlyStopping(), "EarlyStopping monitors 'valid_loss' of held-out"),
    "unwritten": (Checkpoint(), "Checkpoint monitors 'valid_loss_best' of held-out"),
    "passed": (PassthroughScoring("valid_loss"), "PassthroughScoring monitors"),
}


@every_estimator
@pytest.mark.parametrize("fault", REFUSED)
def test_what_cannot_work_is_refused_before_training(kind, fault):
    callback, message = REFUSED[fault]
    seen = []
    start = Seen(seen)
    with pytest.raises((TypeError, ValueError), match=message):
        fitted(kind, start, callback)
    assert not seen


class Seen(Callback):
    """Say when training begins."""

    def __init__(self, seen):
        self.seen = seen

    def __deepcopy__(self, memo):
        return self

    def on_train_begin(self, net, **kwargs):
        self.seen.append(net)


def test_frames_and_parts_are_scored_too():
    scoring = EpochScoring("accuracy", on_train=True)
    frame = pd.DataFrame(LABELS, columns=list("abcd"))
    model = CrowdClassifier(callbacks=[scoring], random_state=0)
    for _ in range(2):
        model.partial_fit(X, frame, classes=[0, 1, 2])
    assert 0 < model.history_[-1, "accuracy"] < 1
