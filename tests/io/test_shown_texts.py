"""Spans of Label Studio in HTML and in dialogues."""

import json

import pytest

from skcrowd.exceptions import CrowdWarning
from skcrowd.io import (
    read_argilla,
    read_label_studio,
    write_argilla,
    write_label_studio,
)
from skcrowd.io._markup import text_of_markup

HTML = "<h1>Ann &amp; Bob</h1><p>met <b>Tim</b>\n<br>in Rome</p>"
TURNS = [{"author": "A", "text": "Hi Ann"}, {"author": "B", "text": "I met Bob"}]


def region(type_="hypertextlabels", *, shown="page", **value):
    control = {"from_name": "names", "to_name": shown, "type": type_}
    return control | {"value": value | {type_: ["PER"]}}


def in_html(start, end, text, **more):
    path = {"start": "/p[1]/text()[1]", "end": "/p[1]/text()[1]"}
    path |= {"startOffset": 0, "endOffset": 1}
    counted = {"globalOffsets": {"start": start, "end": end}}
    return region(**path, **counted, **({} if text is None else {"text": text}), **more)


def in_turns(first, start, last, end, text, type_="paragraphlabels"):
    place = {"start": first, "startOffset": start, "end": last, "endOffset": end}
    return region(type_, shown="talk", **place, text=text)


def task(data, *results):
    made = [{"completed_by": k, "result": list(one)} for k, one in enumerate(results)]
    return {"id": 7, "data": data, "annotations": made}


def covered(export, annotator=0):
    (text,) = export.texts
    return [text[span.start : span.end] for span in export.spans[0][annotator]]


@pytest.mark.parametrize(
    ("markup", "text", "counted"),
    [
        ("no markup & a < b", "no markup & a < b", "no markup & a < b"),
        ("<p>The <b>HTML</b></p>", "The HTML", "The HTML"),
        ("<p>one</p><p>two</p>", "one\ntwo", "onetwo"),
        ("<p>one</p>\n<p>two</p>", "one\ntwo", "one\ntwo"),
        ("a<br>b", "a\nb", "a\nb"),
        ("<ul><li>a<li>b</ul>c &lt;d&gt;", "a\nb\nc <d>", "abc <d>"),
        ("<style>p {}</style>a<script>1</script>b", "ab", "ab"),
        (
            "<!DOCTYPE html><html><head><title>T</title></head>\n<body>a</body></html>",
            "a",
            "a",
        ),
    ],
)
def test_the_text_of_markup(markup, text, counted):
    shown = text_of_markup(markup)
    assert (shown.text, shown.counted) == (text, counted)
    assert "".join(text[place] for place in shown.places) == counted


@pytest.mark.parametrize("type_", ["labels", "hypertextlabels"])
def test_spans_of_html(type_):
    found = in_html(13, 16, "Tim"), in_html(6, 9, "Bob"), in_html(21, 25, "Rome")
    found = [one | {"type": type_} for one in found]
    export = read_label_studio([task({"page": HTML}, found, [])])
    assert covered(export) == ["Tim", "Bob", "Rome"]
    assert export.texts == ["Ann & Bob\nmet Tim\n\nin Rome"]
    assert export.spans[0][1] == []
    assert export.left_out == {}


def test_a_span_of_html_over_blocks_is_exact():
    found = in_html(6, 12, "Bob\\n\\nmet")
    assert covered(read_label_studio([task({"page": HTML}, [found])])) == ["Bob\nmet"]


def test_the_only_place_of_a_text_is_where_it_is():
    moved = in_html(20, 23, "Tim")
    assert covered(read_label_studio([task({"page": HTML}, [moved])])) == ["Tim"]
    twice = task({"page": f"{HTML}<p>Tim</p>"}, [moved])
    with pytest.warns(CrowdWarning, match=r"spans are left out \(1\)"):
        assert covered(read_label_studio([twice])) == []


def test_spans_of_html_without_their_text_are_whole_words():
    words, cut = in_html(13, 16, None), in_html(14, 17, None)
    assert covered(read_label_studio([task({"page": HTML}, [words])])) == ["Tim"]
    with pytest.warns(CrowdWarning, match=r"spans are left out \(1\)"):
        read_label_studio([task({"page": HTML}, [cut])])


def test_emoji_in_html_are_one_character_or_two():
    page = "<p>\U0001f600 Ann</p>"
    for start in (2, 3):
        found = in_html(start, start + 3, "Ann")
        assert covered(read_label_studio([task({"page": page}, [found])])) == ["Ann"]


