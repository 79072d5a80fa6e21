"""Tables that are hardly answers: a warning, and none for those that are."""

import warnings

import numpy as np
import pandas as pd
import pytest

from skcrowd import Annotations
from skcrowd.datasets import make_annotations
from skcrowd.exceptions import CrowdWarning

RNG = np.random.default_rng(0)
ANSWERS = pd.DataFrame(RNG.integers(0, 3, (40, 3)), columns=["ann", "bob", "cy"])


def read(y, **options):
    return Annotations.from_dense(y, **options)


@pytest.mark.parametrize("first", [0, 1])
def test_a_column_that_numbers_the_items(first):
    y = ANSWERS.copy()
    y.insert(0, "Unnamed: 0", np.arange(40) + first)
    with pytest.warns(CrowdWarning, match=r"column 'Unnamed: 0' .*numbers the items"):
        read(y)
    with pytest.warns(CrowdWarning, match="numbers the items"):
        read(y.to_numpy())


def test_a_column_of_text():
    y = ANSWERS.astype(str)
    y["comment"] = [f"I think that {k} is odd" for k in range(40)]
    with pytest.warns(CrowdWarning, match=r"column 'comment' .*nearly all distinct"):
        read(y)


def test_a_table_of_counts():
    counts = RNG.multinomial(5, [0.5, 0.3, 0.2], 40)
    with pytest.warns(CrowdWarning, match="counts"):
        read(counts)


def test_more_classes_than_a_third_of_the_answers():
    y = RNG.permutation(200).reshape(100, 2)
    with pytest.warns(CrowdWarning, match="200 answers of 200 classes"):
        read(y)
    assert read(y, classes=range(200)).n_answers == 200


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n_classes", [2, 3, 10])
@pytest.mark.parametrize(("n_items", "n_annotators"), [(12, 2), (40, 5), (300, 40)])
def test_answers_are_no_odd_table(n_items, n_annotators, n_classes, seed):
    rng = np.random.default_rng(seed)
    truth = rng.permutation(np.arange(n_items) % n_classes)
    for each in (None, min(3, n_annotators)):
        y = make_annotations(
            truth, n_annotators, answers_per_item=each, random_state=seed
        ).annotations.to_dense()
        with warnings.catch_warnings():
            warnings.simplefilter("error", category=CrowdWarning)
            read(y)
            read(y.astype(str), missing_label="-1")


@pytest.mark.parametrize("seed", range(5))
def test_ratings_are_no_odd_table(seed):
    truth = np.random.default_rng(seed).normal(size=40)
    crowd = make_annotations(truth, 5, kind="numbers", random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("error", category=CrowdWarning)
        read(crowd.annotations.to_dense(), kind="numbers")
        stars = np.clip(np.round(3 + crowd.annotations.to_dense()), 1, 5)
        read(stars, kind="numbers")
