"""What is known of answers beside the answer: confidence, weight, time, and so on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from skcrowd._typing import Array, FloatArray, IntArray


__all__ = ["PER_ANSWER", "AnswerDetails"]

# Fields with one row an answer, and what an answer has that was given none.
PER_ANSWER = {
    "confidence": np.nan,
    "weight": 1.0,
    "probabilities": None,
    "time": np.nan,
}
EVIDENCE = "confidence", "weight", "probabilities"


@dataclass(frozen=True, eq=False)
class AnswerDetails:
    """What is known of answers beside the answer.

    Parameters
    ----------
    confidence : float64 ndarray of shape (n_answers,), default=None
        How sure the annotator was, on any scale; NaN where it is not known.
    weight : float64 ndarray of shape (n_answers,), default=None
        Positive.
    probabilities : float64 ndarray of shape (n_answers, n_classes), default=None
        Of the classes, as the annotator gave them; rows sum to 1.
    time : float64 ndarray of shape (n_answers,), default=None
        How long the annotator took; NaN where it is not known.
    unsure : int64 ndarray of shape (n_unsure, 2), default=None
        Item and annotator where the annotator was asked and gave no class.
    """

    confidence: FloatArray | None = None
    weight: FloatArray | None = None
    probabilities: FloatArray | None = None
    time: FloatArray | None = None
    unsure: IntArray | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AnswerDetails):
            return NotImplemented
        return all(
            _equal(getattr(self, name), getattr(other, name))
            for name in (*PER_ANSWER, "unsure")
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def is_evidence(self) -> bool:
        """Whether anything changes what an answer says of the truth."""
        return any(getattr(self, name) is not None for name in EVIDENCE)

    @property
    def given(self) -> list[str]:
        """Names of the fields that are given."""
        return [f for f in (*PER_ANSWER, "unsure") if getattr(self, f) is not None]

    def frozen(self, n_answers: int, n_classes: int | None) -> AnswerDetails:
        """Return read-only arrays that nobody else can write to, with their sizes.

        Raises
        ------
        ValueError
            If an array has another shape than its answers.
        """
        fields: dict[str, Any] = {}
        for name in self.given:
            dtype = np.int64 if name == "unsure" else np.float64
            values = np.array(getattr(self, name), dtype=dtype)
            expected: tuple[Any, ...] = (n_answers,)
            if name == "probabilities":
                expected = n_answers, n_classes
            elif name == "unsure":
                expected = len(values), 2
            if values.shape != expected:
                raise ValueError(
                    f"{name} has shape {values.shape}, but for {n_answers} answers it "
                    f"must be {expected}."
                )
            values.setflags(write=False)
            fields[name] = values
        return AnswerDetails(**fields)

    def take(
        self,
        kept: Any,
        unsure: Callable[[IntArray], IntArray] | None = None,
        classes: Callable[[FloatArray], FloatArray] | None = None,
    ) -> AnswerDetails | None:
        """Select answers.

        Parameters
        ----------
        kept : slice, int or bool ndarray
            Of the answers, in their new order.
        unsure : callable, default=None
            Maps the pairs (item, annotator), of shape (n_unsure, 2), to those that
            are left, under their new numbers. None keeps them.
        classes : callable, default=None
            Maps probabilities to those of other classes.

        Returns
        -------
        details : AnswerDetails or None
            None if nothing is left that was given.
        """
        fields: dict[str, Any] = {}
        for name in self.given:
            values = getattr(self, name)
            if name != "unsure":
                values = values[kept]
            elif unsure is not None:
                values = unsure(values)
            if name == "probabilities" and classes is not None:
                values = classes(values)
            values.setflags(write=False)
            fields[name] = values
        return AnswerDetails(**fields)

    def describe(self) -> str:
        """Say in a few words what is given."""
        words = [name for name in self.given if name != "unsure"]
        said = "with " + ", ".join(words) if words else ""
        if self.unsure is not None:
            said += f"{'; ' if said else ''}{len(self.unsure)} unsure"
        return said


def _equal(left: Array | None, right: Array | None) -> bool:
    if left is None or right is None:
        return left is right
    return np.array_equal(left, right, equal_nan=left.dtype.kind == "f")


def map_annotators(place: IntArray) -> Callable[[IntArray], IntArray]:
    """Return the function that renumbers the annotators of pairs.

    Parameters
    ----------
    place : int64 ndarray of shape (n_annotators,)
        The new number of each annotator; -1 for those whose pairs are left out.
    """

    def renumber(pairs: IntArray) -> IntArray:
        annotator = place[pairs[:, 1]]
        return _sorted_pairs(pairs[:, 0], annotator, annotator >= 0)

    return renumber


def _sorted_pairs(item: IntArray, annotator: IntArray, kept: Any) -> IntArray:
    """Return distinct pairs, sorted by item and annotator, (n_pairs, 2)."""
    pairs = np.column_stack([item[kept], annotator[kept]])
    return np.unique(pairs, axis=0).astype(np.int64).reshape(-1, 2)


def joined(parts: list[tuple[Any, int, Any]], order: IntArray) -> AnswerDetails | None:
    """Join the details of several tables of answers.

    Parameters
    ----------
    parts : list of (AnswerDetails or None, n_answers, one_hot)
        `one_hot` returns the answers of that table as probabilities. Unsure pairs
        have the numbers of the joined table.
    order : int64 ndarray of shape (n_answers,)
        Of all answers, one table after the other.
    """
    given = [details for details, _, _ in parts if details is not None]
    if not given:
        return None
    fields: dict[str, Any] = {}
    for name, default in PER_ANSWER.items():
        if all(getattr(details, name) is None for details in given):
            continue
        columns = []
        for details, n_answers, one_hot in parts:
            values = None if details is None else getattr(details, name)
            if values is None:
                values = one_hot() if default is None else np.full(n_answers, default)
            columns.append(values)
        fields[name] = np.concatenate(columns)[order]
    unsure = [details.unsure for details in given if details.unsure is not None]
    if unsure:
        pairs = np.concatenate(unsure)
        fields["unsure"] = _sorted_pairs(pairs[:, 0], pairs[:, 1], slice(None))
    return AnswerDetails(**fields)
