"""Fit every model of every grid once, and keep what scores need of it."""

import hashlib
import warnings
from pathlib import Path

import joblib
import torch
from sklearn.utils import Bunch

__all__ = ["fit_grids"]


def fit_grids(name, task, grids, seed, args):
    """Fit all models of a data set and seed.

    Returns
    -------
    models : dict of list of Bunch
        By grid: ``judged``, the held-out answers beside the model; ``predicted`` and
        ``log_truth`` of the held-out items; ``gold``, the score by which it is judged.
    """
    torch.set_num_threads(args.threads)
    known = {}
    for models in grids.values():
        for chosen in models:
            parameters = {**task.base, **chosen}
            key = repr(chosen)
            if key not in known:
                file = args.cache and args.cache / _file(
                    name, seed, repr(parameters), args.epochs
                )
                known[key] = _fit_once(task, parameters, seed, args.epochs, file)
    return {
        grid: [known[repr(chosen)] for chosen in models]
        for grid, models in grids.items()
    }


def _file(*key):
    return hashlib.sha1(repr(key).encode()).hexdigest() + ".joblib"


def _fit_once(task, parameters, seed, epochs, file):
    """Fit, or read what an earlier run kept."""
    if file and Path(file).exists():
        return joblib.load(file)
    fitted = _fit(task, parameters, seed, epochs)
    if file:
        joblib.dump(fitted, file, compress=3)
    return fitted


def _fit(task, parameters, seed, epochs):
    few = {"max_epochs": epochs} if epochs else {}
    model = task.estimator(random_state=seed, **{**parameters, **few})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # tags that were never seen
        model.fit(task.X, task.Y)
    judged = model.judge_answers(task.X_held, task.Y_held)
    gold = model.score(task.X_judge, task.z_judge)
    classes = getattr(model, "classes_", None)
    return Bunch(judged=judged, gold=float(gold), classes=classes)
