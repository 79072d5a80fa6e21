import numpy as np
import pytest
from scipy import sparse

from skcrowd.annotations import Annotations
from skcrowd.exceptions import CrowdWarning

DENSE = np.array([[3, -1, 1], [-1, -1, 2], [1, 1, -1]])
ROWS, COLUMNS = np.nonzero(DENSE >= 0)
TRIPLES = (DENSE[ROWS, COLUMNS], (ROWS, COLUMNS))


@pytest.mark.parametrize("form", ["coo", "csr", "csc", "dia"])
@pytest.mark.parametrize("make", [sparse.coo_array, sparse.coo_matrix])
def test_any_format(form, make):
    y = make(TRIPLES, shape=DENSE.shape).asformat(form)
    if form == "dia":
        y = make(np.diag([1, 2, 3])).asformat(form)
        assert Annotations.from_sparse(y).labels.tolist() == [1, 2, 3]
    else:
        assert Annotations.from_sparse(y) == Annotations.from_dense(DENSE)


@pytest.mark.parametrize("form", ["lil", "dok"])
@pytest.mark.parametrize("make", [sparse.coo_array, sparse.coo_matrix])
def test_formats_that_cannot_hold_a_zero_are_refused(form, make):
    y = make(TRIPLES, shape=DENSE.shape).asformat(form)
    with pytest.raises(ValueError, match=rf"{form.upper()} format.*answers 0"):
        Annotations.from_sparse(y)
    with pytest.raises(ValueError, match="are lost"):
        Annotations.from_sparse(y.astype(float), kind="numbers")
    known = Annotations.from_sparse(y, classes=[1, 2, 3])
    assert known == Annotations.from_dense(DENSE)
    negative = Annotations.from_sparse(-y, classes=[-3, -2, -1])
    assert negative.labels.tolist() == (-known.labels).tolist()


def test_stored_answers_that_are_all_one_label_warn():
    binary = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
    with pytest.warns(CrowdWarning, match="answers 0 have probably been dropped"):
        Annotations.from_sparse(sparse.csr_array(binary))
    with pytest.warns(CrowdWarning, match="answers 0 have probably been dropped"):
        Annotations.from_sparse(sparse.csr_array(binary * 4.0), kind="numbers")
    full = sparse.coo_array((binary.ravel(), np.indices((3, 3)).reshape(2, 9)))
    assert Annotations.from_sparse(full).n_answers == 9
    assert Annotations.from_sparse(sparse.csr_array(binary), classes=[1]).n_answers == 5


@pytest.mark.parametrize("form", ["coo", "csr", "csc"])
def test_explicit_zeros_are_answers(form):
    y = sparse.coo_array(([0, 1], ([0, 1], [0, 1])), shape=(2, 2)).asformat(form)
    assert Annotations.from_sparse(y).labels.tolist() == [0, 1]
    numbers = Annotations.from_sparse(y.astype(float), kind="numbers")
    assert numbers.labels.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("form", ["bsr", "dia"])
def test_padded_zeros_are_refused(form):
    y = sparse.coo_array(([0, 1, 2], ([0, 1, 2], [0, 1, 2])), shape=(3, 3))
    with pytest.raises(ValueError, match="answers or padding"):
        Annotations.from_sparse(y.asformat(form))


def test_explicit_nan_is_missing():
    y = sparse.coo_array(([np.nan, 2.0], ([0, 1], [0, 1])), shape=(2, 2))
    assert Annotations.from_sparse(y).labels.tolist() == [2]


def test_bool_entries():
    y = sparse.coo_array(([False, True], ([0, 1], [0, 1])), shape=(2, 2))
    assert Annotations.from_sparse(y).classes.tolist() == [False, True]


def test_duplicates_are_an_error():
    y = sparse.coo_array(([1, 2, 1], ([0, 0, 1], [1, 1, 0])), shape=(2, 2))
    with pytest.raises(ValueError, match=r"row 0, annotator 'b' \(1 duplicate"):
        Annotations.from_sparse(y, annotator_names=["a", "b"])


def test_minus_one_is_the_sign_of_a_converted_matrix():
    y = sparse.csr_array(np.array([[0, -1], [1, -1]]))
    with pytest.raises(ValueError, match=r"row 0, column 1.*missing_label=None"):
        Annotations.from_sparse(y)
    with pytest.warns(CrowdWarning, match="read as a rating"):
        numbers = Annotations.from_sparse(y.astype(float), kind="numbers")
    assert numbers.labels.tolist() == [-1, 1, -1]
    assert Annotations.from_sparse(y, missing_label=-1).labels.tolist() == [1]


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (sparse.csr_array((2, 3)), "no answer at all"),
        (sparse.coo_array((0, 3)), "at least one row"),
        (sparse.coo_array(np.array([1, 2])), r"got shape \(2,\)"),
        (sparse.coo_array([[0.5]]), "continuous"),
        (sparse.coo_array([[np.inf]]), "infinity"),
        (sparse.coo_array([[1j]]), "Complex"),
    ],
)
def test_bad_values_and_shapes(y, message):
    with pytest.raises(ValueError, match=message):
        Annotations.from_sparse(y)


def test_dense_is_sent_to_its_reader():
    with pytest.raises(TypeError, match="from_dense"):
        Annotations.from_sparse([[1]])


def test_input_is_not_changed():
    y = sparse.csr_array(
        (np.array([1, 2]), np.array([1, 0]), np.array([0, 2])), shape=(1, 2)
    )
    assert Annotations.from_sparse(y).labels.tolist() == [2, 1]
    assert y.indices.tolist() == [1, 0]
    assert y.data.flags.writeable
    y.data[0] = 5


def test_never_a_dense_array():
    y = sparse.coo_array(([0, 1], ([0, 10**6 - 1], [10**5 - 1, 0])), (10**6, 10**5))
    assert Annotations.from_sparse(y).n_answers == 2
