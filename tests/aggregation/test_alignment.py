"""Weights and gold of an aggregation are matched to answers of the same labels."""

import numpy as np
import pandas as pd
import pytest

from skcrowd.aggregation import (
    dawid_skene,
    measure_disagreement,
    sequence_dawid_skene,
    weighted_mean,
)
from skcrowd.annotations import SequenceAnnotations

Y = pd.DataFrame([[0, 0, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1]], index=list("abcd"))
WEIGHT = pd.Series([1.0, 2.0, 0.5, 1.0], index=Y.index)
GOLD = pd.Series([0, -1, -1, 1], index=Y.index)
MIXED_UP = "annotations and {} have the same row labels in another order"


def posterior(**given):
    return dawid_skene(Y, **given).posterior


def mean(**given):
    if "gold" in given:
        given["gold"] = given["gold"].where(given["gold"] >= 0)
    return weighted_mean(Y.astype(float), **given).mean


def pairs(**given):
    return measure_disagreement(Y, **given).pairs


CASES = [
    (posterior, "sample_weight", WEIGHT),
    (posterior, "gold", GOLD),
    (mean, "sample_weight", WEIGHT),
    (mean, "gold", GOLD),
    (pairs, "sample_weight", WEIGHT),
]


@pytest.mark.parametrize(("infer", "name", "values"), CASES)
def test_labels_decide(infer, name, values):
    by_row = infer(**{name: values.reset_index(drop=True)})
    np.testing.assert_array_equal(infer(**{name: values}), by_row)
    with pytest.raises(ValueError, match=MIXED_UP.format(name)):
        infer(**{name: values.iloc[::-1]})


def test_sentences():
    cells = Y.map(lambda tag: [tag])
    sentences = SequenceAnnotations.from_cells(cells)
    sequence_dawid_skene(sentences, sample_weight=WEIGHT, gold=GOLD)
    with pytest.raises(ValueError, match=MIXED_UP.format("sample_weight")):
        sequence_dawid_skene(sentences, sample_weight=WEIGHT.iloc[::-1])
