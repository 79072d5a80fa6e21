"""File format: a zip archive of one JSON and one safetensors member."""

import json
import os
import zipfile
from importlib.metadata import version

from skcrowd.persistence._disk import open_file, replacing

__all__ = ["FORMAT", "check_format", "parsed", "read_file", "write_file"]

FORMAT = 2
READABLE = (2,)  # versions of the format, the oldest first
TREE, WEIGHTS = "estimator.json", "weights.safetensors"
WRITERS = ("skcrowd", "torch", "numpy", "scikit-learn", "skorch")


def write_file(path, tree, tensors):
    """Write a tree and its tensors.

    Parameters
    ----------
    path : pathlib.Path
    tree : dict
        What JSON can hold.
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


def read_file(path):
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
        If it is no such file, is damaged, or of a format that cannot be read.
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
            raise ValueError(_no_such_file(name, error)) from error
    try:
        check_format(content)
    except ValueError as error:
        raise ValueError(f"{name} {error}") from error
    try:
        tree, tensors = content["estimator"], safetensors.load(weights)
    except Exception as error:
        raise ValueError(_no_such_file(name, error)) from error
    return tree, content["written_by"], tensors, n_bytes


def _safetensors():
    try:
        import safetensors.torch
    except ImportError as error:
        raise ImportError(
            "save and load keep weights with safetensors, which is not installed: "
            'pip install "skcrowd[safe]"'
        ) from error
    return safetensors.torch


def _check_members(archive, n_bytes):
    """Raise unless there are exactly both members, stored without compression."""
    members = archive.infolist()
    if sorted(member.filename for member in members) != [TREE, WEIGHTS]:
        raise ValueError(f"it does not hold {TREE} and {WEIGHTS} alone")
    for member in members:
        is_plain = member.compress_size == member.file_size and not member.flag_bits & 1
        if member.compress_type != zipfile.ZIP_STORED or not is_plain:
            raise ValueError(f"{member.filename} is compressed, as save never does")
    if sum(member.file_size for member in members) > n_bytes:
        raise ValueError("its members are larger than the file")


def parsed(text):
    """Parse JSON; raise for repeated keys and numbers that are not finite."""
    return json.loads(text, object_pairs_hook=_distinct, parse_constant=_refuse)


def _distinct(pairs):
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key is there twice")
    return dict(pairs)


def _refuse(constant):
    raise ValueError(f"{constant} is no number of JSON")


def check_format(content):
    """Raise unless this version of skcrowd reads a format, and knows who wrote it.

    Parameters
    ----------
    content : dict
        With ``format`` and, in files of :func:`skcrowd.save`, ``written_by``.
    """
    if not isinstance(content, dict) or type(content.get("format")) is not int:
        raise ValueError("names no format: it is no file of skcrowd.save, or damaged.")
    written_by, found = content.get("written_by"), content["format"]
    if not isinstance(written_by, dict) or type(written_by.get("skcrowd")) is not str:
        raise ValueError("does not say which version of skcrowd wrote it.")
    writer, here = written_by["skcrowd"], version("skcrowd")
    if found > FORMAT:
        raise ValueError(
            f"is of format {found}, written by skcrowd {writer}; this is skcrowd "
            f"{here}, which knows formats up to {FORMAT}. Upgrade it: pip install "
            "--upgrade skcrowd"
        )
    if found not in READABLE:
        raise ValueError(
            f"is of format {found}, written by skcrowd {writer}; this is skcrowd "
            f"{here}, which reads formats from {READABLE[0]} on. Load it with the "
            "version that wrote it, or fit and save it again."
        )


def _no_such_file(name, error):
    return (
        f"{name} is no file of skcrowd.save, or is damaged "
        f"({str(error) or type(error).__name__}). Files of pickle or joblib are read "
        "by pickle.load and joblib.load; else copy or save it again."
    )
