"""Evaluate any model by the answers of a crowd, and by few gold labels."""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._known import gold_by_row
from skcrowd.annotations._warn import warn
from skcrowd.metrics._evaluate_gold import contradicts
from skcrowd.metrics._evaluate_labels import LabelTask
from skcrowd.metrics._evaluate_notes import FEW_GOLD
from skcrowd.metrics._evaluate_numbers import NumberTask
from skcrowd.metrics._evaluate_result import ModelEvaluation
from skcrowd.metrics._evaluate_spans import SpanTask
from skcrowd.metrics._known_gold import known_gold

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, Array, IntArray, RandomState


__all__ = ["evaluate"]

TASKS = {"labels": LabelTask, "numbers": NumberTask, "sequences": SpanTask}
LEAST_GOLD = 3
IN_SAMPLE = (
    "the model was trained on these answers and agrees with their errors, which makes "
    "the estimate too high; predict with "
    "skcrowd.model_selection.cross_val_predict"
)
CONTRADICTION = (
    "gold labels contradict the estimate from the answers alone: the crowd as a whole "
    "is biased, or annotators and model make the same errors"
)


def evaluate(
    y_pred: AnswersLike,
    y: AnswersLike,
    *,
    gold: Any = None,
    other: Any = None,
    kind: Any = None,
    classes: Any = None,
    annotator_groups: Any = None,
    trained_on_answers: bool = False,
    level: float = 0.95,
    n_draws: int = 1000,
    random_state: RandomState | None = None,
) -> ModelEvaluation:
    """Estimate how good a model is from the answers of a crowd, with an interval.

    The measure is accuracy for labels, R² for numbers and span F1 for tag sequences,
    on the population from which the items were drawn. The model can be any: only its
    predictions are needed, and they should be of items whose answers it was not trained
    on.

    Parameters
    ----------
    y_pred : array-like of shape (n_items,) or (n_items, n_classes)
        Predicted labels, probabilities of the classes, numbers, or a list of tags for
        each sequence. Columns of a table that are named as the classes may have any
        order; else they have that of `classes`.
    y : Annotations, SequenceAnnotations, or array-like of shape \
            (n_items, n_annotators)
        The answers. Those of numbers may have weights; of labels and tags, weights,
        confidences and soft labels are refused.
    gold : array-like of shape (n_items,) or dict, default=None
        The truth of some items, drawn at random: one value for each item, None, NaN,
        or, among labels, -1 where it is not known; or a dict from row to truth. With
        gold the interval assumes nothing of the crowd.
    other : array-like, default=None
        Predictions of a second model, in the form of `y_pred`. The estimate is then
        the first model's measure less the second's.
    kind : {"labels", "numbers", "sequences"}, default=None
        What an answer is. None takes it from `y`, and "labels" where `y` is an array.
    classes : array-like of shape (n_classes,), default=None
        The possible labels, in the order of the columns of `y_pred`. None takes those
        of `y`: the sorted labels that were answered.
    annotator_groups : mapping or array-like of shape (n_annotators,), default=None
        Names of groups of annotators that err together, such as language models of
        one provider: a name for each annotator, or a dict from annotator to name. The
        answers of a group count as those of one annotator, by plurality. Labels only.
    trained_on_answers : bool, default=False
        Whether the model was trained on `y` itself; see the Notes. True marks the
        evaluation by answers alone as not reliable.
    level : float, default=0.95
        Nominal coverage of the interval.
    n_draws : int, default=1000
        Posterior draws, or bootstrap samples. Time grows with it.
    random_state : int, RandomState instance or None, default=None
        Pass an int for the same interval at every call.

    Returns
    -------
    evaluation : ModelEvaluation
        ``estimate``, ``low``, ``high``, and ``is_reliable`` with ``notes``.

    Raises
    ------
    ValueError
        If shapes do not fit, a prediction is missing (None, NaN or, unless it is a
        class, -1), labels of two arguments are of two types and so never equal, a row
        of probabilities is negative or does not sum to 1,
        columns are not named as the classes, a parameter is out of its range, `gold`
        holds fewer than three values, or R² or F1 is not defined by them.

    Warns
    -----
    CrowdWarning
        If the answers alone do not support the interval: fewer than two answers an
        item, annotators who agree no more than by chance, a class that is mostly
        answered as another, a model trained on the same answers.

    See Also
    --------
    skcrowd.model_selection.cross_val_predict : Predictions of items that the model was
        not trained on.

    Notes
    -----
    From answers alone, labels: the model of Dawid and Skene, sampled jointly with the
    truth given the predictions. It assumes that annotators and model err independently
    given the truth. A model that was trained on the same answers, a group of
    annotators that errs together, and items that are hard for everyone break this, and
    answers alone do not always show it: real crowds need gold labels (see
    ``docs/guide/evaluation.md``). The accuracy is not the mean posterior
    of the predicted class given the answers: where answers are few, that is attenuated
    towards chance, whatever the model.

    Numbers: products of the residuals of two different annotators of an item estimate
    the squared error of the model without that of the annotators; a Bayesian bootstrap
    over items and annotators gives the interval. An offset or a scale of the whole
    crowd cannot be seen.
    Tag sequences: the spans that anybody marks are items with the answers "span" and
    "no span". Half a right and half a wrong sequence are added to those that are seen,
    as to labels (Jeffreys), so that the interval has a width where all are alike; so is
    the share of items with an error where no rating shows one.

    With gold: power-tuned prediction-powered inference. The estimate from the answers
    is the surrogate, the gold labels correct it, and the interval holds whatever the
    crowd is like. Its width is at most about that of gold alone.

    References
    ----------
    A. N. Angelopoulos, S. Bates, C. Fannjiang, M. I. Jordan, T. Zrnic.
    Prediction-powered inference. Science 382, 2023. arXiv:2301.09633

    A. N. Angelopoulos, J. C. Duchi, T. Zrnic. PPI++: Efficient prediction-powered
    inference. 2023. arXiv:2311.01453

    A. P. Dawid, A. M. Skene. Maximum likelihood estimation of observer error-rates
    using the EM algorithm. Applied Statistics 28(1), 1979. doi:10.2307/2346806

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.datasets import make_annotations
    >>> from skcrowd.metrics import evaluate
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.integers(3, size=300)
    >>> y = make_annotations(truth, 8, answers_per_item=5, random_state=0).annotations
    >>> y_pred = np.where(rng.random(300) < 0.8, truth, rng.integers(3, size=300))
    >>> evaluation = evaluate(y_pred, y, random_state=0)
    >>> bool(evaluation.low < (y_pred == truth).mean() < evaluation.high)
    True
    >>> gold = np.where(np.arange(300) < 50, truth, -1)
    >>> evaluate(y_pred, y, gold=gold, random_state=0).n_gold
    50
    """
    _check_parameters(level, n_draws)
    check_aligned(y_pred=y_pred, y=y, gold=gold, other=other)
    predictions = [y_pred] if other is None else [y_pred, other]
    task = _task(kind, y)(y, predictions, classes, annotator_groups)
    rng = np.random.default_rng(_seed(random_state))
    draws = task.sample(n_draws, rng)
    notes = task.notes() + ([IN_SAMPLE] if trained_on_answers else [])
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    common = {
        "measure": task.measure,
        "level": level,
        "is_difference": other is not None,
        "n_items": task.n_units,
    }
    estimate = float(draws.mean())
    answers_only = ModelEvaluation(
        estimate=estimate,
        low=min(float(low), estimate),
        high=max(float(high), estimate),
        method="answers",
        is_reliable=not notes,
        notes=tuple(notes),
        **common,
    )
    if gold is None:
        if notes:
            warn(f"answers alone cannot say: {'; '.join(notes)}.", "evaluate")
        return answers_only
    gold = _checked_gold(gold_by_row(gold, task.n_units, y_pred, y), task)
    return _with_gold(task, gold, answers_only, draws.std(), common)


