"""scikit-learn's own conformance checks, none failed, skipped or excused."""

import pytest
from sklearn.utils.estimator_checks import check_estimator

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.methods import LABEL_METHODS, NUMBER_METHODS, SEQUENCE_METHODS

ESTIMATORS = {
    "classifier": CrowdClassifier(),
    "regressor": CrowdRegressor(),
    "tagger": CrowdSequenceTagger(),
    **{name: CrowdClassifier(method=name, max_epochs=8) for name in LABEL_METHODS},
    **{
        f"{name}, numbers": CrowdRegressor(
            method=name, max_epochs=15, lr=1e-2, calibrate=False
        )
        for name in NUMBER_METHODS
    },
    **{
        f"{name}, sequences": CrowdSequenceTagger(method=name, max_epochs=8)
        for name in SEQUENCE_METHODS
    },
}


@pytest.mark.parametrize("estimator", ESTIMATORS.values(), ids=ESTIMATORS)
def test_every_check_passes(estimator):
    results = check_estimator(estimator, on_fail=None, on_skip=None)
    others = [
        (result["check_name"], result["status"], result["exception"])
        for result in results
        if result["status"] != "passed" or result["expected_to_fail"]
    ]
    assert not others
    assert len(results) >= 60
