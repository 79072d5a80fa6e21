"""True values are compared with what has the same labels."""

import pandas as pd
import pytest

from skcrowd.annotations import SequenceAnnotations
from skcrowd.metrics import empirical_confusion, span_scores, token_accuracy_score

TRUE = pd.Series([["B-PER", "O"], ["O", "B-LOC"], ["O", "O"]], index=list("abc"))
MOVED = TRUE.iloc[::-1]
MIXED_UP = "have the same row labels in another order"


@pytest.mark.parametrize("measure", [span_scores, token_accuracy_score])
def test_tag_sequences(measure):
    assert measure(TRUE, TRUE) == measure(TRUE, TRUE.tolist())
    with pytest.raises(ValueError, match=f"y_true and y_pred {MIXED_UP}"):
        measure(TRUE, MOVED)
    with pytest.raises(ValueError, match=f"y_true and y_pred {MIXED_UP}"):
        measure(
            SequenceAnnotations.from_gold(TRUE), SequenceAnnotations.from_gold(MOVED)
        )
    weight = pd.Series([1.0, 2.0, 3.0], index=MOVED.index)
    with pytest.raises(ValueError, match=f"y_true and sample_weight {MIXED_UP}"):
        measure(TRUE, TRUE, sample_weight=weight)


def test_empirical_confusion():
    answers = pd.DataFrame([[0, 1], [1, 1], [0, 0]], index=list("abc"))
    gold = pd.Series([0, 1, 0], index=answers.index)
    assert empirical_confusion(answers, gold).shape == (2, 2, 2)
    with pytest.raises(ValueError, match=f"annotations and gold {MIXED_UP}"):
        empirical_confusion(answers, gold.iloc[::-1])
