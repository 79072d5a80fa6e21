"""What holds for every method: the checks of ``check_method``, and some more."""

from functools import cache

import numpy as np
import pytest
from _data import (
    EVERY_METHOD,
    by_annotator,
    by_item,
    nobody,
    predictions,
    small,
    with_mlp,
)
from _sequence_data import RECURRENT, TokenNetwork

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd._method_checks import CHECKS, cases_of, copy_case
from skcrowd.persistence import _user_registry, register

ESTIMATORS = CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
METHODS = {
    f"{name}-{cls.kind}": cls()
    for estimator in ESTIMATORS
    for name, cls in estimator._known_methods.items()
}
PLAIN = ("em", "crowd_layer")  # that are also tested with equal weights
# Methods for labels get tokens as items, and few have code of their own for sequences:
# those of folds and teachers. With one method of either family they keep the whole
# contract on sequences, too; the others keep these checks.
ALL_ON_TAGS = ("em", "crowd_layer", "regularized_em", "kd_crowd")
CHECKS_ON_TAGS = (
    "check_fit_predict",
    "check_annotator_order",
    "check_weights_are_repetitions",
    "check_early_stopping",
)
METHODS["kd_crowd-labels"].set_params(teacher="em")  # one network, not those of folds


@cache
def cases(name):
    """Data for the checks of a method, and the fits that several of them ask for.

    Of sequences as in `_sequence_data.tagger`: a recurrent network for some methods,
    and for the others one that reads no context. All have the default network in
    ``check_fit_predict``.
    """
    found = cases_of(METHODS[name])
    for case in found:
        if case.kind == "tags" and name.split("-")[0] not in RECURRENT:
            case.settings = {**case.settings, "module": TokenNetwork}
    return found


@pytest.fixture(autouse=True, scope="module")
def known_network():
    """Let fits of the small network be saved."""
    before = dict(_user_registry._THINGS)
    register(TokenNetwork)
    yield
    _user_registry._THINGS.clear()
    _user_registry._THINGS.update(before)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", METHODS)
def test_every_method_keeps_the_contract(name, check):
    for case in cases(name):
        if is_for(check, name, case):
            check(METHODS[name], copy_case(case))


def is_for(check, name, case):
    """Whether a method is checked in this way on this data."""
    method, kind = name.split("-")
    is_all = kind == case.kind or method in ALL_ON_TAGS
    return is_all or check.__name__ in CHECKS_ON_TAGS


@pytest.mark.parametrize(
    ("kind", "name", "weighted"),
    [
        *[(kind, name, True) for kind, name in EVERY_METHOD],
        *[(kind, name, False) for kind, name in EVERY_METHOD if name in PLAIN],
    ],
)
def test_items_without_answers_change_nothing_but_are_judged(
    kind, name, weighted, data
):
    X, y = data
    weight = np.linspace(0.5, 2, 100) if weighted else np.ones(100)
    X_more = np.vstack([X, 3 * X[:40] + 5])
    build = small if name == "em" else with_mlp  # the default network with one method
    alone = build(name, kind).fit(X, y, sample_weight=weight[:60])
    among = build(name, kind)
    among.fit(X_more, np.vstack([y, nobody(kind, 40, 5)]), sample_weight=weight)
    np.testing.assert_allclose(predictions(among, X), predictions(alone, X), atol=1e-12)
    for ours, theirs in zip(by_annotator(among), by_annotator(alone), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    for ours, theirs in zip(by_item(among), by_item(alone), strict=True):
        np.testing.assert_allclose(ours[:60], theirs, atol=1e-12)
        assert np.isfinite(ours[60:]).all()
    if kind is CrowdRegressor:
        assert among.prediction_std_ == pytest.approx(alone.prediction_std_, rel=1e-9)
