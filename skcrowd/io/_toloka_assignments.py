"""Assignments of Toloka's API, as rows of the TSV file of the same results.

The fields are those of ``Assignment`` and ``Task`` in
https://github.com/Toloka/toloka-kit (``src/client``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from skcrowd.annotations._warn import warn

from ._json_records import Record, read_records
from ._progress import Progress

__all__ = ["assigned_tasks"]

_FIELDS = {
    "assignment_id": "id",
    "worker_id": "user_id",
    "status": "status",
    "started": "created",
    "submitted": "submitted",
}


def assigned_tasks(path: Any, progress: Progress) -> Iterator[Record]:
    """Yield a record for each task.

    Parameters
    ----------
    path : path
        JSON or JSON Lines: assignments, or pages of them in "items".
    progress : bool, callable or None

    Yields
    ------
    record : Record
        By the names of the columns of a TSV file.

    Raises
    ------
    ValueError
        If an assignment lacks its tasks, or has another number of solutions.

    Warns
    -----
    CrowdWarning
        If a control task has several solutions: none is the true answer.
    """
    for record in read_records(path, progress):
        pages = record.data.get("items")
        for assignment in pages if isinstance(pages, list) else [record.data]:
            for row in _rows(assignment, record.where):
                yield record._replace(data=row)


def _rows(assignment: Mapping[str, Any], where: str) -> Iterator[dict[str, Any]]:
    tasks, solutions = assignment.get("tasks"), assignment.get("solutions") or []
    if not isinstance(tasks, list):
        raise ValueError(f"{where} is no assignment with its tasks; export it again.")
    if solutions and len(solutions) != len(tasks):
        raise ValueError(
            f"{where} has {len(tasks)} tasks and {len(solutions)} solutions; export it "
            "again."
        )
    page = {
        f"ASSIGNMENT:{name}": assignment[field]
        for name, field in _FIELDS.items()
        if assignment.get(field) is not None
    }
    for task, solution in zip(tasks, solutions or [{}] * len(tasks), strict=True):
        yield {
            **{f"INPUT:{k}": v for k, v in (task.get("input_values") or {}).items()},
            "OUTPUT:": "",
            **{f"OUTPUT:{k}": v for k, v in _values(solution).items()},
            **{f"GOLDEN:{k}": v for k, v in _known(task).items()},
            **page,
            "ASSIGNMENT:task_id": task.get("id"),
        }


def _values(solution: Any) -> dict[str, Any]:
    return dict((solution or {}).get("output_values") or {})


def _known(task: Mapping[str, Any]) -> dict[str, Any]:
    """Return the true answers of a control task."""
    known = [_values(each) for each in task.get("known_solutions") or []]
    if any(each != known[0] for each in known):
        warn(
            f"control tasks, such as {task.get('id')!r}, have several known solutions, "
            "so none is the true answer; they are read as tasks without one.",
            ("toloka", "known solutions"),
        )
        return {}
    return known[0] if known else {}
