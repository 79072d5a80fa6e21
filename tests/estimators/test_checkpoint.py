"""Fits that end early, by whatever cause, go on from their checkpoints."""

import json
import os
import subprocess
import sys
import time
import warnings

import numpy as np
import pytest
import torch
from _data import (
    EVERY_METHOD,
    Linear,
    assert_same_fit,
    everything,
    losses,
    small,
)
from _interruptions import Interrupted, fit_in_pieces
from _sequence_data import ANSWERS, FEATURES, TOKENS, tagger, told
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
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
from skcrowd.methods import (
    ROBUST_TRAINING,
    SEQUENCE_METHODS,
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

    fitted, n_interruptions = fit_in_pieces(fit, n_checkpoints)
    assert n_interruptions > 0
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


@pytest.mark.parametrize("stops_early", [False, True])
@pytest.mark.parametrize(("kind", "name"), EVERY_METHOD)
def test_every_method_resumes(kind, name, stops_early, data, tmp_path):
    settings = {"early_stopping": stops_early, "n_iter_no_change": 1}
    estimator = small(name, kind, **DROPOUT, **settings)
    assert_resumes(estimator, tmp_path, *data)


@pytest.mark.parametrize("name", SEQUENCE_METHODS)
def test_every_method_for_sequences_resumes(name, tmp_path):
    assert_resumes(tagger(name, batch_size=4), tmp_path, TOKENS, ANSWERS, 2)


def test_rounds_of_several_epochs_resume_in_their_middle(kind, data, tmp_path):
    methods = {CrowdClassifier: RegularizedEM, CrowdRegressor: GaussianEM}
    method = methods[kind](warm_epochs=1, epochs_per_round=3)
    assert_resumes(small(method, kind, max_epochs=9), tmp_path, *data, 1)


@pytest.mark.parametrize("technique", ROBUST_TRAINING)
def test_robust_training_resumes(technique, items, answers, tmp_path):
    method = KDCrowd(teacher="em", robust=technique, back_to_answers=True, n_rounds=2)
    assert_resumes(small(method, **DROPOUT), tmp_path, items[0], answers)


@pytest.mark.parametrize("n_jobs", [None, 2])
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
    assert in_pieces.truth_std_ == at_once.truth_std_


def test_early_stopping_resumes_with_the_best_epoch_so_far(items, answers, tmp_path):
    settings = {"early_stopping": True, "n_iter_no_change": 3, "max_epochs": 60}
    estimator = small("em", **settings, lr=0.5)
    in_pieces, _ = assert_resumes(estimator, tmp_path, items[0], answers, 2)
    assert in_pieces.n_iter_ < 60


def test_gold_weights_and_priors_are_no_obstacle(kind, data, gold, tmp_path):
    weight = np.linspace(0, 2, 60)
    known = np.where(np.arange(60) < 10, gold[1], np.nan)
    prior = [{0: 0.9}, {0: (0.5, 10)}][kind is CrowdRegressor]
    estimator = small("em", kind, annotator_prior=prior)
    assert_resumes(estimator, tmp_path, *data, sample_weight=weight, gold=known)


def test_a_warm_start_resumes(kind, data, tmp_path):
    estimator = small("em", kind, warm_start=True).fit(*data)
    path = tmp_path / "model.skcrowd"
    save(estimator, path)
    at_once = load(path).fit(*data)

    def fit():
        own = load(path).set_params(checkpoint=tmp_path / "fits")
        return own.fit(*data)

    in_pieces, n_interruptions = fit_in_pieces(fit)
    assert n_interruptions
    np.testing.assert_array_equal(
        everything(in_pieces, data[0]), everything(at_once, data[0])
    )


def test_the_same_estimator_goes_on(items, answers, tmp_path):
    at_once = small(**DROPOUT).fit(items[0], answers)
    estimator = small(**DROPOUT, checkpoint=tmp_path)
    in_pieces, _ = fit_in_pieces(lambda: estimator.fit(items[0], answers))
    assert_same_fit(in_pieces, at_once)


def test_a_seed_that_was_drawn_is_kept(items, answers, tmp_path):
    estimator = small(random_state=None, early_stopping=True, checkpoint=tmp_path)
    with pytest.raises(Interrupted):
        interrupt(estimator, items[0], answers)
    (record,) = tmp_path.glob("*/fit.json")
    seed = json.loads(record.read_text())["seed"]
    in_pieces = clone(estimator).fit(items[0], answers)
    settings = {"early_stopping": True, "n_iter_no_change": 10}
    factory = in_pieces.net_.train_split.held_out
    again = small(random_state=Drawn(seed), **settings).fit(items[0], answers)
    np.testing.assert_array_equal(factory, again.net_.train_split.held_out)
    assert_same_fit(in_pieces, again)
    assert not list(tmp_path.iterdir())
    other = clone(estimator).fit(items[0], answers)  # a fit that is done draws anew
    assert losses(other) != losses(in_pieces)


class Drawn(np.random.RandomState):
    """One that draws a given number."""

    def __init__(self, number):
        super().__init__(0)
        self.number = number

    def randint(self, *args, **kwargs):
        return self.number


def interrupt(estimator, X, y, n_checkpoints=2, **given):
    """Fit until some checkpoints are written; raises Interrupted."""
    from _interruptions import interrupted_after

    from skcrowd.training import _checkpoint

    with pytest.MonkeyPatch.context() as patch:
        training = _checkpoint._Training
        wrapped = interrupted_after(n_checkpoints, training._write)
        patch.setattr(training, "_write", wrapped)
        estimator.fit(X, y, **given)


@pytest.mark.parametrize("every", [1, 3, 100])
def test_checkpoints_are_written_every_few_epochs_and_at_the_end(
    every, items, answers, tmp_path, monkeypatch
):
    from skcrowd.training import _checkpoint

    written = []
    monkeypatch.setattr(
        _checkpoint._Training,
        "_write",
        lambda training, content: written.append(training.n_epochs),
    )
    settings = {"checkpoint": tmp_path, "checkpoint_every": every}
    small("em", max_epochs=7, **settings).fit(items[0], answers)
    assert written == {1: [1, 2, 3, 4, 5, 6, 7], 3: [3, 6, 7], 100: [7]}[every]


def test_a_training_that_is_done_is_not_trained_again(items, answers, tmp_path):
    trained = []

    class Count(Callback):
        def on_epoch_end(self, net, **kwargs):
            trained.append(len(net.history))

    method = KDCrowd(teacher="majority_vote")
    estimator = small(method, callbacks=[Count()], checkpoint=tmp_path)
    with pytest.raises(Interrupted):
        interrupt(estimator, items[0], answers, n_checkpoints=6)
    trained.clear()
    estimator.fit(items[0], answers)
    assert trained == [3, 4]


OTHERS = {
    "X": lambda X, y: ({}, X + 1, y, {}),
    "y": lambda X, y: ({}, X, np.where(y == 0, 1, y), {}),
    "gold": lambda X, y: ({}, X, y, {"gold": np.where(np.arange(60) < 3, 0, -1)}),
    "sample_weight": lambda X, y: ({}, X, y, {"sample_weight": np.linspace(1, 2, 60)}),
    "annotator_prior": lambda X, y: ({"annotator_prior": {0: 0.7}}, X, y, {}),
    "lr": lambda X, y: ({"lr": 0.02}, X, y, {}),
    "module__hidden": lambda X, y: ({"module__hidden": (7,)}, X, y, {}),
    "random_state": lambda X, y: ({"random_state": 1}, X, y, {}),
    "method": lambda X, y: ({"method__pseudo_counts": 7.0}, X, y, {}),
    "n_iter_no_change": lambda X, y: ({"early_stopping": True}, X, y, {}),
    "callbacks": lambda X, y: ({"callbacks": [EarlyStopping("train_loss")]}, X, y, {}),
    "optimizer": lambda X, y: ({"optimizer": torch.optim.SGD}, X, y, {}),
}


@pytest.mark.parametrize("part", OTHERS)
def test_another_fit_begins_anew_and_says_so(part, items, answers, tmp_path):
    changes, X, y, given = OTHERS[part](items[0], answers)
    with pytest.raises(Interrupted):
        interrupt(small(checkpoint=tmp_path), items[0], answers)
    expected = small(**changes).fit(X, y, **given)
    with pytest.warns(UserWarning, match=rf"1 unfinished fit.*differs in .*\b{part}\b"):
        other = small(checkpoint=tmp_path, **changes).fit(X, y, **given)
    assert_same_fit(other, expected)
    assert len(os.listdir(tmp_path)) == 1  # that of the first fit
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small(checkpoint=tmp_path).fit(items[0], answers)
    assert not os.listdir(tmp_path)


def test_numbers_that_differ_are_shown(items, answers, tmp_path):
    with pytest.raises(Interrupted):
        interrupt(small(checkpoint=tmp_path), items[0], answers)
    with pytest.warns(UserWarning, match=r"differs in lr \(0\.02 here, 0\.01 there\)"):
        small(checkpoint=tmp_path, lr=0.02).fit(items[0], answers)


@pytest.mark.parametrize(
    "settings", [{"verbose": 1}, {"checkpoint_every": 2}, {"method__n_jobs": 2}]
)
def test_what_changes_no_result_may_change(settings, items, answers, tmp_path, capsys):
    estimator = small(KDCrowd(teacher="em"), checkpoint=tmp_path)
    with pytest.raises(Interrupted):
        interrupt(estimator, items[0], answers)
    in_pieces = clone(estimator).set_params(**settings).fit(items[0], answers)
    at_once = small(KDCrowd(teacher="em")).fit(items[0], answers)
    assert_same_fit(in_pieces, at_once)


def test_the_progress_bar_goes_on_from_where_it_was(items, answers, tmp_path, capsys):
    estimator = small(checkpoint=tmp_path, verbose=1)
    with pytest.raises(Interrupted):
        interrupt(estimator, items[0], answers)
    capsys.readouterr()
    estimator.fit(items[0], answers)
    assert "4/4" in capsys.readouterr().err


def test_files_under_the_name_of_another_fit_are_refused(items, answers, tmp_path):
    with pytest.raises(Interrupted):
        interrupt(small(checkpoint=tmp_path), items[0], answers)
    (first,) = tmp_path.iterdir()
    (first / "fit.json").rename(tmp_path / "hidden")
    with pytest.raises(Interrupted):
        interrupt(small(checkpoint=tmp_path, lr=0.02), items[0], answers)
    (second,) = {p for p in tmp_path.iterdir() if p.is_dir()} - {first}
    os.replace(first / "0.training", second / "0.training")
    with pytest.raises(
        ValueError, match=r"0\.training' belongs to another fit; delete"
    ):
        small(checkpoint=tmp_path, lr=0.02).fit(items[0], answers)
    (tmp_path / "hidden").rename(second / "fit.json")
    with pytest.raises(ValueError, match="holds the record of another fit; delete it"):
        small(checkpoint=tmp_path, lr=0.02).fit(items[0], answers)


def damaged(content):
    """Cut a file, change one byte of it, or leave nothing."""
    middle = len(content) // 2
    flipped = bytes([content[middle] ^ 1])
    yield content[:middle]
    yield content[:middle] + flipped + content[middle + 1 :]
    yield b""


@pytest.mark.parametrize("damage", range(3))
@pytest.mark.parametrize("also_previous", [False, True])
def test_a_damaged_file_is_not_used(damage, also_previous, items, answers, tmp_path):
    estimator = small(checkpoint=tmp_path, **DROPOUT)
    with pytest.raises(Interrupted):
        interrupt(estimator, items[0], answers, n_checkpoints=3)
    names = ["0.training", "0.training.previous"][: 1 + also_previous]
    for path in [next(tmp_path.glob(f"*/{name}")) for name in names]:
        path.write_bytes([*damaged(path.read_bytes())][damage])
    with pytest.warns(UserWarning, match=r"0\.training\S* is damaged and is not used"):
        in_pieces = estimator.fit(items[0], answers)
    assert_same_fit(in_pieces, small(**DROPOUT).fit(items[0], answers))


def test_a_record_that_was_cut_is_written_again(items, answers, tmp_path):
    estimator = small(checkpoint=tmp_path, **DROPOUT)
    with pytest.raises(Interrupted):
        interrupt(estimator, items[0], answers)
    (record,) = tmp_path.glob("*/fit.json")
    record.write_text(record.read_text()[:20])
    in_pieces = estimator.fit(items[0], answers)
    assert_same_fit(in_pieces, small(**DROPOUT).fit(items[0], answers))


def test_a_folder_that_cannot_be_written_to_is_an_error_before_training(
    kind, data, tmp_path
):
    place = tmp_path / "file"
    place.write_text("no folder")
    begun = []

    class Begin(Callback):
        def on_train_begin(self, net, **kwargs):
            begun.append(net)

    estimator = small(kind=kind, checkpoint=place, callbacks=[Begin()])
    with pytest.raises(ValueError, match="checkpoint='.*file' cannot be written to"):
        estimator.fit(*data)
    assert not begun


def test_training_goes_on_where_a_checkpoint_cannot_be_written(
    items, answers, tmp_path, monkeypatch
):
    from skcrowd.training import _checkpoint

    write = _checkpoint._write_whole

    def full(path, content, **options):
        if path.suffix == ".training":
            raise OSError(28, "No space left on device")
        write(path, content, **options)

    monkeypatch.setattr(_checkpoint, "_write_whole", full)
    with pytest.warns(UserWarning, match=r"epoch \d could not be written .*No space"):
        fitted = small(checkpoint=tmp_path).fit(items[0], answers)
    assert_same_fit(fitted, small().fit(items[0], answers))


def test_nothing_unfinished_is_left_by_an_interrupted_writing(
    items, answers, tmp_path, monkeypatch
):
    def interrupted(*args):
        raise Interrupted

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(Interrupted):
        small(checkpoint=tmp_path).fit(items[0], answers)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_part_has_nothing_to_resume(kind, data, tmp_path):
    options = {"classes": [0, 1, 2]} if kind is CrowdClassifier else {}
    estimator = small(kind=kind, checkpoint=tmp_path)
    with pytest.raises(ValueError, match=r"partial_fit .* set checkpoint=None"):
        estimator.partial_fit(*data, **options)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"checkpoint": 3}, "The 'checkpoint' parameter"),
        ({"checkpoint_every": 0}, "The 'checkpoint_every' parameter"),
    ],
)
def test_parameters_are_checked(settings, message, items, answers):
    with pytest.raises(ValueError, match=message):
        small(**settings).fit(items[0], answers)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_the_fits_of_a_search_share_a_folder(n_jobs, items, answers, tmp_path):
    def searched(**settings):
        grid = {"method__pseudo_counts": [1.0, 1.0, 5.0]}
        search = GridSearchCV(small(**settings), grid, cv=2, n_jobs=n_jobs)
        return search.fit(items[0], answers)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stored = searched(checkpoint=tmp_path)
    plain = searched()
    scores = "mean_test_score"
    np.testing.assert_array_equal(stored.cv_results_[scores], plain.cv_results_[scores])
    assert_same_fit(stored.best_estimator_, plain.best_estimator_)
    assert not os.listdir(tmp_path)


