"""
skcrowd in one picture
======================

Twenty people of different skill label digits; each image has three answers. The picture
has the answers, what is estimated of four of the people, and the errors of two models
on new images.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skcrowd import CrowdClassifier
from skcrowd.datasets import make_annotations

X, truth = load_digits(return_X_y=True)
X, X_test, truth, truth_test = train_test_split(
    X.astype(np.float32), truth, test_size=0.4, stratify=truth, random_state=0
)
kinds = {
    "expert": 3,
    "average": 8,
    "biased": 4,
    "one_class_spammer": 2,
    "random": 2,
    "adversarial": 1,
}
crowd = make_annotations(truth, kinds, answers_per_item=3, random_state=0)
Y = crowd.annotations
fits = {
    "majority vote": CrowdClassifier(method="majority_vote", random_state=0),
    "skcrowd": CrowdClassifier(random_state=0),
}
accuracy = {name: clf.fit(X, Y).score(X_test, truth_test) for name, clf in fits.items()}

# %%

fig = plt.figure(figsize=(10, 3.4), layout="constrained")
left, middle, right = fig.subfigures(1, 3, width_ratios=[1.1, 1.2, 1])

ax = left.subplots()
answers = np.ma.masked_less(Y.to_dense()[:40], 0)
ax.imshow(answers, cmap="tab10", aspect="auto", interpolation="none")
ax.set(xlabel="annotator", ylabel="item", xticks=[], yticks=[])
ax.set_title("answers, with gaps and errors", size=10)

for ax, r in zip(middle.subplots(2, 2).flat, [0, 11, 15, 19], strict=True):
    ax.imshow(fits["skcrowd"].annotator_confusion_[r], cmap="Blues", vmin=0, vmax=1)
    ax.set(xticks=[], yticks=[])
    ax.set_title(crowd.kind[r].replace("_", " "), size=9)
middle.supxlabel("estimated confusion matrices", size=10)

ax = right.subplots()
errors = {name: 1 - share for name, share in accuracy.items()}
bars = ax.bar(list(errors), list(errors.values()), color=["#9aa5ad", "#0a7d91"])
ax.bar_label(bars, [f"{share:.1%}" for share in errors.values()])
ax.margins(y=0.15)
ax.set_yticks([])
ax.set_title("errors on new images", size=10)
plt.show()
