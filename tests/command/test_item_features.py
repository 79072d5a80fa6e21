"""Features are read from whatever the answers are read from, and errors are clear."""

import gzip
import json

import numpy as np
import pytest

from skcrowd.command import main
from skcrowd.command._item_features import read_features
from skcrowd.exceptions import CrowdWarning

TABLE = "item,a,b\nt0,0.5,1\nt1,-2,1e-3\n"
EXPECTED = np.array([[0.5, 1], [-2, 0.001]], dtype=np.float32)


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        TABLE.replace(",", ";").encode(),
        TABLE.replace(",", "\t").encode(),
        TABLE.replace("\n", "\r\n").encode(),
        TABLE.replace(",", ";").replace(".", ",").encode(),
        f"{TABLE}\n\n".encode(),
        TABLE.replace("\n", "\n\n").encode(),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("utf-16"),
        gzip.compress(TABLE.encode(), mtime=0),
    ],
)
@pytest.mark.parametrize("name", ["X.csv", "X", "X.txt"])
def test_tables_are_read_as_those_of_answers(tmp_path, content, name):
    path = tmp_path / name
    path.write_bytes(content)
    names, X = read_features(path)
    assert names == ["t0", "t1"]
    np.testing.assert_array_equal(X, EXPECTED)
    assert X.dtype == np.float32


@pytest.mark.parametrize("name", ["X.npz", "X.NPZ", "X.data"])
def test_npz_files_of_any_name(tmp_path, name):
    np.savez(tmp_path / "written.npz", items=["t0", "t1"], X=EXPECTED)
    path = (tmp_path / "written.npz").rename(tmp_path / name)
    names, X = read_features(path)
    assert names == ["t0", "t1"]
    np.testing.assert_array_equal(X, EXPECTED)


def whole(folder):
    np.savez(folder / "whole.npz", items=["t0", "t1"], X=np.eye(2))
    return (folder / "whole.npz").read_bytes()


def array(folder):
    np.save(folder / "array.npy", np.eye(2))
    return (folder / "array.npy").read_bytes()


def objects(folder):
    np.savez(folder / "objects.npz", items=np.array(["a"], object), X=np.eye(1))
    return (folder / "objects.npz").read_bytes()


def flipped(folder):
    content = bytearray(whole(folder))
    content[len(content) // 3] ^= 255
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (lambda folder: b"", "No data left in file"),
        (lambda folder: TABLE.encode(), ""),
        (lambda folder: whole(folder)[:-9], "zip file"),
        (lambda folder: whole(folder)[:60], "zip file"),
        (flipped, ""),
        (array, "it holds one array without a name"),
        (objects, "Object arrays"),
    ],
)
def test_what_is_no_npz_file_is_refused(tmp_path, content, reason):
    path = tmp_path / "X.npz"
    path.write_bytes(content(tmp_path))
    message = rf"X.npz is no NPZ file .*{reason}.*np.savez\(path, items="
    with pytest.raises(ValueError, match=message):
        read_features(path)


def test_arrays_of_other_names_and_shapes_are_refused(tmp_path):
    path = tmp_path / "X.npz"
    for arrays, message in [
        ({"names": ["t0"], "X": np.eye(1)}, r"holds the arrays \['X', 'names'\]"),
        ({"items": [["t0"]], "X": np.eye(1)}, r"items of .* has shape \(1, 1\)"),
        ({"items": ["t0"], "X": np.zeros(3)}, "a row of numbers"),
        ({"items": ["t0"], "X": [["a"]]}, "a row of numbers"),
        ({"items": ["t0"], "X": [[np.inf]]}, "NaN or infinite"),
    ]:
        np.savez(path, **arrays)
        with pytest.raises(ValueError, match=message):
            read_features(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("item;a\nt0;1,200\n", "the comma of '1,200' may separate thousands"),
        ("item;a;b\nt0;1.200;0,5\n", "the point of '1.200' may separate thousands"),
        ("item,a\nt0,1_5\n", r"row 1 \(line 2\): '1_5' is no finite number"),
        ("item,a\nt0,1\nt1,\n", r"row 2 \(line 3\): .*must hold numbers"),
        ("item,a\nt0,inf\n", "NaN or infinite"),
        ("item,a,a\nt0,1,2\n", "several columns 'a'"),
        ("1;0,5;1\n2;0,5;0\n", "several columns '1', a number: its first line is"),
        ("item,a\nt0,1,2\n", r"row 1 \(line 2\) has 3 fields"),
    ],
)
def test_malformed_tables_are_refused(tmp_path, text, message):
    path = tmp_path / "X.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_features(path)


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "X.txt"
    path.write_text(json.dumps({"item": "t0", "a": 1}))
    with pytest.raises(ValueError, match=r"is JSON; features are read from CSV or TSV"):
        read_features(path)