def _checked_gold(
    gold: Any, task: LabelTask | NumberTask | SpanTask
) -> tuple[IntArray, Array]:
    """Read gold as the rows that have it, and its values."""
    rows, values = known_gold(gold, task.n_units, task.classes)
    if rows.size < LEAST_GOLD:
        raise ValueError(
            f"gold holds {rows.size} gold labels, of which nothing can be estimated; "
            f"give {LEAST_GOLD} or more."
        )
    return rows, values


def _with_gold(
    task: Any,
    gold: Any,
    answers_only: ModelEvaluation,
    posterior_std: float,
    common: dict[str, Any],
) -> ModelEvaluation:
    """Prediction-powered evaluation, and what it says of the answers alone."""
    estimate, (low, high), difference = task.powered(*gold, answers_only.level)
    n_gold = difference.size
    notes = []
    if n_gold < FEW_GOLD:
        notes.append(f"{n_gold} gold labels are few; give {FEW_GOLD} or more")
    if contradicts(difference, posterior_std):
        notes.append(CONTRADICTION)
        fields: dict[str, Any] = vars(answers_only) | {
            "is_reliable": False,
            "notes": (*answers_only.notes, CONTRADICTION),
        }
        answers_only = ModelEvaluation(**fields)
    return ModelEvaluation(
        estimate=float(np.clip(estimate.value, low, high)),
        low=float(low),
        high=float(high),
        method="gold",
        is_reliable=True,
        n_gold=n_gold,
        answers_only=answers_only,
        notes=tuple(notes),
        **common,
    )


def _check_parameters(level: float, n_draws: int) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}.")
    if not isinstance(n_draws, Integral) or n_draws < 100:
        raise ValueError(f"n_draws must be an integer of 100 or more, got {n_draws}.")


def _task(kind: Any, y: AnswersLike) -> type[Any]:
    if kind is None:
        kind = "labels"
        if isinstance(y, SequenceAnnotations):
            kind = "sequences"
        elif isinstance(y, Annotations):
            kind = y.kind
    if kind not in TASKS:
        known = ", ".join(map(repr, TASKS))
        raise ValueError(f"kind must be one of {known}, got {kind!r}.")
    return TASKS[kind]


def _seed(random_state: Any) -> int | None:
    """Seed of a Generator from what scikit-learn accepts as random_state."""
    if random_state is None or isinstance(random_state, Integral):
        return None if random_state is None else int(random_state)
    return random_state.randint(np.iinfo(np.int32).max)
