"""fetch_labelme: from a cache filled with the published files, never the internet.

The files are looked for in the folder that SKCROWD_TEST_DATA names, by default
``../shared/data`` from the root of the repository: ``raw/labelme`` as published and
``labelme.npz`` to compare with.
"""

import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from skcrowd.annotations import Annotations
from skcrowd.datasets import fetch_labelme
from skcrowd.datasets._labelme import SOURCE, TARGET_NAMES

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SKCROWD_TEST_DATA", ROOT.parent / "shared" / "data"))
RAW = DATA / "raw" / "labelme"


@pytest.fixture
def raw():
    if not RAW.is_dir():
        pytest.skip(f"LabelMe is not at {RAW}; set SKCROWD_TEST_DATA to its folder")
    return RAW


@pytest.fixture
def cache(tmp_path, raw):
    """A data home that holds the intact files."""
    shutil.copytree(raw, tmp_path / "skcrowd_labelme")
    return tmp_path


@pytest.fixture
def internet(monkeypatch, raw):
    """Serve downloads from the raw folder; return the list of addresses asked for."""
    asked = []

    def serve(self, url, output_file, pooch, check_only=False):
        asked.append(url)
        shutil.copyfile(raw / url.rpartition("/")[2], output_file)

    monkeypatch.setattr("pooch.HTTPDownloader.__call__", serve)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    return asked


@pytest.fixture
def no_internet(monkeypatch):
    def refuse(self, url, output_file, pooch, check_only=False):
        raise OSError("no route to host")

    monkeypatch.setattr("pooch.HTTPDownloader.__call__", refuse)


def test_the_data_are_those_published(cache, no_internet):
    labelme = fetch_labelme(data_home=cache, download_if_missing=False)
    with np.load(DATA / "labelme.npz") as expected:
        for split in ("train", "valid", "test"):
            for part in ("X", "gold"):
                name = f"{part}_{split}"
                np.testing.assert_array_equal(labelme[name], expected[name])
        np.testing.assert_array_equal(
            labelme.annotations.to_dense(), expected["annotations"]
        )
        assert labelme.target_names.tolist() == expected["classes"].tolist()


def test_types_and_shapes_are_those_documented(cache):
    labelme = fetch_labelme(data_home=cache)
    assert labelme.X_train.shape == (1000, 512)
    assert labelme.X_valid.shape == (500, 512)
    assert labelme.X_test.shape == (1188, 512)
    assert labelme.X_train.dtype == np.float32
    assert labelme.gold_train.dtype == np.int64
    assert isinstance(labelme.annotations, Annotations)
    assert labelme.annotations.shape == (1000, 59)
    assert labelme.annotations.classes.tolist() == list(range(8))
    assert len(labelme.annotations.answer) == 2547
    assert "arXiv:1709.01779" in labelme.DESCR
    assert all(name in labelme.DESCR for name in TARGET_NAMES)


def test_return_X_y_gives_what_fit_takes(cache):
    X, annotations = fetch_labelme(data_home=cache, return_X_y=True)
    assert X.shape == (1000, 512)
    assert annotations.shape == (1000, 59)


def test_the_download_fills_the_cache_once(tmp_path, internet):
    first = fetch_labelme(data_home=tmp_path)
    assert sorted(internet) == sorted(file.url for file in SOURCE.files())
    assert len(internet) == 7
    again = fetch_labelme(data_home=tmp_path)
    assert len(internet) == 7
    np.testing.assert_array_equal(first.X_test, again.X_test)


def test_the_default_cache_is_that_of_scikit_learn(tmp_path, internet, monkeypatch):
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    fetch_labelme()
    assert (tmp_path / "skcrowd_labelme" / "answers.txt").is_file()


def test_a_damaged_file_is_downloaded_again(cache, internet):
    answers = cache / "skcrowd_labelme" / "answers.txt"
    answers.write_text("0 1 2\n")
    with pytest.warns(UserWarning, match=r"answers\.txt is damaged .*downloading it"):
        labelme = fetch_labelme(data_home=cache)
    assert len(internet) == 1
    assert labelme.annotations.shape == (1000, 59)


def test_a_damaged_file_is_an_error_without_download(cache):
    (cache / "skcrowd_labelme" / "LabelMe_Z_test.txt").write_bytes(b"")
    with pytest.raises(OSError, match=r"LabelMe_Z_test\.txt is damaged"):
        fetch_labelme(data_home=cache, download_if_missing=False)


def test_a_missing_file_is_an_error_without_download(tmp_path):
    with pytest.raises(OSError, match=r"answers\.txt is not in .*skcrowd_labelme"):
        fetch_labelme(data_home=tmp_path, download_if_missing=False)


def test_wrong_bytes_from_the_internet_are_refused(tmp_path, monkeypatch):
    def serve_something_else(self, url, output_file, pooch, check_only=False):
        Path(output_file).write_text("<html>please log in</html>")

    monkeypatch.setattr("pooch.HTTPDownloader.__call__", serve_something_else)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with pytest.raises(OSError, match=r"answers\.txt delivered other bytes"):
        fetch_labelme(data_home=tmp_path)
    assert not list(tmp_path.glob("skcrowd_labelme/*"))


def test_a_failed_download_says_what_and_where(tmp_path, no_internet):
    with pytest.raises(OSError, match=r"Could not download https.*no route to host"):
        fetch_labelme(data_home=tmp_path)


def test_pooch_is_needed_for_the_download_only(cache, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    fetch_labelme(data_home=cache)
    with pytest.raises(ImportError, match=r'pip install "skcrowd\[data\]"'):
        fetch_labelme(data_home=cache / "empty")


def test_addresses_are_pinned_to_a_commit():
    for file in SOURCE.files():
        assert file.url.startswith(
            f"https://raw.githubusercontent.com/{SOURCE.repository}/{SOURCE.commit}/"
        )
        assert len(SOURCE.commit) == 40
        assert len(file.sha256) == 64
