"""Spans of annotators: counts against a known truth, and their intervals."""

import numpy as np
import pytest

from skcrowd.annotations import check_sequence_annotations
from skcrowd.metrics import span_scores
from skcrowd.metrics._span_accuracy import (
    cluster_sums,
    design_effect,
    mark_spans,
    span_counts,
)

TRUTH = [["B-PER", "I-PER", "O", "B-LOC"], ["O", "B-LOC"], ["B-PER", "O", "O"]]
ANN = [["B-PER", "I-PER", "O", "O"], ["O", "B-LOC"], ["B-PER", "I-PER", "O"]]
BOB = [["B-PER", "O", "O", "B-LOC"], ["B-LOC", "I-LOC"], None]


@pytest.fixture
def sequences():
    y = np.empty((3, 2), dtype=object)
    for row, pair in enumerate(zip(ANN, BOB, strict=True)):
        y[row, :] = pair
    return check_sequence_annotations(
        y, classes=["B-LOC", "B-PER", "I-LOC", "I-PER", "O"]
    )


def codes_and_posterior(sequences, tags, certainty=1.0):
    labels = sequences.tokens.classes.tolist()
    codes = np.array([labels.index(tag) for sentence in tags for tag in sentence])
    posterior = np.full((len(codes), len(labels)), (1 - certainty) / (len(labels) - 1))
    posterior[np.arange(len(codes)), codes] = certainty
    return codes, posterior


def test_where_the_truth_is_certain_scores_are_those_of_the_metrics(sequences):
    codes, posterior = codes_and_posterior(sequences, TRUTH)
    columns = span_counts(sequences, posterior, posterior, codes).columns(0.95)
    for annotator, (true, own) in enumerate([(TRUTH, ANN), (TRUTH[:2], BOB[:2])]):
        scores = span_scores(true, own)
        assert columns["span_precision"][annotator] == pytest.approx(scores.precision)
        assert columns["span_recall"][annotator] == pytest.approx(scores.recall)
        assert columns["span_f1"][annotator] == pytest.approx(scores.f1)


def test_values_lie_in_their_intervals_and_doubt_widens_them(sequences):
    codes, sure = codes_and_posterior(sequences, TRUTH)
    _, unsure = codes_and_posterior(sequences, TRUTH, 0.8)
    certain = span_counts(sequences, sure, sure, codes).columns(0.95)
    doubtful = span_counts(sequences, unsure, unsure, codes).columns(0.95)
    for name in ("span_precision", "span_recall", "span_f1"):
        for columns in (certain, doubtful):
            low, high = columns[f"{name}_low"], columns[f"{name}_high"]
            assert ((low <= columns[name]) & (columns[name] <= high)).all()
    width = [c["span_f1_high"] - c["span_f1_low"] for c in (certain, doubtful)]
    assert (width[1] > width[0]).all()


def test_without_spans_there_is_no_score():
    y = np.empty((2, 1), dtype=object)
    y[:, 0] = [["O", "O"], ["O"]]
    sequences = check_sequence_annotations(y, classes=["B-PER", "O"])
    codes, posterior = codes_and_posterior(sequences, [["O", "O"], ["O"]])
    columns = span_counts(sequences, posterior, posterior, codes).columns(0.95)
    assert np.isnan(columns["span_f1"]).all()
    assert columns["span_recall_low"].tolist() == [0]
    assert columns["span_recall_high"].tolist() == [1]


def test_parts_add_up(sequences):
    codes, posterior = codes_and_posterior(sequences, TRUTH)
    once = span_counts(sequences, posterior, posterior, codes)
    twice = once.plus(once)
    assert twice.n_marked.tolist() == (2 * once.n_marked).tolist()
    assert twice.clusters == pytest.approx(2 * once.clusters)
    assert twice.of([1]).right.tolist() == [2 * once.right[1]]


def test_equal_deviations_of_a_cluster_are_worth_one():
    deviation = np.repeat([0.5, -0.5, 0.5, -0.5], 3)
    assert design_effect(cluster_sums(deviation, np.repeat(np.arange(4), 3))) == 3
    assert design_effect(cluster_sums(deviation, np.arange(12))) == 1
    assert design_effect(np.zeros(2)) == 1


def test_which_tags_mark_spans():
    assert mark_spans(np.array(["B-PER", "O"]))
    assert not mark_spans(np.array(["noun", "O"]))
    assert not mark_spans(np.array([0, 1]))
