"""Tags of scikit-learn say what the estimators take."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.utils import get_tags
from torch import nn

from skcrowd import (
    CrowdClassifier,
    CrowdMultilabelClassifier,
    CrowdRanker,
    CrowdRegressor,
    CrowdSequenceTagger,
)
from skcrowd.backbones import MLP, TabularNet

N_ITEMS = 24
rng = np.random.default_rng(0)
TRUTH = np.arange(N_ITEMS) % 2
TABLE = rng.normal(size=(N_ITEMS, 3))
CUBE = rng.normal(size=(N_ITEMS, 3, 2))
LABELS = np.stack([TRUTH, TRUTH, 1 - TRUTH], axis=1)
SETS = np.stack([LABELS, 1 - LABELS], axis=2).astype(float)  # items, annotators, labels
TAGS = [[["O", "B-X", "O"]] * 2] * N_ITEMS
CATEGORIES = pd.Categorical(list("abcd") * (N_ITEMS // 4))
X = {
    "one_d_array": TABLE[:, 0],
    "two_d_array": TABLE,
    "three_d_array": CUBE,
    "sparse": sparse.csr_array(TABLE),
    "string": ["a text", "another"] * (N_ITEMS // 2),
    "dict": {"first": TABLE, "second": TABLE},
    "allow_nan": np.where(TABLE > 1, np.nan, TABLE),
}
Y = {
    CrowdClassifier: LABELS,
    CrowdRegressor: LABELS + 0.5,
    CrowdMultilabelClassifier: SETS,
    CrowdSequenceTagger: LABELS,
}
WORDS = {"string": [["a", "b", "a"]] * N_ITEMS, "three_d_array": CUBE}
TRUE_FOR = {
    CrowdClassifier: {"two_d_array", "three_d_array", "sparse"},
    CrowdRegressor: {"two_d_array", "three_d_array", "sparse"},
    CrowdMultilabelClassifier: {"two_d_array", "three_d_array", "sparse"},
    CrowdSequenceTagger: {"two_d_array", "three_d_array", "string"},
}


class Reader(nn.Module):
    """Read arrays, a dict of them, or texts by their lengths."""

    def __init__(self, n_classes=1):
        super().__init__()
        self.scores = nn.Linear(1, n_classes)

    def forward(self, X=None, first=None, second=None):
        if first is not None:
            X = first + second
        if torch.is_tensor(X):
            X = X.to(self.scores.weight.dtype).reshape(len(X), -1)
            return self.scores(X.mean(dim=1, keepdim=True))
        return self.scores(torch.tensor([[float(len(text))] for text in X]))


def is_taken(estimator, X, y):
    """Whether an estimator can be fitted."""
    try:
        estimator.fit(X, y)
    except (ValueError, TypeError):
        return False
    return True


@pytest.mark.parametrize("tag", X)
@pytest.mark.parametrize("kind", Y)
def test_tags_of_the_input_are_what_fit_takes(kind, tag):
    is_sequence = kind is CrowdSequenceTagger and tag in WORDS
    given, y = (WORDS[tag], TAGS) if is_sequence else (X[tag], Y[kind])
    estimator = kind(max_epochs=1, random_state=0)
    assert getattr(get_tags(estimator).input_tags, tag) == (tag in TRUE_FOR[kind])
    assert is_taken(estimator, given, y) == (tag in TRUE_FOR[kind])


@pytest.mark.parametrize("tag", ["string", "dict"])
@pytest.mark.parametrize("kind", [k for k in Y if k is not CrowdSequenceTagger])
def test_texts_and_dicts_are_for_networks_of_the_user(kind, tag):
    estimator = kind(module=Reader, max_epochs=1, random_state=0)
    assert getattr(get_tags(estimator).input_tags, tag)
    assert is_taken(estimator, X[tag], Y[kind])
    for module in (MLP, TabularNet):
        assert not getattr(get_tags(kind(module=module)).input_tags, tag)


@pytest.mark.parametrize("kind", Y)
def test_columns_of_categories_need_no_tag(kind):
    """As of HistGradientBoosting; the tag would say that X is codes of categories."""
    estimator = kind(max_epochs=1, random_state=0)
    table = pd.DataFrame({"a": TABLE[:, 0], "b": CATEGORIES})
    assert is_taken(estimator, table, Y[kind])
    assert not get_tags(estimator).input_tags.categorical
    assert not get_tags(HistGradientBoostingClassifier()).input_tags.categorical


def test_a_tagger_takes_no_dict():
    tagger = CrowdSequenceTagger(module=Reader, max_epochs=1)
    assert not get_tags(tagger).input_tags.dict
    assert not is_taken(tagger, X["dict"], LABELS)


def test_a_ranker_takes_pairs_as_a_dict():
    y = np.where(LABELS, "first", "second")
    classifier = CrowdClassifier(method="confusion_layer", max_epochs=1)
    ranker = CrowdRanker(classifier)
    tags = get_tags(ranker)
    assert tags.input_tags.dict
    assert tags.target_tags.required
    assert is_taken(ranker, X["dict"], y)


@pytest.mark.parametrize("kind", Y)
def test_tags_of_the_target(kind):
    """``two_d_labels`` would say that ``fit`` takes y alone; y has several columns."""
    tags = get_tags(kind()).target_tags
    assert tags.required
    assert not tags.two_d_labels
    assert tags.single_output == (kind is not CrowdMultilabelClassifier)
