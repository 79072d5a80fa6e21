"""A sign for "I don't know" says nothing of the type of the answers."""

import pandas as pd
import pytest

from skcrowd.io import read_answers, read_table

RATINGS = [(1, "a", 1.5), (1, "b", "?"), (2, "a", 2.5)]


def as_csv(rows, tmp_path):
    path = tmp_path / "a.csv"
    names = ["item", "user", "answer", "gold"][: len(rows[0])]
    pd.DataFrame(rows, columns=names).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("sign", ["?", "don't know", "nan?", "NA"])
@pytest.mark.parametrize("kind", ["auto", "numbers"])
def test_ratings_stay_ratings(sign, kind, tmp_path):
    rows = [(*row[:2], sign if row[2] == "?" else row[2]) for row in RATINGS]
    for table in (rows, as_csv(rows, tmp_path)):
        read = read_table(table, unsure=["other", sign], kind=kind).annotations
        assert read.kind == "numbers"
        assert read.answer.tolist() == [1.5, 2.5]
        assert read.unsure.tolist() == [[0, 1]]


@pytest.mark.parametrize("decimal", [".", ","])
def test_signs_that_are_numbers(decimal, tmp_path):
    path = tmp_path / "a.csv"
    rows = f"1;a;1{decimal}5", "1;b;-1", "2;a;2", "2;b;?"
    path.write_text("\n".join(["item;user;answer", *rows]))
    for sign in (-1, "-1", -1.0):
        read = read_table(path, unsure=["?", sign]).annotations
        assert read.answer.tolist() == [1.5, 2]
        assert read.unsure.tolist() == [[0, 1], [1, 1]]


def test_integers_stay_integers(tmp_path):
    rows = [(1, "a", 0), (1, "b", "?"), (2, "a", 1), (2, "b", 1)]
    for table in (rows, as_csv(rows, tmp_path)):
        read = read_table(table, unsure="?").annotations
        assert read.classes.tolist() == [0, 1]
        assert read.classes.dtype.kind == "i"
        assert read.unsure.tolist() == [[0, 1]]


def test_true_answers_that_are_not_known(tmp_path):
    rows = [(1, "a", 1.5, "?"), (2, "a", "?", 2.0), (3, "a", 2.5, 3.5)]
    export = read_answers(as_csv(rows, tmp_path), unsure="?")
    assert export.annotations.kind == "numbers"
    assert export.gold == {2: 2.0, 3: 3.5}
    assert export.left_out == {"true answers that are signs of not knowing": 1}


def test_a_text_that_is_no_sign_is_a_label():
    read = read_table([*RATINGS, (2, "b", "bad")], unsure="?").annotations
    assert read.classes.tolist() == ["1.5", "2.5", "bad"]
    with pytest.raises(ValueError, match="one is no number: 'bad' is no finite number"):
        read_table([*RATINGS, (2, "b", "bad")], unsure="?", kind="numbers")
