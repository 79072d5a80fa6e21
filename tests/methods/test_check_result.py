"""What a method returns is checked before the estimator changes."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from _data import small
from _sequence_data import fitted

from skcrowd import CrowdRegressor
from skcrowd.annotators import FixedConfusion
from skcrowd.annotators._affine import BiasConnection
from skcrowd.methods import EM, GaussianEM, KDCrowd
from skcrowd.methods._check_result import FITTED_ATTRIBUTES


class Changed(EM):
    """EM, with a result that is changed."""

    def __init__(self, change=None):
        super().__init__(warm_epochs=1)
        self.change = change

    def learn(self, context):
        return self.change(super().learn(context))


class ChangedNumbers(GaussianEM):
    """The same for numbers."""

    def __init__(self, change=None):
        super().__init__(warm_epochs=1)
        self.change = change

    def learn(self, context):
        return self.change(super().learn(context))


def with_posterior(result, change):
    return replace(result, posterior=change(result.posterior))


def with_extras(result, *names):
    return replace(result, extras=dict.fromkeys(names, 1))


def with_value(posterior, value):
    posterior = posterior.copy()
    posterior[3] = value
    return posterior


WRONG = {
    "None": (lambda r: None, TypeError, "Changed.learn returned None; end it with"),
    "a tuple": (lambda r: (r.net,), TypeError, "an object of tuple"),
    "no net": (lambda r: replace(r, net=None), TypeError, "None as net"),
    "a module": (
        lambda r: replace(r, net=torch.nn.Linear(2, 3)),
        TypeError,
        "an object of Linear as net",
    ),
    "an untrained net": (
        lambda r: replace(r, net=type(r.net)(torch.nn.Linear, r.net.criterion)),
        ValueError,
        "not trained",
    ),
    "no annotators": (
        lambda r: replace(r, annotators=None),
        TypeError,
        "must return a LabelModel",
    ),
    "annotators of numbers": (
        lambda r: replace(r, annotators=BiasConnection(5)),
        TypeError,
        "an object of BiasConnection as annotators",
    ),
    "too few annotators": (
        lambda r: replace(r, annotators=FixedConfusion(np.ones((2, 3, 3)) / 3)),
        ValueError,
        "n_annotators=2, but the answers have n_annotators=",
    ),
    "too many classes": (
        lambda r: replace(
            r,
            annotators=FixedConfusion(np.ones((r.annotators.n_annotators, 4, 4)) / 4),
        ),
        ValueError,
        "n_classes=4, but the answers have n_classes=3",
    ),
    "a short posterior": (
        partial(with_posterior, change=lambda p: p[:-1]),
        ValueError,
        r"posterior of shape \(59, 3\); .* shape \(60, 3\)",
    ),
    "a list": (
        partial(with_posterior, change=lambda p: p.tolist()),
        TypeError,
        "an object of list as posterior",
    ),
    "NaN": (
        partial(with_posterior, change=partial(with_value, value=np.nan)),
        ValueError,
        "not finite",
    ),
    "infinity": (
        partial(with_posterior, change=partial(with_value, value=np.inf)),
        ValueError,
        "not finite",
    ),
    "sums of 2": (
        partial(with_posterior, change=lambda p: 2 * p),
        ValueError,
        "sum to 1",
    ),
    "negative": (
        partial(with_posterior, change=partial(with_value, value=[-0.5, 1, 0.5])),
        ValueError,
        "non-negative",
    ),
    "float tags": (
        lambda r: replace(r, tags=np.zeros(3)),
        ValueError,
        r"tags of shape \(3,\)",
    ),
    "predictions of other items": (
        lambda r: replace(r, out_of_fold=np.zeros((3, 3), dtype=np.float32)),
        ValueError,
        r"out_of_fold of shape \(3, 3\)",
    ),
    "a method's name": (
        lambda r: with_extras(r, "predict"),
        ValueError,
        "overwrite CrowdClassifier.predict",
    ),
    "a fitted attribute": (
        lambda r: with_extras(r, "posterior_"),
        ValueError,
        "overwrite CrowdClassifier.posterior_",
    ),
    "a parameter": (lambda r: with_extras(r, "lr"), ValueError, "ends in one under"),
    "a private name": (lambda r: with_extras(r, "_a_"), ValueError, "begins with none"),
    "extras that are no dict": (
        lambda r: replace(r, extras=["a_"]),
        TypeError,
        "no dict",
    ),
    "extras without names": (lambda r: with_extras(r, 3), TypeError, "no dict"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_result_is_an_error_and_changes_nothing(what, items, answers):
    change, error, message = WRONG[what]
    X, y = items[0][:60], answers[:60]
    model = small(Changed(change=lambda r: r)).fit(X, y)
    before, expected = dict(vars(model)), model.predict_proba(X)
    model.method.change = change
    with pytest.raises(error, match=message):
        model.fit(X, y)
    assert vars(model).keys() == before.keys()
    assert all(vars(model)[name] is value for name, value in before.items())
    assert (model.predict_proba(X) == expected).all()


NUMBERS_WRONG = {
    "no posterior": (partial(with_posterior, change=lambda p: None), TypeError, "mean"),
    "a column": (
        partial(with_posterior, change=lambda p: p[:, None]),
        ValueError,
        "shape",
    ),
    "no noise": (
        lambda r: replace(r, annotators=BiasConnection(r.annotators.n_annotators)),
        TypeError,
        "has no noise",
    ),
    "negative variance": (
        lambda r: replace(r, posterior_var=-np.ones_like(r.posterior)),
        ValueError,
        "negative",
    ),
}


@pytest.mark.parametrize("what", NUMBERS_WRONG)
def test_wrong_results_of_numbers(what):
    change, error, message = NUMBERS_WRONG[what]
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((20, 3)), rng.standard_normal((20, 4))
    with pytest.raises(error, match=message):
        small(ChangedNumbers(change=change), CrowdRegressor).fit(X, y)


def test_a_teacher_is_checked_too(items, answers):
    teacher = Changed(change=WRONG["None"][0])
    with pytest.raises(TypeError, match=r"Changed\.learn returned None"):
        small(KDCrowd(teacher=teacher)).fit(items[0], answers)


def test_good_extras_become_attributes(items, answers):
    method = Changed(change=lambda r: with_extras(r, "n_found_", "f1_"))
    model = small(method).fit(items[0], answers)
    assert (model.n_found_, model.f1_) == (1, 1)


def test_all_fitted_attributes_are_protected(items, answers):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((20, 3)), rng.standard_normal((20, 4))
    others = fitted("sequence_em"), fitted("sequence_em", "tokens")
    mine = small().fit(items[0], answers), small("em", CrowdRegressor).fit(X, y)
    for model in (*mine, *others):
        found = {name for name in vars(model) if name.endswith("_")}
        found -= set(getattr(model, "_extras", ()))  # those of its method
        assert found <= FITTED_ATTRIBUTES
