"""Fits by one process, or by those that torchrun starts, for test_distributed.

As a script it runs all of them, and each process writes what it got to a file of its
own in the folder that is the first argument. The other arguments are another script and
its arguments, which then runs in the same processes.
"""

import os
import pickle
import runpy
import sys
from pathlib import Path

import numpy as np
import torch
from skorch.callbacks import Callback, Checkpoint
from torch import nn

from skcrowd import (
    CrowdClassifier,
    CrowdMultilabelClassifier,
    CrowdRegressor,
    CrowdSequenceTagger,
    save,
)
from skcrowd.callbacks import GradientAccumulation, WeightAverage
from skcrowd.datasets import make_annotations

N_ITEMS = 61  # the last batch is smaller than the others, and odd
WORDS = np.array(["O", "O", "O", "B-X"])


class Noisy(nn.Module):
    """A network whose training draws, and depends on the other items of a batch."""

    def __init__(self, n_features, n_classes):
        super().__init__()
        layers = nn.Linear(n_features, 8), nn.BatchNorm1d(8), nn.Dropout(0.5)
        self.layers = nn.Sequential(*layers, nn.Linear(8, n_classes))

    def forward(self, X):
        return self.layers(X)


class Plain(nn.Linear):
    """A linear network."""

    def __init__(self, n_features, n_classes):
        super().__init__(n_features, n_classes)


class Growing(nn.Module):
    """A network one layer of which is trained later, and another one never."""

    def __init__(self, n_features, n_classes):
        super().__init__()
        self.first, self.last = nn.Linear(n_features, 8), nn.Linear(8, n_classes)
        self.unused = nn.Linear(2, 2)
        self.first.requires_grad_(False)

    def forward(self, X):
        return self.last(self.first(X).tanh())


class Unfreeze(Callback):
    def on_epoch_end(self, net, **kwargs):
        net.module_.first.requires_grad_(True)


class Cut(Callback):
    """End the first training after two epochs."""

    armed = True

    def on_epoch_end(self, net, **kwargs):
        if Cut.armed and len(net.history) == 2:
            Cut.armed = False
            raise RuntimeError("cut")


