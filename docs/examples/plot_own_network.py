"""
Your own CNN, with augmentation
===============================

Any ``torch.nn.Module`` that maps a batch of items to one score for each class is a
network for :class:`~skcrowd.CrowdClassifier`. Parameters of its ``__init__`` are set as
``module__…``, also in searches. Images keep their dimensions. Augmentation is a layer
that is active in training only.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

from skcrowd import CrowdClassifier
from skcrowd.datasets import make_annotations


class RandomShift(nn.Module):
    """Move the images of a batch by up to one pixel, in training only."""

    def forward(self, images):
        if not self.training:
            return images
        down, right = torch.randint(-1, 2, (2,)).tolist()
        return images.roll((down, right), dims=(2, 3))


class SmallCNN(nn.Module):
    """Two convolutions. n_classes is filled in from the data."""

    def __init__(self, n_classes, n_channels=16):
        super().__init__()
        self.layers = nn.Sequential(
            RandomShift(),
            nn.Conv2d(1, n_channels, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(n_channels, 2 * n_channels, 3, padding=1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Linear(8 * n_channels, n_classes),
        )

    def forward(self, images):
        return self.layers(images)


# %%
# Images of shape (n_samples, channels, height, width), pixels from 0 to 1.

digits = load_digits()
images = digits.images[:, None].astype(np.float32) / 16
X, X_test, truth, truth_test = train_test_split(
    images, digits.target, test_size=0.4, stratify=digits.target, random_state=0
)
kinds = {"expert": 2, "average": 10, "random": 3}
Y = make_annotations(truth, kinds, answers_per_item=3, random_state=0).annotations

clf = CrowdClassifier(
    SmallCNN, module__n_channels=8, lr=5e-3, max_epochs=30, random_state=0
).fit(X, Y)
print(f"accuracy on new images: {clf.score(X_test, truth_test):.1%}")

# %%
# What it is least sure of
# ------------------------

proba = clf.predict_proba(X_test)
unsure = np.argsort(proba.max(axis=1))[:8]
fig, axes = plt.subplots(1, 8, layout="constrained", figsize=(8, 1.6))
for ax, k in zip(axes, unsure, strict=True):
    ax.imshow(X_test[k, 0], cmap="gray_r")
    ax.set_title(f"{clf.classes_[proba[k].argmax()]} ({proba[k].max():.0%})", size=8)
    ax.axis("off")
plt.show()
