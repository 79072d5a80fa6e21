"""Trained skorch nets: what built them, and the weights."""

import torch
from torch import nn

from skcrowd.persistence._kind import Kind
from skcrowd.persistence._names import is_known, name_of, thing_named
from skcrowd.persistence._objects import Network, fill
from skcrowd.training import AveragedHeads, CrowdNet, isolated_rng

__all__ = ["Net"]

BUILDS = {
    "annotator_lr",
    "batch_size",
    "dataset",
    "dtype",
    "iterator_train",
    "iterator_valid",
    "lr",
    "max_epochs",
    "module",
    "optimizer",
    "transform",
}
ROUTED = ("module__", "optimizer__", "iterator_train__", "iterator_valid__")


class Net(Kind):
    """A net of skcrowd's.

    Its module is built again as in ``fit``, and gets the weights. Not stored are its
    callbacks, which items it held out, and the optimiser of the annotator model, which
    starts afresh.

    Parameters
    ----------
    own : OwnNetwork
        The user's network, if the estimator has one.
    device : str or None
        Where the network is to be; None where it was.
    """

    tag = "net"
    is_shared = True

    def __init__(self, own, device=None):
        self.own = own
        self.device = device

    def takes(self, value):
        """Whether it is one, trained."""
        return isinstance(value, CrowdNet) and is_known(type(value))

    def write(self, value, writer, path):
        """Write what builds it, its state and that of its optimiser."""
        optimizer = vars(value).get("optimizer_")
        return {
            "class": name_of(type(value)),
            "device": str(value.device),
            "params": writer.node(self._built(value), path),
            "criterion": writer.node(value.criterion_, f"{path}.criterion_"),
            "weights": writer.node(dict(value.module_.state_dict()), f"{path}.module_"),
            "is_averaged": isinstance(value.module_, AveragedHeads),
            "history": writer.node(value.history, f"{path}.history"),
            "optimizer": writer.node(
                None if optimizer is None else optimizer.state_dict(),
                f"{path}.optimizer_",
            ),
        }

    def _built(self, net):
        """Return the parameters that build a net again.

        Where it went on with a network that was built before from a class of the
        user's, that class builds it, with the parameters of the first time.
        """
        built = {
            name: held
            for name, held in net.get_params(deep=False).items()
            if name in BUILDS or name.startswith(ROUTED)
        }
        goes_on = isinstance(net.module, nn.Module) and not Network().takes(net.module)
        if goes_on and self.own.builds:
            built["module"] = self.own.module
            built |= {f"module__{name}": v for name, v in net.built_with_.items()}
        return built

    def read(self, node, reader):
        """Build the net, and set its weights."""
        cls = thing_named(node["class"])
        if not (is_known(cls) and issubclass(cls, CrowdNet)):
            raise ValueError(f"it names {node['class']} for a net")
        params, criterion = (
            reader.value(node["params"]),
            reader.value(node["criterion"]),
        )
        of_criterion = {k: v.clone() for k, v in criterion.state_dict().items()}
        weights = reader.value(node["weights"])
        device = _found(self.device or node["device"])
        with isolated_rng(0, device):
            net = cls(
                criterion=criterion,
                predict_nonlinearity=criterion.output.nonlinearity,
                train_split=None,
                callbacks__print_log=None,
                device=device,
                verbose=0,
                **params,
            ).initialize()
        criterion.load_state_dict(of_criterion)
        if node["is_averaged"]:
            offsets, share = weights["offsets"], weights["log_weight"].exp()
            net.module_ = AveragedHeads(
                net.module_, net.module_features_, offsets, share
            )
        fill(net.module_, weights)
        net.module_.eval()
        net.criterion_.eval()
        net.history = reader.value(node["history"])
        optimizer = reader.value(node["optimizer"])
        if optimizer is None:
            del net.optimizer_
        else:
            net.optimizer_.load_state_dict(optimizer)
        return net


def _found(device):
    """Return a device, if torch finds it.

    Raises
    ------
    ValueError
        If not.
    """
    if torch.device(device).type == "cuda" and not torch.cuda.is_available():
        raise ValueError(
            f"its network is on {device!r}, and torch finds no CUDA device here; pass "
            "load(path, device='cpu')"
        )
    return device
