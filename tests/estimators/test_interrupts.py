"""Ctrl-C: it ends a fit, or cuts it where the user wants to keep what was learned."""

import subprocess
import sys

import joblib
import numpy as np
import pytest
from _data import (
    EACH_SORT,
    METHODS,
    assert_same_fit,
    everything,
    global_states,
    random_y,
    with_mlp,
)
from _sequence_data import ANSWERS, SEQUENCE_SORTS, TOKENS, tagger
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from skorch.callbacks import Callback, EarlyStopping

from skcrowd import CrowdClassifier, CrowdRegressor, load, save
from skcrowd.backbones import MLP
from skcrowd.exceptions import CrowdWarning
from skcrowd.training import CrowdNet

ONE_NETWORK = dict.fromkeys(METHODS, "em")  # teachers without networks of folds
KEPT = "cut by a KeyboardInterrupt at epoch {} of {}; what was learned so far is kept"


class Interrupt(Callback):
    """Interrupt an epoch, as Ctrl-C does."""

    def __init__(self, epoch, where="on_epoch_end"):
        self.epoch = epoch
        self.where = where

    def interrupt(self, name, net):
        if name == self.where and len(net.history) == self.epoch:
            raise KeyboardInterrupt

    def on_epoch_begin(self, net, **kwargs):
        self.interrupt("on_epoch_begin", net)

    def on_batch_end(self, net, **kwargs):
        self.interrupt("on_batch_end", net)

    def on_epoch_end(self, net, **kwargs):
        self.interrupt("on_epoch_end", net)


class Ending(Callback):
    """Take note of the end of training."""

    ended = 0

    def on_train_end(self, net, **kwargs):
        Ending.ended += 1