def test_a_folder_may_be_a_path_or_a_string_and_is_kept_by_save(
    items, answers, tmp_path
):
    for checkpoint in (tmp_path / "fits", str(tmp_path / "fits")):
        fitted = small(checkpoint=checkpoint).fit(items[0], answers)
        save(fitted, tmp_path / "model.skcrowd")
        assert load(tmp_path / "model.skcrowd").checkpoint == checkpoint


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
        "stopping": [EarlyStopping("train_loss", patience=2, load_best=True)],
        "unfreezing": [Unfreezer("*", at=3)],
        "scoring": [
            EpochScoring(mean_loss, lower_is_better=True, name="own", use_caching=False)
        ],
    }


def mean_loss(net, X, y=None):
    """Judge a net by its last loss."""
    return net.history[-1, "batches", -1, "train_loss"]


@pytest.mark.parametrize("name", schedules())
@pytest.mark.parametrize("optimizer", [torch.optim.SGD, torch.optim.AdamW])
def test_callbacks_of_skorch_go_on(name, optimizer, items, answers, tmp_path):
    options = {"optimizer__momentum": 0.9} if optimizer is torch.optim.SGD else {}
    estimator = small(
        "em",
        callbacks=schedules()[name],
        optimizer=optimizer,
        max_epochs=8,
        **options,
    )
    assert_resumes(estimator, tmp_path, items[0], answers)


