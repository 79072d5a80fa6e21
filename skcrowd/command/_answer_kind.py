"""What the command does with answers of one kind."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from skcrowd.io import Export

__all__ = ["SETTINGS", "AnswerKind", "Fitted", "Table", "aggregator"]

SETTINGS: dict[str, Any] = {"confidence_level": 0.95, "random_state": 0}
"""Of intervals of agreement."""


class Table(NamedTuple):
    """A header, and rows of values.

    Attributes
    ----------
    header : sequence of str
    rows : iterable of sequences
    """

    header: Sequence[str]
    rows: Iterable[Sequence[Any]]


class Fitted(NamedTuple):
    """A fitted estimator with what it was fitted to.

    Attributes
    ----------
    estimator : crowd estimator or Pipeline
    X : object
        The items, as ``fit`` got them.
    options : dict
        Of the insight methods: without features nothing is to be cross-fitted.
    """

    estimator: Any
    X: Any
    options: dict[str, Any]


class AnswerKind(NamedTuple):
    """What is done with answers of one kind.

    Attributes
    ----------
    name : str
        What the answers are, for messages.
    methods : sequence of str
        Aggregators that ``consensus`` may use; empty where there is one only.
    consensus : callable
        Maps an export and the name of an aggregator to a Table.
    learned_consensus : callable
        Maps an export and what was fitted to it to a Table.
    agreement : callable
        Maps annotations to names of coefficients and their intervals.
    estimator : callable
        Makes the estimator from settings of training.
    skills : sequence of str
        Columns of the report that may rank annotators, the first that it has.
    is_error : bool
        Whether low values are the good ones.
    without_features : callable
        Maps an export and settings to what is fitted where nothing is known of items.
    learns_texts : bool
        Whether the estimator itself takes texts, as tokens.
    predictions : callable
        Maps a fitted estimator, names of items and X to a Table.
    """

    name: str
    methods: Sequence[str]
    consensus: Callable[[Export, str], Table]
    learned_consensus: Callable[[Export, Fitted], Table]
    agreement: Callable[[Any], list[tuple[str, Any]]]
    estimator: Callable[..., Any]
    skills: Sequence[str]
    without_features: Callable[[Export, dict[str, Any]], Fitted]
    predictions: Callable[[Any, list[Any], Any], Table]
    is_error: bool = False
    learns_texts: bool = False

    def check_method(self, options: argparse.Namespace) -> str:
        """Return the aggregator that the user chose, or the default.

        Raises
        ------
        ValueError
            If it is not for this kind of answers.
        """
        chosen: str | None = options.method
        if chosen is None:
            return self.methods[0] if self.methods else ""
        if chosen not in self.methods:
            known = f"choose one of {', '.join(self.methods)}"
            raise ValueError(
                f"--method {chosen} is not for {self.name}; "
                f"{known if self.methods else 'leave it out'}."
            )
        return chosen


def aggregator(known: Mapping[str, type[Any]], method: str) -> Any:
    """Return a new aggregator."""
    return known[method]()
