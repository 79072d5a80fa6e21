"""Confidence, weight, distribution and time of answers, and answers "I don't know"."""

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pytest

from skcrowd import Annotations, CrowdRegressor, MultilabelAnnotations
from skcrowd.annotations import SequenceAnnotations, concatenate
from skcrowd.annotations._answer_details import AnswerDetails

NAN = np.nan
Y = np.array([["a", "b", "?"], ["b", "", "b"], ["a", "a", "?"], ["?", "b", "a"]])
CONFIDENCE = np.array([[1, 2, 9], [4, 9, 5], [NAN, 3, 9], [9, 2, 1.0]])
WEIGHT = np.array([[1, 2, 0], [0.5, 0, 1], [1, 1, 0], [0, 3, 1.0]])
TIME = np.array([[10, 20, 1], [30, 1, 40], [50, NAN, 1], [1, 60, 70.0]])


@pytest.fixture(scope="module")
def full():
    return Annotations.from_dense(
        Y,
        confidence=CONFIDENCE,
        weight=WEIGHT,
        time=TIME,
        unsure="?",
        annotator_names=["ann", "bob", "eve"],
    )


def cells(annotations, name):
    """The numbers by names of item and annotator."""
    a = annotations
    values = getattr(a, name)
    names = a.annotator_names[a.annotator].tolist()
    return dict(zip(zip(a.item.tolist(), names, strict=True), values, strict=True))


def check_aligned(annotations, rows):
    """Details are still those of the cells they were given for."""
    columns = {"ann": 0, "bob": 1, "eve": 2}
    for name, matrix in (
        ("confidence", CONFIDENCE),
        ("weight", WEIGHT),
        ("time", TIME),
    ):
        for (item, annotator), value in cells(annotations, name).items():
            np.testing.assert_equal(value, matrix[rows[item], columns[annotator]])
    expected = [
        (i, j)
        for i, row in enumerate(rows)
        for j, annotator in enumerate(annotations.annotator_names)
        if Y[row, columns[annotator]] == "?"
    ]
    assert annotations.unsure.tolist() == [list(pair) for pair in expected]


def test_matrix_and_table_are_the_same(full):
    long = Annotations.from_long(
        "item",
        "who",
        "label",
        data=pd.DataFrame(
            {
                "item": np.repeat(np.arange(4), 3),
                "who": ["ann", "bob", "eve"] * 4,
                "label": Y.ravel(),
                "sure": CONFIDENCE.ravel(),
                "weight": WEIGHT.ravel(),
                "seconds": TIME.ravel(),
            }
        ).sample(frac=1, random_state=0),
        n_items=4,
        confidence="sure",
        weight="weight",
        time="seconds",
        unsure=["?", "none"],
    )
    assert long.classes.tolist() == ["a", "b"]
    check_aligned(full, range(4))
    check_aligned(long, range(4))
    assert long.details == full.details
    assert long == full
    assert full != full.without_details()


@pytest.mark.parametrize("rows", [slice(1, 3), [3, 0, 0, 2], slice(None, None, -1)])
def test_items(full, rows):
    check_aligned(full[rows], np.arange(4)[rows])


def test_annotators_and_answers(full):
    check_aligned(full.select_annotators(["eve", "ann"]), range(4))
    check_aligned(full.select_answers(full.annotator != 1), range(4))


def test_joining_and_merging(full):
    check_aligned(concatenate([full[:1], full[1:]]), range(4))
    named = replace(full, item_names=np.arange(4))
    apart = [
        named.select_annotators([annotator]) for annotator in ("bob", "ann", "eve")
    ]
    joined = concatenate(apart)
    check_aligned(joined, range(4))
    merged = named.merge_annotators({"x": ["ann", "eve"]}, repeated="first")
    assert merged.unsure.tolist() == []
    np.testing.assert_equal(cells(merged, "time")[3, "x"], 70)
    with_plain = concatenate([full, full.without_details()])
    assert with_plain.weight[full.n_answers :].tolist() == [1.0] * full.n_answers
    assert np.isnan(with_plain.time[full.n_answers :]).all()


