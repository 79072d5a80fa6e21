"""scikit-learn's own conformance checks, none failed, skipped or excused.

Their y is 1-D, the truth itself, from which every method learns alike, namely not at
all: a network is trained on the labels. So the estimators are checked with their
default method, and once for each method where they take y for the answers of one
annotator. Few epochs are run, as scikit-learn does where it checks its own estimators.
"""

from dataclasses import replace

import pytest
from _sequence_data import sequence_method
from sklearn.utils.estimator_checks import check_estimator

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.methods import LABEL_METHODS, NUMBER_METHODS

FEW = {"max_epochs": 8}
FEW_FOR_NUMBERS = {"max_epochs": 15, "lr": 1e-2}
# Where X is a table, methods get from the tagger what they get from the classifier. So
# the tagger is checked with one method of each sort; what holds of it with all of them
# is in estimators/test_tagger_contract.py and the files beside it.
SORTS = {
    "majority_vote": "targets",
    "crowd_layer": "answers",
    "conal": "answers, and features of the items",
    "sequence_em": "sequences, and several networks",
}


class Answered:
    """Hand a 1-D y to the method, as the answers of one annotator."""

    def _make_context(self, checked, resumption):
        return super()._make_context(replace(checked, is_truth=False), resumption)


class AnsweredClassifier(Answered, CrowdClassifier):
    """A classifier that takes labels for answers."""


class AnsweredRegressor(Answered, CrowdRegressor):
    """A regressor that takes numbers for ratings."""


class AnsweredTagger(Answered, CrowdSequenceTagger):
    """A tagger that takes true tags for answers."""


ESTIMATORS = {
    "classifier": CrowdClassifier(**FEW),
    "regressor": CrowdRegressor(**FEW_FOR_NUMBERS),
    "tagger": CrowdSequenceTagger(**FEW),
    **{name: AnsweredClassifier(method=name, **FEW) for name in LABEL_METHODS},
    **{
        f"{name}, numbers": AnsweredRegressor(
            method=name, calibrate=False, **FEW_FOR_NUMBERS
        )
        for name in NUMBER_METHODS
    },
    **{
        f"{name}, sequences": AnsweredTagger(method=sequence_method(name), **FEW)
        for name in SORTS
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("estimator", ESTIMATORS.values(), ids=ESTIMATORS)
def test_every_check_passes(estimator):
    results = check_estimator(estimator, on_fail=None, on_skip=None)
    others = [
        (result["check_name"], result["status"], result["exception"])
        for result in results
        if result["status"] != "passed" or result["expected_to_fail"]
    ]
    assert not others
    assert len(results) >= 55
