"""Fields that come twice, numbers written as texts, and places between characters."""

import json

import numpy as np
import pytest

from skcrowd.io import (
    read_argilla,
    read_doccano,
    read_label_studio,
    read_mturk,
    read_potato,
    read_prodigy,
    read_table,
)

TEXT = "Ann met Bob"


def label_studio(start, end, **more):
    value = {"start": start, "end": end, "text": "Bob", "labels": ["PER"], **more}
    result = {"from_name": "l", "to_name": "text", "type": "labels", "value": value}
    return read_label_studio(
        [
            {
                "id": 1,
                "data": {"text": TEXT},
                "annotations": [{"completed_by": "u", "result": [result]}],
            }
        ]
    )


def doccano(start, end):
    record = {"id": 1, "text": TEXT, "label": [[start, end, "PER"]]}
    return read_doccano({"u": [record]})


def prodigy(start, end):
    span = {"start": start, "end": end, "label": "PER"}
    task = {"text": TEXT, "spans": [span], "answer": "accept", "_annotator_id": "u"}
    return read_prodigy([task])


def argilla(start, end):
    value = [{"start": start, "end": end, "label": "PER"}]
    return read_argilla(
        [
            {
                "id": 1,
                "text": TEXT,
                "q.responses": [value],
                "q.responses.users": ["u"],
                "q.responses.status": ["submitted"],
            }
        ]
    )


TOOLS = [label_studio, doccano, prodigy, argilla]


@pytest.mark.parametrize("read", TOOLS)
@pytest.mark.parametrize("write", [int, str, float])
def test_places_are_read_exactly(read, write):
    export = read(write(8), write(11))
    assert [tuple(span) for span in export.spans[0]["u"]] == [(8, 11, "PER")]


@pytest.mark.parametrize("read", TOOLS)
@pytest.mark.parametrize("place", [8.5, "8.5", "eight", "-8", True])
def test_places_that_are_no_whole_numbers_are_refused(read, place):
    with pytest.raises(ValueError, match=r"record 1.* no whole number of characters"):
        read(place, 11)
    with pytest.raises(ValueError, match=r"record 1"):
        read(0, None if place is True else place)


def test_times_and_places_in_html_are_no_places_in_text():
    for more in ({"text": None}, {"startOffset": 1, "endOffset": 2}):
        start = "/p[1]/text()[1]" if "startOffset" in more else 3.0
        with pytest.raises(ValueError, match=r"l \(labels\)"):
            label_studio(start, start, **more)


def rated(rating):
    result = {"from_name": "r", "to_name": "text", "type": "rating"}
    result["value"] = {"rating": rating}
    return [
        {
            "id": 1,
            "data": {"text": TEXT},
            "annotations": [
                {"completed_by": "u", "result": [result]},
                {"completed_by": "v", "result": [result | {"value": {"rating": 1}}]},
            ],
        }
    ]


@pytest.mark.parametrize(("rating", "number"), [("3", 3), ("3.5", 3.5), ("-2", -2)])
def test_ratings_that_are_texts_are_read_exactly(rating, number):
    export = read_label_studio(rated(rating))
    assert export.annotations.kind == "numbers"
    assert export.annotations[0] == {"u": number, "v": 1.0}


@pytest.mark.parametrize("rating", ["three", "", "nan", "inf"])
def test_ratings_that_are_other_texts_are_refused(rating):
    with pytest.raises(ValueError, match=rf"record 1: a rating is {rating!r}, which"):
        read_label_studio(rated(rating))


def test_a_field_that_comes_twice_is_refused(tmp_path):
    first = json.dumps(rated(3)[0])
    second = first.replace('"rating": 3', '"rating": 3, "rating": 5')
    path = tmp_path / "tasks.jsonl"
    path.write_text(f"{first}\n{second}\n")
    message = r"tasks.jsonl, record 2 \(line 2\): .*'rating' more than once"
    with pytest.raises(ValueError, match=message):
        read_label_studio(path)
    path = tmp_path / "tasks.json"
    path.write_text(f"[{first},\n\n{second}]")
    with pytest.raises(ValueError, match=r"tasks.json, record 2 \(line 3\)"):
        read_label_studio(path)
    path.write_text('{"item": 1, "annotator": "u", "label": "a", "item": 1}')
    with pytest.raises(ValueError, match="'item' more than once"):
        read_table(path)


def test_a_long_record_with_a_field_twice_is_refused(tmp_path):
    path = tmp_path / "long.json"
    text = "x" * 600_000
    path.write_text(f'{{"a": {{"b": 1, "b": 2}}, "text": "{text}", "item": 1}}')
    with pytest.raises(ValueError, match=r"record 1 \(line 1\): .*'b' more than once"):
        read_table(path)


def test_fields_of_json_in_cells_that_come_twice_are_refused(tmp_path):
    cell = '[{""q"": {""label"": ""a"", ""label"": ""b""}}]'
    path = tmp_path / "batch.csv"
    path.write_text(f'HITId,WorkerId,Input.x,Answer.taskAnswers\nh,w,1,"{cell}"\n')
    with pytest.raises(ValueError, match=r"batch.csv, row 1 .*'label' more than once"):
        read_mturk(path)


def test_potato_spans_between_characters_are_refused():
    span = {"schema": "s", "name": "PER", "start": 8, "end": 11}
    record = {"id": "1", "displayed_text": TEXT, "user": "u", "label_annotations": {}}
    found = read_potato([record | {"span_annotations": [span | {"start": "8"}]}])
    assert [tuple(place) for place in found.spans[0]["u"]] == [(8, 11, "PER")]
    with pytest.raises(ValueError, match=r"record 1: .* 8.5, which is no whole number"):
        read_potato([record | {"span_annotations": [span | {"start": 8.5}]}])


@pytest.mark.parametrize("line", [1, 2, 3])
def test_the_character_nul_is_refused(tmp_path, line):
    lines = ["item,annotator,label", "1,u,a", "2,u,b"]
    lines[line - 1] += "\0"
    path = tmp_path / "answers.csv"
    path.write_text("\n".join(lines))
    with pytest.raises(ValueError, match=rf"answers.csv, line {line} holds the .* NUL"):
        read_table(path)
    utf_16 = "\n".join(["item,annotator,label", "1,u,a"]).encode("utf-16-le")
    path.write_bytes(utf_16)
    with pytest.raises(ValueError, match="UTF-16 without a byte order mark"):
        read_table(path)


def test_a_whole_file_is_read_as_before(tmp_path):
    path = tmp_path / "answers.jsonl"
    rows = [
        {"item": k % 3, "annotator": f"u{k // 3}", "label": "ab"[k % 2]}
        for k in range(9)
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    np.testing.assert_array_equal(
        read_table(path).annotations.to_dense(), read_table(rows).annotations.to_dense()
    )
