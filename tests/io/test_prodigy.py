import pytest

from skcrowd.exceptions import CrowdWarning
from skcrowd.io import read_prodigy


def test_choices(samples):
    export = read_prodigy(samples / "prodigy_choice.jsonl", data=True)
    assert export.question == "choice"
    assert export.items == [501, 502]
    assert export.annotations[0] == {"soups-ann": "good", "soups-bob": "bad"}
    assert export.annotations[1] == {"soups-bob": "bad"}
    assert export.left_out == {"tasks that were answered by ignore": 1}
    assert export.data["meta"][0] == {"source": "forum"}


def test_spans_keep_the_tokens_of_the_tasks(samples):
    path = samples / "prodigy_spans.jsonl"
    export = read_prodigy(path)
    assert export.tokens == [["Bob", "Lee", "ca", "n't", "go", "."]]
    assert export.annotations[0] == {
        "names-ann": ["B-PER", "I-PER", "O", "B-NEG", "O", "O"],
        "names-bob": ["O"] * 6,
    }
    assert export.left_out == {"tasks that were answered by reject": 1}


def test_a_tokenizer_may_be_given(samples):
    path = samples / "prodigy_spans.jsonl"
    with pytest.warns(CrowdWarning, match="spans that cut a token"):
        export = read_prodigy(path, tokenizer=r"[\w']+|\S")
    assert export.tokens == [["Bob", "Lee", "can't", "go", "."]]
    assert export.left_out["spans that cut a token (widened to it)"] == 1


def test_the_last_token_is_included():
    tokens = [{"start": 0, "end": 3}, {"start": 4, "end": 7}, {"start": 8, "end": 10}]
    span = {"token_start": 0, "token_end": 1, "label": "PER"}
    task = {"text": "Bob Lee go", "tokens": tokens, "answer": "accept"}
    export = read_prodigy([task | {"spans": [span], "_annotator_id": "x"}])
    assert export.spans == [{"x": [(0, 7, "PER")]}]
    with pytest.raises(ValueError, match=r"record 1: the span .* has neither"):
        read_prodigy([task | {"spans": [span | {"token_end": 9}], "_annotator_id": 1}])


def test_binary_answers(samples):
    export = read_prodigy(samples / "prodigy_binary.jsonl")
    assert export.question == "FOOD"
    assert export.annotations[0] == {"food-ann": "accept", "food-bob": "reject"}
    assert export.left_out == {"tasks that were answered by ignore": 1}


def test_several_options():
    task = {"text": "x", "_input_hash": 1, "options": [], "answer": "accept"}
    tasks = [
        task | {"accept": ["a", "b"], "_annotator_id": "x"},
        task | {"accept": [], "_annotator_id": "y"},
    ]
    assert read_prodigy(tasks).annotations[0] == {"x": ["a", "b"], "y": []}
    assert read_prodigy(tasks, label="a").annotations[0] == {"x": 1, "y": 0}


def test_ids_of_options_keep_their_type():
    task = {"text": "x", "_input_hash": 1, "answer": "accept"}
    tasks = [
        task | {"accept": [1], "_annotator_id": "x"},
        task | {"accept": [], "_annotator_id": "y"},
    ]
    assert read_prodigy(tasks).annotations.classes.tolist() == [1]


def test_sessions_that_are_times_are_nobody():
    task = {"text": "x", "_input_hash": 1, "accept": ["a"], "answer": "accept"}
    unnamed = task | {"_session_id": "2026-01-05_10-00-00"}
    with pytest.raises(ValueError, match=r"no answer names.*\?session=NAME"):
        read_prodigy([unnamed])
    tasks = [unnamed, task | {"_annotator_id": None, "_session_id": "d-ann"}]
    assert read_prodigy(tasks).annotations[0] == {"d-ann": "a"}


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ({"text": "x"}, "record 1 has no answer: these are tasks"),
        ({"answer": "accept", "spans": []}, "record 1 has none of the fields"),
        (
            {"answer": "accept", "text": "x", "spans": [{"start": 0, "end": 5}]},
            "record 1: the span from 0 to 5",
        ),
        (
            {"answer": "accept", "image": "x", "spans": [{"points": []}]},
            "regions of an image",
        ),
        ({"answer": "accept", "text": "x", "user_input": "y"}, "free text"),
    ],
)
def test_malformed_tasks(task, message):
    with pytest.raises(ValueError, match=message):
        read_prodigy([task | {"_annotator_id": "x"}])


TASK = {"text": "Ann met Bob.", "_input_hash": 1, "answer": "accept"}
ANN, BOB = (
    {"start": 0, "end": 3, "label": "PER"},
    {"start": 8, "end": 11, "label": "PER"},
)


@pytest.mark.parametrize("view", ["ner", "spans", None])
def test_spans_that_are_judged_one_by_one_are_no_annotation_of_the_text(view):
    judged = {"_view_id": view} if view else {}
    more = {} if view else {"answer": "reject"}
    one = TASK | judged | {"_annotator_id": "x", "spans": [ANN | more]}
    other = one | {"spans": [BOB | more], "answer": "reject"}
    with pytest.raises(ValueError, match=r"2 of spans \(accepted or rejected one by"):
        read_prodigy([one, other])
    choice = TASK | {"_annotator_id": "x", "accept": ["a"]}
    left_out = read_prodigy([one, choice]).left_out
    assert list(left_out.values()) == [1]


