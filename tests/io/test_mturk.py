import json

import pytest

from skcrowd.exceptions import CrowdWarning
from skcrowd.io import read_mturk


def write(tmp_path, *lines):
    path = tmp_path / "batch.csv"
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8-sig")
    return path


def test_batch(samples):
    path = samples / "mturk_batch.csv"
    export = read_mturk(path, data=True)
    assert export.question == "mood"
    assert export.items == ["H1", "H2"]
    assert export.annotations[0] == {"W1": "good"}
    assert export.annotations[1] == {"W1": "bad", "W3": "bad"}
    assert export.left_out == {
        "rejected assignments": 1,
        "submissions without an answer to the question": 1,
        "repeated answers of one annotator to one item": 1,
    }
    assert export.data["image"] == ["1.png", "2.png"]
    assert export.data["text"][1] == "Cold, cold soup"


def test_options(samples):
    path = samples / "mturk_batch.csv"
    assert read_mturk(path, repeated="first").annotations[1]["W3"] == "good"
    assert read_mturk(path, rejected=True).annotations[0] == {"W1": "good", "W2": "bad"}
    assert read_mturk(path, item="Input.image").items == ["1.png", "2.png"]
    with pytest.raises(ValueError, match="annotator 'W3' answers item 'H2' again"):
        read_mturk(path, repeated="error")


def test_boxes(samples):
    path = samples / "mturk_boxes.csv"
    with pytest.raises(ValueError, match="label='cat'"):
        read_mturk(path, kind="labels")
    assert read_mturk(path).annotations.classes.tolist() == ["cat", "dog"]
    assert read_mturk(path, label="cat").annotations[0] == {"W1": 1, "W2": 0}
    assert read_mturk(path, label="dog").annotations[1] == {"W1": 0}


def test_labels_of_boxes_that_share_a_field(tmp_path):
    path = write(
        tmp_path,
        "HITId,WorkerId,Answer.seen,Answer.note",
        "H1,W1,cat|dog,a|b",
        "H1,W2,dog,",
        "H2,W1, cat ,fine",
    )
    sets = read_mturk(path, question="seen", kind="sets").annotations
    assert sets.classes.tolist() == ["cat", "dog"]
    assert sets[0] == {"W1": ["cat", "dog"], "W2": ["dog"]}
    ticked = read_mturk(path, question="seen", label="cat").annotations
    assert [ticked[0], ticked[1]] == [{"W1": 1, "W2": 0}, {"W1": 1}]
    with pytest.warns(CrowdWarning, match=r"such as 'cat\|dog'.* kind='sets'"):
        read = read_mturk(path, question="seen").annotations
    assert read[0] == {"W1": "cat|dog", "W2": "dog"}
    as_said = read_mturk(path, question="seen", kind="labels").annotations
    assert as_said[0] == read[0]
    other = read_mturk(path, question="seen", kind="sets", separator="/").annotations
    assert other.classes.tolist() == ["cat", "cat|dog", "dog"]
    with pytest.raises(ValueError, match="separator is empty"):
        read_mturk(path, separator="")


def test_crowd_elements(samples):
    export = read_mturk(samples / "mturk_elements.csv")
    assert export.question == "category"
    assert export.annotations[0] == {"W1": "cat", "W2": "dog"}


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("Answer.stars", "4", 4),
        ("Answer.category.label", "cat", "cat"),
        ("Answer.category.labels", '"[""cat""]"', "cat"),
        ("Answer.taskAnswers", '"[{""q"":{""a"":true,""b"":false}}]"', "a"),
        ("Answer.taskAnswers", '"{""q"":""a""}"', "a"),
        ("Answer.agree.on", "true", "true"),
        ("Answer.agree.on", "false", "false"),
        ("Answer.taskAnswers", '"[{""agree"":{""on"":false}}]"', "false"),
    ],
)
def test_forms_of_answers(tmp_path, column, value, expected):
    path = write(tmp_path, f"HITId,WorkerId,{column}", f"H1,W1,{value}")
    assert read_mturk(path).annotations[0] == {"W1": expected}


