"""Files that are wrong on purpose or at random: an error, and no memory."""

import json
import resource
import struct
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest
import torch
from _data import small
from _mutations import TREE, WEIGHTS, mutated
from _persistence import content_of
from _sequence_data import ANSWERS, TOKENS, tagger
from safetensors.numpy import save as save_weights
from scipy.sparse import csr_array

import skcrowd
from skcrowd import CrowdClassifier, CrowdRegressor
from skcrowd.methods import KDCrowd

N_MUTATIONS = 40  # of each file
MOST_MEMORY = 100 * 2**20
FITS = ["names", "heads", "twins", "gate", "numbers", "tokens", "unfitted"]


@pytest.fixture(scope="module")
def fits(items, answers, rated_items):
    names = pd.DataFrame(np.array(["", "a", "bb", "c"])[answers + 1])
    names.columns = ["Ann", "Bob", "Zoë", "x", "y"]
    X = items[0]
    return {
        "names": (small().fit(X, names), X),
        "heads": (small("doctor_net").fit(X, answers), X),
        "twins": (small(KDCrowd(robust="co_teaching")).fit(X, answers), X),
        "gate": (small("conal").fit(X, answers), X),
        "numbers": (small("em", CrowdRegressor).fit(*rated_items[::2]), rated_items[0]),
        "tokens": (tagger("em").fit(TOKENS, ANSWERS), TOKENS),
        "unfitted": (CrowdClassifier(module__hidden=(3,), classes=["a", "b"]), X),
    }


@pytest.fixture
def path(fits, tmp_path):
    return skcrowd.save(fits["names"][0], tmp_path / "model.skcrowd")


def peak_memory():
    """Most bytes that this process has ever had."""
    unit = 1 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


@pytest.fixture
def _little_memory():
    before = peak_memory()
    yield
    assert peak_memory() - before < MOST_MEMORY


@pytest.mark.filterwarnings("ignore")  # of what a file may ask for, such as a version
@pytest.mark.usefixtures("_little_memory")
@pytest.mark.parametrize("name", FITS)
def test_files_that_are_wrong_at_random(name, fits, tmp_path):
    """Either a ValueError, or an estimator that predicts."""
    estimator, X = fits[name]
    path = skcrowd.save(estimator, tmp_path / "model")
    content, n_loaded = path.read_bytes(), 0
    for seed in range(N_MUTATIONS):
        path.write_bytes(mutated(content, seed))
        try:
            twin = skcrowd.load(path)
        except ValueError:
            continue
        n_loaded += 1
        assert repr(twin)
        if hasattr(twin, "net_"):
            assert len(twin.predict(X)) == len(X)
            predict = getattr(twin, "predict_annotator_proba", None)
            assert len((predict or twin.predict_annotator)(X)) == len(X)
    assert 0 < n_loaded < 0.6 * N_MUTATIONS


def put(part, keys, value):
    """Set a value deep in a tree."""
    *above, last = keys
    for key in above:
        part = part[key]
    part[last] = value


