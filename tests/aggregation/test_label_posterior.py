import numpy as np
from _data import random_answers, random_confusion

from skcrowd import Annotations
from skcrowd.aggregation._label_posterior import label_posterior


def test_the_posterior_is_the_normalised_product_of_prior_and_likelihood():
    rng = np.random.default_rng(0)
    y = random_answers(rng, 9, 4, 3)
    confusion, prior = random_confusion(rng, 4, 3), rng.dirichlet(np.ones(3), 9)
    expected = prior.copy()
    for item, annotator in zip(*np.nonzero(y >= 0), strict=True):
        expected[item] *= confusion[annotator, :, y[item, annotator]]
    expected /= expected.sum(axis=1, keepdims=True)
    annotations = Annotations.from_dense(y, classes=np.arange(3))
    found = label_posterior(np.log(prior), annotations, confusion)
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_the_bound_lets_answers_outweigh_a_prior_of_zero():
    answers = Annotations.from_dense([[1]], classes=[0, 1])
    log_prior, perfect = np.array([[0.0, -np.inf]]), np.eye(2)[None]
    bounded = label_posterior(log_prior, answers, perfect, least_log_prior=-10.0)
    np.testing.assert_array_equal(bounded.argmax(axis=1), [1])
    unbounded = label_posterior(log_prior, answers, perfect)
    np.testing.assert_array_equal(unbounded, [[1, 0]])
