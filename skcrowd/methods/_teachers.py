"""Teachers: other methods, fitted once or several times with different seeds."""

from dataclasses import replace

import torch
from joblib import Parallel, delayed

from skcrowd.methods._base import Learned, Method
from skcrowd.methods._resolve import resolve_method
from skcrowd.training import isolated_rng

__all__ = ["Pupil", "fit_teachers", "kept"]


class Pupil(Method):
    """Base of the methods that learn from the fits of another method, their teacher."""

    def set_params(self, **params):
        """Set parameters, also those of nested objects, such as ``teacher__tol``.

        Parameters
        ----------
        **params : dict

        Returns
        -------
        self : Method

        Raises
        ------
        ValueError
            If a parameter is unknown, or belongs to a teacher that is a name.
        """
        for key in params:
            owner, nested, _ = key.partition("__")
            value = params.get(owner, getattr(self, owner, None))
            is_bare = value is None or isinstance(value, str)
            if nested and is_bare and owner in self.get_params(deep=False):
                raise ValueError(
                    f"Invalid parameter {key!r}: {owner} is {value!r}; to set its "
                    f"parameters give an object, such as {owner}={_example(owner)}."
                )
        return super().set_params(**params)

    def make_teacher(self, known, kinds):
        """Return the teacher as an object of its own, its parameters checked.

        Parameters
        ----------
        known : dict of str to Method class
        kinds : set of str
            What it may learn from.
        """
        teacher = resolve_method(self.teacher, known, owner="teacher")
        if isinstance(teacher, Pupil) or teacher.kind not in kinds:
            names = sorted(n for n, c in known.items() if not issubclass(c, Pupil))
            raise ValueError(
                f"teacher={self.teacher!r} cannot teach here; choose one of "
                f"{', '.join(map(repr, names))}."
            )
        teacher._validate_params()
        return teacher


def _example(owner):
    return "EM()" if owner == "teacher" else "Mixup()"


def fit_teachers(teacher, problem, n_teachers, n_jobs):
    """Fit a method several times, each with torch seeded anew.

    The seeds come from torch's generator. Processes, not threads: torch's generator is
    one for all threads.

    Parameters
    ----------
    teacher : Method
    problem : Problem
    n_teachers : int
    n_jobs : int or None
        Processes; None is one.

    Returns
    -------
    learned : list of Learned
        The same whatever `n_jobs` is.
    """
    quiet = replace(problem, factory=problem.factory.quiet())
    seeds = torch.randint(2**31 - 1, (n_teachers,)).tolist()
    n_threads = torch.get_num_threads()
    fit = delayed(_fit)
    tasks = (
        fit(teacher, replace(quiet, factory=factory), seed, n_threads)
        for factory, seed in zip(quiet.factory.branches(n_teachers), seeds, strict=True)
    )
    return Parallel(n_jobs=n_jobs, prefer="processes")(tasks)


def kept(learned):
    """Return of a fit beside the result what predicts, and is small in a pickle.

    Its net is stripped in place.

    Parameters
    ----------
    learned : Learned

    Returns
    -------
    learned : Learned
        Without its posterior, which has a row an item; its net without callbacks,
        state of the optimisers, and what happened to single batches.
    """
    net = learned.net
    net.callbacks_, net.train_split = [], None
    for name in ("optimizer_", "annotator_optimizer_"):
        vars(net).pop(name, None)
    for epoch in net.history:
        epoch["batches"] = []
    return Learned(net, learned.annotators)


def _fit(teacher, problem, seed, n_threads):
    """Fit in this process, with as many threads as in the first: sums depend on it."""
    before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    try:
        with isolated_rng(seed, problem.factory.device):
            return teacher.learn(problem)
    finally:
        torch.set_num_threads(before)
