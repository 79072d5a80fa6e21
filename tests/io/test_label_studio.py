import copy
import json
import re
import tracemalloc
import warnings

import numpy as np
import pytest

from skcrowd.annotations import MultilabelAnnotations
from skcrowd.exceptions import CrowdWarning
from skcrowd.io import read_answers, read_label_studio


def task(*annotations, id=1, text="Ann met Bob.", **more):
    return {"id": id, "data": {"text": text}, "annotations": list(annotations), **more}


def annotation(annotator, *result, **more):
    return {"completed_by": annotator, "result": list(result), **more}


def region(name, type_, **value):
    return {"from_name": name, "to_name": "text", "type": type_, "value": value}


def choice(*labels):
    return region("mood", "choices", choices=list(labels))


def span(start, end, label="PER", text=None):
    value = {"start": start, "end": end, "labels": [label]}
    return region(
        "names", "labels", **value, **({} if text is None else {"text": text})
    )


def test_choices(samples):
    export = read_label_studio(samples / "label_studio_choices.json", question="mood")
    assert export.items == [11, 12, 13]
    assert export.annotations.item_names.tolist() == [11, 12, 13]
    assert export.annotations[0] == {"2": "good", "ann@example.org": "good"}
    assert export.annotations[1] == {"ann@example.org": "bad"}
    assert export.annotations[2] == {}
    assert export.gold == {12: "bad"}
    assert export.left_out == {
        "cancelled (skipped) annotations": 1,
        "annotations marked as ground truth (in gold)": 1,
        "answers to another question, 'stars'": 2,
    }


def test_ratings_are_numbers(samples):
    path = samples / "label_studio_choices.json"
    export = read_label_studio(path, question="stars")
    assert export.annotations.kind == "numbers"
    assert export.annotations[0] == {"2": 4.0, "ann@example.org": 5.0}
    as_labels = read_label_studio(path, question="stars", kind="labels")
    assert as_labels.annotations.classes.tolist() == [4, 5]


def test_predictions_are_further_annotators_on_request(samples):
    path = samples / "label_studio_choices.json"
    export = read_label_studio(path, question="mood", predictions=True)
    assert export.annotations[0]["model v3"] == "bad"
    assert export.annotations.n_annotators == 3


def test_data_is_kept_on_request(samples):
    path = samples / "label_studio_choices.json"
    assert read_label_studio(path, question="mood").data == {}
    export = read_label_studio(path, question="mood", data=True)
    assert export.data["source"] == ["forum", "letter", "forum"]
    assert export.texts[2] == "It was a restaurant."
    assert list(read_label_studio(path, question="mood", data=["text"]).data) == [
        "text"
    ]


def test_several_questions_need_a_choice(samples):
    with pytest.raises(ValueError, match=r"several questions: 'mood' .* 'stars'"):
        read_label_studio(samples / "label_studio_choices.json")
    with pytest.raises(ValueError, match="no question 'colour'"):
        read_label_studio(samples / "label_studio_choices.json", question="colour")


def test_json_min(samples):
    export = read_answers(samples / "label_studio_min.json")
    assert export.question == "mood"
    assert export.annotations[0] == {1: "good", 2: "bad"}
    assert export.annotations[1] == {2: "bad"}
    assert export.left_out == {"submissions without an answer to the question": 1}
    with pytest.raises(ValueError, match="JSON-MIN has no predictions"):
        read_label_studio(samples / "label_studio_min.json", predictions=True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"choices": ["a"]}, "a"),
        ("a", "a"),
        (4, 4.0),
        (2.5, 2.5),
    ],
)
def test_values_of_json_min(value, expected):
    record = {"text": "x", "id": 1, "q": value, "annotator": 5, "annotation_id": 1}
    export = read_label_studio([record])
    assert export.annotations[0] == {5: expected}


def test_spans_of_json_min():
    spans = [{"start": 0, "end": 3, "text": "Ann", "labels": ["PER"]}]
    record = {"text": "Ann met Bob.", "id": 1, "names": spans, "annotator": 5}
    export = read_label_studio([record | {"annotation_id": 1}])
    assert export.annotations[0] == {5: ["B-PER", "O", "O", "O"]}


