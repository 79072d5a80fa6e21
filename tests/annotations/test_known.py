"""Gold, row by row."""

import numpy as np
import pandas as pd
import pytest

from skcrowd import Annotations, CrowdClassifier
from skcrowd.aggregation import (
    class_shares,
    dawid_skene,
    measure_disagreement,
    sequence_dawid_skene,
    weighted_mean,
)
from skcrowd.annotations._known import gold_by_row
from skcrowd.annotations._tables import row_labels
from skcrowd.metrics import get_scorer
from skcrowd.model_selection import cross_val_answer_score, cross_val_predict

N = 20
X = np.random.default_rng(0).normal(size=(N, 2))
TRUTH = (X[:, 0] > 0).astype(int)
Y = np.repeat(TRUTH[:, None], 3, axis=1)
Y[::4, 0] = 1 - Y[::4, 0]
GOLD = {row: int(TRUTH[row]) for row in range(0, N, 3)}
LISTED = [GOLD.get(row) for row in range(N)]


def test_labels_of_rows_are_those_of_the_first_table_that_has_any():
    named = Annotations.from_long(["b", "a"], [0, 0], [1, 0])
    frame = pd.DataFrame(X[:2], index=[7, 3])
    assert row_labels(X, frame, named) == [7, 3]
    assert row_labels(X[:2].tolist(), pd.DataFrame(X[:2]), named) == ["a", "b"]
    assert row_labels(frame.reset_index(drop=True), pd.Series([1, 2])) is None


def test_the_keys_of_part_of_a_table_are_its_labels():
    part = pd.DataFrame(X)[5:8]
    assert gold_by_row({6: "a"}, 3, part).tolist() == [None, "a", None]
    with pytest.raises(ValueError, match=r"has \[0\] among its keys .*\[5, 6, 7\]"):
        gold_by_row({0: "a"}, 3, part)


@pytest.mark.parametrize(
    "name",
    ["gold_score", "gold_log_likelihood", "corrected_consensus", "gold_and_answers"],
)
def test_scorers_read_a_dict_by_row(name):
    clf = CrowdClassifier(max_epochs=2, random_state=0).fit(X, Y)
    scorer = get_scorer(name)
    assert scorer(clf, X, Y, gold=GOLD) == scorer(clf, X, Y, gold=LISTED)
    labels = [f"row {row}" for row in range(N)]
    named = {labels[row]: label for row, label in GOLD.items()}
    frame = pd.DataFrame(X, index=labels)
    assert scorer(clf, frame, Y, gold=named) == scorer(clf, X, Y, gold=LISTED)
    with pytest.raises(ValueError, match=r"gold has \[99\] among its keys"):
        scorer(clf, X, Y, gold={99: 1})


def test_cross_validation_splits_a_dict_by_row():
    clf = CrowdClassifier(max_epochs=2, random_state=0)
    for function in (cross_val_predict, cross_val_answer_score):
        by_dict = function(clf, X, Y, cv=3, params={"gold": GOLD})
        by_list = function(clf, X, Y, cv=3, params={"gold": LISTED})
        np.testing.assert_array_equal(by_dict, by_list)


def test_a_part_reads_a_dict_by_row():
    dict_, list_ = (
        CrowdClassifier(random_state=0).partial_fit(X, Y, classes=[0, 1], gold=gold)
        for gold in (GOLD, LISTED)
    )
    np.testing.assert_array_equal(dict_.posterior_, list_.posterior_)


def test_shares_count_the_values_of_a_dict():
    shares = class_shares({3: "a", 7: "b", 9: "a", 11: None}, ["a", "b"])
    np.testing.assert_array_equal(shares, class_shares(["a", "b", "a"], ["a", "b"]))
    np.testing.assert_array_equal(
        class_shares([0, -1, 1, None], [0, 1]), class_shares([0, 1], [0, 1])
    )
    assert class_shares([0, -1], [-1, 0]).tolist() == [0.5, 0.5]


def test_aggregation_reads_gold_in_every_form():
    expected = dawid_skene(Y, gold=np.array([-1 if g is None else g for g in LISTED]))
    for gold in (GOLD, LISTED, pd.Series(LISTED)):
        found = dawid_skene(Y, gold=gold, sample_weight=[1] * N)
        np.testing.assert_array_equal(found.posterior, expected.posterior)
    numbers = np.array([np.nan if g is None else g for g in LISTED])
    expected = weighted_mean(Y, gold=numbers).mean
    np.testing.assert_array_equal(weighted_mean(Y, gold=GOLD).mean, expected)
    tags = sequence_dawid_skene(Y, [4] * 5, gold=GOLD).posterior
    listed = sequence_dawid_skene(Y, [4] * 5, gold=LISTED).posterior
    np.testing.assert_array_equal(tags, listed)


@pytest.mark.parametrize("gold", [[2] * N, [0.5] * N, ["0"] * N, {0: 7}])
def test_gold_of_an_aggregation_must_hold_codes(gold):
    with pytest.raises(ValueError, match=r"gold holds .*must hold codes of the 2"):
        dawid_skene(Y, gold=gold)


@pytest.mark.parametrize("weight", [1.0, [1] * 3, [np.nan] * N, ["1"] * N, {0: 1}])
def test_weights_of_an_aggregation_are_checked(weight):
    for function in (dawid_skene, weighted_mean, measure_disagreement):
        with pytest.raises(ValueError, match="sample_weight"):
            function(Y, sample_weight=weight)


def test_ratings_too_large_to_square_are_refused():
    with pytest.raises(ValueError, match=r"y holds 1e\+160 at row 0, annotator 0"):
        weighted_mean([[1e160, 1.0]])
    with pytest.raises(ValueError, match=r"gold holds 1e\+160 at row 0"):
        weighted_mean([[1.0, 1.0]], gold=[1e160])
