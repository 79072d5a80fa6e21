"""Every parameter of every method changes something, and is checked."""

import numpy as np
import pytest
from _data import random_answers, small, small_method

from skcrowd.methods import METHODS

PARAMETERS = [
    (name, parameter)
    for name in METHODS
    for parameter in METHODS[name]().get_params(deep=False)
]
OTHER = {"connection": "VW", "max_iter": 1, "tol": 0.5, "warm_epochs": 3}


def other_value(parameter, value):
    """Return a legal value that differs from the default."""
    if parameter in OTHER:
        return OTHER[parameter]
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else 3 * value


def fitted(method):
    """Fit on answers that few agree on; everything that a method finds out."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((60, 3)), random_answers(rng, 60, 5, 3)
    clf = small(method, max_epochs=5, batch_size=30).fit(X, y)
    return np.concatenate([clf.predict_proba(X), *clf.annotator_confusion_])


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_every_parameter_changes_something(name, parameter):
    method = small_method(name)
    value = other_value(parameter, METHODS[name]().get_params()[parameter])
    changed = small_method(name).set_params(**{parameter: value})
    assert changed.get_params()[parameter] != method.get_params()[parameter]
    assert np.abs(fitted(changed) - fitted(method)).max() > 1e-6


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
@pytest.mark.parametrize("value", [object(), -1])
def test_every_parameter_is_checked(name, parameter, value, items, answers):
    clf = small(small_method(name).set_params(**{parameter: value}))
    with pytest.raises(ValueError, match=parameter):
        clf.fit(items[0], answers)


@pytest.mark.parametrize("connection", ["MW", "VW", "VB", "VW+B", "SW"])
def test_the_connection_decides_the_layer(connection, items, answers):
    method = small_method("crowd_layer").set_params(connection=connection)
    clf = small(method).fit(items[0], answers)
    assert np.isfinite(clf.annotator_confusion_).all()
    tables = dict(clf.annotator_model_.named_parameters())
    expected = {"VB": {"bias"}, "VW+B": {"weight", "bias"}}
    assert set(tables) == expected.get(connection, {"weight"})
