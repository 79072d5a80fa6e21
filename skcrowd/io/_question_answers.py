"""The answers to one question while a file is read."""

from __future__ import annotations

from array import array
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from skcrowd._typing import IntArray

__all__ = ["LABEL", "NUMBER", "SET", "SOFT", "SPANS", "Answer", "Question"]

LABEL, SET, NUMBER, SPANS = "label", "set of labels", "number", "spans"
SOFT = "probability of each label"


class Answer(NamedTuple):
    """One answer to one question.

    Attributes
    ----------
    kind : str
        `LABEL`, `SET`, `NUMBER`, `SPANS` or `SOFT`.
    value : object
        A label, a tuple of labels, a number, a tuple of (start, end, label), or a tuple
        of numbers.
    """

    kind: str
    value: Any


class Question:
    """The answers to one question: a number for each, and the distinct values once.

    Parameters
    ----------
    kind : str
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.submission = array("q")
        self.code = array("q")
        self.codes: dict[Hashable, int] = {}
        self.types: set[type] = set()
        self._of_other_kinds: list[tuple[str, int]] = []

    def accepts(self, answer: Answer) -> bool:
        """Return whether an answer is of this kind; an empty list may be of two kinds.

        Parameters
        ----------
        answer : Answer

        Returns
        -------
        bool
        """
        if {self.kind, answer.kind} == {SET, SPANS}:
            if answer.kind == SPANS and set(self.codes) <= {()}:
                self.kind = SPANS
            return answer.value == () or self.kind == answer.kind
        return self.kind == answer.kind

    def add(self, submission: int, value: Hashable) -> None:
        """Add the answer of a submission.

        Parameters
        ----------
        submission : int
            Its position.
        value : hashable
        """
        self.types |= set(map(type, value if isinstance(value, tuple) else [value]))
        self.submission.append(submission)
        self.code.append(self.codes.setdefault(value, len(self.codes)))

    def refuse(self, answer: Answer, number: int) -> None:
        """Count an answer of another kind.

        Parameters
        ----------
        answer : Answer
        number : int
            Of the record.
        """
        self._of_other_kinds.append((answer.kind, number))

    def check_kinds(self, name: str) -> None:
        """Raise if answers are of several kinds.

        Parameters
        ----------
        name : str
            Of the question.
        """
        if self._of_other_kinds:
            kind, number = self._of_other_kinds[0]
            raise ValueError(
                f"record {number}: question {name!r} is answered by a {kind}, and by a "
                f"{self.kind} before; files of several projects or versions are mixed. "
                "Read them one by one."
            )

    def check_types(self, name: str) -> None:
        """Raise if answers are numbers and booleans: True and 1 are equal, but differ.

        Parameters
        ----------
        name : str
            Of the question.
        """
        if bool in self.types and self.types & {int, float}:
            raise ValueError(
                f"question {name!r} is answered by booleans, such as true, and by "
                "numbers, such as 1; write all its answers in one way."
            )

    def __len__(self) -> int:
        return len(self.code) + len(self._of_other_kinds)

    @property
    def values(self) -> list[Any]:
        """The distinct values, by code."""
        return list(self.codes)

    def by_submission(self, n_submissions: int) -> IntArray:
        """Return the code of each submission, the last where there are several.

        Parameters
        ----------
        n_submissions : int

        Returns
        -------
        code : int64 ndarray of shape (n_submissions,)
            -1 where there is none.
        """
        code = np.full(n_submissions, -1, dtype=np.int64)
        code[np.frombuffer(self.submission, dtype=np.int64)] = np.frombuffer(
            self.code, dtype=np.int64
        )
        return code
