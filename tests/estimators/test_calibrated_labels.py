"""Probabilities of labels where simpler calibration states too little, or too much."""

import numpy as np
import pytest
from _data import with_mlp
from scipy.special import log_softmax

from skcrowd import Annotations
from skcrowd.aggregation._vote_discount import find_dependent
from skcrowd.estimators._insight._evidence import calibrate_labels


class Crowd:
    """Items, answers, and what networks predict that have not seen the items.

    Parameters
    ----------
    seed : int
    truth : ndarray of shape (n_items,)
    shares : ndarray of shape (n_classes,)
        That a fit has inferred.
    """

    def __init__(self, seed, truth, shares):
        self.rng = np.random.default_rng(seed)
        self.truth, self.shares = truth(self.rng), np.asarray(shares, float)
        self.n_items, self.n_classes = len(self.truth), len(shares)

    def answer(self, accuracy, per_item=None):
        """Draw answers of annotators, all to all items or some."""
        shape = self.n_items, len(accuracy)
        other = self.truth[:, None] + self.rng.integers(1, self.n_classes, shape)
        is_right = self.rng.random(shape) < accuracy
        y = np.where(is_right, self.truth[:, None], other % self.n_classes)
        if per_item is not None:
            y[self.rng.random(shape).argsort(axis=1) >= per_item] = -1
        return y

    def predict(self, strength, power, shares=None):
        """Return log-probabilities; by a power of `strength` they are exact."""
        scores = self.rng.standard_normal((self.n_items, self.n_classes))
        scores[np.arange(self.n_items), self.truth] += strength
        base = 0 if shares is None else np.log(shares)
        return log_softmax(power * scores + base, axis=1)

    def posterior(self, y, log_network, of_fit):
        """Return what `label_quality` states of answers y."""
        classes = np.arange(self.n_classes)
        answers = Annotations.from_dense(y, missing_label=-1, classes=classes)
        typical = np.full((self.n_classes, self.n_classes), 0.4 / (self.n_classes - 1))
        np.fill_diagonal(typical, 0.6)
        return calibrate_labels(
            log_network,
            answers,
            np.tile(typical, (answers.n_annotators, 1, 1)),
            class_shares=self.shares,
            other_counts=None,
            groups=find_dependent(answers),
            of_fit=np.ones(self.n_items, bool) if of_fit else None,
        ).posterior


def near_copies(seed):
    """Four of ten copy nine of ten answers of one."""
    crowd = Crowd(seed, lambda rng: rng.integers(10, size=700), np.full(10, 0.1))
    y, one = crowd.answer(np.full(10, 0.7)), crowd.answer([0.6])
    own = crowd.rng.integers(10, size=(700, 4))
    y[:, :4] = np.where(crowd.rng.random((700, 4)) < 0.1, own, one)
    return crowd, y, crowd.predict(2, 2)


def single_answers(seed):
    """One answer an item, and a network that is less sure than it could be."""
    crowd = Crowd(seed, lambda rng: rng.integers(2, size=600), [0.5, 0.5])
    y = crowd.answer(crowd.rng.uniform(0.6, 0.9, 20), 1)
    return crowd, y, crowd.predict(2, 0.8)


def rare_class(seed):
    """A class of 3 %, which network and fit take for more frequent."""
    crowd = Crowd(seed, lambda rng: (rng.random(2000) < 0.03).astype(int), [0.9, 0.1])
    y = crowd.answer(crowd.rng.uniform(0.6, 0.8, 20), 5)
    return crowd, y, crowd.predict(2, 1, [0.6, 0.4])


def few_items(seed):
    """Ten classes of five items each."""
    crowd = Crowd(seed, lambda rng: rng.integers(10, size=50), np.full(10, 0.1))
    return crowd, crowd.answer(np.full(5, 0.65), 3), crowd.predict(1.5, 1.5)


def independent(seed):
    """Thirty annotators of different accuracy, three answers an item."""
    crowd = Crowd(seed, lambda rng: rng.integers(4, size=800), np.full(4, 0.25))
    y = crowd.answer(crowd.rng.uniform(0.3, 0.95, 30), 3)
    return crowd, y, crowd.predict(1.5, 1.5)


def measure(draw, of_fit, n_seeds=6):
    """Mean share of right labels, and mean certainty less that share."""
    found = []
    for seed in range(n_seeds):
        crowd, y, log_network = draw(seed)
        posterior = crowd.posterior(y, log_network, of_fit)
        right = (posterior.argmax(axis=1) == crowd.truth).mean()
        found.append((right, posterior.max(axis=1).mean() - right))
    return np.mean(found, axis=0)


@pytest.mark.parametrize(
    ("draw", "largest"),
    [
        (near_copies, 0.01),
        (single_answers, 0.04),
        (rare_class, 0.075),
        (few_items, 0.05),
        (independent, 0.05),
    ],
)
def test_certainty_is_the_share_of_right_labels(draw, largest):
    right, gap = measure(draw, of_fit=True)
    fixed_right, fixed_gap = measure(draw, of_fit=False)
    assert abs(gap) < largest
    assert abs(gap) < abs(fixed_gap) + 0.005
    assert right > fixed_right - 0.005


@pytest.mark.parametrize("draw", [near_copies, single_answers, rare_class])
def test_what_was_too_uncertain_no_longer_is(draw):
    fixed, learned = (measure(draw, of_fit)[1] for of_fit in (False, True))
    assert fixed < -0.06
    assert learned > 0.8 * fixed


def test_few_items_of_many_classes_are_no_evidence_for_themselves():
    (fixed, too_sure), (learned, gap) = (
        measure(few_items, of_fit) for of_fit in (False, True)
    )
    assert learned > fixed + 0.02
    assert too_sure > 0.03
    assert gap < 0


def test_the_quality_of_labels_is_calibrated():
    crowd, y, log_network = near_copies(0)
    X = log_network.astype(np.float32)
    clf = with_mlp("em", max_epochs=10).fit(X, y)
    told = clf.label_quality(X, y, pred_proba=np.exp(log_network))
    gap = told["consensus_probability"] - (told["consensus_label"] == crowd.truth)
    assert abs(gap.mean()) < 0.03


def test_a_single_item_of_the_fit_keeps_the_evidence_of_its_network():
    crowd = Crowd(0, lambda rng: np.zeros(1, int), np.full(4, 0.25))
    unsure = log_softmax(np.zeros((1, 4)), axis=1)
    certain = log_softmax(4 * np.eye(4)[[0]], axis=1)
    answers = np.full((1, 30), -1)
    answers[0, 0] = 1
    first, second = (crowd.posterior(answers, net, True) for net in (unsure, certain))
    assert second[0, 0] > first[0, 0] + 0.2


def test_rows_and_annotators_in_another_order():
    crowd, y, log_network = few_items(1)
    rows = np.random.default_rng(0).permutation(50)
    expected = crowd.posterior(y, log_network, True)
    found = crowd.posterior(y[rows][:, ::-1], log_network[rows], True)
    assert found == pytest.approx(expected[rows], abs=1e-6)
