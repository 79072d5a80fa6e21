"""
Truth inference without features
================================

Where there are no features, or no network is wanted, aggregators infer the labels from
the answers alone. They have ``fit(y)`` and ``predict()``, and take gold labels and what
is known of annotators. How many answers an item are needed depends on the crowd.
"""

import matplotlib.pyplot as plt
import numpy as np

from skcrowd.aggregation import GLAD, Consensus, DawidSkene, MajorityVote, Wawa
from skcrowd.datasets import make_annotations

truth = np.random.default_rng(0).integers(4, size=500)
kinds = {"expert": 2, "average": 12, "biased": 3, "random": 6, "adversarial": 1}
aggregators = {
    "majority vote": MajorityVote(),
    "Wawa": Wawa(),
    "GLAD": GLAD(),
    "Dawid-Skene": DawidSkene(),
    "Consensus (default)": Consensus(),
}

# %%
# Answers an item
# ---------------

n_answers = [1, 2, 3, 5, 8]
right = {name: [] for name in aggregators}
for n in n_answers:
    Y = make_annotations(truth, kinds, answers_per_item=n, random_state=0).annotations
    for name, aggregator in aggregators.items():
        right[name].append(np.mean(aggregator.fit_predict(Y) == truth))

fig, ax = plt.subplots(layout="constrained", figsize=(6, 3.6))
for name, values in right.items():
    ax.plot(n_answers, values, marker="o", label=name)
ax.set_xlabel("answers an item")
ax.set_ylabel("share of right labels")
ax.legend()
plt.show()

# %%
# The posterior says how sure a label is; the confusion matrices say whom to trust.

consensus = aggregators["Consensus (default)"]
print(consensus.posterior_[:3].round(2))
print(consensus.annotator_confusion_[0].round(2))
