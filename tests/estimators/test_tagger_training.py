"""How long the tagger trains, and on batches of what size."""

import pytest
from _sequence_data import FEATURES, sentences

from skcrowd import CrowdSequenceTagger


@pytest.mark.parametrize(
    ("n_sequences", "batch_size", "epochs"),
    [(10, 16, 60), (400, 25, 50), (400, None, 32), (6000, None, 12), (10**6, None, 12)],
)
def test_few_sequences_are_seen_more_often(n_sequences, batch_size, epochs):
    clf = CrowdSequenceTagger(batch_size=batch_size)
    clf._form = "features"
    assert clf._n_epochs(n_sequences) == epochs


def test_the_default_number_of_epochs_is_run():
    X, y = [["a", "b"]] * 4, [["x", "y"]] * 4
    assert CrowdSequenceTagger(random_state=0).fit(X, y).n_iter_ == 60
    assert CrowdSequenceTagger(max_epochs=2).fit(X, y).n_iter_ == 2


def test_batches_grow_with_the_sequences():
    clf = CrowdSequenceTagger()
    clf._form = "features"
    assert [clf._n_per_batch(n) for n in (10, 600, 6000)] == [16, 32, 64]
    clf._form = "table"
    assert [clf._n_per_batch(n) for n in (10, 600, 6000)] == [64, 64, 256]


def test_batches_have_fewer_long_sequences():
    clf = CrowdSequenceTagger()
    clf._form = "features"
    sizes = [clf._n_per_batch(195, 195 * length) for length in (10, 300, 2000)]
    assert sizes == [16, 3, 1]
    assert clf._n_epochs(195, 195 * 300) == 13
    assert clf.set_params(batch_size=8)._n_per_batch(195, 195 * 300) == 8


@pytest.mark.parametrize("schedule", ["linear", "constant"])
def test_the_schedule_changes_the_fit(schedule):
    truth = sentences(len(FEATURES))
    usual = CrowdSequenceTagger(max_epochs=3, random_state=0, lr_schedule=schedule)
    same = CrowdSequenceTagger(max_epochs=3, random_state=0)
    fits = [clf.fit(FEATURES, _fitting(truth, FEATURES)) for clf in (usual, same)]
    probas = [clf.predict_proba(FEATURES)[0] for clf in fits]
    assert (probas[0] == probas[1]).all() == (schedule == "linear")


def _fitting(truth, features):
    """Tags cut to the lengths of the features."""
    return [(tags * 9)[: len(row)] for tags, row in zip(truth, features, strict=True)]
