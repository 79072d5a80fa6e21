"""fetch_conll_mturk: from published or made up files, never the internet.

The published files are looked for where test_labelme looks: ``raw/conll_mturk`` and
``conll_mturk.npz`` in the folder that SKCROWD_TEST_DATA names.
"""

import hashlib
import io
import os
import shutil
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from skcrowd.annotations import SequenceAnnotations
from skcrowd.datasets import _conll_mturk
from skcrowd.datasets._conll_align import SUFFIX
from skcrowd.datasets._conll_archive import keep_listed, read_archive
from skcrowd.datasets._conll_format import TAGS, read_file, to_iob2
from skcrowd.datasets._conll_mturk import SOURCES, fetch_conll_mturk

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SKCROWD_TEST_DATA", ROOT.parent / "shared" / "data"))
RAW = DATA / "raw" / "conll_mturk"
SPLITS = ("train", "dev", "test")

# Documents sort b, c, d over both parts; nobody tagged a.txt.
ARCHIVE = {
    "task1/val/ground_truth/a.txt": "\nNo O\n\n",
    "task1/test/ground_truth/b.txt": (
        "\nIraqi B-MISC\ntroops O\n\nNew I-LOC\nYork I-LOC\n"
    ),
    "task1/val/ground_truth/c.txt": "\nNo O\n\nRome/B-MISC O\n",
    "task1/test/ground_truth/d.txt": "\nNo O\n\nNot O\nlisted O\n",
    "task1/test/mturk_train_data/W2/b.txt": (
        "\nIraq B-LOC\ni O\ntroops O\n\n\nNew/LOC O\nYork I-LOC\n"
    ),
    "task1/test/mturk_train_data/W1/b.txt": (
        "\nIraqi O\ntroops I-PER\n\nNew B-LOC\n I-LOC\nYork I-LOC\n"
    ),
    "task1/val/mturk_train_data/W3/c.txt": "No B-ORG\n\nRome O\n",
    "task1/test/mturk_train_data/W2/d.txt": "No B-PER\n\nNot O\nlisted O\n",
}
LISTED = "New I-LOC\nYork I-LOC\n\nNo O\n\nIraqi B-MISC\ntroops O\n\nRome O\n"


