"""Fits that ended early go on from their checkpoints, with the same bits."""

import os

import numpy as np
import pytest
import torch
from _data import EVERY_METHOD, assert_same_fit, everything, small, with_mlp
from _interruptions import fit_in_pieces
from _sequence_data import ANSWERS, FEATURES, SEQUENCE_SORTS, TOKENS, tagger, told
from sklearn.base import clone
from skorch.callbacks import (
    Callback,
    Checkpoint,
    EarlyStopping,
    EpochScoring,
    LoadInitState,
    LRScheduler,
    TrainEndCheckpoint,
    Unfreezer,
)
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger, load, save
from skcrowd.annotators import _annotator_model
from skcrowd.experimental import ROBUST_TRAINING
from skcrowd.methods import (
    DistilledMean,
    GaussianEM,
    KDCrowd,
    RegularizedEM,
    SequenceEM,
)

DROPOUT = {"module__dropout": 0.2, "batch_size": 16}


def resumed(estimator, folder, X, y, n_checkpoints=3, **given):
    """Fit a clone in pieces, a new one for every piece, as a new process has it."""

    def fit():
        own = clone(estimator).set_params(checkpoint=folder)
        return own.fit(X, y, **given)

    fitted = fit_in_pieces(fit, n_checkpoints)
    assert not os.listdir(folder)
    return fitted


def assert_resumes(estimator, folder, X, y, n_checkpoints=3, **given):
    """Assert that a fit in pieces is, to the last bit, the one that is not."""
    at_once = clone(estimator).fit(X, y, **given)
    in_pieces = resumed(estimator, folder, X, y, n_checkpoints, **given)
    assert_same_fit(in_pieces, at_once)
    tell = told if isinstance(estimator, CrowdSequenceTagger) else everything
    np.testing.assert_array_equal(tell(in_pieces, X), tell(at_once, X))
    return in_pieces, at_once


# One network, several, and several stages; all train with one early stopping.
STOPPED = ("em", "regularized_em", "kd_crowd", "crowd_layer", "weighted_mean")


@pytest.mark.parametrize(
    ("kind", "name", "stops_early"),
    [
        *[(kind, name, False) for kind, name in EVERY_METHOD],
        *[(kind, name, True) for kind, name in EVERY_METHOD if name in STOPPED],
    ],
)
def test_every_method_resumes(kind, name, stops_early, data, tmp_path):
    settings = {"early_stopping": stops_early, "n_iter_no_change": 1}
    estimator = small(name, kind, **DROPOUT, **settings)
    least = 2 if stops_early else 3  # one epoch, and the end after another
    assert_resumes(estimator, tmp_path, *data, least)


@pytest.mark.parametrize("name", SEQUENCE_SORTS)
def test_every_method_for_sequences_resumes(name, tmp_path):
    assert_resumes(tagger(name, batch_size=4), tmp_path, TOKENS, ANSWERS, 2)


def test_rounds_of_several_epochs_resume_in_their_middle(kind, data, tmp_path):
    methods = {CrowdClassifier: RegularizedEM, CrowdRegressor: GaussianEM}
    method = methods[kind](warm_epochs=1, epochs_per_round=3)
    assert_resumes(small(method, kind, max_epochs=6), tmp_path, *data, 2)


@pytest.mark.parametrize("technique", ROBUST_TRAINING)
def test_robust_training_resumes(technique, items, answers, tmp_path):
    method = KDCrowd(teacher="em", robust=technique, back_to_answers=True, n_rounds=2)
    assert_resumes(with_mlp(method, **DROPOUT), tmp_path, items[0], answers)


@pytest.mark.parametrize("n_jobs", [None, pytest.param(2, marks=pytest.mark.workers)])
def test_teachers_resume(n_jobs, items, answers, tmp_path):
    method = KDCrowd(teacher="em", n_teachers=3, n_jobs=n_jobs)
    in_pieces, at_once = assert_resumes(small(method), tmp_path, items[0], answers, 2)
    for ours, theirs in zip(in_pieces.teachers_, at_once.teachers_, strict=True):
        for one, other in zip(
            ours.net.module_.parameters(), theirs.net.module_.parameters(), strict=True
        ):
            assert torch.equal(one, other)


def test_folds_and_rounds_of_sequence_em_resume(tmp_path):
    method = SequenceEM(n_rounds=2, n_folds=3, fold_epochs=2)
    assert_resumes(tagger(method), tmp_path, FEATURES, ANSWERS, 1)


