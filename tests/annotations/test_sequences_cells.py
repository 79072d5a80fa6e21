import sys

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.exceptions import CrowdWarning

read = SequenceAnnotations.from_cells
WORDS = [[["O", "B"], None], [["I"], ["O"]], [None, ["B", "I", "O"]]]
NUMBERS = [[[0, 1], None], [[2], [0]], [None, [1, 2, 0]]]


def matrix(cells, convert=list, missing=None):
    """Write cells as an object matrix, converted one by one."""
    array = np.empty((len(cells), len(cells[0])), dtype=object)
    for place in np.ndindex(array.shape):
        tags = cells[place[0]][place[1]]
        array[place] = missing if tags is None else convert(tags)
    return array


FORMS = {
    "matrix": matrix,
    "lists of tuples": lambda c: matrix(c, tuple).tolist(),
    "tuples": lambda c: tuple(tuple(row) for row in c),
    "rows of arrays": lambda c: list(matrix(c, np.array)),
    "arrays": lambda c: matrix(c, np.array),
    "object arrays": lambda c: matrix(c, lambda tags: np.array(tags, dtype=object)),
    "series": lambda c: matrix(c, pd.Series),
    "nullable": lambda c: matrix(c, lambda tags: pd.array(tags)),
    "categorical": lambda c: matrix(c, pd.Categorical),
    "NaN": lambda c: matrix(c, missing=np.nan),
    "NA": lambda c: matrix(c, missing=pd.NA),
    "empty string": lambda c: matrix(c, missing=""),
    "empty list": lambda c: matrix(c, missing=[]),
    "empty arrays": lambda c: matrix(c, np.array, np.array([])),
    "frame": lambda c: pd.DataFrame(matrix(c)),
    "series of rows": lambda c: pd.Series(list(c)),
    "masked": lambda c: np.ma.MaskedArray(
        matrix(c, missing=["z"]), [[tags is None for tags in row] for row in c]
    ),
}


@pytest.mark.parametrize("cells", [WORDS, NUMBERS], ids=["words", "numbers"])
@pytest.mark.parametrize("form", FORMS)
def test_all_forms_are_equal(form, cells):
    expected = read(cells)
    assert expected.lengths.tolist() == [2, 1, 3]
    flat = [[v for row in cells for v in (row[0] or [None] * len(row[1]))]]
    flat += [[v for row in cells for v in (row[1] or [None] * len(row[0]))]]
    assert expected.tokens == Annotations.from_dense(np.array(flat, dtype=object).T)
    given = FORMS[form](cells)
    assert read(given) == read(given, [2, 1, 3]) == expected


@pytest.mark.parametrize(
    "convert",
    [
        np.array,
        lambda tags: np.array(tags, dtype=np.int8),
        lambda tags: np.array(tags, dtype=np.uint64),
        lambda tags: np.array(tags, dtype=np.float32),
        lambda tags: [np.int32(tag) for tag in tags],
        lambda tags: [float(tag) for tag in tags],
        lambda tags: tags if len(tags) > 1 else np.array(tags, dtype=float),
        range,
    ],
)
def test_integers_of_any_type(convert):
    cells = [[[0, 1], None], [[0], [0]], [None, [0, 1, 2]]]
    given = matrix(
        cells, (lambda tags: range(len(tags))) if convert is range else convert
    )
    assert read(given) == read(cells)


@pytest.mark.parametrize("tags", [[[0, 1]], [["O", "B"]], [[True, False]]])
@pytest.mark.parametrize("n_sequences", [1, 3])
@pytest.mark.parametrize("dtype", [None, object])
def test_cells_of_one_length_that_numpy_joined(tags, n_sequences, dtype):
    cells = [tags * 2] * n_sequences
    joined = np.array(cells, dtype=dtype)
    assert joined.shape == (n_sequences, 2, 2)
    assert read(joined) == read(cells)
    assert read(joined).shape == (n_sequences, 2)
    assert read(list(joined)) == read(cells)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (["a", None], ["a", ""]),
        (["a", np.nan], ["a", ""]),
        (["a", ""], ["a", ""]),
        (np.array(["a", ""]), ["a", ""]),
        (["a", pd.NA], ["a", ""]),
        ([3, -1], [3, -1]),
        ([3, None], [3, -1]),
        (np.array([3, np.nan]), [3, -1]),
        (pd.array([3, None]), [3, -1]),
        (np.ma.MaskedArray([3, 4], [False, True]), [3, -1]),
    ],
)
def test_single_tags_may_be_missing(tags, expected):
    assert read([[tags]]).to_flat().ravel().tolist() == expected


