"""The folder of checkpoints: whose it is, what is in it, and what becomes of it."""

import json
import os
import shutil
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from _data import Linear, assert_same_fit, losses, with_mlp
from _interruptions import Interrupted, interrupt, long_fit
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from skorch.callbacks import Callback, EarlyStopping
from torch import nn

from skcrowd import CrowdClassifier, load, save
from skcrowd.exceptions import CrowdWarning
from skcrowd.methods import KDCrowd
from skcrowd.training import _checkpoint

DROPOUT = {"module__dropout": 0.2, "batch_size": 16}


def test_a_seed_that_was_drawn_is_kept(items, answers, tmp_path):
    estimator = with_mlp(random_state=None, early_stopping=True, checkpoint=tmp_path)
    interrupt(estimator, items[0], answers)
    (record,) = tmp_path.glob("*/fit.json")
    seed = json.loads(record.read_text())["seed"]
    in_pieces = clone(estimator).fit(items[0], answers)
    settings = {"early_stopping": True, "n_iter_no_change": 10}
    factory = in_pieces.net_.train_split.held_out
    again = with_mlp(random_state=Drawn(seed), **settings).fit(items[0], answers)
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


@pytest.mark.parametrize("every", [1, 3, 100])
def test_checkpoints_are_written_every_few_epochs_and_at_the_end(
    every, items, answers, tmp_path, monkeypatch
):
    written = []
    monkeypatch.setattr(
        _checkpoint._Training,
        "_write",
        lambda training, content: written.append(training.n_epochs),
    )
    settings = {"checkpoint": tmp_path, "checkpoint_every": every}
    with_mlp("em", max_epochs=7, **settings).fit(items[0], answers)
    assert written == {1: [1, 2, 3, 4, 5, 6, 7], 3: [3, 6, 7], 100: [7]}[every]


def test_a_training_that_is_done_is_not_trained_again(items, answers, tmp_path):
    trained = []

    class Count(Callback):
        def on_epoch_end(self, net, **kwargs):
            trained.append(len(net.history))

    method = KDCrowd(teacher="majority_vote")
    estimator = with_mlp(method, callbacks=[Count()], checkpoint=tmp_path)
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
    interrupt(with_mlp(checkpoint=tmp_path), items[0], answers)
    expected = with_mlp(**changes).fit(X, y, **given)
    with pytest.warns(
        CrowdWarning, match=rf"1 unfinished fit.*differs in .*\b{part}\b"
    ):
        other = with_mlp(checkpoint=tmp_path, **changes).fit(X, y, **given)
    assert_same_fit(other, expected)
    assert len(os.listdir(tmp_path)) == 1  # that of the first fit
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with_mlp(checkpoint=tmp_path).fit(items[0], answers)
    assert not os.listdir(tmp_path)


def test_numbers_that_differ_are_shown(items, answers, tmp_path):
    interrupt(with_mlp(checkpoint=tmp_path), items[0], answers)
    with pytest.warns(CrowdWarning, match=r"differs in lr \(0\.02 here, 0\.01 there\)"):
        with_mlp(checkpoint=tmp_path, lr=0.02).fit(items[0], answers)


@pytest.mark.parametrize(
    "settings", [{"verbose": 1}, {"verbose": 2}, {"checkpoint_every": 2}]
)
def test_what_changes_no_result_may_change(settings, items, answers, tmp_path, capsys):
    estimator = with_mlp(KDCrowd(teacher="em"), checkpoint=tmp_path)
    interrupt(estimator, items[0], answers)
    in_pieces = clone(estimator).set_params(**settings).fit(items[0], answers)
    at_once = with_mlp(KDCrowd(teacher="em")).fit(items[0], answers)
    assert_same_fit(in_pieces, at_once)


@pytest.mark.parametrize(("first", "then"), [(0, 1), (0, 2), (1, 0), (1, 2), (2, 1)])
def test_verbosity_may_change_in_a_training(
    first, then, items, answers, tmp_path, capsys
):
    interrupt(with_mlp(checkpoint=tmp_path, verbose=first), items[0], answers)
    in_pieces = with_mlp(checkpoint=tmp_path, verbose=then).fit(items[0], answers)
    assert_same_fit(in_pieces, with_mlp().fit(items[0], answers))


def test_the_progress_bar_continues_from_where_it_was(items, answers, tmp_path, capsys):
    estimator = with_mlp(checkpoint=tmp_path, verbose=1)
    interrupt(estimator, items[0], answers)
    capsys.readouterr()
    estimator.fit(items[0], answers)
    assert "4/4" in capsys.readouterr().err


