"""Numbers that are written as texts, and texts that look like missing answers."""

import csv
import warnings

import numpy as np
import pytest

from skcrowd import Annotations
from skcrowd.exceptions import CrowdWarning
from skcrowd.io import read_answers, read_potato, read_table


def rows_of(answers, **columns):
    """Return rows of a long table, of two annotators."""
    rows = []
    for k, answer in enumerate(answers):
        row = {"item": k // 2, "annotator": "ab"[k % 2], "answer": answer}
        rows.append(row | {name: values[k] for name, values in columns.items()})
    return rows


def written(folder, rows, delimiter=","):
    """Write rows as CSV, and return the path."""
    path = folder / "answers.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def answers_of(folder, answers, **options):
    return read_answers(written(folder, rows_of(answers)), **options).annotations


@pytest.mark.parametrize("text", ["nan", "NaN", "NA", "null"])
@pytest.mark.parametrize("numbers", [["1", "1", "3", "3"], ["1.5", "2.5"]])
def test_a_text_for_a_missing_answer_is_a_label_with_a_warning(tmp_path, text, numbers):
    message = rf"{text!r} \(once\).* cells with {text!r} empty, and read the file again"
    with pytest.warns(CrowdWarning, match=message) as found:
        read = answers_of(tmp_path, [*numbers, text])
    assert len(found) == 1
    assert "missing_label" not in str(found[0].message)
    assert read.kind == "labels"
    assert read.classes.tolist() == sorted({*numbers, text})
    assert read.n_answers == len(numbers) + 1


def test_a_sign_for_a_missing_answer_is_advised_on_for_files():
    with pytest.warns(CrowdWarning, match=r"hold -1 \(once\) .*cells with -1 empty"):
        read_table(rows_of([1, 2, -1]))


def test_texts_for_missing_answers_in_gold_and_sets():
    rows = rows_of(["x", "y", "y"], gold=["nan", "nan", "y"])
    with pytest.warns(CrowdWarning, match=r"the true answers hold the text 'nan'"):
        read_table(rows)
    with pytest.warns(CrowdWarning, match="the sets of labels hold the text 'NA'"):
        read_table(rows_of(["x|y", "x|NA"]), separator="|")


def test_signs_of_doubt_are_no_missing_answers():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        export = read_table(rows_of(["x", "y", "none"]), unsure="none")
    assert export.annotations.classes.tolist() == ["x", "y"]


@pytest.mark.parametrize("column", ["item", "annotator"])
def test_names_that_stand_for_missing_ones(tmp_path, column):
    rows = rows_of(["x", "y", "x"])
    rows[2][column] = "nan"
    with pytest.warns(CrowdWarning, match=f"{column}s of the name 'nan'.*rows out"):
        read_answers(written(tmp_path, rows))
    columns = [[str(row[name]) for row in rows] for name in rows[0]]
    with pytest.warns(CrowdWarning, match=f"{column}s of the name 'nan'"):
        Annotations.from_long(*columns)


@pytest.mark.parametrize("text", ["inf", "-Infinity", "1e999"])
def test_infinite_answers_are_refused(tmp_path, text):
    answers = ["1.5", "2", text]
    with pytest.raises(ValueError, match=rf"are numbers, but one is {text!r}"):
        answers_of(tmp_path, answers)
    with pytest.raises(ValueError, match=rf"no number: {text!r} is no finite number"):
        answers_of(tmp_path, answers, kind="numbers")
    with pytest.raises(ValueError, match="are numbers, but one is inf"):
        read_table(rows_of([1.5, 2.5, np.inf]))
    assert len(answers_of(tmp_path, answers, kind="labels").classes) == 3


@pytest.mark.parametrize("text", ["nan", "NA", "1_5", "1.5.2"])
def test_what_is_no_number_is_refused_as_one(tmp_path, text):
    with pytest.raises(ValueError, match=rf"no number: {text!r} .* answer empty"):
        answers_of(tmp_path, ["1.5", "2", text], kind="numbers")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (["0,5", "2", "3,25"], [0.5, 2, 3.25]),
        (["0,5", "2", "1,250"], [0.5, 2, 1.25]),  # the first shows what the last is
        (["0,125", "2", "1234,567"], [0.125, 2, 1234.567]),
        (["1.200", "2", "3.500"], [1.2, 2, 3.5]),
        (["1.5", "2,5", "-3"], [1.5, 2.5, -3]),
        ([" 1.5", "+2", "1e-3"], [1.5, 2, 0.001]),
    ],
)
@pytest.mark.parametrize("kind", ["auto", "numbers"])
def test_decimal_points_and_commas(tmp_path, answers, expected, kind):
    read = answers_of(tmp_path, answers, kind=kind)
    assert read.answer.tolist() == expected


