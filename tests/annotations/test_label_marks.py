"""Labels that are probably marks of missing answers: 99, -9, "?"."""

import warnings

import numpy as np
import pytest

from skcrowd import CrowdClassifier
from skcrowd.annotations import Annotations
from skcrowd.exceptions import CrowdWarning
from skcrowd.io import read_table

ANSWERS = np.array([[0, 1, 2], [1, 1, 0], [2, 0, 0]])
IS_MISSING = np.eye(3, dtype=bool)


@pytest.mark.parametrize("mark", [99, 999, -9, -99, -999])
@pytest.mark.parametrize("dtype", [np.int64, np.float64, object])
def test_numbers_far_from_the_others(mark, dtype):
    y = np.where(IS_MISSING, mark, ANSWERS).astype(dtype)
    said = rf"y holds {mark} \(3 times\) beside 0(\.0)? to 2"
    with pytest.warns(CrowdWarning, match=said):
        A = Annotations.from_dense(y)
    assert mark in A.classes
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Annotations.from_dense(y, missing_label=mark).n_answers == 6
        assert Annotations.from_dense(y, classes=[0, 1, 2, mark]).n_answers == 9
        assert Annotations.from_dense(y, unsure=mark).n_answers == 6


@pytest.mark.parametrize("mark", ["?", "-", "--", ".", " ? ", "\u2013"])
def test_a_sign_beside_numbers(mark):
    for labels in (np.array(["1", "1.5", "-2"]), np.array(["0", "1", "2"])):
        y = np.where(IS_MISSING, mark, labels[ANSWERS])
        with pytest.warns(CrowdWarning, match="often stands for a missing answer"):
            Annotations.from_dense(y)


@pytest.mark.parametrize("mark", ["-1", "-9", "-99", "99", "999"])
def test_numbers_that_are_texts(mark):
    y = np.where(IS_MISSING, mark, ANSWERS.astype(str))
    with pytest.warns(CrowdWarning, match=rf"the text '{mark}' \(3 times\)"):
        Annotations.from_dense(y)


def test_where_they_are_read(tmp_path):
    y = np.where(IS_MISSING, 99, ANSWERS)
    with pytest.warns(CrowdWarning, match="99"):
        Annotations.from_long([0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 99, 1])
    path = tmp_path / "answers.csv"
    path.write_text("item,annotator,label\n1,a,4\n1,b,?\n2,a,5\n2,b,5\n")
    with pytest.warns(CrowdWarning, match=r"the text '\?' \(once\)"):
        read_table(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_table(path, unsure="?")
    classifier = CrowdClassifier(method="majority_vote", max_epochs=1, random_state=0)
    with pytest.warns(CrowdWarning, match="99") as found:
        classifier.fit(ANSWERS, y)
    assert sum("99" in str(one.message) for one in found) == 1


@pytest.mark.parametrize(
    "labels",
    [
        [0, 1, 9],
        [10, 50, 99],
        [97, 98, 99],
        [0, 99],
        [-9, -8, 1],
        [-9, 0],
        [-9, 0, 9],
        ["-1", "0", "1"],
        ["+", "-", "0"],
        ["-", "?", "yes", "no"],
        ["-", "cat", "dog"],
        ["?", "a", "1"],
        ["?", "!"],
        ["-1", "0.5", "x"],
        ["10", "20", "99"],
        ["A-", "A", "B+"],
    ],
)
def test_labels_that_are_like_the_others(labels):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Annotations.from_dense([labels, labels[::-1]])