def test_a_first_line_of_numbers_is_warned_of(tmp_path):
    path = tmp_path / "X.csv"
    path.write_text("t0,0.5,1.5\nt1,1,2\n")
    with pytest.warns(CrowdWarning, match=r"first line .*'0.5'.*write names above it"):
        names, _ = read_features(path)
    assert names == ["t1"]
    path.write_text(",0,1,2\nt1,1,2,3\n")  # as pandas numbers columns
    assert read_features(path)[0] == ["t1"]


@pytest.mark.parametrize("command", ["consensus", "annotators", "train", "report"])
def test_damaged_features_are_one_line(tmp_path, capsys, command):
    answers, features = tmp_path / "answers.csv", tmp_path / "X.npz"
    answers.write_text("item,annotator,answer\nt0,a,x\nt1,a,y\n")
    features.write_bytes(whole(tmp_path)[:-9])
    call = command, answers, "--quiet", "--features", features
    output = tmp_path / "output"
    assert main([*map(str, call), "-o", str(output)]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"skcrowd: error: {features} is no NPZ file")
    assert not output.exists()


def test_items_that_are_integers_may_be_written_as_whole_floats(tmp_path, capsys):
    (tmp_path / "y.csv").write_text("item,annotator,label\n1,a,x\n1,b,x\n2,a,y\n")
    call = ["consensus", str(tmp_path / "y.csv"), "--epochs", "1", "--quiet"]
    (tmp_path / "X.csv").write_text("item,f\n1.0,0.5\n2.0,1\n")
    assert main([*call, "--features", str(tmp_path / "X.csv")]) == 0
    assert capsys.readouterr().out.count("\n") == 3
    (tmp_path / "X.csv").write_text("item,f\ni1,0.5\ni2,1\n")
    assert main([*call, "--features", str(tmp_path / "X.csv")]) == 1
    assert "such as 1; its items are such as 'i1'" in capsys.readouterr().err


@pytest.mark.parametrize("names", [np.array([1.0, 2.0]), np.array([b"1", b"2"])])
def test_names_in_npz_files_are_read_as_those_of_answers(tmp_path, names):
    np.savez(tmp_path / "X.npz", items=names, X=EXPECTED)
    found, _ = read_features(tmp_path / "X.npz")
    assert list(map(str, found)) == ["1", "2"]


def test_columns_of_new_items_are_those_that_were_learned_from(tmp_path, capsys):
    pytest.importorskip("safetensors")
    (tmp_path / "y.csv").write_text("item,annotator,label\nt0,a,x\nt0,b,x\nt1,a,y\n")
    (tmp_path / "X.csv").write_text(TABLE)
    paths = {name: str(tmp_path / name) for name in ("y.csv", "X.csv", "m", "new.csv")}
    call = ["train", paths["y.csv"], "--features", paths["X.csv"], "-o", paths["m"]]
    assert main([*call, "--epochs", "1", "--quiet"]) == 0

    def predicted(table):
        (tmp_path / "new.csv").write_text(table)
        code = main(["predict", paths["m"], paths["new.csv"]])
        said = capsys.readouterr()
        return code, said.out, said.err

    expected = predicted(TABLE)
    assert expected[0] == 0
    assert predicted("item,b,a\nt0,1,0.5\nt1,1e-3,-2\n") == expected
    code, _, err = predicted("item,a,c\nt0,0.5,1\n")
    assert code == 1
    assert "lacks the columns ['b'], and has further ones, ['c']" in err