def test_malformed_files(tmp_path):
    with pytest.raises(ValueError, match=r"row 1 .*lacks the columns \['WorkerId'\]"):
        read_mturk(write(tmp_path, "HITId,Answer.a", "1,2"))
    with pytest.raises(ValueError, match="no column Answer"):
        read_mturk(write(tmp_path, "HITId,WorkerId", "1,2"))
    with pytest.raises(ValueError, match=r"row 1 .*taskAnswers is no JSON"):
        read_mturk(write(tmp_path, "HITId,WorkerId,Answer.taskAnswers", "1,2,[x"))
    with pytest.raises(ValueError, match=r"row 2 .*'H1' occurs again with other data"):
        read_mturk(
            write(tmp_path, "HITId,WorkerId,Input.a,Answer.b", "H1,1,2,3", "H1,2,4,3")
        )


def test_time(samples):
    found = read_mturk(samples / "mturk_batch.csv").annotations
    assert found.time.tolist()[0] == 12
    assert found.confidence is None


def test_radio_buttons_and_a_single_box(samples):
    path = samples / "mturk_radio.csv"
    mood = read_mturk(path, question="mood")
    assert mood.annotations[0] == {"W1": "good", "W2": "bad"}
    adult = read_mturk(path, question="adult").annotations
    assert [adult[0], adult[1]] == [{"W1": "false", "W2": "true"}, {"W1": "false"}]


def test_spans_of_elements_are_refused_without_their_text(tmp_path):
    spans = '{""entities"":[{""label"":""PER"",""startOffset"":0,""endOffset"":3}]}'
    column = f'"[{{""names"":{spans}}}]"'
    path = write(tmp_path, "HITId,WorkerId,Answer.taskAnswers", f"H1,W1,{column}")
    with pytest.raises(ValueError, match=r"1 of names \(spans: pass text="):
        read_mturk(path)


def test_what_a_column_holds_is_the_same_in_all_rows(tmp_path):
    head = "HITId,WorkerId,Answer.comment.main"
    path = write(tmp_path, head, "H1,W1,", "H1,W2,good", "H2,W2,true")
    export = read_mturk(path)
    assert export.question == "comment.main"
    assert [export.annotations[0], export.annotations[1]] == [
        {"W2": "good"},
        {"W2": "true"},
    ]
    path = write(tmp_path, "HITId,WorkerId,Answer.q.a,Answer.q.b", "1,W,on,", "2,W,,on")
    assert read_mturk(path).annotations.classes.tolist() == ["a", "b"]


def test_a_question_in_two_columns_is_refused(tmp_path):
    for column, value in [("q.label", "b"), ("q.other", "false")]:
        path = write(
            tmp_path, f"HITId,WorkerId,Answer.q,Answer.{column}", f"1,W,a,{value}"
        )
        with pytest.raises(ValueError, match=r"row 1 .*'q' is answered in two columns"):
            read_mturk(path)


def test_numbers_of_elements_may_be_whole(tmp_path):
    rows = [f'H1,W{k},"[{{""q"":{value}}}]"' for k, value in enumerate((3, 4.5))]
    export = read_mturk(write(tmp_path, "HITId,WorkerId,Answer.taskAnswers", *rows))
    assert export.annotations[0] == {"W0": 3.0, "W1": 4.5}


def test_a_question_that_is_not_read_may_have_answers_of_several_kinds(tmp_path):
    head = "HITId,WorkerId,Answer.mood,Answer.comment"
    path = write(tmp_path, head, "H1,W1,good,['old']", "H1,W2,bad,hm", "H2,W2,bad,ok")
    export = read_mturk(path, question="mood")
    assert export.annotations[0] == {"W1": "good", "W2": "bad"}
    assert export.left_out == {"answers to another question, 'comment'": 3}
    several = r"record 2: question 'comment' is answered by a label, and by a set of"
    with pytest.raises(ValueError, match=several):
        read_mturk(path, question="comment")


def test_assignments_that_are_about_to_be_rejected(tmp_path):
    head = "HITId,WorkerId,AssignmentStatus,Answer.mood,Approve,Reject"
    rows = (
        "H1,W1,Submitted,good,x,",
        "H1,W2,Submitted,bad,,no work",
        "H1,W3,Approved,,,x",
    )
    path = write(tmp_path, head, *rows)
    export = read_mturk(path)
    assert export.annotations[0] == {"W1": "good"}
    assert export.left_out["rejected assignments"] == 1
    assert read_mturk(path, rejected=True).annotations[0]["W2"] == "bad"


def test_prefixes_may_be_written(samples):
    path = samples / "mturk_batch.csv"
    export = read_mturk(path, question="Answer.mood", data=["Input.text"])
    assert export.question == "mood"
    assert list(export.data) == ["text"]
    with pytest.raises(
        ValueError, match=r"data names \['colour'\], but the columns .*'t"
    ):
        read_mturk(path, data=["colour"])
    with pytest.raises(ValueError, match=r"no column 'text': \['HITId'"):
        read_mturk(path, item="text")


