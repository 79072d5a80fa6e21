"""Damaged exports are errors that say where, or are read; nothing else happens."""

import copy
import json
import warnings

import numpy as np
import pytest
from _export_samples import SAMPLES, UNREADABLE, options

from skcrowd.exceptions import CrowdWarning
from skcrowd.io import FORMATS

JSON = [name for name in SAMPLES if name.endswith((".json", ".jsonl"))]
TABLES = [name for name in SAMPLES if name.endswith((".csv", ".tsv"))]
VALUES = [
    None,
    "",
    "x",
    0,
    -1,
    7,
    2.5,
    True,
    [],
    {},
    [[]],
    [None],
    {"a": 1},
    "\U0001f600",
]


def places(value, path=()):
    """Yield the paths of all parts of a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        items = enumerate(value)
    for key, part in items:
        yield from places(part, (*path, key))


def damaged(records, rng):
    """Replace, remove or repeat a part."""
    records = copy.deepcopy(records)
    paths = [path for path in places(records) if path]
    *outer, key = paths[rng.integers(len(paths))]
    parent = records
    for step in outer:
        parent = parent[step]
    action = rng.integers(4)
    if action == 0:
        del parent[key]
    elif action == 1 and isinstance(parent, list):
        parent.append(copy.deepcopy(parent[key]))
    else:
        parent[key] = VALUES[rng.integers(len(VALUES))]
    return records


def is_refused(read, source, **given):
    """Read; return whether there was a ValueError, which says something."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CrowdWarning)
        try:
            export = read(source, **given)
        except ValueError as error:
            return len(str(error)) > 20
    assert export.annotations.shape[0] == len(export.items)
    return False


@pytest.mark.parametrize("name", [name for name in JSON if name not in UNREADABLE])
def test_records(samples, name):
    text = (samples / name).read_text(encoding="utf-8")
    lines = text if text.startswith("[") else f"[{','.join(text.splitlines())}]"
    records, rng = json.loads(lines), np.random.default_rng(0)
    read = FORMATS[SAMPLES[name]].read
    given = options(name)
    errors = []
    for _ in range(100):
        source = damaged(records, rng)
        errors.append(is_refused(read, iter(source), **given))
    assert 0 < sum(errors) < 100


@pytest.mark.parametrize("name", TABLES)
def test_tables(samples, tmp_path, name):
    text = (samples / name).read_text(encoding="utf-8")
    rng, path = np.random.default_rng(0), tmp_path / name
    errors = []
    for _ in range(200):
        start, end = sorted(rng.integers(len(text) + 1, size=2))
        end = min(end, start + 9)
        middle = ["", '"', ",", "\t", "\n", "x", "\r\n", "\0"][rng.integers(8)]
        path.write_text(text[:start] + middle + text[end:], encoding="utf-8")
        errors.append(is_refused(FORMATS[SAMPLES[name]].read, path, **options(name)))
    assert 0 < sum(errors) < 200


@pytest.mark.parametrize("name", [name for name in JSON if name not in UNREADABLE])
def test_truncated_files(samples, tmp_path, name):
    text = (samples / name).read_text(encoding="utf-8").rstrip()
    path = tmp_path / name
    for end in np.linspace(1, len(text) - 1, 40).astype(int).tolist():
        path.write_text(text[:end], encoding="utf-8")
        is_error = is_refused(FORMATS[SAMPLES[name]].read, path, **options(name))
        assert is_error or text[end] == "\n" or text[end - 1] == "\n"
