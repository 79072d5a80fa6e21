"""What the command writes: all digits in files, few on a terminal."""

import csv

import numpy as np
import pytest

from skcrowd.command import main
from skcrowd.command._write_rows import write_csv, write_table

NUMBERS = [0.00001, 2 / 3, 1e-300, 123456.789012345, -0.1 - 0.2, 1e22]


def rated(folder, scale, item="t"):
    """Write ratings of one item on a scale, and return the path."""
    path = folder / "ratings.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(["item", "annotator", "answer"])
        writer.writerows(
            (item, annotator, k * scale) for k, annotator in enumerate("abc", 1)
        )
    return path


@pytest.mark.parametrize("scale", [1e-5, 1e-30, 1.5, 1e10 + 1 / 3])
@pytest.mark.parametrize("to_file", [True, False])
def test_ratings_keep_all_digits(tmp_path, capsys, scale, to_file):
    path = tmp_path / "labels.csv"
    call = ["consensus", str(rated(tmp_path, scale)), "--quiet", "--method", "median"]
    assert main([*call, *(["-o", str(path)] if to_file else [])]) == 0
    text = path.read_text() if to_file else capsys.readouterr().out
    (row,) = csv.DictReader(text.splitlines())
    assert float(row["rating"]) == 2 * scale


@pytest.mark.parametrize("type_", [float, np.float64, np.float32])
def test_numbers_in_files_are_exact(tmp_path, type_):
    path = tmp_path / "table.csv"
    numbers = [type_(x) for x in NUMBERS]
    write_csv(["x"], [[x] for x in numbers], str(path))
    lines = path.read_text().splitlines()[1:]
    assert [type_(line) for line in lines] == numbers


def test_whole_and_missing_numbers_are_short(tmp_path):
    path = tmp_path / "table.csv"
    row = [1.0, np.float32(3), np.nan, None, 4, np.int64(5), "6.0"]
    write_csv(list("abcdefg"), [row], str(path))
    assert path.read_text().splitlines()[1] == "1,3,,,4,5,6.0"


def test_a_terminal_shows_few_digits_and_no_zero_for_what_is_none(capsys):
    write_table(["x"], [[2 / 3], [0.0000123456], [-1e-9], [0.0], [1e-4], [np.nan]])
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()[1:]]
    assert lines == ["0.6667", "1.235e-05", "-1e-09", "0", "0.0001", ""]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("name", ["a{}b", "a{}", "{}b", '"a"{}'])
def test_names_with_line_ends_come_back(tmp_path, end, name):
    item = name.format(end)
    path = tmp_path / "labels.csv"
    call = "consensus", rated(tmp_path, 1.5, item), "--quiet", "-o", path
    assert main([*map(str, call)]) == 0
    with path.open(newline="") as file:
        header, row = csv.reader(file, strict=True)
    assert row[0] == item
    assert header == ["item", "rating", "n_answers"]
    assert path.read_bytes().endswith(b"\n")
    assert not path.read_bytes().endswith(b"\r\n")