@pytest.mark.parametrize(
    ("answers", "sign"),
    [
        (["1,200", "900", "1,300", "950"], "comma of '1,200'"),
        (["-1,200", "900"], "comma of '-1,200'"),
        (["1,200", "0,5", "0.5"], "comma of '1,200'"),
        (["1.200", "0,5", "3"], "point of '1.200'"),
        (["1,200", "2.500"], "comma of '1,200'"),
    ],
)
def test_what_may_separate_thousands_is_refused(tmp_path, answers, sign):
    with pytest.raises(ValueError, match=rf"the {sign} may .*Pass kind='labels'"):
        answers_of(tmp_path, answers)
    with pytest.raises(ValueError, match=rf"the answers to 'answer': the {sign} may"):
        answers_of(tmp_path, answers, kind="numbers")
    labels = answers_of(tmp_path, answers, kind="labels")
    assert labels.classes.tolist() == sorted(answers)


@pytest.mark.parametrize("text", ["1,200,300", "1,200.50", "1.200,50", "1 200"])
def test_separators_of_thousands_are_refused(tmp_path, text):
    with pytest.raises(ValueError, match=rf"are numbers, but one is {text!r}.*labels"):
        answers_of(tmp_path, ["900", "950.5", text])


def test_other_texts_with_commas_are_labels(tmp_path):
    read = answers_of(tmp_path, ["1,200", "900", "many"])
    assert read.classes.tolist() == ["1,200", "900", "many"]
    assert answers_of(tmp_path, ["1_5", "2"]).classes.tolist() == ["1_5", "2"]


@pytest.mark.parametrize("detail", ["confidence", "weight", "time"])
def test_details_have_decimal_commas_as_answers_do(tmp_path, detail):
    rows = rows_of(["x", "y", "x"], sure=["0,5", "0,25", "1,000"])
    path = written(tmp_path, rows, delimiter=";")
    read = read_table(path, **{detail: "sure"}).annotations
    assert getattr(read.details, detail).tolist() == [0.5, 0.25, 1.0]
    for row in rows[:2]:
        row["sure"] = "1"
    with pytest.raises(ValueError, match=f"the {detail} of answers: the comma of"):
        read_table(written(tmp_path, rows), **{detail: "sure"})


@pytest.mark.parametrize("text", ["nan", "inf", "1_5", "a"])
def test_details_that_are_no_numbers_are_refused(text):
    rows = rows_of(["x", "y"], sure=["1", text])
    with pytest.raises(
        ValueError, match=f"the time of an answer is no number: '{text}"
    ):
        read_table(rows, time="sure")


def test_probabilities_have_decimal_commas(tmp_path):
    rows = rows_of([""] * 2, p_x=["1,000", "0,250"], p_y=["0,000", "0,750"])
    for row in rows:
        del row["answer"]
    path = written(tmp_path, rows, delimiter=";")
    read = read_table(path, probabilities="p_").annotations
    assert read.probabilities.tolist() == [[1, 0], [0.25, 0.75]]
    rows[0]["p_x"] = "nan"
    with pytest.raises(ValueError, match="the probability of 'x' is 'nan'"):
        read_table(written(tmp_path, rows), probabilities="p_")


def test_numbers_of_potato_are_those_of_tables():
    def given(value):
        return {"id": "1", "user": "u", "label_annotations": {"n": {"text_box": value}}}

    assert read_potato([given("2,5")]).annotations.answer.tolist() == [2.5]
    for text in ("1_5", "1,200", "inf"):
        with pytest.raises(ValueError, match=r"n \(free text\)"):
            read_potato([given(text)])
