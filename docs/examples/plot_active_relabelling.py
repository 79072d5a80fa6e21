"""
What to ask next
================

After a first round with one answer an item, a project can pay for four hundred more.
:meth:`~skcrowd.CrowdClassifier.next_queries` chooses pairs of item and annotator by the
information that the answer is expected to give. The same number of random questions is
the comparison.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from skcrowd import CrowdClassifier
from skcrowd.datasets import make_annotations

X, truth = load_digits(n_class=6, return_X_y=True)
X, truth = X[:500].astype(np.float32), truth[:500]
kinds = {"expert": 3, "average": 6, "random": 3}
everything = make_annotations(truth, kinds, random_state=0).annotations.to_dense()

rng = np.random.default_rng(0)
first = np.full_like(everything, -1)
rows, columns = np.arange(len(X)), rng.integers(everything.shape[1], size=len(X))
first[rows, columns] = everything[rows, columns]

# %%
# A loop of three rounds
# ----------------------
# The answers to chosen questions are looked up in the full table of the simulation; a
# real project would send them out. Chosen answers go where labels are doubtful, so they
# agree less than others: a warning that annotators agree by chance means little here.


def fit(Y):
    return CrowdClassifier(max_epochs=25, random_state=0).fit(X, Y)


def by_information(clf, Y, n):
    queries = clf.next_queries(X, Y, n)
    return queries["item"].to_numpy(), queries["annotator"].to_numpy()


def at_random(clf, Y, n):
    open_pairs = np.argwhere(Y < 0)
    return rng.permutation(open_pairs)[:n].T


curves = {}
for choose in (by_information, at_random):
    Y, curve = first.copy(), []
    for _ in range(3):
        clf = fit(Y)
        curve.append((np.sum(Y >= 0), np.mean(clf.posterior_.argmax(axis=1) == truth)))
        items, people = choose(clf, Y, 200)
        Y[items, people] = everything[items, people]
    curves[choose.__name__.replace("_", " ")] = np.array(curve)

for name, curve in curves.items():
    print(name, [f"{n:.0f} answers: {share:.1%}" for n, share in curve])

fig, ax = plt.subplots(layout="constrained", figsize=(6, 3.5))
for name, curve in curves.items():
    ax.plot(*curve.T, marker="o", label=name)
ax.set_xlabel("answers")
ax.set_ylabel("share of right labels")
ax.legend()
plt.show()