class Averaging(Callback):
    """A callback of the user's: numbers, arrays, tensors and a network between epochs."""

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
    estimator = small(callbacks=[Averaging(), Told()], max_epochs=6)
    in_pieces, at_once = assert_resumes(estimator, tmp_path, items[0], answers, 2)
    for name in ("seen", "mean", "losses", "averaged", "count"):
        assert in_pieces.history_[:, name] == [
            float(v) for v in at_once.history_[:, name]
        ]


class Restless(nn.Module):
    """A network that changes more than parameters: numbers, buffers that are not kept."""

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


def test_a_network_of_the_users_goes_on(items, answers, tmp_path):
    estimator = CrowdClassifier(Restless, method="em", max_epochs=5, random_state=0)
    in_pieces, at_once = assert_resumes(estimator, tmp_path, items[0], answers, 2)
    assert in_pieces.net_.module_.n_steps == at_once.net_.module_.n_steps
    assert torch.equal(in_pieces.net_.module_.seen, at_once.net_.module_.seen)


def test_a_network_whose_code_has_changed_is_refused(items, answers, tmp_path):
    def network(width):
        class Own(Linear):
            def __init__(self, n_features, n_outputs):
                super().__init__(n_features, n_outputs)
                self.more = nn.Linear(width, 1)

        return CrowdClassifier(Own, max_epochs=3, random_state=0, checkpoint=tmp_path)

    with pytest.raises(Interrupted):
        interrupt(network(2), items[0], answers)
    with pytest.raises(ValueError, match=r"does not fit the network.*size mismatch"):
        network(3).fit(items[0], answers)


