"""``Form``: depth, width and kind of a ``y`` that is read already."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.annotations._form import Form, is_nested, rows_of

MATRIX = np.array([[0, 1], [1, -1], [1, 1]])
TAGS = [["O"], ["B", "I"]]
CELLS = [[["O"], None], [["B", "I"], ["B", "O"]]]


def object_rows(rows):
    """Return a 1-D array whose entries are the rows."""
    array = np.empty(len(rows), dtype=object)
    array[:] = rows
    return array


@pytest.mark.parametrize(
    ("y", "depth", "width", "is_matrix"),
    [
        (np.arange(3), 1, None, False),
        (["a", "b"], 1, None, False),
        (MATRIX, 2, 2, True),
        (MATRIX.tolist(), 2, 2, True),
        (object_rows(MATRIX.tolist()), 2, 2, False),
        (TAGS, 2, None, False),
        (CELLS, 3, 2, False),
        ([[None, None], [None, None]], 2, 2, True),
    ],
)
def test_depth_and_width_decide(y, depth, width, is_matrix):
    form = Form(y)
    assert (form.depth, form.width, form.is_matrix) == (depth, width, is_matrix)
    assert not form.is_container


@pytest.mark.parametrize(
    ("y", "is_matrix"),
    [
        (Annotations.from_dense(MATRIX), True),
        (csr_array(MATRIX + 1), True),
        (SequenceAnnotations.from_cells(CELLS), False),
    ],
)
def test_containers_hold_answers(y, is_matrix):
    assert Form(y).is_container
    assert Form(y).is_matrix == is_matrix


def test_a_row_for_each_token():
    flat = np.array([["O", "O"], ["B", "B"], ["I", "O"]])
    assert Form(flat).is_flat(np.array([1, 2]))
    assert not Form(flat).is_flat(np.array([1, 1]))
    assert not Form(TAGS).is_flat(np.array([1, 1]))


@pytest.mark.parametrize("column_is_truth", [False, True])
def test_a_column_of_single_tokens_has_two_readings(column_is_truth):
    column = np.array([["O"], ["B"]])
    found = Form(column).is_flat(np.array([1, 1]), column_is_truth=column_is_truth)
    assert found == (not column_is_truth)


def test_strings_are_values():
    assert not is_nested("word")
    assert not is_nested(np.float64(1))
    assert is_nested(["word"])
    assert rows_of(np.arange(2)) == [0, 1]
