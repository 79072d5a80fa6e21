"""Small data for the tests: items that are easy to tell apart, and crowds."""

import numpy as np
import pandas as pd
import torch
from scipy.sparse import coo_array, coo_matrix, csc_array, csr_array, csr_matrix
from torch import nn

from skcrowd import Annotations, CrowdClassifier, CrowdRegressor
from skcrowd.annotators import ConfusionTable
from skcrowd.annotators._model_registry import LABEL_MODELS
from skcrowd.backbones import MLP
from skcrowd.datasets import make_annotations

METHODS = {kind: kind._known_methods for kind in (CrowdClassifier, CrowdRegressor)}
EVERY_METHOD = [(kind, name) for kind in METHODS for name in METHODS[kind]]
# One method of each way to learn: from targets, from inferred targets, from those that
# networks of folds begin, from answers, with features of the items, on pairs, in
# stages. For what an estimator gives to all methods alike.
SORTS = {
    CrowdClassifier: (
        *("majority_vote", "em", "regularized_em", "crowd_layer", "conal"),
        *("max_mig", "kd_crowd"),
    ),
    CrowdRegressor: ("mean", "em", "gaussian_layer", "kd_crowd"),
}
EACH_SORT = [(kind, name) for kind in SORTS for name in SORTS[kind]]


def blobs(n_items, n_classes=3, n_features=None, seed=0):
    """Draw one cloud of points a class: X (float64), truth."""
    rng = np.random.default_rng(seed)
    n_features = max(n_classes, 2) if n_features is None else n_features
    truth = rng.permutation(np.arange(n_items) % n_classes)
    centers = 5 * np.eye(n_classes, n_features)
    return centers[truth] + rng.standard_normal((n_items, n_features)), truth


def crowd(truth, annotators, answers_per_item=None, seed=0, **options):
    return make_annotations(
        truth,
        annotators,
        answers_per_item=answers_per_item,
        random_state=seed,
        **options,
    )


