"""Collect the answers of a file, record by record."""

from __future__ import annotations

import json
import math
from array import array
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from ._decimal_numbers import NumberColumn
from ._gold_again import contradiction, may_be_same
from ._name_types import is_missing
from ._question_answers import SPANS, Answer, Question
from ._tool import Tool

__all__ = ["Collector"]


class Collector:
    """Items, annotators and answers of one export.

    What is kept grows with the number of answers, and with what is asked for of the
    items, not with the size of the file.

    Parameters
    ----------
    tool : Tool
        Where the file comes from.
    data : bool or sequence of str, default=False
        Whether to keep what the file says of the items, or which columns of it.
    pair : tuple of two str, default=None
        Columns that are kept anyway, of the two items that an answer compares.

    Attributes
    ----------
    items, annotators : dict from name to position
    item_of, annotator_of, record_of : array of int
        Of every submission: one annotator's answers to the questions of one item.
    moment_of : array of float
        Of every submission: when it was made, in seconds, NaN if unknown.
    questions : dict from name to Question
    unreadable : Counter
        Answers that are neither labels, numbers nor spans, by "question (type)".
    left_out : Counter
        What else was not read, by reason.
    gold : dict from name of a question to dict from item to Answer
    gold_again : dict from name of a question to list of tuple (item, Answer)
        True answers that are those in `gold` if labels are numbers.
    aliases : dict
        Other names of annotators, and the ones to use.
    details : dict from name to array of float
        Of every submission: "time", "confidence" or "weight", NaN if unknown.
    columns : dict from name to list
        What was kept of the items.
    pairs : dict from name of a question to tuple of two str
        The columns of the two items that its answers compare, if the file says that.
    boxes : dict from name of a question to set of str
        The boxes that forms show, ticked or not, if the file says that.
    texts, offsets : dict
        Of items with spans: the text, and where its tokens are, if the file says that.
    """

    def __init__(
        self,
        tool: Tool,
        data: bool | Sequence[str] = False,
        pair: tuple[str, str] | None = None,
    ) -> None:
        if isinstance(data, str):
            raise ValueError(f"data={data!r}; give a list of columns: data=[{data!r}].")
        self.tool = tool
        self.data = data
        self._kept: tuple[str, ...] = () if pair is None else tuple(pair)
        self.items: dict[Hashable, int] = {}
        self.annotators: dict[Hashable, int] = {}
        self.item_of, self.annotator_of = array("q"), array("q")
        self.record_of, self.moment_of = array("q"), array("d")
        self.questions: dict[str, Question] = {}
        self.unreadable: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.n_anonymous = 0
        self.gold: dict[str, dict[int, Answer]] = {}
        self.gold_again: dict[str, list[tuple[int, Answer]]] = {}
        self.aliases: dict[Hashable, Hashable] = {}
        self.details: dict[str, array[float]] = {}
        self.columns: dict[str, list[Any]] = {}
        self.pairs: dict[str, tuple[str, str]] = {}
        self.boxes: dict[str, set[str]] = {}
        self.texts: dict[int, str] = {}
        self.offsets: dict[int, list[tuple[int, int]]] = {}
        self._contents: list[int] = []
        self._numbers: dict[str, NumberColumn] = {}  # of the details
        self._has_spans = False
        self._described: dict[str, None] = {}  # what files say of the items

    def item(
        self,
        name: Hashable,
        content: Mapping[str, Any],
        where: str,
        identity: Mapping[str, Any] | None = None,
    ) -> int:
        """Return the number of an item; add it if it is new.

        Parameters
        ----------
        name : hashable
        content : Mapping
            What is said of it.
        where : str
            The record, for error messages.
        identity : Mapping, default=None
            What identifies it: the same name with another one is an error. None: all
            of its content.

        Returns
        -------
        row : int

        Raises
        ------
        ValueError
            If there is no name, or it was the name of something else.
        """
        if is_missing(name):
            raise ValueError(f"{where} has no id of its item; export the ids, too.")
        shown = content if identity is None else identity
        fingerprint = hash(json.dumps(shown, sort_keys=True, default=str))
        row = self.items.setdefault(name, len(self.items))
        if row == len(self._contents):
            self._contents.append(fingerprint)
            self._keep(content, row)
        elif self._contents[row] != fingerprint:
            raise ValueError(
                f"{where}: the id {name!r} occurs again with other data; files of "
                "several projects or versions are mixed. Read them one by one."
            )
        return row

    def _keep(self, content: Mapping[str, Any], row: int) -> None:
        if not self.data and not self._kept:
            return
        for column in self.columns.values():
            column.append(None)
        self._described |= dict.fromkeys(content)
        wanted = (*self._kept, *(() if isinstance(self.data, bool) else self.data))
        for name, value in content.items():
            if self.data is True or name in wanted:
                column = self.columns.setdefault(name, [None] * (row + 1))
                column[row] = value

    def keep_pair(
        self, question: str, pair: tuple[str, str], content: Mapping[str, Any], row: int
    ) -> None:
        """Keep, from this item on, the two columns that a question compares.

        Parameters
        ----------
        question : str
        pair : tuple of two str
        content : Mapping
            Of this item.
        row : int
            Its number.
        """
        if question in self.pairs:
            return
        self.pairs[question] = pair
        self._kept = tuple(dict.fromkeys((*self._kept, *pair)))
        for name in pair:
            column = self.columns.setdefault(name, [None] * len(self.items))
            column[row] = content[name]

    def submit(
        self,
        item: int,
        annotator: Hashable,
        answers: Mapping[str, Answer],
        number: int,
        moment: float = math.nan,
        **details: Any,
    ) -> None:
        """Add what one annotator answered about one item.

        Parameters
        ----------
        item : int
            Its number.
        annotator : hashable
            The name; a missing one is counted.
        answers : Mapping from question to Answer
        number : int
            Of the record.
        moment : float, default=NaN
            When the answers were given; of several the last by this counts.
        **details : number, str or None
            What is known of the answers: "time", "confidence", "weight".

        Raises
        ------
        ValueError
            If a detail is no number.
        """
        if is_missing(annotator):
            self.n_anonymous += 1
            return
        submission = len(self.item_of)
        self._add_details(details, submission)
        self.item_of.append(item)
        known = self.annotators
        self.annotator_of.append(known.setdefault(annotator, len(known)))
        self.record_of.append(number)
        self.moment_of.append(moment)
        for name, answer in answers.items():
            question = self.questions.get(name)
            if question is None:
                question = self.questions[name] = Question(answer.kind)
            if question.accepts(answer):
                question.add(submission, answer.value)
            else:
                question.refuse(answer, number)

    def _add_details(self, details: Mapping[str, Any], submission: int) -> None:
        """Add what is known of the answers of a submission."""
        known = {
            name: self._detail(name, value)
            for name, value in details.items()
            if not is_missing(value)
        }
        for name in known.keys() - self.details.keys():
            self.details[name] = array("d", [math.nan] * submission)
        for name, values in self.details.items():
            values.append(known.get(name, math.nan))

    def _detail(self, name: str, value: Any) -> float:
        try:
            return self._numbers.setdefault(name, NumberColumn()).read(value)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"the {name} of an answer is no number: {value!r}."
            ) from error

    def check_data(self) -> None:
        """Raise if a column was asked for that no item has.

        Raises
        ------
        ValueError
        """
        wanted = () if isinstance(self.data, bool) else self.data
        absent = [name for name in wanted if name not in self._described]
        if absent and self.items:
            raise ValueError(
                f"data names {absent}, but the columns of the items are "
                f"{list(self._described)}."
            )

    def check_details(self) -> None:
        """Raise if it is not clear how the numbers of a detail are written.

        Raises
        ------
        ValueError
            If a comma may separate thousands, or be a decimal point.
        """
        for name, column in self._numbers.items():
            column.check(f"the {name} of answers")

    def keep_text(self, item: int, text: Any, answers: Mapping[str, Answer]) -> None:
        """Keep the text of an item, if it may be needed for spans.

        Parameters
        ----------
        item : int
        text : object
            Kept if it is a string.
        answers : Mapping from question to Answer
            Of one annotator. An empty one may mean that no span was found.
        """
        is_empty = not answers or any(answer.value == () for answer in answers.values())
        self._has_spans |= any(answer.kind == SPANS for answer in answers.values())
        if isinstance(text, str) and (self._has_spans or is_empty):
            self.texts.setdefault(item, text)

    def set_gold(self, item: int, answers: Mapping[str, Answer]) -> None:
        """Add true answers.

        Parameters
        ----------
        item : int
        answers : Mapping from question to Answer

        Raises
        ------
        ValueError
            If the item had another true answer before.
        """
        for name, answer in answers.items():
            before = self.gold.setdefault(name, {}).setdefault(item, answer)
            if before != answer and _content(before) != _content(answer):
                if not self.tool.is_text or not may_be_same(before, answer):
                    raise ValueError(contradiction(name, answer, before))
                self.gold_again.setdefault(name, []).append((item, answer))


def _content(answer: Answer) -> Any:
    """Return what an answer says; the order of labels and spans says nothing."""
    return set(answer.value) if isinstance(answer.value, tuple) else answer.value