def test_json_in_json_is_counted(tmp_path):
    cell = '"[{""input"":""[{\\""name\\"":\\""q\\""}]""}]"'
    path = write(tmp_path, "HITId,WorkerId,Answer.taskAnswers", f"H1,W1,{cell}")
    with pytest.raises(ValueError, match=r"neither labels, .* 1 of input"):
        read_mturk(path)


def test_a_column_of_boxes_is_counted(tmp_path):
    boxes = '"[{""left"":1,""top"":2,""label"":""cat""}]"'
    path = write(tmp_path, "HITId,WorkerId,Answer.boxes", f"H1,W1,{boxes}", "H1,W2,{}")
    with pytest.raises(ValueError, match=r"1 of boxes \(boxes, spans or other\)"):
        read_mturk(path)


def entities(*found):
    names = ("startOffset", "endOffset", "label")
    listed = [dict(zip(names, one, strict=True)) for one in found]
    cell = json.dumps([{"names": {"entities": listed}, "mood": {"label": "good"}}])
    return '"' + cell.replace('"', '""') + '"'


def test_spans_of_the_input_that_is_named(tmp_path):
    head = "HITId,WorkerId,Input.text,Answer.taskAnswers"
    answers = {"W1": entities((0, 3, "PER"), (8, 11, "PER")), "W2": entities()}
    rows = [f"H1,{who},Ann met Bob.,{cell}" for who, cell in answers.items()]
    emoji = f"H2,W1,\U0001f600 Tim.,{entities((3, 6, 'PER'))}"  # as browsers count
    path = write(tmp_path, head, *rows, emoji)
    for text in ("text", "Input.text"):
        export = read_mturk(path, question="names", text=text)
        assert export.spans == [
            {"W1": [(0, 3, "PER"), (8, 11, "PER")], "W2": []},
            {"W1": [(2, 5, "PER")]},
        ]
    assert export.left_out == {"answers to another question, 'mood'": 3}
    export = read_mturk(path, question="names", text=text, scheme="BIOES")
    assert export.annotations[0]["W1"] == ["S-PER", "O", "S-PER", "O"]
    unread = "names (spans: pass text=, the input that they are in)"
    counted = f"answers to {unread}, which cannot be read"
    assert read_mturk(path, question="mood").left_out == {counted: 3}
    with pytest.raises(ValueError, match=r"text='body' is no input; .* \['text'\]"):
        read_mturk(path, question="names", text="body")
    outside = write(tmp_path, head, f"H1,W1,Ann.,{entities((0, 9, 'PER'))}")
    with pytest.warns(CrowdWarning, match=r"spans are left out \(1\)"):
        read_mturk(outside, question="names", text="text")


def test_a_single_box_with_a_value_that_somebody_left_unticked(tmp_path):
    def crowd(**boxes):
        return '"' + json.dumps([boxes]).replace('"', '""') + '"'

    in_columns = ["HITId,WorkerId,Answer.agree.yes", "H1,W1,true", "H1,W2,false"]
    in_json = ["HITId,WorkerId,Answer.taskAnswers"]
    in_json += [f"H1,W1,{crowd(agree={'yes': True})}"]
    in_json += [f"H1,W2,{crowd(agree={'yes': False})}"]
    for lines in (in_columns, in_json):
        path = write(tmp_path, *lines)
        assert read_mturk(path).annotations[0] == {"W1": "true", "W2": "false"}
        assert read_mturk(path, label="yes").annotations[0] == {"W1": 1, "W2": 0}
        sets = read_mturk(path, kind="sets").annotations
        assert sets[0] == {"W1": ["yes"], "W2": []}
        alone = read_mturk(write(tmp_path, *lines[:2]))
        assert alone.annotations[0] == {"W1": "yes"}


def test_lists_of_one_label_are_no_boxes(tmp_path):
    cells = ('"[{""seen"":{""labels"":[""cat""]}}]"', '"[{""seen"":{""labels"":[]}}]"')
    rows = [f"H1,W{k},{cell}" for k, cell in enumerate(cells)]
    export = read_mturk(write(tmp_path, "HITId,WorkerId,Answer.taskAnswers", *rows))
    assert export.annotations[0] == {"W0": "cat"}
