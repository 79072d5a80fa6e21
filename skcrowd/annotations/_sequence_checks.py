"""Checks of the fields of a SequenceAnnotations, and its flat form."""

import numpy as np

from ._assemble import names_array
from ._container import Annotations, check_container
from ._sequence_tags import TagWhere
from ._sparse import is_sparse


def check_same_lengths(lengths, true):
    wrong = np.flatnonzero(lengths != true)
    if wrong.size:
        k = wrong[0]
        raise ValueError(
            f"y has {lengths[k]} tokens at row {k}, but lengths says that this "
            f"sequence has {true[k]} ({wrong.size} such rows); give X and y the same "
            "sequences in the same order."
        )


def check_tokens(tokens):
    if not isinstance(tokens, Annotations):
        raise TypeError(
            f"tokens must be an Annotations, got {type(tokens).__name__}; use "
            "SequenceAnnotations.from_cells or from_flat."
        )
    if tokens.kind != "labels":
        raise ValueError(
            "tokens is an Annotations of numbers, but labels are needed; build it "
            "again with kind='labels'."
        )


def check_total(lengths, n_tokens):
    if lengths.sum() != n_tokens:
        raise ValueError(
            f"lengths adds up to {lengths.sum()} tokens, but there are annotations of "
            f"{n_tokens} (a row for each token); give the length of every sequence."
        )


def check_sequence_names(names, n_sequences):
    array = names_array(names) if isinstance(names, list) else np.asarray(names)
    if array.shape != (n_sequences,):
        raise ValueError(
            f"sequence_names has shape {array.shape}, but there are {n_sequences} "
            "sequences; give one name for each."
        )
    return array.copy()


def check_complete(gold):
    blank = np.flatnonzero(gold.tokens.answers_per_item == 0)
    if blank.size:
        names = gold.annotator_names
        annotator = np.zeros_like(blank)
        where = TagWhere(blank, annotator, gold.offsets, names, None)(0)
        raise ValueError(
            f"a gold tag is missing at {where} ({blank.size} such tokens); use "
            "SequenceAnnotations.from_cells for tags with gaps."
        )


def read_flat(y, missing_label, classes, annotator_names):
    given = {}
    if not (isinstance(missing_label, str) and missing_label == "auto"):
        given["missing_label"] = missing_label
    if annotator_names is not None:
        given["annotator_names"] = annotator_names
    if isinstance(y, Annotations):
        _refuse(given, given, "y is an Annotations, in which both are settled")
        return check_container(y, "labels", classes)
    read = Annotations.from_sparse if is_sparse(y) else Annotations.from_dense
    return read(y, classes=classes, **given)


def _refuse(given, names, reason):
    for name in sorted(set(given) & set(names)):
        raise ValueError(f"{reason}; leave out {name}={given[name]!r}.")
