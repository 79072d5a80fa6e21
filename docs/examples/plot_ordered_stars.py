"""
Ordered classes: one to five stars
==================================

Stars are ordered, and their distances are a convention. Three models of the same
answers: numbers, with offset, scale and noise of each annotator; classes, with a
confusion matrix for each, which knows no order; and classes that have an order.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_friedman1

from skcrowd import Annotations, CrowdClassifier, CrowdRegressor
from skcrowd.datasets import make_annotations
from skcrowd.metrics.agreement import krippendorff_alpha

X, score = make_friedman1(900, noise=0.5, random_state=0)
stars = np.clip(np.round(3 + 1.2 * (score - score.mean()) / score.std()), 1, 5)
X, X_test, stars, stars_test = X[:500], X[500:], stars[:500], stars[500:]
ratings = make_annotations(
    stars,
    {"expert": 2, "average": 8, "biased": 3, "random": 2},
    kind="numbers",
    answers_per_item=3,
    limits=(1, 5),
    step=1,
    random_state=0,
).annotations
labels = Annotations.from_dense(ratings.to_dense(missing=None))
print(f"agreement, without the order: {krippendorff_alpha(labels):.2f}")
print(f"agreement, with it: {krippendorff_alpha(labels, level='ordinal'):.2f}")

# %%
# Numbers, rounded
# ----------------

reg = CrowdRegressor(max_epochs=60, random_state=0).fit(X, ratings)
as_numbers = np.clip(np.round(reg.predict(X_test)), 1, 5)

# %%
# Classes
# -------

clf = CrowdClassifier(max_epochs=60, random_state=0).fit(X, labels)
as_classes = clf.predict(X_test)

# %%
# Classes that have an order
# --------------------------

ordered = CrowdClassifier(ordinal=True, max_epochs=60, random_state=0).fit(X, labels)
as_ordered = ordered.predict(X_test)
print(ordered.annotator_report()[["n_answers", "rank_bias", "rank_error"]].round(2))

# %%
# Exactly right, and one star away
# --------------------------------

fig, ax = plt.subplots(layout="constrained", figsize=(6, 3))
for shift, (name, found) in zip(
    (-0.27, 0, 0.27),
    {"numbers": as_numbers, "classes": as_classes, "ordered": as_ordered}.items(),
    strict=True,
):
    away = np.abs(found - stars_test)
    shares = [np.mean(away == d) for d in range(4)]
    print(name, np.round(shares, 2), f"mean distance {away.mean():.2f}")
    ax.bar(np.arange(4) + shift, shares, width=0.25, label=name)
ax.set_xticks(range(4), ["right", "1 star", "2 stars", "3 stars"])
ax.set_ylabel("share of the items")
ax.legend()
plt.show()
