"""X as several arrays, texts, integers, a data set of PyTorch, or a memmap."""

import pickle

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from skorch.helper import SliceDataset, SliceDict
from torch import nn
from torch.utils.data import Dataset, IterableDataset, TensorDataset

import skcrowd
from skcrowd import CrowdClassifier, CrowdRegressor
from skcrowd.datasets import make_annotations
from skcrowd.persistence import register

SHORT = {"method": "em", "max_epochs": 3, "lr": 1e-2, "random_state": 0}
LONG = {**SHORT, "max_epochs": 12}


@pytest.fixture(scope="module")
def digits():
    """200 images, their digits, and the answers of five people."""
    X, truth = load_digits(return_X_y=True)
    X, truth = (X[:200] / 16).astype(np.float32), truth[:200]
    crowd = make_annotations(truth, 5, answers_per_item=3, random_state=0)
    return X, truth, crowd.annotations


class Plain(nn.Module):
    def __init__(self, n_outputs=10):
        super().__init__()
        self.layer = nn.Linear(64, n_outputs)

    def forward(self, x):
        return self.layer(x)


class Named(nn.Module):
    """Image and a table of what else is known of it."""

    def __init__(self, n_outputs=10):
        super().__init__()
        self.layer = nn.Linear(64, n_outputs)
        self.table = nn.Embedding(4, n_outputs)

    def forward(self, image, camera):
        assert not camera.is_floating_point()
        return self.layer(image) + self.table(camera)


class Pair(nn.Module):
    def __init__(self, n_outputs=10):
        super().__init__()
        self.layer = nn.Linear(64, n_outputs)

    def forward(self, parts):
        upper, lower = parts
        return self.layer(torch.cat([upper, lower], dim=1))


class Reader(nn.Module):
    """Scores of a text, from the words in it."""

    def __init__(self, n_outputs=10):
        super().__init__()
        self.table = nn.EmbeddingBag(10, n_outputs)
        nn.init.zeros_(self.table.weight)

    def forward(self, texts):
        assert isinstance(texts, list)
        words = [torch.tensor([int(word) for word in text.split()]) for text in texts]
        starts = torch.tensor([0, *map(len, words[:-1])]).cumsum(0)
        return self.table(torch.cat(words), starts)


class Captioned(nn.Module):
    def __init__(self, n_outputs=10):
        super().__init__()
        self.image, self.caption = Plain(n_outputs), Reader(n_outputs)

    def forward(self, image, caption):
        return self.image(image) + self.caption(caption)


class Augmented(Dataset):
    """Images with fresh noise whenever they are read."""

    def __init__(self, X):
        self.X, self.n_read, self.seen = X, 0, []

    def __len__(self):
        return len(self.X)

    def __getitem__(self, position):
        self.n_read += 1
        noisy = torch.from_numpy(self.X[position]) + 0.1 * torch.randn(64)
        if position == 7:
            self.seen.append(noisy)
        return noisy


class Labelled(Augmented):
    def __getitem__(self, position):
        return super().__getitem__(position), -1


class Stream(IterableDataset):
    def __iter__(self):
        return iter([])


def named(X):
    return {"image": X, "camera": np.arange(len(X)) % 4}


def texts_of(truth):
    return [f"{digit} {digit}" for digit in truth]


FORMS = (
    "dict",
    "SliceDict",
    "tuple",
    "texts",
    "object array",
    "str array",
    "dict with texts",
    "data set",
    "SliceDataset",
)


def form_of(name, X, truth):
    made = {
        "dict": lambda: (Named, named(X)),
        "SliceDict": lambda: (Named, SliceDict(**named(X))),
        "tuple": lambda: (Pair, (X[:, :32], torch.from_numpy(X[:, 32:]))),
        "texts": lambda: (Reader, texts_of(truth)),
        "object array": lambda: (Reader, np.array(texts_of(truth), dtype=object)),
        "str array": lambda: (Reader, np.array(texts_of(truth))),
        "dict with texts": lambda: (
            Captioned,
            {"image": X, "caption": texts_of(truth)},
        ),
        "data set": lambda: (Plain, Augmented(X)),
        "SliceDataset": lambda: (
            Plain,
            SliceDataset(TensorDataset(torch.from_numpy(X))),
        ),
    }
    return made[name]()


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_learned_reported_and_pickled(name, digits):
    X, truth, Y = digits
    module, X = form_of(name, X, truth)
    clf = CrowdClassifier(module, **LONG).fit(X, Y)
    assert clf.score(X, truth) > 0.5
    assert clf.annotator_confusion_.shape == (5, 10, 10)
    assert not hasattr(clf, "n_features_in_")
    again = pickle.loads(pickle.dumps(clf))
    if name != "data set":  # whose noise differs
        np.testing.assert_array_equal(again.predict(X), clf.predict(X))
    assert np.isfinite(clf.score(X, Y))


