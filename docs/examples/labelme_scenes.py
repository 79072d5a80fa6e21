"""
LabelMe: photographs labelled on Mechanical Turk
================================================

A real crowd: 59 workers named the scenes of 1000 photographs, one to three workers
each; a quarter of their answers is wrong. The features come from a network that was
trained on other images. The script downloads 6 MB (``pip install "skcrowd[data]"``), so
it is shown as it is, while the other examples ran when this page was built. The figure
is that of :doc:`../benchmarks/labelme`, the accuracy on other photographs.

.. image:: ../_generated/labelme_light.svg
   :class: only-light
   :alt: Test accuracy on LabelMe by method

.. image:: ../_generated/labelme_dark.svg
   :class: only-dark
   :alt: Test accuracy on LabelMe by method
"""

# sphinx_gallery_thumbnail_path = "_generated/labelme_light.svg"

import matplotlib.pyplot as plt
import numpy as np

from skcrowd import CrowdClassifier
from skcrowd.datasets import fetch_labelme

labelme = fetch_labelme()
X, Y = labelme.X_train, labelme.annotations
print(Y)

# %%
# Learn from the vote, and from the answers
# -----------------------------------------
# The true labels are only used to compare.

vote = CrowdClassifier(method="majority_vote", random_state=0).fit(X, Y)
clf = CrowdClassifier(random_state=0).fit(X, Y)
for name, model in {"vote": vote, "answers": clf}.items():
    accuracy = model.score(labelme.X_test, labelme.gold_test)
    inferred = (model.posterior_.argmax(axis=1) == labelme.gold_train).mean()
    print(f"{name}: {accuracy:.1%} of other photographs, {inferred:.1%} of these")

# %%
# Whom to trust
# -------------
# The estimated accuracy of the workers with 40 answers and more, with its interval, and
# the share of their answers that is right.

report = clf.annotator_report()
report = report[report["n_answers"] >= 40].sort_values("accuracy")
answers = Y.to_dense(missing=-1)
is_right = np.where(answers >= 0, answers == labelme.gold_train[:, None], np.nan)
share_right = np.nanmean(is_right, axis=0)[report.index]

fig, ax = plt.subplots(layout="constrained", figsize=(6, 4))
places = np.arange(len(report))
ends = report["accuracy_low"], report["accuracy_high"]
ax.vlines(places, *ends, color="#0a7d91", alpha=0.4)
ax.plot(places, report["accuracy"], "o", color="#0a7d91", label="estimated")
ax.plot(places, share_right, "x", color="#d97a3a", label="share that is right")
ax.set_xticks(places, report.index, size=8)
ax.set_xlabel("worker")
ax.set_ylabel("accuracy")
ax.legend()
plt.show()
