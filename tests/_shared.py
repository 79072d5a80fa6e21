"""Settings of the libraries, and the fixtures; a plugin that conftest.py imports."""

import os

import pytest
import torch

# The first fit imports it; imported here, the garbage collector passes over it.
import torch._dynamo
from _data import METHODS, blobs, crowd, rated
from hypothesis import HealthCheck, settings

from skcrowd import CrowdClassifier

torch.set_num_threads(1)
torch.set_warn_always(True)  # a warning is an error wherever it comes

# A busy machine is slow, not wrong; in CI the examples are always the same, and
# elsewhere every run has others.
settings.register_profile(
    "skcrowd",
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("skcrowd")


@pytest.fixture(scope="session")
def items():
    """60 items of three classes that are easy to tell apart: X, truth."""
    X, truth = blobs(60)
    X.flags.writeable = truth.flags.writeable = False
    return X, truth


@pytest.fixture(scope="session")
def answers(items):
    """Three answers to every item, from five annotators; int64, -1 is missing."""
    y = crowd(items[1], {"average": 5}, answers_per_item=3).annotations.to_dense()
    y.flags.writeable = False
    return y


@pytest.fixture(scope="session")
def gold_items():
    """600 items with three answers each, from a mixed crowd: X, truth, crowd."""
    X, truth = blobs(600, seed=1)
    kinds = {"expert": 2, "average": 3, "biased": 2}
    return X, truth, crowd(truth, kinds, answers_per_item=3, seed=1)


@pytest.fixture(scope="session")
def rated_items():
    """60 items with a true number, three ratings each of five people: X, truth, y."""
    X, truth, simulation = rated(60, {"expert": 2, "average": 3}, 3)
    y = simulation.annotations.to_dense()
    X.flags.writeable = truth.flags.writeable = y.flags.writeable = False
    return X, truth, y


@pytest.fixture(scope="session", params=METHODS, ids=lambda kind: kind.__name__)
def kind(request):
    """Either estimator."""
    return request.param


@pytest.fixture
def data(kind, items, answers, rated_items):
    """Features and answers for the estimator."""
    return (items[0], answers) if kind is CrowdClassifier else rated_items[::2]


@pytest.fixture
def gold(kind, items, rated_items):
    """Features and truth for the estimator."""
    return items if kind is CrowdClassifier else rated_items[:2]
