"""Which annotators err together, and how many independent votes a crowd has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from skcrowd.aggregation._dependence_groups import mean_excess
from skcrowd.aggregation._dependence_search import search_dependence
from skcrowd.annotations import (
    Annotations,
    SequenceAnnotations,
    check_annotations,
    check_sequence_annotations,
)
from skcrowd.annotations._check import read_target

if TYPE_CHECKING:
    import pandas as pd

    from skcrowd._typing import AnswersLike, Array, FloatArray, IntArray

__all__ = ["AnnotatorDependence", "annotator_dependence"]

KINDS = "labels", "numbers", "sequences"
MOST_SHOWN = 8  # groups or members in the text form


@dataclass(frozen=True, eq=False, repr=False)
class AnnotatorDependence:
    """Which annotators err together; made by :func:`annotator_dependence`.

    Parameters
    ----------
    annotator_names : ndarray of shape (n_annotators,)
    first, second : int64 ndarray of shape (n_pairs,)
        Positions of the annotators of every pair with common items.
    n_common : int64 ndarray of shape (n_pairs,)
        Number of items that both answered; of tag sequences the number of segments.
    excess : ndarray of shape (n_pairs,)
        How much more the two agree than truth and difficulty explain:
        (kappa - explained kappa) / (1 - explained kappa), with correlations for
        kappas of ratings. 1 for copies, about 0 for independent annotators. NaN where
        it could not be tested: fewer than 20 common items, nearly all answers alike,
        or fewer than three annotators outside.
    group : int64 ndarray of shape (n_annotators,)
        Number of the group of every annotator, in the order of the groups' first
        members, -1 for those in no group.
    group_p_value : ndarray of shape (n_groups,)
        Of the hypothesis that the excess in the group is at most `min_excess`, of
        copies at most 0.5 or `min_excess`, if that is more; adjusted for the number of
        groups of its size and of searches (Bonferroni). Of labels and tags, if copies
        and others are in a group, the greater of the two p values.
    min_excess, level : float
        The parameters of :func:`annotator_dependence`.
    """

    annotator_names: Array
    first: IntArray
    second: IntArray
    n_common: IntArray
    excess: FloatArray
    group: IntArray
    group_p_value: FloatArray
    min_excess: float
    level: float

    @property
    def n_annotators(self) -> int:
        """Number of annotators."""
        return self.group.size

    @property
    def n_groups(self) -> int:
        """Number of groups found."""
        return int(self.group.max(initial=-1)) + 1

    @property
    def groups(self) -> list[list[Any]]:
        """Names of the members of every group, a list of lists."""
        return [
            self.annotator_names[self.group == k].tolist() for k in range(self.n_groups)
        ]

    @property
    def group_excess(self) -> FloatArray:
        """Mean excess of the pairs in every group, shape (n_groups,)."""
        return mean_excess(self, self.group, self.excess)

    @property
    def group_votes(self) -> FloatArray:
        """Effective number of votes of every group, shape (n_groups,).

        n / (1 + (n - 1) * rho) for n members with a mean excess of rho: 1 for copies,
        n for independent annotators.
        """
        size = np.bincount(self.group[self.group >= 0], minlength=self.n_groups)
        votes: FloatArray = size / (1 + (size - 1) * self.group_excess)
        return votes

    @property
    def effective_votes(self) -> float:
        """Effective number of votes of the whole crowd, where all answer an item."""
        return float(np.sum(self.group < 0) + self.group_votes.sum())

    def to_frame(self) -> pd.DataFrame:
        """Write the pairs as a table.

        Returns
        -------
        table : pandas.DataFrame
            A row for each pair, the most dependent first: annotator_1, annotator_2,
            n_common, excess, group (-1 unless both are in the same group).
        """
        import pandas as pd

        same = self.group[self.first] == self.group[self.second]
        table = pd.DataFrame(
            {
                "annotator_1": self.annotator_names[self.first],
                "annotator_2": self.annotator_names[self.second],
                "n_common": self.n_common,
                "excess": self.excess,
                "group": np.where(same, self.group[self.first], -1),
            }
        )
        return table.sort_values("excess", ascending=False, ignore_index=True)

    def __repr__(self) -> str:
        lines = [
            f"Dependence of {self.n_annotators} annotators: "
            f"{self.effective_votes:.1f} effective votes"
        ]
        if not self.n_groups:
            lines.append(
                f"  no group of annotators errs together (level {self.level:g})"
            )
        summary = zip(self.groups, self.group_excess, self.group_votes, strict=True)
        for names, excess, votes in list(summary)[:MOST_SHOWN]:
            lines.append(
                f"  {shorten(names)}: excess agreement {excess:.2f}, {len(names)} "
                f"annotators count as {votes:.1f}"
            )
        if self.n_groups > MOST_SHOWN:
            lines.append(f"  and {self.n_groups - MOST_SHOWN} more groups")
        n_unknown = int(np.isnan(self.excess).sum())
        if n_unknown:
            lines.append(
                f"  {n_unknown} of {self.first.size} pairs can't be tested: too few "
                "common items or other annotators"
            )
        return "\n".join(lines)


def shorten(names: list[Any]) -> str:
    """List names, the first ones only where there are many."""
    text = ", ".join(map(str, names[:MOST_SHOWN]))
    rest = len(names) - MOST_SHOWN
    return f"{text} and {rest} more" if rest > 0 else text


def annotator_dependence(
    y: AnswersLike,
    *,
    kind: Literal["labels", "numbers", "sequences"] | None = None,
    min_excess: float = 0.25,
    level: float = 0.05,
) -> AnnotatorDependence:
    """Find annotators who err together: copies, families of models, double accounts.

    Annotators agree because they are right, and err together because some items are
    hard or suggest a wrong class. Both are common to everybody and make nobody
    dependent. What is left when they are accounted for is the excess agreement.

    Parameters
    ----------
    y : Annotations, SequenceAnnotations, or array-like, DataFrame or sparse matrix of \
            shape (n_items, n_annotators)
        The answers: labels, ratings or tag sequences.
    kind : {"labels", "numbers", "sequences"}, default=None
        What an answer is. None takes it from `y`: of an array "numbers" where some are
        not whole, "sequences" where cells are lists, else "labels".
    min_excess : float, default=0.25
        Excess agreement up to which annotators count as independent, from 0 to below 1.
        It is what the tests have to exceed, so that an imperfect model of difficulty is
        no dependence. At least 0.4 is asked of more than two annotators who make up
        more than a quarter of the crowd: few are left to explain their agreement.
    level : float, default=0.05
        Probability of finding any group in a crowd of independent annotators.

    Returns
    -------
    dependence : AnnotatorDependence

    Raises
    ------
    ValueError
        If `y` can't be read or holds one answer for each item, or `kind`, `min_excess`
        or `level` is out of range.
    TypeError
        If the answers are sets of labels or comparisons.

    Notes
    -----
    The agreement of two annotators beyond chance, Cohen's kappa, is explained by one
    loading for each of them, kappa_rs = loading_r * loading_s. Where all annotators
    find the same items hard this holds, too: if annotator r is right more often than by
    chance by a_r * m(d) at difficulty d, kappa_rs = a_r * a_s * E[m(d)^2]. Nodes of a
    dendrogram of the kappas are the candidates for groups. The loadings are fitted
    without the pairs inside the candidate, so that a group that outvotes the rest
    explains nothing by itself. The mean kappa inside is then compared with the
    explained one. Its variance holds that of sampling, a jackknife over items for the
    loadings, and the misfit of one factor to all other pairs. p values are multiplied
    by the number of groups of that size. The combination is our own;
    ``benchmarks/dependence.py`` measures what it finds and how often it is wrong.

    Copies come first, as many of them would pass for the truth: annotators with common
    items on half of their items or more, and equal answers to 98, 95 or 90 % of these,
    are tested in the same way for an excess agreement above 0.5. Then all others are
    compared with copies as one annotator, who gives the answer of more than half of
    them; this sets the excess of their pairs, too. The search for copies has a tenth
    of the level, the other the rest.

    Annotators who are always right agree, too. A group is not named if others show that
    it is rather right: if two others agree against it, a third agrees with the group
    more often than with the two. Where annotators give the right class to every item
    at least as often as any other, and independently, this is so for a group that is
    right, however difficult items are. Of more than two annotators who make up more
    than a quarter of the crowd, and with whom the others agree as much as with each
    other, it takes evidence that they err: the third agrees with the two more often.
    A group that is rather right is named, too, if it errs together: where more of the
    others agree against it, independent members who err would often contradict each
    other, and copies don't. Of copies of somebody who hardly errs there is no such
    evidence, and they are not named.

    Of ratings the correlation of two annotators, each standardised by their own
    ratings, takes the place of kappa: one loading for each explains it, too, and the
    group must exceed the explained correlation by 0.1, as annotators who never err
    round alike. Those with equal ratings to three quarters of their items and more are
    compared as labels, too, each value a class, and are a group if their kappa exceeds
    the explained one by `min_excess`, and by 0.5 at least, and their ratings hold
    errors: given a rating without any, those of the others have nothing in common.
    Each of these two searches has half of the level. Tags are compared in segments
    in which nobody's tag changes: a span on whose limits all agree counts once, as do
    the tokens between two spans; blocks of the jackknife are whole sequences.

    The answers don't show who is right. If two parts of a crowd contradict each other,
    the one with more evidence is named. A common error of nearly everybody looks
    like the truth: it takes true labels to see it.

    References
    ----------
    J. Cohen. A coefficient of agreement for nominal scales. Educational and
    Psychological Measurement 20, 1960. doi:10.1177/001316446002000104

    C. Spearman. "General intelligence", objectively determined and measured. American
    Journal of Psychology 15, 1904. doi:10.2307/1412107

    X. L. Dong, L. Berti-Equille, D. Srivastava. Integrating conflicting data: the role
    of source dependence. VLDB 2009. doi:10.14778/1687627.1687690

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.datasets import make_annotations
    >>> from skcrowd.metrics import annotator_dependence
    >>> truth = np.arange(200) % 3
    >>> crowd = make_annotations(truth, {"average": 8}, random_state=0)
    >>> y = crowd.annotations.to_dense()
    >>> y[:, 7] = y[:, 2]  # one person with two accounts
    >>> annotator_dependence(y)
    Dependence of 8 annotators: 7.0 effective votes
      2, 7: excess agreement 1.00, 2 annotators count as 1.0
    """
    if not 0 <= min_excess < 1:
        raise ValueError(f"min_excess={min_excess!r} must be from 0 to below 1.")
    if not 0 < level < 1:
        raise ValueError(f"level={level!r} must be between 0 and 1.")
    answers = read_answers(y, kind)
    pairs, found = dependence = search_dependence(answers, min_excess, level)
    return AnnotatorDependence(
        names_of(answers),
        pairs.first,
        pairs.second,
        pairs.n_common.astype(np.int64),
        found.excess,
        dependence.group,
        np.array(found.p_value),
        min_excess,
        level,
    )


def read_answers(y: AnswersLike, kind: Any) -> Annotations | SequenceAnnotations:
    """Read answers of several annotators; None is the kind that they have."""
    if kind not in (None, *KINDS):
        known = ", ".join(map(repr, KINDS))
        raise ValueError(f"kind must be one of {known} or None, got {kind!r}.")
    if isinstance(y, SequenceAnnotations) and kind not in (None, "sequences"):
        raise ValueError(f"y holds tag sequences, and kind is {kind!r}; leave it out.")
    if kind == "sequences":
        return check_sequence_annotations(y)
    if kind is not None:
        return check_annotations(y, kind=kind)
    target = read_target(y, quietly=True)
    if target.is_truth and target.annotations.n_annotators == 1:
        raise ValueError(
            "y holds one answer for each item; dependence is that of several "
            "annotators: pass a column for each."
        )
    if target.kind == "label sets":
        return check_annotations(y)
    answers: Annotations | SequenceAnnotations = target.annotations
    return answers


def names_of(annotations: Annotations | SequenceAnnotations) -> Array:
    """Names of the annotators, or their numbers."""
    if annotations.annotator_names is None:
        return np.arange(annotations.n_annotators)
    return annotations.annotator_names