def zipped(texts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A data home that holds the published files."""
    if not RAW.is_dir():
        pytest.skip(f"CoNLL is not at {RAW}; set SKCROWD_TEST_DATA to its folder")
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(RAW, home / "skcrowd_conll_mturk")
    return home


@pytest.fixture(scope="module")
def conll(home):
    return fetch_conll_mturk(data_home=home, download_if_missing=False)


@pytest.fixture
def publish(monkeypatch):
    """Put the tiny files on the internet, some replaced; list the addresses asked."""

    def publish(archive=ARCHIVE, listed=LISTED, dev="Hi O\n"):
        files = {
            "task1.zip": zipped(archive),
            "ground_truth.txt": listed.encode(),
            "dev.bio": dev.encode(),
            "test.bio": b"Ho O\n",
        }
        sources = tuple(
            replace(
                source,
                sha256={
                    name: hashlib.sha256(files[name]).hexdigest()
                    for name in source.sha256
                },
            )
            for source in SOURCES
        )
        asked = []

        def serve(self, url, output_file, pooch, check_only=False):
            asked.append(url)
            Path(output_file).write_bytes(files[url.rpartition("/")[2]])

        monkeypatch.setattr(_conll_mturk, "SOURCES", sources)
        monkeypatch.setattr("pooch.HTTPDownloader.__call__", serve)
        return asked

    return publish


def test_the_data_are_those_published(conll):
    with np.load(DATA / "conll_mturk.npz") as expected:
        for split in SPLITS:
            tokens = [token for sentence in conll[f"X_{split}"] for token in sentence]
            assert tokens == str(expected[f"{split}_tokens"]).split("\n")
            lengths = [len(sentence) for sentence in conll[f"X_{split}"]]
            assert lengths == expected[f"{split}_lengths"].tolist()
            gold = expected["labels"][expected[f"{split}_gold"]]
            np.testing.assert_array_equal(np.concatenate(conll[f"gold_{split}"]), gold)
        lengths = conll.annotations.lengths
        np.testing.assert_array_equal(lengths, expected["train_lengths"])
        np.testing.assert_array_equal(conll.annotations.classes, expected["labels"])
        np.testing.assert_array_equal(codes(conll), expected["train_annotations"])


def codes(conll):
    annotations = conll.annotations.tokens
    codes = np.full(annotations.shape, -1)
    codes[annotations.item, annotations.annotator] = annotations.answer
    return codes


def test_types_and_shapes_are_those_documented(conll):
    for split, n_sentences in zip(SPLITS, (5973, 3250, 3453), strict=True):
        X, gold = conll[f"X_{split}"], conll[f"gold_{split}"]
        assert len(X) == len(gold) == n_sentences
        assert [len(tokens) for tokens in X] == [len(tags) for tags in gold]
        assert {type(tokens) for tokens in X} == {list}
        assert {type(token) for tokens in X for token in tokens} == {str}
        assert {tags.dtype for tags in gold} == {np.dtype("<U6")}
    assert isinstance(conll.annotations, SequenceAnnotations)
    assert conll.annotations.tokens.kind == "labels"
    assert conll.annotations.shape == (5973, 47)
    assert conll.annotations.annotator_names[0] == "A111JI6APXR6QV"
    assert conll.annotations.lengths.dtype == np.int64
    assert "doi:10.1007/s10994-013-5411-2" in conll.DESCR


def test_the_description_counts_right(conll):
    starts = np.cumsum(conll.annotations.lengths) - conll.annotations.lengths
    answered = codes(conll) >= 0
    assert answered[starts].sum() == 29340
    np.testing.assert_array_equal(
        np.repeat(answered[starts], conll.annotations.lengths, 0), answered
    )
    per_sentence = answered[starts].sum(axis=1)
    assert (per_sentence.min(), per_sentence.max()) == (1, 8)
    assert per_sentence.mean() == pytest.approx(4.9, abs=0.05)
    per_annotator = answered[starts].sum(axis=0)
    assert (per_annotator.min(), per_annotator.max()) == (88, 2261)
    repeats = Counter(map(tuple, conll.X_train))
    assert repeats.total() - len(repeats) == 603


def test_the_description_judges_right(conll):
    gold, lengths = np.concatenate(conll.gold_train), conll.annotations.lengths
    answers = codes(conll)
    right = np.array(TAGS)[answers] == gold[:, None]
    assert right[answers >= 0].mean() == pytest.approx(0.90, abs=0.005)
    marked = wanted = both = 0
    for column in answers.T:
        seen = column >= 0
        ends = np.cumsum(lengths)[seen[np.cumsum(lengths) - 1]]
        position = np.flatnonzero(seen)
        found = names(np.array(TAGS)[column[seen]], position, ends)
        true = names(gold[seen], position, ends)
        marked, wanted = marked + len(found), wanted + len(true)
        both += len(found & true)
    assert both / marked == pytest.approx(0.67, abs=0.005)
    assert both / wanted == pytest.approx(0.48, abs=0.005)


def test_the_description_of_the_marks_is_right(home):
    folder = home / "skcrowd_conll_mturk"
    listed = read_file(folder / "ground_truth.txt")
    kept = keep_listed(read_archive(folder / "task1.zip"), listed)
    assert (len(listed), len(kept)) == (5985, 5973)
    assert sum(to_iob2(gold.tags) != gold.tags for gold, _, _ in kept) == 48
    marks, n_aligned = Counter(), Counter()
    for gold, answers, _ in kept:
        for name, answer in answers.items():
            bare = tuple(SUFFIX.sub("", token) for token in answer.tokens)
            n_aligned[name] += bare != gold.tokens
            if bare == gold.tokens:
                marks.update(marked(name, answer, bare, gold.tags))
    assert n_aligned.total() == 2255
    four = {name for name, mark, _, _ in marks if mark}
    assert len(four) == 4
    assert sum(n_aligned[name] for name in four) == 0
    assert sum(n for (_, mark, _, _), n in marks.items() if mark) == 2823
    for name, mark, _, true in marks:
        assert name not in four or (mark == "/LOC") == (true == "LOC")
    places = {tag: n_marks(marks, "/LOC", tag) for tag in ("", "LOC")}
    assert sum(places.values()) == 2821
    assert places["LOC"] / 2821 == pytest.approx(0.20, abs=0.005)


def marked(name, answer, bare, gold):
    """Yield annotator, mark in the text, type of the tag and true type of a token."""
    for token, word, tag, true in zip(
        answer.tokens, bare, answer.tags, gold, strict=True
    ):
        yield name, token[len(word) :], tag[2:], true[2:]


def n_marks(marks, mark, tag):
    return sum(n for key, n in marks.items() if key[1:3] == (mark, tag))


def names(tags, position, ends):
    """Names as (first token, last token, type); a sentence ends before each of ends."""
    found, stops = [], set(ends)
    for tag, k in zip(tags, position, strict=True):
        if tag[0] == "B":
            found.append([k, k, tag[2:]])
        elif tag[0] == "I":
            assert found[-1][1:] == [k - 1, tag[2:]]
            assert k not in stops
            found[-1][1] = k
    return {tuple(name) for name in found}


def test_tiny_files_are_read_as_written(tmp_path, publish):
    publish()
    tiny = fetch_conll_mturk(data_home=tmp_path)
    assert tiny.X_train == [["Iraqi", "troops"], ["New", "York"], ["No"]]
    assert tiny.X_dev == [["Hi"]]
    assert tiny.X_test == [["Ho"]]
    gold = [tags.tolist() for tags in tiny.gold_train]
    assert gold == [["B-MISC", "O"], ["B-LOC", "I-LOC"], ["O"]]
    assert tiny.annotations.lengths.tolist() == [2, 2, 1]
    assert tiny.annotations.annotator_names.tolist() == ["W1", "W2", "W3"]
    assert tiny.annotations.classes.tolist() == list(TAGS)
    assert tiny.annotations.to_flat().tolist() == [
        ["O", "B-LOC", ""],
        ["B-PER", "O", ""],
        ["B-LOC", "O", ""],
        ["I-LOC", "B-LOC", ""],
        ["", "", "B-ORG"],
    ]


def test_return_X_y_gives_what_fit_takes(tmp_path, publish):
    publish()
    X, annotations = fetch_conll_mturk(data_home=tmp_path, return_X_y=True)
    assert X == [["Iraqi", "troops"], ["New", "York"], ["No"]]
    assert annotations.shape == (3, 3)


def test_documents_of_the_same_name_are_different(tmp_path, publish):
    another = {
        "task1/val/ground_truth/b.txt": "Rome B-LOC\n",
        "task1/val/mturk_train_data/W2/b.txt": "Rome O\n",
    }
    publish(ARCHIVE | another)
    tiny = fetch_conll_mturk(data_home=tmp_path)
    assert tiny.X_train == [["Iraqi", "troops"], ["New", "York"], ["Rome"], ["No"]]


@pytest.mark.parametrize(
    ("document", "text", "message"),
    [
        (
            "test/W2/d",
            "No O\n",
            "test/d is of 1 sentences as tagged by W2, but of 2 in",
        ),
        (
            "test/W2/e",
            "No O\n",
            "test/e is of 1 sentences as tagged by W2, but of 0 in",
        ),
        (
            "val/W3/c",
            "Paris O\n\nRome O\n",
            "c, sentence 0, as tagged by W3, should be about 'No', but reads 'Paris'",
        ),
        (
            "val/W3/c",
            "No O\n\nRome\n",
            r"W3/c\.txt, line 3 should hold a token.* but is 'Rome'",
        ),
    ],
)
@pytest.mark.parametrize("return_X_y", [False, True])
def test_answers_must_fit(document, text, message, return_X_y, tmp_path, publish):
    part, annotator, name = document.split("/")
    path = f"task1/{part}/mturk_train_data/{annotator}/{name}.txt"
    publish(ARCHIVE | {path: text})
    with pytest.raises(ValueError, match=message):
        fetch_conll_mturk(data_home=tmp_path, return_X_y=return_X_y)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"listed": "Oslo O\n"}, "None of 1 listed sentences is among the 6 that"),
        ({"dev": "Hi O\n\nHo X\n"}, r"dev\.bio, line 3 should .* 'Ho X'"),
        ({"archive": {"x.txt": ""}}, r"task1\.zip holds no documents of annotators"),
    ],
)
def test_files_must_agree(changes, message, tmp_path, publish):
    publish(**changes)
    with pytest.raises(ValueError, match=message):
        fetch_conll_mturk(data_home=tmp_path)


def test_the_download_fills_the_cache_once(tmp_path, publish):
    asked = publish()
    fetch_conll_mturk(data_home=tmp_path)
    urls = [file.url for source in SOURCES for file in source.files()]
    assert sorted(asked) == sorted(urls)
    fetch_conll_mturk(data_home=tmp_path, download_if_missing=False)
    assert len(asked) == 4
    assert (tmp_path / "skcrowd_conll_mturk" / "task1.zip").is_file()


def test_a_damaged_file_is_downloaded_again(tmp_path, publish):
    asked = publish()
    fetch_conll_mturk(data_home=tmp_path)
    (tmp_path / "skcrowd_conll_mturk" / "task1.zip").write_bytes(b"PK")
    with pytest.raises(OSError, match=r"task1\.zip is damaged"):
        fetch_conll_mturk(data_home=tmp_path, download_if_missing=False)
    with pytest.warns(UserWarning, match=r"task1\.zip is damaged"):
        fetch_conll_mturk(data_home=tmp_path)
    assert len(asked) == 5


def test_other_bytes_than_published_are_refused(tmp_path, publish, monkeypatch):
    publish()
    monkeypatch.setattr(_conll_mturk, "SOURCES", SOURCES)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with pytest.raises(OSError, match=r"task1\.zip delivered other bytes"):
        fetch_conll_mturk(data_home=tmp_path)


def test_a_missing_file_is_an_error_without_download(tmp_path):
    message = r"task1\.zip is not in .*skcrowd_conll_mturk"
    with pytest.raises(OSError, match=message):
        fetch_conll_mturk(data_home=tmp_path, download_if_missing=False)


def test_a_failed_download_says_what_and_where(tmp_path, monkeypatch):
    def refuse(self, url, output_file, pooch, check_only=False):
        raise OSError("no route to host")

    monkeypatch.setattr("pooch.HTTPDownloader.__call__", refuse)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with pytest.raises(OSError, match=r"Could not download https.*no route to host"):
        fetch_conll_mturk(data_home=tmp_path)


def test_addresses_are_pinned_to_a_commit():
    folders = ("thanhan/seqcrowd-acl17/{}/", "izhx/CLasDA/{}/data/conll03/")
    for source, folder in zip(SOURCES, folders, strict=True):
        assert len(source.commit) == 40
        for file in source.files():
            assert file.url.endswith(folder.format(source.commit) + file.name)
            assert len(file.sha256) == 64
