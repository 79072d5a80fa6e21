"""Early stopping: held-out answers judge, the best epoch stays."""

import numpy as np
import pytest
from _data import losses, random_answers, small
from skorch.callbacks import Callback

from skcrowd import CrowdClassifier
from skcrowd.methods import METHODS

pytestmark = pytest.mark.parametrize("name", METHODS)
PATIENCE = 3


class Snapshots(Callback):
    """Keep what the network and the annotators were after every epoch."""

    kept: list = []

    def on_train_begin(self, net, **kwargs):
        Snapshots.kept = []

    def on_epoch_end(self, net, **kwargs):
        module = next(net.module_.parameters()).detach().clone()
        confusion = net.criterion_.annotators.confusion()
        Snapshots.kept.append((module, confusion))


@pytest.fixture
def overfitted(name):
    """Fit to answers that the features say little about, until it stops."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 80)
    X = rng.standard_normal((80, 10)) + truth[:, None]
    y = np.where(rng.random((80, 4)) < 0.7, truth[:, None], 1 - truth[:, None])
    clf = small(
        name,
        early_stopping=True,
        validation_fraction=0.3,
        n_iter_no_change=PATIENCE,
        max_epochs=300,
        lr=0.05,
        callbacks=[Snapshots()],
    )
    return clf.fit(X, y), X, y


def judged(clf):
    """Validation losses from the first epoch that counts."""
    warm = getattr(clf.method, "warm_epochs", 0)
    return warm, np.array(clf.history_[:, "valid_loss"])[warm:]


def test_stops_when_held_out_answers_get_less_likely(overfitted):
    clf = overfitted[0]
    _, valid = judged(clf)
    assert clf.n_iter_ < 300
    assert len(valid) - 1 - valid.argmin() == PATIENCE


def test_network_and_annotators_of_the_best_epoch_stay(overfitted):
    clf = overfitted[0]
    warm, valid = judged(clf)
    module, confusion = Snapshots.kept[warm + valid.argmin()]
    assert (next(clf.net_.module_.parameters()) == module).all()
    np.testing.assert_array_equal(clf.annotator_confusion_, confusion)
    last = Snapshots.kept[-1][0]
    assert (last != module).any()


def test_the_judgement_is_the_score_on_held_out_items(overfitted):
    clf, X, y = overfitted
    train, held_out = clf.net_.train_split(clf.net_.get_dataset(X, np.zeros(80)))
    assert len(held_out) == 24
    assert len(train) == 56
    rows = held_out.rows.numpy()
    assert not set(rows) & set(train.rows.tolist())
    best = -judged(clf)[1].min()
    assert clf.score(X[rows], y[rows]) == pytest.approx(best, rel=1e-6)


def test_nothing_is_learned_from_held_out_answers(overfitted):
    clf, X, y = overfitted
    rows = clf.net_.train_split(clf.net_.get_dataset(X, np.zeros(80)))[1].rows.numpy()
    other = y.copy()
    # The same votes, so that the same items are held out, but by other annotators.
    other[rows] = np.roll(y[rows], 1, axis=1)
    clf.set_params(max_epochs=4, n_iter_no_change=1000)
    ours = losses(clf.fit(X, y))
    theirs = losses(clf.fit(X, other))
    assert [e["train_loss"] for e in ours] == [e["train_loss"] for e in theirs]
    assert ours[-1]["valid_loss"] != theirs[-1]["valid_loss"]


def test_without_it_all_epochs_run_on_all_items(name, items, answers):
    clf = small(name, max_epochs=7).fit(items[0], answers)
    assert clf.n_iter_ == 7
    assert "valid_loss" not in clf.history_[-1]
    assert sum(clf.history_[-1, "batches", :, "train_batch_size"]) == 60


def test_items_without_answers_do_not_judge(name, items, answers):
    y = np.where(np.arange(60)[:, None] < 40, answers, -1)
    clf = small(name, early_stopping=True, validation_fraction=0.5).fit(items[0], y)
    batches = clf.history_[-1, "batches"]
    assert sum(batch.get("train_batch_size", 0) for batch in batches) == 20
    assert sum(batch.get("valid_batch_size", 0) for batch in batches) == 20


@pytest.mark.parametrize("n_items", [2, 3, 7])
def test_very_few_items(name, n_items):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((n_items, 2)), random_answers(rng, n_items, 3, 2)
    clf = small(name, early_stopping=True).fit(X, y)
    assert np.isfinite(clf.score(X, y))


def test_one_item_cannot_judge_itself(name):
    clf = CrowdClassifier(method=name, early_stopping=True)
    with pytest.raises(ValueError, match="leaves none to train on"):
        clf.fit([[1.0, 2.0]], [[0, 1]])


def test_true_labels_can_be_held_out_too(name, items):
    clf = small(name, early_stopping=True, max_epochs=20).fit(*items)
    valid = clf.history_[:, "valid_loss"]
    assert np.isfinite(valid).all()
    assert valid[-1] < valid[0]


@pytest.mark.parametrize("weighted", [False, True])
def test_the_judgement_counts_every_held_out_answer_once(name, weighted):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((80, 3))
    y = rng.integers(3, size=(80, 6))
    y[rng.random(y.shape) < np.linspace(0, 0.8, 80)[:, None]] = -1
    weight = rng.uniform(0.5, 2, size=80) if weighted else None
    clf = small(name, early_stopping=True, max_epochs=3, validation_fraction=0.3)
    clf.fit(X, y, sample_weight=weight)
    rows = clf.net_.train_split(clf.net_.get_dataset(X, np.zeros(80)))[1].rows.numpy()
    best = judged(clf)[1].min()
    weight = weight[rows] if weighted else None
    score = clf.score(X[rows], y[rows], sample_weight=weight)
    assert -score == pytest.approx(best, rel=1e-6)
