"""Warnings of a fit about crowds whose labels mislead, from counts alone.

Each check has a minimum of evidence, so that there is no warning about small crowds, or
about annotators who err independently.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.special import betainc

from skcrowd.aggregation._dependence_clusters import find_clusters
from skcrowd.aggregation._dependence_labels import search_labels
from skcrowd.aggregation._dependence_pairs import FEWEST_COMMON, Pairs, some_items
from skcrowd.annotations._warn import warn
from skcrowd.metrics._dependence import shorten

if TYPE_CHECKING:
    from skcrowd._typing import Array, BoolArray, IntArray
    from skcrowd.aggregation._dependence_groups import Search
    from skcrowd.annotations import Annotations


__all__ = [
    "FEWEST_GOLD",
    "GROUP_EXCESS",
    "LEVEL",
    "MOST_PAIRS",
    "OF_ONE",
    "Kind",
    "majorities",
    "majority",
    "warn_of_contradiction",
    "warn_of_crowd",
    "warn_of_dependence",
    "warn_of_uninformative",
]

MOST_PAIRS = 500_000  # pairs of answers to one item that are counted
FEWEST_PAIRS, FEWEST_ITEMS = 100, 100  # for what is said about chance
# Agreement of an annotator and the others above which its upper limit must not be where
# answers agree by chance.
OF_ONE = 0.25
GROUP_EXCESS = 0.25  # that groups have to exceed
MOST_CLUSTERS = 5  # tested, of those who give most of the answers
LEVEL = 0.001  # probability of each false alarm
FEWEST_GOLD = 10  # items of a class, to compare gold with the majority


class Kind(NamedTuple):
    """One kind of answers: how warnings speak of them, and a limit."""

    answers: str
    of_others: str  # how a dominant annotator's answers are to those of the others
    of_all: str  # how those of all are to each other
    to_check: str
    where: str  # to find who errs together
    by_chance: float  # agreement of all above which its upper limit must not be


LABELS = Kind(
    "answers",
    "they agree with those of the others no more often than by chance",
    "agree no more often than by chance",
    "use the same labels",
    "skcrowd.metrics.annotator_dependence(y) lists who errs together.",
    0.05,
)


def warn_of_crowd(annotations: Annotations, gold: IntArray | None) -> None:
    """Warn if the answers are probably worth less than they look.

    Parameters
    ----------
    annotations : Annotations
        Labels.
    gold : int64 ndarray of shape (n_items,), or None
        Codes of the known classes; -1 for the others.

    Warns
    -----
    CrowdWarning
        If annotators gave the same answers; a group that errs together gives most of
        the answers; an annotator gives most of the answers, and they agree with those
        of the others no more than by chance, or all answers do so; the majority
        contradicts gold.
    """
    if gold is not None:
        warn_of_contradiction(gold, majority(annotations), annotations.classes)
    annotations = some_items(annotations, MOST_PAIRS)
    pairs = Pairs.of(annotations)
    if not warn_of_uninformative(annotations, pairs, LABELS):
        found = search_labels(annotations, pairs, GROUP_EXCESS, LEVEL, majorities)
        warn_of_dependence(annotations, pairs, LABELS, found)


def warn_of_uninformative(annotations: Annotations, pairs: Any, kind: Kind) -> bool:
    """Warn of answers that agree by chance; return whether there are such.

    Parameters
    ----------
    annotations : Annotations
    pairs : Pairs or RatingPairs
    kind : Kind
    """
    if np.count_nonzero(annotations.answers_per_item > 1) < FEWEST_ITEMS:
        return False
    n_answers = annotations.answers_per_annotator
    most = int(n_answers.argmax())
    share = n_answers[most] / n_answers.sum()
    is_own = (pairs.first == most) | (pairs.second == most)
    dominates = len(n_answers) > 2 and share > 0.5
    dominates = dominates and _is_by_chance(pairs, is_own, OF_ONE)
    if dominates and not _is_by_chance(pairs, ~is_own, kind.by_chance):
        (name,) = _names(annotations, np.array([most]))
        warn(
            f"annotator {name!r} gave {share:.0%} of all {kind.answers}, and "
            f"{kind.of_others}: probably they tell nothing of the truth, and outweigh "
            "the others. Check them by a few gold labels, or leave this annotator out.",
            "a dominant annotator",
        )
        return True
    if _is_by_chance(pairs, np.ones(len(pairs.first), dtype=bool), kind.by_chance):
        warn(
            f"the {annotations.n_annotators} annotators {kind.of_all}: little can be "
            f"learned from their {kind.answers}. Check that rows of y belong to the "
            f"same items and that all annotators {kind.to_check}; gold labels (gold=) "
            "of some items show who is right.",
            "a crowd at chance",
        )
        return True
    return False


def _is_by_chance(pairs: Any, chosen: BoolArray, limit: float) -> bool:
    """Whether there is evidence that answers to the same item hardly depend.

    Their agreement beyond chance must not be significantly above 0, and significantly
    below `limit`.

    The surplus of equal answers (of products of ratings) of every two annotators has
    mean 0 and a known variance where they are independent. That of all pairs together
    shows whether the crowd agrees. The mean of the squares of those of the pairs, each
    by its variance, shows whether some do, where others err at random or on purpose.
    """
    if pairs.n_common[chosen].sum() < FEWEST_PAIRS:
        return False
    more, var, most, var_of_square = pairs.surplus(chosen)
    error, limit = np.sqrt(var.sum()), limit * most.sum()
    if not (more.sum() < 2 * error and more.sum() + 2 * error < limit):
        return False
    varied = var > 0
    square = more[varied] ** 2 / var[varied]
    return bool(np.sum(square - 1) <= 2 * np.sqrt(var_of_square[varied].sum()))


def warn_of_dependence(
    annotations: Annotations, pairs: Any, kind: Kind, found: Search
) -> None:
    """Warn of a group that outvotes the others, or else of annotators who are the same.

    Parameters
    ----------
    annotations : Annotations
    pairs : Pairs or RatingPairs
    kind : Kind
    found : Search
        Copies, and groups among the clusters of :func:`majorities`.
    """
    n_answers = annotations.answers_per_annotator
    for members in found.groups:
        share = n_answers[members].sum() / n_answers.sum()
        if share > 0.5:
            excess = np.nanmean(found.excess[pairs.within(members)])
            _warn_of_outvoting(_names(annotations, members), excess, share, kind)
            return
    if found.groups:
        _warn_of_same(annotations, found.groups, kind)


def majorities(pairs: Any, n_answers: IntArray) -> list[IntArray]:
    """Return clusters that give most of the answers, the most distinct of them.

    Their members agree with each other more than with the others.

    Parameters
    ----------
    pairs : Pairs or RatingPairs
    n_answers : int64 ndarray of shape (n_annotators,)

    Returns
    -------
    clusters : list of int64 ndarray
    """
    testable = (pairs.n_common >= FEWEST_COMMON) & pairs.is_varied
    if not testable.any():
        return []
    found = []
    for members in find_clusters(pairs, testable):
        if 2 * n_answers[members].sum() <= n_answers.sum():
            continue
        is_member = np.zeros(pairs.n_annotators, dtype=bool)
        is_member[members] = True
        n_inside = is_member[pairs.first].astype(int) + is_member[pairs.second]
        inside, across = testable & (n_inside == 2), testable & (n_inside == 1)
        if inside.any() and across.any():
            difference = pairs.kappa[inside].mean() - pairs.kappa[across].mean()
            if difference > GROUP_EXCESS:
                found.append((difference, members))
    found.sort(key=lambda pair: -pair[0])
    return [members for _, members in found[:MOST_CLUSTERS]]


def _warn_of_outvoting(
    names: list[Any], excess: float, share: float, kind: Kind
) -> None:
    warn(
        f"the annotators {shorten(names)} err together (excess "
        f"agreement {excess:.2f}) and give {share:.0%} of the {kind.answers}: they "
        "outvote all others, and everybody is measured by their agreement. Keep one of "
        "them, or pass gold labels (gold=) of items on which they differ from the "
        f"others. {kind.where}",
        "an outvoting group",
    )


def _warn_of_same(annotations: Annotations, same: list[IntArray], kind: Kind) -> None:
    groups = "; ".join(shorten(_names(annotations, members)) for members in same)
    warn(
        f"annotators gave the same {kind.answers}, far more than truth and difficulty "
        f"of the items explain: {groups}. If they are copies, or one person with "
        f"several names, keep one of each, because their {kind.answers} count several "
        f"times. {kind.where}",
        "the same answers",
    )


def warn_of_contradiction(
    gold: IntArray, voted: IntArray, classes: Array, noun: str = "items"
) -> None:
    """Warn if the majority gives another class where gold has a certain one.

    For each class the items on which the majority is right are compared with those on
    which it gives the most frequent other class, by a binomial test.

    Parameters
    ----------
    gold, voted : int64 ndarray of shape (n_items,)
        Codes of the true class and of that of the majority; -1 where unknown.
    classes : ndarray of shape (n_classes,)
    noun : str, default="items"
        What has a class.
    """
    known = (gold >= 0) & (voted >= 0)
    n_classes = len(classes)
    cell, count = np.unique(gold[known] * n_classes + voted[known], return_counts=True)
    true, given = np.divmod(cell, n_classes)
    n_true = np.bincount(true, count, n_classes)
    right = np.zeros(n_classes)
    right[true[true == given]] = count[true == given]
    # of each class the most frequent other one
    true, given, n_other = (v[true != given] for v in (true, given, count))
    order = np.lexsort((given, -n_other, true))
    first = order[np.unique(true[order], return_index=True)[1]]
    true, given, n_other = true[first], given[first], n_other[first]
    n_right = right[true]
    doubtful = (n_other > n_right) & (n_other + n_right >= FEWEST_GOLD)
    if not doubtful.any():
        return
    # P(as many of the other class) if it is as frequent as the right one
    tail = betainc(n_other, n_right + 1, 0.5)
    p_value = np.where(doubtful, tail, 1.0)
    worst = int(p_value.argmin())
    if p_value[worst] * n_classes > LEVEL:
        return
    names = classes[[true[worst], given[worst]]].tolist()
    warn(
        f"gold contradicts the majority: of {n_true[true[worst]]:.0f} {noun} of class "
        f"{names[0]!r} by gold, most annotators gave {names[1]!r} to {n_other[worst]} "
        f"and {names[0]!r} to {n_right[worst]:.0f}. Check that gold and y use the same "
        "labels and rows; if they do, the annotators read this class in another way, "
        "and only more gold labels show it.",
        "gold against the majority",
    )


def majority(annotations: Annotations) -> IntArray:
    """Return the class that more than half of two or more answers give, else -1."""
    n_classes = len(annotations.classes)
    cell, count = np.unique(
        annotations.item * n_classes + annotations.answer, return_counts=True
    )
    item, answer = np.divmod(cell, n_classes)
    wins = (2 * count > annotations.answers_per_item[item]) & (count > 1)
    voted = np.full(annotations.n_items, -1)
    voted[item[wins]] = answer[wins]
    return voted


def _names(annotations: Annotations, members: IntArray) -> list[Any]:
    names: Array | None = annotations.annotator_names
    return members.tolist() if names is None else names[members].tolist()
