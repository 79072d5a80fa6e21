"""Data larger than memory: nothing reads, copies or makes all of X at once."""

import tracemalloc
import weakref

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import Dataset

from skcrowd import CrowdClassifier, CrowdMultilabelClassifier, CrowdRegressor
from skcrowd.annotations import Annotations, MultilabelAnnotations, _hashing, _memory
from skcrowd.estimators._default_network import rows_by_content
from skcrowd.training import _array_rows

N_ITEMS, N_FEATURES, N_ANNOTATORS, BATCH = 12_000, 1024, 4, 256
PART = 1_000
EPOCHS = {"max_epochs": 2, "batch_size": BATCH, "random_state": 0}
RNG = np.random.default_rng(0)
DIRECTION = RNG.standard_normal(N_FEATURES, dtype=np.float32)


class Network(nn.Module):
    def __init__(self, n_outputs):
        super().__init__()
        self.layer = nn.Linear(N_FEATURES, n_outputs)

    def forward(self, rows):
        return self.layer(rows)


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks and limits for little data."""
    monkeypatch.setattr(_memory, "LARGE", 2**14)
    monkeypatch.setattr(_memory, "AT_ONCE", 2**14)
    monkeypatch.setattr(_hashing, "NUMBERS_AT_ONCE", 2**14)
    monkeypatch.setattr(_array_rows, "NUMBERS_AT_ONCE", 2**14)


@pytest.fixture(scope="module")
def features(tmp_path_factory):
    """Random features in a file, as a memory map."""
    path = tmp_path_factory.mktemp("large") / "features.npy"
    np.save(path, RNG.standard_normal((N_ITEMS, N_FEATURES), dtype=np.float32))
    return np.load(path, mmap_mode="r")


def truth_of(features):
    return features @ DIRECTION


def labels(features):
    truth = (truth_of(features) > 0).astype(int)
    wrong = RNG.random((len(truth), N_ANNOTATORS)) < 0.2
    answers = np.where(wrong, 1 - truth[:, None], truth[:, None])
    unseen = RNG.random(answers.shape) < 0.5
    unseen[:, 0] = False
    return Annotations.from_dense(np.where(unseen, -1, answers), classes=[0, 1])


def ratings(features):
    truth = truth_of(features)[:, None]
    noise = RNG.standard_normal((len(truth), N_ANNOTATORS))
    return Annotations.from_dense(truth + noise, kind="numbers")


def label_sets(features):
    ticks = np.stack([truth_of(features) > 0, features[:, 0] > 0], axis=1)
    return MultilabelAnnotations.from_indicators(
        np.stack([ticks] * 2, axis=1).astype(int)
    )


CASES = {
    "default method": (CrowdClassifier, "regularized_em", labels),
    "em": (CrowdClassifier, "em", labels),
    "majority_vote": (CrowdClassifier, "majority_vote", labels),
    "crowd_layer": (CrowdClassifier, "crowd_layer", labels),
    "ratings": (CrowdRegressor, "em", ratings),
    "sets": (CrowdMultilabelClassifier, "regularized_em", label_sets),
}


def estimator(name, **settings):
    kind, method, _ = CASES[name]
    return kind(Network, method=method, **EPOCHS, **settings)


def peak_bytes(function, *args):
    """Return the most memory that arrays took beyond what there was before."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    function(*args)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak - before


@pytest.mark.slow
@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("name", CASES)
def test_no_copy_of_a_memory_map_is_made(name, features):
    y = CASES[name][2](features)
    fitted = estimator(name).fit(features[:PART], y[:PART])  # imports of libraries
    model = estimator(name)
    assert peak_bytes(model.fit, features, y) < features.nbytes / 2
    peaks = [peak_bytes(fitted.predict, features)]
    if hasattr(fitted, "predict_proba"):
        peaks.append(peak_bytes(fitted.predict_proba, features))
    assert max(peaks) < features.nbytes / 4


