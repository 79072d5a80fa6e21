"""
Ratings, and what a few true numbers add
========================================

Twenty-five simulated people rate items from 1 to 5 stars: some kindly, some with all
their ratings close together, some at random. All of them together are half a star too
kind. `CrowdRegressor` learns a network and everybody's habits; what the whole crowd
shares, no rating shows, and a few true numbers are enough to see it.
"""

import argparse

import numpy as np
from sklearn.datasets import make_friedman1
from sklearn.model_selection import train_test_split

from skcrowd import CrowdRegressor
from skcrowd.datasets import make_annotations

CROWD = {"expert": 3, "average": 10, "biased": 5, "compressing": 4, "random": 3}
KINDNESS = 0.5


def main(seed=0, quick=False):
    X, stars, X_test, stars_test = make_items(seed, n_items=1000 if quick else 2000)
    crowd = make_annotations(
        stars + KINDNESS,
        CROWD,
        kind="numbers",
        answers_per_item=3,
        limits=(1, 5),
        step=1,
        random_state=seed,
    )
    print(f"{crowd.annotations}\n")

    options = {"max_epochs": 25} if quick else {}
    mean = CrowdRegressor(method="mean", random_state=seed, **options)
    mean.fit(X, crowd.annotations)
    reg = CrowdRegressor(random_state=seed, **options).fit(X, crowd.annotations)
    print(f"R² of the mean rating, learned:     {mean.score(X_test, stars_test):.2f}")
    print(f"R² of CrowdRegressor:               {reg.score(X_test, stars_test):.2f}")

    few = np.random.default_rng(seed).choice(len(X), 20, replace=False)
    gold = np.full(len(X), np.nan)
    gold[few] = stars[few]
    told = CrowdRegressor(random_state=seed, **options)
    told.fit(X, crowd.annotations, gold=gold)
    corrected = told.score(X_test, stars_test)
    print(f"R² of the same, told 20 true ones:  {corrected:.2f}\n")
    print_annotators(reg, crowd)


def make_items(seed, n_items):
    """Items with a true number of stars, 1 to 5."""
    X, z = make_friedman1(n_items, noise=0.5, random_state=seed)
    stars = 3 + (z - z.mean()) / z.std()
    X, X_test, stars, stars_test = train_test_split(
        X, np.clip(stars, 1, 5), test_size=0.5, random_state=seed
    )
    return X, stars, X_test, stars_test


def print_annotators(reg, crowd):
    """Print what was learned of each annotator, beside what is true."""
    print("annotator            too high by (true)   scale (true)   noise (true)")
    average = crowd.scale * reg.posterior_mean_.mean() + crowd.bias
    offset = average - reg.posterior_mean_.mean()
    columns = (
        (reg.annotator_offset_, offset),
        (reg.annotator_scale_, crowd.scale),
        (reg.annotator_noise_std_, crowd.noise_std),
    )
    for r, kind in enumerate(crowd.kind):
        cells = "   ".join(f"{a[r]:6.2f} ({b[r]:5.2f})" for a, b in columns)
        print(f"{r:3d} {kind:14s}   {cells}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer items and epochs")
    main(**vars(parser.parse_args()))
