"""What is read from a file of answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skcrowd.aggregation import Comparisons
    from skcrowd.annotations import (
        Annotations,
        MultilabelAnnotations,
        SequenceAnnotations,
        Span,
        TokenizedTexts,
    )

__all__ = ["Export"]


@dataclass(frozen=True, eq=False, repr=False)
class Export:
    """Answers of annotators, read from a file of a labelling tool.

    Parameters
    ----------
    annotations : Annotations, SequenceAnnotations, MultilabelAnnotations or Comparisons
        The answers, the ``y`` of estimators and aggregators: labels or numbers, spans,
        sets of labels, or preferences between two items.
    items : list of n_items
        The names of the items, in the order of the file: the rows of `annotations`.
        Of comparisons what was compared, sorted.
    tool : str
        Where the file comes from, such as "Label Studio".
    question : str
        The question that was answered: the name of a control or column.
    left_out : dict from str to int
        What was not read, counted by reason.
    gold : dict or None
        True answers that the file has, by name of the item, as the ``gold`` of `fit`;
        for spans by name of the item, too, as lists of tags.
    data : dict from str to list of n_items
        What the file says of the items, by column, if it was asked for.
    tokens : TokenizedTexts or None
        The texts of spans, the ``X`` of :class:`~skcrowd.CrowdSequenceTagger`.
    spans : list of n_items dicts or None
        The spans as they were given: from annotator to a list of `Span`.
    label : str or None
        The one of several labels that was read, as 1 or 0; None if all were.
    to_name : str or None
        In exports of Label Studio the name of the object that was labelled.

    Examples
    --------
    >>> from skcrowd.io import read_table
    >>> rows = [("a", "ann", "yes"), ("b", "ann", "no"), ("a", "bo", "no")]
    >>> export = read_table(rows)
    >>> export
    Export of a table, question 'answer'
      Annotations of 2 items by 2 annotators (labels)
        3 answers (25.0% of the cells missing), per item: mean 1.5, from 1 to 2
        2 classes: ['no', 'yes']
      left out: nothing
    >>> export.items
    ['a', 'b']
    """

    annotations: Annotations | SequenceAnnotations | MultilabelAnnotations | Comparisons
    items: list[Any]
    tool: str
    question: str
    left_out: dict[str, int] = field(default_factory=dict)
    gold: dict[Any, Any] | None = None
    data: dict[str, list[Any]] = field(default_factory=dict)
    tokens: TokenizedTexts | None = None
    spans: list[dict[Any, list[Span]]] | None = None
    label: str | None = None
    to_name: str | None = None

    @property
    def texts(self) -> list[str]:
        """The texts of the items.

        Raises
        ------
        ValueError
            If the file was read without its data, or several columns may be the text.
        """
        if self.tokens is not None:
            return self.tokens.texts
        if not self.data:
            raise ValueError(
                "the data of the items was not kept; read the file with data=True, or "
                "data=['text'] for one column."
            )
        if "text" in self.data:
            return self.data["text"]
        columns = [
            name
            for name, values in self.data.items()
            if all(isinstance(value, str) for value in values)
            and list(map(str, values)) != list(map(str, self.items))
        ]
        if len(columns) != 1:
            raise ValueError(
                f"it is not certain which column is the text of the items; take one of "
                f"data: {list(self.data)}."
            )
        return self.data[columns[0]]

    def __repr__(self) -> str:
        head, *details = repr(self.annotations).splitlines()
        lines = [f"Export of {self.tool}, question {self.question!r}", f"  {head}"]
        lines += [f"  {line}" for line in details]
        if self.gold:
            lines.append(f"  true answers (gold): {len(self.gold)}")
        lines.append("  left out:" if self.left_out else "  left out: nothing")
        lines += [f"    {reason}: {count}" for reason, count in self.left_out.items()]
        return "\n".join(lines)
