"""Splitters and cross-validation for the answers of a crowd."""

from skcrowd.model_selection._annotator_splits import LeaveAnnotatorsOut
from skcrowd.model_selection._answer_folds import AnnotatorKFold, AnswerKFold
from skcrowd.model_selection._answer_score import cross_val_answer_score
from skcrowd.model_selection._answer_split import train_test_split_answers
from skcrowd.model_selection._predict import cross_val_predict
from skcrowd.model_selection._vote_stratified import (
    VoteStratifiedGroupKFold,
    VoteStratifiedKFold,
    VoteStratifiedShuffleSplit,
)

__all__ = [
    "AnnotatorKFold",
    "AnswerKFold",
    "LeaveAnnotatorsOut",
    "VoteStratifiedGroupKFold",
    "VoteStratifiedKFold",
    "VoteStratifiedShuffleSplit",
    "cross_val_answer_score",
    "cross_val_predict",
    "train_test_split_answers",
]
