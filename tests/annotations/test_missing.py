"""What marks a missing answer, and what is said of what only looks as if it did."""

import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array

from skcrowd.annotations import Annotations, SequenceAnnotations, check_annotations
from skcrowd.annotations._known import known_values
from skcrowd.annotations._missing import is_complete
from skcrowd.annotations._true_values import read_truth, warn_of_truth
from skcrowd.exceptions import CrowdWarning

NAN = float("nan")


def from_long(labels, **options):
    labels = np.asarray(labels, dtype=object).ravel().tolist()
    rows = range(len(labels))
    return Annotations.from_long(rows, [0] * len(labels), labels, **options)


def as_cells(y, **options):
    """Read a matrix as cells with one tag each."""
    cells = [[[value] for value in row] for row in y]
    return SequenceAnnotations.from_cells(cells, **options).tokens


def as_flat(y, **options):
    return SequenceAnnotations.from_flat(y, [1] * len(y), **options).tokens


READERS = [Annotations.from_dense, from_long, as_cells, as_flat]


@pytest.mark.parametrize("read", READERS)
def test_every_reader_has_the_same_rules(read):
    y = [["cat", "nan"], ["dog", None], [NAN, pd.NA]]
    with pytest.warns(CrowdWarning, match=r"'nan' \(once\).*missing_label='nan'"):
        A = read(y)
    assert A.classes.tolist() == ["cat", "dog", "nan"]
    assert read(y, missing_label=None) == A
    assert read(y, classes=A.classes) == A
    assert read(y, missing_label="nan").classes.tolist() == ["cat", "dog"]
    y = [[0, 1], [-100, 2]]
    with pytest.warns(CrowdWarning, match=r"-100 \(once\).*missing_label=-100"):
        A = read(y)
    assert read(y, missing_label=None) == A
    assert read(y, classes=A.classes) == A
    assert read(y, missing_label=-100).classes.tolist() == [0, 1, 2]
    with pytest.raises(TypeError, match="one scalar"):
        read(y, missing_label=[0, 1])


# ---- -1 among labels ----

SURE = {
    "int64": np.array([[0, -1], [2, 1]]),
    "int8": np.array([[0, -1], [2, 1]], dtype=np.int8),
    "list": [[0, -1], [2, 1]],
    "nullable": pd.DataFrame([[0, -1], [2, 1]]).astype("Int64"),
    "table": pd.DataFrame([[0, -1], [2, 1]]),
    "object": np.array([[0, -1], [2, 1]], dtype=object),
}
UNSURE = {
    "float": np.array([[0.0, -1], [2, 1]]),
    "objects": np.array([[0, -1.0], [2, 1]], dtype=object),
    "float16": np.array([[0, -1], [2, 1]], dtype=np.float16),
    "None": [[0, -1], [2, 1], [None, 1]],
    "NaN": np.array([[0, -1], [2, 1], [NAN, 1]]),
    "nullable": pd.DataFrame([[0, -1], [2, 1], [pd.NA, 1]]).astype("Int64"),
    "masked": np.ma.MaskedArray([[0, -1], [2, 1], [5, 1]], [[0, 0], [0, 0], [1, 0]]),
    "negative": [[0, -1], [2, 1], [-5, 1]],
}


@pytest.mark.parametrize("y", SURE.values(), ids=SURE)
def test_minus_one_among_integers_is_missing(y):
    assert check_annotations(y).classes.tolist() == [0, 1, 2]
    assert Annotations.from_dense(y, missing_label=None).n_answers == 4
    assert check_annotations(y, classes=[-1, 0, 1, 2]).n_answers == 4


@pytest.mark.parametrize("y", UNSURE.values(), ids=UNSURE)
def test_minus_one_in_any_other_matrix_is_missing_with_a_warning(y):
    with pytest.warns(CrowdWarning, match=r"-1 \(once\)"):
        A = check_annotations(y)
    assert -1 not in A.labels
    assert Annotations.from_dense(y, missing_label=-1) == A
    assert check_annotations(y, classes=A.classes) == A
    label = Annotations.from_dense(y, missing_label=None)
    assert label.n_answers == A.n_answers + 1
    assert check_annotations(y, classes=label.classes) == label


@pytest.mark.parametrize("dtype", [int, float, object])
def test_minus_one_and_one_alone_are_ambiguous_in_every_dtype(dtype):
    y = np.array([[-1, 1], [1, -1]], dtype=dtype)
    with pytest.raises(ValueError, match="only the labels -1 and 1"):
        check_annotations(y)
    assert check_annotations(y, classes=[-1, 1]).n_answers == 4


