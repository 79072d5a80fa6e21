"""Labels of Potato that are written with the key that chooses them.

With ``sequential_key_binding`` the value of the n-th label is the last digit of n, with
``key_value`` any character (``server_utils/schemas/identifier_utils.py``). A box for
numbers or text looks alike in one record, but holds several values under one name.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from ._collector import Collector
from ._question_answers import NUMBER, SET, Answer, Question

__all__ = ["KEYS", "KeyBindings"]

KEYS = "labels with keys"  # the kind of an answer that is not decided
_BOX = {"0", "1"}  # values of a box that is ticked or not
_Chosen = Mapping[str, Any]


class KeyBindings:
    """Submits answers, and decides what the values beside labels are in the end.

    Parameters
    ----------
    collector : Collector
    """

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self._open: dict[str, list[tuple[int, _Chosen]]] = {}

    def submit(
        self,
        item: int,
        user: Hashable,
        answers: Mapping[str, Answer],
        number: int,
        time: float | None,
    ) -> None:
        """Submit what one user answered; answers of kind `KEYS` wait for the others.

        Parameters
        ----------
        item : int
        user : hashable
        answers : Mapping from question to Answer
        number : int
            Of the record.
        time : float or None
        """
        submission = len(self.collector.item_of)
        known = {name: one for name, one in answers.items() if one.kind != KEYS}
        self.collector.submit(item, user, known, number, time=time)
        if len(self.collector.item_of) > submission:
            for name in answers.keys() - known.keys():
                self._open.setdefault(name, []).append(
                    (submission, answers[name].value)
                )

    def close(self) -> None:
        """Add the answers that waited: labels, or numbers of one box.

        Raises
        ------
        ValueError
            If other answers to a question are of another kind.
        """
        for name in sorted(self._open):
            given = self._open[name]
            kind = self._kind(name, [chosen for _, chosen in given])
            if kind is None:
                self.collector.unreadable[f"{name} (free text)"] += len(given)
            else:
                self._add(name, kind, given)

    def _kind(self, name: str, given: list[_Chosen]) -> str | None:
        """Return what the answers to a question are; None if free text."""
        known, values = self.collector.questions.get(name), _values(given)
        are_numbers = known is not None and known.kind == NUMBER
        if are_numbers and _are_points(values):
            return NUMBER
        if not are_numbers and not _is_field(values) and not _have_one_key(values):
            return SET
        is_one = len(values) == 1 and all(map(str.isdecimal, *values.values()))
        return NUMBER if is_one else None

    def _add(self, name: str, kind: str, given: list[tuple[int, _Chosen]]) -> None:
        question = self.collector.questions.setdefault(name, Question(kind))
        if question.kind != kind:
            raise ValueError(
                f"question {name!r} is answered by a {kind}, and by a {question.kind} "
                "in other records; files of several projects or versions are mixed. "
                "Read them one by one."
            )
        chosen = [one for _, one in given]
        are_points, no = _are_points(_values(chosen)), _unticked(chosen)
        for submission, one in given:
            labels = tuple(key for key, value in one.items() if value != no)
            numbers = one.keys() if are_points else one.values()
            question.add(submission, float(*numbers) if kind == NUMBER else labels)


def _values(given: list[_Chosen]) -> dict[str, set[str]]:
    """Return the different values beside each label."""
    values: dict[str, set[str]] = {}
    for chosen in given:
        for key, value in chosen.items():
            values.setdefault(key, set()).add(str(value))
    return values


def _are_points(values: Mapping[str, set[str]]) -> bool:
    """Whether the names are points of a scale, and the values their last digits."""
    return all(key.isdecimal() and each == {key[-1]} for key, each in values.items())


def _is_field(values: Mapping[str, set[str]]) -> bool:
    """Whether one name has several values, which a label with a key has not."""
    return any(len(each) > 1 and each != _BOX for each in values.values())


def _have_one_key(values: Mapping[str, set[str]]) -> bool:
    """Whether two of ten names or less have the same value, which no key is."""
    keys = [key for each in values.values() for key in each - _BOX]
    return len(values) <= 10 and len(set(keys)) < len(keys)


def _unticked(given: list[_Chosen]) -> str | None:
    """Return the value of a box that is not ticked; None where "0" is a key, of ten."""
    values = _values(given)
    if set().union(*values.values()) - _BOX:
        return None
    is_list = any(len(chosen) > 1 and "0" in chosen.values() for chosen in given)
    return "0" if is_list or _BOX in values.values() else None
