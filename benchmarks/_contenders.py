"""Who trains in the throughput table, each with marks at the start of every epoch.

A contender is built from the data and then called with a number of epochs; it trains a
fresh network and returns :class:`Marks`.
"""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import torch
from _networks import PlainNetwork, plain_epoch
from _peers import CrowdKitLayer, crowdkit_training, skactiveml_classifier
from scipy import sparse
from skorch.callbacks import Callback

from skcrowd import CrowdClassifier
from skcrowd.annotations import Annotations
from skcrowd.datasets import make_annotations

N_CLASSES, N_FEATURES, N_HIDDEN = 10, 32, 128
ANSWERS_AN_ITEM = 5
BATCH_SIZE = 256
LARGEST_DENSE = 4e8  # cells of a matrix that are given to scikit-activeml


@dataclass(frozen=True)
class Simulated:
    """Items, their truth, and the answers of a simulated crowd."""

    X: np.ndarray
    truth: np.ndarray
    annotations: Annotations

    @property
    def sparse_answers(self):
        """The answers as a scipy matrix; its explicit entries are the answers."""
        a = self.annotations
        return sparse.csr_array((a.answer, a.annotator, a.indptr), a.shape)


def simulate(n_items, n_annotators, path):
    """Simulate a crowd and store it, so that no measurement holds the simulation."""
    rng = np.random.default_rng(0)
    truth = rng.integers(N_CLASSES, size=n_items)
    centres = rng.standard_normal((N_CLASSES, N_FEATURES), dtype=np.float32)
    X = rng.standard_normal((n_items, N_FEATURES), dtype=np.float32) + centres[truth]
    crowd = make_annotations(
        truth,
        n_annotators,
        answers_per_item=ANSWERS_AN_ITEM,
        classes=np.arange(N_CLASSES),
        random_state=0,
    )
    a = crowd.annotations
    np.savez(
        path,
        X=X,
        truth=truth,
        item=a.item,
        annotator=a.annotator,
        answer=a.answer,
        shape=np.array(a.shape),
    )


def load(path):
    """Load what `simulate` stored."""
    with np.load(Path(path)) as stored:
        shape = tuple(stored["shape"].tolist())
        triples = (stored[name] for name in ("item", "annotator", "answer"))
        annotations = Annotations(*triples, shape, np.arange(N_CLASSES))
        return Simulated(stored["X"], stored["truth"], annotations)


@dataclass
class Marks:
    """Times of a fit: its begin, the start of every epoch, its end."""

    wall: list = field(default_factory=list)
    cpu: list = field(default_factory=list)
    begin: float = field(default_factory=perf_counter)
    end: float = 0.0

    def mark(self):
        """Note the start of an epoch, or the end of the last one."""
        self.wall.append(perf_counter())
        self.cpu.append(process_time())

    def summary(self):
        """Seconds of every epoch but the first, and of everything around them."""
        wall, cpu = np.diff(self.wall), np.diff(self.cpu)
        around = self.wall[0] - self.begin + self.end - self.wall[-1]
        return {
            "wall": wall[1:].tolist(),
            "cpu": cpu[1:].tolist(),
            "around": around,
        }


class EpochClock(Callback):
    """Mark the start of every epoch, so that all that happens in one is counted."""

    def on_train_begin(self, net, **kwargs):
        """Start anew."""
        self.marks_ = Marks()

    def on_epoch_begin(self, net, **kwargs):
        """Mark it."""
        self.marks_.mark()

    def on_train_end(self, net, **kwargs):
        """Mark the end of the last epoch."""
        self.marks_.mark()


def plain(data):
    """Train by hand on one label an item: the yardstick."""
    X, labels = torch.as_tensor(data.X), torch.as_tensor(data.truth)

    def train(n_epochs):
        marks = Marks()
        network = PlainNetwork(N_FEATURES, N_CLASSES, N_HIDDEN)
        optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
        epoch = partial(plain_epoch, network, optimizer, X, labels, BATCH_SIZE)
        return _run(epoch, marks, n_epochs)

    return train


def skcrowd(data, method):
    """Fit ``CrowdClassifier`` with a method, without epochs on the vote."""
    answers = data.sparse_answers

    def train(n_epochs):
        clf = classifier(method, n_epochs)
        start = perf_counter()
        clf.fit(data.X, answers)
        return _finished(clf.net_, start)

    return train


def classifier(method, n_epochs):
    """Build the CrowdClassifier that is measured."""
    warm = "warm_epochs" in CrowdClassifier._known_methods[method]().get_params()
    routed = {"method__warm_epochs": 0} if warm else {}
    return CrowdClassifier(
        method=method,
        batch_size=BATCH_SIZE,
        max_epochs=n_epochs,
        module__hidden=(N_HIDDEN,),
        callbacks=[("clock", EpochClock())],
        random_state=0,
        **routed,
    )


def crowdkit(data):
    """Train crowd-kit's crowd layer in a loop by hand."""

    def train(n_epochs):
        marks = Marks()
        _, run_epoch = crowdkit_training(
            CrowdKitLayer,
            data.X,
            data.annotations,
            batch_size=BATCH_SIZE,
            weight_decay=0.0,
        )
        return _run(run_epoch, marks, n_epochs)

    return train


def skactiveml(data):
    """Fit scikit-activeml's crowd layer, on the dense matrix that it wants."""
    if np.prod(data.annotations.shape, dtype=float) > LARGEST_DENSE:
        raise RuntimeError("not tried, its dense matrix of answers is too large")
    answers = data.annotations.to_dense()

    def train(n_epochs):
        clf = skactiveml_classifier(
            "CrowdLayerClassifier",
            N_FEATURES,
            data.annotations,
            epochs=n_epochs,
            batch_size=BATCH_SIZE,
            weight_decay=0.0,
            seed=0,
            callbacks=[("clock", EpochClock())],
        )
        start = perf_counter()
        clf.fit(data.X, answers)
        return _finished(clf.neural_net_, start)

    return train


def _run(run_epoch, marks, n_epochs):
    for _ in range(n_epochs):
        marks.mark()
        run_epoch()
    marks.mark()
    marks.end = perf_counter()
    return marks


def _finished(net, start):
    marks = dict(net.callbacks_)["clock"].marks_
    marks.begin, marks.end = start, perf_counter()
    return marks


CONTENDERS = {
    "plain loop": plain,
    "skcrowd crowd_layer": partial(skcrowd, method="crowd_layer"),
    "skcrowd confusion_layer": partial(skcrowd, method="confusion_layer"),
    "skcrowd em": partial(skcrowd, method="em"),
    "skcrowd regularized_em": partial(skcrowd, method="regularized_em"),
    "skcrowd majority_vote": partial(skcrowd, method="majority_vote"),
    "crowd-kit CrowdLayer": crowdkit,
    "scikit-activeml CrowdLayerClassifier": skactiveml,
}
