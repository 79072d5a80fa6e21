"""Metadata of a cross-validation, with metadata routing and without."""

import inspect

from sklearn import get_config
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    process_routing,
)

from skcrowd._sklearn_compat import _num_samples
from skcrowd.annotations._known import gold_by_row

__all__ = ["by_row", "check_groups", "is_routing", "known_to", "route"]


def by_row(params, X, y):
    """Turn a dict from row to true value into one value for each row, to be split.

    Parameters
    ----------
    params : dict
        May hold `gold`, also by the name of a pipeline's step.
    X, y : object

    Returns
    -------
    params : dict
    """
    return {
        name: gold_by_row(value, _num_samples(X), X, y)
        if name.rpartition("__")[2] == "gold"
        else value
        for name, value in params.items()
    }


def is_routing():
    """Say whether metadata routing is enabled."""
    return get_config()["enable_metadata_routing"]


def check_groups(groups):
    """Raise if groups are given where they belong to the routed parameters."""
    if groups is not None and is_routing():
        raise ValueError(
            "groups can only be passed if metadata routing is not enabled via "
            "sklearn.set_config(enable_metadata_routing=True); with routing pass "
            "params={'groups': groups}."
        )


def route(owner, params, **parts):
    """Route parameters to the objects that request them.

    Parameters
    ----------
    owner : str
        The function, for error messages.
    params : dict
    **parts : pair of an object and a list of names of its methods

    Returns
    -------
    routed : Bunch
        ``routed.part.method`` is a dict of parameters.
    """
    router = MetadataRouter(owner=owner)
    for name, (part, methods) in parts.items():
        mapping = MethodMapping()
        for method in methods:
            mapping.add(caller="fit", callee=method)
        router.add(**{name: part}, method_mapping=mapping)
    try:
        return process_routing(router, "fit", **params)
    except UnsetMetadataPassedError as error:
        raise UnsetMetadataPassedError(
            message=str(error).replace(f"{owner}.fit", owner),
            unrequested_params=error.unrequested_params,
            routed_params=error.routed_params,
        ) from error


def known_to(method, params):
    """Return the parameters of a fit that a method has, too, except weights.

    Without routing, names decide, such as ``lengths`` of padded sequences. Weights are
    not passed to a score, as in scikit-learn.
    """
    names = set(inspect.signature(method).parameters) - {"sample_weight"}
    return {name: value for name, value in params.items() if name in names}
