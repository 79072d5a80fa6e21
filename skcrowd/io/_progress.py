"""Show how much of a file has been read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

__all__ = ["Progress", "showing"]

Progress: TypeAlias = bool | Callable[[int, int], object] | None


@contextmanager
def showing(
    progress: Progress, total: int, name: str
) -> Iterator[Callable[[int], None]]:
    """Return what is to be called with the number of bytes read so far.

    Parameters
    ----------
    progress : bool, callable or None
        True shows a bar of tqdm; a callable is called with the number of bytes read
        and the size of the file.
    total : int
        The size of the file in bytes.
    name : str
        Of the file, for the bar.

    Yields
    ------
    show : callable
    """
    if not progress:
        yield lambda _: None
    elif callable(progress):
        yield lambda done: void(progress(done, total))
    else:
        from tqdm import tqdm

        with tqdm(total=total, unit="B", unit_scale=True, desc=name) as bar:
            yield lambda done: void(bar.update(done - bar.n))


def void(_: object) -> None:
    """Drop a value."""
