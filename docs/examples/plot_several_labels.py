"""
Several labels an item
======================

A comment may be rude, off topic, both or neither. One classifier for each label learns
whom to trust with which: an annotator may know rudeness and not care about the topic.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_multilabel_classification

from skcrowd import CrowdClassifier
from skcrowd.datasets import make_annotations

X, truth = make_multilabel_classification(
    600, n_features=12, n_classes=3, n_labels=1, random_state=0
)
X, X_test, truth, truth_test = X[:400], X[400:], truth[:400], truth[400:]
labels = ["rude", "off topic", "spam"]

# %%
# Answers
# -------
# Nine people, three answers for each comment and label. Each label has other experts.

rng = np.random.default_rng(0)
skill = rng.uniform(0.55, 0.95, (len(labels), 9))
answers = {}
for label, is_so, skills in zip(labels, truth.T, skill, strict=True):
    confusions = np.array([[[a, 1 - a], [1 - a, a]] for a in skills])
    answers[label] = make_annotations(
        is_so, confusions, answers_per_item=3, random_state=0
    ).annotations

# %%
# One model for each label
# ------------------------

models = {
    label: CrowdClassifier(max_epochs=30, random_state=0).fit(X, y)
    for label, y in answers.items()
}
predicted = np.column_stack([clf.predict(X_test) for clf in models.values()])
for label, share in zip(labels, (predicted == truth_test).mean(axis=0), strict=True):
    print(f"{label:10s} {share:.1%} right")
print(
    f"all labels of a comment right: {(predicted == truth_test).all(axis=1).mean():.1%}"
)

# %%
# Who knows what
# --------------

accuracy = [clf.annotator_report()["accuracy"].sort_index() for clf in models.values()]
fig, ax = plt.subplots(layout="constrained", figsize=(6, 2.4))
image = ax.imshow(accuracy, vmin=0.5, vmax=1, cmap="viridis")
ax.set_yticks(range(len(labels)), labels)
ax.set_xlabel("annotator")
fig.colorbar(image, label="estimated accuracy")
plt.show()
