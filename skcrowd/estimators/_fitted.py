"""What training made of an estimator: one object in its state."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["Fitted"]


class Fitted:
    """Attributes that a tool keeps as they are, or as text and arrays.

    Pickle, joblib and copies go by ``__reduce__``: they keep the objects. skops cannot
    make nets and tensors; it goes by ``__getstate__``, and keeps the text and arrays
    that :func:`skcrowd.save` would write.

    Parameters
    ----------
    attributes : dict
    estimator_class : class
        Of the estimator.
    module : torch.nn.Module class, callable or None
        What builds its network.
    """

    def __init__(
        self, attributes: dict[str, Any], estimator_class: type[Any], module: Any
    ) -> None:
        self.attributes = attributes
        self.estimator_class = estimator_class
        self.module = module

    def __reduce__(self) -> tuple[Any, ...]:
        return _blank, (), vars(self)

    def __getstate__(self) -> dict[str, Any]:
        return _portable().write(self.attributes, self.estimator_class, self.module)

    def unpacked(self, estimator_class: type[Any], module: Any) -> dict[str, Any]:
        """Return the attributes, read if they came as text and arrays.

        Parameters
        ----------
        estimator_class : class
        module : torch.nn.Module class, callable or None
            What builds the network of the estimator.
        """
        if "attributes" in vars(self):
            return self.attributes
        return _portable().read(vars(self), estimator_class, module)


def _portable() -> Any:
    """Return what writes and reads; it builds on the estimators, so not before."""
    return import_module("skcrowd.persistence._portable")


def _blank() -> Fitted:
    """Return one that pickle fills."""
    return Fitted.__new__(Fitted)
