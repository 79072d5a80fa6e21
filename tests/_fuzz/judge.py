"""Run a case, and say what is wrong with how it ended."""

import traceback
import warnings
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import sklearn

import skcrowd
from skcrowd import CrowdRegressor
from skcrowd.training import CrowdNet

from .mutations import REFUSED

OWN = [str(Path(module.__file__).parent) for module in (skcrowd, sklearn)]


@contextmanager
def counted_steps():
    """Count the training steps within the block, in a list of one number."""
    steps, step = [0], CrowdNet.train_step_single

    def counted(self, *args, **kwargs):
        steps[0] += 1
        return step(self, *args, **kwargs)

    CrowdNet.train_step_single = counted
    try:
        yield steps
    finally:
        CrowdNet.train_step_single = step


def outcome(call):
    """Return the value or the error of a call, warnings, and training steps begun."""
    with counted_steps() as steps, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            return call(), None, caught, steps[0]
        except Exception as error:
            return None, error, caught, steps[0]


def result(estimator, X):
    """Return all that comes out of a fitted estimator, by name."""
    if isinstance(estimator, CrowdRegressor):
        mean, std = estimator.predict(X, return_std=True)
        names = "bias", "scale", "noise_std", "offset"
        found = {name: getattr(estimator, f"annotator_{name}_") for name in names}
        return {"mean": mean, "std": std, **found}
    return {
        "proba": joined(estimator.predict_proba(X)),
        "labels": joined(estimator.predict(X)),
        "confusion": estimator.annotator_confusion_,
        "classes": estimator.classes_,
    }


def joined(values):
    return np.concatenate(values) if isinstance(values, list) else values


def differences(found, expected):
    """Return the names of what is not equal to the last bit."""
    return [
        name
        for name in expected
        if found[name].shape != expected[name].shape
        or not (found[name] == expected[name]).all()
    ]


def infinite(found):
    """Return the names of what is not finite."""
    return [
        name
        for name, values in found.items()
        if values.dtype.kind == "f" and not np.isfinite(values).all()
    ]


def wrong_warnings(caught):
    """Return warnings of numpy, torch and the like, which nobody can act on."""
    kinds = RuntimeWarning, DeprecationWarning, FutureWarning
    found = (
        f"{w.category.__name__} at {Path(w.filename).name}:{w.lineno}: {w.message}"
        for w in caught
        if issubclass(w.category, kinds)
    )
    return list(dict.fromkeys(found))


def wrong_refusal(error, steps):
    """Return what is wrong with an error, or None."""
    said = f"{type(error).__name__}: {error}"[:200]
    if not isinstance(error, (ValueError, TypeError)):
        return f"another kind of error: {said}"
    if steps and not str(error).startswith("training diverged"):  # shows in training
        return f"refused after {steps} training steps: {said}"
    last = traceback.extract_tb(error.__traceback__)[-1]
    if not last.filename.startswith(tuple(OWN)):
        passed = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
        by_sklearn = any(name.startswith(OWN[1]) for name in passed)
        if not by_sklearn and "_fuzz" not in last.filename:
            return f"the error is that of {Path(last.filename).name}: {said}"
    return None


def judge_form(make, case):
    """Compare what is learned from a form with what is learned from the plain one."""
    plain, form = (
        outcome(lambda X=X, y=y: result(make().fit(X, y), X))
        for X, y in ((case.X_plain, case.y_plain), (case.X, case.y))
    )
    found = wrong_warnings(form[2])
    if form[1] is not None and plain[1] is not None:
        wrong = wrong_refusal(form[1], form[3])
        return [*found, *([wrong] if wrong else [])]
    if form[1] is not None:
        return [*found, f"refused: {type(form[1]).__name__}: {form[1]}"[:300]]
    if plain[1] is not None:
        return [*found, f"the plain form was refused: {plain[1]}"[:300]]
    return [
        *found,
        *(f"{name} is not finite" for name in infinite(form[0])),
        *(
            f"{name} differs from the plain form"
            for name in differences(form[0], plain[0])
        ),
    ]


def judge_mutation(make, case):
    """Fit with what may mean nothing, and look at what was fitted before."""
    estimator, before = make(), None
    if case.refit:
        first = outcome(
            lambda: result(estimator.fit(case.X_plain, case.y_plain), case.X_plain)
        )
        before = first[0]
    fitted, error, caught, steps = outcome(
        lambda: estimator.fit(case.X, case.y, **case.fit_params)
    )
    found = wrong_warnings(caught)
    if error is not None:
        wrong = wrong_refusal(error, steps)
        found += [wrong] if wrong else []
        return found + (_changed(estimator, before, case) if before else [])
    if case.expected == REFUSED:
        return [*found, "accepted"]
    after = outcome(lambda: result(fitted, case.X))
    if after[1] is not None:
        wrong = wrong_refusal(after[1], 0)
        return [*found, *([f"prediction: {wrong}"] if wrong else [])]
    return [
        *found,
        *wrong_warnings(after[2]),
        *(f"{name} is not finite" for name in infinite(after[0])),
    ]


def _changed(estimator, before, case):
    """Say how an earlier fit changed by one that was refused."""
    after = outcome(lambda: result(estimator, case.X_plain))
    if after[1] is not None:
        return [f"the earlier fit no longer predicts: {after[1]}"[:200]]
    return [
        f"{name} of the earlier fit changed" for name in differences(after[0], before)
    ]
