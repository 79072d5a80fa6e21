"""Estimators as trees: their parameters and fitted fields."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sklearn import config_context

from skcrowd._sklearn_compat import REQUESTS, requests_by_method
from skcrowd.persistence._checks import (
    check_axes,
    check_network,
    check_parts,
    check_ranker,
    check_type,
)
from skcrowd.persistence._schema import DERIVED, ESTIMATORS

if TYPE_CHECKING:
    from ._schema import Field
    from ._tree import Reader, Writer


__all__ = [
    "fitted_attributes",
    "fitted_fields",
    "readable",
    "request_attributes",
    "request_fields",
    "table_of",
]


def table_of(cls: type[Any]) -> dict[str, Field]:
    """Return the table of an estimator class or its base class."""
    return next(ESTIMATORS[base] for base in cls.__mro__ if base in ESTIMATORS)


def fitted_fields(
    cls: type[Any], attributes: dict[str, Any], writer: Writer, path: str = ""
) -> dict[str, Any]:
    """Write the fitted fields of an estimator.

    Parameters
    ----------
    cls : class
        Class of the estimator.
    attributes : dict
        Attributes of the estimator other than parameters.
    writer : Writer
    path : str, default=""
        What the names of their tensors begin with.

    Returns
    -------
    fields : dict
        By their names in the schema; attributes that only this method has are in
        ``extras``, others in ``others``.

    Raises
    ------
    TypeError
        If an attribute cannot be written, or a private one is not in the schema.
    """
    table = table_of(cls)
    not_stored = {*DERIVED, "_extras", REQUESTS}
    remaining = {k: v for k, v in attributes.items() if k not in not_stored}
    fields = {}
    for name, field in table.items():
        if field.attribute in remaining:
            value = remaining.pop(field.attribute)
            fields[name] = writer.node(value, f"{path}{name}")
        elif not (field.is_optional or hasattr(cls, field.attribute)):
            raise TypeError(
                f"the fitted {cls.__name__} has no {field.attribute}; files need it."
            )
    private = sorted(name for name in remaining if name.startswith("_"))
    if private:
        raise TypeError(
            f"a file has no place for {', '.join(private)} of a {cls.__name__}; use "
            "joblib.dump(estimator, path)."
        )
    extras = {name: remaining.pop(name) for name in attributes.get("_extras", ())}
    for part, values in (("extras", extras), ("others", remaining)):
        fields[part] = {k: writer.node(v, f"{path}{k}") for k, v in values.items()}
    return fields


def fitted_attributes(cls: type[Any], fields: Any, reader: Reader) -> dict[str, Any]:
    """Read the fields that :func:`fitted_fields` wrote, and check them.

    Returns
    -------
    attributes : dict

    Raises
    ------
    ValueError
        If a field is missing, of a wrong type or size, or unknown.
    """
    table = table_of(cls)
    sizes: dict[str, int] = {}
    attributes = {}
    unknown = set(fields) - {*table, "extras", "others"}
    if unknown:
        raise ValueError(
            f"it holds {sorted(unknown)[0]!r}, which is not a fitted field"
        )
    values = {name: reader.value(node) for name, node in fields.items()}
    extras, others = values.pop("extras"), values.pop("others")
    for name, field in table.items():
        if name in values:
            check_type(name, values[name], field.types)
            check_axes(name, values[name], field.axes, sizes)
            attributes[field.attribute] = values[name]
        elif not (field.is_optional or hasattr(cls, field.attribute)):
            raise ValueError(f"it lacks {name}, which a fitted {cls.__name__} has")
    if "net_" in table:
        check_parts(attributes, sizes)
        check_network(attributes, sizes)
    if "classifier_" in table:
        check_ranker(attributes)
    for name in (*extras, *others):
        if name.startswith("_") or hasattr(cls, name):
            raise ValueError(f"it holds {name!r}, which cannot be set")
    derived = {}
    if "net_" in table:
        derived = {name: follows(attributes) for name, follows in DERIVED.items()}
    marks = {"_extras": tuple(extras)} if extras else {}
    return {**attributes, **derived, **extras, **others, **marks}


def request_fields(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return the metadata requests of an estimator, by method."""
    request = attributes.get(REQUESTS)
    return {} if request is None else requests_by_method(request)


def request_attributes(cls: Any, fields: Any) -> dict[str, Any]:
    """Return the attribute that restores the metadata requests, if there are any.

    Parameters
    ----------
    cls : class
        Class of the estimator.
    fields : dict
        What :func:`request_fields` returned.
    """
    if not fields:
        return {}
    requester = cls.__new__(cls)
    with config_context(enable_metadata_routing=True):
        for method, requests in fields.items():
            if not method.isidentifier():
                raise ValueError(f"{method!r} is no method that takes metadata")
            getattr(requester, f"set_{method}_request")(**requests)
    return {REQUESTS: vars(requester)[REQUESTS]}


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Turn any error into a ValueError that contains the name of the file."""
    try:
        yield
    except ValueError as error:
        raise ValueError(
            f"{name} cannot be loaded: {str(error).rstrip('.')}."
        ) from error
    except Exception as error:  # a damaged or hostile file can raise any error
        raise ValueError(
            f"{name} cannot be loaded: its content does not fit together "
            f"({type(error).__name__}: {error})."
        ) from error
