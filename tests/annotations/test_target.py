"""``read_target`` tells kind and truth from the form of a ``y`` alone."""

import numpy as np
import pytest

from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.annotations._check import read_target

LABELS = np.array([["cat", "dog"], ["dog", ""], ["dog", "dog"]])
RATINGS = np.array([[1.5, 2.0], [2.5, np.nan]])
CELLS = [[["O"], None], [["B", "I"], ["B", "O"]]]
TRUE_TAGS = [["O"], ["B", "I"]]


@pytest.mark.parametrize(
    ("y", "kind", "is_truth"),
    [
        (LABELS, "labels", False),
        (LABELS[:, 0], "labels", True),
        (RATINGS, "numbers", False),
        (RATINGS[:, 0], "numbers", True),
        (Annotations.from_dense(LABELS), "labels", False),
        (CELLS, "tags", False),
        (TRUE_TAGS, "tags", True),
        (SequenceAnnotations.from_cells(CELLS), "tags", False),
    ],
)
def test_kind_and_truth_are_those_of_the_form(y, kind, is_truth):
    target = read_target(y)
    assert (target.kind, target.is_truth) == (kind, is_truth)
    assert len(target.annotations) == len(y)
    of_tags = isinstance(target.annotations, SequenceAnnotations)
    assert of_tags == (kind == "tags")


def test_whole_numbers_are_of_the_kind_that_is_asked_for():
    stars = np.array([[1, 2], [3, 4]])
    assert read_target(stars, "numbers").kind == "numbers"
    assert read_target(stars, "labels").kind == "labels"


def test_lengths_make_tags_of_a_matrix():
    flat = [["O", "O"], ["B", "B"], ["I", "O"]]
    target = read_target(flat, lengths=np.array([1, 2]))
    assert (target.kind, target.is_truth) == ("tags", False)
    assert target.annotations.lengths.tolist() == [1, 2]
    truth = read_target(TRUE_TAGS, lengths=np.array([1, 2]))
    assert (truth.kind, truth.is_truth) == ("tags", True)


def test_classes_and_lengths_must_fit():
    with pytest.raises(ValueError, match="sequence"):
        read_target(TRUE_TAGS, lengths=np.array([1, 1]))
    with pytest.raises(ValueError, match="'I'"):
        read_target(TRUE_TAGS, lengths=np.array([1, 2]), classes=["O", "B"])


def test_nothing_is_no_target():
    with pytest.raises(ValueError, match="y is None"):
        read_target(None)
