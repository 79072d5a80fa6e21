"""Teachers: other methods, fitted once or several times with different seeds."""

from __future__ import annotations

import warnings
from dataclasses import replace
from numbers import Integral
from typing import TYPE_CHECKING, Any

import torch
from joblib import Parallel, delayed, effective_n_jobs
from joblib.parallel import get_active_backend
from tqdm.auto import tqdm

from skcrowd._sklearn_compat import Interval
from skcrowd.exceptions import CrowdWarning
from skcrowd.methods._check_result import check_result
from skcrowd.methods._method import Method, MethodResult
from skcrowd.methods._resolve import resolve_method
from skcrowd.training._seeding import isolated_rng, released_rng
from skcrowd.training._threads import n_threads

if TYPE_CHECKING:
    from ._sequence_context import SequenceTrainingContext
    from ._training_context import TrainingContext


__all__ = [
    "N_JOBS",
    "DistillationMethod",
    "first_teacher",
    "fit_teachers",
    "stripped",
    "teacher_after_interrupt",
]

# Constraints of ``n_jobs``: not 0, and within the range of a C int, for joblib.
N_JOBS = [
    None,
    Interval(Integral, 1, 2**31 - 1, closed="both"),
    Interval(Integral, -(2**31), -1, closed="both"),
]


class DistillationMethod(Method):
    """Base of the methods that learn from the fits of another method, their teacher."""

    def set_params(self, **params: Any) -> DistillationMethod:
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

    def make_teacher(self, known: dict[str, Any], kinds: set[str]) -> Method:
        """Return the teacher as an object of its own, its parameters checked.

        Parameters
        ----------
        known : dict of str to Method class
        kinds : set of str
            What it may learn from.
        """
        teacher = resolve_method(self.teacher, known, owner="teacher")
        if isinstance(teacher, DistillationMethod) or teacher.kind not in kinds:
            names = sorted(
                n for n, c in known.items() if not issubclass(c, DistillationMethod)
            )
            raise ValueError(
                f"teacher={self.teacher!r} cannot teach here; choose one of "
                f"{', '.join(map(repr, names))}."
            )
        teacher._check_parameters()
        return teacher


def _example(owner: str) -> str:
    return "EM()" if owner == "teacher" else "Mixup()"


def fit_teachers(
    teacher: Method, context: TrainingContext, n_teachers: int, n_jobs: int | None
) -> list[MethodResult]:
    """Fit a method several times, each with a seed of its own.

    The seeds come from torch's generator. Where joblib would start threads, as it does
    within its own workers, all fits run in this one: threads would take turns.

    Parameters
    ----------
    teacher : Method
    context : TrainingContext
    n_teachers : int
    n_jobs : int or None
        Processes; None is one. One, too, where several processes fit together.

    Returns
    -------
    results : list of MethodResult
        They do not depend on `n_jobs`. One whose training was interrupted is the last.
    """
    seeds = torch.randint(2**31 - 1, (n_teachers,)).tolist()
    is_alone = context.factory.group is not None or _n_processes(n_jobs) == 1
    factory = context.factory.quiet(stage="teacher" if is_alone else "")
    if not is_alone:
        # Ctrl-C reaches the workers, too, but this process decides what to keep.
        factory = replace(factory, on_interrupt="raise")
    contexts = [
        replace(context, factory=replace(own, stage=own.stage and f"teacher {k}"))
        for k, own in enumerate(factory.branches(n_teachers), start=1)
    ]
    with released_rng():
        if is_alone:
            return _fit_in_turn(teacher, contexts, seeds)
        fit, threads = delayed(_fit_in_process), torch.get_num_threads()
        results = Parallel(n_jobs, **_as_they_come(context.factory.verbose))(
            fit(teacher, own, threads, seed)
            for own, seed in zip(contexts, seeds, strict=True)
        )
        bar = tqdm(
            results,
            context.factory.label,
            total=n_teachers,
            unit="teacher",
            leave=False,
            disable=not context.factory.verbose,
        )
        return list(bar)


def _n_processes(n_jobs: int | None) -> int:
    """Return the number of processes that joblib would use; 1 if it has threads."""
    backend, _ = get_active_backend()
    has_threads = getattr(backend, "uses_threads", False)
    return 1 if has_threads else effective_n_jobs(n_jobs)


def _as_they_come(verbose: int) -> dict[str, Any]:
    """Return options of joblib for results one by one, if they move a progress bar.

    Not all backends can: "multiprocessing" refuses the option.
    """
    backend, _ = get_active_backend()
    can = getattr(backend, "supports_return_generator", False)
    return {"return_as": "generator"} if verbose and can else {}


def _fit_in_turn(
    teacher: Method,
    contexts: list[SequenceTrainingContext | TrainingContext],
    seeds: list[int],
) -> list[MethodResult]:
    results = []
    for context, seed in zip(contexts, seeds, strict=True):
        results.append(_fit(teacher, context, seed))
        if results[-1].net.was_cut:
            break
    return results


def _fit_in_process(
    teacher: Method, context: TrainingContext, threads: int, seed: int
) -> MethodResult:
    """Fit with the number of threads of the parent process: sums depend on it."""
    with n_threads(threads):
        return _fit(teacher, context, seed)


def _fit(teacher: Method, context: TrainingContext, seed: int) -> MethodResult:
    with isolated_rng(seed, context.factory.device):
        return check_result(teacher, teacher.learn(context), context)


def first_teacher(teachers: list[Any]) -> MethodResult:
    """Return the result of a method that was interrupted before its students.

    Parameters
    ----------
    teachers : list of MethodResult

    Returns
    -------
    result : MethodResult
        That of the first teacher, with all teachers as extras.
    """
    first = teachers[0]
    results = [MethodResult(first.net, first.annotators), *map(stripped, teachers[1:])]
    return replace(first, extras={**first.extras, "teachers_": results})


def teacher_after_interrupt(
    teachers: list[Any], context: TrainingContext
) -> MethodResult:
    """Handle a KeyboardInterrupt before the first epoch of a student.

    Parameters
    ----------
    teachers : list of MethodResult
    context : TrainingContext

    Returns
    -------
    result : MethodResult
        See :func:`first_teacher`.

    Raises
    ------
    KeyboardInterrupt
        The one being handled, unless ``on_interrupt="keep"``.
    """
    if context.factory.on_interrupt == "raise":
        raise
    warnings.warn(
        "training was cut by a KeyboardInterrupt between the teachers and the first "
        "epoch of a student; what the first teacher learned is kept.",
        CrowdWarning,
        stacklevel=2,
    )
    return first_teacher(teachers)


def stripped(result: MethodResult) -> MethodResult:
    """Return a result reduced to what predictions need, to be small in a pickle.

    Its net is changed in place.

    Parameters
    ----------
    result : MethodResult

    Returns
    -------
    result : MethodResult
        Without its posterior, which has a row for each item; its net without callbacks,
        optimisers and the history of batches.
    """
    net = result.net
    net.callbacks_, net.train_split = [], None
    for name in ("optimizer_", "annotator_optimizer_"):
        vars(net).pop(name, None)
    for epoch in net.history:
        epoch["batches"] = []
    return MethodResult(net, result.annotators)
