"""Lists of labels in the cells of a table, which may be texts."""

from __future__ import annotations

import ast
import json
import re
import tokenize
import warnings
from collections import Counter
from collections.abc import Iterable
from io import StringIO
from itertools import pairwise
from typing import Any

import numpy as np

from ._json_records import parse_json
from ._name_types import is_missing

__all__ = ["check_distinct_labels", "check_labels", "list_in_text", "listed"]

_EMPTY = "set()"
_BEGINS = re.compile(r"\s*([\[({]|set\(\))")
_ADVICE = (
    'write it as JSON, such as ["a", "b"], or make a row for each label; where it is '
    "a label as a whole, pass kind='labels'"
)


def listed(value: Any) -> tuple[Any, ...] | None:
    """Return the labels of a list.

    Parameters
    ----------
    value : object
        A list, tuple, set or array, or a text that JSON or Python writes for one.

    Returns
    -------
    labels : tuple or None
        None if it is something else.

    Raises
    ------
    ValueError
        If it is a list of something else than labels, or an array as numpy writes it.
    """
    found = value
    if isinstance(value, str):
        if not _BEGINS.match(value):
            return None
        found = list_in_text(value.strip())
        if found is None and _looks_like_a_list(value.strip()):
            raise ValueError(
                f"the answer {value!r} looks like a list, but is neither JSON nor one "
                f"of Python; {_ADVICE}."
            )
    if not isinstance(found, (list, tuple, set, frozenset, np.ndarray)):
        return None
    return check_labels(found, value)


def check_labels(found: Iterable[Any], shown: Any) -> tuple[Any, ...]:
    """Return the labels of a list, if they are some.

    Parameters
    ----------
    found : list, tuple, set or array
    shown : object
        How it is written, for error messages.

    Returns
    -------
    labels : tuple

    Raises
    ------
    ValueError
        If one is empty, or neither a text, a whole number nor a boolean.
    """
    labels = tuple(found.tolist() if isinstance(found, np.ndarray) else found)
    for label in labels:
        if not isinstance(label, (list, dict, np.ndarray)) and is_missing(label):
            raise ValueError(
                f"the list {shown!r} holds an empty value, {label!r}, which may be a "
                "label that was lost; take it out, or give it a name."
            )
        if not isinstance(label, (str, int, np.generic)) and not _is_whole(label):
            raise ValueError(
                f"the list {shown!r} holds {label!r}, which is no label; labels are "
                "texts or whole numbers. Probabilities of labels are read from a "
                "column for each, by probabilities=."
            )
    return labels


def check_distinct_labels(labels: tuple[Any, ...]) -> None:
    """Raise if a list is no set of labels, but probably the tags of tokens.

    Parameters
    ----------
    labels : tuple

    Raises
    ------
    ValueError
        If a label occurs twice.
    """
    if len(set(labels)) < len(labels):
        label, n_times = Counter(labels).most_common(1)[0]
        raise ValueError(
            f"a list has the label {label!r} {n_times} times, as the tags of tokens "
            "may, but a set of labels has each once. Read lists of tags by "
            "SequenceAnnotations.from_long; if they are sets of labels, pass "
            "kind='sets'."
        )


def list_in_text(text: str) -> list[Any] | None:
    """Return the list that a text is, in JSON or of Python.

    Parameters
    ----------
    text : str

    Returns
    -------
    values : list or None
        None if it is none. Of tuples and sets those of texts only.
    """
    if text.startswith("[") and text.endswith("]"):
        try:
            return list(parse_json(text))
        except (json.JSONDecodeError, RecursionError):
            return None if _is_array(text) else _python_list(text)
    if text == _EMPTY:
        return []
    if (text[:1], text[-1:]) not in (("(", ")"), ("{", "}")) or _is_array(text):
        return None
    found = _python_list(text)
    return found if found and all(isinstance(one, str) for one in found) else None


def _python_list(text: str) -> list[Any] | None:
    """Return the list, tuple or set that Python would read."""
    try:
        with warnings.catch_warnings():  # of backslashes in texts
            warnings.simplefilter("ignore")
            body = ast.parse(text, mode="eval").body
        if not isinstance(body, (ast.List, ast.Tuple, ast.Set)):
            return None
        return [_element(each) for each in body.elts]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _element(node: ast.expr) -> Any:
    """Return a value in a list; None for NaN, which has no literal."""
    is_nan = isinstance(node, ast.Name) and node.id == "nan"
    return None if is_nan else ast.literal_eval(node)


def _is_array(text: str) -> bool:
    """Return whether values follow each other without a comma, as numpy writes them."""
    try:
        tokens = list(tokenize.generate_tokens(StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return False
    kinds = [token.type for token in tokens if token.type != tokenize.NL]
    values = {tokenize.STRING, tokenize.NUMBER}
    return any(one == other and one in values for one, other in pairwise(kinds))


def _looks_like_a_list(text: str) -> bool:
    is_bracketed = text.startswith("[") and text.endswith("]")
    return is_bracketed and ("," in text or _is_array(text))


def _is_whole(value: Any) -> bool:
    return isinstance(value, float) and value.is_integer()
