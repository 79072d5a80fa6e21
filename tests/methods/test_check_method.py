"""``check_method`` finds what breaks the contract, and names the check."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from skcrowd import _method_checks
from skcrowd._method_checks import CASES, CHECKS
from skcrowd.annotators._connections import MatrixConnection
from skcrowd.methods import (
    EM,
    AnswerLayer,
    CrowdLayer,
    GaussianEM,
    MajorityVote,
    Method,
    SequenceEM,
    check_method,
)
from skcrowd.persistence import _user_registry


class Own(AnswerLayer):
    """A method of the user's, with an annotator model of the user's."""

    def annotator_sizes(self):
        return OwnModel, {}

    def make_annotators(self, context, initial_truth):
        return OwnModel(context.annotations.n_annotators, initial_truth.shape[1])


class OwnModel(MatrixConnection):
    """An annotator model of the user's."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "checks"),
    [
        (Own(), CHECKS),
        # These build, copy or write the class; what it computes is that of Own.
        (
            CrowdLayer(connection=OwnModel),
            [
                check
                for check in CHECKS
                if check.__name__.startswith(("check_p", "check_fit", "check_save"))
            ],
        ),
    ],
)
def test_methods_of_the_user_pass(method, checks, monkeypatch):
    monkeypatch.setattr(_method_checks, "CHECKS", checks)
    results = check_method(method)
    assert {result["status"] for result in results} == {"passed"}
    names = [result["check_name"] for result in results]
    kinds = "labels", "tags"
    assert names == [f"{check.__name__}[{kind}]" for kind in kinds for check in checks]
    assert not _user_registry._THINGS


@pytest.mark.parametrize("method", [GaussianEM(), SequenceEM()])
def test_other_kinds_have_data_of_their_own(method, monkeypatch):
    some = CHECKS[:2]  # all of them: test_every_method_keeps_the_contract
    monkeypatch.setattr(_method_checks, "CHECKS", some)
    names = [result["check_name"] for result in check_method(method)]
    assert names == [f"{check.__name__}[{method.kind}]" for check in some]


class Renaming(MajorityVote):
    def __init__(self, size=1):
        self._size = size

    def get_params(self, deep=True):
        return {"size": self._size + 1}

    def set_params(self, **params):
        return self


class Nothing(Method):
    def learn(self, context):
        return None


class Unseeded(EM):
    def learn(self, context):
        result = super().learn(context)
        confusion = np.random.default_rng().dirichlet(
            np.ones(result.annotators.n_classes),
            (result.annotators.n_annotators, result.annotators.n_classes),
        )
        result.annotators.replace(confusion)
        return result


class Overwriting(EM):
    def learn(self, context):
        result = super().learn(context)
        context.X[:] = 0
        return result


def reseed(*given):
    torch.manual_seed(0)


class Careless(EM):
    """Its network draws the same numbers in every prediction."""

    def learn(self, context):
        result = super().learn(context)
        result.net.module_.register_forward_hook(reseed)
        return result


class FirstAnnotator(EM):
    """Learns about the first annotator alone."""

    def learn(self, context):
        result = super().learn(context)
        confusion = result.annotators.confusion()
        confusion[1:] = 1 / confusion.shape[1]
        result.annotators.replace(confusion)
        return result


class Unweighted(EM):
    def learn(self, context):
        ones = np.ones_like(context.sample_weight)
        return super().learn(replace(context, sample_weight=ones))


class WithoutGold(EM):
    def learn(self, context):
        side = replace(context.side_information, gold=None)
        return super().learn(replace(context, side_information=side))


class WithoutCallbacks(EM):
    def learn(self, context):
        return super().learn(replace(context, factory=context.factory.quiet()))


class Single(EM):
    def learn(self, context):
        result = super().learn(context)
        result.net.module_.float()
        result.net.criterion_.float()
        return result


class Unpicklable(EM):
    def learn(self, context):
        return replace(super().learn(context), extras={"function_": lambda: 0})


class WithData(EM):
    def learn(self, context):
        return replace(super().learn(context), extras={"data_": context.X})


BROKEN = {
    "check_parameters": Renaming(),
    "check_fit_predict": Nothing(),
    "check_seed_gives_the_same_bits": Unseeded(),
    "check_generators_untouched": Careless(),
    "check_arguments_untouched": Overwriting(),
    "check_annotator_order": FirstAnnotator(),
    "check_weights_are_repetitions": Unweighted(),
    "check_gold": WithoutGold(),
    "check_callbacks": WithoutCallbacks(),
    "check_precision": Single(),
    "check_pickle": Unpicklable(),
    "check_pickle_without_training_data": WithData(),
}


@pytest.mark.parametrize("name", BROKEN)
def test_every_check_can_fail(name):
    (check,) = (check for check in CHECKS if check.__name__ == name)
    with pytest.raises(Exception):  # noqa: B017, PT011 - of any kind
        check(BROKEN[name], copy.deepcopy(CASES["labels"]))


def test_the_cause_is_kept():
    message = r"^check_fit_predict\[labels\] failed for Nothing: Nothing.learn returned"
    with pytest.raises(AssertionError, match=message) as error:
        check_method(Nothing())
    assert isinstance(error.value.__cause__, TypeError)
    results = check_method(Nothing(), on_fail=None)
    passed = [r["check_name"] for r in results if r["status"] == "passed"]
    assert "check_parameters[labels]" in passed


def test_what_is_given_is_checked():
    with pytest.raises(TypeError, match="must be a Method object"):
        check_method(EM)
    with pytest.raises(ValueError, match="on_fail must be"):
        check_method(EM(), on_fail="warn")
    other = EM()
    other.kind = "words"
    with pytest.raises(ValueError, match="kind must be one of labels, numbers, tags"):
        check_method(other)
