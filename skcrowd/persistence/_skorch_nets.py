"""Trained skorch nets: builder, parameters, weights and output of the network."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from skorch.history import History
from torch import nn

from skcrowd.annotators import AnnotatorModel
from skcrowd.backbones import TabularNet
from skcrowd.estimators._pair_network import DefaultPairNetwork, OwnPairNetwork
from skcrowd.estimators._routing import check_routed_number
from skcrowd.experimental._averaged_heads import AveragedHeads
from skcrowd.experimental._twin import Twin
from skcrowd.persistence._build import at_most, check_sizes, fill
from skcrowd.persistence._checks import check_axes, check_type
from skcrowd.persistence._kind import Kind
from skcrowd.persistence._nameable import fixed_name
from skcrowd.persistence._pretrained_parts import check_pretrained
from skcrowd.training import ClassScores, CrowdLoss, CrowdNet, Number
from skcrowd.training._data import BatchLoader
from skcrowd.training._features import LastFeatures
from skcrowd.training._multilabel_net import MultilabelNet
from skcrowd.training._seeding import isolated_rng
from skcrowd.training._sequence_net import SequenceNet
from skcrowd.transformers._pretrained_module import PretrainedModule

if TYPE_CHECKING:
    from ._tree import Reader, Writer


__all__ = ["Net"]

NETS = {"items": CrowdNet, "labels": MultilabelNet, "sequences": SequenceNet}
SETTINGS = {
    "annotator_lr": (int, float, np.floating),
    "batch_size": int,
    "dtype": torch.dtype,
    "lr": (int, float, np.floating),
    "max_epochs": int,
    "optimizer": object,
}
SMALL = 500  # sizes up to this are accepted for any number of weights
ROUTED = ("optimizer__", "iterator_train__", "iterator_valid__")


class Net(Kind):
    """A skorch net of skcrowd.

    Its network is rebuilt as in ``fit``, and its weights are loaded. Its criterion is
    the one of prediction: the annotator model, without the penalties of training. The
    callbacks, the held-out items and the optimiser of the annotator model are not
    stored: the next ``fit`` or ``partial_fit`` builds a new net.

    Parameters
    ----------
    builder : torch.nn.Module class or callable or None
        Class or function that builds the network, unless it is an instance.
    device : str or None
        Device of the network; None for the one it was on.
    """

    tag = "net"
    is_shared = True

    def __init__(
        self, builder: type[Any] | None = None, device: str | None = None
    ) -> None:
        self.builder = builder
        self.device = device

    def takes(self, value: Any) -> bool:
        """Whether it is a trained net."""
        return type(value) in NETS.values() and hasattr(value, "module_")

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write builder, state, and state of the optimizer."""
        module, averaged = value.module_, None
        if isinstance(module, AveragedHeads):
            averaged = {"offsets": module.offsets, "log_weight": module.log_weight}
            module = module.module
        params, optimizer = value.get_params(deep=False), vars(value).get("optimizer_")
        stored = {
            "settings": {name: params[name] for name in SETTINGS},
            "options": {k: v for k, v in params.items() if k.startswith(ROUTED)},
            "network": self._network(value, params),
            "weights": dict(module.state_dict()),
            "averaged_heads": averaged,
            "annotator_model": value.criterion_.annotators,
            "output": value.criterion_.output,
            "history": value.history,
            "optimizer_state": None if optimizer is None else optimizer.state_dict(),
        }
        kind = next(name for name, cls in NETS.items() if type(value) is cls)
        nodes = {k: writer.node(v, f"{path}.{k}") for k, v in stored.items()}
        return {"kind": kind, "device": str(value.device), **nodes}

    def _network(self, net: CrowdNet, params: dict[str, Any]) -> dict[str, Any]:
        """Return the builder of a network and its parameters.

        If training continued from an earlier network, its builder is returned.
        """
        module = net.module
        parameters = {
            name.removeprefix("module__"): value
            for name, value in params.items()
            if name.startswith("module__")
        }
        if isinstance(net.module_, PretrainedModule) and not isinstance(
            module, PretrainedModule
        ):
            parameters = net.module_.stored_parameters()
            return {"module": type(net.module_), "parameters": parameters}
        resumes = isinstance(module, nn.Module) and not isinstance(module, Twin)
        if resumes and self.builder is not None:
            return {"module": self.builder, "parameters": net.built_with_}
        return {"module": module, "parameters": parameters}

    def read(self, node: Any, reader: Reader) -> Any:
        """Build the net and set its weights."""
        stored = {
            name: reader.value(child)
            for name, child in node.items()
            if name not in ("$", "id", "kind", "device")
        }
        check_type("annotator_model", stored["annotator_model"], AnnotatorModel)
        check_type("output", stored["output"], (ClassScores, Number))
        check_type("history", stored["history"], History)
        for name, types in SETTINGS.items():
            check_type(name, stored["settings"][name], types)
        weights, options = stored["weights"], stored["options"]
        if not all(key.startswith(ROUTED) for key in options):
            raise ValueError("its net has options of unknown names")
        for name, value in options.items():
            check_routed_number(name, value)
        device = _available(self.device or node["device"])
        parameters = stored["network"]["parameters"]
        module = _checked_module(stored["network"]["module"], parameters, weights)
        with isolated_rng(0, device), at_most(weights):
            net = NETS[node["kind"]](
                module,
                CrowdLoss(stored["annotator_model"], stored["output"]),
                predict_nonlinearity=stored["output"].nonlinearity,
                train_split=None,
                callbacks__print_log=None,
                dataset=NETS[node["kind"]].dataset_kind,
                iterator_train=BatchLoader,
                iterator_valid=BatchLoader,
                device=device,
                verbose=0,
                **{name: stored["settings"][name] for name in SETTINGS},
                **options,
                **{f"module__{name}": value for name, value in parameters.items()},
            )
            _initialize(net, stored["annotator_model"])
        net.built_with_ = parameters
        fill(net.module_, weights)
        _add_heads(net, stored["averaged_heads"])
        net.module_.eval()
        net.criterion_.eval()
        net.history = stored["history"]
        if stored["optimizer_state"] is None:
            del net.optimizer_
        else:
            net.optimizer_.load_state_dict(stored["optimizer_state"])
        return net


