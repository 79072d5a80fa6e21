"""
A method of your own
====================

A method that trains the network through an annotator model derives from
:class:`~skcrowd.methods.AnswerLayer`; the annotator model says how an answer arises
from the truth. Here each annotator has one number, the probability to know the answer,
and guesses otherwise. Early stopping, gold labels, weights, ``partial_fit``,
checkpoints and searches come with the base class.
"""

import matplotlib.pyplot as plt
import torch
from sklearn.datasets import make_blobs

from skcrowd import CrowdClassifier
from skcrowd.annotators import LabelModel
from skcrowd.datasets import make_annotations
from skcrowd.methods import AnswerLayer


class KnowOrGuess(LabelModel):
    """p(answer j) = a p(truth j) + (1 - a) / K, with one a for each annotator."""

    @staticmethod
    def parameters_needed(n_annotators, n_classes):
        return n_annotators

    def __init__(self, n_annotators, n_classes):
        super().__init__(n_annotators, n_classes)
        self.add_table("logit", torch.ones(1))

    def forward(self, log_truth, annotator):
        a = self.columns("logit", annotator).sigmoid()
        return (a * log_truth.exp() + (1 - a) / self.n_classes).log()


class KnowOrGuessLayer(AnswerLayer):
    """Train the network and one reliability for each annotator together."""

    def annotator_sizes(self):
        return KnowOrGuess, {}

    def make_annotators(self, context, initial_truth):
        return KnowOrGuess(context.annotations.n_annotators, initial_truth.shape[1])


# %%
# Fit it
# ------

X, truth = make_blobs(400, centers=4, cluster_std=1.5, random_state=0)
kinds = {"expert": 3, "average": 6, "random": 3}
crowd = make_annotations(truth, kinds, answers_per_item=4, random_state=0)
clf = CrowdClassifier(method=KnowOrGuessLayer(), max_epochs=40, random_state=0)
clf.fit(X, crowd.annotations)
print(f"accuracy on the items: {clf.score(X, truth):.1%}")

# %%
# What it has learned of the annotators
# -------------------------------------

true = crowd.confusion.diagonal(axis1=1, axis2=2).mean(axis=1)
learned = clf.annotator_confusion_.diagonal(axis1=1, axis2=2).mean(axis=1)
fig, ax = plt.subplots(layout="constrained", figsize=(4.5, 4))
for kind in kinds:
    ax.scatter(true[crowd.kind == kind], learned[crowd.kind == kind], label=kind)
ax.plot([0, 1], [0, 1], color="grey", lw=1)
ax.set_xlabel("true accuracy of the annotator")
ax.set_ylabel("learned")
ax.legend()
plt.show()
