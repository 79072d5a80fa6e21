"""
Finding labels that are wrong
=============================

Which labels of a data set are wrong, and how many? ``label_quality`` combines the
answers with networks that have not seen them; ``expected_label_errors`` counts, with an
interval.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from skcrowd import CrowdClassifier
from skcrowd.aggregation import majority_vote
from skcrowd.datasets import make_annotations
from skcrowd.metrics import expected_label_errors

digits = load_digits()
X, truth = digits.data[:700].astype(np.float32), digits.target[:700]
kinds = {"average": 10, "biased": 3, "random": 2}
Y = make_annotations(truth, kinds, answers_per_item=2, random_state=0).annotations
label = majority_vote(Y).argmax(axis=1)  # the labels that the project has

clf = CrowdClassifier(max_epochs=30, random_state=0).fit(X, Y)
quality = clf.label_quality(X, Y)
print(quality[["consensus_label", "consensus_probability", "agreement"]].head(3))
errors = expected_label_errors(quality["consensus_probability"])
print(f"{errors.estimate:.0f} wrong labels expected, {errors.low} to {errors.high}")

# %%
# Check the most suspicious first
# -------------------------------
# Items are sorted by the probability of the label that the project has. The dashed line
# is checking at random.

posterior = clf.posterior_
suspicion = np.argsort(posterior[np.arange(len(X)), label])
is_wrong = label != truth
found = np.cumsum(is_wrong[suspicion]) / is_wrong.sum()
fig, ax = plt.subplots(layout="constrained", figsize=(6, 3.2))
ax.plot(np.arange(1, len(X) + 1) / len(X), found, color="#0a7d91")
ax.plot([0, 1], [0, 1], color="grey", ls="--")
ax.set_xlabel("share of the labels checked")
ax.set_ylabel("share of the errors found")
plt.show()

# %%
# The first eight: label of the project → most probable label
# -----------------------------------------------------------

fig, axes = plt.subplots(1, 8, layout="constrained", figsize=(8, 1.6))
for ax, k in zip(axes, suspicion[:8], strict=True):
    ax.imshow(digits.images[k], cmap="gray_r")
    ax.set_title(f"{label[k]} → {posterior[k].argmax()}", size=9)
    ax.axis("off")
plt.show()
