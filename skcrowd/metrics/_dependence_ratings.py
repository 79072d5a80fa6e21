"""Correlation of the errors of two raters, given the true values of the items."""

import numpy as np

from skcrowd.metrics._dependence_pairs import PairStatistics

__all__ = ["RatingNull"]

N_ITERATIONS = 40
SCALE_PRECISION = 1.0  # prior N(1, 1) of a scale
NOISE_PRIOR = 2.0, 0.5  # ratings, and their squared error, that each rater starts with


class RatingNull:
    """A one-factor model in which the errors of raters are independent.

    Rating y_ir = offset_r + scale_r * truth_i + error_ir with truth_i ~ N(0, 1) and
    Var(error_ir) = variance_r. The errors of an item may be larger for everybody: this
    leaves their covariance at zero, and its standard error is the empirical one.

    Parameters
    ----------
    annotations : Annotations of numbers
    pairs : Pairs
    """

    def __init__(self, annotations, pairs):
        self.pairs = pairs
        self.item = annotations.item
        self.annotator = annotations.annotator
        self.n_items, self.n_annotators = annotations.shape
        spread = annotations.answer.std()
        mean = annotations.answer.mean()
        self.rating = (annotations.answer - mean) / (spread if spread > 0 else 1.0)

    def similarity(self):
        """Correlation of the ratings of each pair, shrunk where few items are common."""
        n = np.bincount(self.annotator, minlength=self.n_annotators)
        mean = np.bincount(self.annotator, self.rating, self.n_annotators)
        centred = self.rating - (mean / np.maximum(n, 1))[self.annotator]
        left, right = centred[self.pairs.left], centred[self.pairs.right]
        cross, a, b = (self._total(v) for v in (left * right, left**2, right**2))
        n_common = self.pairs.n_common
        correlation = cross / np.sqrt(a * b + 1e-12)
        return correlation * n_common / (n_common + 5)

    def test_group(self, group, excluded, margin, kept=None):
        """Test the pairs in a group; see :meth:`LabelNull.test_group`."""
        reference = ~(group | excluded)
        used = np.ones(self.item.size, bool) if kept is None else kept[self.item]
        fitted = self._fit(reference, used)
        positions = self.pairs.within(group)
        return positions, self._test(positions, reference, used, fitted, margin)

    def test_rest(self, positions, excluded, margin):
        """Test pairs, given the ratings of all others who are not excluded."""
        used = np.ones(self.item.size, bool)
        fitted = self._fit(~excluded, used)
        return self._test(positions, ~excluded, used, fitted, margin)

    def _total(self, values):
        return np.bincount(self.pairs.pair, values, self.pairs.n_pairs)

    def _fit(self, reference, used):
        """Offset, scale and variance of every rater by EM.

        The truth in the equations of a rater outside the reference is that given the
        reference and the own rating.
        """
        n, who = self.n_annotators, self.annotator
        offset, scale, variance = np.zeros(n), np.ones(n), np.full(n, 0.5)
        for _ in range(N_ITERATIONS):
            precision, weighted = self._evidence(offset, scale, variance)
            of_item = self._of_items(precision, weighted, reference, used)
            outside = ~reference[who]
            total = of_item[0][self.item] + outside * precision
            mean = (of_item[1][self.item] + outside * weighted) / total
            moments = self._moments(mean, 1 / total, used)
            offset, scale, variance = regress(*moments)
        return offset, scale, variance

    def _evidence(self, offset, scale, variance):
        """Precision of the truth from each rating, and precision times value."""
        who = self.annotator
        slope = scale[who] / variance[who]
        return slope * scale[who], slope * (self.rating - offset[who])

    def _of_items(self, precision, weighted, reference, used):
        """Sums over the reference, with the prior N(0, 1)."""
        kept = used & reference[self.annotator]
        item = self.item[kept]
        total = 1.0 + np.bincount(item, precision[kept], self.n_items)
        return total, np.bincount(item, weighted[kept], self.n_items)

    def _moments(self, mean, var, used):
        """Sums of 1, t, t², y, t * y and y² by rater."""
        rating = self.rating
        values = np.ones_like(mean), mean, mean**2 + var, rating, mean * rating
        return [
            np.bincount(self.annotator, v * used, self.n_annotators)
            for v in (*values, rating**2)
        ]

    def _test(self, positions, reference, used, fitted, margin):
        """Compare products of residuals with what uncertain truth explains.

        Given the posterior N(mean_i, var_i) of the truth, E[d_ir d_is] =
        scale_r scale_s var_i where d_ir = y_ir - offset_r - scale_r mean_i.
        """
        offset, scale, variance = fitted
        pairs = self.pairs
        precision, weighted = self._evidence(*fitted)
        total, value = self._of_items(precision, weighted, reference, used)
        where, which = pairs.incidences(positions)
        where, which = where[used[pairs.left[where]]], which[used[pairs.left[where]]]
        left, right, item = pairs.left[where], pairs.right[where], pairs.item[where]
        own = reference[self.annotator]
        total = total[item] - own[left] * precision[left] - own[right] * precision[right]
        value = value[item] - own[left] * weighted[left] - own[right] * weighted[right]
        mean = value / total
        r, s = self.annotator[left], self.annotator[right]
        product = self.rating[left] - offset[r] - scale[r] * mean
        product *= self.rating[right] - offset[s] - scale[s] * mean
        product -= scale[r] * scale[s] / total
        n = np.maximum(np.bincount(which, minlength=positions.size), 1)
        noise = np.sqrt(variance[pairs.first[positions]] * variance[pairs.second[positions]])
        covariance = np.bincount(which, product, positions.size) / n
        square = np.bincount(which, product**2, positions.size) / n
        error = np.sqrt(np.maximum(square - covariance**2, 0.0)) / noise
        error = np.maximum(error, 1.0) / np.sqrt(n)
        excess = np.clip(covariance / noise, -1.0, 1.0)
        return PairStatistics.of_correlation(excess, error, margin)


def regress(n, t, tt, y, ty, yy):
    """Regression of ratings on the truth by moments, with weak priors."""
    n = n + 1e-9
    spread = tt - t**2 / n + SCALE_PRECISION
    scale = (ty - t * y / n + SCALE_PRECISION) / spread
    offset = (y - scale * t) / n
    square = yy + n * offset**2 + scale**2 * tt
    square += 2 * (scale * offset * t - offset * y - scale * ty)
    count, start = NOISE_PRIOR
    variance = (np.maximum(square, 0.0) + count * start) / (n + count)
    return offset, scale, np.maximum(variance, 1e-4)