def test_minus_one_is_read_as_in_a_dense_matrix():
    assert read([[[0, -1, 2]]]).tokens.n_answers == 2
    assert read([[[0, -1, 2]]], classes=[-1, 0, 2]).tokens.n_answers == 3
    assert read([[[0, -1, 2]]], missing_label=None).tokens.n_answers == 3
    assert read([[[0, -1, 2]]], missing_label=2).classes.tolist() == [-1, 0]
    assert read([[["x", "y"]]], missing_label="x").classes.tolist() == ["y"]
    with pytest.warns(CrowdWarning, match="beside NaN, None"):
        assert read([[[0, -1, None]]]).classes.tolist() == [0]
    with pytest.warns(CrowdWarning, match="-1 was read as missing"):
        assert read([[[0.0, -1.0]]]).classes.tolist() == [0]
    with pytest.raises(ValueError, match="only the tags -1 and 1"):
        read([[[1, -1]]])
    assert read([[[1, -1]]], missing_label=-1).tokens.n_answers == 1
    with pytest.raises(TypeError, match="one scalar"):
        read([[[1]]], missing_label=[1, 2])


def test_lengths_of_sequences_nobody_tagged():
    cells = [[["O"], None], [None, None]]
    assert read(cells, [1, 4]).lengths.tolist() == [1, 4]
    assert read(cells, pd.Series([1, 4])).tokens.shape == (5, 2)
    with pytest.raises(ValueError, match=r"nobody tagged row 1.*pass lengths="):
        read(cells)
    with pytest.raises(ValueError, match="nobody tagged row 1"):
        read([[["O"], None], [[], ""]])


def test_wrong_lengths_name_the_place_and_both_lengths():
    frame = pd.DataFrame(matrix([[["O"], ["O"]], [["O", "B"], ["O"]]]))
    frame.columns = ["ann", "bob"]
    with pytest.raises(
        ValueError,
        match=r"1 tags at row 1, annotator 'bob', but annotator 'ann' gave .* 2 .*None",
    ):
        read(frame)
    with pytest.raises(
        ValueError, match=r"2 tags at row 1, annotator 'ann', but lengths gives 1 "
    ):
        read(frame, [1, 1])
    with pytest.raises(ValueError, match="holds 3 lengths, but y has 2 sequences"):
        read(frame, [1, 1, 1])


@pytest.mark.parametrize("lengths", [[1.0], [[1]], ["1"], 1])
def test_bad_lengths(lengths):
    with pytest.raises(ValueError, match="lengths must be a 1-D array"):
        read([[["O"]]], lengths)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([["B-PER"]], "'B-PER' at row 0, annotator 0, where a tag sequence was"),
        ([[["O"], None], [None, "O"]], "'O' at row 1, annotator 1"),
        ([["O", "B"], ["O", "I"]], "from_gold"),
        ([["O", "B"], ["O"]], "row 0 has 2 cells and row 1 has 1.*from_gold"),
        (np.array([["O", "B"]]), "'O' at row 0.*from_flat"),
        (np.array([[0, 1]]), "y holds 0 at row 0.*from_flat"),
        (pd.DataFrame({"ann": [7]}), "y holds 7 at row 0, annotator 'ann'"),
        ([[b"O"]], "b'O' at row 0"),
        ([[{"O": 1}]], "'O': 1"),
        ([[{"O"}]], "{'O'} at row 0"),
        ([[np.zeros((2, 2))]], r"shape \(2, 2\) at row 0"),
        ([[np.array(2)]], "2 at row 0"),
        (np.array([0, 1]), "row 0 of y is"),
        (["OB"], "row 0 of y is 'OB'"),
        ([None], "row 0 of y is None"),
        ([], "no sequences"),
        ("OB", "row for each sequence.*got the string 'OB'"),
        (None, "got None"),
        ({"a": 1}, "got a dict with the keys 'a'"),
        ([[]], "got shape"),
        (np.zeros((1, 1, 1, 1)), "got shape"),
        ([[None, None]], "no answer at all"),
        ([[["", None]]], "no answer at all"),
        ([[["O", 1]]], "mixes strings .* and numbers"),
        ([[["O"], [1]]], "mixes strings .* and numbers"),
        ([[np.array(["O"]), np.array([1])]], "mixes strings .* and numbers"),
        ([[[True], [1]]], "mixes booleans .* and numbers"),
        ([[[0], [1.5]]], "continuous.*1.5 at token 0 of row 0, annotator 1"),
        ([[[2**70]]], "do not fit 64 bits"),
    ],
)
def test_what_is_no_matrix_of_tag_sequences(y, message):
    with pytest.raises(ValueError, match=message):
        read(y)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([[[["O"], ["B"]]]], "of type list"),
        ([[[b"O"]]], "bytes"),
        (csr_array(np.eye(2)), "csr_array.*from_flat"),
        (Annotations.from_dense([[1]]), "Annotations.*from_flat"),
    ],
)
def test_unsupported_types(y, message):
    with pytest.raises(TypeError, match=message):
        read(y)


