"""Warnings of a fit about crowds whose answers mislead, from counts alone.

Each check has a minimum of evidence, so that there is no warning about small crowds, or
about annotators who err independently.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import betainc

from skcrowd.aggregation._dependence_clusters import components, find_clusters
from skcrowd.aggregation._dependence_groups import find_groups
from skcrowd.aggregation._dependence_pairs import FEWEST_COMMON, Pairs, some_items
from skcrowd.annotations._warn import warn
from skcrowd.metrics._dependence import shorten

if TYPE_CHECKING:
    from skcrowd._typing import Array, BoolArray, IntArray
    from skcrowd.aggregation._dependence_groups import Search
    from skcrowd.annotations import Annotations


__all__ = ["warn_of_crowd"]

MOST_PAIRS = 500_000  # pairs of answers to one item that are counted
FEWEST_PAIRS, FEWEST_ITEMS = 100, 100  # for what is said about chance
# Kappa above which its upper limit must not be where answers agree by chance: those of
# an annotator and the others, and those of the whole crowd.
OF_ONE, OF_ALL = 0.25, 0.05
SAME = 0.98  # share of equal answers of annotators who are the same
LEAST_OVERLAP = 0.5  # common items of these, of the answers of either
SAME_EXCESS, GROUP_EXCESS = 0.5, 0.25  # that groups have to exceed
MOST_CLUSTERS = 5  # tested, of those who give most of the answers
LEVEL = 0.001  # probability of each false alarm
FEWEST_GOLD = 10  # items of a class, to compare gold with the majority
ADVICE = "skcrowd.metrics.annotator_dependence(y) lists who errs together."


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
        _warn_of_contradiction(annotations, gold)
    annotations = some_items(annotations, MOST_PAIRS)
    pairs = Pairs.of(annotations)
    if not _warn_of_uninformative(annotations, pairs):
        _warn_of_dependence(annotations, pairs)


def _warn_of_uninformative(annotations: Annotations, pairs: Pairs) -> bool:
    """Warn of answers that agree by chance; return whether there are such."""
    if np.count_nonzero(annotations.answers_per_item > 1) < FEWEST_ITEMS:
        return False
    n_answers = annotations.answers_per_annotator
    most = int(n_answers.argmax())
    share = n_answers[most] / n_answers.sum()
    is_own = (pairs.first == most) | (pairs.second == most)
    dominates = len(n_answers) > 2 and share > 0.5
    dominates = dominates and _is_by_chance(pairs, is_own, OF_ONE)
    if dominates and not _is_by_chance(pairs, ~is_own, OF_ALL):
        (name,) = _names(annotations, np.array([most]))
        warn(
            f"annotator {name!r} gave {share:.0%} of all answers, and they agree with "
            "those of the others no more often than by chance: probably they tell "
            "nothing of the truth, and outweigh the others. Check them by a few gold "
            "labels, or leave this annotator out.",
            "a dominant annotator",
        )
        return True
    if _is_by_chance(pairs, np.ones(len(pairs.first), dtype=bool), OF_ALL):
        warn(
            f"the {annotations.n_annotators} annotators agree no more often than by "
            "chance: little can be learned from their answers. Check that rows of y "
            "belong to the same items and that all annotators use the same labels; "
            "gold labels (gold=) of some items show who is right.",
            "a crowd at chance",
        )
        return True
    return False


def _is_by_chance(pairs: Pairs, chosen: BoolArray, limit: float) -> bool:
    """Whether there is evidence that answers to the same item hardly depend.

    Their kappa must not be significantly above 0, and significantly below `limit`.

    Where two answers are independent they are equal with the probability c that their
    annotators' shares of the classes give, and

        z = (n_agree - Σ c) / sqrt(Σ c (1 - c))

    has mean 0 and variance 1, of all pairs of answers together and of those of every
    two annotators. The first shows whether the crowd agrees. The mean of the squares of
    the second shows whether some do, where others err at random or on purpose.
    """
    n, chance = pairs.n_common[chosen], pairs.chance[chosen]
    if n.sum() < FEWEST_PAIRS:
        return False
    more = pairs.n_agree[chosen] - n * chance
    var = n * chance * (1 - chance)
    error = np.sqrt(var.sum())
    # kappa = more / most, with most the agreement beyond chance of those who never err
    most = n @ (1 - chance)
    if not (more.sum() < 2 * error and more.sum() + 2 * error < limit * most):
        return False
    varied = var > 0
    square, var = more[varied] ** 2 / var[varied], var[varied]
    # The variance of z² of n Bernoulli variables, with n c (1 - c) their variance.
    chance = chance[varied]
    var_of_square = 2 + (1 - 6 * chance * (1 - chance)) / var
    return bool(np.sum(square - 1) <= 2 * np.sqrt(var_of_square.sum()))


def _warn_of_dependence(annotations: Annotations, pairs: Pairs) -> None:
    """Warn of annotators who are the same, and of groups that outvote the others."""
    testable = (pairs.n_common >= FEWEST_COMMON) & pairs.is_varied
    if not testable.any():
        return
    n_answers = annotations.answers_per_annotator
    clusters = _majorities(pairs, testable, n_answers)
    found = find_groups(pairs, GROUP_EXCESS, LEVEL, clusters) if clusters else None
    if found is not None and found.groups:
        _warn_of_outvoting(annotations, pairs, found)
        return
    clusters = _same(pairs, testable, n_answers)
    found = find_groups(pairs, SAME_EXCESS, LEVEL, clusters) if clusters else None
    if found is not None and found.groups:
        _warn_of_same(annotations, found.groups)


def _majorities(
    pairs: Pairs, testable: BoolArray, n_answers: IntArray
) -> list[IntArray]:
    """Return clusters that give most of the answers, the most distinct of them.

    Their members agree with each other more than with the others.
    """
    found = []
    for members in find_clusters(pairs, testable):
        if 2 * n_answers[members].sum() <= n_answers.sum():
            continue
        is_member = np.zeros(pairs.n_annotators, dtype=bool)
        is_member[members] = True
        n_inside = is_member[pairs.first].astype(int) + is_member[pairs.second]
        inside, across = testable & (n_inside == 2), testable & (n_inside == 1)
        if inside.any() and across.any():
            apart = pairs.kappa[inside].mean() - pairs.kappa[across].mean()
            if apart > GROUP_EXCESS:
                found.append((apart, members))
    found.sort(key=lambda pair: -pair[0])
    return [members for _, members in found[:MOST_CLUSTERS]]


def _same(pairs: Pairs, testable: BoolArray, n_answers: IntArray) -> list[IntArray]:
    """Return groups of annotators with equal answers to mostly the same items."""
    most = np.maximum(n_answers[pairs.first], n_answers[pairs.second])
    is_same = testable & (pairs.n_agree >= SAME * pairs.n_common)
    is_same &= pairs.n_common >= LEAST_OVERLAP * most
    label = components(pairs, np.flatnonzero(is_same))
    groups = np.flatnonzero(np.bincount(label) > 1)
    return [np.flatnonzero(label == group) for group in groups]


def _warn_of_outvoting(annotations: Annotations, pairs: Pairs, found: Search) -> None:
    (members, *_) = found.groups
    excess = np.nanmean(found.excess[pairs.within(members)])
    n_answers = annotations.answers_per_annotator
    share = n_answers[members].sum() / n_answers.sum()
    warn(
        f"the annotators {shorten(_names(annotations, members))} err together (excess "
        f"agreement {excess:.2f}) and give {share:.0%} of the answers: they outvote "
        "all others, and everybody is measured by their agreement. Keep one of them, "
        "or pass gold labels (gold=) of items on which they differ from the others. "
        f"{ADVICE}",
        "an outvoting group",
    )


def _warn_of_same(annotations: Annotations, same: list[IntArray]) -> None:
    groups = "; ".join(shorten(_names(annotations, members)) for members in same)
    warn(
        "annotators gave the same answers, far more than truth and difficulty of the "
        f"items explain: {groups}. If they are copies, or one person with several "
        f"names, keep one of each, because their answers count several times. {ADVICE}",
        "the same answers",
    )


def _warn_of_contradiction(annotations: Annotations, gold: IntArray) -> None:
    """Warn if the majority gives another class where gold has a certain one.

    For each class the items on which the majority is right are compared with those on
    which it gives the most frequent other class, by a binomial test.
    """
    voted = _majority(annotations)
    known = (gold >= 0) & (voted >= 0)
    n_classes = len(annotations.classes)
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
    names = annotations.classes[[true[worst], given[worst]]].tolist()
    warn(
        f"gold contradicts the majority: of {n_true[true[worst]]:.0f} items of class "
        f"{names[0]!r} by gold, most annotators gave {names[1]!r} to {n_other[worst]} "
        f"and {names[0]!r} to {n_right[worst]:.0f}. Check that gold and y use the same "
        "labels and rows; if they do, the annotators read this class in another way, "
        "and only more gold labels show it.",
        "gold against the majority",
    )


def _majority(annotations: Annotations) -> IntArray:
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