def test_files_under_the_name_of_another_fit_are_refused(items, answers, tmp_path):
    interrupt(with_mlp(checkpoint=tmp_path), items[0], answers)
    (first,) = tmp_path.iterdir()
    (first / "fit.json").rename(tmp_path / "hidden")
    interrupt(with_mlp(checkpoint=tmp_path, lr=0.02), items[0], answers)
    (second,) = {p for p in tmp_path.iterdir() if p.is_dir()} - {first}
    os.replace(first / "0.training", second / "0.training")
    with pytest.raises(
        ValueError, match=r"0\.training' belongs to another fit; delete"
    ):
        with_mlp(checkpoint=tmp_path, lr=0.02).fit(items[0], answers)
    (tmp_path / "hidden").rename(second / "fit.json")
    with pytest.raises(ValueError, match="holds the record of another fit; delete it"):
        with_mlp(checkpoint=tmp_path, lr=0.02).fit(items[0], answers)


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
    estimator = with_mlp(checkpoint=tmp_path, **DROPOUT)
    interrupt(estimator, items[0], answers, n_checkpoints=3)
    names = ["0.training", "0.training.previous"][: 1 + also_previous]
    for path in [next(tmp_path.glob(f"*/{name}")) for name in names]:
        path.write_bytes([*damaged(path.read_bytes())][damage])
    with pytest.warns(CrowdWarning, match=r"0\.training\S* is damaged and is not used"):
        in_pieces = estimator.fit(items[0], answers)
    assert_same_fit(in_pieces, with_mlp(**DROPOUT).fit(items[0], answers))


def test_a_record_that_was_cut_is_written_again(items, answers, tmp_path):
    estimator = with_mlp(checkpoint=tmp_path, **DROPOUT)
    interrupt(estimator, items[0], answers)
    (record,) = tmp_path.glob("*/fit.json")
    record.write_text(record.read_text()[:20])
    in_pieces = estimator.fit(items[0], answers)
    assert_same_fit(in_pieces, with_mlp(**DROPOUT).fit(items[0], answers))


def test_a_folder_that_cannot_be_written_to_is_an_error_before_training(
    kind, data, tmp_path
):
    place = tmp_path / "file"
    place.write_text("no folder")
    begun = []

    class Begin(Callback):
        def on_train_begin(self, net, **kwargs):
            begun.append(net)

    estimator = with_mlp(kind=kind, checkpoint=place, callbacks=[Begin()])
    with pytest.raises(ValueError, match=r"checkpoint='.*file' cannot be written to"):
        estimator.fit(*data)
    assert not begun


def test_training_continues_where_a_checkpoint_cannot_be_written(
    items, answers, tmp_path, monkeypatch
):
    write = _checkpoint._write_whole

    def full(path, content, **options):
        if path.suffix == ".training":
            raise OSError(28, "No space left on device")
        write(path, content, **options)

    monkeypatch.setattr(_checkpoint, "_write_whole", full)
    with pytest.warns(CrowdWarning, match=r"epoch \d could not be written .*No space"):
        fitted = with_mlp(checkpoint=tmp_path).fit(items[0], answers)
    assert_same_fit(fitted, with_mlp().fit(items[0], answers))


def test_nothing_unfinished_is_left_by_an_interrupted_writing(
    items, answers, tmp_path, monkeypatch
):
    def interrupted(*args):
        raise Interrupted

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(Interrupted):
        with_mlp(checkpoint=tmp_path).fit(items[0], answers)
    left = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert set(left) <= {"lock"}


class CtrlC(Callback):
    """Interrupt a training in the middle of its third epoch, once."""

    is_pressed = True

    def on_batch_end(self, net, training=None, **kwargs):
        if training and len(net.history) == 3 and CtrlC.is_pressed:
            CtrlC.is_pressed = False
            raise KeyboardInterrupt


def test_after_ctrl_c_a_fit_continues(items, answers, tmp_path, monkeypatch):
    settings = {**DROPOUT, "early_stopping": True, "callbacks": [CtrlC()]}
    monkeypatch.setattr(CtrlC, "is_pressed", False)
    at_once = with_mlp(**settings).fit(items[0], answers)
    monkeypatch.setattr(CtrlC, "is_pressed", True)
    estimator = with_mlp(checkpoint=tmp_path, **settings)
    with pytest.raises(KeyboardInterrupt):
        estimator.fit(items[0], answers)
    assert_same_fit(estimator.fit(items[0], answers), at_once)


def test_a_fit_that_was_cut_and_kept_is_done(items, answers, tmp_path, monkeypatch):
    monkeypatch.setattr(CtrlC, "is_pressed", True)
    settings = {"on_interrupt": "keep", "callbacks": [CtrlC()]}
    with pytest.warns(CrowdWarning, match="cut by a KeyboardInterrupt"):
        cut = with_mlp(checkpoint=tmp_path, **settings).fit(items[0], answers)
    assert cut.n_iter_ in (2, 3)
    assert not os.listdir(tmp_path)