@pytest.mark.parametrize("method", [GaussianEM(), DistilledMean(n_teachers=2)])
@pytest.mark.parametrize("stops_early", [False, True])
def test_calibration_resumes(method, stops_early, rated_items, tmp_path):
    estimator = small(
        method, CrowdRegressor, calibrate=True, early_stopping=stops_early
    )
    in_pieces, at_once = assert_resumes(estimator, tmp_path, *rated_items[::2])
    assert in_pieces.prediction_std_ == at_once.prediction_std_


def test_early_stopping_resumes_with_the_best_epoch_so_far(items, answers, tmp_path):
    settings = {"early_stopping": True, "n_iter_no_change": 3, "max_epochs": 60}
    estimator = with_mlp("em", **settings, lr=0.5)
    in_pieces, _ = assert_resumes(estimator, tmp_path, items[0], answers, 2)
    assert in_pieces.n_iter_ < 60


def test_gold_weights_and_priors_are_no_obstacle(kind, data, gold, tmp_path):
    weight = np.linspace(0, 2, 60)
    known = np.where(np.arange(60) < 10, gold[1], np.nan)
    prior = [{0: 0.9}, {0: (0.5, 10)}][kind is CrowdRegressor]
    estimator = with_mlp("em", kind, annotator_prior=prior)
    assert_resumes(estimator, tmp_path, *data, sample_weight=weight, gold=known)


def test_a_warm_start_resumes(kind, data, tmp_path):
    estimator = small("em", kind, warm_start=True).fit(*data)
    path = tmp_path / "model.skcrowd"
    save(estimator, path)
    at_once = load(path).fit(*data)

    def fit():
        own = load(path).set_params(checkpoint=tmp_path / "fits")
        return own.fit(*data)

    in_pieces = fit_in_pieces(fit)
    np.testing.assert_array_equal(
        everything(in_pieces, data[0]), everything(at_once, data[0])
    )


def test_the_same_estimator_continues(items, answers, tmp_path):
    at_once = small(**DROPOUT).fit(items[0], answers)
    estimator = small(**DROPOUT, checkpoint=tmp_path)
    in_pieces = fit_in_pieces(lambda: estimator.fit(items[0], answers))
    assert_same_fit(in_pieces, at_once)


def schedules():
    """Callbacks of skorch that have a state between epochs."""
    return {
        "step": [LRScheduler("StepLR", step_size=2)],
        "steps": [LRScheduler("MultiStepLR", milestones=[2, 2, 5])],
        "plateau": [LRScheduler("ReduceLROnPlateau", patience=0, monitor="train_loss")],
        "cycle": [
            LRScheduler(OneCycleLR, max_lr=0.1, total_steps=32, step_every="batch")
        ],
        "restarts": [LRScheduler("WarmRestartLR")],
        "stopping": [EarlyStopping("train_loss", patience=2)],
        "unfreezing": [Unfreezer("*", at=3)],
        "scoring": [
            EpochScoring("neg_log_loss", lower_is_better=False, on_train=True),
            EpochScoring(mean_loss, name="own", use_caching=False, on_train=True),
        ],
        "best": [Checkpoint("train_loss_best", load_best=True, dirname="best")],
    }


def mean_loss(net, X, y=None):
    """Judge a net by its last loss."""
    return net.history[-1, "batches", -1, "train_loss"]


