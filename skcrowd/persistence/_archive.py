"""File format: a zip archive of one JSON and one safetensors member."""

from __future__ import annotations

import json
import os
import zipfile
from importlib.metadata import version
from typing import Any, NoReturn

from skcrowd.persistence._disk import open_file, replacing

__all__ = ["FORMAT", "check_format", "parsed", "read_file", "write_file"]

FORMAT = 2
READABLE = (2,)  # versions of the format, the oldest first
TREE, WEIGHTS = "estimator.json", "weights.safetensors"
WRITERS = ("skcrowd", "torch", "numpy", "scikit-learn", "skorch")


def write_file(path: Any, tree: dict[str, Any], tensors: dict[str, Any]) -> None:
    """Write a tree and its tensors.

    Parameters
    ----------
    path : pathlib.Path
    tree : dict
        Of values that JSON has.
    tensors : dict of str to Tensor
    """
    content = {
        "format": FORMAT,
        "written_by": {name: version(name) for name in WRITERS},
        "estimator": tree,
    }
    text = json.dumps(content, allow_nan=False)
    weights = _safetensors().save(tensors)
    with replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo(TREE), text)
        archive.writestr(zipfile.ZipInfo(WEIGHTS), weights)


def read_file(path: Any) -> tuple[Any, Any, dict[str, Any], int]:
    """Read a tree and its tensors.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    tree : dict
    written_by : dict of str to str
        Versions of the packages that wrote it.
    tensors : dict of str to Tensor
    n_bytes : int
        Size of the file.

    Raises
    ------
    OSError
        If it cannot be opened.
    ValueError
        If it is not a file of `write_file`, is damaged, or has an unreadable format.
    """
    safetensors = _safetensors()
    name = repr(os.fspath(path))
    with open_file(path) as file:
        n_bytes = os.fstat(file.fileno()).st_size
        try:
            with zipfile.ZipFile(file) as archive:
                _check_members(archive, n_bytes)
                content = parsed(archive.read(TREE).decode())
                weights = archive.read(WEIGHTS)
        except Exception as error:
            raise ValueError(_not_readable(name, error)) from error
    try:
        check_format(content)
    except ValueError as error:
        raise ValueError(f"{name} {error}") from error
    try:
        tree, tensors = content["estimator"], safetensors.load(weights)
    except Exception as error:
        raise ValueError(_not_readable(name, error)) from error
    return tree, content["written_by"], tensors, n_bytes


def _safetensors() -> Any:
    try:
        import safetensors.torch
    except ImportError as error:
        raise ImportError(
            "save and load keep weights with safetensors, which is not installed: "
            'pip install "skcrowd[safe]"'
        ) from error
    return safetensors.torch


def _check_members(archive: Any, n_bytes: int) -> None:
    """Raise unless the archive has exactly these two members, uncompressed."""
    members = archive.infolist()
    if sorted(member.filename for member in members) != [TREE, WEIGHTS]:
        raise ValueError(f"it does not hold {TREE} and {WEIGHTS} alone")
    for member in members:
        is_plain = member.compress_size == member.file_size and not member.flag_bits & 1
        if member.compress_type != zipfile.ZIP_STORED or not is_plain:
            raise ValueError(f"{member.filename} is compressed, as save never does")
    if sum(member.file_size for member in members) > n_bytes:
        raise ValueError("its members are larger than the file")


def parsed(text: str) -> dict[str, Any]:
    """Parse JSON; raise for repeated keys and numbers that are not finite."""
    return json.loads(text, object_pairs_hook=_distinct, parse_constant=_refuse)


def _distinct(pairs: list[Any]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key occurs twice")
    return dict(pairs)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number of JSON")


def check_format(content: dict[str, Any]) -> None:
    """Raise unless this version of skcrowd can read a format.

    Parameters
    ----------
    content : dict
        With ``format`` and, in files of :func:`skcrowd.save`, ``written_by``.
    """
    if not isinstance(content, dict) or type(content.get("format")) is not int:
        raise ValueError(
            "has no format version: it is damaged, or not a file of skcrowd.save."
        )
    written_by, version_found = content.get("written_by"), content["format"]
    if not isinstance(written_by, dict) or type(written_by.get("skcrowd")) is not str:
        raise ValueError("does not contain the version of skcrowd that wrote it.")
    writer, here = written_by["skcrowd"], version("skcrowd")
    if version_found > FORMAT:
        raise ValueError(
            f"is of format {version_found}, written by skcrowd {writer}; this is "
            f"skcrowd {here}, which reads formats up to {FORMAT}. Upgrade it: pip "
            "install --upgrade skcrowd"
        )
    if version_found not in READABLE:
        raise ValueError(
            f"is of format {version_found}, written by skcrowd {writer}; this is "
            f"skcrowd {here}, which reads formats from {READABLE[0]} on. Load it with "
            "the version that wrote it, or fit and save it again."
        )


def _not_readable(name: str, error: Any) -> str:
    return (
        f"{name} is damaged, or not a file of skcrowd.save "
        f"({str(error) or type(error).__name__}). Files of pickle or joblib are read "
        "by pickle.load and joblib.load; else copy or save it again."
    )
