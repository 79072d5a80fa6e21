"""The truth from a prior and answers, where no annotator vouches for itself."""

import numpy as np
import pytest

from skcrowd.aggregation import _leave_one_out_em
from skcrowd.aggregation._leave_one_out_em import leave_one_out_em
from skcrowd.annotations import Annotations
from skcrowd.datasets import make_annotations

TRUTH = np.arange(600) % 3
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def answers():
    """Five average people on a few items each, and a guesser on all."""
    crowd = make_annotations(TRUTH, {"average": 5}, random_state=0).annotations
    table = crowd.to_dense()
    table[RNG.random(table.shape) > 0.3] = -1
    guesses = RNG.integers(3, size=(len(TRUTH), 1))
    return Annotations.from_dense(np.hstack([table, guesses]), missing_label=-1)


@pytest.fixture(scope="module")
def log_prior():
    """A prior that is right six times in ten."""
    seen = np.where(RNG.random(len(TRUTH)) < 0.4, RNG.integers(3, size=600), TRUTH)
    prior = np.full((600, 3), 0.25)
    prior[np.arange(600), seen] = 0.5
    return np.log(prior)


def infer(answers, log_prior, **options):
    weight = np.ones(len(answers))
    options = {"units": np.arange(answers.n_annotators), **options}
    return leave_one_out_em(answers, log_prior, sample_weight=weight, **options)


def test_a_guesser_is_given_no_weight(answers, log_prior):
    posterior = infer(answers, log_prior)
    others = np.stack([answers.to_dense()[:, k] for k in range(5)], axis=1)
    rest = Annotations.from_dense(others, missing_label=-1, classes=[0, 1, 2])
    expected = infer(rest, log_prior)
    right, best = ((p.argmax(axis=1) == TRUTH).mean() for p in (posterior, expected))
    assert right > best - 0.02
    assert right > (log_prior.argmax(axis=1) == TRUTH).mean() + 0.05


def test_blocks_of_answers_change_nothing(answers, log_prior, monkeypatch):
    whole = infer(answers, log_prior)
    monkeypatch.setattr(_leave_one_out_em, "ANSWERS_AT_ONCE", 50)
    np.testing.assert_allclose(infer(answers, log_prior), whole, atol=1e-10)


def test_annotators_of_one_unit_do_not_confirm_each_other(log_prior):
    table = make_annotations(TRUTH, {"average": 2}, random_state=0).annotations
    noise = RNG.integers(3, size=len(TRUTH))
    table = np.column_stack([table.to_dense(), noise, noise, noise])
    answers = Annotations.from_dense(table)
    apart, together = (
        infer(answers, log_prior, units=np.array(units), answer_weight=weight)
        for units, weight in (
            (range(5), None),
            ([0, 1, 2, 2, 2], np.tile([1, 1, 1 / 3, 1 / 3, 1 / 3], len(TRUTH))),
        )
    )
    right = [(p.argmax(axis=1) == TRUTH).mean() for p in (apart, together)]
    assert right[1] > right[0] + 0.2
    assert right[1] > 0.8


def test_further_counts_are_added(answers, log_prior):
    trusted = np.zeros((6, 3, 3))
    trusted[5] = 1e6 * np.eye(3)
    posterior = infer(answers, log_prior, annotator_counts=trusted)
    guesses = answers.to_dense()[:, 5]
    assert (posterior.argmax(axis=1) == guesses).mean() > 0.99
