"""
Tuning a model without true labels
==================================

A search needs a score, and the true labels are what nobody has. ``score`` of an
estimator evaluates it with the answers to items that it was not trained on. Here every
candidate of a search is shown twice: with that score, and with its accuracy on true
labels, which the search does not know.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import spearmanr
from sklearn.datasets import make_classification
from sklearn.model_selection import RandomizedSearchCV, train_test_split

from skcrowd import CrowdClassifier
from skcrowd.datasets import make_annotations
from skcrowd.model_selection import VoteStratifiedKFold

X, truth = make_classification(
    1200,
    n_features=60,
    n_informative=8,
    n_redundant=0,
    n_classes=4,
    flip_y=0,
    class_sep=1.5,
    random_state=0,
)
X, X_test, truth, truth_test = train_test_split(
    X.astype(np.float32), truth, test_size=0.5, random_state=0
)
kinds = {"average": 12, "biased": 4, "random": 4}
Y = make_annotations(truth, kinds, answers_per_item=2, random_state=0).annotations

candidates = {
    "lr": [1e-4, 1e-3, 1e-2],
    "method": ["regularized_em", "em", "crowd_layer", "majority_vote"],
    "module__hidden": [(16,), (64,)],
    "max_epochs": [10, 30],
}
search = RandomizedSearchCV(
    CrowdClassifier(random_state=0),
    candidates,
    n_iter=8,
    cv=VoteStratifiedKFold(2, shuffle=True, random_state=0),
    refit=False,
    random_state=0,
).fit(X, Y)
print(search.best_params_)

# %%
# Does the score rank candidates as the truth does?
# -------------------------------------------------

scores = search.cv_results_["mean_test_score"]
accuracy = [
    CrowdClassifier(random_state=0, **params).fit(X, Y).score(X_test, truth_test)
    for params in search.cv_results_["params"]
]
print(f"rank correlation {spearmanr(scores, accuracy).statistic:.2f}")

fig, ax = plt.subplots(layout="constrained", figsize=(5, 4))
ax.scatter(scores, accuracy, color="#0a7d91")
best = search.best_index_
ax.scatter(scores[best], accuracy[best], s=140, facecolors="none", edgecolors="#e98b39")
ax.annotate(
    "chosen",
    (scores[best], accuracy[best]),
    xytext=(-50, -20),
    textcoords="offset points",
)
ax.set_xlabel("score by held-out answers (no true label)")
ax.set_ylabel("accuracy on true labels")
plt.show()
