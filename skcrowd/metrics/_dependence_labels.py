"""Agreement of annotators that truth and item difficulty explain."""

import numpy as np
from scipy import sparse
from scipy.special import softmax

from skcrowd.metrics._dependence_pairs import PairStatistics
from skcrowd.metrics._dependence_states import StateModel, States

__all__ = ["LabelNull"]

FIRST_ITERATIONS = 60  # of EM, for all annotators
NEXT_ITERATIONS = 20  # from there, without a group
CHUNK = 30_000  # incidences at a time


class LabelNull:
    """A discrete mixture in which annotators are independent given the item's state.

    Parameters
    ----------
    annotations : Annotations of labels
    pairs : Pairs
    block : int64 ndarray of shape (n_items,), default=None
        Items with the same number, the tokens of a sequence, are not independent.
    """

    def __init__(self, annotations, pairs, block=None):
        self.pairs = pairs
        self.block = block
        self.answer = annotations.answer
        self.annotator = annotations.annotator
        self.item = annotations.item
        self.n_items, self.n_annotators = annotations.shape
        self.n_classes = len(annotations.classes)
        self.column = self.annotator * self.n_classes + self.answer
        shape = self.n_items, self.n_annotators * self.n_classes
        ones = np.ones(annotations.n_answers)
        self.one_hot = sparse.csr_array((ones, (self.item, self.column)), shape=shape)
        everyone = np.ones(self.n_annotators, bool)
        fold = np.tile(np.eye(self.n_classes), (self.n_annotators, 1))
        self.states = States.of_votes(self.one_hot @ fold)
        start = StateModel.start(*self.states[:2], self.n_annotators)
        share = self.states.log_share(np.ones(len(self.states.level)))
        self.start = self._fit(start, share, everyone, FIRST_ITERATIONS)

    def similarity(self):
        """Agreement of each pair beyond chance, shrunk where few items are common."""
        n_classes, pairs = self.n_classes, self.pairs
        size = self.n_annotators * n_classes
        used = np.bincount(self.column, minlength=size).reshape(-1, n_classes) + 0.5
        used /= used.sum(axis=1, keepdims=True)
        chance = np.einsum("pk,pk->p", used[pairs.first], used[pairs.second])
        agree = self.answer[pairs.left] == self.answer[pairs.right]
        n = pairs.n_common
        observed = np.bincount(pairs.pair, agree, minlength=pairs.n_pairs)
        return (observed - n * chance) / (n * (1 - chance)) * n / (n + 5)

    def test_group(self, group, excluded, margin, kept=None):
        """Test the pairs in a group, given the answers of all others.

        Parameters
        ----------
        group, excluded : bool ndarray of shape (n_annotators,)
            Neither belongs to the reference.
        margin : float
        kept : bool ndarray of shape (n_items,), default=None
            Items to use; None for all.

        Returns
        -------
        positions : int64 ndarray of shape (n_tested,)
            Which of the pairs.
        statistics : PairStatistics
        """
        reference = ~(group | excluded)
        model, share = self._fit(*self.start, reference, NEXT_ITERATIONS, kept)
        table = model.table()
        posterior = softmax(self._score(table, share, reference), axis=1)
        positions = self.pairs.within(group)
        return positions, self._test(
            positions, table, posterior, None, margin, kept
        )

    def test_rest(self, positions, excluded, margin):
        """Test pairs of the reference, given the answers of all others in it."""
        reference = ~excluded
        model, share = self._fit(*self.start, reference, NEXT_ITERATIONS)
        table = model.table()
        score = self._score(table, share, reference)
        own = np.log(table)[self.annotator, :, self.answer]
        own[~reference[self.annotator]] = 0.0
        return self._test(positions, table, score, own, margin)

    def _score(self, table, log_share, reference):
        """Log joint probability of state and answers, shape (n_items, n_states)."""
        used = np.log(table) * reference[:, None, None]
        columns = used.transpose(0, 2, 1).reshape(-1, len(log_share))
        return self.one_hot @ columns + log_share

    def _fit(self, model, log_share, reference, n_iterations, kept=None):
        """Fit states to the reference by EM, and all others to these states.

        The posterior of the state in the counts of an annotator outside the reference
        is that given the reference and the own answer, so that their parameters
        maximise the predictive likelihood.
        """
        model, n_states = model.copy(), len(log_share)
        shape = self.n_annotators, self.n_classes, n_states
        outside = np.flatnonzero(~reference[self.annotator])
        for _ in range(n_iterations):
            table = model.table()
            score = self._score(table, log_share, reference)
            posterior = softmax(score, axis=1)
            if kept is not None:
                posterior *= kept[:, None]
            counts = self.one_hot.T @ posterior
            if outside.size:
                who, answer = self.annotator[outside], self.answer[outside]
                own = posterior[self.item[outside]] * table[who, :, answer]
                own /= own.sum(axis=1, keepdims=True) + 1e-300
                counts[~np.repeat(reference, self.n_classes)] = 0.0
                spread = sparse.csr_array(
                    (np.ones(outside.size), (self.column[outside], range(outside.size))),
                    shape=(len(counts), outside.size),
                )
                counts += spread @ own
            counts = counts.reshape(shape).transpose(0, 2, 1)
            model.update(np.ascontiguousarray(counts), reference)
            log_share = self.states.log_share(posterior.sum(axis=0))
        return model, log_share

    def _test(self, positions, table, score, own, margin, kept=None):
        """Compare observed and expected agreement; `own` is taken off the score."""
        pairs = self.pairs
        first, second = pairs.first[positions], pairs.second[positions]
        both = np.einsum("pmk,pmk->pm", table[first], table[second])
        where, which = pairs.incidences(positions)
        if kept is not None:
            is_kept = kept[pairs.item[where]]
            where, which = where[is_kept], which[is_kept]
        left, right = pairs.left[where], pairs.right[where]
        expected = np.empty(where.size)
        for begin in range(0, where.size, CHUNK):
            part = slice(begin, begin + CHUNK)
            weight = score[pairs.item[where[part]]]
            if own is not None:
                weight = softmax(weight - own[left[part]] - own[right[part]], axis=1)
            expected[part] = np.einsum("tm,tm->t", weight, both[which[part]])
        agree = (self.answer[left] == self.answer[right]).astype(float)
        total = [np.bincount(which, v, len(positions)) for v in (agree, expected)]
        spread = 1.0
        if self.block is not None:
            block = self.block[pairs.item[where]]
            spread = design_effect(agree, expected, which, block, len(positions))
        n_common = np.bincount(which, minlength=len(positions))
        return PairStatistics.of_agreement(*total, n_common, margin, spread)


def design_effect(agree, expected, which, block, n_pairs):
    """Variance of the sum of blocks over that of independent items, at least 1."""
    residual = agree - expected
    _, code = np.unique(which * (block.max() + 1) + block, return_inverse=True)
    sums = np.bincount(code, residual)
    owner = np.empty(sums.size, np.int64)
    owner[code] = which
    blocks = np.bincount(owner, sums**2, n_pairs)
    alone = np.bincount(which, residual**2, n_pairs)
    return np.maximum(blocks / np.maximum(alone, 1e-9), 1.0)
