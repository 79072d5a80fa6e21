"""Splitters and cross-validation look at the labels of rows."""

import numpy as np
import pandas as pd
import pytest
from _data import blobs, crowd, small

from skcrowd.model_selection import (
    LeaveAnnotatorsOut,
    VoteStratifiedGroupKFold,
    VoteStratifiedKFold,
    VoteStratifiedShuffleSplit,
    cross_val_answer_score,
    cross_val_predict,
)

SPLITTERS = [
    VoteStratifiedKFold(2),
    VoteStratifiedShuffleSplit(2, random_state=0),
    VoteStratifiedGroupKFold(2),
    LeaveAnnotatorsOut(2),
]
TRUTH = blobs(20)[1]
X = pd.DataFrame(blobs(20)[0]).set_axis([f"row {k}" for k in range(20)])
Y = pd.DataFrame(crowd(TRUTH, 6, 1).annotations.to_dense()).set_axis(X.index)
GROUPS = pd.Series(np.arange(20) // 2, index=X.index)
MIXED_UP = "have the same row labels in another order"


@pytest.mark.parametrize("cv", SPLITTERS, ids=lambda cv: type(cv).__name__)
def test_splitters(cv):
    groups = GROUPS if isinstance(cv, VoteStratifiedGroupKFold) else None
    labelled = list(cv.split(X, Y, groups))
    for ours, theirs in zip(labelled, cv.split(X.to_numpy(), Y, groups), strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])
    with pytest.raises(ValueError, match=f"X and y {MIXED_UP}"):
        list(cv.split(X, Y.iloc[::-1], groups))
    if groups is not None:
        with pytest.raises(ValueError, match=f"X and groups {MIXED_UP}"):
            list(cv.split(X, Y, groups.iloc[::-1]))


@pytest.mark.parametrize("validate", [cross_val_predict, cross_val_answer_score])
def test_cross_validation(validate):
    estimator = small(max_epochs=1, classes=[0, 1, 2])
    answers = pd.DataFrame(crowd(TRUTH, 3).annotations.to_dense()).set_axis(X.index)
    params = {"sample_weight": pd.Series(1.0, index=X.index)}
    by_label = validate(estimator, X, answers, cv=2, params=params)
    by_row = validate(estimator, X.reset_index(drop=True), answers.to_numpy(), cv=2)
    np.testing.assert_array_equal(by_label, by_row)
    with pytest.raises(ValueError, match=f"X and y {MIXED_UP}"):
        validate(estimator, X, answers.iloc[::-1], cv=2)
    moved = {"sample_weight": params["sample_weight"].iloc[::-1]}
    with pytest.raises(ValueError, match=f"X and sample_weight {MIXED_UP}"):
        validate(estimator, X, answers, cv=2, params=moved)


def test_groups_of_a_cross_validation():
    estimator = small(max_epochs=1, classes=[0, 1, 2])
    with pytest.raises(ValueError, match=f"X and groups {MIXED_UP}"):
        cross_val_predict(estimator, X, Y, cv=2, groups=GROUPS.iloc[::-1])