@pytest.mark.slow
@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("name", ["em", "ratings"])
def test_parts_take_the_memory_of_a_part(name, features):
    y = CASES[name][2](features)
    estimator(name).fit(features[:PART], y[:PART])  # imports of libraries
    model = estimator(name)

    def learn():
        for start in range(0, N_ITEMS, PART):
            rows = slice(start, start + PART)
            model.partial_fit(features[rows], y[rows])

    assert peak_bytes(learn) < features.nbytes / 2
    assert model.predict(features[:5]).shape == (5,)


@pytest.mark.parametrize("name", CASES)
def test_blocks_change_nothing_but_the_rounding(name, features, monkeypatch):
    few = features[:PART]
    y = CASES[name][2](few)
    model = estimator(name).fit(few, y)
    monkeypatch.setattr(_memory, "LARGE", 2**10)
    monkeypatch.setattr(_memory, "AT_ONCE", 2**8)
    monkeypatch.setattr(_hashing, "NUMBERS_AT_ONCE", 2**10)
    in_blocks = estimator(name).fit(few, y)
    predict = "predict_proba" if hasattr(model, "predict_proba") else "predict"
    expected, found = (getattr(m, predict)(few) for m in (model, in_blocks))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("method", ["em", "regularized_em"])
def test_blocks_of_items_without_answers(method, features, monkeypatch):
    monkeypatch.setattr(_memory, "LARGE", 2**6)
    monkeypatch.setattr(_memory, "AT_ONCE", 2**6)
    few = features[:PART]
    answers = labels(few).to_dense(-1)
    answers[len(few) // 3 :] = -1
    y = Annotations.from_dense(answers, classes=[0, 1])
    clf = CrowdClassifier(method=method, max_epochs=2, random_state=0).fit(few, y)
    assert clf.posterior_.shape == (PART, 2)


@pytest.mark.parametrize("in_file", [False, True])
def test_a_network_that_works_in_place_leaves_the_features(in_file, tmp_path):
    X = np.random.default_rng(0).standard_normal((40, 3)).astype(np.float32)
    before = X.copy()
    if in_file:
        np.save(tmp_path / "X.npy", X)
        X = np.load(tmp_path / "X.npy", mmap_mode="r")
    network = nn.Sequential(nn.ReLU(inplace=True), nn.Linear(3, 2))
    y = np.column_stack([X[:, 0] > 0, X[:, 1] > 0]).astype(int)
    clf = CrowdClassifier(network, method="em", max_epochs=2).fit(X, y)
    clf.predict_proba(X)
    np.testing.assert_array_equal(X, before)


def test_settings_of_the_default_network_are_read_off_without_a_copy(features):
    weight = np.ones(N_ITEMS)
    rows, group = rows_by_content(features[:50], weight[:50], 10)  # imports
    assert len(rows) == len(np.unique(group)) == 10
    peak = peak_bytes(rows_by_content, features, weight, 10)
    assert peak < features.nbytes / 2


class Rows(Dataset):
    """Rows of a memory map; records how many of them exist at once."""

    def __init__(self, features):
        self.features, self.alive, self.most, self.asked = features, 0, 0, 0

    def __len__(self):
        return len(self.features)

    def __getitem__(self, position):
        row = torch.tensor(self.features[position])
        self.alive += 1
        self.most = max(self.most, self.alive)
        weakref.finalize(row, self._end)
        return row

    def _end(self):
        self.alive -= 1


class Batches(Rows):
    """The same, read by lists of positions."""

    def __getitems__(self, positions):
        self.asked = max(self.asked, len(positions))
        return [self[position] for position in positions]


PREDICTED = 1024  # items of a batch in prediction


@pytest.mark.parametrize("kind", [Rows, Batches])
@pytest.mark.parametrize("name", ["em", "ratings"])
def test_a_data_set_is_read_batch_by_batch(name, kind, features):
    few = features[:2_000]
    y, data = CASES[name][2](few), kind(few)
    model = estimator(name).fit(data, y)
    by_array = estimator(name).fit(few, y)
    assert model.score(data, y) == pytest.approx(by_array.score(few, y), abs=0.05)
    model.predict(data)
    model.partial_fit(data, y)
    assert 0 < data.most <= PREDICTED + 1  # the first item is read as a sample
    assert data.asked == (PREDICTED if kind is Batches else 0)