def test_a_part_has_nothing_to_resume(kind, data, tmp_path):
    options = {"classes": [0, 1, 2]} if kind is CrowdClassifier else {}
    estimator = with_mlp(kind=kind, checkpoint=tmp_path)
    with pytest.raises(ValueError, match=r"partial_fit .* set checkpoint=None"):
        estimator.partial_fit(*data, **options)


@pytest.mark.parametrize("n_jobs", [None, pytest.param(2, marks=pytest.mark.workers)])
def test_the_fits_of_a_search_share_a_folder(n_jobs, items, answers, tmp_path):
    def searched(**settings):
        grid = {"method__pseudo_counts": [1.0, 1.0, 5.0]}
        search = GridSearchCV(with_mlp(**settings), grid, cv=2, n_jobs=n_jobs)
        return search.fit(items[0], answers)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stored = searched(checkpoint=tmp_path)
    plain = searched()
    scores = "mean_test_score"
    np.testing.assert_array_equal(stored.cv_results_[scores], plain.cv_results_[scores])
    assert_same_fit(stored.best_estimator_, plain.best_estimator_)
    assert not os.listdir(tmp_path)


def test_a_fit_that_ends_while_it_is_looked_at_is_not_unfinished(
    items, answers, tmp_path, monkeypatch
):
    interrupt(with_mlp(checkpoint=tmp_path, random_state=1), items[0], answers)
    with pytest.warns(CrowdWarning, match="holds 1 unfinished"):
        with_mlp(checkpoint=tmp_path).fit(items[0], answers)

    def ends(lock):
        for path in (lock.parent / "fit.json", lock):
            path.unlink()
        return False

    monkeypatch.setattr(_checkpoint, "_is_locked", ends)
    with_mlp(checkpoint=tmp_path).fit(items[0], answers)  # no warning


@pytest.mark.parametrize("n_ends", [1, 2])
def test_a_folder_that_an_equal_fit_removes_is_made_again(
    n_ends, items, answers, tmp_path, monkeypatch
):
    record, seen = _checkpoint.FitCheckpoint._record, []

    def after_the_end_of_an_equal_fit(self):
        if len(seen) < n_ends:
            shutil.rmtree(self.folder)
            if seen:  # it is there again, without the lock
                self.folder.mkdir()
        seen.append(self.folder)
        record(self)

    class Look(Callback):
        def on_train_begin(self, net, **kwargs):
            (found,) = tmp_path.glob("*/fit.json")
            assert _checkpoint._is_locked(found.with_name("lock"))

    monkeypatch.setattr(
        _checkpoint.FitCheckpoint, "_record", after_the_end_of_an_equal_fit
    )
    settings = {"checkpoint": tmp_path, "callbacks": [Look()]}
    with_mlp(**settings).fit(items[0], answers)
    assert len(seen) == n_ends + 1
    assert not os.listdir(tmp_path)


def test_a_folder_may_be_a_path_or_a_string_and_is_kept_by_save(
    items, answers, tmp_path
):
    for checkpoint in (tmp_path / "fits", str(tmp_path / "fits")):
        fitted = with_mlp(checkpoint=checkpoint).fit(items[0], answers)
        save(fitted, tmp_path / "model.skcrowd")
        assert load(tmp_path / "model.skcrowd").checkpoint == checkpoint


def test_a_network_whose_code_has_changed_is_refused(items, answers, tmp_path):
    def network(width):
        class Own(Linear):
            def __init__(self, n_features, n_outputs):
                super().__init__(n_features, n_outputs)
                self.more = nn.Linear(width, 1)

        return CrowdClassifier(Own, max_epochs=3, random_state=0, checkpoint=tmp_path)

    interrupt(network(2), items[0], answers)
    with pytest.raises(ValueError, match=r"does not fit the network.*size mismatch"):
        network(3).fit(items[0], answers)


@pytest.mark.slow
def test_a_process_that_was_killed_is_resumed_by_another(tmp_path):
    folder, helpers = tmp_path / "fits", Path(__file__).parents[1]
    code = (
        f"import sys; sys.path.insert(0, {str(helpers)!r})\n"
        "import torch; torch.set_num_threads(1)\n"
        "from _interruptions import long_fit\n"
        f"long_fit({str(folder)!r}, seconds=0.2)"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    student, deadline = [], time.monotonic() + 120
    while not student and process.poll() is None and time.monotonic() < deadline:
        student = [*folder.glob("*/1.training.previous")]
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -9
    assert student
    X, resumed = long_fit(str(folder), seconds=0.0)
    _, at_once = long_fit(None)
    assert_same_fit(resumed, at_once)
    np.testing.assert_array_equal(resumed.predict_proba(X), at_once.predict_proba(X))
    assert not os.listdir(folder)
