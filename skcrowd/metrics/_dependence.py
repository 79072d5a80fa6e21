"""Which annotators err together, and how many independent votes a crowd has."""

from dataclasses import dataclass

import numpy as np

from skcrowd.annotations import Annotations, SequenceAnnotations, check_annotations
from skcrowd.metrics._dependence_groups import find_groups
from skcrowd.metrics._dependence_labels import LabelNull
from skcrowd.metrics._dependence_pairs import Pairs

__all__ = ["AnnotatorDependence", "annotator_dependence"]

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
        Number of items that both answered; of tag sequences, of tokens.
    excess : ndarray of shape (n_pairs,)
        How much more the two agree than truth and difficulty explain: (observed -
        expected agreement) / (1 - expected agreement). 1 for copies, about 0 for
        independent annotators. Of ratings, the correlation of the errors. NaN where
        too few others answered their items to tell.
    p_value : ndarray of shape (n_pairs,)
        Of the hypothesis that the excess is at most `min_excess`, adjusted for the
        number of tests (Holm). NaN where `excess` is.
    group : int64 ndarray of shape (n_annotators,)
        Number of the group of every annotator, -1 for those in no group.
    min_excess, level : float
        The parameters of :func:`annotator_dependence`.
    """

    annotator_names: np.ndarray
    first: np.ndarray
    second: np.ndarray
    n_common: np.ndarray
    excess: np.ndarray
    p_value: np.ndarray
    group: np.ndarray
    min_excess: float
    level: float

    @property
    def n_annotators(self):
        """Number of annotators."""
        return self.group.size

    @property
    def n_groups(self):
        """Number of groups found."""
        return int(self.group.max(initial=-1)) + 1

    @property
    def groups(self):
        """Names of the members of every group, a list of lists."""
        return [
            self.annotator_names[self.group == k].tolist() for k in range(self.n_groups)
        ]

    @property
    def group_excess(self):
        """Mean excess of the pairs in every group, shape (n_groups,)."""
        inside = self.group[self.first] == self.group[self.second]
        inside &= (self.group[self.first] >= 0) & np.isfinite(self.excess)
        where, excess = self.group[self.first[inside]], self.excess[inside]
        n = np.bincount(where, minlength=self.n_groups)
        total = np.bincount(where, excess, self.n_groups)
        return np.clip(total / np.maximum(n, 1), 0.0, 1.0)

    @property
    def group_votes(self):
        """Effective number of votes of every group, shape (n_groups,).

        n / (1 + (n - 1) * rho) for n members with a mean excess of rho: 1 for copies,
        n for independent annotators.
        """
        size = np.bincount(self.group[self.group >= 0], minlength=self.n_groups)
        return size / (1 + (size - 1) * self.group_excess)

    @property
    def effective_votes(self):
        """Effective number of votes of the whole crowd, where all answer an item."""
        return float(np.sum(self.group < 0) + self.group_votes.sum())

    def to_frame(self):
        """Write the pairs as a table.

        Returns
        -------
        table : pandas.DataFrame
            A row for each pair, the most dependent first: annotator_1, annotator_2,
            n_common, excess, p_value, group (-1 unless both are in the same group).
        """
        import pandas as pd

        same = self.group[self.first] == self.group[self.second]
        table = pd.DataFrame(
            {
                "annotator_1": self.annotator_names[self.first],
                "annotator_2": self.annotator_names[self.second],
                "n_common": self.n_common,
                "excess": self.excess,
                "p_value": self.p_value,
                "group": np.where(same, self.group[self.first], -1),
            }
        )
        return table.sort_values(
            ["p_value", "excess"], ascending=[True, False], ignore_index=True
        )

    def __repr__(self):
        lines = [
            f"Dependence of {self.n_annotators} annotators: "
            f"{self.effective_votes:.1f} effective votes"
        ]
        if not self.n_groups:
            lines.append(f"  no group of annotators errs together (level {self.level:g})")
        summary = zip(self.groups, self.group_excess, self.group_votes, strict=True)
        for names, excess, votes in list(summary)[:MOST_SHOWN]:
            lines.append(
                f"  {shorten(names)}: excess agreement {excess:.2f}, {len(names)} "
                f"annotators count as {votes:.1f}"
            )
        if self.n_groups > MOST_SHOWN:
            lines.append(f"  and {self.n_groups - MOST_SHOWN} more groups")
        n_unknown = int(np.isnan(self.p_value).sum())
        if n_unknown:
            lines.append(
                f"  {n_unknown} of {self.first.size} pairs can't be tested: too few "
                "others answered their items"
            )
        return "\n".join(lines)


def shorten(names):
    """List names, the first ones only where there are many."""
    text = ", ".join(map(str, names[:MOST_SHOWN]))
    rest = len(names) - MOST_SHOWN
    return f"{text} and {rest} more" if rest > 0 else text


def annotator_dependence(y, *, min_excess=0.2, level=0.05):
    """Find annotators who err together: copies, families of models, double accounts.

    Annotators agree because they are right, and err together because some items are
    hard or suggest a wrong class. Both are common to everybody and make nobody
    dependent. What is left when they are accounted for is the excess agreement.

    Parameters
    ----------
    y : Annotations, SequenceAnnotations, array-like, DataFrame or sparse matrix of \
            shape (n_items, n_annotators)
        The answers. Of tag sequences each token is an item, and the tests allow for
        errors that go together within a sequence.
    kind : {"labels", "numbers"}, default="labels"
        What an answer is, where `y` is not an Annotations.
    min_excess : float, default=0.2
        Excess agreement up to which two annotators count as independent, from 0 to
        below 1. It is what the tests have to exceed, so that small faults of the model
        are no dependence.
    level : float, default=0.05
        Probability of finding any group in a crowd of independent annotators.

    Returns
    -------
    dependence : AnnotatorDependence

    Raises
    ------
    ValueError
        If `y` can't be read, or `min_excess` or `level` is out of range.

    Notes
    -----
    An item is in a latent state: a level of difficulty, a true class and a suggested
    one. Given the state annotators are independent, each with an ability, confusions
    and a share of random answers (:class:`StateModel`); all are fitted by EM. Nodes of
    a dendrogram of the chance-corrected agreement are the candidates for groups. For
    each candidate, states are fitted to the answers of those outside only. The
    agreement expected of two members is then that given the answers of those outside,
    and the observed one is compared with it by a binomial test, adjusted for the number
    of pairs; a jackknife over items adds the uncertainty of the expected agreement.
    For ratings a model of one factor takes the place of the states. The combination is
    our own; ``docs/dependence.md`` has what it finds and how often it is wrong.

    The answers don't show who is right. If two parts of a crowd contradict each other,
    the one with the greater excess is named. A common error of nearly everybody looks
    like the truth: it takes true labels to see it.

    References
    ----------
    A. P. Dawid, A. M. Skene. Maximum likelihood estimation of observer error-rates
    using the EM algorithm. Applied Statistics 28, 1979.

    X. L. Dong, L. Berti-Equille, D. Srivastava. Integrating conflicting data: the role
    of source dependence. VLDB 2009.

    S. Holm. A simple sequentially rejective multiple test procedure. Scandinavian
    Journal of Statistics 6, 1979.

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
    annotations = read_labels(y)
    pairs = Pairs.of(annotations)
    null = LabelNull(annotations, pairs)
    found = find_groups(null, annotations, min_excess, level)
    group = np.full(annotations.n_annotators, -1)
    for number, members in enumerate(found.groups):
        group[members] = number
    return AnnotatorDependence(
        names_of(annotations),
        pairs.first,
        pairs.second,
        pairs.n_common,
        found.excess,
        found.p_value,
        group,
        min_excess,
        level,
    )


def read_labels(y):
    """Read answers that are labels, one for each item."""
    is_labels = not isinstance(y, Annotations) or y.kind == "labels"
    if isinstance(y, SequenceAnnotations) or not is_labels:
        what = "tag sequences" if isinstance(y, SequenceAnnotations) else "ratings"
        raise ValueError(
            f"annotator_dependence tests labels, one answer for each item, and got "
            f"{what}, for which no test of dependence has been validated; ratings may "
            "be cut into classes, and of a sequence one tag taken, to be tested."
        )
    return check_annotations(y)


def names_of(annotations):
    """Names of the annotators, or their numbers."""
    if annotations.annotator_names is None:
        return np.arange(annotations.n_annotators)
    return annotations.annotator_names
