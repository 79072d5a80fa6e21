"""Agreement of annotators that truth and item difficulty explain."""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.special import logsumexp, softmax

from skcrowd.metrics._dependence_states import (
    OTHER,
    SUGGESTED,
    TRUE,
    AnswerModel,
    States,
)

__all__ = ["LabelNull"]

FIRST_ITERATIONS = 60  # of EM, for all annotators
NEXT_ITERATIONS = 20  # from there, without a group
MOST_LIKELY = 12  # pairs of classes of an item, where two answers are taken off
SHARES_COMMON = 0.2, 0.4, 0.6, 0.75, 0.9, 0.97, 0.995  # of a group's common answers
MOST_ENTRIES = 2_000_000  # of an array over items, classes and states
CHUNK = 20_000  # incidences at a time


class Fitted(NamedTuple):
    """The model of the answers, and the shares of the states."""

    model: AnswerModel
    log_share: np.ndarray  # (n_class_pairs, n_levels)


class LabelNull:
    """A discrete mixture in which annotators are independent given the item's state.

    Parameters
    ----------
    annotations : Annotations of labels
    pairs : Pairs
    """

    def __init__(self, annotations, pairs):
        self.pairs = pairs
        self.annotator = annotations.annotator
        self.item = annotations.item
        self.n_items, self.n_annotators = annotations.shape
        self.n_classes = n_classes = len(annotations.classes)
        self._set_answers(annotations.answer)
        votes = self.by_cell @ np.ones(self.by_cell.shape[1])
        self.states = States.of_votes(votes.reshape(-1, n_classes))
        n_pairs = len(self.states.true)
        # Sums over the pairs of classes with the same true or suggested class.
        self.fold_true = np.eye(n_classes)[:, self.states.true]
        self.fold_suggested = np.eye(n_classes)[:, self.states.suggested]
        model = AnswerModel.start(self.n_annotators, n_classes)
        share = States.log_share(np.ones((n_pairs, len(model.slope))))
        everyone = np.ones(self.n_annotators, bool)
        self.neutral = Fitted(model, share)
        self.start = self.fit(everyone)

    def _set_answers(self, answer):
        """Set the answers, and what sums over them."""
        n_classes = self.n_classes
        self.answer = answer
        self.cell = self.item * n_classes + answer
        self.column = self.annotator * n_classes + answer
        n_columns = self.n_annotators * n_classes
        self.by_item = _indicator(self.item, self.column, (self.n_items, n_columns))
        shape = self.n_items * n_classes, n_columns
        self.by_cell = _indicator(self.cell, self.column, shape)

    def similarity(self):
        """Agreement of each pair beyond chance, shrunk where few items are common."""
        pairs = self.pairs
        used = np.bincount(self.column, minlength=self.by_item.shape[1]) + 0.5
        used = used.reshape(-1, self.n_classes)
        used /= used.sum(axis=1, keepdims=True)
        chance = np.einsum("pk,pk->p", used[pairs.first], used[pairs.second])
        agree = self.answer[pairs.left] == self.answer[pairs.right]
        n = pairs.n_common
        observed = np.bincount(pairs.pair, agree, minlength=pairs.n_pairs)
        return (observed - n * chance) / (n * (1 - chance)) * n / (n + 5)

    def fit(self, reference, start=None):
        """Fit the states to some annotators, and all others to these states.

        Parameters
        ----------
        reference : bool ndarray of shape (n_annotators,)
        start : Fitted, default=None
            Where EM begins; None for annotators of the same ability.

        Returns
        -------
        fitted : Fitted
        """
        if start is None:
            return self._fit(self.neutral, reference, FIRST_ITERATIONS)
        return self._fit(start, reference, NEXT_ITERATIONS)

    def log_likelihood(self, fitted, reference):
        """Log-likelihood of the answers of some annotators, independent of each other."""
        score = self._posterior(fitted, reference)[1]
        return _total(score) + fitted.model.log_prior(reference)

    def log_likelihood_of_group(self, fitted, group, reference):
        """Log-likelihood of the answers of a reference and of a group that errs together.

        With probability q a member repeats the common answer b of the group, which
        arises as the members' answers do on average, and else answers alone:

            P(y | state) = sum_b P(b | state) prod_r (q [y_r = b] + (1 - q) P_r(y_r | state))

        The greatest over some values of q. Where one member answered, q is 0.
        """
        score, gain = self._posterior(fitted, reference)[1:]
        own = np.flatnonzero(group[self.annotator])
        n_own = np.bincount(self.item[own], minlength=self.n_items)
        alone = own[n_own[self.item[own]] == 1]
        score[self.item[alone]] += self._log_answer(gain, alone)
        together = own[n_own[self.item[own]] > 1]
        is_common = n_own > 1
        total = _total(score[~is_common])
        common = np.flatnonzero(is_common)
        mean = self._mean_answer(gain, np.flatnonzero(group))
        n_at_a_time = max(1, MOST_ENTRIES // mean.size)
        of_share = np.zeros(len(SHARES_COMMON))
        for begin in range(0, common.size, n_at_a_time):
            rows = common[begin : begin + n_at_a_time]
            part = together[np.isin(self.item[together], rows)]
            place = np.searchsorted(rows, self.item[part])
            log_answer = self._log_answer(gain, part)
            for k, q in enumerate(SHARES_COMMON):
                agreed = np.zeros((len(rows), *mean.shape))
                np.add.at(
                    agreed,
                    (place, self.answer[part]),
                    np.logaddexp(0.0, np.log(q / (1 - q)) - log_answer),
                )
                joint = score[rows] + logsumexp(agreed + mean, axis=1)
                np.add.at(joint, place, np.log1p(-q) + log_answer)
                of_share[k] += _total(joint)
        prior = fitted.model.log_prior(reference | group)
        return float(total + of_share.max() + prior)

    def _log_answer(self, gain, positions):
        """Log P(answer | state), shape (n, n_class_pairs, n_levels)."""
        own = gain[self.column[positions]]
        answer = self.answer[positions][:, None]
        log_answer = np.repeat(own[:, None, OTHER], len(self.states.true), axis=1)
        for source, classes in enumerate(self.states):
            log_answer += (answer == classes)[:, :, None] * own[:, None, source]
        return log_answer

    def _mean_answer(self, gain, members):
        """Log of the members' mean P(l | state), (n_classes, n_class_pairs, n_levels)."""
        n_classes = self.n_classes
        gain = gain.reshape(-1, n_classes, *gain.shape[1:])[members]
        table = np.repeat(gain[:, :, None, OTHER], len(self.states.true), axis=2)
        for source, classes in enumerate(self.states):
            places = np.arange(len(classes))
            table[:, classes, places] += gain[:, classes, source]
        return logsumexp(table, axis=0) - np.log(len(members))

    def excess_in_group(self, fitted, reference, positions):
        """Excess of pairs of annotators outside the reference, given its answers.

        Parameters
        ----------
        fitted : Fitted
        reference : bool ndarray of shape (n_annotators,)
        positions : int64 ndarray of shape (n_tested,)
            Which of the pairs.

        Returns
        -------
        excess : ndarray of shape (n_tested,)
        """
        marginals = self._marginals(self._posterior(fitted, reference)[0])

        def marginals_of(item, left, right):
            return [m[item] for m in marginals]

        return self._excess(positions, fitted.model, marginals_of)

    def excess_of_rest(self, fitted, reference, positions):
        """Excess of any pairs, given the answers of the reference but those of the pair."""
        score, gain = self._posterior(fitted, reference)[1:]
        without = WithoutTwo(self, score, gain, reference)
        return self._excess(positions, fitted.model, without)

    def _posterior(self, fitted, reference):
        """Posterior of the states given the answers of the reference.

        Returns
        -------
        posterior : ndarray of shape (n_items, n_class_pairs, n_levels)
        score : ndarray of the same shape
            Its logarithm, up to a constant for each item.
        gain : ndarray of shape (n_annotators * n_classes, 3, n_levels)
            log P(answer | level, neither true nor suggested), and what is added to it
            where the answer is the true, or the suggested class; at the positions
            OTHER, TRUE and SUGGESTED.
        """
        gain = self._gain(fitted.model)
        used = gain * np.repeat(reference, self.n_classes)[:, None, None]
        base = self.by_item @ used[:, OTHER]
        added = self.by_cell @ used[:, :OTHER].reshape(len(used), -1)
        added = added.reshape(self.n_items, self.n_classes, OTHER, -1)
        score = added[:, self.states.true, TRUE]
        score += added[:, self.states.suggested, SUGGESTED]
        score += base[:, None] + fitted.log_share
        posterior = score - score.max(axis=(1, 2), keepdims=True)
        np.exp(posterior, out=posterior)
        posterior /= posterior.sum(axis=(1, 2), keepdims=True)
        return posterior, score, gain

    def _gain(self, model):
        """Log-probabilities of answers; see :meth:`_posterior`."""
        source = model.sources().transpose(0, 2, 1)[:, None]
        other = source[:, :, OTHER] * model.guess[:, :, None] + 1e-12
        gain = np.log1p(source / other[:, :, None])
        gain[:, :, OTHER] = np.log(other)
        return gain.reshape(-1, *gain.shape[2:])

    def _marginals(self, posterior):
        """Posteriors of the level alone, and together with either class.

        Returns
        -------
        level : ndarray of shape (n_items, n_levels)
        true, suggested : ndarray of shape (n_items, n_classes, n_levels)
        """
        folds = self.fold_true, self.fold_suggested
        return posterior.sum(axis=1), *(np.matmul(fold, posterior) for fold in folds)

    def _fit(self, fitted, reference, n_iterations):
        """Fit states to the reference by EM, and all others to these states.

        The posterior of the state in the counts of an annotator outside the reference
        is that given the reference and the own answer, so that their parameters
        maximise the predictive likelihood.
        """
        for _ in range(n_iterations):
            posterior, _, gain = self._posterior(fitted, reference)
            joint = self._joint(self._marginals(posterior), gain, reference)
            # The share of answers equal to the true class that were not guessed, etc.
            followed = joint[:, :OTHER] * -np.expm1(-gain[:, :OTHER])
            guessed = joint.sum(axis=1) - followed.sum(axis=1)
            counts = np.concatenate([followed, guessed[:, None]], axis=1)
            counts = counts.reshape(self.n_annotators, self.n_classes, 3, -1)
            guesses = counts[:, :, OTHER].sum(axis=2)
            counts = counts.sum(axis=1).transpose(0, 2, 1)
            model = fitted.model.update(counts, guesses, reference)
            fitted = Fitted(model, States.log_share(posterior.sum(axis=0)))
        return fitted

    def _joint(self, marginals, gain, reference):
        """Count answers that are the true, the suggested and no such class, by level.

        For those outside the reference the posterior is multiplied by the likelihood
        of the own answer, which it does not hold yet.

        Returns
        -------
        joint : ndarray of shape (n_annotators * n_classes, 3, n_levels)
        """
        level, *classes = marginals
        classes = [m.reshape(-1, m.shape[2]) for m in classes]
        joint = [self.by_cell.T @ m for m in classes]
        joint.append(np.maximum(self.by_item.T @ level - joint[0] - joint[1], 0.0))
        joint = np.stack(joint, axis=1)
        own = np.flatnonzero(~reference[self.annotator])
        if own.size:
            joint[~np.repeat(reference, self.n_classes)] = 0.0
            true, suggested = (m[self.cell[own]] for m in classes)
            neither = np.maximum(level[self.item[own]] - true - suggested, 0.0)
            weight = np.stack([true, suggested, neither], axis=1)
            before = weight.sum(axis=(1, 2))  # 0 for items left out
            factor = gain.copy()
            factor[:, :OTHER] += gain[:, OTHER][:, None]
            weight *= np.exp(factor)[self.column[own]]
            weight *= (before / np.maximum(weight.sum(axis=(1, 2)), 1e-300))[:, None, None]
            shape = len(joint), own.size
            spread = _indicator(self.column[own], np.arange(own.size), shape)
            joint += (spread @ weight.reshape(own.size, -1)).reshape(joint.shape)
        return joint

    def _excess(self, positions, model, marginals_of):
        """Compare observed and expected agreement.

        `marginals_of` takes items and the positions of two answers to each of them,
        and returns the marginals of the states given the answers of others.
        """
        pairs = self.pairs
        base, true, suggested = model.agreement(
            pairs.first[positions], pairs.second[positions]
        )
        where, which = pairs.incidences(positions)
        left, right, item = pairs.left[where], pairs.right[where], pairs.item[where]
        expected = np.empty(where.size)
        for begin in range(0, where.size, CHUNK):
            part = slice(begin, begin + CHUNK)
            own = which[part]
            of_level, of_true, of_suggested = marginals_of(
                item[part], left[part], right[part]
            )
            expected[part] = np.einsum("im,im->i", of_level, base[own])
            expected[part] += np.einsum("ikm,ikm->i", of_true, true[own])
            expected[part] += np.einsum("ikm,ikm->i", of_suggested, suggested[own])
        agree = (self.answer[left] == self.answer[right]).astype(float)
        total = [np.bincount(which, v, len(positions)) for v in (agree, expected)]
        n_common = np.bincount(which, minlength=len(positions))
        share = np.clip(total[1] / n_common, 0.0, 1.0 - 1e-9)
        return (total[0] / n_common - share) / (1 - share)


class WithoutTwo:
    """Marginals of the states of items, given all answers of a reference but two."""

    def __init__(self, null, score, gain, reference):
        states = null.states
        likely = score.max(axis=2)
        n_kept = min(MOST_LIKELY, likely.shape[1])
        best = np.argpartition(-likely, n_kept - 1, axis=1)[:, :n_kept]
        self.score = np.take_along_axis(score, best[:, :, None], axis=1)
        self.true, self.suggested = states.true[best], states.suggested[best]
        self.gain = gain * np.repeat(reference, null.n_classes)[:, None, None]
        self.answer, self.column = null.answer, null.column
        self.n_classes = null.n_classes

    def __call__(self, item, left, right):
        """Return marginals of shapes (n, n_levels), (n, n_classes, n_levels) twice."""
        score = self.score[item]
        true, suggested = self.true[item], self.suggested[item]
        for own in (left, right):
            answer, gain = self.answer[own][:, None], self.gain[self.column[own]]
            score -= gain[:, None, OTHER]
            score -= (answer == true)[:, :, None] * gain[:, None, TRUE]
            score -= (answer == suggested)[:, :, None] * gain[:, None, SUGGESTED]
        posterior = softmax(score, axis=(1, 2))
        folded = np.zeros((2, len(item), self.n_classes, score.shape[2]))
        row = np.arange(len(item))
        for place in range(score.shape[1]):
            folded[0, row, true[:, place]] += posterior[:, place]
            folded[1, row, suggested[:, place]] += posterior[:, place]
        return posterior.sum(axis=1), *folded


def _total(log_joint):
    """Log-likelihood of all items, from the joint with their states."""
    greatest = log_joint.max(axis=(1, 2), keepdims=True)
    shares = np.exp(log_joint - greatest).sum(axis=(1, 2))
    return float(greatest.sum() + np.log(shares).sum())


def _indicator(row, column, shape):
    """Sparse matrix with ones at some places."""
    return sparse.csr_array((np.ones(len(row)), (row, column)), shape=shape)

