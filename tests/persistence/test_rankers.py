"""Rankers, whose classifiers of pairs are in their files."""

import numpy as np
import pandas as pd
import pytest
import skops.io
import torch
from _mutations import mutated
from _persistence import again, assert_alike, assert_same_attributes, rewrite
from scipy.sparse import csr_array
from skorch.callbacks import EpochTimer
from torch import nn

import skcrowd
from skcrowd import CrowdClassifier, CrowdRanker
from skcrowd.aggregation import Comparisons
from skcrowd.backbones import MLP
from skcrowd.persistence import _user_registry

N_MUTATIONS = 60
RNG = np.random.default_rng(0)
ITEMS = RNG.normal(size=(30, 3)).astype(np.float32)
FIRST = RNG.integers(0, 30, 90)
SECOND = (FIRST + RNG.integers(1, 30, 90)) % 30
IS_RIGHT = RNG.random((90, 3)) < [0.9, 0.8, 0.6]
IS_FIRST = (ITEMS[FIRST, 0] > ITEMS[SECOND, 0])[:, None] == IS_RIGHT
ANSWERS = np.where(IS_FIRST, "first", "second")
PAIRS = ITEMS[FIRST], ITEMS[SECOND]


class Scorer(nn.Module):
    """A network of items by a user."""

    def __init__(self, n_features, n_outputs=1, width=4):
        super().__init__()
        self.n_features, self.n_outputs, self.width = n_features, n_outputs, width
        self.layers = nn.Sequential(
            nn.Linear(n_features, width), nn.Tanh(), nn.Linear(width, n_outputs)
        )

    def forward(self, X):
        return self.layers(X)


def ranked(module=None, X=PAIRS, y=ANSWERS, method="confusion_layer", **parameters):
    classifier = CrowdClassifier(
        module, method=method, max_epochs=2, random_state=0, **parameters
    )
    return CrowdRanker(classifier).fit(X, y)


def assert_same_ranker(twin, ranker, items=ITEMS):
    assert_alike(twin.score_items(items), ranker.score_items(items))
    assert_alike(twin.predict_proba(PAIRS), ranker.predict_proba(PAIRS))
    assert twin.annotator_report().equals(ranker.annotator_report())
    assert repr(twin) == repr(ranker)


@pytest.mark.parametrize("method", ["confusion_layer", "em", "kd_crowd", "conal"])
def test_a_loaded_ranker_is_the_one_saved(method, tmp_path):
    ranker = ranked(method=method)
    twin = again(ranker, tmp_path)
    assert_same_attributes(twin, ranker)
    assert_same_ranker(twin, ranker)
    assert twin.score(PAIRS, ANSWERS) == ranker.score(PAIRS, ANSWERS)
    assert_same_ranker(twin.fit(PAIRS, ANSWERS), ranker)


@pytest.mark.parametrize("classifier", [None, CrowdClassifier(max_epochs=7)])
def test_unfitted(classifier, tmp_path):
    twin = again(CrowdRanker(classifier), tmp_path)
    assert repr(twin) == repr(CrowdRanker(classifier))
    assert vars(twin).keys() == {"classifier"}


@pytest.mark.parametrize("module", [MLP, nn.Linear(3, 1)])
def test_networks_that_a_file_names(module, tmp_path):
    ranker = ranked(module)
    assert_same_ranker(again(ranker, tmp_path), ranker)


def test_a_network_of_ones_own_is_given_again(tmp_path):
    ranker = ranked(Scorer, module__width=5)
    with pytest.raises(ValueError, match=r"load\(path, module=Scorer\)"):
        again(ranker, tmp_path)
    assert_same_ranker(again(ranker, tmp_path, module=Scorer), ranker)
    classifier = again(ranker.classifier_, tmp_path, module=Scorer)
    assert (classifier.annotators_ == ranker.annotators_).all()
    ranker = ranked(Scorer(3))
    twin = again(ranker, tmp_path, module=Scorer(3))
    assert_same_ranker(twin.fit(PAIRS, ANSWERS), ranker)


def test_a_registered_network(tmp_path, monkeypatch):
    monkeypatch.setattr(_user_registry, "_THINGS", {})
    skcrowd.persistence.register(Scorer, name="test.Scorer")
    for module in (Scorer, Scorer(3)):
        ranker = ranked(module)
        assert_same_ranker(again(ranker, tmp_path), ranker)


