"""The rows of the LabelMe table: how each learns."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from _common import installed_version
from _peers import (
    CrowdKitCoNAL,
    CrowdKitLayer,
    cleanlab_consensus,
    crowdkit_training,
    skactiveml_classifier,
)
from sklearn.model_selection import cross_val_predict

from skcrowd import CrowdClassifier
from skcrowd.methods import KDCrowd, RegularizedEM

CONNECTIONS = ("MW", "VW", "VB", "VW+B", "SW")


@dataclass(frozen=True)
class Settings:
    """What all rows share; ``epochs`` replaces every row's own where given."""

    seed: int
    epochs: int | None = None

    @property
    def network(self):
        """Parameters of the network and its training."""
        return {
            "module__hidden": (128,),
            "module__center": None,
            "module__scale": None,
            "module__dropout": 0.5,
            "module__input_dropout": 0.0,
            "optimizer__weight_decay": 1e-4,
            "batch_size": 64,
            "max_epochs": self.epochs or 30,
        }


@dataclass(frozen=True)
class Outcome:
    """What a row learned; None where it has no such thing."""

    predict: Callable
    confusion: np.ndarray | None = None
    posterior: np.ndarray | None = None


@dataclass(frozen=True)
class Row:
    """A line of the table; ``learn(data, X_train, settings)`` returns an Outcome.

    An uneven row learns from a quarter of the items of the classes 0 to 3.
    """

    name: str
    learn: Callable
    features: str = "sqrt"
    package: str = "skcrowd"
    is_uneven: bool = False

    def is_available(self):
        """Whether the package it needs is installed."""
        return installed_version(self.package) is not None


def all_rows():
    """List every row, in the order of the table."""
    return [*baselines(), *methods(), *other_features(), *defaults(), *peers()]


def baselines():
    """List what every method is to be compared with."""
    return [
        Row("gold labels", learn_gold),
        Row("majority vote, hard", crowd("majority_vote", soft=False)),
        Row("majority vote, soft", crowd("majority_vote", soft=True)),
        Row("Dawid-Skene, then train", crowd("dawid_skene")),
        Row("each annotation an example", learn_each_annotation),
    ]


def methods():
    """List the crowd layer with all its connections, then every other method."""
    rows = [
        Row(f"crowd layer {name}", crowd("crowd_layer", connection=name))
        for name in CONNECTIONS
    ]
    cold = crowd("crowd_layer", connection="MW", warm_epochs=0)
    rows.append(Row("crowd layer MW, no warm start", cold))
    listed = {"majority_vote", "dawid_skene", "crowd_layer"}
    others = [name for name in CrowdClassifier._known_methods if name not in listed]
    return rows + [Row(name.replace("_", " "), crowd(name)) for name in others]


def other_features():
    """List the same network on features of other scales."""
    rows = [
        Row(name, crowd(method), features)
        for features in ("standardised", "raw")
        for name, method in (("crowd layer MW", "crowd_layer"), ("em", "em"))
    ]
    return rows


def defaults():
    """List CrowdClassifier with nothing chosen but what the name says."""
    vote = partial(learn_defaults, method="majority_vote")
    em = partial(learn_defaults, method="em")
    students = partial(learn_defaults, method=ten_teachers())
    return [
        Row(f"{name}{', uneven' if is_uneven else ''}", learn, features, **uneven)
        for features, is_uneven in (
            ("raw", False),
            ("standardised", False),
            ("raw", True),
            ("standardised", True),
        )
        for uneven in [{"is_uneven": is_uneven}]
        for name, learn in (
            ("CrowdClassifier(method='majority_vote')", vote),
            ("CrowdClassifier(method='em')", em),
            ("CrowdClassifier()", learn_defaults),
            ("CrowdClassifier(), class shares known", learn_with_shares),
            ("KDCrowd, ten teachers", students),
        )
    ]


def ten_teachers():
    """Build a student of the default method, fitted ten times and averaged."""
    return KDCrowd(teacher=RegularizedEM(), n_teachers=10, back_to_answers=False)


def learn_with_shares(data, X, settings):
    """Tell the default method the true shares of the classes, and nothing else."""
    shares = np.bincount(data.gold_train) / len(data.gold_train)
    return learn_defaults(data, X, settings, method=RegularizedEM(class_prior=shares))