def rated(n_items, rating_parameters, answers_per_item=None, seed=0, **options):
    """Draw items whose true number is linear in X: X, truth, simulated crowd."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n_items, 3))
    truth = 3 + X @ [2.0, -1.0, 0.5]
    options = {"kind": "numbers", **options}
    return X, truth, crowd(truth, rating_parameters, answers_per_item, seed, **options)


def random_ratings(rng, n_items, n_annotators, share=0.6):
    """Draw a float matrix with missing cells; every item and annotator has one."""
    y = rng.standard_normal((n_items, n_annotators)) + np.arange(n_annotators)
    missing = rng.random(y.shape) > share
    missing[np.arange(n_items), np.arange(n_items) % n_annotators] = False
    y[missing] = np.nan
    return y


def random_y(kind, rng, n_items, n_annotators, n_classes=3):
    """Draw answers for an estimator."""
    if kind is CrowdRegressor:
        return random_ratings(rng, n_items, n_annotators)
    return random_answers(rng, n_items, n_annotators, n_classes)


def nobody(kind, n_items, n_annotators):
    """Rows without answers."""
    missing = -1 if kind is CrowdClassifier else np.nan
    return np.full((n_items, n_annotators), missing)


def random_answers(rng, n_items, n_annotators, n_classes, share=0.6):
    """Draw an int matrix with missing cells where all classes occur."""
    y = rng.integers(0, n_classes, (n_items, n_annotators))
    y[rng.random(y.shape) > share] = -1
    y[np.arange(n_items), rng.integers(0, n_annotators, n_items)] = (
        np.arange(n_items) % n_classes
    )
    return y


def random_confusion(rng, n_annotators, n_classes):
    return rng.dirichlet(np.ones(n_classes), (n_annotators, n_classes))


def random_log_proba(rng, n_items, n_classes):
    return np.log(rng.dirichlet(np.ones(n_classes), n_items))


def small_method(name, kind=CrowdClassifier):
    """Build a method of the registry that leaves its warm start after an epoch.

    It learns from items with answers alone, and from a teacher that is one network:
    the networks of folds are those of "regularized_em".
    """
    method = METHODS[kind][name]()
    few = {"warm_epochs": 1, "learn_unanswered": False, "teacher": "em"}
    return method.set_params(
        **{k: v for k, v in few.items() if k in method.get_params()}
    )


def small(name="em", kind=CrowdClassifier, **parameters):
    """Build an estimator that is fitted in a few steps.

    What holds of every method holds with the default network, which "em" has, and with
    a plain MLP, which costs half as much and which the other methods have.
    """
    settings = {
        "method": small_method(name, kind) if isinstance(name, str) else name,
        "module": None if name == "em" else MLP,
        "max_epochs": 4,
        "lr": 1e-2,
        "module__hidden": (8,),
        "random_state": 0,
        **({"calibrate": False} if kind is CrowdRegressor else {}),
        **parameters,
    }
    return kind(**settings)


def with_mlp(name="em", kind=CrowdClassifier, **parameters):
    """Build a `small` one whose network is always a plain MLP."""
    return small(name, kind, **{"module": MLP, **parameters})


def whole(name="em", kind=CrowdClassifier, **parameters):
    """Build one that takes all items in one batch, so that their order is nothing."""
    return small(name, kind, **{"batch_size": 10_000, **parameters})


def predictions(estimator, X):
    """What is predicted: probabilities of the classes, or numbers."""
    if isinstance(estimator, CrowdClassifier):
        return estimator.predict_proba(X)
    return estimator.predict(X)


def by_annotator(estimator):
    """What a fit tells of each annotator."""
    names = ("annotator_confusion_", "annotator_noise_std_")
    return [getattr(estimator, name) for name in names if hasattr(estimator, name)]


def by_item(estimator):
    """What a fit tells of each item."""
    names = ("posterior_", "posterior_mean_", "posterior_std_")
    return [getattr(estimator, name) for name in names if hasattr(estimator, name)]


def of_all_items(estimator):
    """What a fit tells of the items together."""
    is_classifier = isinstance(estimator, CrowdClassifier)
    return estimator.class_prior_ if is_classifier else estimator.prediction_std_


def everything(estimator, X):
    """All that a fitted estimator tells, in one row."""
    told = predictions(estimator, X), *by_annotator(estimator), *by_item(estimator)
    return np.concatenate([np.ravel(values) for values in told])


def answer_forms(y):
    """Every form of the same integer answers (-1 is missing)."""
    missing = y < 0
    with_none = np.where(missing, None, y.astype(object))
    rows, columns = np.nonzero(~missing)
    triples = (y[~missing], (rows, columns))
    return {
        "int": y,
        "int8": y.astype(np.int8),
        "list": y.tolist(),
        "float": np.where(missing, np.nan, y),
        "object": with_none,
        "strings": np.where(missing, "", y.astype(str)),
        "masked": np.ma.MaskedArray(np.where(missing, 0, y), missing),
        "frame": pd.DataFrame(y),
        "nullable frame": pd.DataFrame(with_none).astype("Int64"),
        "categorical frame": pd.DataFrame(with_none).astype("category"),
        "coo": coo_array(triples, shape=y.shape),
        "csr": csr_matrix(triples, shape=y.shape),
        "dense annotations": Annotations.from_dense(y),
        "long annotations": Annotations.from_long(
            rows,
            columns,
            y[~missing],
            n_items=len(y),
            annotator_ids=range(y.shape[1]),
        ),
    }


def rating_forms(y):
    """Every form of the same numbers (NaN is missing)."""
    missing = np.isnan(y)
    with_none = np.where(missing, None, y.astype(object))
    rows, columns = np.nonzero(~missing)
    triples = (y[~missing], (rows, columns))
    return {
        "float": y,
        "list": y.tolist(),
        "object": with_none,
        "masked": np.ma.MaskedArray(np.where(missing, -1.0, y), missing),
        "frame": pd.DataFrame(y),
        "nullable frame": pd.DataFrame(with_none).astype("Float64"),
        "coo": coo_array(triples, shape=y.shape),
        "csr": csr_matrix(triples, shape=y.shape),
        "dense annotations": Annotations.from_dense(y, kind="numbers"),
        "long annotations": Annotations.from_long(
            rows,
            columns,
            y[~missing],
            kind="numbers",
            n_items=len(y),
            annotator_ids=range(y.shape[1]),
        ),
    }


FORMS = {CrowdClassifier: answer_forms, CrowdRegressor: rating_forms}


def sparse_forms(X):
    """Every sparse form of the same features."""
    unsorted = csr_matrix(X)
    for row in range(len(X)):
        place = slice(*unsorted.indptr[row : row + 2])
        for values in (unsorted.indices, unsorted.data):
            values[place] = values[place][::-1].copy()
    unsorted.has_sorted_indices = False
    single = coo_matrix(X)
    twice = np.tile(single.row, 2), np.tile(single.col, 2)
    halves = np.tile(single.data, 2) / 2
    return {
        "csr matrix": csr_matrix(X),
        "csr array": csr_array(X),
        "csc array": csc_array(X),
        "coo matrix": single,
        "coo array": coo_array(X),
        "unsorted": unsorted,
        "duplicates": coo_matrix((halves, twice), shape=X.shape),
    }


def annotator_model(name, n_annotators, n_classes):
    """Build an annotator model of the registry."""
    return LABEL_MODELS[name](n_annotators, n_classes)


def confusion_table(start, **options):
    """Build a ConfusionTable that starts from given matrices."""
    return ConfusionTable(*start.shape[:2], start=start, **options)


def answer_log_proba(model, log_truth, annotator):
    """Call an annotator model on (n_pairs, n_classes); models put classes first."""
    return model(torch.as_tensor(log_truth).T, torch.as_tensor(annotator)).T


def given_log_proba(model, log_truth, annotator, answer):
    """Log-probability of one answer to each of some items, shape (n_items,)."""
    item = torch.arange(len(log_truth))
    return model.answer_log_likelihood(log_truth.T, item, annotator, answer)


def global_states():
    """State of the generators that belong to the caller."""
    numpy_state = np.random.get_state()  # noqa: NPY002
    states = torch.get_rng_state().numpy(), numpy_state[1]
    return {"torch": hash(states[0].tobytes()), "numpy": hash(states[1].tobytes())}


def losses(clf):
    """Everything in the history that is no time."""
    return [
        {k: v for k, v in epoch.items() if "loss" in k and "best" not in k}
        for epoch in clf.history_
    ]


def assert_same_fit(first, second):
    """Assert that two fitted estimators agree to the last bit."""
    for ours, theirs in zip(by_annotator(first), by_annotator(second), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert losses(first) == losses(second)
    ours, theirs = first.net_.module_.state_dict(), second.net_.module_.state_dict()
    for name in ours:
        np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)


class Linear(nn.Module):
    """The least network: takes its sizes from the data."""

    def __init__(self, n_features, n_outputs, factor=1.0):
        super().__init__()
        self.layer = nn.Linear(n_features, n_outputs)
        self.factor = factor

    def forward(self, X):
        return self.layer(X) * self.factor


class Convolution(nn.Module):
    """A small network for images of any height and width."""

    def __init__(self, n_outputs, channels=4):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, channels, 3, padding=1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Linear(4 * channels, n_outputs),
        )

    def forward(self, X):
        return self.layers(X)
