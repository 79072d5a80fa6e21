"""Going on from an earlier fit: who is who, and what was known of them."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skcrowd.aggregation._expected_counts import ExpectedCounts
from skcrowd.annotations._lookup import object_array
from skcrowd.methods._side_information import PreviousFit

__all__ = [
    "Resumption",
    "are_positions",
    "joined_annotators",
    "network_to_resume",
    "places_among",
    "with_rows",
]


@dataclass(frozen=True)
class Resumption:
    """How a fit follows on an earlier one: not at all, as a warm start, as a part.

    Attributes
    ----------
    previous : CrowdEstimator or None
        The estimator as the earlier fit left it; None where the fit starts anew.
    is_part : bool
        Whether the fit is one pass of ``partial_fit``.
    """

    previous: Any
    is_part: bool

    @classmethod
    def of(cls, estimator, *, is_part):
        """Return how the next fit of an estimator follows on its last one."""
        resumes = (is_part or estimator.warm_start) and hasattr(estimator, "net_")
        return cls(estimator if resumes else None, is_part)

    @property
    def resumes(self):
        """Whether network and annotators of an earlier fit are the start."""
        return self.previous is not None

    @property
    def adds(self):
        """Whether the answers of earlier parts count, too."""
        return self.is_part and self.resumes

    def check_target(self, is_truth):
        """Raise where answers follow on true values, or the other way round."""
        if self.resumes and is_truth != self.previous._knows_truth:
            sorts = "answers of annotators", "a 1-D y, the truth itself"
            raise ValueError(
                f"this call has {sorts[is_truth]}, but the fit that it goes on from "
                f"had {sorts[not is_truth]}; give known truths as gold beside a "
                "matrix of answers, or set warm_start=False and call fit."
            )

    def joined(self, tokens):
        """Add the annotators of earlier parts, and number all as they were."""
        if not self.adds:
            return tokens
        return joined_annotators(tokens, self.previous.annotators_)

    def factory(self, factory):
        """Let the network begin with that of the earlier fit."""
        if self.is_part:
            factory = replace(factory, max_epochs=1)
        if not self.resumes:
            return factory
        net = self.previous.net_
        state = _optimizer_state(net, factory.optimizer) if self.is_part else None
        return replace(
            factory,
            start_from=network_to_resume(net.module_),
            optimizer_state=state,
        )

    def side_information(self, side_information, tokens):
        """Add what the earlier fit knew of the annotators, and their answers to it."""
        if self.resumes:
            side_information = replace(
                side_information, previous_fit=self._previous_fit(tokens)
            )
        if self.is_part:
            before = self.previous.n_iter_ if self.resumes else 0
            side_information = replace(side_information, n_previous_parts=before)
        if self.adds:
            memory = with_rows(
                self.previous._memory(), len(side_information.previous_fit.rows)
            )
            prior = side_information.annotator_counts
            counts = memory if prior is None else memory + prior
            side_information = replace(side_information, annotator_counts=counts)
        return side_information

    def _previous_fit(self, tokens):
        previous = self.previous
        rows = places_among(tokens.annotator_names, previous.annotators_)
        rating_parameters = previous._known_parameters(rows)
        return PreviousFit(
            previous.net_, previous.annotator_model_, rows, rating_parameters
        )


def _optimizer_state(net, wanted):
    """Return what the optimiser remembers, if it is of the same kind and network."""
    optimizer = getattr(net, "optimizer_", None)
    is_whole = network_to_resume(net.module_) is net.module_
    if optimizer is None or type(optimizer) is not wanted or not is_whole:
        return None
    return optimizer.state_dict()["state"]


def are_positions(names, fitted):
    """Whether one of two lists of annotators has no names, only positions.

    Integers other than 0, 1, 2, … are names, and match those of ``fit``.
    """
    unnamed, fitted_unnamed = (
        np.array_equal(n, np.arange(len(n))) for n in (names, fitted)
    )
    if names.dtype.kind in "iu" and fitted.dtype.kind in "iu":
        return unnamed and fitted_unnamed
    return unnamed or fitted_unnamed


def places_among(names, fitted):
    """Place of every annotator among those of an earlier fit; -1 for new ones.

    Parameters
    ----------
    names, fitted : ndarray
        Matched by name, or by position where one of them has no names.

    Returns
    -------
    places : int64 ndarray of shape (n_names,)
    """
    if are_positions(names, fitted):
        places = np.arange(len(names))
        return np.where(places < len(fitted), places, -1)
    known = {name: place for place, name in enumerate(fitted.tolist())}
    return np.array([known.get(name, -1) for name in names.tolist()], dtype=np.int64)


def joined_annotators(tokens, fitted):
    """Give annotators the numbers of an earlier fit, and new ones the next.

    Parameters
    ----------
    tokens : Annotations
    fitted : ndarray of shape (n_fitted,)
        Names of the annotators of the earlier fit.

    Returns
    -------
    tokens : Annotations
        Of all annotators of either.
    """
    names = tokens.annotator_names
    places = places_among(names, fitted)
    is_new = places < 0
    n_all = len(fitted) + np.count_nonzero(is_new)
    places[is_new] = np.arange(len(fitted), n_all)
    if are_positions(names, fitted) and names.dtype.kind in "iu":
        joined = np.concatenate([fitted, _further(fitted, n_all)])
    else:
        joined = _concatenated(fitted, names[is_new])
    annotator = places[tokens.annotator]
    order = np.lexsort((annotator, tokens.item))
    return replace(
        tokens,
        item=tokens.item[order],
        annotator=annotator[order],
        answer=tokens.answer[order],
        shape=(tokens.n_items, int(n_all)),
        annotator_names=joined,
    )


def _further(fitted, n_all):
    """Positions after those of an earlier fit; its names may be strings."""
    positions = np.arange(len(fitted), n_all)
    return positions.astype(fitted.dtype) if fitted.dtype.kind in "iuU" else positions


def _concatenated(fitted, new):
    if not len(new):
        return fitted
    if fitted.dtype.kind == new.dtype.kind != "O":
        return np.concatenate([fitted, new])
    return object_array([*fitted.tolist(), *new.tolist()])


def network_to_resume(module):
    """Return the network inside what a method has put around it."""
    while hasattr(module, "to_resume"):
        module = module.to_resume
    return module


def with_rows(counts, n_annotators):
    """Add rows of zeros for annotators who are new.

    Parameters
    ----------
    counts : ndarray of shape (n_known, ...), or ExpectedCounts
    n_annotators : int
    """
    if isinstance(counts, ExpectedCounts):
        return counts.with_annotators(n_annotators)
    longer = np.zeros((n_annotators, *counts.shape[1:]))
    longer[: len(counts)] = counts
    return longer