def _checked_module(
    module: Any, parameters: dict[str, Any], weights: dict[str, Any]
) -> Any:
    """Return the builder of a network, or an instance with the stored weights."""
    if isinstance(module, nn.Module):
        return module
    check_pretrained(module, parameters)
    built_by, sizes = _sizes_of(module, parameters)
    name = getattr(built_by[0], "__name__", type(built_by[0]).__name__)
    is_own = None in map(fixed_name, built_by)
    if not is_own:
        if sizes.get("columns") is not None:  # TabularNet makes nothing of the others
            sizes.pop("n_features", None)
        _check_numbers(sizes, sum(values.numel() for values in weights.values()))
    check_sizes(partial(module, **parameters), weights, name, is_own=is_own)
    return module


def _sizes_of(
    module: Any, parameters: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the classes that build a network, and all parameters with its sizes."""
    if isinstance(module, DefaultPairNetwork):
        return (TabularNet,), {"n_features": module.n_features, **parameters}
    if isinstance(module, OwnPairNetwork):
        return (module.scorer,), {**module.sizes, **parameters}
    return (module, parameters.get("network", module)), dict(parameters)


def _check_numbers(parameters: dict[str, Any], n_stored: int) -> None:
    """Raise if a size is larger than the number of all weights.

    The number of layers that some modules of torch create is a parameter.
    """
    largest = max(_numbers(parameters), default=0)
    if largest > max(n_stored, SMALL):
        raise ValueError(f"{largest} does not fit the {n_stored} weights stored")


def _numbers(value: Any) -> Iterator[int]:
    """Yield the integers in nested containers."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from _numbers(part)
    elif isinstance(value, int):
        yield value


def _initialize(net: CrowdNet, annotators: AnnotatorModel) -> None:
    """Initialize the net; its annotator model is built already."""
    attributes_before = vars(annotators).copy()
    needs_features = annotators.needs_features
    annotators.needs_features = False
    try:
        net.initialize()
    finally:
        del annotators.needs_features
    if "needs_features" in attributes_before:
        annotators.needs_features = needs_features
    if needs_features:
        net.module_features_ = LastFeatures(net.module_)


def _add_heads(net: CrowdNet, averaged: dict[str, torch.Tensor] | None) -> None:
    """Restore the averaging of heads, if the network had it."""
    if averaged is None:
        return
    offsets, log_weight = averaged["offsets"], averaged["log_weight"]
    sizes = {"feature_and_bias": net.module_features_.width + 1}
    check_axes("offsets", offsets, ("head", "class", "feature_and_bias"), sizes)
    check_axes("log_weight", log_weight, ("head",), sizes)
    net.module_ = AveragedHeads(
        net.module_, net.module_features_, offsets, log_weight.exp()
    )
    net.module_.log_weight.copy_(log_weight)


def _available(device: Any) -> Any:
    """Return a device, if it is available.

    Raises
    ------
    ValueError
        If it is a CUDA device and torch finds none.
    """
    if torch.device(device).type == "cuda" and not torch.cuda.is_available():
        raise ValueError(
            f"its network is on {device!r}, and torch finds no CUDA device here; pass "
            "load(path, device='cpu')"
        )
    return device
