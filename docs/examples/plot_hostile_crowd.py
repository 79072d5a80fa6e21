"""
A hostile crowd, and when it cannot work
========================================

Adversaries answer a fixed wrong class. While honest people are the majority, their
answers reveal the adversaries, whose answers are then information like any other. When
adversaries who agree with each other are the majority, the answers alone fit the wrong
reading better, and no method can know. True labels settle it, if there are enough of
them: the more adversaries, the more it takes. ``fit`` warns where they contradict the
majority.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_blobs

from skcrowd import CrowdClassifier
from skcrowd.datasets import make_annotations

X, truth = make_blobs(600, centers=4, cluster_std=1.2, random_state=3)
X = X.astype(np.float32)
X, X_test, truth, truth_test = X[:400], X[400:], truth[:400], truth[400:]
n_people = 15

# Adversaries take the next class for every class, four times in five.
honest = np.full((4, 4), 0.1) + 0.6 * np.eye(4)
hostile = np.roll(np.full((4, 4), 0.2 / 3) + (0.8 - 0.2 / 3) * np.eye(4), 1, axis=1)

known = np.random.default_rng(0).choice(len(X), 100, replace=False)
gold = np.full(len(X), -1)
gold[known] = truth[known]

accuracy = {"majority vote": [], "answers alone": [], "and 100 true labels": []}
shares = np.array([0, 3, 6, 8, 10, 12])
for n_hostile in shares:
    confusions = np.array([hostile] * n_hostile + [honest] * (n_people - n_hostile))
    Y = make_annotations(truth, confusions, answers_per_item=5, random_state=0)
    vote = CrowdClassifier(method="majority_vote", max_epochs=25, random_state=0)
    clf = CrowdClassifier(max_epochs=25, random_state=0)
    fits = vote.fit(X, Y.annotations), clf.fit(X, Y.annotations)
    accuracy["majority vote"].append(fits[0].score(X_test, truth_test))
    accuracy["answers alone"].append(fits[1].score(X_test, truth_test))
    helped = CrowdClassifier(max_epochs=25, random_state=0)
    helped.fit(X, Y.annotations, gold=gold)
    accuracy["and 100 true labels"].append(helped.score(X_test, truth_test))

fig, ax = plt.subplots(layout="constrained", figsize=(6, 3.5))
for name, values in accuracy.items():
    ax.plot(shares / n_people, values, marker="o", label=name)
ax.set_xlabel("share of adversaries")
ax.set_ylabel("accuracy on other items")
ax.legend()
plt.show()

# %%
# What to look at
# ---------------
# The report of the last crowd, from the answers alone, does not look alarming: the
# annotators who are called accurate agree with each other. Only true labels can tell.

print(clf.annotator_report()[["accuracy", "accuracy_low", "accuracy_high"]].round(2))
