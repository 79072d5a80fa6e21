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
from skcrowd.exceptions import CrowdVersionWarning


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
    assert content["format"] == 2
    assert set(content["written_by"]) >= {"skcrowd", "torch", "numpy", "scikit-learn"}
    assert content["estimator"]["params"]["max_epochs"] == 4


NETWORK = {
    "training": False,
    "parameters": {},
    "buffers": {},
    "parts": {},
    "non_persistent": [],
}
HARMFUL = {
    "a command": {"$": "name", "name": "os.system"},
    "eval": {"$": "name", "name": "builtins.eval"},
    "a function of torch": {"$": "name", "name": "torch.load"},
    "an own class": {"$": "registered", "class": "os._wrap_close", "params": {}},
    "an own class that opens": {
        "$": "registered",
        "class": "subprocess.Popen",
        "params": {"args": ["true"]},
    },
    "a class of skcrowd as an own one": {
        "$": "registered",
        "class": "skcrowd.MLP",
        "params": {"n_features": 1, "n_outputs": 1},
    },
    "a method that is a network": {"$": "method", "class": "skcrowd.MLP", "params": {}},
    "a method that is none": {"$": "method", "class": "torch.nn.Linear", "params": {}},
    "a network that is none": {
        **NETWORK,
        "$": "network",
        "class": "skcrowd.EM",
        "attributes": {},
    },
    "a network with hooks": {
        **NETWORK,
        "$": "network",
        "class": "torch.nn.Linear",
        "attributes": {"_forward_hooks": {"0": {"$": "name", "name": "torch.nn.GRU"}}},
    },
    "a network with another forward": {
        **NETWORK,
        "$": "network",
        "class": "torch.nn.Linear",
        "attributes": {"forward": {"$": "name", "name": "torch.nn.functional.relu"}},
    },
    "a record with a method of its own": {
        "$": "record",
        "class": "unit",
        "fields": {"center": 0.0, "size": 1.0, "numbers": 3},
    },
    "a record that is none": {"$": "record", "class": "popen", "fields": {}},
    "a net that is none": {"$": "net", "kind": "mlp"},
    "an array of objects": {"$": "array", "tensor": "classes_", "dtype": "|O"},
    "a kind that is none": {"$": "pickle", "data": "gASVAAAA"},
    "a tensor that is not there": {"$": "tensor", "tensor": "nowhere"},
    "a reference to nothing": {"$": "same", "id": 10**6},
}


@pytest.mark.parametrize("node", HARMFUL.values(), ids=HARMFUL)
@pytest.mark.parametrize(
    "place",
    ["params.method", "params.optimizer", "attributes.net_", "attributes.others.mine"],
)
def test_what_is_not_on_the_list_is_refused(path, node, place):
    def change(content):
        part = content["estimator"]
        *above, last = place.split(".")
        for name in above:
            part = part[name]
        part[last] = node

    rewrite(path, change)
    with pytest.raises(ValueError, match=r"model\.skcrowd' cannot be loaded: it"):
        skcrowd.load(path)


def change_net(path, **changes):
    def change(content):
        content["estimator"]["attributes"]["net_"]["network"].update(changes)

    rewrite(path, change)


def test_the_net_cannot_be_built_from_functions(path):
    change_net(path, module={"$": "name", "name": "torch.nn.functional.relu"})
    with pytest.raises(ValueError, match="cannot be loaded"):
        skcrowd.load(path)


def test_weights_that_do_not_fit(path):
    parameters = content_of(path)["estimator"]["attributes"]["net_"]["network"][
        "parameters"
    ]
    change_net(path, parameters={**parameters, "hidden": [9]})
    with pytest.raises(
        ValueError,
        match=r"TabularNet does not fit the weights.*\[8, 3\] in the file, \[9, 3\]",
    ):
        skcrowd.load(path)


def test_another_estimator(path, fitted, tmp_path):
    def change(content):
        content["estimator"]["class"] = "skcrowd.MLP"

    rewrite(path, change)
    with pytest.raises(
        ValueError, match=r"holds a skcrowd\.MLP, which is not an estimator"
    ):
        skcrowd.load(path)
    for other in (LogisticRegression(), make_pipeline(fitted), fitted.method):
        with pytest.raises(TypeError, match=f"save takes .* {type(other).__name__}"):
            skcrowd.save(other, tmp_path / "other")
    mine = type("Mine", (CrowdClassifier,), {})()
    with pytest.raises(TypeError, match=r"a subclass; call .*register\(Mine\)"):
        skcrowd.save(mine, tmp_path / "other")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_truncated_file(path, share):
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(ValueError, match=r"is damaged, or not a file of skcrowd\.save"):
        skcrowd.load(path)


def test_a_changed_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"is damaged, .* \(Bad CRC"):
        skcrowd.load(path)


def test_other_files(path, tmp_path):
    import joblib

    joblib.dump(small(), tmp_path / "model.joblib")
    with zipfile.ZipFile(tmp_path / "some.zip", "w") as archive:
        archive.writestr("readme", "none")
    for name in ("model.joblib", "some.zip"):
        with pytest.raises(
            ValueError, match=r"not a file of skcrowd\.save.*joblib\.load"
        ):
            skcrowd.load(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        skcrowd.load(tmp_path / "nothing")
    rewrite(path, lambda content: [1, 2])
    with pytest.raises(ValueError, match="has no format version"):
        skcrowd.load(path)


def test_nothing_is_unpacked(path):
    rewrite(path, lambda content: None, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match="compressed, as save never does"):
        skcrowd.load(path)


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (3, r"is of format 3, written by skcrowd 9\.1.*--upgrade"),
        (1, r"is of format 1, written by skcrowd 9\.1.*reads formats from 2 on.*again"),
        (-1, "is of format -1"),
        (True, "has no format version"),
        (2.0, "has no format version"),
        ("2", "has no format version"),
        (None, "has no format version"),
    ],
)
def test_other_formats(path, number, message):
    def change(content):
        content.update(format=number, written_by={"skcrowd": "9.1"})

    rewrite(path, change)
    with pytest.raises(ValueError, match=message):
        skcrowd.load(path)


@pytest.mark.parametrize("written_by", [None, "0.1", [], {}, {"skcrowd": 1}])
def test_who_wrote_it(path, written_by):
    rewrite(path, lambda content: content.update(written_by=written_by))
    with pytest.raises(ValueError, match="does not contain the version of skcrowd"):
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
        estimator = content["estimator"]
        estimator["params"]["device"] = "cuda"
        estimator["attributes"]["net_"]["device"] = "cuda"

    rewrite(path, change)
    with pytest.raises(ValueError, match=r"CUDA.*device='cpu'"):
        skcrowd.load(path)
    twin = skcrowd.load(path, device="cpu")
    assert twin.device == twin.net_.device == "cpu"
    assert np.isfinite(twin.predict_proba(items[0])).all()
