"""A field of an object in a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["NUMBER", "Field", "array"]

NUMBER = (int, float, np.floating)


@dataclass(frozen=True)
class Field:
    """A stored field of an object.

    Attributes
    ----------
    attribute : str
        Name of the attribute that holds the field.
    types : type or tuple of types
        Allowed types of the value.
    axes : tuple of str or None
        Names of the axes of an array; axes of the same name have the same length. The
        length of names joined by ``_x_`` is the product of their lengths.
    is_optional : bool
        Whether the field may be missing.
    is_temporary : bool
        Whether a buffer is not part of the ``state_dict``.
    """

    attribute: str
    types: Any
    axes: tuple[str, ...] | None = None
    is_optional: bool = False
    is_temporary: bool = False


def array(attribute: str, *axes: Any, is_optional: bool = False) -> Field:
    """Return the field of an array with some axes."""
    return Field(attribute, np.ndarray, axes, is_optional)
