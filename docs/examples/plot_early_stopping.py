"""
Early stopping and callbacks
============================

``early_stopping=True`` holds out a tenth of the items and stops when the likelihood of
their answers no longer improves; no true label is needed. Callbacks of skorch work,
too: here a schedule of the learning rate, and the accuracy on answers by epoch.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from skorch.callbacks import EpochScoring, LRScheduler

from skcrowd import CrowdClassifier
from skcrowd.datasets import make_annotations
from skcrowd.plots import TrainingHistoryDisplay

X, truth = load_digits(return_X_y=True)
X, truth = X[:900].astype(np.float32), truth[:900]
Y = make_annotations(truth, 12, answers_per_item=2, random_state=0).annotations

clf = CrowdClassifier(
    early_stopping=True,
    n_iter_no_change=5,
    max_epochs=100,
    lr=5e-3,
    callbacks=[
        ("answers", EpochScoring("accuracy", lower_is_better=False, name="answers")),
        ("schedule", LRScheduler("StepLR", step_size=10, gamma=0.5)),
    ],
    random_state=0,
).fit(X, Y)
print(f"stopped after {len(clf.history_)} epochs, the best is kept")

# %%
# Loss by epoch, of the items learned and of those held out
# ---------------------------------------------------------

TrainingHistoryDisplay.from_estimator(clf)
plt.show()

# %%
# The share of held-out answers that the network predicts: far from 1 for any network,
# because annotators err.

print(np.round(clf.history_[-5:, "answers"], 3))