@pytest.mark.parametrize("number", [int, str])
@pytest.mark.parametrize("type_", ["labels", "paragraphlabels"])
def test_spans_of_dialogues(number, type_):
    found = [
        in_turns(number(0), 3, number(0), 6, "Ann", type_),
        in_turns(number(1), 6, number(1), 9, "Bob", type_),
    ]
    over = in_turns(number(0), 3, number(1), 1, "Ann\\n\\nB\\nI", type_)
    export = read_label_studio([task({"talk": TURNS}, found, [], [over])], data=True)
    assert export.texts == ["Hi Ann\nI met Bob"]
    assert covered(export) == ["Ann", "Bob"]
    assert covered(export, 2) == ["Ann\nI"]
    assert export.spans[0][1] == []
    assert export.data["talk"] == [TURNS]


def test_dialogues_may_have_another_key_and_emoji():
    turns = [{"speaker": "A", "said": "\U0001f600 hi"}, {"speaker": "B", "said": "Ann"}]
    found = in_turns("0", 3, "0", 5, "hi"), in_turns("1", 0, "1", 3, "Ann")
    export = read_label_studio([task({"talk": turns}, found)])
    assert covered(export) == ["hi", "Ann"]


@pytest.mark.parametrize("ends", [(0, 3, 9, 1), (0, 3, 0, 99), (1, 0, 0, 3)])
def test_places_outside_a_dialogue(ends):
    with pytest.warns(CrowdWarning, match=r"spans are left out \(1\)"):
        read_label_studio([task({"talk": TURNS}, [in_turns(*ends, "x")])])


def test_dialogues_that_are_not_in_the_data():
    for talk in ("https://example.org/talk.json", [{"a": "x", "b": "y"}], []):
        tasks = [task({"talk": talk}, [in_turns(0, 3, 0, 6, "Ann")])]
        with pytest.raises(ValueError, match="spans without their turns of a dialogue"):
            read_label_studio(tasks)
        with pytest.raises(ValueError, match="no turns of a dialogue for its spans"):
            read_label_studio(tasks, text="talk")
        topic = {"from_name": "topic", "to_name": "talk", "type": "choices"}
        tasks[0]["annotations"][0]["result"].append(
            topic | {"value": {"choices": ["x"]}}
        )
        export = read_label_studio(tasks)
        assert export.question == "topic"
        (left_out,) = export.left_out
        assert "spans without their turns" in left_out


def test_json_min_has_them_as_well():
    own = {"annotator": 1, "annotation_id": 1, "created_at": "", "updated_at": ""}
    own["lead_time"] = 1.5
    for data, found in [
        ({"page": HTML}, in_html(13, 16, "Ann")["value"] | {"text": "Tim"}),
        ({"talk": TURNS}, in_turns("0", 3, "0", 6, "Ann")["value"]),
    ]:
        record = {**data, "id": 7, "names": [found], **own}
        assert covered(read_label_studio([record]), 1) in (["Tim"], ["Ann"])


@pytest.mark.parametrize("name", ["page", "text"])
def test_tasks_show_the_plain_text_as_well(tmp_path, name):
    tim = in_html(13, 16, "Tim", shown=name) | {"to_name": name}
    export = read_label_studio([task({name: HTML}, [tim], [])], data=True)
    path = tmp_path / "tasks.json"
    write_label_studio(path, export)
    column = "plain_text" if name == "text" else "text"
    (written,) = json.loads(path.read_text())
    assert written["data"] == {name: HTML, column: export.texts[0]}
    write_label_studio(path, export, labels=[[(14, 17, "PER")]])
    (written,) = json.loads(path.read_text())
    (result,) = written["predictions"][0]["result"]
    assert (result["from_name"], result["to_name"]) == ("names", column)
    written |= {"id": 7}
    again = read_label_studio([written], predictions=True)
    assert covered(again, "model skcrowd") == ["Tim"]


def test_argilla_gets_the_plain_text(tmp_path):
    found = in_turns("1", 6, "1", 9, "Bob")
    export = read_label_studio([task({"talk": TURNS}, [found])], data=True)
    path = write_argilla(tmp_path / "records.json", export, labels=[[(13, 16, "PER")]])
    (record,) = json.loads(path.read_text())
    assert record["fields"]["text"] == "Hi Ann\nI met Bob"
    value = record["suggestions"]["names"]["value"]
    record["responses"] = {"names": [{"value": value, "user_id": "u"}]}
    again = read_argilla([record], text="text")
    assert covered(again, "u") == ["Bob"]


@pytest.mark.parametrize(
    "address", ["https://example.org/a.txt", "/data/upload/1/a.txt", "s3://a/b.txt"]
)
def test_an_address_is_no_text(address):
    span = {"start": 0, "end": 5, "labels": ["PER"]}
    control = {"from_name": "names", "to_name": "text", "type": "labels"}
    tasks = [task({"text": address}, [control | {"value": span}])]
    with pytest.raises(ValueError, match=f"is an address, '{address}'"):
        read_label_studio(tasks)
    control["value"] = span | {"text": address[:5]}
    assert covered(read_label_studio([task({"text": address}, [control])]))
