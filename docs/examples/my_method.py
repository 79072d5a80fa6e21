"""A template of a method: copy it, and change what is marked.  python my_method.py"""

import torch
from sklearn.datasets import make_blobs

from skcrowd import CrowdClassifier
from skcrowd.annotators import LabelModel
from skcrowd.datasets import make_annotations
from skcrowd.methods import AnswerLayer, check_method


class MyModel(LabelModel):
    """Change this: how an answer arises from the truth.

    p(answer) is the softmax of log p(truth) plus a bias for each class and annotator.

    Parameters
    ----------
    n_annotators, n_classes : int
    """

    @staticmethod
    def parameters_needed(n_annotators, n_classes):
        """Count the parameters, before any memory is taken."""
        return n_annotators * n_classes

    def __init__(self, n_annotators, n_classes):
        super().__init__(n_annotators, n_classes)
        self.add_table("bias", torch.zeros(n_classes))

    def forward(self, log_truth, annotator):
        """Return log p(answer), (n_classes, n_pairs)."""
        scores = log_truth + self.columns("bias", annotator)
        return scores.log_softmax(dim=0)


class MyMethod(AnswerLayer):
    """Change this: train network and biases jointly, biases drawn to zero.

    Parameters
    ----------
    shrinkage : float, default=0.01
        Weight of the mean square of the biases in the loss.
    warm_epochs : int, default=5
        First epochs, on the soft majority vote.
    annotator_lr : float, default=1e-2
        Learning rate of the biases.
    """

    def __init__(self, shrinkage=0.01, warm_epochs=5, annotator_lr=1e-2):
        super().__init__(warm_epochs, annotator_lr)
        self.shrinkage = shrinkage

    def annotator_sizes(self):
        """Say how large the annotator model will be."""
        return MyModel, {}

    def make_annotators(self, context, initial_truth):
        """Return the annotator model to train."""
        return MyModel(context.annotations.n_annotators, initial_truth.shape[1])

    def make_penalties(self, context, initial_truth):
        """Return the terms that are added to the loss."""
        if not self.shrinkage >= 0:
            raise ValueError(f"shrinkage must be at least 0, got {self.shrinkage!r}.")
        return [SquaredBias(self.shrinkage)]


class SquaredBias(torch.nn.Module):
    """Change this, or leave it out: a term of the loss.

    Parameters
    ----------
    weight : float
    """

    def __init__(self, weight):
        super().__init__()
        self.weight = weight

    def forward(self, log_truth, batch, annotators):
        """Return the penalty of a batch, a number."""
        everyone = torch.arange(annotators.n_annotators, device=log_truth.device)
        return self.weight * (annotators.columns("bias", everyone) ** 2).mean()


def main():
    """Fit the method to a simulated crowd, and check that it keeps the contract."""
    X, truth = make_blobs(300, centers=3, cluster_std=2.0, random_state=0)
    crowd = {"expert": 2, "average": 3, "random": 1}
    y = make_annotations(truth, crowd, answers_per_item=3, random_state=0).annotations
    clf = CrowdClassifier(method=MyMethod(), lr=1e-2, max_epochs=30, random_state=0)
    clf.fit(X, y)
    print(f"Right on the training items: {clf.score(X, truth):.0%}")
    results = check_method(MyMethod())
    print(f"{len(results)} checks passed.")


if __name__ == "__main__":
    main()