@pytest.mark.parametrize(
    ("name", "optimizer"),
    [
        *[(name, torch.optim.AdamW) for name in schedules()],
        *[(name, torch.optim.SGD) for name in ("cycle", "restarts", "unfreezing")],
    ],
)
def test_callbacks_of_skorch_go_on(
    name, optimizer, items, answers, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    options = {"optimizer__momentum": 0.9} if optimizer is torch.optim.SGD else {}
    estimator = small(
        "em",
        callbacks=schedules()[name],
        optimizer=optimizer,
        max_epochs=8,
        **options,
    )
    assert_resumes(estimator, tmp_path / "fits", items[0], answers)


class Averaging(Callback):
    """A callback of the user's, with numbers, arrays, tensors and a network."""

    def __init__(self, n_seen=0):
        self.n_seen = n_seen

    def on_train_begin(self, net, **kwargs):
        self.mean_ = None
        self.model_ = torch.optim.swa_utils.AveragedModel(net.module_)
        self.log_ = {"losses": np.zeros(0)}

    def on_epoch_end(self, net, **kwargs):
        self.n_seen += 1
        weight = next(net.module_.parameters()).detach()
        self.mean_ = weight / 2 if self.mean_ is None else (self.mean_ + weight) / 2
        loss = net.history[-1, "train_loss"]
        self.log_["losses"] = np.append(self.log_["losses"], loss)
        self.model_.update_parameters(net.module_)
        net.history.record("seen", self.n_seen)
        net.history.record("mean", self.mean_.sum())
        net.history.record("losses", np.float32(self.log_["losses"].sum()))
        net.history.record("averaged", int(self.model_.n_averaged))


class Told(Callback):
    """One that says itself what is kept, and cannot be read from outside."""

    def on_train_begin(self, net, **kwargs):
        self.hidden = {object(): 0}

    def on_epoch_end(self, net, **kwargs):
        (key,) = self.hidden
        self.hidden[key] += 1
        net.history.record("count", self.hidden[key])

    def state_dict(self):
        return {"count": [*self.hidden.values()]}

    def load_state_dict(self, state):
        self.hidden = {object(): state["count"][0]}


def test_callbacks_of_the_user_go_on(items, answers, tmp_path):
    estimator = with_mlp(callbacks=[Averaging(), Told()], max_epochs=6)
    in_pieces, at_once = assert_resumes(estimator, tmp_path, items[0], answers, 2)
    for name in ("seen", "mean", "losses", "averaged", "count"):
        assert in_pieces.history_[:, name] == [
            float(v) for v in at_once.history_[:, name]
        ]


class Restless(nn.Module):
    """A network that changes more than parameters: a number, a buffer not kept."""

    def __init__(self, n_features, n_outputs):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(n_features, 8), nn.BatchNorm1d(8))
        self.last = nn.Linear(8, n_outputs)
        self.register_buffer("seen", torch.zeros(n_features), persistent=False)
        self.n_steps = 0

    def forward(self, X):
        if self.training:
            self.n_steps += 1
            self.seen = 0.9 * self.seen + X.mean(dim=0)
        return self.last(self.layers(X + self.seen)) / (1 + self.n_steps)


def test_a_network_of_the_users_continues(items, answers, tmp_path):
    estimator = CrowdClassifier(Restless, method="em", max_epochs=5, random_state=0)
    in_pieces, at_once = assert_resumes(estimator, tmp_path, items[0], answers, 2)
    assert in_pieces.net_.module_.n_steps == at_once.net_.module_.n_steps
    assert torch.equal(in_pieces.net_.module_.seen, at_once.net_.module_.seen)


def test_generators_of_the_user_go_on(items, answers, tmp_path):
    def fit(**settings):
        generator = torch.Generator().manual_seed(5)
        estimator = with_mlp(iterator_train__generator=generator, **settings, **DROPOUT)
        return estimator.fit(items[0], answers)

    in_pieces = fit_in_pieces(lambda: fit(checkpoint=tmp_path), 2)
    assert_same_fit(in_pieces, fit())


def test_sparse_gradients_go_on(items, tmp_path, monkeypatch):

    monkeypatch.setattr(_annotator_model, "SPARSE_FROM", 1, raising=True)
    y = np.full((60, 40), -1)
    y[np.arange(60), np.arange(60) % 40] = items[1]
    y[np.arange(60), (np.arange(60) + 7) % 40] = items[1]
    assert_resumes(small("confusion_layer"), tmp_path, items[0], y)


def test_checkpoints_of_skorch_keep_the_weights(kind, data, tmp_path):
    settings = {"max_epochs": 3, "module__dropout": 0.0}
    best = Checkpoint(monitor="train_loss_best", dirname=str(tmp_path / "best"))
    last = TrainEndCheckpoint(dirname=str(tmp_path / "last"))
    first = with_mlp(kind=kind, callbacks=[best, last], **settings).fit(*data)
    weights = torch.load(tmp_path / "last" / "train_end_params.pt", weights_only=True)
    for name, values in first.net_.module_.state_dict().items():
        assert torch.equal(values, weights[name])
    again = with_mlp(kind=kind, callbacks=[last, LoadInitState(last)], **settings).fit(
        *data
    )
    assert again.n_iter_ == 6  # three epochs more, on the weights of the first fit
    assert again.history_[:3, "train_loss"] == first.history_[:, "train_loss"]
    assert again.history_[3, "train_loss"] < first.history_[0, "train_loss"]


def test_a_learning_rate_that_falls_begins_again_with_an_earlier_history(tmp_path):
    last = TrainEndCheckpoint(dirname=str(tmp_path))
    tagger("majority_vote", callbacks=[last]).fit(TOKENS, ANSWERS)
    rates = []

    class Rates(Callback):
        def on_batch_begin(self, net, training=None, **kwargs):
            rates.append(net.optimizer_.param_groups[0]["lr"])

    loaded = tagger("majority_vote", callbacks=[last, LoadInitState(last), Rates()])
    loaded.fit(TOKENS, ANSWERS)
    assert rates[0] == 0.01
    assert min(rates) > 0