FITTED = "estimator", "attributes"
NETWORK = *FITTED, "net_", "network"
WIDE = {"$": "tuple", "items": [10**9]}
BOMBS = {
    "long strings": ((*FITTED, "classes_", "dtype"), "<U50000000"),
    "longer strings": ((*FITTED, "classes_", "dtype"), "<U500000000"),
    "endless strings": ((*FITTED, "classes_", "dtype"), "<U50000000000"),
    "a wide network": ((*NETWORK, "parameters", "hidden"), WIDE),
    "many features": ((*NETWORK, "parameters", "n_features"), 10**10),
    "many classes": ((*NETWORK, "parameters", "n_outputs"), 10**10),
    "more classes than numbers": ((*NETWORK, "parameters", "n_outputs"), 10**30),
    "another network": (
        NETWORK,
        {
            "module": {"$": "name", "name": "skcrowd.RecurrentTagger"},
            "parameters": {"n_outputs": 3, "n_features": 3, "n_layers": 10**9},
        },
    ),
    "many words": (
        NETWORK,
        {
            "module": {"$": "name", "name": "skcrowd.RecurrentTagger"},
            "parameters": {
                "n_outputs": 3,
                "n_words": 10**9,
                "n_shapes": 1,
                "n_affixes": 1,
                "n_codes": 2,
            },
        },
    ),
    "a wide layer": (
        NETWORK,
        {
            "module": {"$": "name", "name": "torch.nn.Linear"},
            "parameters": {"in_features": 10**6, "out_features": 10**6},
        },
    ),
    "a layer with memory of its own": (
        NETWORK,
        {
            "module": {"$": "name", "name": "torch.nn.Linear"},
            "parameters": {
                "in_features": 30_000,
                "out_features": 30_000,
                "device": "cpu",
            },
        },
    ),
    "many layers": (
        NETWORK,
        {
            "module": {"$": "name", "name": "torch.nn.Transformer"},
            "parameters": {"num_encoder_layers": 10**6, "d_model": 8},
        },
    ),
    "many annotators": (
        (*FITTED, "annotator_model_", "fields", "n_annotators"),
        10**9,
    ),
    "many classes of answers": (
        (*FITTED, "annotator_model_", "fields", "n_classes"),
        10**9,
    ),
    "large items": ((*FITTED, "item_shape", "items"), [10**9, 3]),
    "many items": (
        (*FITTED, "others", "more"),
        {"$": "objects", "shape": [10**9], "items": []},
    ),
    "deep nesting": ((*FITTED, "others", "deep"), "DEEP"),
    "a sparse matrix": (
        (*FITTED, "others", "sparse"),
        {
            "$": "sparse",
            "class": "csr_array",
            "shape": [10**12, 10**12],
            "parts": {},
        },
    ),
}


@pytest.mark.usefixtures("_little_memory")
@pytest.mark.parametrize(("keys", "value"), BOMBS.values(), ids=BOMBS)
def test_sizes_are_not_believed(path, keys, value):
    with zipfile.ZipFile(path) as archive:
        weights = archive.read(WEIGHTS)
    content = content_of(path)
    put(content, keys, value)
    text = json.dumps(content).replace('"DEEP"', "[" * 100_000 + "]" * 100_000)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(TREE, text)
        archive.writestr(WEIGHTS, weights)
    with pytest.raises(ValueError, match=r"cannot be loaded|damaged"):
        skcrowd.load(path)


@pytest.mark.usefixtures("_little_memory")
@pytest.mark.parametrize("n_arrays", [1, 100])
def test_codes_and_strings_multiply(tmp_path, n_arrays):
    """Each is short in the file; the array would have as many strings as codes."""
    size = 10_000 if n_arrays == 1 else 1000
    path = skcrowd.save(CrowdClassifier(classes=["a", "b"]), tmp_path / "model")
    content = content_of(path)
    node = {"$": "text", "texts": ["x" * size], "dtype": f"<U{size}", "shape": [size]}
    nodes = [{**node, "tensor": "codes", "id": k} for k in range(n_arrays)]
    content["estimator"]["params"]["classes"] = nodes
    codes = save_weights({"codes": np.zeros(size, np.int32)})
    archive_of(path, [(TREE, json.dumps(content)), (WEIGHTS, codes)])
    with pytest.raises(ValueError, match="more than a file of its size holds"):
        skcrowd.load(path)


def test_indices_of_a_sparse_matrix_stay_inside(tmp_path):
    estimator = CrowdClassifier(annotator_prior=csr_array(np.eye(3)))
    path = skcrowd.save(estimator, tmp_path / "model")
    with zipfile.ZipFile(path) as archive:
        tree = archive.read(TREE)
    name = "annotator_prior"
    arrays = {
        f"{name}.data": np.ones(3),
        f"{name}.indices": np.array([0, 10**8, 2], np.int32),
        f"{name}.indptr": np.array([0, 1, 2, 3], np.int32),
    }
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(TREE, tree)
        archive.writestr(WEIGHTS, save_weights(arrays))
    with pytest.raises(ValueError, match="cannot be loaded"):
        skcrowd.load(path)


def archive_of(path, members, **options):
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, content in members:
            archive.writestr(name, content)


@pytest.fixture
def members(path):
    with zipfile.ZipFile(path) as archive:
        return [(name, archive.read(name)) for name in (TREE, WEIGHTS)]


