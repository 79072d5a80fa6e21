"""The one door through which every `y` of annotations enters."""

from ._container import Annotations
from ._encoding import check_kind
from ._sparse import is_sparse


def check_annotations(y, *, kind="labels", classes=None):
    """Read any form of annotations.

    Parameters
    ----------
    y : Annotations, array-like, DataFrame or sparse matrix of shape \
            (n_items, n_annotators)
        The answers, a row for each item and a column for each annotator.
        `Annotations.from_dense` and `Annotations.from_sparse` say what counts as
        missing.
    kind : {"labels", "numbers"}, default="labels"
        What an answer is: one of a few classes, or a number.
    classes : array-like of shape (n_classes,), default=None
        The possible labels in the order wanted; None for those seen, sorted.

    Returns
    -------
    annotations : Annotations
        `y` itself if it is one already and needs no other `classes`.

    Raises
    ------
    ValueError
        If `y` is not a matrix, holds no answer, is of another kind or holds a label
        outside `classes`.

    Examples
    --------
    >>> from skcrowd.annotations import check_annotations
    >>> check_annotations([["cat", None], ["dog", "cat"]])
    Annotations of 2 items by 2 annotators (labels)
      3 answers (25.0% of the cells missing), per item: mean 1.5, from 1 to 2
      2 classes: ['cat', 'dog']
    """
    check_kind(kind)
    if isinstance(y, Annotations):
        return _check_container(y, kind, classes)
    if is_sparse(y):
        return Annotations.from_sparse(y, kind=kind, classes=classes)
    return Annotations.from_dense(y, kind=kind, classes=classes)


def _check_container(annotations, kind, classes):
    if annotations.kind != kind:
        raise ValueError(
            f"y is an Annotations of {annotations.kind}, but {kind} are needed; build "
            f"it again with kind={kind!r}."
        )
    if classes is None:
        return annotations
    return annotations.with_classes(classes)
