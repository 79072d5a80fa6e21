"""Which tags mark spans."""

import numpy as np
import pytest

from skcrowd.annotations._span_tags import is_span_scheme, is_span_tag


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (["O", "B-p", "I-p"], True),
        (["B-p"], True),
        (np.array(["S-p", "B-q", "E-q", "I-q", "O"]), True),
        (np.array(["U-p", "L-p", "O"], dtype=object), True),
        (["O"], False),
        ([], False),
        (["O", "B-p", "cat"], False),
        (["O", "B", "I"], True),
        (["O", "I"], False),
        (["O", "B", "I-p"], False),
        (["B", "E"], False),
        (["O", "B-"], False),
        (["O", "X"], False),
        (np.arange(3), False),
        ([True, False], False),
    ],
)
def test_is_span_scheme(classes, expected):
    assert is_span_scheme(classes) is expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("O", True),
        ("B-p", True),
        ("I", True),
        ("B-", False),
        ("cat", False),
        (1, False),
    ],
)
def test_is_span_tag(tag, expected):
    assert is_span_tag(tag) is expected
