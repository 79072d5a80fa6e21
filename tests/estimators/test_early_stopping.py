"""Early stopping: held-out answers judge, the best epoch stays."""

from copy import deepcopy
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from _data import EACH_SORT, EVERY_METHOD, losses, nobody, random_y, small
from sklearn.base import clone
from skorch.callbacks import Callback

from skcrowd import CrowdClassifier, CrowdRegressor
from skcrowd.methods import NUMBER_METHODS
from skcrowd.metrics._scorer_names import answer_log_likelihood

every_method = pytest.mark.parametrize(("kind", "name"), EVERY_METHOD)
each_sort = pytest.mark.parametrize(("kind", "name"), EACH_SORT)
# One that trains networks of folds, and one that does not.
FOLDS = [(CrowdClassifier, "regularized_em"), (CrowdRegressor, "em")]
PATIENCE = 3


class Snapshots(Callback):
    """Keep what the network and the annotators were after every epoch."""

    kept: list = []

    def on_train_begin(self, net, **kwargs):
        Snapshots.kept = []

    def on_epoch_end(self, net, **kwargs):
        module = next(net.module_.parameters()).detach().clone()
        state = deepcopy(net.criterion_.state_dict())
        Snapshots.kept.append((module, state))


@pytest.fixture
def overfitted(kind, name):
    """A fit to answers that the features say little about, until it stops."""
    clf, X, y, _ = overfit(kind, name)
    return clf, X, y


