"""Expectation-maximisation that knows what answers cannot tell."""

from numbers import Real

import numpy as np
import torch

from skcrowd._sklearn_compat import Interval, StrOptions
from skcrowd.aggregation import measure_disagreement
from skcrowd.methods._class_prior import CLASS_PRIOR, mean_shares, read_class_prior
from skcrowd.methods._em import EM, EMState
from skcrowd.methods._information_maximization import InformationMaximization

__all__ = ["RegularizedEM"]

LEAST_SHARE = 1e-3  # of a class
MIXING_STEPS = 3
CONFIDENCE_POWER = 2.0


class RegularizedEM(EM):
    """EM, with a hold on the class shares and on classes that the crowd mixes up.

    The likelihood that :class:`EM` raises leaves two things open. Where errors are
    frequent, wrong class shares can be as likely as the right ones, most of all of two
    classes one of which is rare. And where the crowd takes some classes for each other,
    as in photographs a *tall building* for an *inner city*, no answer tells which of
    them such an item is. Both are read off the disagreement of the crowd
    (:func:`skcrowd.aggregation.measure_disagreement`), before any training:

    - where annotators err at random, the inferred truth is drawn towards class shares
      that follow from how often they agree (`shares_weight`);
    - where they disagree more than chance explains, the network is drawn to be sure of
      every item, and classes that are mixed up to shares nearer to each other
      (`structure_weight`), in proportion to the share of such disagreement. A crowd
      that errs at random gets nothing of it.

    Parameters
    ----------
    class_prior : {"auto", "vote", "uniform"} or array-like of shape (n_classes,), \
            default="auto"
        Shares of the classes. "auto" estimates them as said; if you know them, give
        them in the order of ``classes_``. From some hundred gold labels
        :func:`skcrowd.aggregation.class_shares` estimates them; fewer say less of the
        shares than of their own items, which ``fit(gold=)`` uses. "vote" takes those
        of the soft vote for known.
    structure_weight : float, default=16.0
        Weight of the penalty (see :class:`MutualInformation`) where all disagreement is
        of classes mixed up.
    shares_weight : float, default=0.6
        Power of the correction of class shares, every round. Estimated shares are
        followed the less, the less an answer tells.
    warm_epochs : int, default=5
        First epochs on the soft majority vote, at most half of ``max_epochs``.
    epochs_per_round : int, default=1
        Epochs between two inferences of the truth.
    pseudo_counts : float, default=3.0
        Shrinks the rows of each confusion matrix to the crowd's.

    Notes
    -----
    The method is our own, see ``docs/default_method.md``. That a volume or
    mutual-information term helps where a crowd mixes up classes is known (Ibrahim et
    al. 2023); with a fixed weight it does much harm elsewhere, and held-out answers
    cannot choose the weight.

    References
    ----------
    F. Rodrigues, F. Pereira. Deep learning from crowds. AAAI 2018, arXiv:1709.01779.
    A. Krause, P. Perona, R. G. Gomes. Discriminative clustering by regularized
    information maximization. NIPS 2010. M. Saerens, P. Latinne, C. Decaestecker.
    Adjusting the outputs of a classifier to new a priori probabilities. Neural
    Computation 14(1), 2002. doi:10.1162/089976602753284446. S. Ibrahim, T. Nguyen,
    X. Fu. Deep learning from crowdsourced labels by coupled cross-entropy minimization,
    identifiability, and regularization. ICLR 2023, arXiv:2306.03288.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.datasets import make_annotations
    >>> from skcrowd.methods import RegularizedEM
    >>> X, z = load_iris(return_X_y=True)
    >>> crowd = make_annotations(z, 5, answers_per_item=2, random_state=0)
    >>> method = RegularizedEM(class_prior=[1 / 3, 1 / 3, 1 / 3])
    >>> clf = CrowdClassifier(method=method, random_state=0).fit(X, crowd.annotations)
    >>> clf.score(X, z) > 0.9
    True
    """

    _parameter_constraints: dict = {
        "class_prior": [StrOptions({"auto"}), *CLASS_PRIOR],
        "structure_weight": [Interval(Real, 0, None, closed="left")],
        "shares_weight": [Interval(Real, 0, None, closed="left")],
        **EM._parameter_constraints,
    }

    def __init__(
        self,
        class_prior="auto",
        structure_weight=16.0,
        shares_weight=0.6,
        warm_epochs=5,
        epochs_per_round=1,
        pseudo_counts=3.0,
    ):
        super().__init__(warm_epochs, epochs_per_round, pseudo_counts)
        self.class_prior = class_prior
        self.structure_weight = structure_weight
        self.shares_weight = shares_weight

    def learn(self, context):
        """Measure the disagreement, then alternate between truth and network."""
        found = measure_disagreement(context.annotations, context.training_weight)
        known = self._known_shares(context)
        truth = RegularizedEMState(
            context, context.labels.initial_posterior(), self, found, known
        )
        weight = self.structure_weight * found.structure
        del found  # tables of classes × classes
        penalty = InformationMaximization(
            weight, weight, truth.expected_shares(), CONFIDENCE_POWER
        )
        return self._alternate(context, truth, [penalty] if weight else [])

    def _known_shares(self, context):
        """Read the shares that the user knows; None where they are to be estimated."""
        if isinstance(self.class_prior, str) and self.class_prior == "auto":
            return None
        votes, weight = context.labels.votes(), context.training_weight
        return read_class_prior(self.class_prior, votes, weight)


class RegularizedEMState(EMState):
    """Inferred truth whose class shares are held.

    Parameters
    ----------
    context : TrainingContext
    start : ndarray of shape (n_items, n_classes)
    method : RegularizedEM
    found : Disagreement
    known : ndarray of shape (n_classes,) or None
        Class shares.
    """

    inferred = ("confusion", "shares")

    def __init__(self, context, start, method, found, known):
        self.known = known
        estimate = np.maximum(found.class_shares, LEAST_SHARE)
        self.log_aim = np.log(estimate if known is None else known)
        trusted = found.reliability if known is None else 1.0
        self.power = method.shares_weight * trusted
        self.mixing = np.linalg.matrix_power(found.mixing, MIXING_STEPS)
        super().__init__(context, start, method.pseudo_counts)

    def fit(self, posterior):
        """Count confusions, and the shares of the classes."""
        super().fit(posterior)
        self.shares = mean_shares(posterior, self.context.training_weight)

    def annotators(self):
        """Keep the shares beside the confusions: early stopping restores both."""
        annotators = super().annotators()
        annotators.register_buffer("class_shares", torch.as_tensor(self.shares))
        return annotators

    def infer(self, net, confusion):
        """Infer the truth, drawn towards the class shares."""
        shares = net.criterion_.annotators.class_shares.double().cpu().numpy()
        drawn = self.power * (self.log_aim - np.log(shares))
        log_truth = self.context.predict_truth(net)
        log_truth += drawn
        return self.context.labels.posterior(log_truth, confusion, overwrite=True)

    def update(self, net):
        """Tell annotators and penalty, too, what is known of the shares."""
        targets = super().update(net)
        shares = torch.as_tensor(self.shares)
        net.criterion_.annotators.class_shares.copy_(shares)
        for penalty in net.criterion_.penalties:
            penalty.class_shares.copy_(torch.as_tensor(self.expected_shares()))
        return targets

    def expected_shares(self):
        """Shares known, or those inferred, nearer to each other where mixed up."""
        return self.mixing @ self.shares if self.known is None else self.known
