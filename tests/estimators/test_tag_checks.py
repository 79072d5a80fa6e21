"""Warnings of fits about crowds whose tags mislead."""

import warnings

import numpy as np
import pytest
from _sequence_data import tagger

from skcrowd import Annotations, SequenceAnnotations
from skcrowd.aggregation._tag_segments import TagKinds, find_dependent_taggers
from skcrowd.estimators._tag_checks import warn_of_tag_crowd
from skcrowd.exceptions import CrowdWarning

TAGS = ["B-LOC", "B-PER", "I-LOC", "I-PER", "O"]
LENGTH = 20


def true_tags(rng, n_sequences):
    """Draw spans of one to three tokens in rings, of which no place is special."""
    truth = np.full((n_sequences, LENGTH), 4)
    for row in truth:
        for start in (2, 7, 12, 17):
            if rng.random() < 0.6:
                kind = rng.integers(2)
                row[start : start + rng.integers(1, 4)] = 2 + kind
                row[start] = kind
        row[:] = np.roll(row, rng.integers(LENGTH))
    return truth


def crowd(miss, n_sequences=200, seed=0, per_sequence=None):
    """Draw true tags and those of annotators who miss spans, take some for others.

    Parameters
    ----------
    miss : list of float
        Share of the spans that each annotator misses; of the others a tenth gets
        another kind.
    """
    rng = np.random.default_rng(seed)
    truth = true_tags(rng, n_sequences)
    y = np.empty((n_sequences, LENGTH, len(miss)), dtype=int)
    for annotator, share in enumerate(miss):
        tags = truth.copy()
        for row in tags:
            begins = np.flatnonzero(row < 2)
            for start in begins:
                span = (start + np.arange(3)) % LENGTH
                span = span[[0, *(k for k in (1, 2) if row[span[1]] in (2, 3))]]
                luck = rng.random()
                if luck < share:
                    row[span] = 4
                elif luck < share + 0.1:
                    row[span] = [t ^ 1 if t < 4 else t for t in row[span]]
        y[:, :, annotator] = tags
    if per_sequence is not None:
        order = rng.random((n_sequences, len(miss))).argsort(axis=1)
        y[np.repeat((order >= per_sequence)[:, None], LENGTH, axis=1)] = -1
    return truth, y


def annotations(y):
    y = y.reshape(-1, y.shape[2])
    item, annotator = np.nonzero(y >= 0)
    tokens = Annotations(item, annotator, y[item, annotator], y.shape, np.array(TAGS))
    return SequenceAnnotations(tokens, np.full(len(y) // LENGTH, LENGTH))


def messages(y, gold=None):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_tag_crowd(annotations(y), gold)
    assert all(warning.category is CrowdWarning for warning in caught)
    return [str(warning.message) for warning in caught]


def shuffled(rng, tags):
    """Permute the sequences of one annotator."""
    return tags[rng.permutation(len(tags))]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("per_sequence", [2, 3, None])
@pytest.mark.parametrize("miss", [[0.2] * 5, [0.0, 0.0, 0.1, 0.3, 0.5, 0.5, 0.3]])
def test_independent_annotators_are_no_reason_to_warn(miss, per_sequence, seed):
    truth, y = crowd(miss, 200, seed, per_sequence)
    gold = np.where(np.arange(200)[:, None] < 40, truth, -1).ravel()
    assert not messages(y, gold)
    assert (find_dependent_taggers(annotations(y)) == -1).all()


def test_a_segment_ends_where_somebody_changes():
    kinds = TagKinds.of(
        SequenceAnnotations.from_cells(
            [
                [["O", "B-PER", "I-PER", "O"], ["O", "B-PER", "O", "O"]],
                [["O", "O"], None],
            ]
        )
    )
    assert kinds.tokens.classes.tolist() == ["O", "PER"]
    assert kinds.changes().tolist() == [0, 1, 2, 3, 4]
    equal = SequenceAnnotations.from_cells([[["O", "B-A", "I-A", "I-A", "O"]] * 2])
    assert TagKinds.of(equal).changes().tolist() == [0, 1, 4]


def test_tags_that_mark_no_spans_are_kinds():
    kinds = TagKinds.of(SequenceAnnotations.from_cells([[["noun", "verb"]] * 2]))
    assert kinds.outside == -1
    assert kinds.tokens.classes.tolist() == ["noun", "verb"]


def test_copies():
    _, y = crowd([0.3] * 8)
    y[:, :, 7] = y[:, :, 2]
    (message,) = messages(y)
    assert "gave the same tags" in message
    assert "2, 7." in message
    found = find_dependent_taggers(annotations(y))
    assert found.tolist() == [-1, -1, 0, *[-1] * 4, 0]


def test_a_group_that_outvotes_the_others():
    _, y = crowd([0.4] * 8)
    y[:, :, :5] = y[:, :, :1]
    (message,) = messages(y)
    assert "0, 1, 2, 3, 4 err together" in message
    assert "62% of the tags" in message


def test_a_dominant_annotator_without_information():
    rng = np.random.default_rng(0)
    _, y = crowd([0.1] * 8, n_sequences=400)
    y[:, :, 1:][np.repeat(rng.random((400, 1, 7)) < 0.92, LENGTH, axis=1)] = -1
    assert not messages(y)
    y[:, :, 0] = shuffled(rng, y[:, :, 0])
    (message,) = messages(y)
    assert "annotator 0 gave 6" in message


def test_a_crowd_at_chance():
    rng = np.random.default_rng(0)
    _, y = crowd([0.1] * 6)
    for annotator in range(6):
        y[:, :, annotator] = shuffled(rng, y[:, :, annotator])
    (message,) = messages(y)
    assert message.startswith("the 6 annotators tag the same sequences")


def test_gold_that_contradicts_the_majority():
    truth, y = crowd([0.1] * 5)
    y[y % 2 == 1] -= 1  # all take persons for places
    gold = np.where(np.arange(200)[:, None] < 40, truth, -1)
    (message,) = messages(y, gold.ravel())
    assert "spans of class 'PER' by gold, most annotators gave 'LOC' to" in message
    few = np.where(np.arange(200)[:, None] < 4, truth, -1)
    assert not messages(y, few.ravel())


def test_limits_of_spans_are_no_contradiction():
    truth, y = crowd([0.0] * 5)
    y[(y == 2) | (y == 3)] = 4  # all mark first tokens alone
    assert not messages(y, truth.ravel())


def test_a_fit_warns_and_its_report_has_the_group():
    _, y = crowd([0.3] * 8, n_sequences=60)
    y[:, :, 7] = y[:, :, 2]
    X = list(np.random.default_rng(0).standard_normal((60, LENGTH, 2)))
    with pytest.warns(CrowdWarning, match=r"2, 7\.") as caught:
        clf = tagger("em").fit(X, annotations(y))
    assert len(caught) == 1
    group = clf.annotator_report()["group"].tolist()
    assert group == [None, None, 0, None, None, None, None, 0]