@pytest.mark.parametrize("view", ["ner", "spans"])
@pytest.mark.parametrize("empty", [{"spans": []}, {}, {"spans": [], "label": "x"}])
def test_no_span_that_is_judged_is_no_text_without_spans(view, empty):
    shown = TASK | {"_view_id": view}
    one = shown | {"_annotator_id": "ann", "spans": [ANN]}
    other = shown | {"_annotator_id": "bob"} | empty
    drawn = TASK | {"_annotator_id": "cy", "_view_id": "ner_manual", "spans": [BOB]}
    export = read_prodigy([one, other, drawn])
    assert export.spans == [{"cy": [(8, 11, "PER")]}]
    assert list(export.left_out.values()) == [2]


@pytest.mark.parametrize("view", ["ner_manual", "spans_manual", "blocks"])
def test_a_field_label_of_the_source_is_no_question(view):
    task = TASK | {"label": "forum", "spans": [ANN], "_view_id": view}
    export = read_prodigy([task | {"_annotator_id": "x"}])
    assert export.spans == [{"x": [(0, 3, "PER")]}]


def test_relations_are_counted():
    task = TASK | {"spans": [ANN, BOB], "relations": [{"head": 0, "child": 2}]}
    export = read_prodigy([task | {"_annotator_id": "x"}])
    assert export.left_out == {"relations between spans": 1}


def test_regions_of_an_image_that_has_a_text():
    task = TASK | {"image": "x.png", "spans": [{"points": [], "label": "car"}]}
    task |= {"_annotator_id": "x", "accept": ["a"], "user_input": "well"}
    export = read_prodigy([task])
    assert export.annotations[0] == {"x": "a"}
    assert export.left_out == {
        "answers to spans (regions of an image), which cannot be read": 1,
        "answers to user_input (free text), which cannot be read": 1,
    }


@pytest.mark.parametrize("view", ["text", "image", "classification"])
def test_tasks_that_are_accepted_without_a_label(view):
    task = TASK | {"image": "x.png", "_view_id": view}
    other = task | {"answer": "reject", "_annotator_id": "y"}
    export = read_prodigy([task | {"_annotator_id": "x"}, other])
    assert export.question == "answer"
    assert export.annotations[0] == {"x": "accept", "y": "reject"}


def test_transcripts_are_free_text():
    task = TASK | {"audio": "x.wav", "transcript": "well", "_view_id": "blocks"}
    with pytest.raises(ValueError, match=r"1 of transcript \(free text\)"):
        read_prodigy([task | {"_annotator_id": "x"}])


def test_spans_that_are_shown_beside_a_choice_are_no_answer():
    task = TASK | {"spans": [ANN], "accept": ["a"], "_view_id": "choice"}
    assert read_prodigy([task | {"_annotator_id": "x"}]).question == "choice"


def reviewed(view, versions, **decision):
    task = {
        "view_id": view,
        "_view_id": "review",
        "_session_id": "r-2026-01-05_10-00-00",
    }
    return TASK | task | {"versions": versions} | decision


def test_reviews_hold_the_annotations_and_the_truth():
    versions = [
        {"accept": ["a"], "sessions": ["d-ann", "d-bob"], "default": True},
        {"accept": ["b"], "sessions": ["d-cy"], "default": False},
        {"accept": ["b"], "sessions": ["d-2026-01-05_10-00-00"]},
    ]
    export = read_prodigy([reviewed("choice", versions, accept=["b"])])
    assert export.annotations[0] == {"d-ann": "a", "d-bob": "a", "d-cy": "b"}
    assert export.gold == {1: "b"}
    assert export.left_out == {
        "decisions of reviewers (in gold)": 1,
        "answers without the name of an annotator": 1,
    }


def test_reviews_of_spans_and_of_labels():
    versions = [{"sessions": ["d-ann"]}, {"spans": [BOB], "sessions": ["d-bob"]}]
    export = read_prodigy([reviewed("ner_manual", versions, spans=[ANN, BOB])])
    assert export.spans == [{"d-ann": [], "d-bob": [(8, 11, "PER")]}]
    assert export.gold == {1: ["B-PER", "O", "B-PER", "O"]}
    versions = [
        {"label": "FOOD", "answer": "accept", "sessions": ["d-ann"]},
        {"label": "FOOD", "answer": "reject", "sessions": ["d-bob"]},
    ]
    one = reviewed("classification", versions, label="FOOD", answer="reject")
    export = read_prodigy([one])
    assert export.annotations[0] == {"d-ann": "accept", "d-bob": "reject"}
    assert export.gold == {1: "reject"}


def test_manual_interfaces_without_a_span():
    task = TASK | {"_annotator_id": "x", "_view_id": "ner_manual"}
    assert read_prodigy([task]).spans == [{"x": []}]


def test_two_questions_about_one_input_are_not_mixed():
    def task(accepted, *options):
        shown = {
            "text": "Hi.",
            "_input_hash": 1,
            "answer": "accept",
            "_view_id": "choice",
        }
        listed = [{"id": one} for one in options]
        return shown | {
            "options": listed,
            "accept": [accepted],
            "_annotator_id": "ds-ann",
        }

    with pytest.raises(
        ValueError,
        match=r"record 2: .* two questions about one input; .* another _input_hash",
    ):
        read_prodigy([task("good", "good", "bad"), task("short", "short", "long")])
    tasks = [task("good", "good", "bad"), task("odd", "good", "bad", "odd")]
    assert read_prodigy(tasks).annotations[0] == {"ds-ann": "odd"}
    ignored = task("short", "short", "long") | {"answer": "ignore"}
    assert read_prodigy([tasks[0], ignored]).annotations[0] == {"ds-ann": "good"}
    other = task("GOOD", "GOOD", "BAD") | {"_annotator_id": "ds-bob"}
    with pytest.warns(CrowdWarning, match="labels differ only in"):
        assert len(read_prodigy([tasks[0], other]).annotations[0]) == 2
    with pytest.raises(ValueError, match="no question 'spans'"):
        read_prodigy([tasks[0], task("short", "short", "long")], question="spans")