@pytest.mark.parametrize("y", [[["-1", "a"]], [[True, False]], [[0, 1]], [[0, -2]]])
def test_text_booleans_and_other_numbers_are_no_signs(y):
    assert check_annotations(y).n_answers == 2


# ---- signs that are read as they stand ----


@pytest.mark.parametrize("sign", [-1, -100])
@pytest.mark.parametrize("dtype", [int, float, object])
@pytest.mark.parametrize("seen", [[0, 1], [1, 5], [0.5, 0.25]])
def test_a_sign_among_ratings_is_a_rating_with_a_warning(sign, dtype, seen):
    y = np.array([[sign, seen[0]], [seen[1], seen[0]]])
    y = y if dtype is int else y.astype(dtype)
    forms = [y, y.tolist(), pd.DataFrame(y), coo_array(y.astype(float))]
    for form in forms:
        with pytest.warns(CrowdWarning, match=rf"{sign}.*read as a rating"):
            A = check_annotations(form, kind="numbers")
        assert sign in A.labels
    given = {"kind": "numbers", "missing_label": None}
    assert sign in Annotations.from_dense(y, **given).labels
    assert sign in Annotations.from_sparse(forms[-1], **given).labels
    given["missing_label"] = sign
    assert sign not in Annotations.from_dense(y, **given).labels
    assert sign not in Annotations.from_sparse(forms[-1], **given).labels


def test_a_sign_among_decimals_is_a_rating_with_a_warning():
    with pytest.warns(CrowdWarning, match="-1 .once. beside 2.5"):
        check_annotations([[Decimal(-1), Decimal("2.5")]], kind="numbers")


@pytest.mark.parametrize("y", [[[-1, -2, 3]], [[-1, -0.5, 1]], [[-99, 1, 2]]])
def test_ratings_that_go_below_zero_are_no_signs(y):
    assert check_annotations(y, kind="numbers").n_answers == 3


@pytest.mark.parametrize("y", [[[-100, 0], [1, 1]], [[-100, -1], [0, 1]]])
def test_the_ignore_index_of_torch_is_a_label_with_a_warning(y):
    with pytest.warns(CrowdWarning, match="-100 .once. beside 0 to 1"):
        assert -100 in check_annotations(y).classes
    with pytest.warns(CrowdWarning, match="tag"):
        SequenceAnnotations.from_cells([[row] for row in y])
    with pytest.warns(CrowdWarning, match="label"):
        from_long(y)


def test_minus_one_in_a_long_table_is_a_label_with_a_warning():
    with pytest.warns(CrowdWarning, match=r"-1 \(once\) beside 0 to 2"):
        A = from_long([-1, 0, 2])
    assert A.classes.tolist() == [-1, 0, 2]
    assert from_long([-1, 0, 2], missing_label=None) == A
    assert from_long([-1, 0, 2], classes=[-1, 0, 2]) == A
    assert from_long([-1, 0, 2], missing_label=-1).n_answers == 2
    assert from_long([-1, 1, 1]).n_answers == 3  # two labels
    assert from_long([-1, -2, 1]).n_answers == 3
    with pytest.warns(CrowdWarning, match="rating"):
        from_long([-1.0, 3.5], kind="numbers")
    from_long([-1.0, 3.5], kind="numbers", missing_label=None)


# ---- text ----

TEXTS = ["nan", "NaN", "<NA>", "NaT", "None", "none", "N/A", "NA", "null", "#N/A", " "]


@pytest.mark.parametrize("text", [*TEXTS, "\t", " nan "])
def test_text_that_looks_missing_is_a_label_with_a_warning(text):
    y = np.array([["cat", text], ["dog", "cat"]])
    with pytest.warns(CrowdWarning) as caught:
        A = check_annotations(y)
    assert f"{text!r} (once)" in str(caught[0].message)
    assert A.n_answers == 4
    assert check_annotations(y, classes=A.classes) == A
    assert Annotations.from_dense(y, missing_label=None) == A
    assert Annotations.from_dense(y, missing_label=text).n_answers == 3
    with pytest.warns(CrowdWarning, match="text"):
        from_long(y)
    with pytest.warns(CrowdWarning, match="tag"):
        SequenceAnnotations.from_cells([[row] for row in y.tolist()])
    with pytest.warns(CrowdWarning, match="tag"):
        SequenceAnnotations.from_gold(y.tolist())
    SequenceAnnotations.from_gold(y.tolist(), classes=A.classes)
    with pytest.warns(CrowdWarning, match="gold"):
        known_values(y[:, 1], 2, np.array(["cat"]))
    known_values(y[:, 1], 2, A.classes)


