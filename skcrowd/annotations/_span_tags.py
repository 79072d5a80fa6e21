"""Tags that mark spans, such as names: IOB2, BIOES, BILOU."""

import re

_MARK = re.compile(r"[BIESLU](-.+)?")


def is_span_tag(tag):
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


def is_span_scheme(classes):
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
