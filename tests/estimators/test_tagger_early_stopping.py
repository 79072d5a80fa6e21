"""Early stopping on sequences: held-out tags judge, and teach nothing."""

from functools import cache

import numpy as np
import pytest
from _data import losses
from _sequence_data import (
    SEQUENCE_SORTS,
    TokenLinear,
    features_for,
    sentences,
    tagged,
    tagger,
    take,
)

from skcrowd.annotations import SequenceAnnotations
from skcrowd.metrics._scorer_names import answer_log_likelihood

TRUTH = sentences(60, seed=3)
X, Y = features_for(TRUTH), tagged(TRUTH)
every_method = pytest.mark.parametrize("name", SEQUENCE_SORTS)
FOLDS = ["regularized_em", "sequence_em"]  # methods that train networks of folds
EPOCHS = 3


def stopping(name, **parameters):
    return tagger(
        name,
        early_stopping=True,
        validation_fraction=0.3,
        **{"n_iter_no_change": 1000, "max_epochs": EPOCHS, **parameters},
    )


@cache
def fitted(name):
    """Fit ``stopping(name)``, once for all tests that only look at it."""
    return stopping(name).fit(X, Y)


def held_out(clf):
    """Which sequences judged, and which were learned from."""
    splits = clf.net_.train_split
    rows = np.flatnonzero(splits.held_out)
    return rows, np.setdiff1d(np.arange(60), rows)


def rolled(rows):
    """Give the tags of some sequences to other people; the votes stay."""
    flat, tokens = Y.to_flat(), np.repeat(np.isin(np.arange(60), rows), Y.lengths)
    flat[tokens] = np.roll(flat[tokens], 1, axis=1)
    return SequenceAnnotations.from_flat(flat, Y.lengths)


@every_method
def test_nothing_is_learned_from_held_out_tags(name):
    clf = fitted(name)
    rows, others = held_out(clf)
    assert 10 < len(rows) < 25
    ours = losses(clf)
    theirs = losses(stopping(name).fit(X, rolled(rows)))
    assert [e["train_loss"] for e in ours] == [e["train_loss"] for e in theirs]
    assert ours[-1]["valid_loss"] != theirs[-1]["valid_loss"]
    if name != "majority_vote":  # the votes are the same
        theirs = losses(stopping(name).fit(X, rolled(others[::2])))
        assert ours[-1]["train_loss"] != theirs[-1]["train_loss"]


@every_method
def test_the_judgement_is_the_score_on_held_out_sequences(name):
    clf = fitted(name)
    rows, _ = held_out(clf)
    warm = getattr(clf.method, "warm_epochs", 0)
    best = min(clf.history_[warm:, "valid_loss"])
    score = answer_log_likelihood(clf, take(X, rows), Y[rows])
    assert -score == pytest.approx(best, rel=1e-6)


@every_method
def test_weights_count_in_the_judgement(name):
    weight = np.random.default_rng(0).uniform(0.5, 2, 60)
    clf = stopping(name).fit(X, Y, sample_weight=weight)
    rows, _ = held_out(clf)
    warm = getattr(clf.method, "warm_epochs", 0)
    best = min(clf.history_[warm:, "valid_loss"])
    score = answer_log_likelihood(clf, take(X, rows), Y[rows], weight[rows])
    assert -score == pytest.approx(best, rel=1e-6)


@every_method
def test_it_stops(name):
    clf = stopping(
        name, module=TokenLinear, max_epochs=100, lr=1.0, n_iter_no_change=2
    ).fit(X, Y)
    assert clf.n_iter_ < 100


@every_method
def test_sequences_without_tags_do_not_judge(name):
    cells = Y.to_cells()
    cells[20:] = None
    clf = stopping(name, max_epochs=2).fit(X, cells)
    assert held_out(clf)[0].max() < 20
    batches = clf.history_[-1, "batches"]
    assert sum(batch.get("valid_batch_size", 0) for batch in batches) == 6
    assert sum(batch.get("train_batch_size", 0) for batch in batches) == 14


@every_method
def test_true_tags_can_be_held_out_too(name):
    clf = stopping(name, module=TokenLinear, lr=0.1, max_epochs=10).fit(X, TRUTH)
    valid = clf.history_[:, "valid_loss"]
    assert valid[-1] < valid[0]


@pytest.mark.parametrize(
    ("name", "n_sequences"),
    [
        *[(name, 2) for name in SEQUENCE_SORTS],
        *[(name, n) for name in FOLDS for n in (3, 7)],
    ],
)
def test_very_few_sequences(name, n_sequences):
    rows = slice(0, n_sequences)
    clf = stopping(name, max_epochs=2).fit(X[rows], Y[rows])
    assert np.isfinite(clf.score(X[rows], Y[rows]))


@every_method
def test_one_sequence_cannot_judge_itself(name):
    with pytest.raises(ValueError, match="leaves none to train on"):
        stopping(name).fit(X[1:2], Y[[1]])
