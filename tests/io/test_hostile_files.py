"""Files as they arrive: every one is read exactly, or refused with a reason."""

import gzip
import json
import warnings
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from _export_samples import SAMPLES, UNREADABLE, options

from skcrowd.exceptions import CrowdWarning
from skcrowd.io import read_answers

TABLE = "item,annotator,answer\n1,ann,x\n1,bo,y\n2,ann,x\n"
FILES = [name for name in SAMPLES if name not in UNREADABLE and "." in name]


def content(export):
    """What was read, to compare: names of items, and the answers of each."""
    rows = range(len(export.items))
    return export.items, [export.annotations[row] for row in rows], export.left_out


def is_same(path, expected, **given):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CrowdWarning)
        found = content(read_answers(path, **given))
    assert str(found) == str(expected)


@pytest.mark.parametrize("name", FILES)
def test_encodings_line_ends_and_packing_change_nothing(samples, tmp_path, name):
    raw = (samples / name).read_bytes()
    text, given = raw.decode("utf-8"), options(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CrowdWarning)
        expected = content(read_answers(samples / name, **given))
    path = tmp_path / name
    for written in (
        b"\xef\xbb\xbf" + raw,
        text.encode("utf-16"),
        text.replace("\n", "\r\n").encode(),
        b"\n\n" + raw + b"\n\n",
    ):
        path.write_bytes(written)
        is_same(path, expected, **given)
    packed = tmp_path / f"{name}.gz"
    packed.write_bytes(gzip.compress(raw))
    is_same(packed, expected, **given)
    packed.write_bytes(gzip.compress(raw)[:-20])
    with pytest.raises(ValueError, match="damaged or truncated"):
        read_answers(packed, **given)


@pytest.mark.parametrize("name", FILES)
def test_random_bytes_are_an_error_or_read(samples, tmp_path, name):
    """Bytes are changed, removed and inserted; nothing but a ValueError may come."""
    raw, rng = (samples / name).read_bytes(), np.random.default_rng(0)
    path, given, n_read = tmp_path / name, options(name), 0
    for _ in range(30):
        start = int(rng.integers(len(raw)))
        end = start + int(rng.integers(4))
        path.write_bytes(raw[:start] + rng.bytes(int(rng.integers(4))) + raw[end:])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CrowdWarning)
            with suppress(ValueError):
                export = read_answers(path, SAMPLES[name], **given)
                assert len(export.items) == export.annotations.shape[0]
                n_read += 1
    assert n_read < 30


@pytest.mark.parametrize(
    ("name", "written", "expected"),
    [
        ("a.csv", "", "is empty"),
        ("a.json", " \n ", "is empty"),
        ("a.json", "[]", "no record"),
        ("a.csv", "item,annotator,answer\n", "no row"),
        ("a.csv", TABLE + '3,ann,"x\n4,bo,y\n', "truncated"),
        ("a.csv", TABLE + "3,ann\n", "has 2 fields"),
        ("a.csv", TABLE.encode("utf-16-le"), "no format"),
        ("a.csv", "item,annotator,answer\n1,Zoé,x\n".encode("latin-1"), "not utf-8"),
        ("a.csv", TABLE + "1,ann,y\n", "answers item 1 again"),
        ("a.json", "[" * 5000, "nested too deeply"),
        ("a.jsonl", '{"item": {"a": 1}, "annotator": "b", "answer": 1}', "record 1"),
        ("a.json", '{"item": 1, "annot', "truncated"),
        ("a.html", "<!DOCTYPE html><html>Log in</html>", "no format"),
        ("a.xlsx", b"PK\x03\x04 and so on", "no spreadsheet"),
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0", "no format"),
    ],
)
def test_what_cannot_be_read(tmp_path, name, written, expected):
    path = tmp_path / name
    path.write_bytes(written if isinstance(written, bytes) else written.encode())
    with pytest.raises(ValueError, match=expected):
        read_answers(path)


@pytest.mark.parametrize("name", ["a.zip", "a.csv"])
def test_archives_are_known_whatever_they_are_called(tmp_path, name):
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("answers.csv", TABLE)
    with pytest.raises(ValueError, match="unzip it"):
        read_answers(tmp_path / name)


def test_huge_and_odd_names(tmp_path):
    names = [10**40, -1, "\U0001f469\u200d\U0001f467", "e\u0301", "\u00e9", "a\tb"]
    records = [{"item": n, "annotator": n, "answer": str(n)} for n in names]
    path = tmp_path / "names.jsonl"
    path.write_text("\n".join(map(json.dumps, records)))
    with pytest.warns(CrowdWarning, match=r"'e\\u0301' and '\\xe9'"):
        export = read_answers(path)
    assert export.items == list(map(str, names))
    assert export.annotations.n_annotators == len(names)  # e with accent: two names


def test_decimal_commas(tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_text("item;annotator;rating\n1;a;3,5\n1;b;2\n")
    assert read_answers(path).annotations[0] == {"a": 3.5, "b": 2.0}
