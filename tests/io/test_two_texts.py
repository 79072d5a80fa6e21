"""Tasks with two texts: spans stay in the one that they are in."""

import pytest

from skcrowd.exceptions import CrowdWarning
from skcrowd.io import read_argilla, read_label_studio, read_potato

DATA = {"premise": "Ann met a man", "claim": "A dog ran off home"}


def span(name, shown, start, end, label, text=None):
    value = {"start": start, "end": end, "labels": [label]}
    value |= {} if text is None else {"text": text}
    region = {"from_name": name, "type": "labels", "value": value}
    return region | ({} if shown is None else {"to_name": shown})


def task(*results, data=DATA, id=1, **more):
    annotations = [
        {"completed_by": k, "result": list(result)} | more
        for k, result in enumerate(results)
    ]
    return {"id": id, "data": data, "annotations": annotations}


PERSON = span("in_premise", "premise", 0, 3, "PER", "Ann")
ANIMAL = span("in_claim", "claim", 2, 5, "ANIMAL", "dog")


@pytest.mark.parametrize("result", [(PERSON, ANIMAL), (ANIMAL, PERSON)])
@pytest.mark.parametrize("text", [True, None])
def test_each_control_has_its_own_text(result, text):
    for question, field, start, end, label in (
        ("in_premise", "premise", 0, 3, "PER"),
        ("in_claim", "claim", 2, 5, "ANIMAL"),
    ):
        export = read_label_studio(
            [task(result), task([], id=2), task(data=DATA, id=3)],
            question=question,
            text=field if text else None,
        )
        assert export.texts == [DATA[field]] * 3
        assert export.spans[0] == {0: [(start, end, label)]}
        assert export.spans[1:] == [{0: []}, {}]
        other = {"in_premise": "in_claim", "in_claim": "in_premise"}[question]
        assert export.left_out == {f"answers to another question, {other!r}": 1}


def test_true_answers_have_the_text_of_their_question():
    tasks = [task([PERSON, ANIMAL]), task([PERSON, ANIMAL], id=2, ground_truth=True)]
    export = read_label_studio(tasks, question="in_claim")
    assert export.gold == {2: ["O", "B-ANIMAL", "O", "O", "O"]}
    assert export.texts == [DATA["claim"]] * 2


def test_one_control_on_two_texts_asks_two_questions():
    result = [span("q", "premise", 0, 3, "PER"), span("q", "claim", 2, 5, "ANIMAL")]
    tasks = [task(result, result[::-1]), task(result[1:], id=2)]
    both = r"'q \(premise\)' \(spans, 2\), 'q \(claim\)' \(spans, 3\)"
    with pytest.raises(ValueError, match=f"several questions: {both}"):
        read_label_studio(tasks)
    with pytest.raises(ValueError, match=f"no question 'q'; the file has {both}"):
        read_label_studio(tasks, question="q")
    export = read_label_studio(tasks, question="q (claim)")
    assert export.texts == [DATA["claim"]] * 2
    assert export.spans[0] == {0: [(2, 5, "ANIMAL")], 1: [(2, 5, "ANIMAL")]}
    export = read_label_studio(tasks, question="q (premise)")
    assert export.texts == [DATA["premise"]] * 2
    assert export.spans[1] == {0: []}
    truth = [task(result), task(result, id=2, ground_truth=True)]
    export = read_label_studio(truth, question="q (premise)")
    assert export.gold == {2: ["B-PER", "O", "O", "O"]}


def test_a_text_without_spans_is_that_of_the_control():
    data = DATA | {"text": "Something else"}
    tasks = [task([], data=data), task([ANIMAL], data=data, id=2)]
    assert read_label_studio(tasks).texts == [DATA["claim"]] * 2


def test_objects_that_are_not_named_like_fields():
    data = {"text": "Ann met a man", "title": "A dog ran"}
    result = [span("a", "t1", 0, 3, "PER"), span("b", "t2", 2, 5, "ANIMAL")]
    match = r"the objects \['t1', 't2'\], .*pass text=, the field in which those of 'b'"
    tasks = [task(result, data=data)]
    for question in "ab":
        with pytest.raises(ValueError, match=match.replace("'b'", repr(question))):
            read_label_studio(tasks, question=question)
    assert read_label_studio(tasks, question="b", text="title").texts == ["A dog ran"]
    assert read_label_studio([task(result[:1], data=data)]).texts == ["Ann met a man"]


def test_the_first_task_may_have_an_answer_to_another_question():
    choice = {"from_name": "mood", "to_name": "text", "type": "choices"}
    choice |= {"value": {"choices": ["good"]}}
    tasks = [task([choice]), task([choice, ANIMAL], id=2)]
    export = read_label_studio(tasks, question="in_claim")
    assert export.spans == [{0: []}, {0: [(2, 5, "ANIMAL")]}]
    assert export.texts == [DATA["claim"]] * 2


def record(**spans):
    data = {"id": "1", "text": "Ann met a man", "claim": "A dog ran off home"}
    for name, (start, end) in spans.items():
        data[f"{name}.responses"] = [[{"start": start, "end": end, "label": "X"}]]
        data[f"{name}.responses.users"] = ["u"]
    return data


def test_argilla_does_not_say_which_field_a_question_is_about():
    both = [record(in_text=(8, 13), in_claim=(14, 18))]
    with pytest.raises(
        ValueError, match=r"pass text=, the field in which those of 'in_"
    ):
        read_argilla(both, question="in_text")
    for question, field, place in (
        ("in_text", "text", (8, 13)),
        ("in_claim", "claim", (14, 18)),
    ):
        export = read_argilla(both, question=question, text=field)
        assert export.texts == [both[0][field]]
        assert export.spans == [{"u": [(*place, "X")]}]
    assert read_argilla([record(q=(8, 13))]).texts == ["Ann met a man"]


def potato(*fields, scheme="q", **more):
    spans = [
        {"schema": scheme, "name": "X", "start": 2, "end": 5, "target_field": field}
        for field in fields
    ]
    record = {"instance_id": "1", "user_id": "u", "displayed_text": "A dog ran"}
    return [record | {"labels": {}, "spans": [span | more for span in spans]}]


def test_potato_shows_one_text():
    assert read_potato(potato("text")).spans == [{"u": [(2, 5, "X")]}]
    both = potato("premise", "claim")
    both[0]["labels"] = {"mood": {"good": "1"}}
    for question in (None, "q"):
        with pytest.raises(
            ValueError,
            match=r"spans of 'q' are in several fields, \['claim', 'premise'\]",
        ):
            read_potato(both, question=question)
    assert read_potato(both, question="mood").annotations[0] == {"u": "good"}


def test_potato_may_say_what_a_span_covers():
    assert read_potato(potato("", text="dog")).left_out == {}
    with pytest.warns(CrowdWarning, match=r"spans are left out \(1\), whose text is"):
        export = read_potato(potato("claim", text="man"))
    assert export.left_out == {"spans that are not where they should be": 1}
