"""Distillation for numbers: a student trained on the truth that others infer."""

from __future__ import annotations

from dataclasses import replace
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation import RatingParameters
from skcrowd.annotators import FixedGaussianAnnotators
from skcrowd.methods._gaussian_em import SMALLEST_RESIDUAL_VAR
from skcrowd.methods._method import Method, MethodResult
from skcrowd.methods._teachers import (
    N_JOBS,
    DistillationMethod,
    first_teacher,
    fit_teachers,
    stripped,
    teacher_after_interrupt,
)

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray

    from ._training_context import TrainingContext


__all__ = ["DistilledMean"]


class DistilledMean(DistillationMethod):
    """Train a student on the numbers that a crowd model infers.

    The student does not model annotators; their biases, scales and noise are estimated
    again from its predictions. The counterpart of :class:`KDCrowd`, without its second
    stage and without f-mutual information, which is defined for classes.

    Parameters
    ----------
    teacher : str or Method, default="em"
        Any other method for numbers, by name or as an object. The parameters of an
        object are reachable as ``teacher__…``.
    n_teachers : int, default=1
        Fits of the teacher, each with a seed of its own, that are averaged.
    n_rounds : int, default=1
        Number of students, each trained on the truth inferred with the one before.
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

    _parameter_constraints: dict[str, Any] = {
        "teacher": [str, Method],
        "n_teachers": [Interval(Integral, 1, None, closed="left")],
        "n_rounds": [Interval(Integral, 1, None, closed="left")],
        "scale_std": [Interval(Real, 0, None, closed="left")],
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
        "n_jobs": N_JOBS,
    }

    def __init__(
        self,
        teacher: Method | str = "em",
        n_teachers: int = 1,
        n_rounds: int = 1,
        scale_std: float = 0.3,
        pseudo_counts: float = 2.0,
        n_jobs: int | None = None,
    ) -> None:
        self.teacher = teacher
        self.n_teachers = n_teachers
        self.n_rounds = n_rounds
        self.scale_std = scale_std
        self.pseudo_counts = pseudo_counts
        self.n_jobs = n_jobs

    def learn(self, context: TrainingContext) -> MethodResult:
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
        extras = {"teachers_": [*map(stripped, teachers)], "student_": student}
        return replace(student, extras=extras)

    def _teach(
        self, context: TrainingContext, teachers: list[MethodResult]
    ) -> MethodResult:
        """Train students one after another; stop at the one that was interrupted."""
        quiet = replace(context, factory=context.factory.quiet(stage="student"))
        mean, var = _mixture([_inferred(context, result) for result in teachers])
        for n_left in reversed(range(self.n_rounds)):
            student = self._learn_numbers(quiet if n_left else context, mean, var)
            if student.net.was_cut:
                break
            mean, var = _inferred(context, student)
        return student

    def _learn_numbers(
        self, context: TrainingContext, mean: FloatArray, var: FloatArray
    ) -> MethodResult:
        """Train a student by squared error, estimate the annotators against it."""
        weight = context.training_weight
        rating_parameters = self._fit_parameters(context, mean, var)
        residual_var = np.average((mean - mean.mean()) ** 2 + var, weights=weight)
        annotators = FixedGaussianAnnotators(rating_parameters, residual_var)
        net = context.train(annotators, train_on="targets", targets=mean)
        prediction = context.predict_trained(net)
        residual_var = _residual_var(mean, var, prediction, weight)
        mean, var = context.ratings.posterior(
            rating_parameters, prediction, residual_var
        )
        rating_parameters = self._fit_parameters(context, mean, var)
        residual_var = _residual_var(mean, var, prediction, weight)
        net.criterion_.annotators.replace(rating_parameters, residual_var)
        mean, _ = context.ratings.posterior(rating_parameters, prediction, residual_var)
        return MethodResult(net, net.criterion_.annotators, mean)

    def _fit_parameters(
        self, context: TrainingContext, mean: FloatArray, var: FloatArray
    ) -> Any:
        return context.ratings.fit_parameters(
            mean, var, scale_std=self.scale_std, pseudo_counts=self.pseudo_counts
        )


def _residual_var(
    mean: FloatArray, var: FloatArray, prediction: FloatArray, weight: FloatArray
) -> float:
    """Return E[(truth - prediction)²], at least SMALLEST_RESIDUAL_VAR."""
    residual_var = np.average((mean - prediction) ** 2 + var, weights=weight)
    return max(residual_var, SMALLEST_RESIDUAL_VAR)


def _inferred(context: TrainingContext, result: Any) -> tuple[FloatArray, FloatArray]:
    """Return mean and variance of the truth under the identifiability constraint.

    Without it the units of two teachers would differ.
    """
    annotators, mean, var = result.annotators, result.posterior, result.posterior_var
    rating_parameters = RatingParameters(*annotators.rating_parameters())
    if var is None:
        residual_var = annotators.residual_var().item()
        var = context.ratings.posterior(rating_parameters, mean, residual_var)[1]
    _, stretch, offset = context.ratings.apply_identifiability_constraint(
        rating_parameters, mean, var
    )
    return context.clamp_gold(stretch * mean + offset), stretch**2 * var


def _mixture(
    inferred: list[tuple[FloatArray, FloatArray]],
) -> tuple[FloatArray, FloatArray]:
    """Return mean and variance of the mixture of the teachers' posteriors.

    By the law of total variance: the mean of the variances plus the variance of means.
    """
    means, variances = map(np.stack, zip(*inferred, strict=True))
    return means.mean(axis=0), variances.mean(axis=0) + means.var(axis=0)
