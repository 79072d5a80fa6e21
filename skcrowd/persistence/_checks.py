"""Consistency checks of the fields read from a file."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from skcrowd.aggregation import LazyConfusion
from skcrowd.aggregation._expected_counts import ExpectedCounts
from skcrowd.backbones import MLP, PairScorer, RecurrentTagger, TabularNet
from skcrowd.backbones._tabular_net import as_columns
from skcrowd.estimators._item_reader import FIRST, SECOND
from skcrowd.experimental._averaged_heads import AveragedHeads
from skcrowd.experimental._twin import Twin
from skcrowd.training import SequenceRows
from skcrowd.training._data import BatchLoader
from skcrowd.training._items import ArrayItems
from skcrowd.training._multilabel_data import LabelRows
from skcrowd.training._multilabel_net import MultilabelNet
from skcrowd.training._sequence_net import SequenceNet

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray
    from skcrowd.annotators import AnnotatorModel


WITH_AXES = np.ndarray, torch.Tensor, LazyConfusion, ExpectedCounts

__all__ = [
    "check_axes",
    "check_network",
    "check_parts",
    "check_ranker",
    "check_type",
]


def check_type(name: str, value: Any, types: Any) -> None:
    """Raise if a field has a value of the wrong type or range.

    Raises
    ------
    ValueError
        If `value` is none of `types`; a bool is no number.
    """
    kinds = types if isinstance(types, tuple) else (types,)
    is_bool = isinstance(value, bool) and bool not in kinds
    if is_bool or not isinstance(value, kinds):
        raise ValueError(f"{name} is a {type(value).__name__}")


def check_axes(
    name: str, value: Any, axes: tuple[Any, ...] | None, sizes: dict[str, Any]
) -> None:
    """Raise unless axes of the same name have the same length.

    Parameters
    ----------
    name : str
        Name of the field.
    value : object
        Only arrays, tensors, and lazy arrays have axes.
    axes : tuple of str or None
        See :class:`Field`.
    sizes : dict of str to int
        Known lengths of axes; new ones are added.

    Raises
    ------
    ValueError
        If lengths differ.
    """
    if axes is None or not isinstance(value, WITH_AXES):
        return
    if isinstance(value, torch.Tensor) and not value.is_floating_point():
        raise ValueError(f"{name} holds {value.dtype}")
    if len(value.shape) != len(axes):
        raise ValueError(f"{name} has {len(value.shape)} axes and not {len(axes)}")
    for axis, size in zip(axes, value.shape, strict=True):
        expected = _size(axis, sizes)
        if expected is None:
            sizes[axis] = size
        elif size != expected:
            raise ValueError(f"{name} has {size} for {axis}, and not {expected}")


def _size(axis: str, sizes: dict[str, Any]) -> Any:
    """Return the length of an axis; None if it is not known."""
    parts = [int(n) if n.isdigit() else sizes.get(n) for n in axis.split("_x_")]
    return sizes.get(axis) if None in parts else prod(parts)


def check_parts(attributes: dict[str, Any], sizes: dict[str, int]) -> None:
    """Raise unless the annotator model fits the numbers of annotators and classes.

    Parameters
    ----------
    attributes : dict
        Fitted attributes of the estimator.
    sizes : dict of str to int
        Numbers of annotators (``annotator``), classes (``class``) and labels
        (``label``), for each of which the model counts an annotator once.

    Raises
    ------
    ValueError
        If lengths differ.
    """
    net, model = attributes["net_"], attributes["annotator_model_"]
    n_annotators = sizes["annotator"] * sizes.get("label", 1)
    for part in (model, net.criterion_.annotators):
        if part.n_annotators != n_annotators:
            raise ValueError(f"it has a model of {part.n_annotators} annotators")
    for part in (model, net.criterion_.annotators, net.criterion_.output):
        n_classes = getattr(part, "n_classes", None)
        if n_classes != sizes.get("class"):
            raise ValueError(f"it has a {type(part).__name__} of {n_classes} classes")
    n_labels = getattr(net.criterion_.output, "n_labels", None)
    if n_labels != sizes.get("label"):
        raise ValueError(f"it has a network of {n_labels} labels")
    if type(model) is type(net.criterion_.annotators):
        shapes, others = map(_shapes, (model, net.criterion_.annotators))
        if shapes != others:
            raise ValueError("its annotator models are of two sizes")
    decoder = attributes.get("_decoder")
    if decoder is not None:
        n_classes = sizes["class"]
        if decoder.weights.shape != (n_classes + 1, n_classes):
            raise ValueError(f"it has transitions of shape {decoder.weights.shape}")


def _shapes(model: AnnotatorModel) -> dict[str, Any]:
    """Return the shapes of the parameters of an annotator model."""
    return {name: tuple(table.shape) for name, table in model.named_parameters()}


def check_network(attributes: dict[str, Any], sizes: dict[str, int]) -> None:
    """Raise if a network of skcrowd does not accept items of the stored shape.

    A network of a user's class is not checked: the form of its input is unknown.

    Parameters
    ----------
    attributes : dict
        Fitted attributes of the estimator.
    sizes : dict of str to int
        Number of classes (``class``); without it the network has one output.

    Raises
    ------
    ValueError
        If the network needs another shape, or returns another number of scores.
    """
    _check_part_columns(attributes.get("_part_columns", ()))
    net, shape = attributes["net_"], attributes.get("_item_shape")
    if shape is not None and not _has_parts(shape):
        if not all(map(_is_size, shape)):
            raise ValueError(f"it was fitted with items of shape {shape}")
        if _n_columns(attributes) != shape[0]:
            raise ValueError(f"n_features does not fit items of shape {shape}")
    item = _blank_item(attributes, _backbone(net.module_), shape)
    if item is None:
        return
    (batch,) = BatchLoader(net.get_dataset(item), batch_size=1)
    n_outputs = net.evaluation_step(batch).shape[-1]
    if n_outputs != sizes.get("class", 1):
        raise ValueError(f"its network has {n_outputs} scores")


def check_ranker(attributes: dict[str, Any]) -> None:
    """Raise unless the classifier of a ranker is fitted to pairs.

    Parameters
    ----------
    attributes : dict
        Fitted attributes of the ranker.

    Raises
    ------
    ValueError
        If it is not fitted, or to something else.
    """
    classifier, reader = attributes["classifier_"], attributes["_reader"]
    _n_categories(reader.categories)
    _check_part_columns((("items", reader.columns),))
    if not hasattr(classifier, "net_"):
        raise ValueError("its classifier is not fitted")
    if not isinstance(classifier.net_.module_, PairScorer):
        raise ValueError("its classifier has no network of pairs")
    _shape_of_pairs(getattr(classifier, "_item_shape", None))


def _shape_of_pairs(shape: Any) -> Any:
    """Return the shape of the two items of pairs.

    Raises
    ------
    ValueError
        If there are no two of the same shape.
    """
    parts = dict.fromkeys((FIRST, SECOND))
    if isinstance(shape, tuple) and _has_parts(shape):
        parts = {part[0]: part[1:] for part in shape}
    sizes = {*parts.values()}
    if [*parts] != [FIRST, SECOND] or len(sizes) > 1 or None in sizes:
        raise ValueError(f"it was fitted with pairs of shape {shape}")
    return sizes.pop()


def _check_part_columns(columns: tuple[Any, ...]) -> None:
    """Raise unless columns of parts are pairs of a name and names."""
    for part in columns:
        is_pair = isinstance(part, tuple) and len(part) == 2
        if not (
            is_pair
            and isinstance(part[0], str)
            and isinstance(part[1], tuple)
            and all(isinstance(name, str) for name in part[1])
        ):
            raise ValueError(f"the parts of its items have the columns {columns}")


def _n_columns(attributes: dict[str, Any]) -> int:
    """Return the number of features of an item, each category counted as one."""
    n_extra = _n_categories(attributes.get("_column_categories", ()))
    n_features: int = attributes["n_features_in_"] + n_extra
    return n_features


def _n_categories(categories: tuple[Any, ...]) -> int:
    """Return the number of categories beyond the first of their columns.

    Raises
    ------
    ValueError
        If they are no pairs of a position and categories.
    """
    if not all(
        isinstance(column, tuple) and len(column) == 2 and isinstance(column[1], tuple)
        for column in categories
    ):
        raise ValueError(f"its columns have the categories {categories}")
    return sum(len(names) - 1 for _, names in categories)


def _has_parts(shape: tuple[Any, ...]) -> bool:
    """Whether a stored shape lists the parts of an item: names, each with sizes.

    Raises
    ------
    ValueError
        If something else is among the parts.
    """
    if not any(isinstance(part, (tuple, str)) for part in shape):
        return False
    for part in shape:
        is_part = isinstance(part, tuple) and part and isinstance(part[0], str)
        sizes = part[1:] if is_part else (None,)
        if not all(size == "text" or _is_size(size) for size in sizes):
            raise ValueError(f"it was fitted with items of the parts {shape}")
    return True


def _is_size(size: Any) -> bool:
    """Whether a value is a number of features or the like."""
    return type(size) is int and size >= 0


def _backbone(network: Any) -> Any:
    """Return the user's network inside the wrappers of skcrowd."""
    while isinstance(network, (AveragedHeads, Twin)):
        is_twin = isinstance(network, Twin)
        network = network.first if is_twin else network.module
    return network


