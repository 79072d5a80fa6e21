"""The container of annotated sequences."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, cast, overload

import numpy as np

from . import _cell_tables, _merge, _summary
from ._assemble import readonly
from ._cell_details import Cells, with_cell_details, without_cell_details
from ._char_spans import warn_of_losses
from ._container import Annotations
from ._encoding import check_classes
from ._lookup import object_array
from ._memory import check_cell_matrix
from ._missing import TRUTH_TAGS
from ._part_names import token_names
from ._select import answer_index, row_index, unchecked
from ._sequence_cells import gold_cells, long_cells, matrix_cells
from ._sequence_checks import (
    check_complete,
    check_same_lengths,
    check_sequence_names,
    check_tokens,
    check_total,
    read_flat,
)
from ._sequence_tags import (
    TagWhere,
    check_lengths,
    find_pairs,
    offsets_of,
    read_tokens,
    recode,
    write_cells,
)
from ._sequence_views import (
    describe,
    equal_names,
    one_sequence,
    sortable_cells,
    token_rows,
)
from ._soft_tags import check_no_tags, read_long_soft_tags, read_soft_tags
from ._span_cells import read_span_cells
from ._tables import column
from ._tokenized_texts import TokenizedTexts

if TYPE_CHECKING:
    import pandas as pd

    from skcrowd._typing import AnswersLike, Array, ArrayLike, DTypeLike, IntArray, Rows


@dataclass(frozen=True, eq=False, repr=False)
class SequenceAnnotations:
    """Tag sequences by several annotators: annotations of tokens, cut into sequences.

    Build it with `from_cells`, `from_flat`, `from_long`, `from_soft_labels`,
    `from_spans` or `from_gold`. It is immutable and can be the `y` of scikit-learn's
    splitters and searches, of shape (n_sequences, n_annotators): indexing selects
    sequences and keeps all annotators and classes.

    Parameters
    ----------
    tokens : Annotations of shape (n_tokens, n_annotators)
        Labels of the tokens of all sequences, concatenated in order. They may have
        `confidence`, `weight` and `probabilities`.
    lengths : array-like of shape (n_sequences,)
        The number of tokens of every sequence, at least 1.
    sequence_names : array-like of shape (n_sequences,), default=None
        The ids of the sequences in a long table, or the index of a DataFrame or
        Series, unless it is 0, 1, 2, …. Where ``X`` has an index, too, `fit` and all
        other methods check that the two are equal.

    Examples
    --------
    >>> from skcrowd.annotations import SequenceAnnotations
    >>> S = SequenceAnnotations.from_cells(
    ...     [[["O", "B"], ["O", "O"]], [["B", "I", "O"], None]]
    ... )
    >>> S
    SequenceAnnotations of 2 sequences (5 tokens) by 2 annotators
      3 tag sequences (25.0% of the cells missing), per sequence: mean 1.5, from 1 to 2
      3 classes: ['B', 'I', 'O']
    >>> S.lengths, S.offsets
    (array([2, 3]), array([0, 2, 5]))
    >>> S[1]
    {0: ['B', 'I', 'O']}
    >>> S.to_flat()
    array([['O', 'O'],
           ['B', 'O'],
           ['B', ''],
           ['I', ''],
           ['O', '']], dtype='<U1')
    """

    tokens: Annotations
    lengths: IntArray
    sequence_names: Array | None = None

    def __post_init__(self) -> None:
        check_tokens(self.tokens)
        lengths = readonly(check_lengths(self.lengths))
        check_total(lengths, self.tokens.n_items)
        object.__setattr__(self, "lengths", lengths)
        if self.sequence_names is not None:
            names = readonly(check_sequence_names(self.sequence_names, lengths.size))
            object.__setattr__(self, "sequence_names", names)

    @classmethod
    def from_cells(
        cls,
        y: AnswersLike,
        lengths: ArrayLike | None = None,
        *,
        missing_label: Any = "auto",
        classes: ArrayLike | None = None,
        annotator_names: ArrayLike | None = None,
        confidence: ArrayLike | None = None,
        weight: ArrayLike | None = None,
    ) -> SequenceAnnotations:
        """Read a matrix with a row for each sequence and a column for each annotator.

        Parameters
        ----------
        y : array-like of shape (n_sequences, n_annotators)
            Nested list, object array, DataFrame, or the 3-D array that numpy makes of
            cells of one length. A cell is a list, tuple or 1-D array with a tag for
            each token, integers, strings or booleans. None, NaN, NA, the empty
            string, an empty list and a masked cell mean that the annotator did not
            tag the sequence.
        lengths : array-like of shape (n_sequences,), default=None
            The numbers of tokens. None takes them from the cells, and then somebody
            must have tagged every sequence.
        missing_label : scalar, None or "auto", default="auto"
            NaN, None, NA and the empty string always mean that a single tag is
            missing. "auto" adds -1, unless -1 is among `classes`. A scalar adds that
            value; with None every other value is a tag.
            ``docs/guide/missing_answers.md`` has all rules.
        classes : array-like of shape (n_classes,), default=None
            The possible tags in order; None for the observed ones, sorted.
        annotator_names : array-like of shape (n_annotators,), default=None
            None takes the columns of a DataFrame, or numbers the annotators.
        confidence, weight : array-like of shape (n_sequences, n_annotators) or \
                (n_tokens, n_annotators), default=None
            How sure the annotator was, and by how much the answer counts, as of
            `with_details`.

        Returns
        -------
        annotations : SequenceAnnotations

        Raises
        ------
        ValueError
            If `y` is no matrix of tag sequences, holds no tag, a sequence of a wrong
            length, tags of several types or outside `classes`, or only the tags -1
            and 1, which could be read in two ways.

        Warns
        -----
        CrowdWarning
            If it is not certain what -1, -100 or text such as "nan" means; `classes`
            list the tags, and then nothing is uncertain. Also if names that are not
            given by `classes` or `annotator_names` differ only in how they are written.

        Examples
        --------
        >>> from skcrowd.annotations import SequenceAnnotations
        >>> S = SequenceAnnotations.from_cells([[[0, 1], [-1, 1]], [None, [2]]])
        >>> S.tokens.to_dense()
        array([[ 0, -1],
               [ 1,  1],
               [-1,  2]])
        """
        cells = matrix_cells(y, annotator_names)
        tokens, lengths = read_tokens(cells, lengths, missing_label, classes)
        read = cls(tokens, lengths, cells.sequence_names)
        return read.with_details(confidence=confidence, weight=weight)

    @classmethod
    def from_flat(
        cls,
        y: AnswersLike,
        lengths: ArrayLike,
        *,
        missing_label: Any = "auto",
        classes: ArrayLike | None = None,
        annotator_names: ArrayLike | None = None,
        confidence: ArrayLike | None = None,
        weight: ArrayLike | None = None,
    ) -> SequenceAnnotations:
        """Read a matrix with a row for each token of all sequences, in order.

        Parameters
        ----------
        y : array-like, sparse matrix or Annotations of shape (n_tokens, n_annotators)
            As in `check_annotations`.
        lengths : array-like of shape (n_sequences,)
            The number of tokens of every sequence.
        missing_label : scalar, None or "auto", default="auto"
            As in `Annotations.from_dense` or `Annotations.from_sparse`.
        classes : array-like of shape (n_classes,), default=None
            The possible tags in order; None for the observed ones, sorted.
        annotator_names : array-like of shape (n_annotators,), default=None
            None takes the columns of a DataFrame, or numbers the annotators.
        confidence, weight : array-like of shape (n_sequences, n_annotators) or \
                (n_tokens, n_annotators), default=None
            How sure the annotator was, and by how much the answer counts, as of
            `with_details`.

        Returns
        -------
        annotations : SequenceAnnotations

        Examples
        --------
        >>> from skcrowd.annotations import SequenceAnnotations
        >>> S = SequenceAnnotations.from_flat([[0, 1], [1, -1], [-1, 2]], [2, 1])
        >>> S[0]
        {0: [0, 1], 1: [1, None]}
        """
        tokens = read_flat(y, missing_label, classes, annotator_names)
        read = cls(tokens, cast("IntArray", lengths))  # checked in __post_init__
        return read.with_details(confidence=confidence, weight=weight)

    @classmethod
    def from_long(
        cls,
        sequences: ArrayLike | Hashable,
        annotators: ArrayLike | Hashable,
        tags: ArrayLike | Hashable | None,
        *,
        data: pd.DataFrame | Any[Any, Any] | None = None,
        lengths: ArrayLike | None = None,
        sequence_ids: ArrayLike | None = None,
        annotator_ids: ArrayLike | None = None,
        missing_label: Any = "auto",
        classes: ArrayLike | None = None,
        confidence: ArrayLike | Hashable | None = None,
        weight: ArrayLike | Hashable | None = None,
        probabilities: ArrayLike | Hashable | None = None,
    ) -> SequenceAnnotations:
        """Read a long table with a row for each tagged sequence.

        Parameters
        ----------
        sequences, annotators, tags : array-like of shape (n_rows,), or column name
            Who gave which sequence which tags, a list for each row; names of columns
            if `data` is given. Where `tags` is missing (as a cell of `from_cells`)
            the sequence and the annotator count all the same. `tags` is None with
            `probabilities`.
        data : DataFrame or mapping of columns, default=None
        lengths : array-like of shape (n_sequences,), default=None
            The numbers of tokens. Without `sequence_ids`, `sequences` are then the
            row numbers 0 to ``n_sequences - 1`` of X.
        sequence_ids : array-like of shape (n_sequences,), default=None
            The ids of the sequences in the order of the rows of X and of `lengths`.
            With neither, the sequences are the distinct ids, sorted
            (`sequence_names`).
        annotator_ids : array-like of shape (n_annotators,), default=None
            The annotators in order; None for the observed ones, sorted.
        missing_label : scalar, None or "auto", default="auto"
            What marks a single missing tag, as in `from_cells`.
        classes : array-like of shape (n_classes,), default=None
            The possible tags in order; None for the observed ones, sorted.
        confidence, weight : array-like of shape (n_rows,), or column name, default=None
            How sure the annotator was, and by how much the answer counts, as of
            `with_details`.
        probabilities : array-like of shape (n_rows,), or column name, default=None
            Distributions over the tags in place of `tags`: cells of `from_soft_labels`.

        Returns
        -------
        annotations : SequenceAnnotations

        Raises
        ------
        ValueError
            If a pair (sequence, annotator) occurs twice, an id is missing or unknown,
            the columns differ in length, or a tag sequence has a wrong length; if
            probabilities do not sum to 1.

        Warns
        -----
        CrowdWarning
            As of `from_cells`, where names are not given by `classes`,
            `annotator_ids` or `sequence_ids`.

        Examples
        --------
        >>> from skcrowd.annotations import SequenceAnnotations
        >>> S = SequenceAnnotations.from_long(
        ...     ["b", "a", "a"], ["ann", "bob", "ann"], [["O"], ["B", "I"], ["B", "O"]],
        ...     sequence_ids=["b", "a"],
        ... )
        >>> S[1]
        {'ann': ['B', 'O'], 'bob': ['B', 'I']}
        """
        ids = lengths, sequence_ids, annotator_ids
        details: Any = {"confidence": confidence, "weight": weight}
        if probabilities is None:
            cells = long_cells(sequences, annotators, tags, data, *ids, **details)
            tokens, lengths = read_tokens(cells, lengths, missing_label, classes)
        else:
            check_no_tags(tags, missing_label)
            columns = sequences, annotators, probabilities, data
            tokens, lengths, cells = read_long_soft_tags(
                *columns, *ids, classes, **details
            )
        read = cls(tokens, lengths, cells.sequence_names)
        place = _places(read.pairs, cells)
        given = {name: values[place] for name, values in cells.details.items()}
        return read.with_details(**given)

    @classmethod
    def from_soft_labels(
        cls,
        probabilities: AnswersLike,
        lengths: ArrayLike | None = None,
        *,
        classes: ArrayLike | None = None,
        annotator_names: ArrayLike | None = None,
    ) -> SequenceAnnotations:
        """Read answers that give each token a distribution over the tags.

        A vote, and the loss of networks trained on answers, is split 0.7 to 0.3
        by a token with 0.7 for one tag and 0.3 for another. Models of confusions take
        the most probable tag, weighed by how decided the answer is. A distribution that
        is certain is a plain tag.

        Parameters
        ----------
        probabilities : array-like of shape (n_sequences, n_annotators), or of shape \
                (n_tokens, n_annotators, n_classes)
            Nested list, object array or DataFrame of cells. A cell is an array of
            shape (n_tokens, n_classes), as ``predict_proba`` of a tagger returns it,
            whose rows sum to 1, NaN where a single tag is missing; a list with a tag
            for each token, of an annotator who says no more; or None where the
            annotator did not tag the sequence. Of a model `p` as the only annotator:
            ``[[cell] for cell in p.predict_proba(X)]``. An array of three axes, or a
            nested list of numbers, has a row for each token of all sequences, NaN where
            there is no tag.
        lengths : array-like of shape (n_sequences,), default=None
            The numbers of tokens. None takes them from the cells; where there is a row
            for each token, they are needed.
        classes : array-like of shape (n_classes,), default=None
            The tags in the order of the columns; None numbers them. Needed where cells
            hold tags.
        annotator_names : array-like of shape (n_annotators,), default=None
            None takes the columns of a DataFrame, or numbers the annotators.

        Returns
        -------
        annotations : SequenceAnnotations
            Its tags are the most probable ones, token by token, the first of equal
            ones.

        Raises
        ------
        ValueError
            If probabilities are negative or do not sum to 1, a cell has another number
            of classes or of tokens, a tag is not in `classes`, or there is none.

        Examples
        --------
        >>> from skcrowd.annotations import SequenceAnnotations
        >>> model = [[0.9, 0.1], [0.4, 0.6]], [[0.2, 0.8]]
        >>> S = SequenceAnnotations.from_soft_labels(
        ...     [[["O", "B"], model[0]], [None, model[1]]],
        ...     classes=["O", "B"],
        ...     annotator_names=["ann", "model"],
        ... )
        >>> S[0]
        {'ann': ['O', 'B'], 'model': ['O', 'B']}
        >>> S.tokens.probabilities[:2].tolist()  # of the first token
        [[1.0, 0.0], [0.9, 0.1]]
        """
        read = read_soft_tags(probabilities, lengths, classes, annotator_names)
        return cls(*read)

    @classmethod
    def from_spans(
        cls,
        texts: Sequence[str],
        spans: Sequence[Any],
        *,
        tokenizer: Any = None,
        scheme: Literal["IOB2", "BIOES"] = "IOB2",
        sequence_ids: ArrayLike | None = None,
        annotator_names: Sequence[Any] | None = None,
    ) -> SequenceAnnotations:
        """Read labelled parts of texts, given by the places of their characters.

        Parameters
        ----------
        texts : list of str or TokenizedTexts
            Each must have a token. `TokenizedTexts` are the ``X`` that belongs to
            these annotations.
        spans : sequence of n_texts dicts or lists
            A dict from annotator to spans, or a list with a cell for each annotator,
            None for those who did not annotate the text. Spans are a list, perhaps
            empty, of tuples (start, end, label) or mappings with these keys: the part
            ``text[start:end]``.
        tokenizer : callable, str or None, default=None
            As of `TokenizedTexts`, if `texts` are strings.
        scheme : {"IOB2", "BIOES"}, default="IOB2"
            How tags mark spans.
        sequence_ids : array-like of shape (n_texts,), default=None
            The names of the texts; None numbers them.
        annotator_names : sequence of shape (n_annotators,), default=None
            Whose the cells of lists are, or the order of the keys of dicts. None
            numbers cells, and sorts keys.

        Returns
        -------
        annotations : SequenceAnnotations

        Raises
        ------
        ValueError
            If a text has no token, nobody annotated a text, or a span does not lie in
            its text.

        Warns
        -----
        CrowdWarning
            If tags cannot say all that the spans say: spans that cut a token (they are
            widened), overlap or are nested (the longest is kept), each counted.

        Examples
        --------
        >>> from skcrowd.annotations import SequenceAnnotations
        >>> texts = ["Ann met Bob Lee", "It rained"]
        >>> spans = [{"x": [(0, 3, "PER")], "y": [(8, 15, "PER")]}, {"x": []}]
        >>> S = SequenceAnnotations.from_spans(texts, spans)
        >>> S[0]
        {'x': ['B-PER', 'O', 'O', 'O'], 'y': ['O', 'O', 'B-PER', 'I-PER']}
        """
        if not isinstance(texts, TokenizedTexts):
            tokens = TokenizedTexts(texts, tokenizer)
        elif tokenizer is None:
            tokens = texts
        else:
            raise ValueError("texts are tokenized already; leave tokenizer out.")
        cells = read_span_cells(tokens, spans, scheme, annotator_names)
        if not cells.row:
            raise ValueError(
                "spans hold no cell: nobody annotated a text; an annotator who found "
                "nothing has an empty list."
            )
        warn_of_losses(cells.losses, cells.n_spans)
        row: Any = cells.row
        if sequence_ids is not None:
            row = column(sequence_ids, "sequence_ids")[row]
        return cls.from_long(
            row,
            cells.annotator,
            cells.tags,
            lengths=cells.lengths,
            sequence_ids=sequence_ids,
            annotator_ids=annotator_names,
        )

    @classmethod
    def from_gold(
        cls,
        y: AnswersLike,
        lengths: ArrayLike | None = None,
        *,
        classes: ArrayLike | None = None,
    ) -> SequenceAnnotations:
        """Read true tags: one annotator, who tagged every token.

        Parameters
        ----------
        y : array-like of shape (n_sequences,)
            A list, tuple or 1-D array of tags for each sequence, none missing; -1 is
            a tag.
        lengths : array-like of shape (n_sequences,), default=None
            The numbers of tokens, if they are to be checked.
        classes : array-like of shape (n_classes,), default=None
            The possible tags in order; None for the observed ones, sorted.

        Returns
        -------
        annotations : SequenceAnnotations of shape (n_sequences, 1)

        Warns
        -----
        CrowdWarning
            If -1, -100 or text such as "nan" is among the tags, and not in `classes`,
            or if tags differ only in how they are written, without `classes`.

        Examples
        --------
        >>> from skcrowd.annotations import SequenceAnnotations
        >>> SequenceAnnotations.from_gold([["O", "B"], ["O"]]).tokens.labels
        array(['O', 'B', 'O'], dtype='<U1')
        """
        return true_sequences(y, lengths, classes)

    @property
    def n_sequences(self) -> int:
        """Number of sequences (rows)."""
        return self.lengths.size

    @property
    def n_annotators(self) -> int:
        """Number of annotators (columns)."""
        return self.tokens.n_annotators

    @property
    def n_tokens(self) -> int:
        """Number of tokens of all sequences."""
        return self.tokens.n_items

    @property
    def shape(self) -> tuple[int, int]:
        """Number of sequences and of annotators."""
        return self.n_sequences, self.n_annotators

    @property
    def ndim(self) -> int:
        """Always 2: sequences by annotators."""
        return 2

    @property
    def classes(self) -> Array:
        """The possible tags, shape (n_classes,)."""
        return self.tokens.classes

    @property
    def annotator_names(self) -> Array:
        """The names of the annotators, shape (n_annotators,)."""
        return self.tokens.annotator_names

    @cached_property
    def offsets(self) -> IntArray:
        """Where sequences begin: i has tokens ``offsets[i]:offsets[i + 1]``."""
        return readonly(offsets_of(self.lengths))

    @cached_property
    def pairs(self) -> tuple[IntArray, IntArray]:
        """Who tagged at least one token of what.

        Two int64 arrays (sequence, annotator) of shape (n_pairs,), sorted by
        sequence, then annotator.
        """
        _, sequence, annotator = find_pairs(self.tokens, self.offsets)
        return readonly(sequence), readonly(annotator)

    @property
    def n_answers(self) -> int:
        """Number of answers: tag sequences, pairs of a sequence and an annotator."""
        return len(self.pairs[0])

    @property
    def answers_per_item(self) -> IntArray:
        """Number of tag sequences of every sequence, shape (n_sequences,)."""
        return np.bincount(self.pairs[0], minlength=self.n_sequences)

    @property
    def answers_per_annotator(self) -> IntArray:
        """Number of tag sequences of every annotator, shape (n_annotators,)."""
        return np.bincount(self.pairs[1], minlength=self.n_annotators)

    def __len__(self) -> int:
        return self.n_sequences

    @overload
    def __getitem__(self, rows: int | np.integer[Any]) -> dict[Any, Any]: ...

    @overload
    def __getitem__(self, rows: Rows) -> SequenceAnnotations: ...

    def __getitem__(
        self, rows: int | np.integer[Any] | Rows
    ) -> SequenceAnnotations | dict[Any, Any]:
        """Select sequences; a single one as a dict from annotator name to tags.

        Parameters
        ----------
        rows : int, slice, int or bool array-like, or ``(rows, slice(None))``

        Returns
        -------
        selected : SequenceAnnotations or dict
            All annotators and classes are kept. The tags in a dict are lists, None
            where a single tag is missing.
        """
        index = row_index(rows, self.n_sequences, "sequence")
        if isinstance(index, int):
            return one_sequence(self[index : index + 1])
        names = self.sequence_names
        return unchecked(
            type(self),
            self.tokens[token_rows(self.offsets, index)],
            self.lengths[index],
            None if names is None else names[index],
        )

    def select_annotators(self, index: slice | int | ArrayLike) -> SequenceAnnotations:
        """Keep some annotators, in the order given; all sequences and classes stay.

        Parameters
        ----------
        index : slice, or array-like of int, bool or str
            Positions of annotators, or their names where these are text.

        Returns
        -------
        annotations : SequenceAnnotations of shape (n_sequences, n_selected)
        """
        tokens = self.tokens.select_annotators(index)
        return unchecked(type(self), tokens, self.lengths, self.sequence_names)

    def merge_annotators(
        self,
        same: Mapping[Any, ArrayLike],
        *,
        repeated: Literal["error", "first", "last"] = "error",
    ) -> SequenceAnnotations:
        """Give several names of one annotator one name.

        Parameters
        ----------
        same : dict of name to list of names
            The new name, and the names that mean the same annotator. The merged
            annotator takes the place of the first of them.
        repeated : {"error", "first", "last"}, default="error"
            What to do where a token was tagged under several of the names: raise an
            error if the tags differ, or keep the tag under the name that is listed
            first or last. A tag under one name alone is kept.

        Returns
        -------
        annotations : SequenceAnnotations of shape (n_sequences, n_merged)

        Raises
        ------
        ValueError
            If a name is unknown or listed twice, or tags differ.
        TypeError
            If `same` is no dict.

        Examples
        --------
        >>> from skcrowd.annotations import SequenceAnnotations
        >>> y = [[["O", "B"], ["O", "O"], None], [None, ["B"], ["O"]]]
        >>> names = ["ann", "bob", "Ann"]
        >>> S = SequenceAnnotations.from_cells(y, annotator_names=names)
        >>> S.merge_annotators({"ann": ["ann", "Ann"]})[1]
        {'ann': ['O'], 'bob': ['B']}
        """
        described = token_names(self.offsets, self.sequence_names)
        tokens = _merge.merge_annotators(self.tokens, same, repeated, described)
        return unchecked(type(self), tokens, self.lengths, self.sequence_names)

    def select_answers(self, index: slice | int | ArrayLike) -> SequenceAnnotations:
        """Keep some of the tag sequences; all sequences and annotators stay.

        Parameters
        ----------
        index : slice, int or bool array-like
            Positions in `pairs`: who tagged what.

        Returns
        -------
        annotations : SequenceAnnotations of shape (n_sequences, n_annotators)

        Examples
        --------
        >>> from skcrowd.annotations import SequenceAnnotations
        >>> S = SequenceAnnotations.from_cells([[["O", "B"], ["O", "O"]]])
        >>> S.select_answers([1])[0]
        {1: ['O', 'O']}
        """
        pair, sequence, _ = find_pairs(self.tokens, self.offsets)
        kept = np.zeros(sequence.size, dtype=bool)
        kept[answer_index(index, sequence.size)] = True
        tokens = self.tokens.select_answers(kept[pair])
        return unchecked(type(self), tokens, self.lengths, self.sequence_names)

    def with_details(
        self, *, confidence: ArrayLike | None = None, weight: ArrayLike | None = None
    ) -> SequenceAnnotations:
        """Say of each tag sequence, or tag, how sure the annotator was, or its weight.

        Parameters
        ----------
        confidence : array-like of shape (n_pairs,), (n_sequences, n_annotators) or \
                (n_tokens, n_annotators), default=None
            How sure the annotator was, in the order of `pairs`, in a matrix, or of
            each tag: any scale on which more means more sure; NaN where it is not
            known. What a number says of an annotator's tags is learned.
        weight : array-like of such a shape, default=None
            By which the tags count: 2 is a sequence tagged twice, 0 one not tagged.

        Returns
        -------
        annotations : SequenceAnnotations
            What is None stays as it was.

        Raises
        ------
        ValueError
            If a shape fits none of these, a weight is negative or missing, or a number
            infinite.

        Examples
        --------
        >>> from skcrowd.annotations import SequenceAnnotations
        >>> y = [[["O", "B"], ["O", "O"]], [["B"], None]]
        >>> S = SequenceAnnotations.from_cells(y)
        >>> S = S.with_details(weight=[[2, 0], [1, 1]])
        >>> S.tokens.weight
        array([2., 2., 1.])
        >>> S[0]
        {0: ['O', 'B']}
        """
        if confidence is None and weight is None:
            return self
        tokens = with_cell_details(self.tokens, self._cells(), confidence, weight)
        return unchecked(type(self), tokens, self.lengths, self.sequence_names)

    def without_details(self, *names: str) -> SequenceAnnotations:
        """Leave out what is known of tags beside the tag.

        Parameters
        ----------
        *names : {"confidence", "weight", "probabilities"}
            What to leave out; without any, everything.

        Returns
        -------
        annotations : SequenceAnnotations
            Without `probabilities` a tag is the most probable one.

        Raises
        ------
        ValueError
            If a name is another.
        """
        tokens = without_cell_details(self.tokens, names)
        return unchecked(type(self), tokens, self.lengths, self.sequence_names)

    def _cells(self) -> Cells:
        """Return the tag sequences, and the tags that each has."""
        pair, sequence, annotator = find_pairs(self.tokens, self.offsets)
        return Cells(
            sequence,
            annotator,
            pair,
            self.shape,
            self.tokens.shape,
            (self.tokens.item, self.tokens.annotator),
        )

    def with_classes(self, classes: ArrayLike) -> SequenceAnnotations:
        """Encode the same tags by another list of classes.

        Parameters
        ----------
        classes : array-like of shape (n_classes,)
            All tags in use must be among them.

        Returns
        -------
        annotations : SequenceAnnotations

        Raises
        ------
        ValueError
            If a tag in use is not among `classes`, or `classes` are no distinct tags.
        TypeError
            If `classes` are no list.
        """
        classes, tokens = check_classes(classes), self.tokens
        where = TagWhere(
            tokens.item,
            tokens.annotator,
            self.offsets,
            self.annotator_names,
            self.sequence_names,
        )
        recode(tokens.answer, self.classes, classes, where)
        tokens = tokens.with_classes(classes)
        if tokens is self.tokens:
            return self
        return unchecked(type(self), tokens, self.lengths, self.sequence_names)

    def split(self, values: Any) -> list[Any]:
        """Cut an array with a row for each token into sequences.

        Parameters
        ----------
        values : array-like of shape (n_tokens, ...)

        Returns
        -------
        pieces : list of n_sequences arrays of shape (length, ...)
            Slices of `values`; of arrays, views.

        Examples
        --------
        >>> from skcrowd.annotations import SequenceAnnotations
        >>> S = SequenceAnnotations.from_gold([["O", "B"], ["O"]])
        >>> S.split([0.1, 0.9, 0.2])
        [array([0.1, 0.9]), array([0.2])]
        """
        values = values if hasattr(values, "shape") else np.asarray(values)
        if not values.shape or values.shape[0] != self.n_tokens:
            raise ValueError(
                f"values of shape {tuple(values.shape)} cannot be cut into sequences "
                f"of {self.n_tokens} tokens in all; give one row for each token."
            )
        bounds = self.offsets.tolist()
        return [values[a:b] for a, b in pairwise(bounds)]

    def to_cells(self, missing: Any = "auto") -> Any:
        """Write the tags as a matrix of tag sequences.

        Parameters
        ----------
        missing : scalar, default="auto"
            What to write where a single tag is missing, as in `Annotations.to_dense`:
            "auto" is -1 for integer tags from 0, "" for strings and NaN for anything
            else.

        Returns
        -------
        y : object ndarray of shape (n_sequences, n_annotators)
            A cell is a 1-D array with a tag for each token, or None where the
            annotator tagged nothing.
        """
        check_cell_matrix(self.shape, "sequences", "tokens")
        sequence, annotator, tags = write_cells(self.tokens, self.offsets, missing)
        cells = np.full(self.shape, None, dtype=object)
        cells[sequence, annotator] = object_array(tags)
        return cells

    def to_flat(self, missing: Any = "auto") -> Array:
        """Write the tags as a matrix with a row for each token.

        Parameters
        ----------
        missing : scalar, default="auto"
            What to write where there is no tag, as in `Annotations.to_dense`.

        Returns
        -------
        y : ndarray of shape (n_tokens, n_annotators)
        """
        return self.tokens.to_dense(missing)

    def to_frame(self) -> pd.DataFrame:
        """Write a table with a row for each sequence and a column for each annotator.

        Returns
        -------
        table : pandas.DataFrame of shape (n_sequences, n_annotators)
            A cell is a list of tags, None where a single tag is missing, or None where
            the annotator tagged nothing; indexed by the names of the sequences.
            `from_cells` reads it, with `lengths` if nobody tagged a sequence.

        Raises
        ------
        ImportError
            If pandas is not installed.
        ValueError
            If there is too little memory for it.

        Examples
        --------
        >>> from skcrowd.annotations import SequenceAnnotations
        >>> S = SequenceAnnotations.from_cells([[["O", "B"], None], [["O"], ["B"]]])
        >>> S.to_frame()
                0     1
        0  [O, B]  None
        1     [O]   [B]
        """
        cells = self.to_cells(missing=None)
        for row, annotator in zip(*self.pairs, strict=True):
            cells[row, annotator] = cells[row, annotator].tolist()
        return _cell_tables.cells_to_frame(
            cells, self.sequence_names, self.annotator_names
        )

    def to_long(self) -> pd.DataFrame:
        """Write a long table with a row for each tag sequence.

        `from_long` reads it, with `lengths` if nobody tagged a sequence.

        Returns
        -------
        table : pandas.DataFrame of shape (n_answers, n_columns)
            Columns "sequence", "annotator" (by name, if they have names) and "tags",
            lists with None where a single tag is missing; if given, "confidence",
            "weight" and "probabilities", arrays of shape (n_tokens, n_classes), NaN
            where a tag is missing.

        Raises
        ------
        ImportError
            If pandas is not installed.
        ValueError
            If tags of one answer differ in confidence or weight.

        Examples
        --------
        >>> from skcrowd.annotations import SequenceAnnotations
        >>> S = SequenceAnnotations.from_cells([[["O", "B"], None], [["O"], ["B"]]])
        >>> S.to_long()
           sequence  annotator    tags
        0         0          0  [O, B]
        1         1          0     [O]
        2         1          1     [B]
        """
        return _cell_tables.sequences_to_long(self, self._cells())

    def summary(self) -> pd.DataFrame:
        """Count the answers of each annotator, and how often others agree.

        Returns
        -------
        table : pandas.DataFrame of shape (n_annotators, ...)
            Indexed by annotator. ``n_answers``, the tag sequences; ``n_tags``;
            ``most_frequent``, the most frequent tag, and its ``share``; ``agreement``,
            the share of the others' tags of the same tokens that are equal (NaN where
            nobody else tagged). If given, the mean ``confidence`` of the tag sequences,
            and the sum of their ``weight``.

        Raises
        ------
        ImportError
            If pandas is not installed.

        Examples
        --------
        >>> from skcrowd.annotations import SequenceAnnotations
        >>> y = [[["O", "B"], ["O", "O"]], [["O"], None]]
        >>> S = SequenceAnnotations.from_cells(y)
        >>> S.summary()
                   n_answers  n_tags most_frequent     share  agreement
        annotator
        0                  2       3             O  0.666667        0.5
        1                  1       2             O  1.000000        0.5
        """
        return _summary.summarize(self.annotator_names, self._columns())

    def _columns(self) -> dict[str, Any]:
        """Return the columns of `summary`."""
        return _summary.sequence_columns(self, self._cells())

    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> Array:
        if copy is False:
            raise ValueError(
                "a SequenceAnnotations has no array to share; pass copy=None."
            )
        if dtype is not None and np.dtype(dtype) != object:
            raise ValueError(
                f"tag sequences do not fit an array of {np.dtype(dtype)}; use "
                "to_flat(), which has a row for each token."
            )
        return sortable_cells(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SequenceAnnotations):
            return NotImplemented
        return (
            self.tokens == other.tokens
            and np.array_equal(self.lengths, other.lengths)
            and equal_names(self.sequence_names, other.sequence_names)
        )

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, f.name) for f in fields(self))

    def __repr__(self) -> str:
        return describe(self)

    def _repr_html_(self) -> str:
        return _summary.as_html(repr(self), self.annotator_names, self._columns())


def _places(pairs: tuple[IntArray, IntArray], cells: Any) -> IntArray:
    """Return the cell that has the tags of each pair, (n_pairs,)."""
    n_annotators = np.int64(cells.shape[1])
    key = cells.sequence * n_annotators + cells.annotator
    sequence, annotator = pairs
    return np.searchsorted(key, sequence * n_annotators + annotator)


def true_sequences(
    y: AnswersLike, lengths: Any, classes: Any = None, known: Array | None = None
) -> SequenceAnnotations:
    """Read true tags; see `SequenceAnnotations.from_gold`.

    Parameters
    ----------
    y, lengths, classes : object
        See there.
    known : ndarray, default=None
        Tags that are known to be real, among further ones.

    Returns
    -------
    annotations : SequenceAnnotations of shape (n_sequences, 1)
    """
    source = TRUTH_TAGS._replace(known=known)
    cells = gold_cells(y)
    tokens, lengths = read_tokens(cells, lengths, "auto", classes, source)
    gold = SequenceAnnotations(tokens, lengths, cells.sequence_names)
    check_complete(gold)
    return gold


def check_sequence_annotations(
    y: AnswersLike, lengths: ArrayLike | None = None, classes: ArrayLike | None = None
) -> SequenceAnnotations:
    """Read any form of annotated sequences with a row for each sequence.

    Parameters
    ----------
    y : SequenceAnnotations, or array-like of shape (n_sequences, n_annotators)
        A matrix of tag sequences is read by `SequenceAnnotations.from_cells`.
    lengths : array-like of shape (n_sequences,), default=None
        The true numbers of tokens, if known.
    classes : array-like of shape (n_classes,), default=None
        The possible tags in order; None for the observed ones, sorted.

    Returns
    -------
    annotations : SequenceAnnotations
        `y` itself if it is one already and needs no other `classes`.

    Raises
    ------
    ValueError
        If `y` is no matrix of tag sequences, holds no tag or one outside `classes`,
        or a sequence of a wrong length.

    Examples
    --------
    >>> from skcrowd.annotations import check_sequence_annotations
    >>> check_sequence_annotations([[["O", "B"], None], [["O"], ["B"]]]).shape
    (2, 2)
    """
    if not isinstance(y, SequenceAnnotations):
        return SequenceAnnotations.from_cells(y, lengths, classes=classes)
    if lengths is not None:
        check_same_lengths(y.lengths, check_lengths(lengths, y.n_sequences))
    return y if classes is None else y.with_classes(classes)
