import sys

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from skcrowd.annotations import Annotations, check_annotations

Y = np.array([[0, -1], [2, 1]])


@pytest.mark.parametrize(
    "form",
    [Y, Y.tolist(), pd.DataFrame(Y), csr_array(([0, 2, 1], ([0, 1, 1], [0, 0, 1])))],
)
def test_every_form_passes_the_door(form):
    assert check_annotations(form) == Annotations.from_dense(Y)
    A = check_annotations(form, classes=[2, 1, 0])
    assert A.answer.tolist() == [2, 0, 1]


def test_annotations_pass_through():
    A = Annotations.from_dense(Y)
    assert check_annotations(A) is A
    assert check_annotations(A, classes=[0, 1, 2]) is A
    assert check_annotations(A, classes=[2, 1, 0, 5]).answer.tolist() == [2, 0, 1]
    with pytest.raises(ValueError, match="label 2 at row 1, annotator 0"):
        check_annotations(A, classes=[0, 1])


def test_kind_must_fit():
    with pytest.raises(ValueError, match="kind='numbers'"):
        check_annotations(Annotations.from_dense(Y), kind="numbers")
    numbers = Annotations.from_dense(Y, kind="numbers", missing_label=None)
    assert check_annotations(numbers, kind="numbers") is numbers
    with pytest.raises(ValueError, match="kind='labels'"):
        check_annotations(numbers)
    with pytest.raises(ValueError, match="no classes"):
        check_annotations(numbers, kind="numbers", classes=[0])
    with pytest.raises(ValueError, match="kind must be"):
        check_annotations(numbers, kind="n")


@pytest.mark.parametrize("y", [[0, 1], pd.Series([0, 1]), "ab", None])
def test_what_is_not_a_matrix(y):
    with pytest.raises(ValueError, match="must be a matrix"):
        check_annotations(y)


def test_pandas_is_not_imported(monkeypatch):
    monkeypatch.delitem(sys.modules, "pandas")
    assert check_annotations([[1, None], ["", 2]]).n_answers == 2
    assert "pandas" not in sys.modules
