"""Tags that mark spans, such as names: IOB2, BIOES, BILOU."""

from __future__ import annotations

import re
from typing import Any

_MARK = re.compile(r"[BIESLU](-.+)?", re.S)
_BILOU_TO_BIOES = {"L": "E", "U": "S"}
SCHEMES = ("IOB2", "BIOES")


def is_span_tag(tag: str | int) -> bool:
    """Return whether a tag is "O", or a prefix and, unless spans have no type, a type.

    Parameters
    ----------
    tag : object

    Returns
    -------
    bool

    Examples
    --------
    >>> from skcrowd.annotations._span_tags import is_span_tag
    >>> is_span_tag("B-PER"), is_span_tag("noun")
    (True, False)
    """
    return isinstance(tag, str) and (tag == "O" or _MARK.fullmatch(tag) is not None)


def is_span_scheme(classes: Any) -> bool:
    """Return whether tags mark spans: IOB2, BIOES, BILOU or alike.

    Parameters
    ----------
    classes : array-like of shape (n_classes,)
        The possible tags.

    Returns
    -------
    bool
        True if each is "O", or one of the prefixes B, I, E, S, L and U, a hyphen and a
        type, and not all are "O"; or if spans have no type: "O", "B" and others of the
        prefixes alone.

    Examples
    --------
    >>> from skcrowd.annotations._span_tags import is_span_scheme
    >>> is_span_scheme(["B-PER", "I-PER", "O"]), is_span_scheme(["B", "I", "O"])
    (True, True)
    >>> is_span_scheme(["noun", "verb"])
    False
    """
    marks = {tag for tag in classes if tag != "O"}
    if not marks or not all(map(is_span_tag, marks)):
        return False
    typed = {"-" in tag for tag in marks}
    return typed == {True} or (typed == {False} and {"O", "B"} <= set(classes))


def tag_spans(tags: list[str]) -> list[tuple[int, int, str]]:
    """Return (first, last, type) of all spans that a tag sequence marks, in order.

    A span ends before a B, an S or an O, after an E or an S, and where the type
    changes. It begins at a B or an S, and at an I or an E that no open span of the same
    type goes before. L and U are E and S.

    Parameters
    ----------
    tags : list of str
        As `is_span_tag` accepts them.

    Returns
    -------
    spans : list of tuples (first, last, type)
        Places of the first and last tag; the type is "" where spans have none.

    Examples
    --------
    >>> from skcrowd.annotations._span_tags import tag_spans
    >>> tag_spans(["B-PER", "I-PER", "O", "S-LOC"])
    [(0, 1, 'PER'), (3, 3, 'LOC')]
    """
    spans, first = [], 0
    last_prefix, last_type = "O", ""
    for place, tag in enumerate([*tags, "O"]):
        prefix, span_type = _BILOU_TO_BIOES.get(tag[0], tag[0]), tag[2:]
        is_other = span_type != last_type
        if last_prefix != "O" and (last_prefix in "ES" or prefix in "BSO" or is_other):
            spans.append((first, place - 1, last_type))
        if prefix in "BS" or (prefix in "IE" and (last_prefix in "ESO" or is_other)):
            first = place
        last_prefix, last_type = prefix, span_type
    return spans


def span_as_tags(n_tokens: int, label: str, scheme: str) -> list[str]:
    """Return the tags of one span.

    Parameters
    ----------
    n_tokens : int
        At least 1.
    label : str
        The type of the span; "" for none.
    scheme : {"IOB2", "BIOES"}

    Returns
    -------
    tags : list of n_tokens str

    Examples
    --------
    >>> from skcrowd.annotations._span_tags import span_as_tags
    >>> span_as_tags(3, "PER", "BIOES")
    ['B-PER', 'I-PER', 'E-PER']
    """
    marks = ["B"] + ["I"] * (n_tokens - 1)
    if scheme == "BIOES":
        marks[-1] = "E" if n_tokens > 1 else "S"
    return [f"{mark}-{label}" if label else mark for mark in marks]