@pytest.fixture
def noisy():
    """Features and answers for either estimator, of 40 items."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 3))
    return {kind: (X, random_y(kind, rng, 40, 5)) for kind in METHODS}


@pytest.fixture
def interrupt_step(monkeypatch):
    """Interrupt the n-th step of all trainings, those of teachers included."""
    step = CrowdNet.train_step

    def interrupt(n):
        count = iter(range(1, 10**6))

        def counting(net, *args, **kwargs):
            if next(count) == n:
                raise KeyboardInterrupt
            return step(net, *args, **kwargs)

        monkeypatch.setattr(CrowdNet, "train_step", counting)

    return interrupt


@pytest.mark.parametrize(("kind", "name"), EACH_SORT)
def test_an_interrupt_ends_the_fit(kind, name, noisy):
    model = with_mlp(name, kind, callbacks=[Interrupt(2)])
    before = global_states()
    with pytest.raises(KeyboardInterrupt):
        model.fit(*noisy[kind])
    assert global_states() == before
    assert not hasattr(model, "net_")


@pytest.mark.parametrize(("kind", "name"), EACH_SORT)
def test_what_was_learned_is_kept_if_the_user_wants_it(kind, name, noisy):
    X, y = noisy[kind]
    model = with_mlp(name, kind, callbacks=[Interrupt(2)], on_interrupt="keep")
    with pytest.warns(CrowdWarning, match=KEPT.format(2, 4)):
        model.fit(X, y)
    assert model.n_iter_ == len(model.history_) == 2
    assert np.isfinite(everything(model, X)).all()
    other = with_mlp(name, kind).fit(X, y)
    assert not np.array_equal(everything(model, X), everything(other, X))


@pytest.mark.parametrize("name", SEQUENCE_SORTS)
@pytest.mark.parametrize("on_interrupt", ["raise", "keep"])
def test_taggers_do_the_same(name, on_interrupt):
    model = tagger(name, callbacks=[Interrupt(1)], on_interrupt=on_interrupt)
    if on_interrupt == "raise":
        with pytest.raises(KeyboardInterrupt):
            model.fit(TOKENS, ANSWERS)
        return
    with pytest.warns(CrowdWarning, match=KEPT.format(1, 2)):
        model.fit(TOKENS, ANSWERS)
    assert model.n_iter_ == 1
    assert len(model.predict(TOKENS)) == len(TOKENS)


@pytest.mark.parametrize("where", ["on_epoch_begin", "on_batch_end"])
def test_an_epoch_that_was_begun_does_not_count(where, noisy):
    X, y = noisy[CrowdClassifier]
    model = with_mlp(callbacks=[Interrupt(3, where)], on_interrupt="keep")
    with pytest.warns(CrowdWarning, match=KEPT.format(2, 4)):
        model.fit(X, y)
    assert model.n_iter_ == 2
    assert np.isfinite(model.history_[:, "train_loss"]).all()


@pytest.mark.parametrize("where", ["on_epoch_begin", "on_batch_end"])
def test_before_the_first_epoch_is_over_there_is_nothing_to_keep(where, noisy):
    model = with_mlp(callbacks=[Interrupt(1, where)], on_interrupt="keep")
    with pytest.raises(KeyboardInterrupt):
        model.fit(*noisy[CrowdClassifier])


@pytest.mark.parametrize("on_interrupt", ["raise", "keep"])
def test_callbacks_see_the_end_of_training_either_way(on_interrupt, noisy):
    callbacks = [Interrupt(2), Ending()]
    model = with_mlp(callbacks=callbacks, on_interrupt=on_interrupt)
    before = Ending.ended
    if on_interrupt == "raise":
        with pytest.raises(KeyboardInterrupt):
            model.fit(*noisy[CrowdClassifier])
    else:
        with pytest.warns(CrowdWarning):
            model.fit(*noisy[CrowdClassifier])
    assert Ending.ended == before + 1


def test_the_best_epoch_so_far_is_kept(noisy):
    """Of the 15 that were begun, early stopping has judged 14."""
    X, y = noisy[CrowdClassifier]
    settings = {"early_stopping": True, "lr": 0.1, "n_iter_no_change": 100}
    settings["module"] = MLP  # whose learning rate does not depend on max_epochs
    model = with_mlp(
        **settings,
        max_epochs=40,
        callbacks=[Interrupt(15, "on_batch_end")],
        on_interrupt="keep",
    )
    with pytest.warns(CrowdWarning, match=KEPT.format(14, 40)):
        model.fit(X, y)
    assert np.argmin(model.history_[:, "valid_loss"]) < 13
    shorter = with_mlp("em", **settings, max_epochs=14).fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X), shorter.predict_proba(X))


@pytest.mark.parametrize("on_interrupt", ["raise", "keep"])
def test_early_stopping_is_no_interrupt(on_interrupt, noisy):
    X, y = noisy[CrowdClassifier]
    own = with_mlp(
        early_stopping=True,
        n_iter_no_change=2,
        max_epochs=50,
        lr=0.1,
        on_interrupt=on_interrupt,
    )
    assert own.fit(X, y).n_iter_ < 50
    never = EarlyStopping("train_loss", patience=2, lower_is_better=False)
    of_user = with_mlp(callbacks=[never], max_epochs=50, on_interrupt=on_interrupt)
    assert of_user.fit(X, y).n_iter_ < 50


def test_an_interrupt_ends_a_search(noisy):
    X, y = noisy[CrowdClassifier]
    model = with_mlp(callbacks=[Interrupt(2)])
    with pytest.raises(KeyboardInterrupt):
        GridSearchCV(model, {"lr": [1e-3, 1e-2]}, cv=KFold(2)).fit(X, y)
    with pytest.raises(KeyboardInterrupt):
        cross_val_score(model, X, y, cv=KFold(2))


@pytest.mark.parametrize("kind", METHODS)
@pytest.mark.parametrize("n_teachers", [1, 3])
def test_an_interrupt_of_a_teacher_ends_the_fit(
    kind, n_teachers, noisy, interrupt_step
):
    model = with_mlp("kd_crowd", kind, method__n_teachers=n_teachers)
    interrupt_step(3)
    with pytest.raises(KeyboardInterrupt):
        model.fit(*noisy[kind])


@pytest.mark.parametrize("kind", METHODS)
@pytest.mark.parametrize(
    ("n_teachers", "step", "epoch"), [(1, 3, 2), (3, 3, 2), (3, 7, 2)]
)
def test_a_teacher_is_the_result_if_none_was_taught(
    kind, n_teachers, step, epoch, noisy, interrupt_step
):
    """One step is one epoch; the first teacher has learned most."""
    X, y = noisy[kind]
    model = with_mlp(
        "kd_crowd", kind, method__n_teachers=n_teachers, on_interrupt="keep"
    )
    model.set_params(method__teacher=ONE_NETWORK[kind])
    interrupt_step(step)
    with pytest.warns(CrowdWarning, match=KEPT.format(epoch, 4)):
        model.fit(X, y)
    assert model.n_iter_ == min(step - 1, 4)
    assert model.net_ is model.teachers_[0].net
    assert len(model.teachers_) == -(-step // 4)
    assert not hasattr(model, "student_")
    assert np.isfinite(everything(model, X)).all()


@pytest.mark.parametrize("kind", METHODS)
@pytest.mark.parametrize(("step", "n_students"), [(5, 0), (7, 1)])
def test_a_student_is_the_result_from_its_first_epoch_on(
    kind, step, n_students, noisy, interrupt_step
):
    X, y = noisy[kind]
    model = with_mlp("kd_crowd", kind, method__n_rounds=2, on_interrupt="keep")
    model.set_params(method__teacher=ONE_NETWORK[kind])
    interrupt_step(step)
    what = KEPT.format(2, 4) if n_students else "the first teacher learned is kept"
    with pytest.warns(CrowdWarning, match=what):
        model.fit(X, y)
    assert hasattr(model, "student_") == bool(n_students)
    assert model.n_iter_ == (2 if n_students else 4)
    assert np.isfinite(everything(model, X)).all()


def test_stages_that_follow_a_cut_one_are_left_out(noisy, interrupt_step):
    X, y = noisy[CrowdClassifier]
    model = with_mlp(
        "kd_crowd",
        method__back_to_answers=True,
        method__n_rounds=3,
        method__teacher="em",
        on_interrupt="keep",
    )
    interrupt_step(7)
    with pytest.warns(CrowdWarning, match=KEPT.format(2, 4)) as record:
        model.fit(X, y)
    assert len(record) == 1
    assert model.net_ is model.student_.net


@pytest.mark.parametrize("step", [4, 40])
def test_a_network_of_a_fold_is_the_result(step, interrupt_step):
    model = tagger("sequence_em", max_epochs=10, on_interrupt="keep")
    model.set_params(method__fold_epochs=4, batch_size=100)
    interrupt_step(step)
    if step > 18:  # all steps
        model.fit(TOKENS, ANSWERS)
        assert model.n_iter_ == 10
        return
    with pytest.warns(CrowdWarning, match=KEPT.format(3, 4)):
        model.fit(TOKENS, ANSWERS)
    assert model.n_iter_ == 3
    assert len(model.posterior_) == len(TOKENS)


@pytest.mark.parametrize("step", [3, 6])
def test_without_time_to_calibrate_the_fit_is_kept(step, noisy, interrupt_step):
    X, y = noisy[CrowdRegressor]
    settings = {"calibrate": True, "on_interrupt": "keep"}
    model = with_mlp("em", CrowdRegressor, **settings)
    plain = with_mlp("em", CrowdRegressor).fit(X, y)
    interrupt_step(step)
    what = KEPT.format(2, 4) if step == 3 else "calibration was cut"
    with pytest.warns(CrowdWarning, match=what) as record:
        model.fit(X, y)
    assert len(record) == 1
    if step == 6:
        assert_same_fit(model, plain)
        assert model.prediction_std_ == plain.prediction_std_


def test_an_interrupted_calibration_ends_the_fit(noisy, interrupt_step):
    interrupt_step(6)
    with pytest.raises(KeyboardInterrupt):
        with_mlp("em", CrowdRegressor, calibrate=True).fit(*noisy[CrowdRegressor])


def test_the_choice_is_cloned_and_stored(noisy, tmp_path):
    X, y = noisy[CrowdClassifier]
    model = with_mlp(on_interrupt="keep").fit(X, y)
    assert clone(model).on_interrupt == "keep"
    assert load(save(model, tmp_path / "model")).on_interrupt == "keep"
    again = joblib.load(joblib.dump(model, tmp_path / "pickle")[0])
    assert again.on_interrupt == "keep"


CTRL_C = """
import os, signal, threading, warnings
import numpy as np
import torch
from sklearn.model_selection import GridSearchCV, KFold
from skorch.callbacks import Callback
from skcrowd import CrowdClassifier
from skcrowd.backbones import MLP

