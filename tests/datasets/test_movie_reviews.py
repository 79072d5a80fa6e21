"""fetch_movie_reviews: from published or made up files, never the internet.

The published files are looked for where test_labelme looks: ``raw/moviereviews`` and
``moviereviews.npz`` in the folder that SKCROWD_TEST_DATA names.
"""

import hashlib
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.pipeline import make_pipeline

from skcrowd.annotations import Annotations
from skcrowd.datasets import _movie_reviews, fetch_movie_reviews
from skcrowd.datasets._movie_reviews import SOURCE

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SKCROWD_TEST_DATA", ROOT.parent / "shared" / "data"))
RAW = DATA / "raw" / "moviereviews"

TINY = {
    "answers.txt": "0.6 999999999 0.5\n999999999 1.1 -0.1\n0.3 999999999 999999999\n",
    "data_train_amt.txt": "2 0:1 3:2\n0\n1 1:1\n",
    "data_test.txt": "1 5:4\n3 0:1 2:1 4:1\n",
    "labels_train_amt.txt": "0.6\n0.55\n0.3\n",
    "labels_test.txt": "0.1\n1\n",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A data home that holds the published files."""
    if not RAW.is_dir():
        pytest.skip(f"No movie reviews at {RAW}; set SKCROWD_TEST_DATA to its folder")
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(RAW, home / "skcrowd_movie_reviews")
    return home


@pytest.fixture(scope="module")
def reviews(home):
    return fetch_movie_reviews(data_home=home, download_if_missing=False)


@pytest.fixture
def publish(monkeypatch):
    """Put the tiny files on the internet, some replaced; list the addresses asked."""

    def publish(**changes):
        texts = TINY | {f"{name}.txt": text for name, text in changes.items()}
        digests = {
            name: hashlib.sha256(text.encode()).hexdigest()
            for name, text in texts.items()
        }
        asked = []

        def serve(self, url, output_file, pooch, check_only=False):
            asked.append(url)
            Path(output_file).write_bytes(texts[url.rpartition("/")[2]].encode())

        monkeypatch.setattr(_movie_reviews, "SOURCE", replace(SOURCE, sha256=digests))
        monkeypatch.setattr("pooch.HTTPDownloader.__call__", serve)
        return asked

    return publish


def test_the_data_are_those_published(reviews):
    with np.load(DATA / "moviereviews.npz") as expected:
        for split in ("train", "test"):
            names = [f"X_{split}_{part}" for part in ("data", "indices", "indptr")]
            counts = csr_matrix(
                tuple(expected[name] for name in names),
                shape=expected[f"X_{split}_shape"],
            )
            found = reviews[f"X_{split}"]
            assert found.shape == counts.shape
            assert (found != counts).nnz == 0
            np.testing.assert_array_equal(
                reviews[f"gold_{split}"].astype(np.float32), expected[f"gold_{split}"]
            )
        np.testing.assert_array_equal(
            reviews.annotations.to_dense().astype(np.float32), expected["annotations"]
        )


def test_types_and_shapes_are_those_documented(reviews):
    assert reviews.X_train.shape == (1500, 26735)
    assert reviews.X_test.shape == (3506, 26735)
    for X in (reviews.X_train, reviews.X_test):
        assert isinstance(X, csr_matrix)
        assert X.has_canonical_format
        assert X.dtype == np.float32
        assert X.indices.dtype == X.indptr.dtype == np.int32
    for gold in (reviews.gold_train, reviews.gold_test):
        assert gold.dtype == np.float64
        assert 0 <= gold.min() <= gold.max() <= 1
    assert isinstance(reviews.annotations, Annotations)
    assert reviews.annotations.kind == "numbers"
    assert reviews.annotations.shape == (1500, 135)
    assert "doi:10.1109/TPAMI.2017.2648786" in reviews.DESCR


def test_the_description_counts_right(reviews):
    answer, gold = reviews.annotations.answer, reviews.gold_train
    assert len(answer) == 7440
    assert sorted(answer[(answer < 0) | (answer > 1)]) == [-0.1, 1.1, 1.1, 1.1, 1.1]
    per_annotator = np.bincount(reviews.annotations.annotator)
    assert (per_annotator.min(), per_annotator.max()) == (2, 1361)
    assert set(np.bincount(reviews.annotations.item)) == {4, 5}
    errors = answer - gold[reviews.annotations.item]
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(0.16, abs=0.005)
    means = np.nanmean(reviews.annotations.to_dense(), axis=1)
    assert np.sqrt(np.mean((means - gold) ** 2)) == pytest.approx(0.075, abs=0.0005)
    for X in (reviews.X_train, reviews.X_test):
        assert X.nnz / X.shape[0] == pytest.approx(130, abs=2)
    assert len(rows_and_gold(reviews, "train") & rows_and_gold(reviews, "test")) == 16


def rows_and_gold(reviews, split):
    rows = zip(reviews[f"X_{split}"], reviews[f"gold_{split}"], strict=True)
    return {(row.indices.tobytes(), row.data.tobytes(), gold) for row, gold in rows}


def test_the_features_of_the_docstring(reviews):
    topics = make_pipeline(
        TfidfTransformer(sublinear_tf=True), TruncatedSVD(5, random_state=0)
    )
    assert topics.fit_transform(reviews.X_train).shape == (1500, 5)
    assert topics.transform(reviews.X_test).dtype == np.float32


def test_tiny_files_are_read_as_written(tmp_path, publish):
    publish()
    tiny = fetch_movie_reviews(data_home=tmp_path)
    assert tiny.X_train.toarray().tolist() == [
        [1, 0, 0, 2, 0, 0],
        [0, 0, 0, 0, 0, 0],
        [0, 1, 0, 0, 0, 0],
    ]
    assert tiny.X_test.toarray().tolist() == [[0, 0, 0, 0, 0, 4], [1, 0, 1, 0, 1, 0]]
    nan = np.nan
    ratings = [[0.6, nan, 0.5], [nan, 1.1, -0.1], [0.3, nan, nan]]
    np.testing.assert_array_equal(tiny.annotations.to_dense(), ratings)
    assert tiny.gold_train.tolist() == [0.6, 0.55, 0.3]
    assert tiny.gold_test.tolist() == [0.1, 1.0]


def test_return_X_y_gives_what_fit_takes(tmp_path, publish):
    publish()
    X, annotations = fetch_movie_reviews(data_home=tmp_path, return_X_y=True)
    assert X.shape == (3, 6)
    assert annotations.shape == (3, 3)
    assert annotations.kind == "numbers"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("answers", "0.5 0.5 0.5\n", "annotations is of 1 items, but X_train of 3"),
        ("labels_train_amt", "0.5\n", "gold_train is of 1 items, but X_train of 3"),
        ("labels_test", "0\n1\n1\n", "gold_test is of 3 items, but X_test of 2"),
        ("data_test", "1 5:4\n", "gold_test is of 2 items, but X_test of 1"),
    ],
)
@pytest.mark.parametrize("return_X_y", [False, True])
def test_files_must_agree(name, text, message, return_X_y, tmp_path, publish):
    publish(**{name: text})
    with pytest.raises(ValueError, match=message):
        fetch_movie_reviews(data_home=tmp_path, return_X_y=return_X_y)


@pytest.mark.parametrize(
    "line", ["", "2 0:1", "1 0:1 2:1", "1 0", "1 0:1:2", "1 a:1", "1 -1:1", "1 0:0.5"]
)
def test_a_malformed_document_is_named(line, tmp_path, publish):
    publish(data_test=f"1 5:4\n{line}\n")
    with pytest.raises(ValueError, match=r"data_test\.txt, line 2 should hold"):
        fetch_movie_reviews(data_home=tmp_path)


def test_the_download_fills_the_cache_once(tmp_path, publish):
    asked = publish()
    fetch_movie_reviews(data_home=tmp_path)
    assert sorted(asked) == sorted(file.url for file in SOURCE.files())
    fetch_movie_reviews(data_home=tmp_path, download_if_missing=False)
    assert len(asked) == 5
    assert (tmp_path / "skcrowd_movie_reviews" / "answers.txt").is_file()


def test_a_damaged_file_is_downloaded_again(tmp_path, publish):
    asked = publish()
    fetch_movie_reviews(data_home=tmp_path)
    (tmp_path / "skcrowd_movie_reviews" / "labels_test.txt").write_bytes(b"")
    with pytest.raises(OSError, match=r"labels_test\.txt is damaged"):
        fetch_movie_reviews(data_home=tmp_path, download_if_missing=False)
    with pytest.warns(UserWarning, match=r"labels_test\.txt is damaged"):
        fetch_movie_reviews(data_home=tmp_path)
    assert len(asked) == 6


def test_other_bytes_than_published_are_refused(tmp_path, publish, monkeypatch):
    publish()
    monkeypatch.setattr(_movie_reviews, "SOURCE", SOURCE)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with pytest.raises(OSError, match=r"answers\.txt delivered other bytes"):
        fetch_movie_reviews(data_home=tmp_path)


def test_a_missing_file_is_an_error_without_download(tmp_path):
    message = r"answers\.txt is not in .*skcrowd_movie_reviews"
    with pytest.raises(OSError, match=message):
        fetch_movie_reviews(data_home=tmp_path, download_if_missing=False)


def test_a_failed_download_says_what_and_where(tmp_path, monkeypatch):
    def refuse(self, url, output_file, pooch, check_only=False):
        raise OSError("no route to host")

    monkeypatch.setattr("pooch.HTTPDownloader.__call__", refuse)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with pytest.raises(OSError, match=r"Could not download https.*no route to host"):
        fetch_movie_reviews(data_home=tmp_path)


def test_addresses_are_pinned_to_a_commit():
    assert len(SOURCE.commit) == 40
    for file in SOURCE.files():
        assert f"/fmpr/MA-sLDAr/{SOURCE.commit}/MovieReviews/" in file.url
        assert len(file.sha256) == 64