def test_items_with_names_categories_and_ties(tmp_path):
    items = pd.DataFrame(ITEMS, columns=["a", "b", "c"])
    items["kind"] = pd.Categorical(np.where(ITEMS[:, 1] > 0, "book", "film"))
    winner = np.where(ANSWERS[:, 0] == "first", FIRST, SECOND)
    y = Comparisons.from_winners(
        winner, FIRST + SECOND - winner, ["ann"] * 90, ties=np.arange(90) % 9 == 0
    )
    items = items.iloc[y.item_names]
    ranker = ranked(X=items, y=y)
    twin = again(ranker, tmp_path)
    assert_same_attributes(twin, ranker)
    assert_alike(twin.score_items(items), ranker.score_items(items))
    with pytest.raises(ValueError, match="columns"):
        twin.score_items(items[["kind", "a", "b", "c"]])


def test_sparse_items(tmp_path):
    pairs = csr_array(PAIRS[0]), csr_array(PAIRS[1])
    ranker = ranked(X=pairs)
    scores = again(ranker, tmp_path).score_items(csr_array(ITEMS))
    assert_alike(scores, ranker.score_items(csr_array(ITEMS)))


def test_callbacks_and_device(tmp_path):
    callbacks = [EpochTimer()]
    ranker = ranked(callbacks=callbacks)
    with pytest.raises(ValueError, match=r"had callbacks \(EpochTimer\)"):
        again(ranker, tmp_path)
    twin = again(ranker, tmp_path, callbacks=callbacks, device="cpu")
    for classifier in (twin.classifier, twin.classifier_):
        assert classifier.callbacks is callbacks
        assert classifier.device == "cpu"
    with pytest.raises(ValueError, match="had none"):
        again(ranked(), tmp_path, callbacks=callbacks)


def test_the_parameter_may_be_fitted_itself(tmp_path):
    fitted = CrowdClassifier(max_epochs=2, random_state=0).fit(
        ITEMS[:, :2], [0, 1] * 15
    )
    ranker = CrowdRanker(fitted).fit(PAIRS, ANSWERS)
    twin = again(ranker, tmp_path)
    assert_same_ranker(twin, ranker)
    proba = twin.classifier.predict_proba(ITEMS[:, :2])
    assert_alike(proba, fitted.predict_proba(ITEMS[:, :2]))


@pytest.mark.parametrize("module", [None, Scorer])
def test_skops(module):
    ranker = ranked(module)
    content = skops.io.dumps(ranker)
    trusted = skops.io.get_untrusted_types(data=content)
    assert_same_ranker(skops.io.loads(content, trusted=trusted), ranker)


def test_an_instance_keeps_the_weights_that_it_came_with():
    """Each fold, and each later fit, starts at them; training is of copies."""
    network = nn.Linear(3, 1)
    before = network.weight.detach().clone()
    ranker = ranked(network, method="regularized_em")
    start = ranker.classifier_.module.scorer.weight
    assert torch.equal(network.weight, before)
    assert torch.equal(start, before)
    assert not torch.equal(ranker.classifier_.net_.module_.scorer.weight, before)


@pytest.mark.filterwarnings("ignore")  # of what a file may ask for, such as a version
def test_files_that_are_wrong_at_random(tmp_path):
    path = skcrowd.save(ranked(), tmp_path / "model")
    content, n_loaded = path.read_bytes(), 0
    for seed in range(N_MUTATIONS):
        path.write_bytes(mutated(content, seed))
        try:
            twin = skcrowd.load(path)
        except ValueError:
            continue
        n_loaded += 1
        assert repr(twin)
        if hasattr(twin, "classifier_"):
            assert len(twin.score_items(ITEMS)) == len(ITEMS)
            assert len(twin.predict(PAIRS)) == len(FIRST)
    assert 0 < n_loaded < 0.6 * N_MUTATIONS


def _unfitted(fitted):
    fitted["classifier_"]["attributes"] = None


def _one_part(fitted):
    shape = fitted["classifier_"]["attributes"]["item_shape"]
    shape["items"] = shape["items"][:1]


def _other_parts(fitted):
    for part in fitted["classifier_"]["attributes"]["item_shape"]["items"]:
        part["items"][1] = 4


def _wide(fitted):
    fitted["classifier_"]["params"]["module"]["fields"]["n_features"] = 10**9


def _no_reader(fitted):
    fitted["item_reader"] = {"$": "tuple", "items": []}


def _wrong_categories(fitted):
    fitted["item_reader"]["fields"]["column_categories"]["items"] = [3]


@pytest.mark.parametrize(
    "change",
    [_unfitted, _one_part, _other_parts, _wide, _no_reader, _wrong_categories],
)
def test_files_that_are_wrong_on_purpose(change, tmp_path):
    path = skcrowd.save(ranked(), tmp_path / "model")
    rewrite(path, lambda content: change(content["estimator"]["attributes"]))
    with pytest.raises(ValueError, match="cannot be loaded"):
        skcrowd.load(path)
