"""KD-Crowd: distillation of a crowd model into a network without annotators."""

from __future__ import annotations

from dataclasses import replace
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from skcrowd._sklearn_compat import Interval, StrOptions, check_constraints
from skcrowd.annotators import ConfusionTable, FixedConfusion
from skcrowd.annotators._confusion_table import given_annotators
from skcrowd.methods._class_prior import mean_shares
from skcrowd.methods._confusion_layer import started_table
from skcrowd.methods._distillation import InformationGain, KullbackLeibler
from skcrowd.methods._experimental import experimental
from skcrowd.methods._method import Method, MethodResult
from skcrowd.methods._resolve import lookup
from skcrowd.methods._robust_training import RobustTraining
from skcrowd.methods._sequence_context import SequenceTrainingContext
from skcrowd.methods._teachers import (
    N_JOBS,
    DistillationMethod,
    first_teacher,
    fit_teachers,
    stripped,
    teacher_after_interrupt,
)
from skcrowd.training import DIVERGENCES
from skcrowd.training._callbacks import SwitchToAnswers

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray

    from ._training_context import TrainingContext


__all__ = ["KDCrowd"]


class KDCrowd(DistillationMethod):
    """Distil a crowd model into a student, and the student into a crowd model.

    A model of the annotators also fits their noise. A student without annotators is
    trained on the posterior of such a teacher, by a technique for noisy labels and by
    mutual information; then roles may be exchanged, and a new network with confusion
    matrices learns from the answers and from the student.

    Parameters
    ----------
    teacher : str or Method, default="regularized_em"
        Any other method, by name or as an object. The parameters of an object are
        reachable as ``teacher__…``.
    n_teachers : int, default=1
        Fits of the teacher, each with a seed of its own, that are averaged.
    n_rounds : int, default=1
        How often both stages run; from the second round on, the result of the round
        before is the teacher.
    back_to_answers : bool, default=False
        Whether the second stage runs. If not, the student is the result, and the
        teacher of the next round.
    robust : {"early_learning", "small_loss", "co_teaching", "mixup"}, \
            RobustTraining or None, default=None
        Technique that the student is trained by: an object, or the name of one of
        ``skcrowd.experimental.ROBUST_TRAINING``, which may change without deprecation.
        The parameters of an object are reachable as ``robust__…``.
    distillation : {"mutual_information", "kl"} or None, \
            default="mutual_information"
        Additional loss of the student with respect to the teacher, and of the second
        stage with respect to the student: f-mutual information, or the Kullback-Leibler
        divergence. None: the student has the loss to the labels alone, and the second
        stage that to the answers.
    distillation_weight : float, default=0.3
        Weight of the additional loss; the mean loss to labels or answers has weight 1.
    divergence : {"kl", "pearson", "jensen_shannon", "squared_hellinger", \
            "reverse_kl", "total_variation"}, default="kl"
        The f of the mutual information.
    temperature : float, default=2.0
        Softens both predictions where ``distillation="kl"``.
    learn_unanswered : bool, default=True
        Whether the student is trained on the teacher's predictions of items without
        answers, too.
    warm_epochs : int, default=5
        First epochs of the second stage, on the posterior given student and answers; at
        most half of ``max_epochs``.
    annotator_lr : float, default=3e-2
        Learning rate of the second stage's confusion matrices.
    pseudo_counts : float, default=3.0
        Shrinks each annotator's confusions to the crowd's, or, where the classes have
        an order, as :class:`EM` does.
    n_jobs : int, default=None
        Processes that fit teachers; None is one, -1 as many as there are processors.
        The result is the same. Within workers of joblib this one fits them all.

    Notes
    -----
    By default it distils the teacher, or the average of several, into a student, and
    no more: that was best by measurement. The paper's procedure, with a technique for
    noisy labels and the second stage, is
    ``KDCrowd(robust="early_learning", back_to_answers=True)``.

    The estimator gets the attributes ``teachers_``, a list of :class:`MethodResult`,
    ``teacher_``, the first of them, and ``student_``, the :class:`MethodResult` of the
    last round's student, with their networks and annotator models.

    The second stage helps a teacher that has no regularisation of its own, such as EM,
    and harms the default one, because its network and confusions are fitted to the
    answers without any. With ``"small_loss"`` and ``"co_teaching"`` items are left out
    of the comparison with labels, while distillation still sees them.

    The soft labels of the student are the teacher's posterior given features and
    answers, or the predictions of its network if it has no posterior. Callbacks of the
    user run while the network that is the result is trained. Teacher, robust technique,
    f, weight and schedule are our choice, by measurement: the abstract leaves them
    open.

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
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.methods import EM, KDCrowd
    >>> method = KDCrowd(teacher=EM(pseudo_counts=1.0), robust="small_loss")
    >>> CrowdClassifier(method=method).get_params()["method__teacher__pseudo_counts"]
    1.0
    """

    _parameter_constraints: dict[str, Any] = {
        "teacher": [str, Method],
        "n_teachers": [Interval(Integral, 1, None, closed="left")],
        "n_rounds": [Interval(Integral, 1, None, closed="left")],
        "back_to_answers": ["boolean"],
        "robust": [None, str, RobustTraining],
        "distillation": [None, StrOptions({"mutual_information", "kl"})],
        "distillation_weight": [Interval(Real, 0, None, closed="neither")],
        "divergence": [StrOptions(set(DIVERGENCES))],
        "temperature": [Interval(Real, 0, None, closed="neither")],
        "learn_unanswered": ["boolean"],
        "warm_epochs": [Interval(Integral, 0, None, closed="left")],
        "annotator_lr": [Interval(Real, 0, None, closed="neither")],
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
        "n_jobs": N_JOBS,
    }

    def __init__(
        self,
        teacher: Method | str = "regularized_em",
        n_teachers: int = 1,
        n_rounds: int = 1,
        back_to_answers: bool = False,
        robust: RobustTraining
        | Literal["early_learning", "small_loss", "co_teaching", "mixup"]
        | None = None,
        distillation: Literal["mutual_information", "kl"] | None = "mutual_information",
        distillation_weight: float = 0.3,
        divergence: Literal[
            "kl",
            "pearson",
            "jensen_shannon",
            "squared_hellinger",
            "reverse_kl",
            "total_variation",
        ] = "kl",
        temperature: float = 2.0,
        learn_unanswered: bool = True,
        warm_epochs: int = 5,
        annotator_lr: float = 3e-2,
        pseudo_counts: float = 3.0,
        n_jobs: int | None = None,
    ) -> None:
        self.teacher = teacher
        self.n_teachers = n_teachers
        self.n_rounds = n_rounds
        self.back_to_answers = back_to_answers
        self.robust = robust
        self.distillation = distillation
        self.distillation_weight = distillation_weight
        self.divergence = divergence
        self.temperature = temperature
        self.learn_unanswered = learn_unanswered
        self.warm_epochs = warm_epochs
        self.annotator_lr = annotator_lr
        self.pseudo_counts = pseudo_counts
        self.n_jobs = n_jobs

    @property
    def needs_table(self) -> bool:  # type: ignore[override]
        """Whether the second stage trains confusions."""
        return self.back_to_answers

    def annotator_sizes(self) -> tuple[type[Any], dict[str, Any]]:
        """Return class and sizes of the annotator model of the second stage."""
        return (ConfusionTable if self.back_to_answers else FixedConfusion), {}

    def bytes_needed(self, context: TrainingContext) -> int:
        """Return the larger of the bytes of the second stage and of the teacher."""
        teacher = self._resolved_teacher(context)
        return max(super().bytes_needed(context), teacher.bytes_needed(context))

    def learn(self, context: TrainingContext) -> MethodResult:
        """Fit the teachers, then run both stages in every round."""
        technique = self._technique()
        teachers = self._fit_teachers(context)
        if teachers[-1].net.was_cut:
            return _with_first(first_teacher(teachers))
        try:
            result, student = self._teach(context, teachers, technique)
        except KeyboardInterrupt:
            return _with_first(teacher_after_interrupt(teachers, context))
        student = student if result is student else stripped(student)
        extras = {"teachers_": [*map(stripped, teachers)], "student_": student}
        return _with_first(replace(result, extras=extras))

    def _teach(
        self,
        context: TrainingContext,
        teachers: list[MethodResult],
        technique: RobustTraining,
    ) -> tuple[MethodResult, MethodResult]:
        """Run both stages in every round; stop at the network that was interrupted.

        Returns
        -------
        result, student : MethodResult
            The network of the last stage, and that of the last first stage.
        """
        quiet = replace(context, factory=context.factory.quiet(stage="student"))
        soft_labels = np.mean([_soft_labels(context, t) for t in teachers], axis=0)
        for n_left in reversed(range(self.n_rounds)):
            second_stage = quiet if n_left else context
            first_stage = quiet if self.back_to_answers else second_stage
            result = student = self._learn_labels(first_stage, soft_labels, technique)
            if self.back_to_answers and not student.net.was_cut:
                result = self._learn_answers(second_stage, student)
            if result.net.was_cut:
                break
            soft_labels = result.posterior
        return result, student

    def _check_parameters(self) -> None:
        """Check the parameters, also what `robust` names."""
        super()._check_parameters()
        self._technique()

    def _technique(self) -> RobustTraining:
        if isinstance(self.robust, RobustTraining):
            check_constraints(self.robust)
            return self.robust
        if self.robust is None:
            return RobustTraining()
        return lookup(self.robust, experimental("ROBUST_TRAINING"), "robust")()

    def _resolved_teacher(self, context: TrainingContext) -> Method:
        from skcrowd.methods import LABEL_METHODS, SEQUENCE_METHODS

        has_sequences = isinstance(context, SequenceTrainingContext)
        return self.make_teacher(
            {
                **(SEQUENCE_METHODS if has_sequences else LABEL_METHODS),
                **experimental("LABEL_METHODS"),
            },
            {"labels", "tags"} if has_sequences else {"labels"},
        )

    def _fit_teachers(self, context: TrainingContext) -> list[MethodResult]:
        teacher = self._resolved_teacher(context)
        return fit_teachers(teacher, context, self.n_teachers, self.n_jobs)

    def _learn_labels(
        self,
        context: TrainingContext,
        soft_labels: FloatArray,
        technique: RobustTraining,
    ) -> MethodResult:
        """First stage: train a student on soft labels, without annotators."""
        net = technique.train(
            replace(context, include_unlabeled=self.learn_unanswered),
            given_annotators(self._confusion(context, soft_labels)),
            soft_labels,
            **self._distilled(context, soft_labels),
        )
        log_truth, annotators = context.predict_trained(net), net.criterion_.annotators
        posterior = context.labels.posterior(log_truth, annotators.lean_confusion())
        if not context.held_out.any():  # else keep those of the best epoch
            annotators.replace(self._confusion(context, posterior))
            posterior = context.labels.posterior(log_truth, annotators.lean_confusion())
        return MethodResult(net, annotators, posterior)

    def _learn_answers(self, context: TrainingContext, student: Any) -> MethodResult:
        """Second stage: train network and confusions on the answers and the student."""
        warm_epochs = context.warm_epochs(self.warm_epochs)
        expected_counts = context.labels.expected_counts(student.posterior)
        net = context.train(
            started_table(expected_counts, self.pseudo_counts),
            train_on="answers",
            targets=student.posterior,
            callbacks=[("warm_start", SwitchToAnswers(warm_epochs))],
            annotator_lr=self.annotator_lr,
            warm_epochs=warm_epochs,
            **self._distilled(context, np.exp(context.predict_trained(student.net))),
        )
        annotators = net.criterion_.annotators
        log_truth = context.predict_trained(net)
        posterior = context.labels.posterior(log_truth, annotators.lean_confusion())
        return MethodResult(net, annotators, posterior)

    def _distilled(self, context: TrainingContext, proba: FloatArray) -> dict[str, Any]:
        """Return the arguments of ``train`` for the loss to given probabilities."""
        penalty: InformationGain | KullbackLeibler
        if self.distillation is None:
            return {}
        if self.distillation == "kl":
            penalty = KullbackLeibler(self.temperature, self.distillation_weight)
        else:
            prior = mean_shares(proba, context.training_weight)
            penalty = InformationGain(prior, self.divergence, self.distillation_weight)
        return {"penalties": (penalty,), "extra_targets": {"teacher": proba}}

    def _confusion(self, context: TrainingContext, posterior: Any) -> FloatArray:
        """Return the confusions of the annotators under a posterior, rows shrunk."""
        expected_counts = context.labels.expected_counts(posterior)
        return context.labels.confusion(expected_counts, self.pseudo_counts)


def _with_first(result: MethodResult) -> MethodResult:
    """Add the first teacher to the extras."""
    extras = {**result.extras, "teacher_": result.extras["teachers_"][0]}
    return replace(result, extras=extras)


def _soft_labels(context: TrainingContext, teacher: MethodResult) -> FloatArray:
    """Return a teacher's probabilities of the training items, (n_items, n_classes)."""
    if teacher.posterior is not None:
        return teacher.posterior
    return np.exp(context.predict_trained(teacher.net))
