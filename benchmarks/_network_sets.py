"""Data sets on which default networks are compared with linear models and trees."""

from collections.abc import Callable

import numpy as np
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_wine,
    make_classification,
    make_friedman1,
    make_friedman3,
)

N = 800  # items of a simulated data set


def few_effects():
    """Linear, 5 of 60 features have an effect."""
    rng = np.random.default_rng(1)
    X = rng.standard_normal((N, 60))
    return X, X[:, :5] @ rng.standard_normal(5) + rng.standard_normal(N)


def many_effects():
    """Linear, all of 100 features have a small effect, and most is noise."""
    rng = np.random.default_rng(1)
    X = rng.standard_normal((N, 100))
    return X, X @ rng.standard_normal(100) + 10 * rng.standard_normal(N)


def houses():
    """Prices that depend on skewed features, on places, and on thresholds."""
    rng = np.random.default_rng(0)
    income, age = rng.lognormal(1.2, 0.5, N), rng.uniform(1, 52, N).round()
    rooms, people = 5.4 + 0.8 * rng.standard_t(2.5, N), rng.lognormal(1, 0.3, N)
    people[rng.random(N) < 0.005] *= 100
    north = rng.uniform(32, 42, N)
    east = -120 + (37 - north) * 0.8 + rng.normal(0, 1.2, N)
    price = 0.45 * np.minimum(income, 8) + 0.006 * age - 0.3 * np.log(people)
    price += 0.5 * (np.hypot(north - 34, east + 118) < 1)
    price += 1.2 * (np.hypot(north - 37.7, east + 122) < 1)
    price += 0.2 * (north > 37) * np.log(income) + rng.normal(0, 0.4, N)
    return np.column_stack([income, age, rooms, people, north, east]), price


def heavy_tails():
    """Features with heavy tails, in units of any size, one constant, one outlier."""
    rng = np.random.default_rng(3)
    Z = rng.standard_normal((N, 12))
    y = Z[:, 0] + 1.5 * (Z[:, 1] > 0.3) - 0.7 * Z[:, 2] * Z[:, 3]
    X = np.sign(Z) * np.expm1(2 * np.abs(Z)) * 10.0 ** rng.integers(-3, 5, 12)
    X[:, 11], X[5, 4] = 3, 1e9
    return X, y + 0.4 * rng.standard_normal(N)


def heavy_tailed_classes():
    """Cut the numbers of `heavy_tails` into three classes."""
    X, y = heavy_tails()
    return X, np.digitize(y, np.quantile(y, [0.3, 0.7]))


def woods():
    """Seven classes that depend on thresholds of a few features."""
    rng = np.random.default_rng(0)
    height, slope = rng.normal(2900, 280, N), rng.gamma(3, 5, N)
    water, road = rng.gamma(1.5, 180, N), rng.gamma(1.5, 1200, N)
    soil = np.eye(8)[rng.integers(8, size=N)]
    score = np.zeros((N, 7))
    score[:, 0] = 2 * (height > 2950) + (water < 100) + soil[:, 1]
    score[:, 1] = 2 * ((height < 3000) & (height > 2600)) + 1.5 * soil[:, 2]
    score[:, 2] = 3 * (height < 2550) - (road > 2000)
    score[:, 3] = 3 * (height < 2400) + 2 * (water < 60) - 1
    score[:, 4] = 2.5 * ((slope > 20) & (height > 2600)) - 0.5
    score[:, 5] = 2 * (height < 2550) + 1.5 * (slope > 20)
    score[:, 6] = 3.5 * (height > 3200)
    z = (2 * score + rng.gumbel(size=score.shape)).argmax(axis=1)
    return np.column_stack([height, slope, water, road, soil]), z


def few_informative():
    """Three classes, 5 of 50 features tell."""
    return make_classification(
        N, 50, n_informative=5, n_redundant=0, n_classes=3, random_state=1
    )


NUMBERS: dict[str, Callable] = {
    "diabetes": lambda: load_diabetes(return_X_y=True),
    "friedman1": lambda: make_friedman1(N, noise=1.0, random_state=0),
    "friedman3": lambda: make_friedman3(N, noise=0.1, random_state=0),
    "linear, 5 of 60": few_effects,
    "linear, 100, noisy": many_effects,
    "houses": houses,
    "heavy tails": heavy_tails,
}
LABELS: dict[str, Callable] = {
    "wine, unscaled": lambda: load_wine(return_X_y=True),
    "breast cancer": lambda: load_breast_cancer(return_X_y=True),
    "digits, 300 items": lambda: tuple(a[:600] for a in load_digits(return_X_y=True)),
    "5 of 50 features": few_informative,
    "woods": woods,
    "heavy tails, 3 classes": heavy_tailed_classes,
}
