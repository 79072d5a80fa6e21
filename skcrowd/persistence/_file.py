"""The file: a zip archive of JSON and safetensors, written whole or not at all."""

import json
import os
import zipfile
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

__all__ = ["read_file", "write_file"]

FORMAT = 1
TREE, WEIGHTS = "estimator.json", "weights.safetensors"
BROKEN = (
    zipfile.BadZipFile,
    EOFError,
    KeyError,
    RecursionError,
    UnicodeDecodeError,
    json.JSONDecodeError,
)
WRITERS = ("skcrowd", "torch", "numpy", "scikit-learn", "skorch")


def write_file(path, tree, tensors):
    """Write a tree and its tensors.

    Parameters
    ----------
    path : str or path-like
    tree : dict
        What JSON can hold.
    tensors : dict of str to Tensor

    Returns
    -------
    path : pathlib.Path
    """
    weights = _safetensors().save(tensors)
    content = {
        "format": FORMAT,
        "written_by": {name: version(name) for name in WRITERS},
        "estimator": tree,
    }
    text = json.dumps(content, allow_nan=False)
    path = Path(path)
    unfinished = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with zipfile.ZipFile(unfinished, "x", zipfile.ZIP_STORED) as archive:
            archive.writestr(TREE, text)
            archive.writestr(WEIGHTS, weights)
        os.replace(unfinished, path)
    finally:
        with suppress(FileNotFoundError):
            unfinished.unlink()
    return path


def read_file(path):
    """Read a tree and its tensors.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    tree : dict
    written_by : dict of str to str
        Versions of the packages that wrote it.
    tensors : dict of str to Tensor

    Raises
    ------
    ValueError
        If it is no such file, is damaged, or of a format that is not known.
    """
    safetensors = _safetensors()
    try:
        with zipfile.ZipFile(path) as archive:
            content = json.loads(_member(archive, TREE))
            known = _check_format(path, content)
            tensors = safetensors.load(_member(archive, WEIGHTS))
    except BROKEN as error:
        raise ValueError(_no_such_file(path, error)) from error
    except _damage() as error:
        raise ValueError(_no_such_file(path, error)) from error
    return known["estimator"], known["written_by"], tensors


def _safetensors():
    try:
        import safetensors.torch
    except ImportError as error:
        raise ImportError(
            "save and load keep weights with safetensors, which is not installed: "
            'pip install "skcrowd[safe]"'
        ) from error
    return safetensors.torch


def _damage():
    """Return what safetensors raises where weights are damaged."""
    from safetensors import SafetensorError

    return SafetensorError


def _member(archive, name):
    """Read a member as it is; nothing is unpacked, so nothing can grow."""
    if archive.getinfo(name).compress_type != zipfile.ZIP_STORED:
        raise zipfile.BadZipFile(f"{name} is compressed, as save never does")
    return archive.read(name)


def _check_format(path, content):
    """Return the content, if this version of skcrowd knows its format."""
    if not isinstance(content, dict) or type(content.get("format")) is not int:
        raise ValueError(_no_such_file(path, "it names no format"))
    if content["format"] > FORMAT:
        writer = content.get("written_by", {}).get("skcrowd", "a newer version")
        raise ValueError(
            f"{os.fspath(path)!r} is of format {content['format']}, written by skcrowd "
            f"{writer}; this is skcrowd {version('skcrowd')}, which knows formats up "
            f"to {FORMAT}. Upgrade it: pip install --upgrade skcrowd"
        )
    return content


def _no_such_file(path, error):
    return (
        f"{os.fspath(path)!r} is no file of skcrowd.save, or is damaged ({error}). "
        "Files of pickle or joblib are read by pickle.load and joblib.load; else copy "
        "or save it again."
    )