def _n_features_of(network: TabularNet, shape: tuple[int] | None) -> int:
    """Return the number of features of an item, of which a network may use some.

    Raises
    ------
    ValueError
        If the columns that it uses are not ascending numbers of features.
    """
    n_inputs = network.encoding.center.numel()
    columns = getattr(network, "columns", None)
    if columns is None:
        return n_inputs
    n_features = 0 if shape is None else prod(shape)
    as_columns(columns.numpy(force=True), n_features)
    if len(columns) != n_inputs:
        raise ValueError(
            f"its network has {len(columns)} columns, but {n_inputs} scales"
        )
    return n_features


def _blank_item(
    attributes: dict[str, Any], backbone: Any, shape: Any
) -> ArrayItems | SequenceRows | LabelRows | FloatArray | None:
    """Return an item of zeros for a network of skcrowd; None for another."""
    net = attributes["net_"]
    if isinstance(backbone, PairScorer):
        item: Any = _blank_item(attributes, backbone.scorer, _shape_of_pairs(shape))
        return None if item is None else ArrayItems({FIRST: item, SECOND: item})
    if isinstance(backbone, MLP):
        n_features = backbone.center.numel()
    elif isinstance(backbone, TabularNet):
        n_features = _n_features_of(backbone, shape)
    elif isinstance(backbone, RecurrentTagger):
        n_features = getattr(backbone.inputs, "center", torch.empty(0)).numel()
    else:
        return None
    if "vocabulary_" in attributes:
        item = attributes["vocabulary_"].encode(["a"])
    elif shape is None or prod(shape) != n_features:
        raise ValueError(f"its network does not take items of shape {shape}")
    else:
        dtype = np.float64 if net.dtype is torch.float64 else np.float32
        item = np.zeros((1, *shape), dtype)
    if isinstance(net, MultilabelNet):
        return LabelRows(item, net.criterion_.output.n_labels)
    is_sequence = isinstance(net, SequenceNet)
    return SequenceRows(item, np.ones(1, np.int64)) if is_sequence else item
