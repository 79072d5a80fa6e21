"""
Language models as annotators, and one human
============================================

Seven language models label each answer of a chatbot as correct or wrong. Three of
them are of one family and err together, so they are fewer votes than they are models.
One human checks a hundred answers. The human's labels are ``gold``: the models are
measured by them, and a consensus is inferred for the other answers.

The answers are simulated; nothing is downloaded or called.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from skcrowd.aggregation import Consensus, MajorityVote
from skcrowd.metrics import annotator_dependence
from skcrowd.plots import DependenceDisplay

rng = np.random.default_rng(0)
n_items, names = 800, ["alpha-s", "alpha-m", "alpha-l", "beta", "gamma", "delta", "eps"]
truth = rng.integers(2, size=n_items)  # 0: correct, 1: wrong


def answer(accuracy):
    """Return answers with independent errors."""
    return np.where(rng.random(n_items) < accuracy, truth, 1 - truth)


common = answer(0.75)  # of the family, whose members repeat nine of ten
members = [np.where(rng.random(n_items) < 0.9, common, answer(0.75)) for _ in range(3)]
others = [answer(accuracy) for accuracy in (0.9, 0.85, 0.8, 0.65)]
votes = pd.DataFrame(np.column_stack(members + others), columns=names)

# %%
# Who errs together?
# ------------------

dependence = annotator_dependence(votes)
print(dependence)
print(f"{len(names)} models count as {dependence.effective_votes:.1f} votes.")
DependenceDisplay.from_dependence(dependence)
plt.show()

# %%
# A consensus
# -----------
# The vote counts the family three times. In the second row one member stands for it. In
# the third the human's hundred labels enter as gold; they matter more where the models
# are weak, because there the answers alone say little about the models.

checked = rng.choice(n_items, 100, replace=False)
gold = np.full(n_items, -1)
gold[checked] = truth[checked]
rest = gold < 0
one_each = votes.drop(columns=["alpha-m", "alpha-l"])

shown = {
    "majority vote": MajorityVote().fit(votes).predict(),
    "one of the family": Consensus().fit(one_each).predict(),
    "and one human": Consensus().fit(one_each, gold=gold).predict(),
}
right = {name: np.mean(found[rest] == truth[rest]) for name, found in shown.items()}
for name, share in right.items():
    print(f"{name:18s} {share:.1%} of the unchecked answers")

fig, ax = plt.subplots(layout="constrained", figsize=(6, 2))
ax.barh(list(right), list(right.values()), color="#0a7d91")
ax.set_xlim(0.5, 1)
ax.invert_yaxis()
ax.set_xlabel("share of right labels")
plt.show()