def test_json_min_in_another_order_needs_the_question():
    record = {"annotator": 5, "mood": "good", "text": "x", "id": 1, "annotation_id": 1}
    with pytest.raises(ValueError, match="pass question="):
        read_label_studio([record])
    assert read_label_studio([record], question="mood").annotations[0] == {5: "good"}


def test_spans(samples):
    export = read_label_studio(samples / "label_studio_spans.json")
    first, second = export.spans
    text = export.texts[0]
    assert [text[s.start : s.end] for s in first[1]] == ["Ann", "Bob Lee"]
    assert [text[s.start : s.end] for s in first[2]] == ["Rome"]
    assert second == {1: []}  # annotated, nothing found
    assert export.annotations[1] == {1: ["O", "O", "O"]}
    assert export.tokens[1] == ["It", "rained", "."]
    assert export.annotations.sequence_names.tolist() == [1, 2]


TEXT = "\U0001f469\u200d\U0001f4bb e\u0301te\u0301 Ann \U0001f600 Bob"


@pytest.mark.parametrize("unit", ["characters", "utf-16"])
def test_either_unit_of_offsets_is_exact(unit):
    def place(word):
        start = TEXT.index(word)
        end = start + len(word)
        if unit == "characters":
            return start, end
        return tuple(len(TEXT[:k].encode("utf-16-le")) // 2 for k in (start, end))

    words = ["e\u0301te\u0301", "Ann", "Bob", "\U0001f600"]
    result = [span(*place(word), text=word) for word in words]
    tasks = [task(annotation(1, *result), text=TEXT)]
    found = read_label_studio(tasks).spans[0][1]
    assert [TEXT[s.start : s.end] for s in found] == words
    bare = copy.deepcopy(tasks)
    for one in bare[0]["annotations"][0]["result"]:
        del one["value"]["text"]
    with pytest.raises(ValueError, match=r"record 1: .*pass offsets="):
        read_label_studio(bare)
    assert read_label_studio(bare, offsets=unit).spans[0][1] == found


def test_units_that_other_spans_have_shown_hold_for_all():
    text = "\U0001f600 Ann Ann"
    result = [span(7, 10), span(3, 6, text="Ann")]
    tasks = [task(annotation(1, span(3, 6, text="Ann")), text=text)]
    tasks.append(task(annotation(1, *result), id=2, text=text))
    export = read_label_studio(tasks)
    assert [text[s.start : s.end] for s in export.spans[1][1]] == ["Ann", "Ann"]


def test_windows_line_ends_may_count_as_one():
    text = "Dear\r\n\r\nAnn"
    export = read_label_studio([task(annotation(1, span(6, 9, text="Ann")), text=text)])
    (found,) = export.spans[0][1]
    assert text[found.start : found.end] == "Ann"


def test_spans_elsewhere_are_left_out():
    tasks = [task(annotation(1, span(0, 3, text="Ann"), span(1, 4, text="Zoe")))]
    with pytest.warns(CrowdWarning, match=r"spans are left out \(1\), whose text is"):
        export = read_label_studio(tasks)
    assert export.left_out == {"spans that are not where they should be": 1}
    assert len(export.spans[0][1]) == 1


@pytest.mark.parametrize(
    ("text", "place", "covered"),
    [
        ("Ann met", (0, 3), " Ann\n"),
        ("Ann\u00a0Lee met", (0, 7), "Ann Lee"),
        ("Ann  Lee met", (0, 8), "Ann Lee"),
        ("Ann & Lee met", (0, 9), "Ann &amp; Lee"),
        ("\U0001f600 Ann met", (3, 6), "Ann "),
    ],
)
def test_white_space_in_the_text_of_a_span_may_differ(text, place, covered):
    tasks = [task(annotation(1, span(*place, text=covered)), text=text)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        export = read_label_studio(tasks)
    (found,) = export.spans[0][1]
    assert text[found.start : found.end].startswith("Ann")
    assert export.left_out == {}


def test_a_span_with_a_space_that_its_text_lacks_is_trimmed():
    tasks = [task(annotation(1, span(0, 4, text="Ann")))]
    with pytest.warns(CrowdWarning, match="space at their ends"):
        export = read_label_studio(tasks)
    assert export.annotations[0][1][:2] == ["B-PER", "O"]


def test_the_text_is_the_field_that_the_control_names():
    tasks = [task(annotation(1, span(0, 3)))]
    tasks[0]["data"] = {"title": "Zoe.", "body": "Ann."}
    with pytest.raises(ValueError, match=r"pass text=, one of \['title', 'body'\]"):
        read_label_studio(tasks)
    assert read_label_studio(tasks, text="body").texts == ["Ann."]
    tasks[0]["annotations"][0]["result"][0]["to_name"] = "title"
    assert read_label_studio(tasks).texts == ["Zoe."]


def test_several_choices_are_sets_or_read_a_label_at_a_time():
    tasks = [
        task(annotation(1, choice("a", "b")), annotation(2, choice("b"))),
        task(annotation(1), annotation(2, choice("c")), id=2),
    ]
    with pytest.raises(ValueError, match=r"several labels.*kind='sets'.*label='a'"):
        read_label_studio(tasks, kind="labels")
    sets = read_label_studio(tasks).annotations
    assert isinstance(sets, MultilabelAnnotations)
    assert [sets[0], sets[1]] == [{1: ["a", "b"], 2: ["b"]}, {1: [], 2: ["c"]}]
    export = read_label_studio(tasks, label="b")
    assert export.annotations.classes.tolist() == [0, 1]
    assert export.annotations[0] == {1: 1, 2: 1}
    assert export.annotations[1] == {1: 0, 2: 0}  # ticking nothing is an answer
    with pytest.raises(ValueError, match=r"nobody chose label='z'; chosen were"):
        read_label_studio(tasks, label="z")


@pytest.mark.parametrize(("repeated", "label"), [("last", "b"), ("first", "a")])
def test_repeated_annotations(repeated, label):
    tasks = [task(annotation(1, choice("a")), annotation(1, choice("b")))]
    export = read_label_studio(tasks, repeated=repeated)
    assert export.annotations[0] == {1: label}
    assert export.left_out == {"repeated answers of one annotator to one item": 1}
    with pytest.raises(ValueError, match="annotator 1 answers item 1 again"):
        read_label_studio(tasks, repeated="error")


@pytest.mark.parametrize(
    ("type_", "value", "title"),
    [
        ("taxonomy", {"taxonomy": [["a", "b"]]}, "taxonomy, paths of a tree"),
        ("textarea", {"text": ["x"]}, "textarea, free text"),
        ("datetime", {"datetime": "2026-01-01"}, "datetime, a time"),
        ("ranker", {"ranker": {"rank": ["a", "b"]}}, "ranker, a ranking"),
        (
            "rectanglelabels",
            {"x": 1, "y": 2, "rectanglelabels": ["cat"]},
            "rectanglelabels",
        ),
        ("newcontrol", {"newcontrol": 3}, "newcontrol"),
    ],
)
def test_other_controls_are_refused_or_counted(type_, value, title):
    other = region("other", type_, **value)
    with pytest.raises(ValueError, match=rf"1 of other \({title}\)"):
        read_label_studio([task(annotation(1, other))])
    with pytest.raises(ValueError, match=rf"1 of other \({title}\)"):
        read_label_studio([task(annotation(1, other, choice("a")))], question="other")
    export = read_label_studio([task(annotation(1, other, choice("a")))])
    assert list(export.left_out.values()) == [1]


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("choices", {"start": 0, "end": 2, "choices": ["a"]}),
        ("rating", {"x": 1, "y": 2, "width": 3, "height": 4, "rating": 3}),
        ("textarea", {"start": 0, "end": 2, "text": ["a"]}),
    ],
)
def test_answers_about_regions_are_named_so(type_, value):
    other = region("other", type_, **value)
    counted = f"other ({type_}, about a region)"
    with pytest.raises(ValueError, match=re.escape(f"1 of {counted}")):
        read_label_studio([task(annotation(1, other))])
    with pytest.raises(ValueError, match=re.escape(f"1 of {counted}")):
        read_label_studio([task(annotation(1, other, choice("a")))], question="other")
    export = read_label_studio([task(annotation(1, other, choice("a")))])
    assert export.left_out == {f"answers to {counted}, which cannot be read": 1}


