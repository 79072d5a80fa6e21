"""Agreement on spans equals counting by hand."""

import numpy as np
import pytest

from skcrowd.annotations import SequenceAnnotations
from skcrowd.metrics.agreement import span_agreement

CELLS = [
    [["B-X", "I-X", "O", "B-Y"], ["B-X", "O", "O", "B-Y"], None],
    [["O", "B-X"], ["O", "O"], ["B-X", "I-X"]],
    [["B-Y"], None, None],
]


def crowd(cells):
    return SequenceAnnotations.from_cells(cells)


def test_exact_spans_by_hand():
    # Y of the first sequence agrees twice, of 4 spans; 2 spans have two others each
    assert span_agreement(crowd(CELLS)) == pytest.approx(2 / (4 + 4))


def test_overlapping_spans_by_hand():
    # all of the first sequence; in the second, two with one another
    assert span_agreement(crowd(CELLS), match="overlap") == pytest.approx((4 + 2) / 8)


def test_intervals_and_what_is_not_determined():
    y = crowd(CELLS)
    found = span_agreement(y, confidence_level=0.9, n_resamples=50, random_state=0)
    assert found.low <= found.value <= found.high
    nobody = crowd([[["O", "O"], ["O", "O"]], [["B-X"], None]])
    assert np.isnan(span_agreement(nobody))
    with pytest.raises(ValueError, match="match must be one of"):
        span_agreement(y, match="near")
    with pytest.raises(ValueError, match="mark no spans"):
        span_agreement(crowd([[["noun", "verb"], ["verb", "verb"]]]))
