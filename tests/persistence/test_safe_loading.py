"""A file runs no code, whatever it says; what is wrong with it is said."""

import zipfile
from importlib.metadata import version

import numpy as np
import pytest
from _data import small
from _persistence import content_of, rewrite
from safetensors.numpy import load as load_weights
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import skcrowd
from skcrowd import CrowdClassifier
from skcrowd.estimators import CrowdVersionWarning


@pytest.fixture(scope="module")
def fitted(items, answers):
    return small().fit(items[0], answers)


@pytest.fixture
def path(tmp_path, fitted):
    path = tmp_path / "model.skcrowd"
    skcrowd.save(fitted, path)
    return path


def test_others_can_read_it(path, fitted):
    with zipfile.ZipFile(path) as archive:
        weights = load_weights(archive.read("weights.safetensors"))
    assert (weights["annotator_confusion_"] == fitted.annotator_confusion_).all()
    content = content_of(path)
    assert content["format"] == 1
    assert set(content["written_by"]) >= {"skcrowd", "torch", "numpy", "scikit-learn"}
    assert content["estimator"]["attributes"]["max_epochs"] == 4


HARMFUL = {
    "a command": {"$": "name", "name": "os.system"},
    "eval": {"$": "name", "name": "builtins.eval"},
    "a function of torch": {"$": "name", "name": "torch.load"},
    "an object": {"$": "object", "class": "os._wrap_close", "attributes": {}},
    "an object that opens": {
        "$": "object",
        "class": "subprocess.Popen",
        "attributes": {"args": ["true"]},
    },
    "a class of scikit-learn": {
        "$": "object",
        "class": "sklearn.LogisticRegression",
        "attributes": {},
    },
    "a network that is none": {
        "$": "network",
        "class": "skcrowd.Decoder",
        "training": False,
    },
    "a network with hooks": {
        "$": "network",
        "class": "torch.nn.Linear",
        "training": False,
        "attributes": {"_forward_hooks": {"0": {"$": "name", "name": "torch.nn.GRU"}}},
    },
    "an object that is a network": {
        "$": "object",
        "class": "torch.nn.Linear",
        "attributes": {},
    },
    "a net that is none": {"$": "net", "class": "skcrowd.MLP"},
    "a tuple that is none": {"$": "named tuple", "class": "skcrowd.MLP", "items": []},
    "an array of objects": {"$": "array", "tensor": "classes_", "dtype": "|O"},
    "a kind that is none": {"$": "pickle", "data": "gASVAAAA"},
    "a tensor that is not there": {"$": "tensor", "tensor": "nowhere"},
    "a reference to nothing": {"$": "same", "id": 10**6},
}


@pytest.mark.parametrize("node", HARMFUL.values(), ids=HARMFUL)
@pytest.mark.parametrize("attribute", ["method", "optimizer", "net_", "other"])
def test_what_is_not_on_the_list_is_refused(path, node, attribute):
    def change(content):
        content["estimator"]["attributes"][attribute] = node

    rewrite(path, change)
    with pytest.raises(ValueError, match=r"model\.skcrowd' cannot be loaded: it"):
        skcrowd.load(path)


def test_the_net_cannot_be_built_from_functions(path):
    def change(content):
        net = content["estimator"]["attributes"]["net_"]
        net["params"]["module"] = {"$": "name", "name": "torch.nn.functional.relu"}

    rewrite(path, change)
    with pytest.raises(ValueError, match="cannot be loaded"):
        skcrowd.load(path)


def test_weights_that_do_not_fit(path):
    def change(content):
        attributes = content["estimator"]["attributes"]
        attributes["net_"]["params"]["module__hidden"]["items"] = [9]

    rewrite(path, change)
    with pytest.raises(
        ValueError, match=r"MLP does not fit the weights.*size mismatch"
    ):
        skcrowd.load(path)


def test_another_estimator(path, fitted, tmp_path):
    def change(content):
        content["estimator"]["class"] = "skcrowd.MLP"

    rewrite(path, change)
    with pytest.raises(ValueError, match=r"holds a skcrowd\.MLP, no estimator"):
        skcrowd.load(path)
    mine = type("Mine", (CrowdClassifier,), {})()
    for other in (LogisticRegression(), make_pipeline(fitted), fitted.method, mine):
        with pytest.raises(TypeError, match=f"save takes .* {type(other).__name__}"):
            skcrowd.save(other, tmp_path / "other")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_truncated_file(path, share):
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(ValueError, match=r"is no file of skcrowd\.save, or is damaged"):
        skcrowd.load(path)


def test_a_changed_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"damaged \(Bad CRC"):
        skcrowd.load(path)


def test_other_files(path, tmp_path):
    import joblib

    joblib.dump(small(), tmp_path / "model.joblib")
    with zipfile.ZipFile(tmp_path / "some.zip", "w") as archive:
        archive.writestr("readme", "none")
    for name in ("model.joblib", "some.zip"):
        with pytest.raises(ValueError, match=r"no file of skcrowd\.save.*joblib\.load"):
            skcrowd.load(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        skcrowd.load(tmp_path / "nothing")
    rewrite(path, lambda content: [1, 2])
    with pytest.raises(ValueError, match="names no format"):
        skcrowd.load(path)


def test_nothing_is_unpacked(path):
    rewrite(path, lambda content: None, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match="compressed, as save never does"):
        skcrowd.load(path)


def test_a_newer_format(path):
    def change(content):
        content.update(format=2, written_by={"skcrowd": "9.1"})

    rewrite(path, change)
    with pytest.raises(ValueError, match=r"format 2, written by skcrowd 9\.1.*upgrade"):
        skcrowd.load(path)


def test_a_file_of_another_version(path, fitted, items):
    def change(content):
        content["written_by"]["skcrowd"] = "0.0.9"

    rewrite(path, change)
    with pytest.warns(CrowdVersionWarning) as caught:
        twin = skcrowd.load(path)
    (warning,) = caught
    assert warning.filename == __file__
    for word in ("CrowdClassifier", "0.0.9", version("skcrowd")):
        assert word in str(warning.message)
    assert (twin.predict(items[0]) == fitted.predict(items[0])).all()


def test_another_device(path, items):
    def change(content):
        attributes = content["estimator"]["attributes"]
        attributes["device"] = attributes["net_"]["device"] = "cuda"

    rewrite(path, change)
    with pytest.raises(ValueError, match=r"CUDA.*device='cpu'"):
        skcrowd.load(path)
    twin = skcrowd.load(path, device="cpu")
    assert twin.device == twin.net_.device == "cpu"
    assert np.isfinite(twin.predict_proba(items[0])).all()
