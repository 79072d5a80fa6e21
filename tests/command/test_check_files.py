"""Files that would be lost, or cannot be read or written, are refused at once."""

import os

import numpy as np
import pytest

from skcrowd.command import main

TABLE = "item,annotator,answer,text\n" + "".join(
    f"{i},{annotator},{'yes' if i % 2 else 'no'},it is {i % 2}\n"
    for i in range(8)
    for annotator in "abc"
)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with answers and features, where nothing may be read or trained."""
    (tmp_path / "answers.csv").write_text(TABLE)
    lines = [f"{i},{i % 2}" for i in range(8)]
    (tmp_path / "X.csv").write_text("\n".join(["item,a", *lines]))
    np.savez(tmp_path / "X.npz", items=np.arange(8), X=np.eye(8))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def _idle(monkeypatch):
    monkeypatch.setattr("skcrowd.command._subcommand.read_answers", None)
    monkeypatch.setattr("skcrowd.command._predict_command.load_model", None)


def refused(capsys, *call):
    assert main([str(part) for part in call]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("skcrowd: error: ")
    assert err.count("\n") == 1
    return err


ON_ANSWERS = ["consensus", "annotators", "agreement", "next", "report", "train"]
WITH_FEATURES = [name for name in ON_ANSWERS if name != "agreement"]


@pytest.mark.usefixtures("_idle")
@pytest.mark.parametrize("command", ON_ANSWERS)
def test_the_answers_are_not_overwritten(command, place, capsys):
    os.link("answers.csv", "linked.csv")
    (place / "soft.csv").symlink_to("answers.csv")
    names = "answers.csv", "./answers.csv", place / "answers.csv", "linked.csv"
    for output in (*names, "soft.csv"):
        err = refused(capsys, command, "answers.csv", "-o", output)
        assert "it is the file of the answers, which would be lost" in err
    assert (place / "answers.csv").read_text() == TABLE


@pytest.mark.usefixtures("_idle")
@pytest.mark.parametrize("command", WITH_FEATURES)
@pytest.mark.parametrize("name", ["X.csv", "X.npz"])
def test_the_features_are_not_overwritten(command, name, place, capsys):
    before = (place / name).read_bytes()
    call = command, "answers.csv", "--features", name, "-o", f"../{place.name}/{name}"
    assert "it is the file of the features, which" in refused(capsys, *call)
    assert (place / name).read_bytes() == before


@pytest.mark.usefixtures("_idle", "place")
def test_what_is_predicted_does_not_overwrite_what_it_is_made_of(capsys):
    for output, what in [("X.csv", "the new items"), ("answers.csv", "the model")]:
        err = refused(capsys, "predict", "answers.csv", "X.csv", "-o", output)
        assert f"it is the file of {what}, which would be lost" in err


@pytest.mark.usefixtures("_idle")
@pytest.mark.parametrize("command", [*ON_ANSWERS, "predict"])
def test_outputs_that_cannot_be_written(command, place, capsys):
    (place / "results").mkdir()
    call = [command, "answers.csv", *(["X.csv"] if command == "predict" else [])]
    for output, reason in [
        ("results", "it is a folder; name a file in it"),
        (".", "it is a folder"),
        ("none/out.csv", "there is no folder none"),
        ("X.csv/out.csv", "there is no folder X.csv"),
        ("-", "it is no file; name one, or leave --output out"),
    ]:
        err = refused(capsys, *call, "-o", output)
        assert f"--output {output} cannot be written: {reason}" in err


@pytest.mark.usefixtures("_idle")
@pytest.mark.parametrize("output", ["results.csv", "old.csv"])
def test_outputs_without_permission(output, place, capsys, monkeypatch):
    (place / "old.csv").write_text("item\n")
    closed = {"old.csv": place / "old.csv", "results.csv": place}[output]
    monkeypatch.setattr(
        "os.access", lambda path, mode: place / path != closed or mode != os.W_OK
    )
    err = refused(capsys, "consensus", "answers.csv", "-o", output)
    assert "you have no permission" in err


@pytest.mark.usefixtures("_idle")
@pytest.mark.parametrize(
    ("command", "name"), [("train", "crowd.model"), ("report", "report.html")]
)
def test_the_output_by_default_is_checked_too(command, name, place, capsys):
    (place / name).mkdir()
    assert "it is a folder" in refused(capsys, command, "answers.csv")
    (place / name).rmdir()
    (place / "answers.csv").rename(name)
    assert "which would be lost" in refused(capsys, command, name)


def doccano(folder):
    folder.mkdir()
    for user in ("ann", "bob"):
        lines = ['{"id": 1, "text": "a", "label": ["x"]}\n']
        (folder / f"{user}.jsonl").write_text("".join(lines))
    return folder


@pytest.mark.usefixtures("place")
def test_outputs_in_the_folder_of_the_answers(place, capsys):
    folder = doccano(place / "export")
    for name in ("ann.jsonl", "labels.csv", "labels.CSV", "inner.json.gz"):
        err = refused(capsys, "consensus", "export", "-o", folder / name)
        assert "is in the folder of the answers" in err
        assert "would be read as answers" in err
    assert sorted(path.name for path in folder.iterdir()) == ["ann.jsonl", "bob.jsonl"]
    call = "consensus", "export", "--quiet", "-o"
    assert main([*call, "labels.csv"]) == 0
    assert main([*call, str(folder / "labels.txt")]) == 0
    assert main([*call, "labels.csv"]) == 0  # results are overwritten


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("command", [*ON_ANSWERS, "predict"])
def test_pipes_are_refused(command, capsys):
    os.mkfifo("pipe")
    further = ["X.csv"] if command == "predict" else []
    for name in ("pipe", "-", "/dev/null"):
        err = refused(capsys, command, name, *further)
        assert f"{name} is a pipe or a device, which can be read only once" in err
    if command == "predict":
        err = refused(capsys, command, "answers.csv", "pipe")
    elif command in WITH_FEATURES:
        err = refused(capsys, command, "answers.csv", "--features", "pipe")
    assert "write what comes from it into a file first" in err


@pytest.mark.usefixtures("place")
def test_a_file_may_be_named_by_a_descriptor(capsys):
    with open("answers.csv") as file:
        call = "consensus", f"/dev/fd/{file.fileno()}", "--quiet"
        assert main([*call, "--method", "majority_vote"]) == 0
    assert capsys.readouterr().out.startswith("item,label")
