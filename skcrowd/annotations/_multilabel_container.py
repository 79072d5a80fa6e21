"""The container of annotations whose answers are sets of labels."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from . import _cell_tables, _merge, _summary
from ._answer_details import AnswerDetails
from ._assemble import readonly
from ._cell_details import (
    Cells,
    check_part_details,
    with_cell_details,
    without_cell_details,
)
from ._container import Annotations
from ._describe import count_of, density
from ._encoding import check_classes
from ._long_decisions import read_long_decisions
from ._lookup import positions, preview
from ._memory import check_cell_matrix, check_fits
from ._multilabel_cells import indicator_sets, long_sets, matrix_sets
from ._part_names import decision_names
from ._select import answer_index, row_index, unchecked
from ._soft_labels import certain
from ._soft_sets import read_long_soft_sets, read_soft_sets

if TYPE_CHECKING:
    import pandas as pd

    from skcrowd._typing import (
        AnswersLike,
        Array,
        ArrayLike,
        DTypeLike,
        FloatArray,
        IntArray,
        ObjectArray,
        Rows,
    )


@dataclass(frozen=True, eq=False, repr=False)
class MultilabelAnnotations:
    """Answers that are sets of labels: which of several labels an annotator ticked.

    Build it with `from_cells`, `from_long`, `from_indicators` or `from_soft_labels`. An
    annotator who was asked and ticked nothing has given an answer, the empty set, which
    differs from a missing answer. The container is immutable and can be the `y` of
    scikit-learn's splitters and searches, of shape (n_items, n_annotators): indexing
    selects items and keeps all annotators and labels.

    Parameters
    ----------
    decisions : Annotations of shape (n_items * n_labels, n_annotators)
        The answer of every annotator to every label of every item, 1 where it was
        ticked and 0 where not. The labels of an item follow each other. They may have
        `confidence`, `weight` and `probabilities`.
    classes : array-like of shape (n_labels,)
        The labels.
    item_names : array-like of shape (n_items,), default=None
        The ids of the items in a long table, or the index of a DataFrame, unless it
        is 0, 1, 2, …. Where ``X`` has an index, too, `fit` and all other methods check
        that the two are equal.

    Examples
    --------
    >>> from skcrowd.annotations import MultilabelAnnotations
    >>> M = MultilabelAnnotations.from_cells([[{"cat", "dog"}, {"dog"}], [set(), None]])
    >>> M
    MultilabelAnnotations of 2 items by 2 annotators
      3 answers (25.0% of the cells missing), per item: mean 1.5, from 1 to 2
      sets of 2 labels: ['cat', 'dog']
      mean number of labels ticked: 1
    >>> M[0]
    {0: ['cat', 'dog'], 1: ['dog']}
    >>> M[1]
    {0: []}
    """

    decisions: Annotations
    classes: Array
    item_names: Array | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", readonly(check_classes(self.classes)))
        n_labels = len(self.classes)
        check_part_details(self.decisions, "decisions", "sets of labels")
        if not np.array_equal(self.decisions.classes, [0, 1]):
            raise ValueError(
                f"decisions have the classes {self.decisions.classes}; they must be 0 "
                "(not ticked) and 1 (ticked)."
            )
        if self.decisions.n_items % n_labels:
            raise ValueError(
                f"decisions have {self.decisions.n_items} rows, which is no multiple "
                f"of the number of labels, {n_labels}; give a row for each item and "
                "label."
            )
        if self.item_names is not None:
            names = readonly(np.array(self.item_names))
            if names.shape != (self.n_items,):
                raise ValueError(
                    f"item_names has shape {names.shape}, but there are {self.n_items} "
                    "items; give a name for each."
                )
            object.__setattr__(self, "item_names", names)

    @classmethod
    def from_cells(
        cls,
        y: AnswersLike,
        *,
        separator: str | None = None,
        nothing: str | None = None,
        classes: ArrayLike | None = None,
        annotator_names: ArrayLike | None = None,
        confidence: ArrayLike | None = None,
        weight: ArrayLike | None = None,
    ) -> MultilabelAnnotations:
        """Read a matrix with a row for each item and a column for each annotator.

        Parameters
        ----------
        y : array-like of shape (n_items, n_annotators)
            Nested list, object array or DataFrame. A cell is a set, frozenset, list,
            tuple or 1-D array of labels, which are integers, strings or booleans;
            empty where the annotator ticked nothing. None, NaN, NA and a masked cell
            mean that there is no answer.
        separator : str, default=None
            Text between the labels of cells that are strings, such as ``","``. Spaces
            around labels are dropped. The empty string is a missing answer.
        nothing : str, default=None
            Cells of this text say that nothing was ticked, such as ``"none"``; only
            with `separator`.
        classes : array-like of shape (n_labels,), default=None
            The possible labels in order; None for those ticked by anyone, sorted.
        annotator_names : array-like of shape (n_annotators,), default=None
            None takes the columns of a DataFrame, or numbers the annotators.
        confidence, weight : array-like of shape (n_items, n_annotators) or \
                (n_items, n_annotators, n_labels), default=None
            How sure the annotator was, and by how much the answer counts, as of
            `with_details`.

        Returns
        -------
        annotations : MultilabelAnnotations

        Raises
        ------
        ValueError
            If `y` is no matrix of sets of labels, holds no answer, or a label of
            another type or outside `classes`.

        Warns
        -----
        CrowdWarning
            If names that are not given by `classes` or `annotator_names` differ only
            in how they are written.

        Examples
        --------
        >>> from skcrowd.annotations import MultilabelAnnotations
        >>> y = [["cat|dog", "none"], ["dog", None]]
        >>> M = MultilabelAnnotations.from_cells(y, separator="|", nothing="none")
        >>> M.to_indicators()
        array([[[ 1.,  1.],
                [ 0.,  0.]],
        <BLANKLINE>
               [[ 0.,  1.],
                [nan, nan]]])
        """
        sets = matrix_sets(y, separator, nothing, classes, annotator_names)
        return cls(*sets[:3]).with_details(confidence=confidence, weight=weight)

    @classmethod
    def from_long(
        cls,
        items: ArrayLike | Hashable,
        annotators: ArrayLike | Hashable,
        labels: ArrayLike | Hashable | None,
        *,
        data: pd.DataFrame | Any | None = None,
        n_items: int | None = None,
        item_ids: ArrayLike | None = None,
        annotator_ids: ArrayLike | None = None,
        ticked: ArrayLike | Hashable | None = None,
        nothing: Any = None,
        classes: ArrayLike | None = None,
        confidence: ArrayLike | Hashable | None = None,
        weight: ArrayLike | Hashable | None = None,
        probabilities: ArrayLike | Mapping[Any, Any] | None = None,
    ) -> MultilabelAnnotations:
        """Read a long table with a row for each label that was ticked.

        With `ticked` it is a table with a row for each label that an annotator was
        asked about, with `probabilities` one with a row for each answer.

        Parameters
        ----------
        items, annotators, labels : array-like of shape (n_rows,), or column name
            Item, annotator and label of every tick; names of columns if `data` is
            given. Whoever ticked a label of an item was asked about all of them.
            `labels` is None with `probabilities`.
        data : DataFrame or mapping of columns, default=None
        n_items : int, default=None
            If given, `items` are the row numbers 0 to ``n_items - 1`` of X.
        item_ids : array-like of shape (n_items,), default=None
            The ids of the items in the order of the rows of X. With neither `n_items`
            nor `item_ids`, the items are the distinct ids, sorted (`item_names`).
        annotator_ids : array-like of shape (n_annotators,), default=None
            The annotators in order; None for the observed ones, sorted.
        ticked : array-like of shape (n_rows,), or column name, default=None
            Whether the label of the row was ticked, 1 or 0, or how probably it applies,
            as in `from_soft_labels`; NaN where the annotator was not asked. Labels
            without a row were not asked about.
        nothing : int, str or bool, default=None
            This value in `labels` says that the annotator ticked nothing.
        classes : array-like of shape (n_labels,), default=None
            The possible labels in order; None for those ticked by anyone, sorted.
        confidence, weight : array-like of shape (n_rows,), or column name, default=None
            How sure the annotator was, and by how much the answer counts, as of
            `with_details`; the same in all rows of an answer, or with `ticked` those of
            each label.
        probabilities : dict of label to column, or array-like of shape \
                (n_rows, n_labels), default=None
            How probably each label applies, as in `from_soft_labels`, in place of
            ticks; the columns of an array are in the order of `classes`.

        Returns
        -------
        annotations : MultilabelAnnotations

        Raises
        ------
        ValueError
            If a label is missing, or ticked twice by an annotator of an item; if an id
            is missing or unknown, the columns differ in length, or the rows of an
            answer in `confidence` or `weight`; if a probability is outside 0 to 1; if
            options of several forms are given.

        Warns
        -----
        CrowdWarning
            If names that are not given by `classes`, `annotator_ids` or `item_ids`
            differ only in how they are written.

        Examples
        --------
        >>> from skcrowd.annotations import MultilabelAnnotations
        >>> M = MultilabelAnnotations.from_long(
        ...     ["a", "a", "b", "b"],
        ...     ["ann", "ann", "ann", "bob"],
        ...     ["cat", "dog", "dog", "-"],
        ...     nothing="-",
        ... )
        >>> M[1]
        {'ann': ['dog'], 'bob': []}
        >>> soft = MultilabelAnnotations.from_long(
        ...     ["a", "b"],
        ...     ["model", "model"],
        ...     None,
        ...     probabilities={"cat": [0.9, 0.4], "dog": [0.8, 0.3]},
        ... )
        >>> soft[0]
        {'model': ['cat', 'dog']}
        >>> asked = {"item": ["a", "a"], "who": ["ann", "ann"], "topic": ["cat", "dog"]}
        >>> asked["applies"] = [True, False]
        >>> MultilabelAnnotations.from_long(
        ...     "item", "who", "topic", data=asked, ticked="applies"
        ... )[0]
        {'ann': ['cat']}
        """
        if ticked is not None:
            if probabilities is not None or nothing is not None:
                raise ValueError(
                    "ticked says of each label whether it was ticked, or how probably "
                    "it applies; leave probabilities and nothing out."
                )
            given = read_long_decisions(
                items,
                annotators,
                labels,
                ticked,
                data,
                n_items,
                item_ids,
                annotator_ids,
                classes,
                confidence=confidence,
                weight=weight,
            )
            return cls(*given[:3])
        if probabilities is not None:
            if labels is not None or nothing is not None:
                raise ValueError(
                    "probabilities are the answers themselves; pass labels=None with "
                    "them, and leave nothing out."
                )
            soft = read_long_soft_sets(
                items,
                annotators,
                data,
                n_items,
                item_ids,
                annotator_ids,
                probabilities,
                classes,
                confidence=confidence,
                weight=weight,
            )
            return cls(*soft[:3]).with_details(**soft.details)
        sets = long_sets(
            items,
            annotators,
            labels,
            data,
            n_items,
            item_ids,
            annotator_ids,
            nothing,
            classes,
            confidence=confidence,
            weight=weight,
        )
        return cls(*sets[:3]).with_details(**sets.details)

    @classmethod
    def from_indicators(
        cls,
        y: AnswersLike,
        *,
        classes: ArrayLike | None = None,
        annotator_names: ArrayLike | None = None,
        confidence: ArrayLike | None = None,
        weight: ArrayLike | None = None,
    ) -> MultilabelAnnotations:
        """Read an array of 0 and 1 for each item, annotator and label.

        Parameters
        ----------
        y : array-like of shape (n_items, n_annotators, n_labels)
            1 where the annotator ticked the label, 0 where not, and NaN (None, masked)
            where the annotator was not asked, about the item or about single labels.
        classes : array-like of shape (n_labels,), default=None
            The labels in order; None numbers them.
        annotator_names : array-like of shape (n_annotators,), default=None
            None numbers the annotators.
        confidence, weight : array-like of shape (n_items, n_annotators) or \
                (n_items, n_annotators, n_labels), default=None
            How sure the annotator was, and by how much the answer counts, as of
            `with_details`.

        Returns
        -------
        annotations : MultilabelAnnotations

        Raises
        ------
        ValueError
            If `y` is of another shape, or holds anything but 0, 1 and NaN.

        Examples
        --------
        >>> import numpy as np
        >>> from skcrowd.annotations import MultilabelAnnotations
        >>> y = np.array([[[1, 0, 1], [0, 0, 0]]])
        >>> MultilabelAnnotations.from_indicators(y).to_cells().tolist()
        [[(0, 2), ()]]
        """
        sets = indicator_sets(y, classes, annotator_names)
        return cls(*sets[:3]).with_details(confidence=confidence, weight=weight)

    @classmethod
    def from_soft_labels(
        cls,
        probabilities: ArrayLike,
        *,
        classes: ArrayLike | None = None,
        annotator_names: ArrayLike | None = None,
    ) -> MultilabelAnnotations:
        """Read answers that give each label a probability, as a model's do.

        A vote, and the loss of a network that is trained on answers, is split by a
        decision of 0.7 in 0.7 of a tick and 0.3 of no tick. Models of confusions take
        the more probable one, weighed by how decided it is. 0 and 1 are plain
        decisions: so annotators who tick sets are given beside those who state
        probabilities.

        Parameters
        ----------
        probabilities : array-like of shape (n_items, n_annotators, n_labels)
            How probably the label applies, from 0 to 1; NaN (None, masked) where the
            annotator was not asked, about the item or about single labels.
        classes : array-like of shape (n_labels,), default=None
            The labels in the order of the last axis; None numbers them.
        annotator_names : array-like of shape (n_annotators,), default=None
            None numbers the annotators.

        Returns
        -------
        annotations : MultilabelAnnotations
            Its sets hold the labels whose probability is above 0.5.

        Raises
        ------
        ValueError
            If `probabilities` are of another shape, outside 0 to 1, or hold no answer,
            or `classes` of another number.

        Examples
        --------
        >>> from skcrowd.annotations import MultilabelAnnotations
        >>> soft = [[[0.9, 0.2], [1, 0]], [[0.4, 0.7], [None, None]]]
        >>> M = MultilabelAnnotations.from_soft_labels(soft, classes=["cat", "dog"])
        >>> M[0]
        {0: ['cat'], 1: ['cat']}
        >>> M.decisions.probabilities[:2].tolist()  # that the label "cat" applies
        [[0.09999999999999998, 0.9], [0.0, 1.0]]
        """
        return cls(*read_soft_sets(probabilities, classes, annotator_names)[:3])

    @property
    def n_labels(self) -> int:
        """Number of labels."""
        return len(self.classes)

    @property
    def n_items(self) -> int:
        """Number of items (rows)."""
        return self.decisions.n_items // self.n_labels

    @property
    def n_annotators(self) -> int:
        """Number of annotators (columns)."""
        return self.decisions.n_annotators

    @property
    def n_answers(self) -> int:
        """Number of answers: pairs of an item and an annotator who was asked."""
        return len(self.pairs[0])

    @property
    def shape(self) -> tuple[int, int]:
        """Number of items and of annotators."""
        return self.n_items, self.n_annotators

    @property
    def ndim(self) -> int:
        """Always 2: items by annotators."""
        return 2

    @property
    def annotator_names(self) -> Array:
        """The names of the annotators, shape (n_annotators,)."""
        return self.decisions.annotator_names

    @cached_property
    def pairs(self) -> tuple[IntArray, IntArray]:
        """Who answered what.

        Two int64 arrays (item, annotator) of shape (n_answers,), sorted by item, then
        annotator.
        """
        item = self.decisions.item // self.n_labels
        key = np.unique(item * np.int64(self.n_annotators) + self.decisions.annotator)
        first, second = np.divmod(key, self.n_annotators)
        return readonly(first), readonly(second)

    @property
    def answers_per_item(self) -> IntArray:
        """Number of answers to every item, shape (n_items,)."""
        return np.bincount(self.pairs[0], minlength=self.n_items)

    @property
    def answers_per_annotator(self) -> IntArray:
        """Number of answers of every annotator, shape (n_annotators,)."""
        return np.bincount(self.pairs[1], minlength=self.n_annotators)

    def __len__(self) -> int:
        return self.n_items

    @overload
    def __getitem__(self, rows: int | np.integer[Any]) -> dict[Any, Any]: ...

    @overload
    def __getitem__(self, rows: Rows) -> MultilabelAnnotations: ...

    def __getitem__(
        self, rows: int | np.integer[Any] | Rows
    ) -> MultilabelAnnotations | dict[Any, Any]:
        """Select items; a single one as a dict from annotator name to labels.

        Parameters
        ----------
        rows : int, slice, int or bool array-like, or ``(rows, slice(None))``

        Returns
        -------
        selected : MultilabelAnnotations or dict
            All annotators and labels are kept. The labels in a dict are lists.
        """
        index = row_index(rows, self.n_items)
        if isinstance(index, int):
            return self._one_item(index)
        items = np.arange(self.n_items)[index]
        decisions = items[:, None] * self.n_labels + np.arange(self.n_labels)
        names = self.item_names
        return unchecked(
            type(self),
            self.decisions[decisions.ravel()],
            self.classes,
            None if names is None else names[index],
        )

    def _one_item(self, row: int) -> dict[Any, Any]:
        """Return the labels that each annotator ticked, by the annotator's name."""
        one = self[row : row + 1]
        cells = one.to_cells()[0]
        names = self.annotator_names.tolist()
        return {names[r]: list(cells[r]) for r in one.pairs[1].tolist()}

    def select_annotators(
        self, index: slice | int | ArrayLike
    ) -> MultilabelAnnotations:
        """Keep some annotators, in the order given; all items and labels stay.

        Parameters
        ----------
        index : slice, or array-like of int, bool or str
            Positions of annotators, or their names where these are text.

        Returns
        -------
        annotations : MultilabelAnnotations of shape (n_items, n_selected)
        """
        decisions = self.decisions.select_annotators(index)
        return unchecked(type(self), decisions, self.classes, self.item_names)

    def merge_annotators(
        self,
        same: Mapping[Any, ArrayLike],
        *,
        repeated: Literal["error", "first", "last"] = "error",
    ) -> MultilabelAnnotations:
        """Give several names of one annotator one name.

        Parameters
        ----------
        same : dict of name to list of names
            The new name, and the names that mean the same annotator. The merged
            annotator takes the place of the first of them.
        repeated : {"error", "first", "last"}, default="error"
            What to do where a label of an item was decided on under several of the
            names: raise an error if the decisions differ, or keep the one under the
            name that is listed first or last. A decision under one name alone is kept.

        Returns
        -------
        annotations : MultilabelAnnotations of shape (n_items, n_merged)

        Raises
        ------
        ValueError
            If a name is unknown or listed twice, or decisions differ.
        TypeError
            If `same` is no dict.

        Examples
        --------
        >>> from skcrowd.annotations import MultilabelAnnotations
        >>> y = [[{"cat"}, {"dog"}, None], [None, set(), {"cat"}]]
        >>> names = ["ann", "bob", "Ann"]
        >>> M = MultilabelAnnotations.from_cells(y, annotator_names=names)
        >>> M.merge_annotators({"ann": ["ann", "Ann"]})[1]
        {'ann': ['cat'], 'bob': []}
        """
        described = decision_names(self.classes, self.item_names)
        decisions = _merge.merge_annotators(self.decisions, same, repeated, described)
        return unchecked(type(self), decisions, self.classes, self.item_names)

    def select_answers(self, index: slice | int | ArrayLike) -> MultilabelAnnotations:
        """Keep some of the sets; all items, annotators and labels stay.

        Parameters
        ----------
        index : slice, int or bool array-like
            Positions in `pairs`: who answered what.

        Returns
        -------
        annotations : MultilabelAnnotations of shape (n_items, n_annotators)

        Examples
        --------
        >>> from skcrowd.annotations import MultilabelAnnotations
        >>> M = MultilabelAnnotations.from_cells([[{"cat"}, set()]])
        >>> M.select_answers([1])[0]
        {1: []}
        """
        kept = np.zeros(self.n_answers, dtype=bool)
        kept[answer_index(index, self.n_answers)] = True
        decisions = self.decisions.select_answers(kept[self._cells().answer])
        return unchecked(type(self), decisions, self.classes, self.item_names)

    def with_details(
        self, *, confidence: ArrayLike | None = None, weight: ArrayLike | None = None
    ) -> MultilabelAnnotations:
        """Say of each answer how sure the annotator was, or its weight.

        Parameters
        ----------
        confidence : array-like of shape (n_answers,), (n_items, n_annotators) or \
                (n_items, n_annotators, n_labels), default=None
            How sure the annotator was, in the order of `pairs`, in a matrix, or of
            each label: any scale on which more means more sure; NaN where it is not
            known. What a number says of an annotator's decisions is learned.
        weight : array-like of such a shape, default=None
            By which the answer counts: 2 is an answer given twice, 0 none at all.

        Returns
        -------
        annotations : MultilabelAnnotations
            What is None stays as it was.

        Raises
        ------
        ValueError
            If a shape fits none of these, a weight is negative or missing, or a number
            infinite.

        Examples
        --------
        >>> from skcrowd.annotations import MultilabelAnnotations
        >>> M = MultilabelAnnotations.from_cells([[{"cat"}, {"dog"}], [set(), {"cat"}]])
        >>> M = M.with_details(weight=[[2, 1], [0, 1]])
        >>> M.decisions.weight
        array([2., 1., 2., 1., 1., 1.])
        >>> M[1]
        {1: ['cat']}
        """
        if confidence is None and weight is None:
            return self
        decisions = with_cell_details(self.decisions, self._cells(), confidence, weight)
        return unchecked(type(self), decisions, self.classes, self.item_names)

    def without_details(self, *names: str) -> MultilabelAnnotations:
        """Leave out what is known of answers beside the answer.

        Parameters
        ----------
        *names : {"confidence", "weight", "probabilities"}
            What to leave out; without any, everything.

        Returns
        -------
        annotations : MultilabelAnnotations
            Without `probabilities` an answer is the set of the labels that have one
            above 0.5.

        Raises
        ------
        ValueError
            If a name is another.
        """
        decisions = without_cell_details(self.decisions, names)
        return unchecked(type(self), decisions, self.classes, self.item_names)

    def _cells(self) -> Cells:
        """Return the answers, and the decisions that each has."""
        item, label = np.divmod(self.decisions.item, self.n_labels)
        annotator, n_annotators = self.decisions.annotator, np.int64(self.n_annotators)
        own_item, own_annotator = self.pairs
        keys = own_item * n_annotators + own_annotator
        answer = np.searchsorted(keys, item * n_annotators + annotator)
        part_shape = *self.shape, self.n_labels
        return Cells(
            own_item,
            own_annotator,
            answer,
            self.shape,
            part_shape,
            (item, annotator, label),
        )

    def with_classes(self, classes: ArrayLike) -> MultilabelAnnotations:
        """Return the same answers with the labels in another order, or with more.

        Parameters
        ----------
        classes : array-like of shape (n_labels,)
            All labels must be among them. Of added labels it is taken that they could
            be ticked, and were not; they have the smallest confidence and weight of
            the answer, and the probability 0.

        Returns
        -------
        annotations : MultilabelAnnotations

        Raises
        ------
        ValueError
            If a label of these annotations is not among `classes`, or `classes` are no
            distinct labels.
        TypeError
            If `classes` are no list.
        """
        classes = check_classes(classes)
        if np.array_equal(classes, self.classes):
            return self
        place, old = positions(self.classes, classes), self.decisions
        if (place < 0).any():
            raise ValueError(
                f"classes={preview(classes)} lack the label "
                f"{self.classes[place < 0].tolist()[0]!r} of y; give all labels of y."
            )
        n_labels, (item, asked) = len(classes), self.pairs
        added = np.setdiff1d(np.arange(n_labels), place)
        row, label = np.divmod(old.item, self.n_labels)
        not_ticked = np.add.outer(added, item * n_labels).ravel()
        decision = np.concatenate([row * n_labels + place[label], not_ticked])
        annotator = np.concatenate([old.annotator, np.tile(asked, len(added))])
        answer = np.concatenate([old.answer, np.zeros_like(not_ticked)])
        order = np.lexsort((annotator, decision))
        shape = self.n_items * n_labels, self.n_annotators
        decisions = Annotations(
            decision[order],
            annotator[order],
            answer[order],
            shape,
            old.classes,
            old.annotator_names,
            details=self._details_with(len(added), order),
        )
        return type(self)(decisions, classes, self.item_names)

    def _details_with(self, n_added: int, order: IntArray) -> AnswerDetails | None:
        """Return details of the decisions, and of all answers on added labels."""
        details = self.decisions.details
        if details is None:
            return None
        answer, n_answers = self._cells().answer, self.n_answers
        fields = {}
        for name in details.given:
            values = getattr(details, name)
            if name == "probabilities":
                added = certain(np.zeros(n_answers * n_added, dtype=np.int64), 2)
            else:
                least = np.full(n_answers, np.nan)
                np.fmin.at(least, answer, values)
                added = np.tile(least, n_added)
            fields[name] = np.concatenate([values, added])[order]
        return AnswerDetails(**fields)

    def to_indicators(self) -> FloatArray:
        """Write 1 for each label that was ticked, 0 for the others, NaN if not asked.

        Returns
        -------
        y : float64 ndarray of shape (n_items, n_annotators, n_labels)

        Raises
        ------
        ValueError
            If there is too little memory for it.
        """
        shape = (*self.shape, self.n_labels)
        check_fits(
            8 * int(np.prod(shape)),
            f"indicators of shape {shape}",
            "use decisions, which hold the answers given",
        )
        values = np.full(shape, np.nan)
        item, label = np.divmod(self.decisions.item, self.n_labels)
        values[item, self.decisions.annotator, label] = self.decisions.answer
        return values

    def to_cells(self) -> ObjectArray:
        """Write the answers as a matrix of labels.

        Returns
        -------
        y : object ndarray of shape (n_items, n_annotators)
            A cell is a tuple of the labels that were ticked, in the order of `classes`;
            None where the annotator was not asked. Labels that an annotator was not
            asked about count as not ticked.
        """
        item, annotator = self.pairs
        check_cell_matrix(self.shape, "items", "decisions")
        cells = np.full(self.shape, None, dtype=object)
        ticked = np.flatnonzero(self.decisions.answer)
        row, label = np.divmod(self.decisions.item[ticked], self.n_labels)
        pair = item * np.int64(self.n_annotators) + annotator
        key = row * np.int64(self.n_annotators) + self.decisions.annotator[ticked]
        order = np.lexsort((label, key))
        labels = self.classes[label[order]].tolist()
        ends = np.searchsorted(key[order], pair, side="right")
        starts = np.searchsorted(key[order], pair, side="left")
        for i, r, start, end in zip(item, annotator, starts, ends, strict=True):
            cells[i, r] = tuple(labels[start:end])
        return cells

    def to_frame(self) -> pd.DataFrame:
        """Write a table with a row for each item and a column for each annotator.

        Returns
        -------
        table : pandas.DataFrame of shape (n_items, n_annotators)
            The cells of `to_cells`, indexed by the names of the items; `from_cells`
            reads them.

        Raises
        ------
        ImportError
            If pandas is not installed.
        ValueError
            If there is too little memory for it.

        Examples
        --------
        >>> from skcrowd.annotations import MultilabelAnnotations
        >>> y = [[{"cat", "dog"}, None], [set(), {"dog"}]]
        >>> M = MultilabelAnnotations.from_cells(y)
        >>> M.to_frame()
                    0       1
        0  (cat, dog)    None
        1          ()  (dog,)
        """
        return _cell_tables.cells_to_frame(
            self.to_cells(), self.item_names, self.annotator_names
        )

    def to_long(
        self, *, by_label: bool = False, nothing: Any = "nothing"
    ) -> pd.DataFrame:
        """Write a long table with a row for each label that was ticked.

        `from_long` reads it, with the same `nothing`, and with `classes` if there are
        labels that nobody ticked. Of soft labels it is a table with a row for each
        answer.

        Parameters
        ----------
        by_label : bool, default=False
            Whether to write a row for each label that an annotator was asked about,
            which `from_long` reads with ``ticked="ticked"``. Nothing is lost, also
            where labels of one answer differ in confidence or weight, or were not
            asked about.
        nothing : str, int or bool, default="nothing"
            The label in the row of a set in which nothing was ticked, none of
            `classes`.

        Returns
        -------
        table : pandas.DataFrame of shape (n_rows, n_columns)
            Columns "item", "annotator" (by name, if they have names) and "label"; if
            given, "confidence" and "weight". Soft labels have, in place of "label", a
            column "probability_A" of each label such as A, NaN where the annotator was
            not asked. With `by_label` a column "ticked": 1 or 0, or of soft labels how
            probably the label applies.

        Raises
        ------
        ImportError
            If pandas is not installed.
        ValueError
            If `nothing` is missing or a label, or, without `by_label`, if an annotator
            was asked about some of the labels only, or labels of one answer differ in
            confidence or weight.

        Examples
        --------
        >>> from skcrowd.annotations import MultilabelAnnotations
        >>> y = [[{"cat", "dog"}, None], [set(), {"dog"}]]
        >>> M = MultilabelAnnotations.from_cells(y)
        >>> M.to_long()
           item  annotator    label
        0     0          0      cat
        1     0          0      dog
        2     1          0  nothing
        3     1          1      dog
        >>> M[1:].to_long(by_label=True)
           item  annotator label  ticked
        0     0          0   cat       0
        1     0          0   dog       0
        2     0          1   cat       0
        3     0          1   dog       1
        """
        if by_label:
            return _cell_tables.decisions_to_long(self, self._cells())
        return _cell_tables.sets_to_long(self, self._cells(), nothing)

    def summary(self) -> pd.DataFrame:
        """Count the answers of each annotator, and how often others agree.

        Returns
        -------
        table : pandas.DataFrame of shape (n_annotators, ...)
            Indexed by annotator. ``n_answers``; ``n_ticked``, the labels ticked in all
            of them; ``most_frequent``, the label ticked most often, and ``share``, that
            of the answers that have it; ``agreement``, the share of the others'
            decisions on the same labels of the same items that are equal (NaN where
            nobody else answered). If given, the mean ``confidence`` of the answers, and
            the sum of their ``weight``.

        Raises
        ------
        ImportError
            If pandas is not installed.

        Examples
        --------
        >>> from skcrowd.annotations import MultilabelAnnotations
        >>> y = [[{"cat", "dog"}, {"cat"}], [set(), None]]
        >>> M = MultilabelAnnotations.from_cells(y)
        >>> M.summary()
                   n_answers  n_ticked most_frequent  share  agreement
        annotator
        0                  2         2           cat    0.5        0.5
        1                  1         1           cat    1.0        0.5
        """
        return _summary.summarize(self.annotator_names, self._columns())

    def _columns(self) -> dict[str, Any]:
        """Return the columns of `summary`."""
        return _summary.set_columns(self, self._cells())

    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> Array:
        if copy is False:
            raise ValueError(
                "a MultilabelAnnotations has no array to share; pass copy=None."
            )
        # scikit-learn sorts a target, so None and tuples cannot be mixed
        indicators = self.to_indicators()
        return indicators if dtype is None else indicators.astype(dtype, copy=False)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MultilabelAnnotations):
            return NotImplemented
        return (
            self.decisions == other.decisions
            and np.array_equal(self.classes, other.classes)
            and _same_names(self.item_names, other.item_names)
        )

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, f.name) for f in fields(self))

    def __repr__(self) -> str:
        per_answer = int(self.decisions.answer.sum()) / max(self.n_answers, 1)
        details = self.decisions.details
        n_answers = count_of(self.n_answers, "answer")
        lines = [
            f"MultilabelAnnotations of {count_of(self.n_items, 'item')} by "
            f"{count_of(self.n_annotators, 'annotator')}",
            f"  {n_answers}{density(self, 'item')}",
            f"  sets of {count_of(self.n_labels, 'label')}: {preview(self.classes)}",
            f"  mean number of labels ticked: {per_answer:.3g}",
            *([] if details is None else [f"  {details.describe()}"]),
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return _summary.as_html(repr(self), self.annotator_names, self._columns())


def _same_names(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is right
    return np.array_equal(left, right)