def peers():
    """List other packages with the same network and settings."""
    activeml, crowdkit = "scikit-activeml", "crowd-kit"
    return [
        *(
            Row(f"{activeml} {kind}", skactiveml(kind), package=activeml)
            for kind in ("CrowdLayerClassifier", "AnnotMixClassifier")
        ),
        Row("crowd-kit CrowdLayer", crowdkit_loop(CrowdKitLayer), package=crowdkit),
        Row("crowd-kit CoNAL", crowdkit_loop(CrowdKitCoNAL), package=crowdkit),
        Row("cleanlab consensus, then train", learn_cleanlab, package="cleanlab"),
    ]


def crowd(method, **parameters):
    """Return what a row of skcrowd does."""
    return partial(_learn_crowd, method=method, parameters=parameters)


def _learn_crowd(data, X, settings, *, method, parameters):
    routed = {f"method__{name}": value for name, value in parameters.items()}
    clf = CrowdClassifier(
        method=method, random_state=settings.seed, **settings.network, **routed
    )
    return _fitted(clf.fit(X, data.annotations))


def _fitted(clf):
    posterior = getattr(clf, "posterior_", None)
    return Outcome(clf.predict, clf.annotator_confusion_, posterior)


def learn_defaults(data, X, settings, **chosen):
    """Nothing chosen at all, or next to nothing."""
    epochs = {"max_epochs": settings.epochs} if settings.epochs else {}
    clf = CrowdClassifier(random_state=settings.seed, **epochs, **chosen)
    return _fitted(clf.fit(X, data.annotations))


def learn_gold(data, X, settings):
    """Train on the truth, the upper bound."""
    return Outcome(_supervised(X, data.gold_train, settings).predict)


def learn_each_annotation(data, X, settings):
    """Repeat an item for each of its answers."""
    annotations = data.annotations
    labels = annotations.classes[annotations.answer]
    return Outcome(_supervised(X[annotations.item], labels, settings).predict)


def _supervised(X, labels, settings):
    clf = CrowdClassifier(random_state=settings.seed, **settings.network)
    return clf.fit(X, labels)


def learn_cleanlab(data, X, settings):
    """Consensus of the answers and a cross-fitted network, then the same network."""
    vote = CrowdClassifier(
        method="majority_vote", random_state=settings.seed, **settings.network
    )
    labels = vote.fit(X, data.annotations).posterior_.argmax(axis=1)
    clf = CrowdClassifier(random_state=settings.seed, **settings.network)
    proba = cross_val_predict(clf, X, labels, cv=5, method="predict_proba")
    consensus = cleanlab_consensus(data.annotations, proba)
    one_hot = np.eye(proba.shape[1])[consensus]
    return Outcome(_supervised(X, consensus, settings).predict, posterior=one_hot)


def crowdkit_loop(make_head):
    """Return what a row of crowd-kit does: its layer in a loop by hand."""
    return partial(_learn_crowdkit, make_head=make_head)


def _learn_crowdkit(data, X, settings, *, make_head):
    torch.manual_seed(settings.seed)
    network, run_epoch = crowdkit_training(
        make_head,
        X,
        data.annotations,
        batch_size=settings.network["batch_size"],
        weight_decay=settings.network["optimizer__weight_decay"],
        dropout=settings.network["module__dropout"],
    )
    for _ in range(settings.network["max_epochs"]):
        run_epoch()
    network.eval()
    return Outcome(lambda X_test: _best(network, X_test))


@torch.no_grad()
def _best(network, X):
    return network(torch.as_tensor(X)).argmax(dim=1).numpy()


def skactiveml(kind):
    """Return what a row of scikit-activeml does."""
    return partial(_learn_skactiveml, kind=kind)


def _learn_skactiveml(data, X, settings, *, kind):
    torch.manual_seed(settings.seed)
    clf = skactiveml_classifier(
        kind,
        X.shape[1],
        data.annotations,
        epochs=settings.network["max_epochs"],
        batch_size=settings.network["batch_size"],
        weight_decay=settings.network["optimizer__weight_decay"],
        seed=settings.seed,
        module__dropout=settings.network["module__dropout"],
    )
    clf.fit(X, data.annotations.to_dense())
    return Outcome(clf.predict)
