"""What is private in scikit-learn does what skcrowd takes it for."""

from numbers import Real

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, ShuffleSplit, StratifiedGroupKFold
from sklearn.utils.metadata_routing import MetadataRequest

from skcrowd import _sklearn_compat as compat
from skcrowd._sklearn_compat import (
    REQUESTS,
    FoldHook,
    Interval,
    InvalidParameterError,
    SplitHook,
    StepHTML,
    StrOptions,
    check_constraints,
    parameter_names,
    requests_by_method,
    validate_params,
)

X = np.arange(12.0)[:, None]
Y = np.arange(12) % 2
GROUPS = np.arange(12) // 3


class Estimator(StepHTML):
    _parameter_constraints = {
        "share": [Interval(Real, 0, 1, closed="left")],
        "kind": [StrOptions({"one", "two"})],
    }

    def __init__(self, share=0.5, kind="one", **others):
        self.share = share
        self.kind = kind

    def fit(self, X, y=None):
        self.shown_, self.hidden_ = 1, 2
        return self

    def _to_introspect(self):
        other = clone(self)
        other.shown_ = self.shown_
        return other

    def _step_html(self):
        return "<b>further</b>"


def test_everything_that_is_exported_is_there():
    assert all(hasattr(compat, name) for name in compat.__all__)


@pytest.mark.parametrize("wrong", [{"share": 1.0}, {"kind": "three"}])
def test_constraints_are_checked(wrong):
    check_constraints(Estimator())
    (name,) = wrong
    with pytest.raises(InvalidParameterError, match=f"'{name}' parameter of Estimator"):
        check_constraints(Estimator(**wrong))


def test_parameters_of_a_function_are_checked():
    @validate_params({"share": [Interval(Real, 0, 1, closed="left")]})
    def half_of(share):
        """Halve."""
        return share / 2

    assert half_of(0.5) == 0.25
    with pytest.raises(InvalidParameterError, match=r"'share' parameter of .*half_of"):
        half_of(1.0)


@pytest.mark.parametrize("estimator", [Estimator, Estimator()])
def test_names_of_parameters(estimator):
    assert parameter_names(estimator) == ["kind", "share"]
    assert "C" in parameter_names(LogisticRegression)


def test_clone_copies_requests_and_they_are_read_by_method():
    with config_context(enable_metadata_routing=True):
        model = LogisticRegression().set_fit_request(sample_weight="weight")
        assert isinstance(vars(model)[REQUESTS], MetadataRequest)
        copied = vars(clone(model))[REQUESTS]
    assert requests_by_method(copied)["fit"] == {"sample_weight": "weight"}
    assert requests_by_method(MetadataRequest(owner=model)) == {}


class OwnFolds(FoldHook, KFold):
    def _test_folds(self, X, y, groups):
        yield from ([0, 1], [2])


class OwnSplits(SplitHook, ShuffleSplit):
    def _splits(self, X, y, groups):
        yield [0], [1, 2]


def sets(splitter, *data):
    return [(train.tolist(), test.tolist()) for train, test in splitter.split(*data)]


def test_folds_are_those_of_the_hook():
    found = sets(OwnFolds(2), X[:4], Y[:4])
    assert found == [([2, 3], [0, 1]), ([0, 1, 3], [2])]


def test_splits_are_those_of_the_hook():
    (split,) = OwnSplits(1).split(X[:3], Y[:3])
    assert split == ([0], [1, 2])


@pytest.mark.parametrize(
    ("hook", "kind"),
    [(FoldHook, KFold), (FoldHook, StratifiedGroupKFold), (SplitHook, ShuffleSplit)],
)
def test_without_an_override_splits_are_those_of_the_base(hook, kind):
    hooked = type("Hooked", (hook, kind), {"__init__": kind.__init__})
    given = {"random_state": 0} | ({} if kind is ShuffleSplit else {"shuffle": True})
    data = (X, Y, GROUPS) if kind is StratifiedGroupKFold else (X, Y)
    assert sets(hooked(2, **given), *data) == sets(kind(2, **given), *data)


def test_html_of_a_step_has_more_below_its_parameters():
    page = Estimator(share=0.25).fit(X)._repr_html_()
    assert page.index("0.25") < page.index("<b>further</b>")
    assert "<b>further</b>" not in LogisticRegression()._repr_html_()


def test_fitted_attributes_in_html_are_those_of_another_object():
    page = Estimator().fit(X)._repr_html_()
    are_listed = hasattr(BaseEstimator, "_get_fitted_attr_html")  # since 1.9
    assert ("shown_" in page) == are_listed
    assert "hidden_" not in page
