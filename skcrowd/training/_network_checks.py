"""Checks of a network before training, on the first two items."""

from copy import deepcopy

import torch
from scipy import sparse

from skcrowd.training._refusals import OutputError, blamed_on, described

__all__ = ["check_network"]


def check_network(net, X, output):
    """Pass two items through the network and check what comes out.

    Parameters
    ----------
    net : CrowdNet
        Initialized.
    X : ndarray, CSR matrix or SequenceRows
    output : ClassScores or Number
        How to read what the network returns.

    Raises
    ------
    ValueError
        If the network cannot take a sparse X, or its output has the wrong form.
    """
    sample, name = X[:2], type(net.module_).__name__
    if sparse.issparse(sample):
        what = (
            f"module {name} cannot take X as a sparse matrix. Put TruncatedSVD in "
            "front of the estimator in a Pipeline, pass X.toarray(), or use a "
            "network whose first layer is nn.Linear"
        )
    else:
        what = f"module {name} cannot take the first items of X"
    with blamed_on(what):
        if sparse.issparse(sample):
            _try_step(net, sample)
        batch = next(iter(net.get_iterator(net.get_dataset(sample), False)))
        scores = net.evaluation_step(batch)
    output.check(scores, net.count_items(sample), name)
    if sample.shape[0] > 1:  # batch normalisation cannot train on one item
        with blamed_on(f"{what} in training"):
            _try_training(net, batch, name)


def _try_training(net, batch, name):
    """Score a batch in training mode, and restore buffers and generators.

    Raises
    ------
    OutputError
        If nothing could be learned from what the network returns.
    """
    buffers = {key: values.clone() for key, values in net.module_.named_buffers()}
    net._set_training(training=True)
    try:
        with torch.random.fork_rng(), torch.enable_grad():
            scores = net.infer(batch[0])
    finally:
        net._set_training(training=False)
        for key, values in net.module_.named_buffers():
            values.copy_(buffers[key])
    if not torch.is_tensor(scores):
        raise OutputError(
            f"module {name} returns {described(scores)} in training; it must return "
            "one tensor, as in evaluation."
        )
    can_learn = any(p.requires_grad for p in net.module_.parameters())
    if can_learn and not scores.requires_grad:
        raise OutputError(
            f"module {name} returns scores that have no gradient, so it cannot learn; "
            "leave out detach(), torch.no_grad() and NumPy in its forward."
        )


def _try_step(net, X):
    """Pass items forward and backward through a copy of the network."""
    module = deepcopy(net.module_).train()
    batch = net.get_dataset(X)[slice(None), None][0].to(net.device)
    with torch.random.fork_rng():
        module(batch).sum().backward()
