"""
Film ratings: kind, strict and careless annotators
==================================================

Twenty-five simulated people rate films from 1 to 5 stars. Some rate kindly, some give
nearly every film the same rating, some rate at random, and the crowd as a whole is half
a star too kind. :class:`~skcrowd.CrowdRegressor` estimates the offset, scale and noise
of each annotator together with a network that predicts ratings of other films.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_friedman1
from sklearn.model_selection import train_test_split

from skcrowd import CrowdRegressor
from skcrowd.datasets import make_annotations
from skcrowd.plots import AnnotatorBiasDisplay

X, score = make_friedman1(500, noise=0.5, random_state=0)
stars = np.clip(3 + (score - score.mean()) / score.std(), 1, 5)
X, X_test, stars, stars_test = train_test_split(X, stars, random_state=0)

kinds = {"expert": 3, "average": 10, "biased": 5, "compressing": 4, "random": 3}
crowd = make_annotations(
    stars + 0.5,  # everybody is too kind
    kinds,
    kind="numbers",
    answers_per_item=3,
    limits=(1, 5),
    step=1,
    random_state=0,
)
Y = crowd.annotations

# %%
# Three ways to learn
# -------------------
# Ratings alone cannot show that the whole crowd is too kind. Twenty films of which the
# true rating is known are enough to correct it.

known = np.random.default_rng(0).choice(len(X), 20, replace=False)
gold = np.full(len(X), np.nan)
gold[known] = stars[known]

settings = {"max_epochs": 50, "random_state": 0}
fits = {
    "mean rating": CrowdRegressor(method="mean", **settings).fit(X, Y),
    "annotators modelled": CrowdRegressor(**settings).fit(X, Y),
    "and 20 true ratings": CrowdRegressor(**settings).fit(X, Y, gold=gold),
}
r2 = {name: reg.score(X_test, stars_test) for name, reg in fits.items()}
for name, value in r2.items():
    print(f"{name:20s} R² {value:.2f}")

fig, ax = plt.subplots(layout="constrained", figsize=(6, 2))
ax.barh(list(r2), list(r2.values()), color="#0a7d91")
ax.invert_yaxis()
ax.set_xlabel("R² on other films")
plt.show()

# %%
# Who is kind, who is noisy
# -------------------------

AnnotatorBiasDisplay.from_estimator(fits["and 20 true ratings"])
plt.show()

# %%
# Predictions come with a standard deviation, measured on films that were kept apart.

mean, std = fits["and 20 true ratings"].predict(X_test, return_std=True)
print(np.c_[mean, std, stars_test][:5].round(2))
