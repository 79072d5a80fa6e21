"""Chance-corrected agreement on labels: Fleiss, Scott, Gwet; and without correction."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from skcrowd.metrics.agreement._interval import AgreementInterval, with_interval
from skcrowd.metrics.agreement._item_counts import count_labels, read_labels

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, FloatArray, RandomState

    from ._interval import AgreementInterval


__all__ = ["fleiss_kappa", "gwet_ac1", "percent_agreement", "scott_pi"]


def percent_agreement(
    y: AnswersLike,
    *,
    classes: Any = None,
    confidence_level: float | None = None,
    n_resamples: int = 1000,
    random_state: RandomState | None = None,
) -> AgreementInterval | float:
    """Share of the pairs of answers to an item that agree, averaged over the items.

    Parameters
    ----------
    y : Annotations or array-like of shape (n_items, n_annotators)
        Labels in any form that :func:`skcrowd.annotations.check_annotations` reads.
    classes : array-like of shape (n_classes,), default=None
        The possible labels; None for those seen.
    confidence_level : float, default=None
        If given, an interval is returned, too.
    n_resamples : int, default=1000
        Resamples of the items for the interval.
    random_state : int, RandomState instance or None, default=None
        Which items are drawn.

    Returns
    -------
    agreement : float or AgreementInterval
        From 0 to 1; with `confidence_level` a named tuple of ``value``, ``low`` and
        ``high``.

    Raises
    ------
    ValueError
        If no item has two answers.

    Examples
    --------
    >>> from skcrowd.metrics.agreement import percent_agreement
    >>> percent_agreement([[0, 0], [1, 1], [0, 1], [1, -1]])
    0.6666666666666666
    """
    return _measured(
        y, classes, _no_chance, confidence_level, n_resamples, random_state
    )


def fleiss_kappa(
    y: AnswersLike,
    *,
    classes: Any = None,
    confidence_level: float | None = None,
    n_resamples: int = 1000,
    random_state: RandomState | None = None,
) -> AgreementInterval | float:
    """Fleiss' kappa: agreement beyond that of answers drawn from the shares of labels.

    ``(p_a - p_e) / (1 - p_e)`` with ``p_e = sum_k share_k ** 2``. Items may have any
    number of answers, by anybody: shares are averaged over the items with an answer,
    agreement over those with two or more (Gwet 2014). For two annotators who answered
    everything it is Scott's pi.

    Parameters
    ----------
    y : Annotations or array-like of shape (n_items, n_annotators)
        Labels in any form that :func:`skcrowd.annotations.check_annotations` reads.
    classes : array-like of shape (n_classes,), default=None
        The possible labels; None for those seen.
    confidence_level : float, default=None
        If given, an interval is returned, too.
    n_resamples : int, default=1000
        Resamples of the items for the interval.
    random_state : int, RandomState instance or None, default=None
        Which items are drawn.

    Returns
    -------
    kappa : float or AgreementInterval
        At most 1; 0 is agreement by chance. NaN where all answers are the same.

    Raises
    ------
    ValueError
        If no item has two answers.

    References
    ----------
    Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters.
    Psychological Bulletin 76(5), 378-382. DOI 10.1037/h0031619

    Gwet, K. L. (2014). Handbook of Inter-Rater Reliability, 4th edition.

    Examples
    --------
    >>> from skcrowd.metrics.agreement import fleiss_kappa
    >>> round(fleiss_kappa([[0, 0, 0], [1, 1, 0], [0, 0, -1], [1, 1, 1]]), 3)
    0.657
    """
    return _measured(
        y, classes, _same_shares, confidence_level, n_resamples, random_state
    )


def scott_pi(
    y: AnswersLike,
    *,
    classes: Any = None,
    confidence_level: float | None = None,
    n_resamples: int = 1000,
    random_state: RandomState | None = None,
) -> float | AgreementInterval:
    """Scott's pi: agreement of two annotators beyond chance, with common shares.

    Parameters
    ----------
    y : Annotations or array-like of shape (n_items, 2)
        Labels in any form that :func:`skcrowd.annotations.check_annotations` reads.
    classes : array-like of shape (n_classes,), default=None
        The possible labels; None for those seen.
    confidence_level : float, default=None
        If given, an interval is returned, too.
    n_resamples : int, default=1000
        Resamples of the items for the interval.
    random_state : int, RandomState instance or None, default=None
        Which items are drawn.

    Returns
    -------
    pi : float or AgreementInterval
        At most 1; 0 is agreement by chance. NaN where all answers are the same.

    Raises
    ------
    ValueError
        If there are not two annotators, or no item has two answers.

    References
    ----------
    Scott, W. A. (1955). Reliability of content analysis: the case of nominal scale
    coding. Public Opinion Quarterly 19(3), 321-325. DOI 10.1086/266577

    Examples
    --------
    >>> from skcrowd.metrics.agreement import scott_pi
    >>> round(scott_pi([[0, 0], [1, 1], [0, 1], [0, 0]]), 3)
    0.467
    """
    annotations = read_labels(y, classes)
    if annotations.n_annotators != 2:
        raise ValueError(
            f"scott_pi compares two annotators, but y has {annotations.n_annotators}; "
            "use fleiss_kappa for more."
        )
    return _measured(
        annotations, None, _same_shares, confidence_level, n_resamples, random_state
    )


def gwet_ac1(
    y: AnswersLike,
    *,
    classes: Any = None,
    confidence_level: float | None = None,
    n_resamples: int = 1000,
    random_state: RandomState | None = None,
) -> AgreementInterval | float:
    """Gwet's AC1: agreement beyond chance that stays high where one label is rare.

    As :func:`fleiss_kappa`, with agreement by chance
    ``p_e = sum_k share_k (1 - share_k) / (n_classes - 1)``.

    Parameters
    ----------
    y : Annotations or array-like of shape (n_items, n_annotators)
        Labels in any form that :func:`skcrowd.annotations.check_annotations` reads.
    classes : array-like of shape (n_classes,), default=None
        The possible labels, two or more; None for those seen.
    confidence_level : float, default=None
        If given, an interval is returned, too.
    n_resamples : int, default=1000
        Resamples of the items for the interval.
    random_state : int, RandomState instance or None, default=None
        Which items are drawn.

    Returns
    -------
    ac1 : float or AgreementInterval
        At most 1; 0 is agreement by chance.

    Raises
    ------
    ValueError
        If there is a single class, or no item has two answers.

    References
    ----------
    Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the
    presence of high agreement. British Journal of Mathematical and Statistical
    Psychology 61(1), 29-48. DOI 10.1348/000711006X126600

    Examples
    --------
    >>> from skcrowd.metrics.agreement import gwet_ac1
    >>> round(gwet_ac1([[0, 0, 0], [1, 1, 0], [0, 0, -1], [1, 1, 1]]), 3)
    0.676
    """
    annotations = read_labels(y, classes)
    if len(annotations.classes) < 2:
        raise ValueError(
            "gwet_ac1 needs two classes or more, but all answers are "
            f"{annotations.classes.tolist()[0]!r}; pass the possible labels as classes."
        )
    return _measured(
        annotations, None, _uniform_errors, confidence_level, n_resamples, random_state
    )


def _no_chance(share: FloatArray) -> float:
    return 0.0


def _same_shares(share: FloatArray) -> float:
    return float(share @ share)


def _uniform_errors(share: FloatArray) -> float:
    return float(share @ (1 - share) / (len(share) - 1))


def _measured(
    y: AnswersLike,
    classes: Any,
    chance: Callable[..., Any],
    confidence_level: Any,
    n_resamples: int,
    random_state: RandomState,
) -> float | AgreementInterval:
    """Return a coefficient ``(p_a - p_e) / (1 - p_e)``.

    Parameters
    ----------
    chance : callable
        Maps the shares of the labels to p_e, the agreement by chance.
    """
    counts = count_labels(read_labels(y, classes))
    agreement, is_paired = counts.pair_agreement(), counts.is_paired

    def measure(weight: FloatArray) -> float:
        n_paired = weight @ is_paired
        if not n_paired:
            return float("nan")
        observed = weight @ (agreement * is_paired) / n_paired
        expected = chance(counts.shares(weight))
        return (observed - expected) / (1 - expected) if expected < 1 else float("nan")

    n_items = len(agreement)
    n_compared = int(is_paired.sum())
    settings = confidence_level, n_resamples, random_state
    return with_interval(measure, n_items, n_compared, *settings)