def test_pickle_and_copies(full):
    again = pickle.loads(pickle.dumps(full))
    assert again == full
    with pytest.raises(ValueError, match="read-only"):
        again.confidence[0] = 2


def test_long_table_and_back(full):
    table = full.to_long()
    assert table["unsure"].sum() == 3
    assert table[table["unsure"]]["label"].isna().all()
    again = Annotations.from_long(
        "item",
        "annotator",
        "label",
        data=table.fillna({"label": "?", "weight": 1}),
        confidence="confidence",
        weight="weight",
        time="time",
        unsure="?",
        n_items=4,
    )
    assert again.details == full.details


def test_summary(full):
    table = full.summary()
    assert table["n_unsure"].tolist() == [1, 0, 2]
    assert table["confidence"].tolist() == [2.5, 7 / 3, 3]
    assert table["weight"].tolist() == [2.5, 6, 2]
    assert table["median_time"].tolist() == [30, 40, 55]
    assert "with confidence, weight, time; 3 unsure" in repr(full)


def test_unsure_is_no_class_and_not_missing():
    A = Annotations.from_dense(Y, unsure="?")
    assert A.classes.tolist() == ["a", "b"]
    assert len(A.unsure) == 3
    assert not len(A.without_details("unsure").unsure)
    assert A.without_details().details is None
    as_class = Annotations.from_dense(Y)
    assert as_class.classes.tolist() == ["?", "a", "b"]
    assert as_class.details is None


def test_weight_of_zero_is_no_answer():
    left = WEIGHT > 0
    weighed = Annotations.from_dense(Y, unsure="?", weight=WEIGHT)
    assert weighed.n_answers == np.count_nonzero(left)
    first = Annotations.from_dense([[0, 1], [1, 1]])
    assert first.with_details(weight=[1, 0, 1, 1]).to_dense().tolist() == [
        [0, -1],
        [1, 1],
    ]
    with pytest.raises(ValueError, match="weight is 0 for every answer"):
        first.with_details(weight=np.zeros(4))
    with pytest.raises(ValueError, match="no answer at all"):
        Annotations.from_dense([[0, 1]], weight=[[0, 0]])


def test_details_given_later(full):
    A = Annotations.from_dense(Y, unsure="?")
    A = A.with_details(confidence=CONFIDENCE).with_details(time=TIME)
    assert A.with_details(weight=WEIGHT).details == full.details
    levels = pd.Categorical(["low", "high", None], ["low", "high"], ordered=True)
    B = Annotations.from_dense([[0], [1], [1]]).with_details(
        confidence=pd.Series(levels)
    )
    np.testing.assert_equal(B.confidence, [0, 1, NAN])
    sure = pl.DataFrame({"ann": ["high", "low", None]}).cast(pl.Enum(["low", "high"]))
    for confidence in (sure, sure.to_arrow(), sure.to_pandas()):
        C = Annotations.from_dense([[0], [1], [1]], confidence=confidence)
        np.testing.assert_equal(C.confidence, [1, 0, NAN])
    assert B.with_details() is B


SOFT = np.array(
    [
        [[0.7, 0.3, 0.0], [NAN, NAN, NAN]],
        [[0.0, 1.0, 0.0], [0.2, 0.2, 0.6]],
    ]
)