class Press(Callback):
    # Press Ctrl-C at some moment of the training.
    def on_train_begin(self, net, **kwargs):
        self.timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
        self.timer.start()

    def __getstate__(self):
        return {}

rng = np.random.default_rng(0)
X, y = rng.standard_normal((50, 3)), rng.integers(0, 2, (50, 3))

def fit(make, **settings):
    settings |= {"method": "em", "module": MLP, "max_epochs": 10**5}
    model = CrowdClassifier(callbacks=[Press()], **settings)
    before = torch.get_rng_state()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            make(model).fit(X, y)
            model.predict(X)
            told = "fitted", *(type(w.message).__name__ for w in caught)
        except KeyboardInterrupt:
            told = "interrupted",
    assert torch.equal(torch.get_rng_state(), before)
    print(*told, flush=True)

CrowdClassifier(max_epochs=1).fit(X, y)  # imports what torch puts off
fit(lambda model: model)
fit(lambda model: model, on_interrupt="keep")
fit(lambda model: GridSearchCV(model, {"lr": [1e-3]}, cv=KFold(2)))
other = threading.Thread(target=CrowdClassifier(max_epochs=1).fit, args=(X, y))
other.start()
other.join(60)
assert not other.is_alive()
"""

IN_WORKERS = """
import os, signal, threading
import numpy as np
from joblib import Parallel, delayed
from skcrowd import CrowdClassifier
from skcrowd.methods import KDCrowd

Parallel(2)(delayed(int)(k) for k in range(4))  # starts the workers
rng = np.random.default_rng(0)
X, y = rng.standard_normal((50, 3)), rng.integers(0, 2, (50, 3))
method = KDCrowd(teacher="em", n_teachers=2, n_jobs=2)
threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    CrowdClassifier(method=method, max_epochs=10**6, on_interrupt="keep").fit(X, y)
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.slow
def test_ctrl_c():
    """It ends a fit, a search, and a fit whose teachers train in other processes."""
    done = subprocess.run(
        [sys.executable, "-c", CTRL_C + IN_WORKERS],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    expected = ["interrupted", "fitted CrowdWarning", "interrupted", "interrupted"]
    assert told == expected, done.stderr
