"""The container of annotations."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from . import _export, _merge, _select, _summary
from ._answer_details import PER_ANSWER, AnswerDetails
from ._assemble import readonly, where_in
from ._dense import read_dense
from ._encoding import check_classes, check_known
from ._long import read_long
from ._lookup import positions
from ._ordered_categories import keeps_order, ordered_classes
from ._read_details import details_of, numbers_of
from ._soft_labels import other_classes, read_soft_labels
from ._sparse import read_sparse

if TYPE_CHECKING:
    import pandas as pd

    from skcrowd._typing import (
        AnswersLike,
        Array,
        ArrayLike,
        DTypeLike,
        FloatArray,
        IntArray,
        Rows,
        SparseMatrix,
    )


@dataclass(frozen=True, eq=False, repr=False)
class Annotations:
    """Answers of annotators to items, as triples (item, annotator, answer).

    Every form of annotations is read into this one: build it with `from_dense`,
    `from_sparse` or `from_long`. It is immutable, holds observed answers only and
    is sorted by item, so that the answers of a batch of items are a slice. It can be
    the `y` of scikit-learn's splitters and searches: indexing selects items and keeps
    all annotators and classes.

    Parameters
    ----------
    item : int64 ndarray of shape (n_answers,)
        The row of X that was answered, ascending.
    annotator : int64 ndarray of shape (n_answers,)
        Who answered; ascending within an item.
    answer : ndarray of shape (n_answers,)
        int64 codes into `classes`, or float64 numbers.
    shape : tuple (n_items, n_annotators)
    classes : ndarray of shape (n_classes,) or None
        The possible labels; None if the answers are numbers.
    annotator_names : ndarray of shape (n_annotators,), default=None
        None numbers them from 0.
    item_names : ndarray of shape (n_items,), default=None
        The ids of the items in a long table, or the index of a DataFrame, unless it
        is 0, 1, 2, …. Where ``X`` has an index, too, `fit` and all other methods
        check that the two are equal.
    details : AnswerDetails, default=None
        What is known of answers beside the answer, in the order of the answers; read
        it by `confidence`, `weight`, `probabilities`, `time` and `unsure`, and give it
        to `from_long`, `from_dense`, `from_soft_labels` or `with_details`.
        ``docs/guide/answers.md`` says how each is used.
    ordered : bool, default=False
        Whether the classes have an order, from lowest to highest: that of ordered
        categories, or stated by ``with_classes(classes, ordered=True)``. Classifiers
        see it (``ordinal="auto"``).

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.annotations import Annotations
    >>> A = Annotations.from_dense(np.array([[0, 1, -1], [2, -1, -1], [1, 1, 0]]))
    >>> A
    Annotations of 3 items by 3 annotators (labels)
      6 answers (33.3% of the cells missing), per item: mean 2, from 1 to 3
      3 classes: [0, 1, 2]
    >>> A[1:].to_dense()
    array([[ 2, -1, -1],
           [ 1,  1,  0]])
    >>> A[0]
    {0: 0, 1: 1}
    """

    item: IntArray
    annotator: IntArray
    answer: Array
    shape: tuple[int, int]
    classes: Array | Any = None
    annotator_names: Array | Any = None
    item_names: Array | None = None
    details: AnswerDetails | None = None
    ordered: bool = False

    def __post_init__(self) -> None:
        for name, value in _select.frozen_fields(self).items():
            object.__setattr__(self, name, value)

    @classmethod
    def from_dense(
        cls,
        y: AnswersLike,
        *,
        missing_label: Any = "auto",
        kind: Any = "labels",
        classes: ArrayLike | None = None,
        annotator_names: ArrayLike | None = None,
        confidence: ArrayLike | None = None,
        weight: ArrayLike | None = None,
        time: ArrayLike | None = None,
        unsure: Any = (),
    ) -> Annotations:
        """Read a matrix with a row for each item and a column for each annotator.

        Parameters
        ----------
        y : array-like of shape (n_items, n_annotators)
            ndarray, nested list, masked array or DataFrame; of integers, strings,
            booleans or, with ``kind="numbers"``, real numbers.
        missing_label : scalar, None or "auto", default="auto"
            NaN, None, NA, the empty string and masked cells always mean "no answer".
            "auto" adds -1 among labels, unless -1 is among `classes`. A scalar adds
            that value; with None every other value is an
            answer. ``docs/guide/missing_answers.md`` has all rules.
        kind : {"labels", "numbers"}, default="labels"
            What an answer is: one of a few classes, or a number. Among numbers "auto"
            adds nothing: -1 is a number.
        classes : array-like of shape (n_classes,), default=None
            The possible labels in order; None for those of ordered categories, or else
            for the observed ones, sorted.
        annotator_names : array-like of shape (n_annotators,), default=None
            None takes the columns of a DataFrame, or numbers the annotators.
        confidence, weight, time : array-like of shape (n_items, n_annotators), \
                default=None
            How sure the annotator was, the weight of the answer, and how long it took;
            see `with_details`.
        unsure : scalar or list, default=()
            Signs for "I don't know": neither answers nor missing; see `unsure`.

        Returns
        -------
        annotations : Annotations

        Raises
        ------
        ValueError
            If `y` is no matrix, holds no answer, mixes types, holds a label outside
            `classes`, or holds only -1 and 1, which could be read in two ways; if
            `confidence`, `weight` or `time` are of another shape or no such numbers.

        Warns
        -----
        CrowdWarning
            If it is not certain what -1, -100 or text such as "nan" means, or if `y`
            looks like another table: with a column that numbers the items or holds
            free text, or with counts of answers. `classes` list the labels,
            and then nothing is uncertain. Also if names that are not given by
            `classes` or `annotator_names` differ only in how they are written.

        Examples
        --------
        >>> from skcrowd.annotations import Annotations
        >>> A = Annotations.from_dense([["cat", None], ["dog", "cat"]])
        >>> A.classes
        array(['cat', 'dog'], dtype='<U3')
        >>> A.item, A.annotator, A.answer
        (array([0, 1, 1]), array([0, 0, 1]), array([0, 1, 0]))
        """
        given, classes = classes, ordered_classes(classes, y, kind, unsure)
        parts = read_dense(
            y,
            missing_label,
            kind,
            classes,
            annotator_names,
            unsure,
            confidence=confidence,
            weight=weight,
            time=time,
        )
        ordered = given is None and classes is not None
        return cls(*parts._replace(ordered=ordered))

    @classmethod
    def from_soft_labels(
        cls,
        probabilities: ArrayLike,
        *,
        classes: ArrayLike | None = None,
        annotator_names: ArrayLike | None = None,
    ) -> Annotations:
        """Read answers that are distributions over the classes.

        A vote, and the loss of networks trained on answers, is split 0.7 to 0.3
        by an answer of 0.7 for one class and 0.3 for another. Models of confusions take
        the most probable class, weighed by how decided the answer is. A distribution
        that is certain is a plain answer.

        Parameters
        ----------
        probabilities : array-like of shape (n_items, n_annotators, n_classes)
            Rows sum to 1; NaN where an annotator did not answer.
        classes : array-like of shape (n_classes,), default=None
            The labels in the order of the last axis; None numbers them.
        annotator_names : array-like of shape (n_annotators,), default=None
            None numbers the annotators.

        Returns
        -------
        annotations : Annotations
            Its `answer` is the most probable class, the first of equal ones.

        Raises
        ------
        ValueError
            If probabilities are negative or do not sum to 1, or there is no answer.

        Examples
        --------
        >>> import numpy as np
        >>> from skcrowd.annotations import Annotations
        >>> soft = [[[0.7, 0.3], [0.0, 1.0]], [[np.nan, np.nan], [1.0, 0.0]]]
        >>> A = Annotations.from_soft_labels(soft, classes=["cat", "dog"])
        >>> A.to_dense()
        array([['cat', 'dog'],
               ['', 'cat']], dtype='<U3')
        """
        return cls(*read_soft_labels(probabilities, classes, annotator_names))

    @classmethod
    def from_sparse(
        cls,
        y: AnswersLike,
        *,
        missing_label: Any = "auto",
        kind: Any = "labels",
        classes: ArrayLike | None = None,
        annotator_names: ArrayLike | None = None,
    ) -> Annotations:
        """Read a scipy sparse matrix or array; its explicit entries are the answers.

        Parameters
        ----------
        y : sparse matrix or array of shape (n_items, n_annotators)
            Any format that keeps zeros. A stored zero is the answer 0, a stored NaN no
            answer. `y` is not changed.
        missing_label : scalar, None or "auto", default="auto"
            A scalar marks stored entries that are no answers; with None all are
            answers but NaN.
        kind : {"labels", "numbers"}, default="labels"
            What an answer is: one of a few classes, or a number.
        classes : array-like of shape (n_classes,), default=None
            The possible labels in order; None for the observed ones, sorted.
        annotator_names : array-like of shape (n_annotators,), default=None
            None numbers the annotators.

        Returns
        -------
        annotations : Annotations

        Raises
        ------
        ValueError
            If an entry is stored twice, a label -1 is stored that is not among
            `classes`, the sign of a dense matrix converted by mistake, or the format
            (LIL, DOK) has probably lost answers 0.

        Warns
        -----
        CrowdWarning
            If answers 0 have probably been dropped, because all stored ones are equal,
            and as in `from_dense`.

        Examples
        --------
        >>> from scipy.sparse import coo_array
        >>> from skcrowd.annotations import Annotations
        >>> y = coo_array(([0, 1, 1], ([0, 1, 1], [2, 0, 1])), shape=(2, 3))
        >>> Annotations.from_sparse(y).to_dense()
        array([[-1, -1,  0],
               [ 1,  1, -1]])
        """
        return cls(*read_sparse(y, missing_label, kind, classes, annotator_names))

    @classmethod
    def from_long(
        cls,
        items: ArrayLike | Hashable,
        annotators: ArrayLike | Hashable,
        labels: ArrayLike | Hashable | None,
        *,
        data: pd.DataFrame | Any[Any, Any] | None = None,
        n_items: int | None = None,
        item_ids: ArrayLike | None = None,
        annotator_ids: ArrayLike | None = None,
        missing_label: Any = "auto",
        kind: Any = "labels",
        classes: ArrayLike | None = None,
        confidence: ArrayLike | Hashable | None = None,
        weight: ArrayLike | Hashable | None = None,
        time: ArrayLike | Hashable | None = None,
        probabilities: ArrayLike | Mapping[Any, Any] | None = None,
        unsure: Any = (),
    ) -> Annotations:
        """Read a long table with a row for each answer.

        Parameters
        ----------
        items, annotators, labels : array-like of shape (n_rows,), or column name
            Item, annotator and label of every answer; names of columns if `data` is
            given. A missing label (NaN, None, NA or the empty string) is no answer, but
            its item and annotator count. `labels` is None with `probabilities`.
        data : DataFrame or mapping of columns, default=None
        n_items : int, default=None
            If given, `items` are the row numbers 0 to ``n_items - 1`` of X.
        item_ids : array-like of shape (n_items,), default=None
            The ids of the items in the order of the rows of X. With neither `n_items`
            nor `item_ids`, the items are the distinct ids, sorted (`item_names`).
        annotator_ids : array-like of shape (n_annotators,), default=None
            The annotators in order; None for the observed ones, sorted.
        missing_label : scalar, None or "auto", default="auto"
            What else marks a missing answer; with "auto" and None nothing does, so
            that -1 is a label, and with None there is no warning.
        kind : {"labels", "numbers"}, default="labels"
            What an answer is: one of a few classes, or a number.
        classes : array-like of shape (n_classes,), default=None
            The possible labels in order; None for those of ordered categories, or else
            for the observed ones, sorted.
        confidence, weight, time : array-like of shape (n_rows,), or column name, \
                default=None
            How sure the annotator was, the weight of the answer, and how long it took;
            see `with_details`.
        probabilities : dict of class to column, or array-like of shape \
                (n_rows, n_classes), default=None
            Distributions instead of labels, as in `from_soft_labels`; the columns of
            an array are in the order of `classes`.
        unsure : scalar or list, default=()
            Labels that are signs for "I don't know": neither answers nor missing; see
            `unsure`.

        Returns
        -------
        annotations : Annotations

        Raises
        ------
        ValueError
            If a pair (item, annotator) occurs twice, an id is missing or unknown, or
            the columns differ in length; if a weight is negative, probabilities do not
            sum to 1, or a sign of `unsure` is among `classes`.

        Warns
        -----
        CrowdWarning
            If it is not certain what -1, -100 or text such as "nan" means, or if there
            are fewer than three answers a class. Also if names that are not given by
            `classes`, `annotator_ids` or `item_ids` differ only in how they are
            written.

        Examples
        --------
        >>> from skcrowd.annotations import Annotations
        >>> A = Annotations.from_long(
        ...     ["b", "a", "a"], ["ann", "bob", "ann"], ["yes", "no", "yes"],
        ...     item_ids=["b", "a"],
        ... )
        >>> A[1]
        {'ann': 'yes', 'bob': 'no'}
        >>> table = {"task": [0, 2], "worker": [7, 9], "label": [1.5, 2.0]}
        >>> A = Annotations.from_long(
        ...     "task", "worker", "label", data=table, n_items=3, kind="numbers"
        ... )
        >>> A.to_dense()
        array([[1.5, nan],
               [nan, nan],
               [nan, 2. ]])
        >>> table = {"task": [0, 0, 1], "worker": ["ann", "bob", "ann"],
        ...          "label": ["cat", "dog", "?"], "sure": [0.9, 0.6, None]}
        >>> A = Annotations.from_long(
        ...     "task", "worker", "label", data=table, confidence="sure", unsure="?"
        ... )
        >>> A.confidence, A.unsure
        (array([0.9, 0.6]), array([[1, 0]]))
        """
        given, classes = classes, ordered_classes(classes, labels, kind, unsure, data)
        parts = read_long(
            items,
            annotators,
            labels,
            data,
            n_items,
            item_ids,
            annotator_ids,
            missing_label,
            kind,
            classes,
            unsure,
            probabilities,
            confidence=confidence,
            weight=weight,
            time=time,
        )
        ordered = given is None and classes is not None
        return cls(*parts._replace(ordered=ordered))

    @property
    def n_items(self) -> int:
        """Number of items (rows)."""
        return self.shape[0]

    @property
    def n_annotators(self) -> int:
        """Number of annotators (columns)."""
        return self.shape[1]

    @property
    def n_answers(self) -> int:
        """Number of observed answers."""
        return self.answer.size

    @property
    def ndim(self) -> int:
        """Always 2: items by annotators."""
        return 2

    @property
    def kind(self) -> str:
        """What an answer is: "labels" or "numbers"."""
        return "numbers" if self.classes is None else "labels"

    @property
    def labels(self) -> Array:
        """The answers as they were given, shape (n_answers,)."""
        return self.answer if self.classes is None else self.classes[self.answer]

    @property
    def confidence(self) -> FloatArray | None:
        """How sure annotators were, shape (n_answers,), NaN if unknown; or None."""
        return None if self.details is None else self.details.confidence

    @property
    def weight(self) -> FloatArray | None:
        """Weights of the answers, shape (n_answers,); None if all are 1."""
        return None if self.details is None else self.details.weight

    @property
    def probabilities(self) -> FloatArray | None:
        """Distributions that were given, shape (n_answers, n_classes); or None."""
        return None if self.details is None else self.details.probabilities

    @property
    def time(self) -> FloatArray | None:
        """Time spent on the answers, shape (n_answers,), NaN if unknown; or None."""
        return None if self.details is None else self.details.time

    @property
    def unsure(self) -> IntArray:
        """Item and annotator of each answer "I don't know", shape (n_unsure, 2)."""
        if self.details is None or self.details.unsure is None:
            return np.empty((0, 2), dtype=np.int64)
        return self.details.unsure

    @cached_property
    def indptr(self) -> IntArray:
        """Where items begin: item i has answers ``indptr[i]:indptr[i + 1]``."""
        ends = np.cumsum(np.bincount(self.item, minlength=self.n_items))
        return readonly(np.concatenate([[0], ends]).astype(np.int64))

    @property
    def answers_per_item(self) -> IntArray:
        """Number of answers to every item, shape (n_items,)."""
        return np.diff(self.indptr)

    @property
    def answers_per_annotator(self) -> IntArray:
        """Number of answers of every annotator, shape (n_annotators,)."""
        return np.bincount(self.annotator, minlength=self.n_annotators)

    def __len__(self) -> int:
        return self.n_items

    @overload
    def __getitem__(self, rows: int | np.integer[Any]) -> dict[Any, Any]: ...

    @overload
    def __getitem__(self, rows: Rows) -> Annotations: ...

    def __getitem__(
        self, rows: int | np.integer[Any] | Rows
    ) -> Annotations | dict[Any, Any]:
        """Select items; a single one as a dict from annotator name to answer.

        Parameters
        ----------
        rows : int, slice, int or bool array-like, or ``(rows, slice(None))``

        Returns
        -------
        selected : Annotations or dict
            All annotators and classes are kept.
        """
        rows = _select.row_index(rows, self.n_items)
        if isinstance(rows, int):
            return _select.one_item(self, rows)
        return _select.unchecked(type(self), *_select.select_items(self, rows))

    def select_annotators(self, index: slice | int | ArrayLike) -> Annotations:
        """Keep some annotators, in the order given; all items and classes stay.

        Parameters
        ----------
        index : slice, or array-like of int, bool or str
            Positions of annotators, or their names where these are text.

        Returns
        -------
        annotations : Annotations of shape (n_items, n_selected)

        Examples
        --------
        >>> from skcrowd.annotations import Annotations
        >>> A = Annotations.from_dense([["a", "b"], ["b", None]])
        >>> A.select_annotators([1, 0]).to_dense()
        array([['b', 'a'],
               ['', 'b']], dtype='<U1')
        """
        parts = _select.select_annotators(self, index)
        return _select.unchecked(type(self), *parts)

    def merge_annotators(
        self,
        same: Mapping[Any, ArrayLike],
        *,
        repeated: Literal["error", "first", "last"] = "error",
    ) -> Annotations:
        """Give several names of one annotator one name.

        Parameters
        ----------
        same : dict of name to list of names
            The new name, and the names that mean the same annotator. The merged
            annotator takes the place of the first of them.
        repeated : {"error", "first", "last"}, default="error"
            What to do where an item was answered under several of the names: raise an
            error if the answers differ, or keep the answer under the name that is
            listed first or last.

        Returns
        -------
        annotations : Annotations of shape (n_items, n_merged)

        Raises
        ------
        ValueError
            If a name is unknown or listed twice, or answers differ.
        TypeError
            If `same` is no dict.

        Examples
        --------
        >>> from skcrowd.annotations import Annotations
        >>> names = ["ann", "bob", "Ann"]
        >>> A = Annotations.from_dense([[1, 0, -1], [-1, 0, 0]], annotator_names=names)
        >>> A.merge_annotators({"ann": ["ann", "Ann"]}).to_dense()
        array([[1, 0],
               [0, 0]])
        """
        return _merge.merge_annotators(self, same, repeated)

    def select_answers(self, index: slice | int | ArrayLike) -> Annotations:
        """Keep some of the answers; all items, annotators and classes stay.

        Parameters
        ----------
        index : slice, int or bool array-like
            Positions in `item`, `annotator` and `answer`.

        Returns
        -------
        annotations : Annotations of shape (n_items, n_annotators)

        Examples
        --------
        >>> from skcrowd.annotations import Annotations
        >>> A = Annotations.from_dense([["a", "b"], ["b", None]])
        >>> A.select_answers(A.annotator == 0).to_dense()
        array([['a', ''],
               ['b', '']], dtype='<U1')
        """
        parts = _select.select_answers(self, index)
        return _select.unchecked(type(self), *parts)

    def with_details(
        self,
        *,
        confidence: ArrayLike | None = None,
        weight: ArrayLike | None = None,
        time: ArrayLike | None = None,
    ) -> Annotations:
        """Say of each answer how sure the annotator was, its weight, or its time.

        Parameters
        ----------
        confidence : array-like of shape (n_answers,) or (n_items, n_annotators), \
                default=None
            How sure the annotator was: a probability, stars, milliseconds, any scale
            on which more means more sure (or less, for all annotators); NaN where it
            is not known. What a number says of an annotator's answers is learned.
        weight : array-like of shape (n_answers,) or (n_items, n_annotators), \
                default=None
            By which the answer counts: 2 is an answer given twice, 0 none at all.
        time : array-like of shape (n_answers,) or (n_items, n_annotators), \
                default=None
            How long the annotator took, in any unit; NaN where it is not known. It is
            reported, and not used to infer the truth.

        Returns
        -------
        annotations : Annotations
            What is None stays as it was.

        Raises
        ------
        ValueError
            If a shape fits neither, a weight is negative or missing, a time negative,
            or a number infinite.

        Examples
        --------
        >>> from skcrowd.annotations import Annotations
        >>> A = Annotations.from_dense([["a", "b"], ["b", None]])
        >>> A.with_details(confidence=[5, 2, 4]).select_annotators([1]).confidence
        array([2.])
        """
        given = {"confidence": confidence, "weight": weight, "time": time}
        read = {
            name: self._of_answers(values, name)
            for name, values in given.items()
            if values is not None
        }
        details = details_of(**read)
        before = () if self.details is None else self.details.given
        kept = {n: getattr(self.details, n) for n in before if n not in read}
        if details is None:
            return self
        details = replace(details, **kept)
        if details.weight is None:
            return replace(self, details=details)
        left = details.weight > 0
        if not left.any():
            raise ValueError("weight is 0 for every answer; leave at least one.")
        whole = replace(self, details=replace(details, weight=None))
        answers = whole.select_answers(left)
        weight_left = details.weight[left]
        rest = AnswerDetails() if answers.details is None else answers.details
        return replace(answers, details=replace(rest, weight=weight_left))

    def without_details(self, *names: str) -> Annotations:
        """Leave out what is known of answers beside the answer.

        Parameters
        ----------
        *names : {"confidence", "weight", "probabilities", "time", "unsure"}
            What to leave out; without any, everything.

        Returns
        -------
        annotations : Annotations
            Without `probabilities` an answer is its most probable class.

        Raises
        ------
        ValueError
            If a name is another.

        Examples
        --------
        >>> from skcrowd.annotations import Annotations
        >>> A = Annotations.from_dense([["a", "b"]], confidence=[[1, 2]], time=[[9, 8]])
        >>> A.without_details("confidence").details.given
        ['time']
        """
        known = (*PER_ANSWER, "unsure")
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ValueError(f"there is no {unknown[0]!r}; choose among {list(known)}.")
        if self.details is None:
            return self
        left = [n for n in self.details.given if names and n not in names]
        fields_left = {name: getattr(self.details, name) for name in left}
        return replace(self, details=AnswerDetails(**fields_left) if left else None)

    def _of_answers(self, values: ArrayLike, name: str) -> FloatArray:
        """Return a number for each answer, from such an array or a matrix."""
        numbers = numbers_of(values, name, (self.n_answers,), self.shape)
        return numbers if numbers.ndim == 1 else numbers[self.item, self.annotator]

    def with_classes(
        self, classes: ArrayLike, *, ordered: bool | None = None
    ) -> Annotations:
        """Encode the same labels by another list of classes.

        Parameters
        ----------
        classes : array-like of shape (n_classes,)
            All labels in use must be among them.
        ordered : bool or None, default=None
            Whether `classes` have an order, from lowest to highest. None: as before,
            where the classes that there were come in the order in which they were.

        Returns
        -------
        annotations : Annotations

        Examples
        --------
        >>> from skcrowd.annotations import Annotations
        >>> A = Annotations.from_dense([["a", "b"]]).with_classes(["b", "c", "a"])
        >>> A.answer
        array([2, 0])
        >>> Annotations.from_dense([["good", "poor"]]).with_classes(
        ...     ["poor", "fair", "good"], ordered=True
        ... )
        Annotations of 1 item by 2 annotators (labels)
          2 answers (0.0% of the cells missing), per item: mean 2, from 2 to 2
          3 classes, from lowest to highest: ['poor', 'fair', 'good']
        """
        if self.classes is None:
            raise ValueError("y holds numbers, which have no classes; leave them out.")
        classes = check_classes(classes)
        if ordered is None:
            ordered = self.ordered and keeps_order(self.classes, classes)
        if classes.dtype.kind == self.classes.dtype.kind and np.array_equal(
            classes, self.classes
        ):
            return self if ordered == self.ordered else replace(self, ordered=ordered)
        code = positions(self.classes, classes)[self.answer]
        where = where_in(self)
        check_known(code, self.labels, classes, where)
        details = self.details
        if details is not None and details.probabilities is not None:
            details = other_classes(details, self.classes, classes)
        return type(self)(
            self.item,
            self.annotator,
            code,
            self.shape,
            classes,
            self.annotator_names,
            self.item_names,
            details,
            ordered,
        )

    def to_dense(self, missing: Any = "auto") -> Array:
        """Write the answers as a matrix.

        Parameters
        ----------
        missing : scalar, default="auto"
            What to write where there is no answer. "auto" is -1 for integer labels
            from 0, "" for strings and NaN for anything else.

        Returns
        -------
        y : ndarray of shape (n_items, n_annotators)
            Of objects where `missing` does not fit the type of the answers.
        """
        return _export.to_dense(self, missing)

    def to_sparse(self) -> SparseMatrix:
        """Write codes or numbers as a sparse array; zeros are stored too.

        Returns
        -------
        y : scipy.sparse.csr_array of shape (n_items, n_annotators)
        """
        return _export.to_sparse(self)

    def to_frame(self) -> pd.DataFrame:
        """Write a table with a row for each item and a column for each annotator.

        Returns
        -------
        table : pandas.DataFrame of shape (n_items, n_annotators)
            Labels or numbers, NA where there is no answer; indexed by the names of
            the items. Labels that have an order are ordered categories.

        Raises
        ------
        ImportError
            If pandas is not installed.
        ValueError
            If it would take more than 2 GiB.
        """
        return _export.to_frame(self)

    def summary(self) -> pd.DataFrame:
        """Count the answers of each annotator, and how often others agree.

        Returns
        -------
        table : pandas.DataFrame of shape (n_annotators, ...)
            Indexed by annotator. ``n_answers``; of labels ``most_frequent``, its
            ``share``, and ``agreement``, the share of the other answers to the same
            items that are equal (NaN where nobody else answered); of numbers
            ``mean``, ``std``, and ``correlation`` with the mean of the others.

        Raises
        ------
        ImportError
            If pandas is not installed.

        Examples
        --------
        >>> from skcrowd.annotations import Annotations
        >>> A = Annotations.from_dense([["a", "a"], ["b", "a"], ["a", None]])
        >>> A.summary()
                   n_answers most_frequent     share  agreement
        annotator
        0                  3             a  0.666667        0.5
        1                  2             a  1.000000        0.5
        """
        return _summary.summarize(self.annotator_names, _summary.answer_columns(self))

    def to_long(self) -> pd.DataFrame:
        """Write a long table.

        Rows are told apart by name only: where several items have one name, so have
        the rows of their answers, and `from_long` does not tell them apart.

        Returns
        -------
        table : pandas.DataFrame of shape (n_answers, n_columns)
            Columns "item", "annotator" (by name, if they have names) and "label"; if
            given, "confidence", "weight", "time" and, of each class such as A,
            "probability_A". If somebody was unsure, a column "unsure", and a row
            without label for each such answer. Labels that have an order are ordered
            categories, of which `from_long` takes the order.
        """
        return _export.to_long(self)

    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> Array:
        if copy is False:
            raise ValueError("an Annotations has no array to share; pass copy=None.")
        _export.check_affordable(self)
        dense = _export.to_dense(self, "auto")
        return dense if dtype is None else dense.astype(dtype, copy=False)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Annotations):
            return NotImplemented
        return _select.equal(self, other)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, f.name) for f in fields(self))

    def __repr__(self) -> str:
        return _export.describe(self)

    def _repr_html_(self) -> str:
        columns = _summary.answer_columns(self)
        return _summary.as_html(repr(self), self.annotator_names, columns)


def check_container(annotations: Annotations, kind: Any, classes: Any) -> Annotations:
    """Return annotations of the kind wanted, by other classes if they are given."""
    if annotations.kind != kind:
        raise ValueError(
            f"y is an Annotations of {annotations.kind}, but {kind} are needed; build "
            f"it again with kind={kind!r}."
        )
    if classes is None:
        return annotations
    return annotations.with_classes(classes)