def test_an_export_without_annotators_is_refused():
    tasks = [task({"result": [choice("a")]}), task(annotation(None), id=2)]
    with pytest.raises(ValueError, match=r"no answer names its annotator \(2.*JSON"):
        read_label_studio(tasks)
    tasks.append(task(annotation(1, choice("b")), id=3))
    export = read_label_studio(tasks)
    assert export.left_out == {"answers without the name of an annotator": 2}


def test_identities_of_several_versions_are_one_person():
    tasks = [
        task(annotation(1, choice("a"))),
        task(annotation({"id": 1, "email": "a@b.org"}, choice("b")), id=2),
        task(annotation({"id": 2}, choice("b")), id=3),
    ]
    names = read_label_studio(tasks).annotations.annotator_names
    assert names.tolist() == ["2", "a@b.org"]


def test_old_exports_have_completions():
    old = task(annotation(3, choice("a")))
    old["completions"] = old.pop("annotations")
    assert read_label_studio([old]).annotations[0] == {3: "a"}


def test_duplicate_ids():
    tasks = [task(annotation(1, choice("a"))), task(annotation(2, choice("b")))]
    assert read_label_studio(tasks).annotations[0] == {1: "a", 2: "b"}
    tasks[1]["data"] = {"text": "another"}
    with pytest.raises(ValueError, match="record 2: the id 1 occurs again"):
        read_label_studio(tasks)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"id": 1, "data": 3, "annotations": []}, "record 1: this is neither"),
        ({"id": 1, "data": {}, "annotations": [17]}, "record 1: an annotation is 17"),
        ({"data": {}, "annotations": []}, "record 1 has no id"),
        ({"a": 1}, "record 1: this is neither a task of JSON"),
    ],
)
def test_malformed_tasks(record, message):
    with pytest.raises(ValueError, match=message):
        read_label_studio([record])


