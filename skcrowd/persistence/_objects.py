"""Objects of skcrowd, and networks, as names of classes and their attributes."""

from copy import deepcopy

from torch import nn

from skcrowd.estimators._versions import Versioned
from skcrowd.persistence._kind import Kind
from skcrowd.persistence._names import is_known, name_of, thing_named
from skcrowd.training import LastFeatures

__all__ = ["NamedTuple", "Network", "Object", "OwnNetwork", "fill"]

OF_MODULES = frozenset(vars(nn.Module()))
DERIVED = {"_flat_weights", "_flat_weight_refs"}  # of recurrent layers
OF_NETWORKS = ("skcrowd.", "torch.nn.")
PREFIXES = ("skcrowd.", "sklearn.")


class Object(Kind):
    """An object of skcrowd: its class, and its attributes as they are."""

    tag = "object"
    is_shared = True

    def takes(self, value):
        """Whether its class is one of skcrowd's, and no network."""
        return is_known(type(value), PREFIXES)

    def write(self, value, writer, path):
        """Write the attributes."""
        held = writer.node(self.attributes(value), path)
        return {"class": name_of(type(value)), "attributes": held}

    @staticmethod
    def attributes(value):
        """Return what a pickle would keep of an object."""
        is_whole = isinstance(value, Versioned)  # whose state is a form for skops
        is_plain = type(value).__getstate__ is object.__getstate__
        return dict(vars(value) if is_whole or is_plain else value.__getstate__())

    def read(self, node, reader):
        """Make the object without calling it, and set the attributes."""
        cls = thing_named(node["class"])
        if not is_known(cls, PREFIXES) or issubclass(cls, (nn.Module, tuple)):
            raise ValueError(f"it names {node['class']} for what it is not")
        value = cls.__new__(cls)
        reader.remember(node, value)
        vars(value).update(reader.value(node["attributes"]))
        return value


class NamedTuple(Kind):
    """A named tuple of skcrowd."""

    tag = "named tuple"

    def takes(self, value):
        """Whether it is one."""
        return isinstance(value, tuple) and is_known(type(value))

    def write(self, value, writer, path):
        """Write the elements."""
        name = name_of(type(value))
        return {"class": name, "items": writer.items(value, path)}

    def read(self, node, reader):
        """Read the elements."""
        cls = thing_named(node["class"])
        if not (is_known(cls) and issubclass(cls, tuple)):
            raise ValueError(f"it names {node['class']} for what it is not")
        return cls._make(reader.value(node["items"]))


class Network(Kind):
    """A torch module whose class is known: made anew, then filled.

    Of one of torch.nn all parts must be known; else the whole is the user's.
    """

    tag = "network"
    is_shared = True

    def takes(self, value):
        """Whether it is one of skcrowd, or all its parts are known."""
        if not isinstance(value, nn.Module):
            return False
        known = (is_known(type(part), OF_NETWORKS) for part in value.modules())
        return is_known(type(value)) or all(known)

    def write(self, value, writer, path):
        """Write attributes, parameters, buffers and parts."""
        _check_hooks(value, path)
        plain = {k: v for k, v in vars(value).items() if k not in OF_MODULES | DERIVED}
        kept = value._non_persistent_buffers_set
        return {
            "class": name_of(type(value)),
            "training": value.training,
            "attributes": writer.node(plain, path),
            "parameters": writer.node(dict(value._parameters), path),
            "buffers": writer.node(dict(value._buffers), path),
            "beside": sorted(kept),
            "parts": writer.node(dict(value._modules), path),
        }

    def read(self, node, reader):
        """Make it without its own constructor, which needs what is not known here."""
        cls = thing_named(node["class"])
        if not (isinstance(cls, type) and issubclass(cls, nn.Module)):
            raise ValueError(f"it names {node['class']} for a network")
        network = cls.__new__(cls)
        nn.Module.__init__(network)
        reader.remember(node, network)
        attributes = reader.value(node["attributes"])
        if OF_MODULES & set(attributes):
            raise ValueError("it sets hooks or other insides of a network")
        vars(network).update(attributes)
        for name, values in reader.value(node["parameters"]).items():
            network.register_parameter(name, values)
        for name, values in reader.value(node["buffers"]).items():
            network.register_buffer(name, values, name not in node["beside"])
        for name, part in reader.value(node["parts"]).items():
            network.add_module(name, part)
        if isinstance(network, nn.RNNBase):
            network._init_flat_weights()
        network.training = node["training"]
        return network


def _check_hooks(network, path):
    """Refuse hooks of the user's; those of skcrowd are there again after loading."""
    hooks = [
        hook
        for name, held in vars(network).items()
        if name in OF_MODULES and name.endswith("_hooks")
        for hook in held.values()
        if not isinstance(hook, LastFeatures)
    ]
    if hooks:
        raise TypeError(
            f"{path}: {type(network).__name__} has hooks, which cannot be stored "
            "without pickle; remove them, or use joblib.dump(estimator, path)."
        )


class OwnNetwork(Kind):
    """The user's own network: the name of its class, and weights of instances.

    Parameters
    ----------
    module : torch.nn.Module class or instance, callable or None
        What the estimator has, or what ``load`` is given.
    """

    tag = "own network"
    is_shared = True

    def __init__(self, module):
        self.module = module
        self.is_used = False

    @property
    def builds(self):
        """Whether it is a class or function that builds networks."""
        return self.module is not None and not isinstance(self.module, nn.Module)

    def takes(self, value):
        """Whether it is that network, or a copy of it."""
        is_copy = isinstance(value, nn.Module) and type(value) is type(self.module)
        return self.module is not None and (is_copy or value is self.module)

    def write(self, value, writer, path):
        """Write a name, and the weights."""
        if not isinstance(value, nn.Module):
            return {"name": getattr(value, "__qualname__", repr(value))}
        weights = writer.node(dict(value.state_dict()), path)
        return {"name": type(value).__qualname__, "weights": weights}

    def read(self, node, reader):
        """Take the network given, and of an instance a copy with the weights stored."""
        name, is_instance = node["name"], "weights" in node
        if self.module is None or isinstance(self.module, nn.Module) != is_instance:
            what = "an instance of the" if is_instance else "the"
            given = f"{name}(...)" if is_instance else name
            raise ValueError(
                f"it holds a network of your own, {what} class {name}, of which a file "
                f"can hold the weights only; pass load(path, module={given}), as the "
                "estimator had it"
            )
        self.is_used = True
        if not is_instance:
            return self.module
        network = deepcopy(self.module)
        fill(network, reader.value(node["weights"]))
        return network


def fill(network, weights):
    """Set the weights of a network of the user's.

    Raises
    ------
    ValueError
        If they do not fit.
    """
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(
            f"module={type(network).__name__} does not fit the weights stored; it must "
            f"be built as it was. torch says: {_one_line(error)}"
        ) from error


def _one_line(error):
    return " ".join(str(error).split()).rstrip(". ")
