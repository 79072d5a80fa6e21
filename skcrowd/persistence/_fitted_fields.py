"""Estimators as trees: their parameters and fitted fields."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sklearn import config_context
from torch import nn

from skcrowd._sklearn_compat import REQUESTS, requests_by_method
from skcrowd.persistence._aggregators import StoredAnswers, StoredComparisons
from skcrowd.persistence._checks import (
    check_axes,
    check_network,
    check_parts,
    check_type,
)
from skcrowd.persistence._module_instances import GivenNetwork, Network
from skcrowd.persistence._objects import MethodObject, OwnObject
from skcrowd.persistence._pretrained_parts import PRETRAINED
from skcrowd.persistence._schema import DERIVED, ESTIMATORS
from skcrowd.persistence._schema_records import Record, Words
from skcrowd.persistence._skorch_nets import Net
from skcrowd.persistence._tree import name_of
from skcrowd.persistence._values import VALUES

if TYPE_CHECKING:
    from ._kind import Kind
    from ._schema import Field
    from ._tree import Reader, Writer


__all__ = [
    "builder_of",
    "fitted_attributes",
    "fitted_fields",
    "is_unnamed",
    "kinds",
    "readable",
    "request_attributes",
    "request_fields",
    "table_of",
]

OBJECTS = (
    MethodObject(),
    Record(),
    Words(),
    StoredAnswers(),
    StoredComparisons(),
    OwnObject(),
    Network(),
    *PRETRAINED,
)


def kinds(
    module: Any = None, builder: type[Any] | None = None, device: str | None = None
) -> tuple[Kind, ...]:
    """Return all kinds of values; that of a network passed to ``load`` is the first.

    Parameters
    ----------
    module : torch.nn.Module class or instance, callable or None
        The user's network, if the file cannot name its class.
    builder : torch.nn.Module class, callable or None
        What builds the network of the estimator.
    device : str or None
        Device of the loaded networks; None for the stored one.
    """
    return (GivenNetwork(module), *VALUES, Net(builder, device), *OBJECTS)


def is_unnamed(module: Any) -> bool:
    """Whether a network must be passed to ``load``, because the file cannot name it."""
    if module is None or name_of(module) is not None:
        return False
    return not any(kind.takes(module) for kind in OBJECTS)


def builder_of(estimator_class: type[Any], module: Any) -> Any:
    """Return the class of the network of an estimator; None if it is an instance."""
    if module is None:
        return getattr(estimator_class, "_default_module", None)
    return None if isinstance(module, nn.Module) else module


def table_of(cls: type[Any]) -> dict[str, Field]:
    """Return the table of an estimator class or its base class."""
    return next(ESTIMATORS[base] for base in cls.__mro__ if base in ESTIMATORS)


def fitted_fields(
    cls: type[Any], attributes: dict[str, Any], writer: Writer
) -> dict[str, Any]:
    """Write the fitted fields of an estimator.

    Parameters
    ----------
    cls : class
        Class of the estimator.
    attributes : dict
        Attributes of the estimator other than parameters.
    writer : Writer

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
            fields[name] = writer.node(remaining.pop(field.attribute), name)
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
        fields[part] = {name: writer.node(v, name) for name, v in values.items()}
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
