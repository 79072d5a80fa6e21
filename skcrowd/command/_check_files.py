"""Refuse files that cannot be read or written, before any work."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from skcrowd.io._files import check_no_pipe, ending_of

__all__ = ["check_files"]

WORDS = {
    "answers": "the answers",
    "features": "the features",
    "model": "the model",
    "new": "the new items",
}
"""What the files are that a subcommand may read, by the names of its options."""
_READ_IN_FOLDERS = {".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet"}


def check_files(options: argparse.Namespace) -> None:
    """Raise if an input cannot be read, or the output would destroy something.

    Parameters
    ----------
    options : Namespace
        Its `output` and those of `WORDS` that the subcommand has.

    Raises
    ------
    ValueError
        If an input is a pipe; if the output has no folder, is one, may not be written,
        is an input, or would be read as one of the answers the next time.
    """
    given = {name: getattr(options, name, None) for name in WORDS}
    inputs = {name: Path(path) for name, path in given.items() if path is not None}
    for path in inputs.values():
        check_no_pipe(path)
    if options.output is not None:
        _check_output(Path(options.output), inputs)


def _check_output(output: Path, inputs: dict[str, Path]) -> None:
    what = f"--output {output} cannot be written"
    if str(output) == "-":
        raise ValueError(f"{what}: it is no file; name one, or leave --output out.")
    if not output.parent.is_dir():
        raise ValueError(f"{what}: there is no folder {output.parent}.")
    if output.is_dir():
        raise ValueError(f"{what}: it is a folder; name a file in it.")
    if not os.access(output if output.exists() else output.parent, os.W_OK):
        raise ValueError(f"{what}: you have no permission; name a file elsewhere.")
    for name, path in inputs.items():
        if _are_same(output, path):
            raise ValueError(
                f"{what}: it is the file of {WORDS[name]}, which would be lost; name "
                "another."
            )
    answers = inputs.get("answers")
    if answers is not None and _is_read_in(output, answers):
        raise ValueError(
            f"{what}: it is in the folder of the answers, {answers}, and would be read "
            "as answers; name a file elsewhere."
        )


def _are_same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _is_read_in(path: Path, folder: Path) -> bool:
    """Return whether a path is in a folder, and named as files of answers are."""
    return (
        folder.is_dir()
        and ending_of(path) in _READ_IN_FOLDERS
        and folder.resolve() in path.resolve().parents
    )