def test_all_texts_are_named_and_counted():
    y = [["NA", "nan"], ["NA", "a"]]
    with pytest.warns(CrowdWarning, match=r"'NA' \(2 times\), 'nan' \(once\)"):
        check_annotations(y)
    with pytest.warns(CrowdWarning, match=r"'NA' \(2 times\), 'nan' \(once\)"):
        SequenceAnnotations.from_cells([[row] for row in y])


@pytest.mark.parametrize("text", ["unknown", "?", "nancy", "banana", "0", "-"])
def test_other_text_is_a_label(text):
    assert check_annotations([["cat", text]]).n_answers == 2


@pytest.mark.parametrize("missing", [NAN, None, pd.NA, pd.NaT, np.float32("nan"), ""])
def test_what_is_missing_natively_is_so_among_strings(missing):
    assert check_annotations([["a", missing], ["b", "a"]]).n_answers == 3
    assert from_long(["a", missing, "b"]).n_answers == 2
    rows, _ = known_values(["a", missing, "b"], 3, np.array(["a", "b"]))
    assert rows.tolist() == [0, 2]
    tags = SequenceAnnotations.from_cells([[["a", missing, "b"]]])
    assert tags.tokens.n_answers == 2
    for y in (["a", missing, "b"], ("a", missing, missing)):
        with pytest.raises(ValueError, match=r"missing value.*at row 1"):
            read_truth(y)


# ---- the truth ----


def test_strings_are_no_true_numbers():
    y = np.array(["1", "2"], dtype=object)
    with pytest.raises(ValueError, match="string '1' at row 0, but numbers"):
        read_truth(y, "numbers")
    assert read_truth(y).tolist() == ["1", "2"]


def test_a_masked_truth_is_missing():
    with pytest.raises(ValueError, match=r"row 1, 2 \(2 in all\)"):
        read_truth(np.ma.MaskedArray([1, 2, 3], [False, True, True]))


@pytest.mark.parametrize(
    ("values", "kind", "message"),
    [
        ([-1, 0, 1, 1], "labels", "y is 1-D and holds -1 .once. beside 0 to 1"),
        ([-1.0, 1, 2], "labels", "classes that hold it"),
        ([-100, 0, 1], "labels", "-100"),
        ([-1, 3, 4], "numbers", "read as a number"),
        (["a", "nan"], "labels", "'nan'"),
    ],
)
def test_signs_in_a_truth_are_values_with_a_warning(values, kind, message):
    values = np.array(values)
    with pytest.warns(CrowdWarning, match=message):
        warn_of_truth(values, kind)
    if kind == "labels":
        warn_of_truth(values, kind, classes=np.unique(values))
        warn_of_truth(values, kind, known=np.unique(values))


@pytest.mark.parametrize("values", [[-1, 1, -1], [-1, 0, 0], [-2, -1, 0], [0, 1]])
def test_two_labels_and_other_negative_ones_are_no_signs(values):
    warn_of_truth(np.array(values), "labels")


# ---- gold ----


@pytest.mark.parametrize("dtype", [int, float, object])
def test_minus_one_in_gold_is_missing_unless_it_is_a_class(dtype):
    gold = np.array([-1, 1, 0], dtype=dtype)
    assert known_values(gold, 3, np.array([0, 1]))[0].tolist() == [1, 2]
    assert known_values(gold, 3, np.array([-1, 0, 1]))[0].tolist() == [0, 1, 2]
    with pytest.warns(CrowdWarning, match="other negative"):
        assert known_values(gold, 3, np.array([-2, 0, 1]))[0].tolist() == [1, 2]


@pytest.mark.parametrize("gold", [[-1, 3.5, 2], [-1, -1, -1], [-1, None, 4]])
def test_minus_one_in_gold_of_ratings_is_a_rating_with_a_warning(gold):
    with pytest.warns(CrowdWarning, match="gold holds -1.*replace it by NaN"):
        rows, _ = known_values(gold, 3, np.array([1.0, 5.0]), kind="numbers")
    assert rows[0] == 0
    known_values(gold, 3, np.array([-1.0, 5.0]), kind="numbers")


# ---- a column ----


@pytest.mark.parametrize("dtype", [int, float, object])
def test_a_column_is_complete_where_minus_one_is_no_sign(dtype):
    def column(*values):
        return np.array(values, dtype=dtype)[:, None]

    assert not is_complete(column(0, 1, -1), "labels")
    assert is_complete(column(0, 1, -1), "numbers")
    assert is_complete(column(1, -1), "labels")
    assert is_complete(column(0, 1), "labels")


# ---- once, and where ----


def test_a_warning_points_at_the_caller():
    with pytest.warns(CrowdWarning) as caught:
        check_annotations([["nan", "a"]])
    assert [w.filename for w in caught] == [__file__]


def test_each_call_warns_again():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            check_annotations([["nan", "a"]])
    assert len(caught) == 3
