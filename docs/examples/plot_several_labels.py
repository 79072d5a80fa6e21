"""
Several labels an item
======================

A comment may be rude, off topic, both or neither. People tick what applies, and who
ticks nothing has answered, too. One network learns all labels, and whom to trust with
which: an annotator may know rudeness and not care about the topic.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_multilabel_classification
from sklearn.metrics import f1_score

from skcrowd import CrowdMultilabelClassifier, MultilabelAnnotations

X, truth = make_multilabel_classification(
    600, n_features=12, n_classes=3, n_labels=1, random_state=0
)
X, X_test, truth, truth_test = X[:400], X[400:], truth[:400], truth[400:]
labels = ["rude", "off topic", "spam"]

# %%
# Answers
# -------
# Nine people, of whom three are asked about each comment. Each label has other experts.
# NaN stands for those who were not asked.

rng = np.random.default_rng(0)
skill = np.where(rng.random((9, len(labels))) < 0.5, 0.95, 0.55)
is_right = rng.random((len(X), 9, len(labels))) < skill
ticks = np.where(is_right, truth[:, None], 1 - truth[:, None]).astype(float)
ticks[rng.random((len(X), 9)).argsort(axis=1) >= 3] = np.nan
Y = MultilabelAnnotations.from_indicators(ticks, classes=labels)
print(Y)

# %%
# One model for all labels
# ------------------------
# Two comparisons: always "nothing applies", and a network that learns the vote.

models = {
    "the answers": CrowdMultilabelClassifier(random_state=0),
    "their vote": CrowdMultilabelClassifier(method="majority_vote", random_state=0),
}
predicted = {name: clf.fit(X, Y).predict(X_test) for name, clf in models.items()}
predicted["nothing"] = np.zeros_like(truth_test)
for name, ticked in predicted.items():
    f1 = f1_score(truth_test, ticked, average="macro", zero_division=0)
    whole = (ticked == truth_test).all(axis=1).mean()
    print(f"learned {name:12s} F1 {f1:.2f}, all labels of a comment right {whole:.0%}")

# %%
# Who knows what
# --------------
# How often each annotator ticks a label that applies: as the model has learned it,
# without a true label, and as it was simulated.

sensitivity = models["the answers"].annotator_confusion_[:, :, 1, 1]
fig, axes = plt.subplots(2, 1, layout="constrained", figsize=(6, 3.4), sharex=True)
for ax, values, title in zip(
    axes, (sensitivity, skill), ("estimated", "simulated"), strict=True
):
    image = ax.imshow(values.T, vmin=0.5, vmax=1, cmap="viridis")
    ax.set_yticks(range(len(labels)), labels)
    ax.set_title(f"ticks what applies, {title}")
ax.set_xlabel("annotator")
fig.colorbar(image, ax=axes)
plt.show()
