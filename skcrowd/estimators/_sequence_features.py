"""Read ``X`` of sequences: token lists, arrays of features, or one token a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrowd.annotations._tables import plain, plain_features

if TYPE_CHECKING:
    from skcrowd._typing import Features, FloatArray


__all__ = [
    "RawSequences",
    "check_form",
    "check_padding",
    "is_sequence",
    "read_sequences",
]


class RawSequences(NamedTuple):
    """Sequences as the user gave them, their tokens laid one after another.

    Attributes
    ----------
    tokens : ndarray
        Strings (n_tokens,), or features (n_tokens, n_features), not yet checked.
    lengths : int64 ndarray of shape (n_sequences,)
        None for a table.
    form : {"tokens", "features", "table"}
    """

    tokens: Any
    lengths: Any
    form: str


FORMS = {
    "tokens": "lists of tokens",
    "features": "sequences of feature vectors",
    "table": "a 2-D array, each row a sequence of one token",
}
ADVICE = (
    "X must be a list with a list of tokens (strings) for each sequence, a list with "
    "an array of shape (length, n_features) for each, a padded 3-D array with lengths, "
    "or a 2-D array, whose rows are sequences of one token."
)


def read_sequences(X: Features, lengths: Any = None) -> RawSequences:
    """Tell the forms of ``X`` apart.

    Parameters
    ----------
    X : list or array-like
    lengths : array-like of shape (n_sequences,), default=None
        Tokens of every sequence of a padded 3-D array.

    Returns
    -------
    raw : RawSequences
        A 2-D array as it is, which scikit-learn checks.

    Raises
    ------
    ValueError
        If a sequence is empty, or of another form than the first.
    """
    X = plain_features(X)
    n_dims = getattr(X, "ndim", None)
    if n_dims == 3:
        return _from_padded(X, lengths)
    if n_dims is not None and n_dims > 3:
        raise ValueError(f"X has shape {tuple(X.shape)}; {ADVICE}")
    if lengths is not None:
        raise ValueError(
            "lengths belong to a padded 3-D array; leave them out, the sequences of a "
            "list have a length of their own."
        )
    if isinstance(X, (list, tuple)) and not X:
        raise ValueError("X holds no sequence; give at least one.")
    sequences = _as_list(X, n_dims)
    if sequences is None:
        return RawSequences(X, None, "table")
    if _holds_strings(sequences[0]):
        return _from_tokens(sequences)
    return _from_arrays(sequences)


def check_padding(X: Features, lengths: Any, was_padded: bool) -> None:
    """Raise if the lengths of a padded array are missing."""
    if was_padded and lengths is None and getattr(X, "ndim", None) == 3:
        raise ValueError(
            "lengths are missing: X is padded, as in fit; pass the number of tokens of "
            "every sequence."
        )


def check_form(form: str, fitted: str, name: str) -> None:
    """Raise if ``X`` is of another form than that of ``fit``."""
    if form != fitted:
        hint = (
            " A single sequence is a list of one: pass [X]." if form == "table" else ""
        )
        raise ValueError(
            f"X is {FORMS[form]}, but {name} was fitted with {FORMS[fitted]}.{hint}"
        )


def _as_list(X: Features, n_dims: int | None) -> list[FloatArray | list[str]] | None:
    """Return the sequences, or None if ``X`` is to be read as a 2-D array."""
    if n_dims == 2:
        _refuse_cells(X)
        return list(np.asarray(X)) if _is_table_of_strings(X) else None
    if (n_dims != 1 and not isinstance(X, (list, tuple))) or not len(X):
        return None
    sequences = list(X)
    first = sequences[0]
    if _is_str(first):
        raise ValueError(
            f"X holds strings ({first[:40]!r}), not lists of tokens; split each into "
            "tokens."
        )
    if not is_sequence(first):
        return None
    if _is_row_of_numbers(first):
        _check_same_width(sequences)
        return None
    return sequences


def _refuse_cells(X: Any) -> None:
    """Raise for a table whose cells are sequences."""
    values = np.asarray(X) if hasattr(X, "__array__") else np.empty((0, 0))
    if values.dtype == object and values.size and is_sequence(values[0, 0]):
        raise ValueError(
            f"X is a table of shape {values.shape} whose cells hold sequences; pass "
            "the column that has them, X.iloc[:, 0] of a DataFrame, X[:, 0] of an "
            "array."
        )


def _check_same_width(rows: Any) -> None:
    """Raise if rows of numbers make no table."""
    widths = {len(row) for row in rows if is_sequence(row)}
    if len(widths) > 1:
        raise ValueError(
            f"X holds sequences of single numbers, of different lengths "
            f"({', '.join(map(str, sorted(widths)[:5]))}); {ADVICE}"
        )


def _is_table_of_strings(X: Features) -> bool:
    if not hasattr(X, "__array__"):  # scipy sparse
        return False
    values = np.asarray(X)
    return values.dtype.kind == "U" or (
        values.dtype == object
        and values.size > 0
        and all(map(_is_str, values.ravel().tolist()))
    )


def is_sequence(values: Any) -> bool:
    """Whether values is a list, tuple or array of at least one dimension."""
    return isinstance(values, (list, tuple)) or getattr(values, "ndim", 0) > 0


def _is_str(value: Any) -> bool:
    return isinstance(value, str)


def _is_row_of_numbers(values: Any) -> bool:
    one_dimension = getattr(values, "ndim", 1) == 1  # not so a DataFrame
    return (
        one_dimension
        and len(values) > 0
        and not (is_sequence(beginning := next(iter(values))) or _is_str(beginning))
    )


def _holds_strings(sequence: Any) -> bool:
    one_dimension = getattr(sequence, "ndim", 1) == 1
    return one_dimension and (not len(sequence) or _is_str(next(iter(sequence))))


def _from_tokens(sequences: Any) -> RawSequences:
    for k, sequence in enumerate(sequences):
        if not is_sequence(sequence):
            raise ValueError(
                f"X holds {type(sequence).__name__} at sequence {k}, but lists of "
                f"tokens before; {ADVICE}"
            )
        _check_not_empty(len(sequence), k)
        wrong = [token for token in sequence if not _is_str(token)]
        if wrong:
            raise ValueError(
                f"X holds the token {wrong[0]!r} of type {type(wrong[0]).__name__} in "
                f"sequence {k}; every token must be a string."
            )
    lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
    tokens = np.array([str(t) for s in sequences for t in s], dtype=object)
    return RawSequences(tokens, lengths, "tokens")


def _from_arrays(sequences: Any) -> RawSequences:
    arrays = [_features_of(sequence, k) for k, sequence in enumerate(sequences)]
    lengths = np.array([len(array) for array in arrays], dtype=np.int64)
    widths = np.array([array.shape[1] for array in arrays])
    wrong = np.flatnonzero(widths != widths[0])
    if wrong.size:
        k = wrong[0]
        raise ValueError(
            f"sequence {k} of X has {widths[k]} features a token, but sequence 0 has "
            f"{widths[0]}; give every token the same features."
        )
    tokens = np.ascontiguousarray(np.concatenate(arrays))
    return RawSequences(tokens, lengths, "features")


def _features_of(sequence: FloatArray, k: int) -> FloatArray:
    try:
        array = np.asarray(sequence)
    except ValueError as error:  # ragged
        raise ValueError(
            f"sequence {k} of X holds tokens with different numbers of features; "
            f"{ADVICE}"
        ) from error
    _check_not_empty(len(array) if array.ndim else 0, k)
    if array.ndim != 2:
        raise ValueError(
            f"sequence {k} of X has shape {array.shape}, expected (length, n_features)"
            f"; {ADVICE}"
        )
    return array


def _from_padded(X: Features, lengths: Any) -> RawSequences:
    X = np.asarray(X)
    n_sequences, longest = X.shape[:2]
    lengths = np.full(n_sequences, longest) if lengths is None else lengths
    lengths = np.asarray(plain(lengths, "lengths"))
    if lengths.shape != (n_sequences,) or lengths.dtype.kind not in "iu":
        raise ValueError(
            f"lengths must be {n_sequences} integers, one a sequence of X, got shape "
            f"{lengths.shape} of {lengths.dtype}."
        )
    wrong = np.flatnonzero((lengths < 1) | (lengths > longest))
    if wrong.size:
        k = wrong[0]
        raise ValueError(
            f"lengths[{k}] is {lengths[k]}, but sequences of X have from 1 to "
            f"{longest} tokens."
        )
    tokens = X[np.arange(longest) < lengths[:, None]]
    return RawSequences(tokens, lengths.astype(np.int64), "features")


def _check_not_empty(length: int, k: int) -> None:
    if not length:
        raise ValueError(
            f"sequence {k} of X holds no token; leave it out, here and in y."
        )
