"""All kinds of values in a file, and the networks that a file cannot name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skcrowd.estimators._pair_network import OwnPairNetwork
from skcrowd.persistence._aggregators import StoredAnswers, StoredComparisons
from skcrowd.persistence._estimator_trees import StoredClassifier
from skcrowd.persistence._module_instances import GivenNetwork, Network
from skcrowd.persistence._objects import MethodObject, OwnObject
from skcrowd.persistence._pretrained_parts import PRETRAINED
from skcrowd.persistence._schema_records import Record, Words
from skcrowd.persistence._skorch_nets import Net
from skcrowd.persistence._tree import name_of
from skcrowd.persistence._values import VALUES

if TYPE_CHECKING:
    from ._kind import Kind


__all__ = ["kinds", "unnamed_network"]

OBJECTS = (
    MethodObject(),
    Record(),
    Words(),
    StoredAnswers(),
    StoredComparisons(),
    StoredClassifier(),
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


def unnamed_network(module: Any) -> Any:
    """Return the network that must be passed to ``load``; None if there is none.

    Parameters
    ----------
    module : torch.nn.Module class or instance, callable or None
        Of an estimator. Of what builds the network of pairs, that of single items.

    Returns
    -------
    network : torch.nn.Module class or instance, callable or None
        If a file cannot name its class.
    """
    if isinstance(module, OwnPairNetwork):
        module = module.scorer
    if module is None or name_of(module) is not None:
        return None
    return None if any(kind.takes(module) for kind in OBJECTS) else module