@pytest.mark.usefixtures("_little_memory")
@pytest.mark.parametrize(
    "compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_a_zip_bomb(path, members, compression):
    bomb = [(TREE, b" " * 10**7), members[1]]
    archive_of(path, bomb, compression=compression)
    with pytest.raises(ValueError, match="compressed, as save never does"):
        skcrowd.load(path)
    inner = path.read_bytes()
    archive_of(path, [members[0], (WEIGHTS, inner)])
    with pytest.raises(ValueError, match="damaged"):
        skcrowd.load(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_that_are_not_two(path, members):
    for wrong in (
        [],
        members[:1],
        members[1:],
        [*members, members[0]],
        [*members, ("more", b"")],
        [(f"a/{TREE}", members[0][1]), members[1]],
        [("../" + TREE, members[0][1]), members[1]],
    ):
        archive_of(path, wrong)
        with pytest.raises(ValueError, match=f"does not hold {TREE} and {WEIGHTS}"):
            skcrowd.load(path)


@pytest.mark.usefixtures("_little_memory")
@pytest.mark.parametrize("size", [2**31, 2**32 - 2])
def test_sizes_of_members_that_are_not_true(path, size):
    content = bytearray(path.read_bytes())
    start = content.rindex(b"PK\x01\x02")  # the entry of the last member
    content[start + 20 : start + 28] = struct.pack("<II", size, size)
    path.write_bytes(content)
    with pytest.raises(ValueError, match="its members are larger than the file"):
        skcrowd.load(path)


def test_an_encrypted_member(path):
    content = bytearray(path.read_bytes())
    start = content.rindex(b"PK\x01\x02")
    content[start + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match="damaged"):
        skcrowd.load(path)


@pytest.mark.usefixtures("_little_memory")
@pytest.mark.parametrize(
    "weights",
    [
        b"",
        b"\xff" * 8,
        struct.pack("<Q", 10**9) + b"{}",
        struct.pack("<Q", 2) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        *(
            struct.pack("<Q", len(header)) + header
            for header in (
                b'{"a":{"dtype":"F64","shape":[1000000000],"data_offsets":[0,8]}}',
                b'{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8000000000]}}',
                b'{"a":{"dtype":"X","shape":[],"data_offsets":[0,0]}}',
                b"{" * 50_000,
            )
        ),
    ],
    ids=range(9),
)
def test_headers_of_safetensors(path, members, weights):
    archive_of(path, [members[0], (WEIGHTS, weights)])
    with pytest.raises(ValueError, match=r"damaged|cannot be loaded"):
        skcrowd.load(path)


@pytest.mark.parametrize(
    "tree",
    [
        "",
        "null",
        "3",
        "[]",
        "{}",
        '{"format": 2, "format": 2}',
        '{"format": NaN}',
        "[" * 10**6,
        "\ud800".encode("utf-8", "surrogatepass"),
        '{"format": 2}'.encode("utf-16"),
        '{"format": ' + "9" * 5000 + "}",
        '{"format": 2, "written_by": {"skcrowd": "0.1"}}',
        '{"format": 2, "written_by": {"skcrowd": "0.1"}, "estimator": 3}',
    ],
    ids=range(13),
)
def test_trees_that_are_none(path, members, tree):
    archive_of(path, [(TREE, tree), members[1]])
    with pytest.raises(ValueError, match=r"model\.skcrowd'"):
        skcrowd.load(path)


def test_every_beginning_of_a_file(tmp_path):
    path = skcrowd.save(CrowdClassifier(), tmp_path / "model")
    content = path.read_bytes()
    for size in range(0, len(content), 7):
        path.write_bytes(content[:size])
        with pytest.raises(ValueError, match="damaged"):
            skcrowd.load(path)


def test_texts_that_numpy_makes_large(tmp_path):
    """One long label beside many short ones comes back; the file is not small."""
    classes = np.array(["a" * 20_000, *(f"c{k}" for k in range(500))])
    path = skcrowd.save(CrowdClassifier(classes=classes), tmp_path / "model")
    assert (skcrowd.load(path).classes == classes).all()
    assert path.stat().st_size > classes.nbytes / 16


def test_a_buffer_of_one_file_is_no_other_s(path):
    """What is loaded twice is in no memory that is shared."""
    first, second = skcrowd.load(path), skcrowd.load(path)
    with torch.no_grad():
        first.net_.module_.layers[0].weight.fill_(7)
    assert not (second.net_.module_.layers[0].weight == 7).any()
