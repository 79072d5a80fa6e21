"""
Which of two models is better, without true labels?
===================================================

:func:`~skcrowd.metrics.evaluate` estimates the accuracy of any model, of this package
or not, from its predictions and the answers of a crowd, with an interval. With the
truth of a few items the interval needs no assumption about the crowd.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from skcrowd.aggregation import majority_vote
from skcrowd.datasets import make_annotations
from skcrowd.metrics import evaluate

X, truth = load_digits(return_X_y=True)
X = X / 16
Y = make_annotations(truth, 20, answers_per_item=3, random_state=0).annotations
train, test = np.arange(len(X)) < 900, np.arange(len(X)) >= 900
label = majority_vote(Y[train]).argmax(axis=1)
weak = LogisticRegression(C=1e-3).fit(X[train], label).predict(X[test])
strong = LogisticRegression(C=0.1).fit(X[train], label).predict(X[test])

# %%
# From the answers alone
# ----------------------

both = {"weak": weak, "strong": strong}
alone = {name: evaluate(y, Y[test], random_state=0) for name, y in both.items()}
print(alone["strong"])
print(evaluate(strong, Y[test], other=weak, random_state=0))

# %%
# With a hundred true labels
# --------------------------

known = np.random.default_rng(0).choice(test.sum(), 100, replace=False)
gold = np.full(test.sum(), -1)
gold[known] = truth[test][known]
checked = {
    name: evaluate(y, Y[test], gold=gold, random_state=0) for name, y in both.items()
}
print(checked["strong"])

# %%
# The diamonds are the accuracies on all true labels.

fig, ax = plt.subplots(layout="constrained", figsize=(6, 2.6))
rows = [(m, e) for m in both for e in (alone[m], checked[m])]
for row, (name, e) in enumerate(rows):
    ax.plot(
        [e.low, e.high],
        [row, row],
        lw=5,
        alpha=0.5,
        color="#e98b39" if e.method == "gold" else "#0a7d91",
    )
    ax.plot(e.estimate, row, "|", color="black", ms=12)
    ax.plot(np.mean(both[name] == truth[test]), row, "D", color="black", ms=4)
ax.set_yticks(
    range(len(rows)),
    [
        f"{name}, {'100 true labels' if e.method == 'gold' else 'answers'}"
        for name, e in rows
    ],
)
ax.invert_yaxis()
ax.set_xlabel("accuracy")
plt.show()