@cache
def overfit(kind, name):
    """Fit once for several tests: estimator, X, y, snapshots of the epochs."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 80)
    X = rng.standard_normal((80, 10)) + truth[:, None]
    y = np.where(rng.random((80, 4)) < 0.7, truth[:, None], 1 - truth[:, None])
    if kind is CrowdRegressor:
        y = y + 0.3 * rng.standard_normal((80, 4))
    clf = small(
        name,
        kind,
        early_stopping=True,
        validation_fraction=0.3,
        n_iter_no_change=PATIENCE,
        max_epochs=300,
        lr=0.05,
        callbacks=[Snapshots()],
    )
    return clf.fit(X, y), X, y, Snapshots.kept


def evaluation(clf):
    """Validation losses from the first epoch that counts."""
    has_warm_start = getattr(clf.method, "back_to_answers", True)
    warm = getattr(clf.method, "warm_epochs", 0) if has_warm_start else 0
    return warm, np.array(clf.history_[:, "valid_loss"])[warm:]


def measured_afterwards(clf):
    """Whether noise and spread are measured on the network of the best epoch."""
    names = ("crowd_layer", "kd_crowd", "mean", "weighted_mean")
    measured = tuple(NUMBER_METHODS[name] for name in names)
    return isinstance(clf.method, measured)


def assert_judged_by_score(clf, X, y, weight=None):
    """Assert that held-out answers are as likely as what judged the best epoch."""
    best = evaluation(clf)[1].min()
    if measured_afterwards(clf):
        assert np.isfinite(best)
        return
    inner = 0.0
    if isinstance(clf, CrowdRegressor):  # log-densities know the unit
        inner = np.log(unit_of_training(clf, X))
    score = answer_log_likelihood(clf, X, y, sample_weight=weight)
    assert -score == pytest.approx(best + inner, rel=1e-6)


def unit_of_training(reg, X):
    """Size of the unit in which the ratings are standardised."""
    inner = reg.net_.criterion_.annotators.rating_parameters()[2]
    return (reg.annotator_noise_std_ / np.sqrt(inner))[0]


@every_method
def test_stops_when_held_out_answers_get_less_likely(overfitted):
    clf = overfitted[0]
    _, valid = evaluation(clf)
    assert clf.n_iter_ < 300
    assert len(valid) - 1 - valid.argmin() == PATIENCE


@every_method
def test_network_and_annotators_of_the_best_epoch_stay(kind, name):
    clf, *_, kept = overfit(kind, name)
    warm, valid = evaluation(clf)
    module, annotators = kept[warm + valid.argmin()]
    assert (next(clf.net_.module_.parameters()) == module).all()
    if not measured_afterwards(clf):
        for name, values in clf.net_.criterion_.state_dict().items():
            assert torch.equal(values, annotators[name]), name
    last = kept[-1][0]
    assert (last != module).any()


@every_method
def test_the_judgement_is_the_score_on_held_out_items(overfitted):
    clf, X, y = overfitted
    train, held_out = clf.net_.train_split(clf.net_.get_dataset(X, np.zeros(80)))
    assert len(held_out) == 24
    assert len(train) == 56
    rows = held_out.rows.numpy()
    assert not set(rows) & set(train.rows.tolist())
    assert_judged_by_score(clf, X[rows], y[rows])


def first_training(clf):
    """Return what holds the history of the training that no other one precedes.

    Held-out answers choose the epoch of a teacher, from which a student learns.
    """
    return (
        SimpleNamespace(history_=clf.teachers_[0].net.history)
        if (hasattr(clf, "teachers_"))
        else clf
    )


@every_method
def test_nothing_is_learned_from_held_out_answers(overfitted):
    clf, X, y = overfitted
    rows = clf.net_.train_split(clf.net_.get_dataset(X, np.zeros(80)))[1].rows.numpy()
    other = y.copy()
    # The same votes, so that the same items are held out, but by other annotators.
    other[rows] = np.roll(y[rows], 1, axis=1)
    if isinstance(clf, CrowdRegressor):
        other[rows] = 3 * other[rows] + 7
    clf = clone(clf).set_params(max_epochs=4, n_iter_no_change=1000)
    ours = losses(first_training(clf.fit(X, y)))
    theirs = losses(first_training(clf.fit(X, other)))
    assert [e["train_loss"] for e in ours] == [e["train_loss"] for e in theirs]
    assert ours[-1]["valid_loss"] != theirs[-1]["valid_loss"]


@each_sort
def test_without_it_all_epochs_run_on_all_items(kind, name, data):
    clf = small(name, kind, max_epochs=7).fit(*data)
    assert clf.n_iter_ == 7
    assert "valid_loss" not in clf.history_[-1]
    assert sum(clf.history_[-1, "batches", :, "train_batch_size"]) == 60


@each_sort
def test_items_without_answers_do_not_judge(kind, name, data):
    y = np.vstack([data[1][:40], nobody(kind, 20, 5)])
    clf = small(name, kind, early_stopping=True, validation_fraction=0.5).fit(
        data[0], y
    )
    batches = clf.history_[-1, "batches"]
    assert sum(batch.get("train_batch_size", 0) for batch in batches) == 20
    assert sum(batch.get("valid_batch_size", 0) for batch in batches) == 20


@pytest.mark.parametrize(
    ("kind", "name", "n_items"),
    [
        *[(kind, name, 2) for kind, name in EACH_SORT],
        *[(kind, name, n) for kind, name in FOLDS for n in (3, 7)],
    ],
)
def test_very_few_items(kind, name, n_items):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((n_items, 2)), random_y(kind, rng, n_items, 3, 2)
    clf = small(name, kind, early_stopping=True).fit(X, y)
    assert np.isfinite(clf.score(X, y))


def test_one_item_cannot_judge_itself(kind):
    clf = kind(early_stopping=True)
    with pytest.raises(ValueError, match="leaves none to train on"):
        clf.fit([[1.0, 2.0]], [[0, 1]])


def test_true_labels_can_be_held_out_too(kind, gold):
    """From the truth all methods learn alike."""
    clf = small("em", kind, early_stopping=True, max_epochs=20).fit(*gold)
    valid = clf.history_[:, "valid_loss"]
    assert np.isfinite(valid).all()
    assert valid[-1] < valid[0]


@each_sort
@pytest.mark.parametrize("weighted", [False, True])
def test_the_judgement_counts_every_held_out_answer_once(kind, name, weighted):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((80, 3))
    y = random_y(kind, rng, 80, 6)
    weight = rng.uniform(0.5, 2, size=80) if weighted else None
    clf = small(name, kind, early_stopping=True, max_epochs=3, validation_fraction=0.3)
    clf.fit(X, y, sample_weight=weight)
    rows = clf.net_.train_split(clf.net_.get_dataset(X, np.zeros(80)))[1].rows.numpy()
    weight = weight[rows] if weighted else None
    assert_judged_by_score(clf, X[rows], y[rows], weight)
