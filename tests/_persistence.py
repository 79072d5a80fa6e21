"""Files of save that are looked into, and changed; estimators compared in depth."""

import json
import zipfile

import numpy as np
import torch
from skorch import NeuralNet
from torch import nn

import skcrowd


def again(estimator, folder, **given):
    """Save an estimator and load it."""
    path = skcrowd.save(estimator, folder / "model.skcrowd")
    return skcrowd.load(path, **given)


def content_of(path):
    """What estimator.json says."""
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("estimator.json"))


def rewrite(path, change, compression=zipfile.ZIP_STORED):
    """Change what estimator.json says; the weights stay."""
    with zipfile.ZipFile(path) as archive:
        content = json.loads(archive.read("estimator.json"))
        weights = archive.read("weights.safetensors")
    content = change(content) or content
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("estimator.json", json.dumps(content))
        archive.writestr("weights.safetensors", weights)


def assert_alike(first, second, path="estimator"):
    """Assert that two values are of one type and equal, to the last bit."""
    assert type(first) is type(second), path
    if isinstance(first, (np.ndarray, np.generic)):
        assert first.dtype == second.dtype, path
        np.testing.assert_array_equal(first, second, err_msg=path)
    elif torch.is_tensor(first):
        assert first.dtype == second.dtype, path
        assert torch.equal(first, second), path
    elif isinstance(first, np.random.RandomState):
        assert_alike(first.get_state(), second.get_state(), path)
    elif isinstance(first, dict):
        assert_alike(list(first), list(second), path)
        for key in first:
            assert_alike(first[key], second[key], f"{path}.{key}")
    elif isinstance(first, (list, tuple)):
        assert len(first) == len(second), path
        for k, pair in enumerate(zip(first, second, strict=True)):
            assert_alike(*pair, f"{path}[{k}]")
    elif isinstance(first, nn.Module):
        assert_alike(_told(first), _told(second), path)
    elif isinstance(first, NeuralNet):
        for name in ("module_", "history", "dtype", "lr", "batch_size", "optimizer"):
            assert_alike(getattr(first, name), getattr(second, name), f"{path}.{name}")
        for name in ("annotators", "output"):  # what a prediction is made with
            pair = (getattr(net.criterion_, name) for net in (first, second))
            assert_alike(*pair, f"{path}.criterion_.{name}")
    elif isinstance(first, (type, torch.dtype)):
        assert first is second, path
    elif hasattr(first, "__dict__"):
        assert_alike(_in_order(first), _in_order(second), path)
    else:
        assert first == second or first != first, path


def _told(module):
    """Parameters and buffers of a network, also those that its state leaves out."""
    return {**dict(module.named_parameters()), **dict(module.named_buffers())}


def assert_same_attributes(first, second):
    """Assert that two estimators have the same attributes."""
    assert_alike(_in_order(first), _in_order(second))


def _in_order(thing):
    """Return the attributes of an object, which have no order of their own."""
    return dict(sorted(vars(thing).items()))