def test_classes_and_names():
    S = read(WORDS, classes=["O", "Z", "B", "I"], annotator_names=["x", "y"])
    assert S.classes.tolist() == ["O", "Z", "B", "I"]
    assert S.tokens.answer.tolist() == [0, 2, 3, 0, 2, 3, 0]
    assert S.annotator_names.tolist() == ["x", "y"]
    with pytest.raises(ValueError, match=r"'B' at token 1 of row 0, .* 0 .*\(2 such"):
        read(WORDS, classes=["O", "I"])
    with pytest.raises(ValueError, match=r"'O' at token 1 .* not among"):
        read([[["", "O"]], [["O"]]], classes=[0])
    with pytest.raises(ValueError, match="holds 1 names"):
        read(WORDS, annotator_names=["x"])


def test_pandas_is_not_imported(monkeypatch):
    monkeypatch.delitem(sys.modules, "pandas")
    assert read(WORDS).n_tokens == 6
    assert "pandas" not in sys.modules


# ---- flat ----


def test_flat_forms():
    dense = np.array([[0, -1], [1, 2], [-1, 0]])
    stored = csr_array(([0, 1, 2, 0], ([0, 1, 1, 2], [0, 0, 1, 1])))
    expected = read([[[0], None], [[1, -1], [2, 0]]])
    for form in (dense, dense.tolist(), pd.DataFrame(dense), stored):
        assert SequenceAnnotations.from_flat(form, [1, 2]) == expected
    tokens = Annotations.from_dense(dense)
    assert SequenceAnnotations.from_flat(tokens, [1, 2]).tokens is tokens


def test_flat_options():
    flat = SequenceAnnotations.from_flat
    dense = [[0, 9], [1, 2]]
    S = flat(dense, [2], missing_label=9, classes=[2, 1, 0], annotator_names=["a", "b"])
    assert S[0] == {"a": [0, 1], "b": [None, 2]}
    assert S.classes.tolist() == [2, 1, 0]
    stored = csr_array(np.eye(2, dtype=int))
    assert flat(stored, [2], annotator_names=["a", "b"]).annotator_names.tolist() == [
        "a",
        "b",
    ]
    assert flat(S.tokens, [1, 1], classes=range(4)).classes.tolist() == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="no answer at all"):
        flat(stored, [2], missing_label=1)
    with pytest.raises(ValueError, match="settled; leave out annotator_names='ab'"):
        flat(S.tokens, [2], annotator_names="ab")
    with pytest.raises(ValueError, match=r"adds up to 3 tokens, but .* of 2"):
        flat(dense, [3])


# ---- long ----


def test_long_ids_and_order():
    table = pd.DataFrame(
        {
            "doc": ["b", "a", "a"],
            "who": ["y", "y", "x"],
            "tags": [["O"], ["B", None], ["B", "I"]],
        }
    )
    columns = {"sequences": "doc", "annotators": "who", "tags": "tags", "data": table}
    S = SequenceAnnotations.from_long(**columns)
    assert S.sequence_names.tolist() == ["a", "b"]
    assert S[0] == {"x": ["B", "I"], "y": ["B", None]}
    assert S[::-1].sequence_names.tolist() == ["b", "a"]
    T = SequenceAnnotations.from_long(
        **columns,
        sequence_ids=["b", "c", "a"],
        annotator_ids=["y", "z", "x"],
        lengths=[1, 5, 2],
        classes=["O", "B", "I"],
    )
    assert T.shape == (3, 3)
    assert (T[0], T[1], T[2]) == ({"y": ["O"]}, {}, {"y": ["B", None], "x": ["B", "I"]})
    assert T.classes.tolist() == ["O", "B", "I"]
    with pytest.raises(ValueError, match=r"nobody tagged sequence \['c'\]"):
        SequenceAnnotations.from_long(**columns, sequence_ids=["b", "c", "a"])
    with pytest.raises(ValueError, match="'O' at token 0 of item 'b', annotator 'y'"):
        S.with_classes(["B", "I"])


