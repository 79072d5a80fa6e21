"""True tags of sentences, for the simulation of tags."""

from dataclasses import dataclass
from itertools import chain

import numpy as np

from skcrowd.annotations._encoding import check_classes
from skcrowd.annotations._lookup import preview

OUTSIDE = "O"


@dataclass(frozen=True)
class Sentences:
    """Sentences with their true spans, as positions in the concatenated tokens.

    Tags are coded by scheme: 0 is O, 1 + 2k is B-X and 2 + 2k is I-X of type k.

    Parameters
    ----------
    tags : int64 ndarray of shape (n_tokens,)
        By scheme.
    lengths, offsets : int64 ndarrays of shape (n_sentences,)
        The number of tokens of every sentence, and where it begins.
    types : str ndarray of shape (n_types,)
    class_of : int64 ndarray of shape (1 + 2 * n_types,)
        Position in the classes of every tag of the scheme.
    """

    tags: np.ndarray
    lengths: np.ndarray
    offsets: np.ndarray
    types: np.ndarray
    class_of: np.ndarray

    def __len__(self):
        return len(self.lengths)

    @property
    def spans(self):
        """Start and end of every span, shape (n_spans,) each."""
        is_inside = (self.tags > 0) & (self.tags % 2 == 0)
        ends = np.append(np.flatnonzero(~is_inside), len(self.tags))
        start = np.flatnonzero(self.tags % 2)
        return start, ends[np.searchsorted(ends, start, side="right")]


def read_sentences(y_true, classes=None):
    """Check true tags and encode them.

    Parameters
    ----------
    y_true : list of lists or 1-D arrays of str
    classes : array-like of shape (n_classes,), default=None

    Returns
    -------
    truth : Sentences
    classes : str ndarray of shape (n_classes,)
    """
    rows = _rows(y_true)
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    offsets = np.cumsum(lengths) - lengths
    tags = list(chain.from_iterable(rows))
    _check_tags(tags, offsets)
    types = sorted({tag[2:] for tag in set(tags)} - {""})
    if classes is None:
        classes = np.array(sorted(_scheme(types)))
    else:
        classes = check_classes(classes)
        types = _types_of(classes)
        _check_known(types, tags, classes, offsets)
    if not types:
        raise ValueError(
            "y_true holds no span: all tags are 'O'; name all tags with classes=, or "
            "give sentences with spans."
        )
    scheme = _scheme(types)
    code = {tag: number for number, tag in enumerate(scheme)}
    coded = np.fromiter(map(code.__getitem__, tags), np.int64, len(tags))
    _check_iob2(coded, offsets, scheme)
    place = {tag: number for number, tag in enumerate(classes.tolist())}
    class_of = np.array([place[tag] for tag in scheme])
    return Sentences(coded, lengths, offsets, np.array(types), class_of), classes


def _scheme(types):
    return [OUTSIDE, *(f"{begin}-{type_}" for type_ in types for begin in "BI")]


def _rows(y_true):
    """Read y_true as a list with a list of tags for every sentence."""
    listed = y_true.tolist() if hasattr(y_true, "tolist") else y_true
    if not isinstance(listed, list | tuple):
        raise ValueError(
            f"y_true is a {type(y_true).__name__}; with kind='sequences' pass a list "
            "with a list of tags for every sentence."
        )
    if not listed:
        raise ValueError("y_true is empty; give the truth of at least one sentence.")
    return [_row(row, number) for number, row in enumerate(listed)]


def _row(row, number):
    tags = row.tolist() if hasattr(row, "tolist") else row
    if not isinstance(tags, list | tuple):
        raise ValueError(
            f"Sentence {number} of y_true is {tags!r}; with kind='sequences' every "
            "sentence is a list or 1-D array of tags."
        )
    if not tags:
        raise ValueError(
            f"Sentence {number} of y_true is empty; a sentence has at least one "
            "token, so drop it."
        )
    return tags


def _where(token, offsets):
    """Describe the position of a token."""
    sentence = int(np.searchsorted(offsets, token, side="right")) - 1
    return f"position {token - offsets[sentence]} of sentence {sentence} of y_true"


def _check_tags(tags, offsets):
    """Raise unless all tags have the form O, B-X or I-X."""
    if all(issubclass(type_, str) for type_ in set(map(type, tags))):
        wrong = {tag for tag in set(tags) if not _is_tag(tag)}
        bad = next((k for k, tag in enumerate(tags) if tag in wrong), None)
    else:
        bad = next(k for k, tag in enumerate(tags) if not isinstance(tag, str))
    if bad is not None:
        raise ValueError(
            f"y_true holds {tags[bad]!r} at {_where(bad, offsets)}, which is no IOB2 "
            "tag; tags are the strings 'O', 'B-X' and 'I-X', where X is a type."
        )


def _is_tag(tag):
    return tag == OUTSIDE or (tag[:2] in ("B-", "I-") and len(tag) > 2)


def _types_of(classes):
    """Return the types in the order of the classes; raise if a tag is missing."""
    tags = classes.tolist()
    wrong = [tag for tag in tags if not (isinstance(tag, str) and _is_tag(tag))]
    if wrong:
        raise ValueError(
            f"classes={preview(classes)} holds {wrong[0]!r}, which is no IOB2 tag; "
            "name 'O', and 'B-X' and 'I-X' of every type X."
        )
    types = list(dict.fromkeys(tag[2:] for tag in tags if tag != OUTSIDE))
    absent = [tag for tag in _scheme(types) if tag not in tags]
    if absent:
        raise ValueError(
            f"classes={preview(classes)} lacks {absent[0]!r}, which an annotator can "
            "answer; name 'O', and 'B-X' and 'I-X' of every type X."
        )
    return types


def _check_known(types, tags, classes, offsets):
    unknown = set(tags) - set(_scheme(types))
    bad = next((k for k, tag in enumerate(tags) if tag in unknown), None)
    if bad is not None:
        raise ValueError(
            f"The tag {tags[bad]!r} at {_where(bad, offsets)} is not among "
            f"classes={preview(classes)}; add it and the other tag of its type."
        )


def _check_iob2(tags, offsets, scheme):
    """Raise for an I-X that does not follow B-X or I-X in its sentence."""
    before = np.roll(tags, 1)
    before[offsets] = 0
    is_inside = (tags > 0) & (tags % 2 == 0)
    broken = np.flatnonzero(is_inside & (before != tags) & (before != tags - 1))
    if not broken.size:
        return
    k = int(broken[0])
    after = "begins the sentence" if k in offsets else f"follows {scheme[before[k]]!r}"
    raise ValueError(
        f"y_true is not valid IOB2: {scheme[tags[k]]!r} at {_where(k, offsets)} "
        f"{after} ({broken.size} such tags); the first tag of a span is B-X."
    )
