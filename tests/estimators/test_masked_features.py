"""What is masked in X is missing, and an error as NaN is: nothing under it is read."""

import numpy as np
import pytest
from torch import nn

from skcrowd import (
    CrowdClassifier,
    CrowdMultilabelClassifier,
    CrowdRanker,
    CrowdRegressor,
    CrowdSequenceTagger,
    SequenceAnnotations,
)

RNG = np.random.default_rng(0)
X = RNG.standard_normal((24, 3))
MASKED = np.ma.masked_greater(X, 1.0)
COUNTS = np.ma.masked_greater(RNG.integers(0, 9, (24, 3)), 6)
LABELS = np.repeat(np.arange(24)[:, None] % 2, 2, axis=1)
DATA = {
    CrowdClassifier: LABELS,
    CrowdRegressor: LABELS + RNG.standard_normal((24, 2)),
    CrowdMultilabelClassifier: np.stack([LABELS, 1 - LABELS], axis=2),
    CrowdSequenceTagger: LABELS,
}
FORMS = {
    "floats": MASKED,
    "integers": COUNTS,
    "booleans": COUNTS > 3,
    "objects": MASKED.astype(object),
    "rows": list(MASKED),
    "cells": [[np.ma.masked, 1.0, 2.0], *X[1:].tolist()],
}


def quick(kind, **parameters):
    return kind(max_epochs=1, random_state=0, **parameters)


@pytest.mark.parametrize("kind", DATA)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.filterwarnings("ignore:.*converting a masked element:UserWarning")
def test_masked_features_are_refused(kind, form):
    with pytest.raises(ValueError, match="X contains NaN"):
        quick(kind).fit(FORMS[form], DATA[kind])


@pytest.mark.parametrize("kind", DATA)
def test_masked_features_of_new_items_are_refused(kind):
    model = quick(kind).fit(X, DATA[kind])
    for predict in (model.predict, lambda Z: model.score(Z, DATA[kind])):
        with pytest.raises(ValueError, match="X contains NaN"):
            predict(MASKED)
    np.testing.assert_array_equal(model.predict(np.ma.array(X)), model.predict(X))
    assert MASKED.mask.any()
    np.testing.assert_array_equal(MASKED.data, X)


class Sum(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 2)

    def forward(self, a, b):
        return self.layer(a) + self.layer(b)


@pytest.mark.parametrize("masked", [MASKED, COUNTS])
def test_masked_parts_are_refused(masked):
    with pytest.raises(ValueError, match=r"X\['b'\] contains NaN"):
        quick(CrowdClassifier, module=Sum).fit({"a": X, "b": masked}, LABELS)


def test_masked_items_of_a_ranker_are_refused():
    first, second = RNG.integers(0, 24, (2, 40))
    y = np.where(X[first, :1] > X[second, :1], "first", "second")
    ranker = CrowdRanker(quick(CrowdClassifier, method="confusion_layer"))
    with pytest.raises(ValueError, match="contains NaN"):
        ranker.fit((X[first], MASKED[second]), y)
    ranker.fit((X[first], X[second]), y)
    for items in (MASKED, list(MASKED)):
        with pytest.raises(ValueError, match="contains NaN"):
            ranker.score_items(items)


def test_padding_may_be_masked():
    padded = np.ma.array(RNG.standard_normal((12, 3, 3)), mask=False)
    padded[:, 2] = np.ma.masked
    y = SequenceAnnotations.from_flat(LABELS, [2] * 12)
    tagger = quick(CrowdSequenceTagger).fit(padded, y, lengths=[2] * 12)
    expected = quick(CrowdSequenceTagger).fit(padded.data, y, lengths=[2] * 12)
    for found, tags in zip(
        tagger.predict(padded, lengths=[2] * 12),
        expected.predict(padded.data, lengths=[2] * 12),
        strict=True,
    ):
        assert found.tolist() == tags.tolist()
    padded[0, 0, 0] = np.ma.masked
    with pytest.raises(ValueError, match="X contains NaN"):
        quick(CrowdSequenceTagger).fit(padded, y, lengths=[2] * 12)