@pytest.mark.parametrize("name", ["dict", "texts", "data set"])
def test_other_fits_take_it_too(name, digits):
    X, truth, Y = digits
    module, X = form_of(name, X, truth)
    weight = np.ones(len(truth))
    weight[:20] = 0
    gold = {0: truth[0], 30: truth[30]}
    stopped = CrowdClassifier(module, early_stopping=True, **SHORT)
    stopped.fit(X, Y, sample_weight=weight, gold=gold)
    assert len(stopped.predict(X)) == len(truth)
    parts = CrowdClassifier(module, **SHORT)
    for _ in range(2):
        parts.partial_fit(X, Y, classes=np.arange(10))
    assert len(parts.predict(X)) == len(truth)
    rated = Y.to_dense().astype(float)
    rated[rated < 0] = np.nan
    reg = CrowdRegressor(module, module__n_outputs=1, **SHORT).fit(X, rated)
    assert np.isfinite(reg.predict(X)).all()
    assert len(stopped.label_quality(X, Y, cv=2)) == len(truth)


def test_searches_and_pipelines_slice_it(digits):
    X, truth, Y = digits
    for module, data in (
        (Named, SliceDict(**named(X))),
        (Reader, texts_of(truth)),
        (Plain, SliceDataset(Labelled(X))),
    ):
        clf = CrowdClassifier(module, **SHORT)
        assert len(cross_val_score(clf, data, Y, cv=2)) == 2
    search = GridSearchCV(CrowdClassifier(Reader, **SHORT), {"lr": [0.1, 1e-6]}, cv=2)
    assert search.fit(texts_of(truth), Y).best_params_ == {"lr": 0.1}
    lower = FunctionTransformer(lambda texts: [text.lower() for text in texts])
    pipeline = make_pipeline(lower, CrowdClassifier(Reader, **SHORT))
    assert len(pipeline.fit(texts_of(truth), Y).predict(["1 1"])) == 1


def test_parts_give_the_fit_of_the_array(digits):
    """A single named part is learned from as the array is; order means nothing."""
    X, truth, Y = digits

    class Whole(Plain):
        def forward(self, image):
            return super().forward(image)

    array = CrowdClassifier(Plain, **LONG).fit(X, Y)
    assert array.score(X, truth) > 0.6
    part = CrowdClassifier(Whole, **LONG).fit({"image": X}, Y)
    assert part.score({"image": X}, truth) > 0.6
    order = np.argsort(np.random.default_rng(0).random(len(X)))
    moved = CrowdClassifier(Whole, **LONG).fit({"image": X[order]}, Y[order])
    np.testing.assert_allclose(  # permuting items changes nothing
        moved.predict_proba({"image": X}), part.predict_proba({"image": X}), atol=1e-5
    )


def test_sparse_parts(digits):
    X, truth, Y = digits

    class Sum(Plain):
        def forward(self, counts):
            return super().forward(counts)

    clf = CrowdClassifier(Sum, **LONG).fit({"counts": sparse.csr_array(X)}, Y)
    assert clf.score({"counts": sparse.csr_array(X)}, truth) > 0.5


def test_every_epoch_reads_a_data_set_anew(digits):
    X, _, Y = digits
    data = Augmented(X)
    CrowdClassifier(Plain, **{**SHORT, "method": "majority_vote"}).fit(data, Y)
    assert data.n_read >= 3 * len(X)
    assert len({item.sum().item() for item in data.seen}) == len(data.seen)


def test_arguments_of_the_loader_reach_it(digits):
    X, _, Y = digits
    collated = []

    def collate(items):
        collated.append(len(items))
        return torch.stack(items)

    loader = {"iterator_train__collate_fn": collate}
    CrowdClassifier(Plain, **SHORT, **loader).fit(Augmented(X), Y)
    assert sum(collated) >= 3 * len(X)
    with pytest.raises(ValueError, match="collate_fn makes a batch"):
        CrowdClassifier(Plain, **SHORT, **loader).fit(X, Y)


