"""Join several tables of answers to one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, overload

from ._container import Annotations
from ._join import join_annotations
from ._join_cells import join_sequences, join_sets
from ._multilabel_container import MultilabelAnnotations
from ._sequence_container import SequenceAnnotations

__all__ = ["concatenate"]

JOINS: dict[type[Any], Callable[[Any, Any], tuple[Any, ...]]] = {
    Annotations: join_annotations,
    MultilabelAnnotations: join_sets,
    SequenceAnnotations: join_sequences,
}


@overload
def concatenate(parts: Sequence[Annotations]) -> Annotations: ...


@overload
def concatenate(parts: Sequence[MultilabelAnnotations]) -> MultilabelAnnotations: ...


@overload
def concatenate(parts: Sequence[SequenceAnnotations]) -> SequenceAnnotations: ...


def concatenate(parts: Sequence[Any]) -> Any:
    """Join several tables of answers to one.

    Parameters
    ----------
    parts : sequence of Annotations, MultilabelAnnotations or SequenceAnnotations
        Of one kind. Annotators with the same name are the same. Items, or sequences,
        with the same name are the same where all tables name theirs: new answers to
        them are added. Otherwise they follow one another, as the rows of
        ``numpy.concatenate([X_first, X_second])``.

    Returns
    -------
    joined : Annotations, MultilabelAnnotations or SequenceAnnotations
        Classes are the union of all classes. They have an order where those of the
        first part have one, and those of the others no further class, or all of them.
        About labels that a part does not have its annotators were not asked; where
        they were, and ticked none, say so before by ``with_classes``.

    Raises
    ------
    ValueError
        If there is none, they are of several kinds, their labels of several types, an
        annotator answers an item in two of them, a sequence has another length in one
        of them, the classes have an order in one of them and another order in
        another, or all name their items, but one of them several alike.

    Examples
    --------
    >>> from skcrowd.annotations import Annotations, concatenate
    >>> first = Annotations.from_dense([["cat", "dog"]], annotator_names=["ann", "bo"])
    >>> second = Annotations.from_dense([["cat", "cow"]], annotator_names=["bo", "eve"])
    >>> concatenate([first, second]).to_dense()
    array([['cat', 'dog', ''],
           ['', 'cat', 'cow']], dtype='<U3')
    """
    parts = list(parts)
    if not parts or len({type(part) for part in parts}) > 1:
        kinds = ", ".join(sorted({type(part).__name__ for part in parts})) or "nothing"
        raise ValueError(f"parts holds {kinds}; pass a list of {_known()}.")
    join = JOINS.get(type(parts[0]))
    if join is None:
        raise TypeError(
            f"parts holds {type(parts[0]).__name__}; pass a list of {_known()}, as "
            "check_annotations(y) returns them."
        )
    return reduce(lambda joined, part: join(joined, part)[0], parts)


def _known() -> str:
    """Name the containers."""
    *most, last = (container.__name__ for container in JOINS)
    return f"{', of '.join(most)}, or of {last}"
