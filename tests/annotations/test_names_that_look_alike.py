"""Names in tables and matrices that are probably meant to be one."""

import warnings

import numpy as np
import pandas as pd
import pytest

from skcrowd import CrowdClassifier
from skcrowd.annotations import Annotations, check_annotations
from skcrowd.exceptions import CrowdWarning


def long(rows, **options):
    return Annotations.from_long(*zip(*rows, strict=True), **options)


ALIKE = [("cat", "cat "), ("a cat", "a  cat"), ("cat", "Cat"), ("1", "1.0")]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_labels(one, other):
    y = [[one, other, "zebra"], [one, "zebra", "zebra"]]
    with pytest.warns(CrowdWarning, match="labels differ only in spaces"):
        A = Annotations.from_dense(y)
    assert {one, other, "zebra"} == set(A.classes)
    rows = [(i, r, label) for i, row in enumerate(y) for r, label in enumerate(row)]
    with pytest.warns(CrowdWarning, match="labels differ only in spaces"):
        assert set(long(rows).classes) == set(A.classes)
    classes = [one, other, "zebra"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Annotations.from_dense(y, classes=classes)
        long(rows, classes=classes)


def test_annotators_and_items():
    rows = [("a", "ann", 1), ("a ", "Ann", 0), ("b", "bob", 1)]
    with pytest.warns(CrowdWarning) as found:
        long(rows)
    said = " ".join(str(one.message) for one in found)
    assert "annotators differ only" in said
    assert "'Ann' and 'ann'" in said
    assert "items differ only" in said
    assert len(found) == 2
    given = {"item_ids": ["a", "a ", "b"], "annotator_ids": ["ann", "Ann", "bob"]}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        long(rows, **given)
        long(
            [(k, who, label) for k, (_, who, label) in enumerate(rows)],
            annotator_ids=given["annotator_ids"],
            n_items=3,
        )
    frame = pd.DataFrame([[1, 0], [0, 0]], index=["a", "b"], columns=["ann", "ann "])
    with pytest.warns(CrowdWarning, match="annotators differ only"):
        check_annotations(frame)
    frame = pd.DataFrame([[1, 0], [0, 0]], index=["a", "a "], columns=["ann", "bo"])
    with pytest.warns(CrowdWarning, match="items differ only"):
        check_annotations(frame)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Annotations.from_dense([[1, 0], [0, 0]], annotator_names=["ann", "Ann"])


def test_names_that_differ():
    rows = [
        ("a1", "x", "cat"),
        ("A1", "y", "cats"),
        ("a2", "x", "01"),
        ("a2", "y", "1"),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert long(rows).shape == (3, 2)
        Annotations.from_dense([[1.0, 2.5], [3.0, 1.5]], kind="numbers")


def test_a_fit_warns_once():
    y = np.array([["cat", "Cat"], ["dog", "dog"], ["cat", "cat"]] * 4)
    X = np.arange(12.0)[:, None]
    clf = CrowdClassifier(method="majority_vote", max_epochs=1, random_state=0)
    with pytest.warns(CrowdWarning) as found:
        clf.fit(X, y)
    assert sum("labels differ only" in str(one.message) for one in found) == 1