def test_mixed_versions_of_a_control():
    tasks = [task(annotation(1, choice("a")))]
    tasks.append(task(annotation(1, region("mood", "rating", rating=3)), id=2))
    with pytest.raises(ValueError, match="record 2: question 'mood' is answered by"):
        read_label_studio(tasks)


def test_a_truncated_file(tmp_path, samples):
    text = (samples / "label_studio_choices.json").read_text(encoding="utf-8")
    path = tmp_path / "cut.json"
    path.write_text(text[:900], encoding="utf-8")
    with pytest.raises(ValueError, match=r"cut.json, record 1 .*truncated"):
        read_label_studio(path)


def test_true_spans():
    true = annotation(9, span(8, 11), ground_truth=True)
    export = read_label_studio([task(annotation(1, span(0, 3)), true)])
    assert export.gold == {1: ["O", "O", "B-PER", "O"]}
    assert export.annotations[0] == {1: ["B-PER", "O", "O", "O"]}


def test_texts_without_a_token():
    tasks = [task(annotation(1, span(0, 3))), task(annotation(1), id=2, text=" ")]
    export = read_label_studio(tasks, data=True)
    assert export.items == [1]
    assert export.data["text"] == export.texts == ["Ann met Bob."]
    assert export.left_out == {"items whose text has no token": 1}


def test_texts_are_kept_for_spans_or_on_request_only(tmp_path):
    path = tmp_path / "large.json"
    label = [annotation(1, choice("a")), annotation(2, choice("b"))]
    tasks = [task(*label, id=k, text=f"{k} " * 30_000) for k in range(100)]
    path.write_text(json.dumps(tasks), encoding="utf-8")
    tracemalloc.start()
    read_label_studio(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < path.stat().st_size / 2


def test_large_exports_are_what_their_answers_are(tmp_path):
    path = tmp_path / "large.json"
    rng = np.random.default_rng(0)
    label = rng.choice(["a", "b"], size=(2000, 3))
    tasks = [
        task(*(annotation(j, choice(label[i, j])) for j in range(3)), id=i)
        for i in range(2000)
    ]
    path.write_text(json.dumps(tasks), encoding="utf-8")
    np.testing.assert_array_equal(read_label_studio(path).annotations.to_dense(), label)


@pytest.mark.parametrize("name", ["choices", "min"])
def test_lead_time_is_the_time_of_an_answer(samples, name):
    path = samples / f"label_studio_{name}.json"
    found = read_label_studio(path, question="mood").annotations
    assert set(found[:1].time.tolist()) == {3.1, 2.0}
