"""Draw a case, run it, and return what is wrong."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.methods import LABEL_METHODS, NUMBER_METHODS, SEQUENCE_METHODS

from . import forms, mutations
from .draw import draw
from .judge import judge_form, judge_mutation
from .mutations import ANY, STRANGE

ESTIMATORS = {
    "labels": (CrowdClassifier, LABEL_METHODS),
    "numbers": (CrowdRegressor, NUMBER_METHODS),
    "tags": (CrowdSequenceTagger, SEQUENCE_METHODS),
}


@dataclass
class Case:
    """What is fitted, and what is expected.

    Attributes
    ----------
    name : str
    X, y : object
        As the user has them.
    X_plain, y_plain : object
        Something of the same size that can be learned.
    parameters, fit_params : dict
        Of the estimator, and of ``fit``.
    expected : {"same", "refused", "any"}
    refit : bool
        Whether an estimator that was fitted before is fitted again.
    """

    name: str
    X: Any
    y: Any
    X_plain: Any
    y_plain: Any
    parameters: dict = field(default_factory=dict)
    fit_params: dict = field(default_factory=dict)
    expected: str = ANY
    refit: bool = False


def run_case(seed, number):
    """Run a case.

    Returns
    -------
    name : str
        What was tried.
    findings : list of str
    """
    rng = np.random.default_rng([seed, number])
    kind = str(rng.choice(["labels", "labels", "numbers", "numbers", "tags"]))
    crowd = draw(rng, kind)
    parameters = _parameters(rng, kind)
    sort = rng.choice(["form", "form", "answers", "features", "parameter", "beside"])
    case = SORTS[str(sort)](rng, kind, crowd)
    parameters |= case.parameters

    def make():
        return ESTIMATORS[kind][0](**parameters)

    torch.set_num_threads(1)
    judge = judge_form if case.expected == "same" else judge_mutation
    method = parameters.get("method", "default")
    return f"{kind}, {method}: {case.name}", judge(make, case)


def _parameters(rng, kind):
    parameters = {
        "max_epochs": int(rng.integers(1, 3)),
        "random_state": int(rng.integers(1000)),
    }
    if rng.random() < 0.5:
        parameters["method"] = str(rng.choice(sorted(ESTIMATORS[kind][1])))
    if rng.random() < 0.15:
        parameters |= {"early_stopping": True, "n_iter_no_change": 1}
    if kind == "numbers":
        parameters["calibrate"] = bool(rng.random() < 0.4)
    return parameters


def _pick(rng, table):
    name = str(rng.choice(sorted(table)))
    return name, table[name]


def _form(rng, kind, crowd):
    """Return answers or features in another form."""
    table = forms.answer_forms(crowd)
    name, make = _pick(rng, table)
    y = make(crowd if kind == "tags" else crowd.cells, rng)
    X, X_plain, x_name = crowd.X, crowd.X, "as it is"
    if kind != "tags":
        x_name, change = _pick(rng, {**forms.FEATURES, **forms.ROUNDED_FEATURES})
        X = change(crowd.X)
        if x_name in forms.ROUNDED_FEATURES:
            X_plain = _as_read(crowd.X, x_name)
    return Case(f"y {name}, X {x_name}", X, y, X_plain, crowd.plain, expected="same")


def _as_read(X, name):
    """Return the plain form of features that do not keep their precision."""
    keeps = name in {"torch", "polars"} and X.dtype == np.float32
    return X if keeps else X.astype(np.float32)


def _of_table(rng, table):
    expected = str(rng.choice(sorted(table)))
    return (*_pick(rng, table[expected]), expected)


def _answers(rng, kind, crowd):
    """Put something that may mean nothing in the place of the answers."""
    is_tags = kind == "tags"
    table, given = (
        (mutations.TAGS, crowd) if is_tags else (mutations.ANSWERS, crowd.cells)
    )
    name, make, expected = _of_table(rng, table)
    return _replacing(rng, crowd, f"y: {name}", expected, y=make(given, rng))


def _features(rng, kind, crowd):
    """Put something that may mean nothing in the place of the features."""
    is_tags = kind == "tags"
    table, given = (
        (mutations.TOKENS, crowd) if is_tags else (mutations.FEATURES, crowd.X)
    )
    name, make, expected = _of_table(rng, table)
    return _replacing(rng, crowd, f"X: {name}", expected, X=make(given, rng))


def _replacing(rng, crowd, name, expected, **changed):
    """Return a case with X or y changed, half of them after an earlier fit."""
    given = {"X": crowd.X, "y": crowd.plain, **changed}
    refit = bool(rng.random() < 0.5)
    plain = {"X_plain": crowd.X, "y_plain": crowd.plain}
    return Case(name, **given, **plain, expected=expected, refit=refit)


def _parameter(rng, kind, crowd):
    """Give one parameter of estimator or method a strange value."""
    cls, methods = ESTIMATORS[kind]
    name = str(rng.choice(sorted(cls().get_params(deep=False))))
    extra = {}
    if rng.random() < 0.4:
        method = str(rng.choice(sorted(methods)))
        own = sorted(methods[method]().get_params(deep=False))
        if own:
            name, extra = f"method__{rng.choice(own)}", {"method": method}
    value = STRANGE[rng.integers(len(STRANGE))]
    if name == "max_epochs" and isinstance(value, int) and value > 100:
        value = -1
    extra = {**extra, name: value}
    what = f"{name}={value!r}"[:80]
    return Case(what, crowd.X, crowd.plain, crowd.X, crowd.plain, parameters=extra)


def _beside(rng, kind, crowd):
    """Give weights, gold or annotator_prior a value that may mean nothing."""
    n_samples, n_annotators = crowd.plain.shape
    value = 0.5 if crowd.values is None else crowd.plain.classes.tolist()[0]
    if kind == "tags":
        value = [value] * int(crowd.lengths[0])
    name = str(rng.choice(["sample_weight", "gold", "annotator_prior"]))
    options = {
        "sample_weight": lambda: mutations.weights(n_samples),
        "gold": lambda: mutations.golds(n_samples, value),
        "annotator_prior": lambda: mutations.priors(n_annotators),
    }[name]()
    chosen = {name: options[rng.integers(len(options))]}
    own = {"parameters" if name == "annotator_prior" else "fit_params": chosen}
    what = f"{name}={chosen[name]!r}"[:80].replace("\n", " ")
    return Case(what, crowd.X, crowd.plain, crowd.X, crowd.plain, **own)


SORTS = {
    "form": _form,
    "answers": _answers,
    "features": _features,
    "parameter": _parameter,
    "beside": _beside,
}
