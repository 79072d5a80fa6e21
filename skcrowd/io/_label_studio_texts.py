"""Which text of a task of Label Studio the spans of a control are in.

A text may be shown as it is, as HTML, or as a dialogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._collector import Collector
from ._label_studio_shown import Dialogue, Text
from ._question_answers import Answer

__all__ = ["SpanTexts"]

TEXT = "text"


class SpanTexts:
    """The objects of controls for spans, and the texts of tasks.

    A control that labels several objects asks one question of each.

    Parameters
    ----------
    question : str or None
        The one whose answers are read. None: the only one.
    text : str or None
        The field of the data that has its texts. None: the field that is named like the
        object, else "text", else the only text.

    Attributes
    ----------
    form : type
        How the texts of the question are shown, after `close`.
    """

    def __init__(self, question: str | None, text: str | None) -> None:
        self.question, self.text = question, text
        self.form = Text
        self._objects: dict[str, dict[Any, str]] = {}  # and their questions
        self._forms: dict[Any, type[Text]] = {}  # by control and object
        self._guessed: set[Any] = set()  # objects whose field has another name
        self._fields: dict[int, dict[str, Any]] = {}
        self._has_spans = False
        self._last_raw: Any = None
        self._last = Text("")  # of the raw text, which many spans are in

    def question_of(
        self, control: str, shown: Any, data: Mapping[str, Any], form: type[Text]
    ) -> str:
        """Return the question that a control asks of an object.

        Parameters
        ----------
        control : str
        shown : str or None
            The name of the object, if the file says it.
        data : Mapping
            Of the task.
        form : type
            How the object shows its text.

        Returns
        -------
        question : str
            The first object has the name of the control until `close`.
        """
        objects = self._objects.setdefault(control, {})
        known = f"{control} ({shown})" if objects else control
        self._has_spans = True
        self._forms.setdefault((control, shown), form)
        texts = _texts(data, form)
        if len(texts) > 1 and shown is not None and shown not in texts:
            self._guessed.add(shown)
        return objects.setdefault(shown, known)

    def is_read(self, control: str, shown: Any) -> bool:
        """Return whether the answers to a question may be those that are read.

        Parameters
        ----------
        control : str
        shown : str or None
        """
        return self.question in (None, control, f"{control} ({shown})")

    def has(self, data: Mapping[str, Any], shown: Any, form: type[Text]) -> bool:
        """Return whether the text of a task that an object shows is certain.

        Parameters
        ----------
        data : Mapping
            Of the task.
        shown : str or None
        form : type
        """
        texts = _texts(data, form)
        return self._field(texts, shown) in texts

    def find(
        self, data: Mapping[str, Any], shown: Any, form: type[Text], where: str
    ) -> Text:
        """Return the text of a task that an object shows.

        Parameters
        ----------
        data : Mapping
            Of the task.
        shown : str or None
        form : type
        where : str
            The record, for error messages.

        Returns
        -------
        text : Text

        Raises
        ------
        ValueError
            If it is not certain.
        """
        texts = _texts(data, form)
        field = self._field(texts, shown)
        if field not in texts:
            raise ValueError(
                f"{where}: there is no {form.title} for its spans; pass text=, one of "
                f"{list(data)}."
            )
        raw = texts[field]
        if raw is not self._last_raw or type(self._last) is not form:
            self._last_raw, self._last = raw, form(raw)
        return self._last

    def keep(
        self, item: int, data: Mapping[str, Any], answers: Mapping[str, Answer]
    ) -> None:
        """Keep the texts of a task, if they may be needed for spans.

        Parameters
        ----------
        item : int
        data : Mapping
        answers : Mapping from question to Answer
            Of one annotator. If the question has none, no span may have been found.
        """
        is_empty = not answers or any(answer.value == () for answer in answers.values())
        is_other = self.question is not None and self.question not in answers
        if item in self._fields or not (self._has_spans or is_empty or is_other):
            return
        texts = _texts(data, Text) | _texts(data, Dialogue)
        if self.text is not None:
            texts = {name: texts[name] for name in (self.text,) if name in texts}
        self._fields[item] = texts

    def close(self, collector: Collector) -> None:
        """Name the questions, and give the collector the texts of the one that is read.

        Parameters
        ----------
        collector : Collector

        Raises
        ------
        ValueError
            If it is not certain which texts these are.
        """
        shown_in: dict[str, Any] = {}
        forms: dict[str, type[Text]] = {}
        for control, objects in self._objects.items():
            for shown, question in objects.items():
                if len(objects) > 1 and question == control:
                    _rename(collector, control, f"{control} ({shown})")
                    question = f"{control} ({shown})"
                shown_in[question] = shown
                forms[question] = self._forms[control, shown]
        name = self.question
        if name is None and len(collector.questions) == 1:
            name = next(iter(collector.questions))
        shown = shown_in.get(str(name))
        if self.text is None and shown in self._guessed and len(self._guessed) > 1:
            raise ValueError(
                f"the spans are in the objects {sorted(self._guessed)}, which are not "
                "named like the fields of the data; pass text=, the field in which "
                f"those of {name!r} are."
            )
        self.form = forms.get(str(name), Text)
        for item, fields in self._fields.items():
            texts = _texts(fields, self.form)
            field = self._field(texts, shown)
            if field in texts:
                collector.texts[item] = self.form(texts[field]).text

    def _field(self, texts: Mapping[str, Any], shown: Any) -> str | None:
        """Return the field of the text that an object shows."""
        if self.text is not None:
            return self.text
        if shown in texts:
            return str(shown)
        return TEXT if TEXT in texts else next(iter(texts)) if len(texts) == 1 else None


def _texts(data: Mapping[str, Any], form: type[Text]) -> dict[str, Any]:
    """Return the fields of the data that may be shown so."""
    return {name: value for name, value in data.items() if form.has(value)}


def _rename(collector: Collector, old: str, new: str) -> None:
    """Give a question of a collector another name."""
    collector.questions = {
        new if name == old else name: one for name, one in collector.questions.items()
    }
    if old in collector.gold:
        collector.gold[new] = collector.gold.pop(old)