def test_long_row_numbers_and_missing_rows():
    S = SequenceAnnotations.from_long([2, 0], [5, 7], [[1, 3], None], lengths=[1, 4, 2])
    assert (S.shape, S.sequence_names) == ((3, 2), None)
    assert S.pairs[0].tolist() == [2]
    assert S.annotator_names.tolist() == [5, 7]
    T = SequenceAnnotations.from_long([0], [0], [[0, 9]], missing_label=9)
    assert T[0] == {0: [0, None]}


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([0, 0], "aa", [["O"], ["O"]]), {}, "more than one .* item 0, annotator 'a'"),
        (([0, 5], "ab", [["O"], ["O"]]), {"lengths": [1]}, "values from 0 to 5"),
        ((["x"], "a", [["O"]]), {"lengths": [1]}, "got other values; .*sequence_ids"),
        (
            (["x"], "a", [["O"]]),
            {"sequence_ids": ["y"]},
            "'x' .* not among sequence_ids",
        ),
        ((["x"], "a", [["O"]]), {"annotator_ids": ["b"]}, "not among annotator_ids"),
        (([0], "ab", [["O"]]), {}, "equally long, got 1, 2 and 1"),
        (([], "", []), {}, "no rows"),
        (([None], "a", [["O"]]), {}, "sequence id in row 0 is missing"),
        ((["x"], "a", ["B-PER"]), {}, "'B-PER' at item 'x', annotator 'a'.*a list"),
        ((["x"], "a", [None]), {}, "no answer at all"),
        (("doc", "who", "tags"), {"data": {"doc": [1]}}, "'who' is no column of data"),
    ],
)
def test_long_errors(arguments, options, message):
    sequences, annotators, tags = arguments
    annotators = annotators if "data" in options else list(annotators)
    with pytest.raises(ValueError, match=message):
        SequenceAnnotations.from_long(sequences, annotators, tags, **options)


@pytest.mark.parametrize("bad", ["doc", 3, pd.DataFrame({"a": [1]})])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_long_columns_are_named_with_data_only(place, bad):
    columns = [["x"], ["a"], [["O"]]]
    columns[place] = bad
    with pytest.raises(TypeError, match=r"write SequenceAnnotations\.from_long"):
        SequenceAnnotations.from_long(*columns)


# ---- gold ----


@pytest.mark.parametrize(
    "y",
    [
        [[1, 0], [2]],
        ([1, 0], np.array([2])),
        pd.Series([[1, 0], [2]]),
        matrix([[[1, 0], [2]]])[0],
    ],
)
def test_gold_is_one_annotator(y):
    gold = SequenceAnnotations.from_gold(y)
    assert gold == read([[[1, 0]], [[2]]])
    assert gold.tokens.n_answers == gold.n_tokens == 3


def test_gold_of_equal_lengths_and_minus_one():
    gold = SequenceAnnotations.from_gold(np.array([[-1, 1], [1, 1]]), [2, 2])
    assert gold.classes.tolist() == [-1, 1]
    assert gold.lengths.tolist() == [2, 2]
    assert SequenceAnnotations.from_gold([["O"]], classes=["B", "O"]).classes.size == 2


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["O", "B"], "'O' at row 0.*from_cells"),
        ([["O"], None], "gold tags of row 1 are missing"),
        ([["O"], []], "gold tags of row 1 are missing"),
        ([["O"], ["O", None]], "gold tag is missing at token 1 of row 1"),
        ([["O"], ["O", ""]], "gold tag is missing at token 1 of row 1"),
        ("OB", "row for each sequence"),
        ([], "no sequences"),
    ],
)
def test_gold_errors(y, message):
    with pytest.raises(ValueError, match=message):
        SequenceAnnotations.from_gold(y)


def test_gold_lengths_are_checked():
    with pytest.raises(ValueError, match=r"2 tags at row 0, .* lengths gives 3"):
        SequenceAnnotations.from_gold([["O", "B"]], [3])
