"""How many annotators of each kind."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrowd.datasets._composition import count_kinds, kind_by_annotator, read_array
from skcrowd.datasets._confusion_annotators import MIXED_CROWD
from skcrowd.datasets._kinds import KINDS, RATING_KINDS, TAGGERS
from skcrowd.datasets._rating_annotators import MIXED_RATING_ANNOTATORS
from skcrowd.datasets._tag_annotators import MIXED_TAGGERS

MIXED = pytest.mark.parametrize(
    "shares", [MIXED_CROWD, MIXED_RATING_ANNOTATORS, MIXED_TAGGERS]
)


@MIXED
@given(size=st.integers(1, 500))
def test_a_mixed_crowd_keeps_its_shares(shares, size):
    counts = count_kinds(size, shares, shares, "an array")
    assert list(counts) == list(shares)
    assert sum(counts.values()) == size
    for kind, share in shares.items():
        assert abs(counts[kind] - share * size / 20) < 1


@pytest.mark.parametrize(
    ("shares", "table"),
    [
        (MIXED_CROWD, KINDS),
        (MIXED_RATING_ANNOTATORS, RATING_KINDS),
        (MIXED_TAGGERS, TAGGERS),
    ],
)
def test_a_mixed_crowd_of_twenty_has_every_kind(shares, table):
    assert set(shares) == set(table)
    assert count_kinds(20, table, shares, "an array") == shares


def test_counts_keep_the_order_of_the_mapping():
    counts = count_kinds({"b": np.int64(2), "a": 1, "c": 0}, "abc", {}, "an array")
    assert kind_by_annotator(counts).tolist() == ["b", "b", "a"]


@pytest.mark.parametrize("annotators", [[[1, 0, 0]], np.ones((2, 3)), "text", True])
def test_anything_else_describes_annotators_one_by_one(annotators):
    assert count_kinds(annotators, KINDS, MIXED_CROWD, "an array") is None


def test_the_explicit_form_is_named_where_something_is_wrong():
    with pytest.raises(ValueError, match=r"'z'; the known ones are 'a', 'b'.* a line"):
        count_kinds({"z": 1}, "ab", {}, "a line")
    with pytest.raises(ValueError, match=r"is a str that is no array.* a line"):
        read_array("text", "a line")