@pytest.mark.slow
def test_workers_read_a_data_set(digits):
    X, truth, Y = digits
    settings = {"method": "majority_vote", "lr": 0.03, "max_epochs": 3}
    workers = {"iterator_train__num_workers": 2, "random_state": 0}
    clf = CrowdClassifier(Plain, **settings, **workers).fit(Augmented(X), Y)
    assert clf.score(Augmented(X), truth) > 0.5


class Lookup(nn.Module):
    def __init__(self, n_outputs=10):
        super().__init__()
        self.table = nn.Embedding(10, n_outputs)

    def forward(self, ids):
        return self.table(ids - 2**24 - 1).mean(dim=1)


def test_integers_stay_integers_where_they_are_looked_up(digits):
    _, truth, Y = digits
    ids = 2**24 + 1 + np.stack([truth, truth], axis=1)  # float32 would round them
    clf = CrowdClassifier(Lookup, **{**LONG, "lr": 0.1}).fit(ids, Y)
    assert clf.score(ids, truth) > 0.9
    assert clf.score(ids.astype(np.int32), truth) > 0.9


def test_integers_are_numbers_to_any_other_network(digits):
    X, _, Y = digits
    whole = (16 * X).astype(np.int64)
    clf = CrowdClassifier(Plain, **SHORT).fit(whole, Y)
    same = clf.predict_proba(whole.astype(np.float32))
    np.testing.assert_array_equal(clf.predict_proba(whole), same)
    assert clf.label_quality(whole.astype(np.float32), Y, cv=2).shape[0] == len(X)


def test_files_hold_the_parts(digits, tmp_path):
    X, _, Y = digits
    register(Named, name="test_item_forms.Named")
    clf = CrowdClassifier(Named, **SHORT).fit(named(X), Y)
    again = skcrowd.load(skcrowd.save(clf, tmp_path / "model"))
    np.testing.assert_array_equal(again.predict(named(X)), clf.predict(named(X)))
    with pytest.raises(ValueError, match="was fitted with"):
        again.predict(X)


def test_memmaps_are_read_in_place(digits, tmp_path):
    X, _, Y = digits
    stored = np.memmap(tmp_path / "X", np.float32, "w+", shape=X.shape)
    stored[:] = X
    stored.flush()
    stored = np.memmap(tmp_path / "X", np.float32, "r", shape=X.shape)
    mapped = CrowdClassifier(**SHORT).fit(stored, Y)
    array = CrowdClassifier(**SHORT).fit(X, Y)
    np.testing.assert_array_equal(mapped.predict_proba(X), array.predict_proba(stored))


def test_what_cannot_be_read_is_refused(digits):
    X, truth, Y = digits
    clf = CrowdClassifier(Named, **SHORT)
    with pytest.raises(ValueError, match="'image': 199, 'camera': 200"):
        clf.fit({"image": X[1:], "camera": np.arange(200)}, Y)
    holed = X.copy()
    holed[3, 3] = np.nan
    with pytest.raises(ValueError, match=r"X\['image'\].*NaN"):
        clf.fit({**named(X), "image": holed}, Y)
    with pytest.raises(ValueError, match=r"inconsistent numbers of samples"):
        clf.fit(named(X[:100]), Y)
    clf.fit(named(X), Y)
    with pytest.raises(ValueError, match="was fitted with"):
        clf.predict({"image": X, "lens": np.arange(200)})
    with pytest.raises(ValueError, match="was fitted with"):
        clf.predict(X)
    missing = [None, *texts_of(truth)[1:]]
    with pytest.raises(ValueError, match="row 0 is None"):
        CrowdClassifier(Reader, **SHORT).fit(missing, Y)
    with pytest.raises(ValueError, match="TfidfVectorizer"):
        CrowdClassifier(**SHORT).fit(texts_of(truth), Y)
    with pytest.raises(ValueError, match="module="):
        CrowdClassifier(**SHORT).fit(Augmented(X), Y)
    with pytest.raises(TypeError, match="map-style"):
        CrowdClassifier(Plain, **SHORT).fit(Stream(), Y)
    with pytest.raises(ValueError, match="idx=0"):
        CrowdClassifier(Plain, **SHORT).fit(Labelled(X), Y)
