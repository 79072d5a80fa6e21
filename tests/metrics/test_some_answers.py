"""Part of the answers of a large crowd."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skcrowd.aggregation._dependence_search import search_dependence
from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.metrics._some_answers import some_answers

LEAST, LEVEL = 0.25, 0.05


def crowd(kind, n=60, n_annotators=6):
    """Answers to all of n items, or of n sequences of four tokens."""
    rng = np.random.default_rng(0)
    if kind == "sequences":
        tags = np.array(["O", "B-X"], dtype=object)
        tags = tags[rng.integers(2, size=(4 * n, n_annotators))]
        return SequenceAnnotations.from_flat(tags, np.full(n, 4))
    y = rng.integers(3, size=(n, n_annotators)).astype(float)
    return Annotations.from_dense(y, kind=kind)


def n_compared(answers):
    return search_dependence(answers, LEAST, LEVEL).pairs.n_common.sum()


@pytest.mark.parametrize("kind", ["labels", "numbers", "sequences"])
def test_answers_are_thinned_to_a_number_of_pairs(kind):
    answers = crowd(kind)
    n_pairs = n_compared(answers)
    assert some_answers(answers, n_pairs) is answers
    for part in (2, 3, 5):
        some = some_answers(answers, int(np.ceil(n_pairs / part)))
        assert len(some) == 60 // part
        assert n_compared(some) <= 1.1 * n_pairs / part
        assert some.n_annotators == answers.n_annotators


@pytest.mark.parametrize("kind", ["labels", "numbers"])
def test_items_without_answers_are_not_taken(kind):
    """The odd items alone have answers, and every second one is taken."""
    answers = crowd(kind, 30).to_dense()
    y = np.full((60, 6), np.nan if kind == "numbers" else -1, dtype=answers.dtype)
    y[1::2] = answers
    some = some_answers(Annotations.from_dense(y, kind=kind), 15 * 15)
    assert_array_equal(some.to_dense(), answers[::2])
