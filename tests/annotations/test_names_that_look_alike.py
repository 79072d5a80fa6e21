"""Names in tables and matrices that are probably meant to be one."""

import warnings

import numpy as np
import pandas as pd
import pytest

from skcrowd import CrowdClassifier, CrowdMultilabelClassifier, CrowdSequenceTagger
from skcrowd.annotations import (
    Annotations,
    MultilabelAnnotations,
    SequenceAnnotations,
    check_annotations,
)
from skcrowd.annotations._look_alikes import warn_of_look_alikes
from skcrowd.exceptions import CrowdWarning


def long(rows, **options):
    return Annotations.from_long(*zip(*rows, strict=True), **options)


LABELS_DIFFER = (
    "labels differ only in spaces, case, Unicode form or the way a number is written: "
)
ALIKE = [
    *(("cat", "cat "), ("a cat", "a  cat"), ("cat", "Cat")),
    *(("1", "1.0"), ("TRUE", "1"), ("false", "0.0"), ("-0", "0"), ("-1", "\u22121")),
    *(("cat", "cat\u200b"), ("2", "\u0662"), ("2", "\uff12"), ("don't", "don\u2019t")),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_labels(one, other):
    y = [[one, other, "zebra"], [one, "zebra", "zebra"]]
    with pytest.warns(CrowdWarning, match=LABELS_DIFFER):
        A = Annotations.from_dense(y)
    assert {one, other, "zebra"} == set(A.classes)
    rows = [(i, r, label) for i, row in enumerate(y) for r, label in enumerate(row)]
    with pytest.warns(CrowdWarning, match=LABELS_DIFFER):
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
    advised = ["merge_annotators" in str(one.message) for one in found]
    assert sorted(advised) == [False, True]
    given = {"item_ids": ["a", "a ", "b"], "annotator_ids": ["ann", "Ann", "bob"]}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        long(rows, **given)
        long(
            [(k, annotator, label) for k, (_, annotator, label) in enumerate(rows)],
            annotator_ids=given["annotator_ids"],
            n_items=3,
        )
    frame = pd.DataFrame([[1, 0], [0, 0]], index=["a", "b"], columns=["ann", "ann "])
    with pytest.warns(
        CrowdWarning,
        match="annotators differ only in spaces, case, Unicode form or zeros ",
    ):
        check_annotations(frame)
    frame = pd.DataFrame([[1, 0], [0, 0]], index=["a", "a "], columns=["ann", "bo"])
    with pytest.warns(
        CrowdWarning, match="items differ only in spaces, Unicode form or zeros as "
    ):
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


NAMED = {"index": ["a", "a "], "columns": ["ann", "Ann"]}


def of_cells(container, cells, **options):
    return container.from_cells(pd.DataFrame(cells, **NAMED), **options)


def of_rows(container, cells, **options):
    values = [cells[0][0], cells[0][1], cells[1][0]]
    if container is MultilabelAnnotations:
        values = [label for [label] in values]
    return container.from_long(
        ["a", "a", "a "], ["ann", "Ann", "ann"], values, **options
    )


CONTAINERS = [
    (MultilabelAnnotations, [[["cat"], ["Cat"]], [["cat"], None]], ["cat", "Cat"]),
    (SequenceAnnotations, [[["B", "O"], ["b", "O"]], [["B"], None]], ["B", "b", "O"]),
]


@pytest.mark.parametrize(("container", "cells", "classes"), CONTAINERS)
@pytest.mark.parametrize("read", [of_cells, of_rows])
def test_names_in_containers_of_sets_and_sequences(container, cells, classes, read):
    with pytest.warns(CrowdWarning) as found:
        A = read(container, cells)
    said = sorted(str(one.message).partition(" differ")[0] for one in found)
    assert said == ["annotators", "items", "labels"]
    assert set(A.classes) == set(classes)
    given = {"classes": classes}
    if read is of_cells:
        given["annotator_names"] = ["ann", "Ann"]
        kept = ["items"]
    else:
        ids = "item_ids" if container is MultilabelAnnotations else "sequence_ids"
        given |= {"annotator_ids": ["ann", "Ann"], ids: ["a", "a "]}
        kept = []
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        read(container, cells, **given)
    assert [str(one.message).partition(" differ")[0] for one in found] == kept


def test_flat_tags_spans_and_true_tags():
    readers = [
        lambda: SequenceAnnotations.from_flat([["B", "b"], ["O", "O"]], [2]),
        lambda: SequenceAnnotations.from_gold([["B", "b", "O"]]),
        lambda: SequenceAnnotations.from_spans(
            ["ann bob"], [{"x": [(0, 3, "PER"), (4, 7, "per")]}]
        ),
    ]
    for read in readers:
        with pytest.warns(CrowdWarning, match="labels differ only") as found:
            read()
        assert len(found) == 1
    with pytest.warns(CrowdWarning, match="annotators differ only") as found:
        SequenceAnnotations.from_spans(
            ["ann bob"], [{"x": [(0, 3, "PER")], "X": [(4, 7, "PER")]}]
        )
    assert len(found) == 1


def test_a_fit_of_sets_or_sequences_warns_once():
    quick = {"max_epochs": 1, "random_state": 0}
    sets = [[{"cat"}, {"Cat"}], [{"dog"}, {"dog"}], [{"cat"}, {"cat"}]] * 4
    tags = [[["B", "O"], ["b", "O"]], [["O", "O"], ["O", "B"]]] * 4
    for model, y in [
        (CrowdMultilabelClassifier(**quick), sets),
        (CrowdSequenceTagger(**quick), tags),
    ]:
        X = np.arange(24.0).reshape(12, 2)[: len(y)]
        X = X if y is sets else list(X[:, :, None])
        with pytest.warns(CrowdWarning) as found:
            model.fit(X, y)
        assert sum("labels differ only" in str(one.message) for one in found) == 1


def test_the_same_name_twice_is_not_alike(recwarn):
    warn_of_look_alikes(items=["i", "i"], annotators=["a", "a"], labels=["x", "x"])
    assert not recwarn


@pytest.mark.parametrize("name", [None, float("nan"), pd.NaT, pd.NA])
def test_a_column_without_a_name_is_warned_of(name):
    y = pd.DataFrame(np.eye(4, dtype=int))
    y.columns = pd.Index(["a", name, "c", "d"], dtype=object)
    with pytest.warns(CrowdWarning, match=r"annotators of the name .* missing one"):
        check_annotations(y)