def test_soft_labels():
    A = Annotations.from_soft_labels(SOFT, classes=["a", "b", "c"])
    assert A.labels.tolist() == ["a", "b", "c"]
    np.testing.assert_allclose(A.probabilities, SOFT.reshape(4, 3)[[0, 2, 3]])
    other = A.with_classes(["c", "d", "a", "b"])
    np.testing.assert_allclose(other.probabilities[0], [0, 0, 0.7, 0.3])
    with pytest.raises(ValueError, match="probability to 'b'"):
        A[:1].with_classes(["a", "c"])
    table = A.to_long()
    columns = {label: f"probability_{label}" for label in "abc"}
    long = Annotations.from_long(
        "item", "annotator", None, data=table, n_items=2, probabilities=columns
    )
    assert long == A
    from_array = Annotations.from_long(
        [0, 1, 1], [0, 0, 1], None, probabilities=SOFT.reshape(4, 3)[[0, 2, 3]]
    )
    assert from_array.details == A.details
    joined = concatenate([A, Annotations.from_dense([["b", "c"]])])
    assert joined.probabilities[3:].tolist() == [[0, 1, 0], [0, 0, 1]]


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"weight": [[1, -1]]}, "weight holds -1 at answer 1"),
        ({"weight": [[1, NAN]]}, "weight holds nan"),
        ({"time": [[1, -5]]}, "a duration cannot be negative"),
        ({"confidence": [[1, 2, 3]]}, "confidence has shape"),
        ({"confidence": [["sure", "no"]]}, "confidence must hold numbers"),
        ({"confidence": [[1, np.inf]]}, "confidence holds an infinite number"),
        ({"unsure": "a", "classes": ["a", "b"]}, "unsure='a' is one of the classes"),
    ],
)
def test_errors_of_matrices(options, match):
    with pytest.raises(ValueError, match=match):
        Annotations.from_dense([["a", "b"]], **options)


@pytest.mark.parametrize(
    ("labels", "options", "match"),
    [
        (None, {"probabilities": [[0.5, 0.4], [1, 0]]}, "table row 0 .* sum to 0.9"),
        (None, {"probabilities": [[1.5, -0.5], [1, 0]]}, "negative or missing"),
        (None, {"probabilities": [0.5, 1]}, "a row for each answer"),
        (None, {"probabilities": [[1.0], [1.0]], "classes": "ab"}, "1 columns for 2"),
        (None, {"probabilities": {"a": [1, 1]}, "classes": "ab"}, "one column for"),
        (["a", "b"], {"probabilities": [[1, 0], [1, 0]]}, "labels=None"),
        (["a", "b"], {"confidence": [1]}, "confidence has shape"),
        (["a", "b"], {"confidence": "sure"}, "must be a 1-D array"),
    ],
)
def test_errors_of_tables(labels, options, match):
    with pytest.raises((ValueError, TypeError), match=match):
        Annotations.from_long([0, 1], [0, 0], labels, **options)


def test_unknown_column():
    with pytest.raises(ValueError, match="confidence='sure' is no column"):
        Annotations.from_long(
            "i", "w", "y", data={"i": [0], "w": [0], "y": [1]}, confidence="sure"
        )


def test_twice(full):
    with pytest.raises(ValueError, match="'ann' is unsure about row 0"):
        Annotations.from_long([0, 0], ["ann", "ann"], ["a", "?"], unsure="?")
    with pytest.raises(TypeError, match="with_details"):
        replace(full, details={"weight": 1})
    with pytest.raises(ValueError, match="has shape"):
        replace(full, details=AnswerDetails(weight=np.ones(2)))
    with pytest.raises(ValueError, match="there is no 'sure'"):
        full.without_details("sure")


def test_refused_before_training(full):
    ratings = Annotations.from_dense(
        [[1.5, 2.0]], kind="numbers", confidence=[[1, 2]], time=[[3, 4]]
    )
    with pytest.raises(ValueError, match="cannot use the confidence"):
        CrowdRegressor().fit([[0.0]], ratings)
    assert ratings.without_details("confidence").time.tolist() == [3, 4]
    plain, X = ratings.without_details(), [[0.0]]
    fitted = CrowdRegressor(method="mean", max_epochs=1).fit(X, plain)
    sure = plain.with_details(confidence=[1, 2])
    for use in (
        *(fitted.fit, fitted.partial_fit, fitted.score, fitted.evaluate_answers),
        *(fitted.label_quality, fitted.answer_quality),
        lambda X, y: fitted.next_queries(X, y, 1),
    ):
        message = r"cannot use the confidence .*without_details\('confidence'\)\.$"
        with pytest.raises(ValueError, match=message):
            use(X, sure)
    with pytest.raises(ValueError, match="tag sequences cannot use"):
        SequenceAnnotations(full, [2, 2])
    yes = Annotations.from_dense([[0, 1]], time=[[1, 2]])
    with pytest.raises(ValueError, match="sets of labels cannot use"):
        MultilabelAnnotations(yes, ["a"])
