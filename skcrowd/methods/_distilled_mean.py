"""Distillation for numbers: a student on what other methods infer."""

from dataclasses import replace
from numbers import Integral, Real

import numpy as np

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation import RatingParameters
from skcrowd.annotators import FixedGaussianAnnotators
from skcrowd.methods._gaussian_em import SMALLEST_SPREAD
from skcrowd.methods._method import Method, MethodResult
from skcrowd.methods._teachers import (
    N_JOBS,
    DistillationMethod,
    first_teacher,
    fit_teachers,
    kept,
    teacher_after_interrupt,
)

__all__ = ["DistilledMean"]


class DistilledMean(DistillationMethod):
    """Train a student on the numbers that a crowd model infers.

    The student knows no annotators; their biases, scales and noise are estimated anew
    against what it says. What :class:`KDCrowd` is for labels, but for its second stage
    and mutual information: f-mutual information compares probabilities of classes, of
    which numbers have none.

    Parameters
    ----------
    teacher : str or Method, default="em"
        Any other method for numbers, by name or as an object. The parameters of an
        object are reachable as ``teacher__…``.
    n_teachers : int, default=1
        Fits of the teacher, each with a seed of its own, that are averaged.
    n_rounds : int, default=1
        Students one after another, each on what the one before and the ratings say.
    scale_std : float, default=0.3
        Standard deviation of the scales' normal prior around 1; 0 keeps all scales
        at 1.
    pseudo_counts : float, default=2.0
        Shrinks each annotator's noise variance to the crowd's.
    n_jobs : int, default=None
        Processes that fit teachers; None is one, -1 as many as there are processors.
        The result is the same. Within workers of joblib this one fits them all.

    Notes
    -----
    The estimator gets the attributes ``teachers_``, a list of :class:`MethodResult`,
    and ``student_``, the :class:`MethodResult` that is the result, both in the unit in
    which networks are trained. All of it is our choice: the paper is about labels.

    With ``on_interrupt="keep"`` the network that is trained when the interrupt comes is
    the result; where it is a teacher that is the first teacher, and there is no
    ``student_``. What teachers learn in other processes is lost.

    References
    ----------
    S. Li, Y. Zheng, Y. Shi, S. Huang, S. Chen. KD-Crowd: a knowledge distillation
    framework for learning from crowds. Frontiers of Computer Science 19(1):191302,
    2025. doi:10.1007/s11704-023-3578-7

    Examples
    --------
    >>> from skcrowd import CrowdRegressor
    >>> CrowdRegressor(method="kd_crowd", method__n_teachers=3)
    CrowdRegressor(method='kd_crowd', method__n_teachers=3)
    """

    kind = "numbers"

    _parameter_constraints: dict = {
        "teacher": [str, Method],
        "n_teachers": [Interval(Integral, 1, None, closed="left")],
        "n_rounds": [Interval(Integral, 1, None, closed="left")],
        "scale_std": [Interval(Real, 0, None, closed="left")],
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
        "n_jobs": N_JOBS,
    }

    def __init__(
        self,
        teacher="em",
        n_teachers=1,
        n_rounds=1,
        scale_std=0.3,
        pseudo_counts=2.0,
        n_jobs=None,
    ):
        self.teacher = teacher
        self.n_teachers = n_teachers
        self.n_rounds = n_rounds
        self.scale_std = scale_std
        self.pseudo_counts = pseudo_counts
        self.n_jobs = n_jobs

    def learn(self, context):
        """Fit the teachers, then students on the mean of what they infer."""
        from skcrowd.methods import NUMBER_METHODS

        teacher = self.make_teacher(NUMBER_METHODS, {"numbers"})
        teachers = fit_teachers(teacher, context, self.n_teachers, self.n_jobs)
        if teachers[-1].net.was_cut:
            return first_teacher(teachers)
        try:
            student = self._teach(context, teachers)
        except KeyboardInterrupt:
            return teacher_after_interrupt(teachers, context)
        extras = {"teachers_": [*map(kept, teachers)], "student_": student}
        return replace(student, extras=extras)

    def _teach(self, context, teachers):
        """Train students one after another; an interrupt makes its one the last."""
        quiet = replace(context, factory=context.factory.quiet())
        mean, var = _mixture([_inferred(context, result) for result in teachers])
        for n_left in reversed(range(self.n_rounds)):
            student = self._learn_numbers(quiet if n_left else context, mean, var)
            if student.net.was_cut:
                break
            mean, var = _inferred(context, student)
        return student

    def _learn_numbers(self, context, mean, var):
        """Train a student by squared error, estimate the annotators against it."""
        weight = context.training_weight
        rating_parameters = self._raters(context, mean, var)
        spread = np.average((mean - mean.mean()) ** 2 + var, weights=weight)
        annotators = FixedGaussianAnnotators(rating_parameters, spread)
        net = context.train(annotators, train_on="targets", targets=mean)
        prediction = context.predict_truth(net)
        spread = _spread(mean, var, prediction, weight)
        mean, var = context.ratings.posterior(rating_parameters, prediction, spread)
        rating_parameters = self._raters(context, mean, var)
        spread = _spread(mean, var, prediction, weight)
        net.criterion_.annotators.replace(rating_parameters, spread)
        mean, _ = context.ratings.posterior(rating_parameters, prediction, spread)
        return MethodResult(net, net.criterion_.annotators, mean)

    def _raters(self, context, mean, var):
        return context.ratings.fit_parameters(
            mean, var, scale_std=self.scale_std, pseudo_counts=self.pseudo_counts
        )


def _spread(mean, var, prediction, weight):
    """Variance of the truth about what the network says."""
    square = np.average((mean - prediction) ** 2 + var, weights=weight)
    return max(square, SMALLEST_SPREAD)


def _inferred(context, result):
    """Return mean and variance of the truth, the crowd as a whole made right.

    Without that, the numbers of two teachers would not be in one unit.
    """
    rating_parameters, mean = (
        RatingParameters(*result.annotators.rating_parameters()),
        result.posterior,
    )
    var = result.posterior_var
    if var is None:
        spread = result.annotators.residual_var().item()
        var = context.ratings.posterior(rating_parameters, mean, spread)[1]
    _, stretch, offset = context.ratings.apply_identifiability_constraint(
        rating_parameters, mean, var
    )
    return context.clamp_gold(stretch * mean + offset), stretch**2 * var


def _mixture(inferred):
    """Mean and variance of the truth where each teacher is as likely to be right."""
    means, variances = map(np.stack, zip(*inferred, strict=True))
    return means.mean(axis=0), variances.mean(axis=0) + means.var(axis=0)
