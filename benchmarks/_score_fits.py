"""Fit every model of every grid once, and keep what scores need of it."""

import hashlib
import warnings

import joblib
import torch
from sklearn.utils import Bunch

__all__ = ["fit_models", "remembered"]


def fit_models(name, task, grids, seed, args):
    """Fit all models of a data set and seed; equal ones once.

    Parameters
    ----------
    name : str
        Of the data set.
    task : Bunch
        As of ``_score_tasks.py``.
    grids : dict of list of dict
        Parameters of models.
    seed : int
    args : argparse.Namespace
        ``epochs``, ``threads``, and ``cache``, a folder or None.

    Returns
    -------
    models : list of Bunch
        ``evaluation``, the held-out answers beside a model; its ``classes``; ``gold``,
        the score by which it is judged.
    of_grid : dict of list of int
        Places in ``models`` of those of every grid.
    """
    torch.set_num_threads(args.threads)
    models, place, of_grid = [], {}, {}
    for grid, choices in grids.items():
        for chosen in choices:
            if repr(chosen) not in place:
                place[repr(chosen)] = len(models)
                parameters = {**task.base, **chosen}
                models.append(_remembered(name, task, parameters, seed, args))
        of_grid[grid] = [place[repr(chosen)] for chosen in choices]
    return models, of_grid


def _remembered(name, task, parameters, seed, args):
    """Fit, or read what an earlier run kept."""
    key = name, seed, repr(parameters), args.epochs
    return remembered(args.cache, key, _fit, task, parameters, seed, args.epochs)


def remembered(folder, key, function, *args):
    """Call a function, or read what it returned in an earlier run.

    Parameters
    ----------
    folder : Path or None
        None: always call.
    key : tuple
        What the result depends on.
    function : callable
    *args : object

    Returns
    -------
    result : object
    """
    if folder is None:
        return function(*args)
    file = folder / f"{hashlib.sha1(repr(key).encode()).hexdigest()}.joblib"
    if file.exists():
        return joblib.load(file)
    folder.mkdir(parents=True, exist_ok=True)
    result = function(*args)
    joblib.dump(result, file, compress=3)
    return result


def _fit(task, parameters, seed, epochs):
    few = {"max_epochs": epochs} if epochs else {}
    model = task.estimator(random_state=seed, **{**few, **parameters})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # tags that no valid path has
        model.fit(task.X, task.Y)
    evaluation = model.evaluate_answers(task.X_held, task.Y_held)
    gold = model.score(task.X_judge, task.z_judge)
    return Bunch(
        evaluation=evaluation,
        gold=float(gold),
        classes=getattr(model, "classes_", None),
    )
