"""Aggregators of tag sequences."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from skcrowd.aggregation import (
    SEQUENCE_AGGREGATORS,
    TokenDawidSkene,
    TokenMajorityVote,
    dawid_skene,
)
from skcrowd.annotations import SequenceAnnotations

AGGREGATORS = [
    pytest.param(cls(), id=name) for name, cls in SEQUENCE_AGGREGATORS.items()
]
pytestmark = pytest.mark.filterwarnings("ignore:.*did not converge")


@pytest.fixture(scope="module")
def crowd():
    """Five annotators tag sentences; the last does so at random."""
    rng = np.random.default_rng(0)
    truth, cells = [], []
    for _ in range(60):
        tags = rng.choice(["O", "B-X", "I-X"], rng.integers(3, 8), p=[0.6, 0.3, 0.1])
        for k in np.flatnonzero(tags == "I-X"):
            if not k or tags[k - 1] == "O":
                tags[k] = "B-X"
        truth.append(tags)
        answers = []
        for accuracy in (0.95, 0.9, 0.85, 0.8, 0.4):
            wrong = rng.uniform(size=len(tags)) > accuracy
            other = np.where(tags == "O", "B-X", "O")
            answers.append(np.where(wrong, other, tags).tolist())
        cells.append(answers)
    return SequenceAnnotations.from_cells(cells), truth


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_tags_and_probabilities(aggregator, crowd):
    y, truth = crowd
    model = clone(aggregator).fit(y)
    tags, proba = model.predict(), model.predict_proba()
    assert [len(row) for row in tags] == [len(row) for row in truth]
    right = np.concatenate(tags) == np.concatenate(truth)
    assert right.mean() > 0.93
    assert proba[0].shape == (len(truth[0]), 3)
    np.testing.assert_allclose(np.concatenate(proba).sum(axis=1), 1)
    assert sorted(model.classes_) == ["B-X", "I-X", "O"]
    assert len(model.annotators_) == 5
    assert model.n_iter_ >= 1
    if hasattr(model, "annotator_confusion_"):
        accuracy = np.trace(model.annotator_confusion_, axis1=1, axis2=2)
        assert accuracy.argmin() == 4


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_gold_clone_and_pickle(aggregator, crowd):
    y, truth = crowd
    wrong = ["B-X"] + ["O"] * (len(truth[2]) - 1)
    model = clone(aggregator).fit(y, gold={2: wrong})
    assert model.predict()[2].tolist() == wrong
    again = pickle.loads(pickle.dumps(model))
    for one, other in zip(again.predict(), model.predict(), strict=True):
        assert one.tolist() == other.tolist()
    with pytest.raises(NotFittedError):
        clone(model).predict()


def test_tokens_are_those_of_the_function(crowd):
    y, _ = crowd
    proba = np.concatenate(TokenDawidSkene().fit(y).predict_proba())
    np.testing.assert_array_equal(proba, dawid_skene(y.tokens).posterior)


def test_parameters_and_convergence(crowd):
    with pytest.warns(ConvergenceWarning, match="TokenDawidSkene did not converge"):
        TokenDawidSkene(max_iter=1).fit(crowd[0])
    with pytest.raises(ValueError, match="max_iter"):
        TokenDawidSkene(max_iter=0).fit(crowd[0])
    with pytest.raises((TypeError, ValueError)):
        TokenMajorityVote().fit([[0, 1], [1, 1]])