def draw():
    """Draw items, and answers of each kind."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((N_ITEMS, 4)).astype(np.float32)
    truth = (X[:, 0] + 0.3 * X[:, 1] > 0).astype(int) + (X[:, 2] > 0.5)
    crowd = make_annotations(truth, 6, answers_per_item=3, random_state=0)
    ratings = X[:, :1] + 0.4 * rng.standard_normal((N_ITEMS, 5))
    ratings[rng.random(ratings.shape) < 0.4] = np.nan
    flipped = rng.random((N_ITEMS, 3, 4)) < 0.1
    sets = [
        [set(np.flatnonzero((x > 0) ^ flip).tolist()) for flip in flips]
        for x, flips in zip(X, flipped, strict=True)
    ]
    lengths = rng.integers(2, 9, 25)
    codes = [rng.integers(4, size=length) for length in lengths]
    tokens = [np.eye(4, dtype=np.float32)[code] for code in codes]
    tags = [[WORDS[c].tolist(), WORDS[c].tolist(), ["O"] * len(c)] for c in codes]
    return {
        "labels": (X, crowd.annotations),
        "numbers": (X, ratings),
        "sets": (X, sets),
        "tags": (tokens, tags),
    }


KINDS = {
    "labels": CrowdClassifier,
    "numbers": CrowdRegressor,
    "sets": CrowdMultilabelClassifier,
    "tags": CrowdSequenceTagger,
}
NO_DROPOUT = {"module__dropout": 0.0, "module__input_dropout": 0.0, "batch_size": 5}
SAME_NETWORK = {  # kind of answers and parameters, of fits that draw nothing in parts
    "em": ("labels", {"method": "em"}),
    "the default": ("labels", {}),
    "crowd_layer": ("labels", {"method": "crowd_layer"}),
    "last features": ("labels", {"method": "conal"}),
    "mixed items": ("labels", {"method": "annot_mix"}),
    "teachers": ("labels", {"method": "kd_crowd", "method__n_teachers": 2}),
    "one item a batch": ("labels", {"method": "em", "batch_size": 1, "max_epochs": 1}),
    "early stopping": (
        "labels",
        {"method": "em", "early_stopping": True, "n_iter_no_change": 1, "lr": 0.2}
        | {"max_epochs": 12, "module": Plain},
    ),
    "steps": (
        "labels",
        {"method": "em", "callbacks": [GradientAccumulation(2), WeightAverage(0.5)]},
    ),
    "unfrozen": (
        "labels",
        {"method": "em", "module": Growing, "callbacks": [Unfreeze()], "lr": 0.05},
    ),
    "regression": ("numbers", {}),
    "gaussian_layer": ("numbers", {"method": "gaussian_layer"}),
    "sets of labels": ("sets", {}),
    "sequence_em": ("tags", NO_DROPOUT),
    "tags by mixing": ("tags", {**NO_DROPOUT, "method": "annot_mix"}),
}
BASE = {"max_epochs": 2, "batch_size": 16, "random_state": 0}


def fit(data, kind, **parameters):
    return KINDS[kind](**{**BASE, **parameters}).fit(*data[kind])


def flat(values):
    """Return predictions of any form as one array."""
    return np.concatenate([np.asarray(v).ravel() for v in values])


def result(model, X):
    """Return what is compared: predictions, what annotators got, losses, batches."""
    predict = getattr(model, "predict_proba", model.predict)
    name = "annotator_confusion_"
    return {
        "predictions": flat(predict(X)),
        "annotators": flat(getattr(model, name, [[0.0]])),
        "losses": np.array(model.history_[:, "train_loss"]),
        "batches": model.history_[-1, "batches", :, "train_batch_size"],
    }


def in_parts(data, **parameters):
    X, y = data["labels"]
    model = CrowdClassifier(**{**BASE, **parameters})
    for rows in np.split(np.arange(N_ITEMS), [20, 41]):
        model.partial_fit(X[rows], y[rows])
    return model


def results(**parameters):
    """Return the results of all fits that are the same on any number of processes."""
    data, found = draw(), {}
    for name, (kind, given) in SAME_NETWORK.items():
        model = fit(data, kind, **given, **parameters)
        found[name] = result(model, data[kind][0])
    found["parts"] = result(in_parts(data, **parameters), data["labels"][0])
    return found


def message(function, *arguments, **parameters):
    try:
        function(*arguments, **parameters)
    except (ValueError, RuntimeError) as error:
        return str(error)
    return "no error"


def main(folder):
    rank, data = int(os.environ["RANK"]), draw()
    X, y = data["labels"]
    found = {"results": results(distributed=True), "errors": {}, "others": {}}

    given = {"distributed": True, "method": "em"}
    noisy = fit(data, "labels", module=Noisy, **given, random_state=None)
    found["others"]["noisy"] = result(noisy, X)
    found["pickle"] = pickle.dumps(noisy)
    if rank == 0:
        save(noisy, folder / "model")

    def fit_other(shown_X, shown_y, **parameters):
        CrowdClassifier(**{**BASE, **given, **parameters}).fit(shown_X, shown_y)

    found["errors"]["X"] = message(fit_other, X + rank, y)
    found["errors"]["rows"] = message(fit_other, X[rank:], y[rank:])
    found["errors"]["lr"] = message(fit_other, X, y, lr=0.1 + rank)
    torch.manual_seed(rank)
    found["errors"]["module"] = message(fit_other, X, y, module=Noisy(X.shape[1], 2))
    found["errors"]["device"] = message(fit_other, X, y, device="cpu:0")

    Cut.armed = False
    kept = {"max_epochs": 4, "callbacks": [Cut], "checkpoint": folder / "fits"}
    whole = fit(data, "labels", **given, **kept)
    Cut.armed = True
    found["errors"]["cut"] = message(fit, data, "labels", **given, **kept)
    found["unfinished"] = len(list((folder / "fits").glob("*/fit.json")))
    resumed = fit(data, "labels", **given, **kept)
    found["others"]["whole"] = result(whole, X)
    found["others"]["resumed"] = result(resumed, X)

    written = Checkpoint(
        monitor=None, f_optimizer=None, f_history=None, dirname=folder / "callback"
    )
    fit(data, "labels", **given, callbacks=[written], verbose=rank)
    (folder / f"{rank}.pickle").write_bytes(pickle.dumps(found))


if __name__ == "__main__":
    import _distributed_fits  # pickles name classes by their module

    _distributed_fits.main(Path(sys.argv[1]))
    del sys.argv[:2]
    runpy.run_path(sys.argv[0], run_name="__main__")
