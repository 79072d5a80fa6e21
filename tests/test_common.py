"""scikit-learn's own conformance checks, none failed, skipped or excused.

Their y is 1-D, the truth itself, from which every method learns alike, namely not at
all: a network is trained on the labels. So the estimators are checked with their
default method, and with every method for labels and numbers, and one of each sort for
sequences, where they take y for the answers of one annotator. Few epochs are run, as
scikit-learn does where it checks its own estimators.
"""

from dataclasses import replace

import pytest
from _sequence_data import sequence_method
from sklearn.utils.estimator_checks import check_estimator

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.backbones import MLP
from skcrowd.methods import LABEL_METHODS, NUMBER_METHODS, DawidSkene, KDCrowd

FEW = {"max_epochs": 4, "lr": 3e-2}
# A small network that nothing is computed for: the default one has checks of its own.
SMALL = {"module": MLP, "module__hidden": (8,), "max_epochs": 2, "lr": 0.1}
NUMBERS = {**SMALL, "max_epochs": 4}  # until numbers are fitted
SEQUENCES = {"module__hidden": 8, "max_epochs": 2, "lr": 0.1}
# In few steps; the networks of folds are trained in "regularized_em".
SMALL_METHODS = {
    "dawid_skene": DawidSkene(max_iter=10),
    "kd_crowd": KDCrowd(teacher="em"),
}
LABEL_NAMES = [*LABEL_METHODS, "doctor_net"]
# Where X is a table, methods get from the tagger what they get from the classifier.
# What holds of the tagger with all of them is in estimators/test_tagger_contract.py.
TAG_SORTS = {
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
    "regressor": CrowdRegressor(**{**FEW, "max_epochs": 8}),
    "tagger": CrowdSequenceTagger(**FEW),
    **{
        name: AnsweredClassifier(method=SMALL_METHODS.get(name, name), **SMALL)
        for name in LABEL_NAMES
    },
    **{
        f"{name}, numbers": AnsweredRegressor(method=name, calibrate=False, **NUMBERS)
        for name in NUMBER_METHODS
    },
    **{
        f"{name}, sequences": AnsweredTagger(method=sequence_method(name), **SEQUENCES)
        for name in TAG_SORTS
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