def test_generators_of_the_user_go_on(items, answers, tmp_path):
    def fit(**settings):
        generator = torch.Generator().manual_seed(5)
        estimator = small(iterator_train__generator=generator, **settings, **DROPOUT)
        return estimator.fit(items[0], answers)

    in_pieces, _ = fit_in_pieces(lambda: fit(checkpoint=tmp_path), 2)
    assert_same_fit(in_pieces, fit())


def test_sparse_gradients_go_on(items, tmp_path, monkeypatch):
    from skcrowd.annotators import _base

    monkeypatch.setattr(_base, "SPARSE_FROM", 1, raising=True)
    y = np.full((60, 40), -1)
    y[np.arange(60), np.arange(60) % 40] = items[1]
    y[np.arange(60), (np.arange(60) + 7) % 40] = items[1]
    assert_resumes(small("confusion_layer"), tmp_path, items[0], y)


def test_checkpoints_of_skorch_keep_the_weights(kind, data, tmp_path):
    settings = {"max_epochs": 3, "module__dropout": 0.0}
    best = Checkpoint(monitor="train_loss_best", dirname=str(tmp_path / "best"))
    last = TrainEndCheckpoint(dirname=str(tmp_path / "last"))
    first = small(kind=kind, callbacks=[best, last], **settings).fit(*data)
    weights = torch.load(tmp_path / "last" / "train_end_params.pt", weights_only=True)
    for name, values in first.net_.module_.state_dict().items():
        assert torch.equal(values, weights[name])
    again = small(kind=kind, callbacks=[last, LoadInitState(last)], **settings).fit(
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


SCRIPT = """
import sys, time
import numpy as np
from skorch.callbacks import Callback
from skcrowd import CrowdClassifier, save
from skcrowd.methods import KDCrowd

class Slow(Callback):
    def on_epoch_end(self, net, **kwargs):
        time.sleep({seconds})

rng = np.random.default_rng(0)
X = rng.standard_normal((60, 4))
y = np.where(rng.random((60, 5)) < 0.6, (X[:, :1] > 0).astype(int), -1)
y[:, 0] = X[:, 0] > 0
method = KDCrowd(teacher="em", n_teachers=2)
clf = CrowdClassifier(
    method=method, max_epochs=30, module__dropout=0.3, batch_size=16,
    early_stopping=True, checkpoint={folder!r}, callbacks=[Slow()], random_state={seed},
)
clf.fit(X, y)
np.save(sys.argv[1], clf.predict_proba(X))
"""


def run(script, path, **options):
    """Start a process that fits."""
    return subprocess.Popen([sys.executable, "-c", script, path], **options)


def test_a_process_that_was_killed_is_resumed_by_another(tmp_path):
    folder, first, second = tmp_path / "fits", tmp_path / "1.npy", tmp_path / "2.npy"
    slow = SCRIPT.format(seconds=0.2, folder=str(folder), seed=0)
    fast = SCRIPT.format(seconds=0.0, folder=str(folder), seed=0)
    plain = SCRIPT.format(seconds=0.0, folder=None, seed=0).replace("'None'", "None")
    process = run(slow, first)
    student, deadline = [], time.monotonic() + 120
    while not student and process.poll() is None and time.monotonic() < deadline:
        student = [*folder.glob("*/1.training.previous")]
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -9
    assert not first.exists()
    assert student
    assert run(fast, first).wait() == 0
    assert not os.listdir(folder)
    assert run(plain, second).wait() == 0
    np.testing.assert_array_equal(np.load(first), np.load(second))
