"""Expectation-maximisation with a network in it."""

from numbers import Integral, Real

import torch
from sklearn.utils._param_validation import Interval
from skorch.callbacks import Callback

from skcrowd.aggregation import AnswerCounts, majority_vote, shrunk_confusion
from skcrowd.annotators import FixedConfusion
from skcrowd.methods._base import Learned, Method
from skcrowd.methods._posterior import answer_posterior

__all__ = ["EM"]


class EM(Method):
    """Infer the truth from network and answers, train the network on it, repeat.

    Parameters
    ----------
    warm_epochs : int, default=5
        First epochs on the soft majority vote, at most half of ``max_epochs``.
    epochs_per_round : int, default=1
        Epochs between two inferences of the truth.
    pseudo_counts : float, default=3.0
        Shrinks the rows of each confusion matrix to the crowd's.

    Notes
    -----
    The network keeps its weights from round to round. Warm start and shrinkage are
    our choice.

    References
    ----------
    F. Rodrigues, F. Pereira. Deep learning from crowds. AAAI 2018, arXiv:1709.01779.
    S. Albarqouni et al. AggNet: deep learning from crowds for mitosis detection.
    IEEE Transactions on Medical Imaging 35(5), 2016. doi:10.1109/TMI.2016.2528120
    """

    _parameter_constraints: dict = {
        "warm_epochs": [Interval(Integral, 0, None, closed="left")],
        "epochs_per_round": [Interval(Integral, 1, None, closed="left")],
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(self, warm_epochs=5, epochs_per_round=1, pseudo_counts=3.0):
        self.warm_epochs = warm_epochs
        self.epochs_per_round = epochs_per_round
        self.pseudo_counts = pseudo_counts

    def learn(self, problem):
        """Alternate between the truth and the network."""
        votes = majority_vote(problem.annotations)
        warm_epochs = problem.warm_epochs(self.warm_epochs)
        truth = _Truth(problem, self.pseudo_counts)
        confusion = truth.confusion(votes)
        rounds = _Round(truth, confusion, warm_epochs, self.epochs_per_round)
        net = problem.train(
            FixedConfusion(confusion),
            train_on="targets",
            targets=votes,
            callbacks=[("truth", rounds)],
            warm_epochs=warm_epochs,
        )
        annotators = net.criterion_.annotators
        return Learned(net, annotators, truth.posterior(net, annotators.confusion()))


class _Truth:
    """Both closed-form steps: posterior of the truth, confusions of the annotators."""

    def __init__(self, problem, pseudo_counts):
        self.problem = problem
        self.pseudo_counts = pseudo_counts
        self.counts = AnswerCounts(problem.annotations)

    def posterior(self, net, confusion):
        """E-step: truth from the network's opinion and the answers."""
        log_truth = self.problem.predict_truth(net)
        return answer_posterior(log_truth, self.counts, confusion)

    def confusion(self, posterior):
        """M-step of the annotators: confusions from the inferred truth."""
        counts = self.counts.soft_counts(posterior, self.problem.training_weight)
        return shrunk_confusion(counts, self.pseudo_counts)


class _Round(Callback):
    """Before an epoch that opens a round: infer the truth, update the confusions."""

    def __init__(self, truth, confusion, warm_epochs, epochs_per_round):
        self.truth = truth
        self.confusion = confusion
        self.warm_epochs = warm_epochs
        self.epochs_per_round = epochs_per_round

    def on_epoch_begin(self, net, dataset_train=None, **kwargs):
        """Replace targets and confusions."""
        done = len(net.history) - 1 - self.warm_epochs
        if done < 0 or done % self.epochs_per_round:
            return
        posterior = self.truth.posterior(net, self.confusion)
        self.confusion = self.truth.confusion(posterior)
        net.criterion_.annotators.replace(self.confusion)
        dataset_train.y["target"].copy_(torch.as_tensor(posterior))

    def on_train_end(self, net, **kwargs):
        """Let go of the data."""
        self.truth = self.confusion = None
