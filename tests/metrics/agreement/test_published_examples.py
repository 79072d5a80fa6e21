"""Coefficients of agreement equal those of published worked examples."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from skcrowd.metrics.agreement import (
    cohen_kappa_matrix,
    fleiss_kappa,
    gwet_ac1,
    intraclass_correlation,
    krippendorff_alpha,
    percent_agreement,
    scott_pi,
)

# Krippendorff (2011), four observers, twelve units; cac.raw4raters of R's irrCAC.
OBSERVERS = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]
RATINGS = np.array(
    [[np.nan if v == "." else float(v) for v in row.split()] for row in OBSERVERS]
).T
LABELS = np.where(np.isnan(RATINGS), -1, RATINGS).astype(int)
# Fleiss' kappa, as worked out in textbooks: 10 subjects, 14 raters, 5 categories.
COUNTS = """
0 0 0 0 14 / 0 2 6 4 2 / 0 0 3 5 6 / 0 3 9 2 0 / 2 2 8 1 1
7 7 0 0 0 / 3 2 6 3 0 / 2 5 3 2 2 / 6 5 2 1 0 / 0 2 2 3 7
"""
# Shrout and Fleiss (1979), table 2: six targets, four judges.
JUDGES = np.array(
    [
        [9, 2, 5, 8],
        [6, 1, 3, 2],
        [8, 4, 6, 8],
        [7, 1, 2, 6],
        [10, 5, 6, 9],
        [6, 2, 4, 7],
    ]
)


@pytest.mark.parametrize(
    ("level", "alpha"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_krippendorff(level, alpha):
    y = LABELS if level in ("nominal", "ordinal") else RATINGS
    assert krippendorff_alpha(y, level=level) == pytest.approx(alpha, abs=5e-4)


def test_gwet():
    assert percent_agreement(LABELS) == pytest.approx(0.81818, abs=5e-6)
    assert fleiss_kappa(LABELS) == pytest.approx(0.76117, abs=5e-6)
    assert gwet_ac1(LABELS) == pytest.approx(0.77544, abs=5e-6)


def test_fleiss():
    rows = [row.split() for line in COUNTS.split("\n") for row in line.split("/")]
    items = [np.repeat(np.arange(5), np.array(row, int)) for row in rows if row]
    assert fleiss_kappa(np.stack(items)) == pytest.approx(0.210, abs=5e-4)


@pytest.mark.parametrize(
    ("form", "of_one", "of_four"),
    [("one-way", 0.17, 0.44), ("agreement", 0.29, 0.62), ("consistency", 0.71, 0.91)],
)
def test_shrout_and_fleiss(form, of_one, of_four):
    found = [intraclass_correlation(JUDGES, form=form, n_averaged=k) for k in (1, 4)]
    np.testing.assert_allclose(found, [of_one, of_four], atol=5e-3)


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_cohen_is_that_of_scikit_learn(weights):
    found = cohen_kappa_matrix(LABELS, weights=weights)
    for r in range(4):
        for s in range(r):
            both = (LABELS[:, [r, s]] >= 0).all(axis=1)
            expected = cohen_kappa_score(
                LABELS[both, r], LABELS[both, s], weights=weights, labels=range(1, 6)
            )
            assert found[r, s] == pytest.approx(expected)
            assert found[s, r] == pytest.approx(expected)


def test_scott():
    # two annotators, no missing answer: Scott's pi is Fleiss' kappa
    y = np.array([[0, 0], [1, 1], [0, 1], [0, 0], [2, 2]])
    shares = np.bincount(y.ravel()) / y.size
    expected = (0.8 - shares @ shares) / (1 - shares @ shares)
    assert scott_pi(y) == pytest.approx(expected)
    assert fleiss_kappa(y) == pytest.approx(expected)
