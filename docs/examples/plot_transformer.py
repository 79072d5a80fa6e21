"""
A small transformer on texts
============================

Texts come as rows of word numbers, padded with 0. The network embeds them, lets a
transformer layer mix them, and averages. Nothing of it is special to crowds: any
classifier written in PyTorch works in its place, a pretrained one included.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from skcrowd import CrowdClassifier
from skcrowd.datasets import make_annotations
from skcrowd.plots import AnnotatorAccuracyDisplay


class TextTransformer(nn.Module):
    """Embedding, one transformer layer, mean over the words."""

    def __init__(self, n_classes, n_words, width=16):
        super().__init__()
        self.embedding = nn.Embedding(n_words, width, padding_idx=0)
        self.layer = nn.TransformerEncoderLayer(
            width, nhead=2, dim_feedforward=32, dropout=0.1, batch_first=True
        )
        self.scores = nn.Linear(width, n_classes)

    def forward(self, words):
        words = words.long()  # arrays of numbers reach a network as floats
        is_padding = words == 0
        mixed = self.layer(self.embedding(words), src_key_padding_mask=is_padding)
        mixed = mixed.masked_fill(is_padding[:, :, None], 0)
        return self.scores(mixed.sum(dim=1) / (~is_padding).sum(dim=1, keepdim=True))


# %%
# Reviews, simulated
# ------------------
# "not" turns the next word around, so the order of the words counts.

GOOD, BAD, NOT = range(1, 6), range(6, 11), 11
rng = np.random.default_rng(0)


def write():
    """Return the words of a review and whether it is positive."""
    words, mood = [], 0
    for word in rng.integers(1, 30, rng.integers(4, 9)):
        flip = bool(words) and words[-1] == NOT
        mood += (int(word in GOOD) - int(word in BAD)) * (-1 if flip else 1)
        words.append(int(word))
    return words, mood


reviews = [(w, m) for w, m in (write() for _ in range(1600)) if m]
X = np.zeros((len(reviews), 8), dtype=np.float32)
for row, (words, _) in enumerate(reviews):
    X[row, : len(words)] = words
truth = np.array(["positive" if mood > 0 else "negative" for _, mood in reviews])

n_train = 600
kinds = {"expert": 2, "average": 6, "random": 2}
crowd = make_annotations(truth[:n_train], kinds, answers_per_item=3, random_state=0)
torch.set_num_threads(1)
clf = CrowdClassifier(
    TextTransformer, module__n_words=30, lr=5e-3, max_epochs=15, random_state=0
).fit(X[:n_train], crowd.annotations)
print(f"accuracy on others: {clf.score(X[n_train:], truth[n_train:]):.1%}")

# %%

AnnotatorAccuracyDisplay.from_estimator(clf)
plt.show()
