"""EM regularised by class shares and by classes that the crowd confuses."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch

from skcrowd._sklearn_compat import Interval, StrOptions
from skcrowd.aggregation import measure_disagreement
from skcrowd.exceptions import CrowdWarning
from skcrowd.methods._class_prior import CLASS_PRIOR, mean_shares, read_class_prior
from skcrowd.methods._em import EM, EMState
from skcrowd.methods._information_maximization import InformationMaximization
from skcrowd.methods._majority_vote_method import MajorityVote
from skcrowd.methods._method import MethodResult
from skcrowd.methods._one_class import has_one_class
from skcrowd.methods._starting_truth import StartingTruth, starting_truth

if TYPE_CHECKING:
    from skcrowd._typing import Array, ArrayLike, FloatArray
    from skcrowd.aggregation import Disagreement
    from skcrowd.annotators import LabelModel
    from skcrowd.training import CrowdNet

    from ._training_context import TrainingContext


__all__ = ["RegularizedEM"]

LEAST_SHARE = 1e-3  # of a class
MIXING_STEPS = 3
CONFIDENCE_POWER = 2.0
PREDICTABILITY_POWER = 3
USUAL_PREDICTABILITY = 0.8  # where it is not measured


class RegularizedEM(EM):
    """EM, regularised by class shares and by classes that the crowd confuses.

    The likelihood that :class:`EM` maximises does not identify two things. Where errors
    are frequent, wrong class shares can be as likely as the right ones, above all of
    two classes one of which is rare. And where the crowd confuses some classes, as in
    photographs a *tall building* with an *inner city*, the answers do not determine
    the class of such an item. Both are estimated from the disagreement of the crowd
    (:func:`skcrowd.aggregation.measure_disagreement`), before any training. Nor does
    the likelihood know whom to trust where one annotator gives most of the answers, or
    several copy from one. So the truth to start with comes from what is confirmed:

    - networks predict the vote on items that they were not trained on, and every
      annotator is compared with these predictions and the other annotators alone;
    - of annotators who err together each answer counts as part of a vote
      (:func:`skcrowd.metrics.annotator_dependence`);

    - where annotators err at random, the inferred truth is corrected towards class
      shares estimated from how often they agree (`shares_weight`);
    - where they disagree more than by chance, a penalty favours certain predictions,
      and shares of confused classes that are nearer to each other
      (`structure_weight`), in proportion to the share of such disagreement, and as far
      as networks predict the truth of items that they were not trained on. It is 0 for
      a crowd that errs at random.

    Both take errors at random, so where the classes have an order, and neighbours are
    confused most, they are left out but for shares that are given.

    Where the answers agree neither with each other nor with such predictions, nothing
    can be learned from them; the network is trained on the vote, with a warning. So
    it is, without one, where all answers are one class of several.

    Parameters
    ----------
    class_prior : {"auto", "vote", "uniform"} or array-like of shape (n_classes,), \
            default="auto"
        Shares of the classes. "auto" estimates them from the disagreement. Known shares
        are given in the order of ``classes_``;
        :func:`skcrowd.aggregation.class_shares` estimates them from some hundred gold
        labels, while fewer are more useful as ``fit(gold=)``. "vote" takes the shares
        of the soft vote as known.
    structure_weight : float, default=30.0
        Weight of the penalty (see :class:`MutualInformation`) where all disagreement is
        of confused classes and the truth can be predicted from features without error.
    shares_weight : float, default=0.6
        Power of the correction of class shares in every round. For estimated shares it
        is multiplied by ``Disagreement.reliability``.
    warm_epochs : int, default=5
        First epochs on the soft majority vote, at most half of ``max_epochs``.
    epochs_per_round : int, default=1
        Epochs between two inferences of the truth.
    pseudo_counts : float, default=3.0
        Shrinks the rows of each confusion matrix to the crowd's, or, where the classes
        have an order, as :class:`EM` does.
    n_folds : int or None, default=5
        Folds of items, each of which is predicted by a network trained on the vote on
        the others. None, or where a table of confusions would have more than 2**24
        entries or a fit continues another, starts on the vote, and shrinks confusions
        to those of all answers, as :class:`EM` does; `annotator_groups` is not used
        then.
    annotator_groups : "auto", mapping of annotator to group, array-like of shape \
            (n_annotators,) or None, default="auto"
        Groups of annotators who err together, such as language models of one maker.
        The answers of a group to an item count as the effective number of independent
        ones. "auto" finds groups, None takes all annotators to be independent. In a
        mapping, missing annotators are on their own, as are those whose group is None
        in an array.

    Notes
    -----
    The estimator gets the attributes ``method_used_``, "regularized_em" or
    "majority_vote" where it fell back to the vote, ``predictability_``, the agreement
    of the inferred truth with networks that were trained on other items, beyond chance
    (NaN without), and ``annotator_groups_``, the number of the group of every annotator
    who errs together with others (-1 for the others), and ``group_excess_``, the excess
    agreement in each group, from 0 to 1 (copies), (n_groups,).

    The method is our own, see ``docs/guide/default_method.md``. A volume or
    mutual-information term is known to help where a crowd confuses classes (Ibrahim et
    al. 2023); with a fixed weight it does much harm elsewhere, and the weight cannot
    be chosen by held-out answers.

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

    _parameter_constraints: dict[str, Any] = {
        "class_prior": [StrOptions({"auto"}), *CLASS_PRIOR],
        "structure_weight": [Interval(Real, 0, None, closed="left")],
        "shares_weight": [Interval(Real, 0, None, closed="left")],
        "n_folds": [Interval(Integral, 2, None, closed="left"), None],
        "annotator_groups": [StrOptions({"auto"}), Mapping, "array-like", None],
        **EM._parameter_constraints,
    }

    def __init__(
        self,
        class_prior: Literal["auto", "vote", "uniform"] | ArrayLike = "auto",
        structure_weight: float = 30.0,
        shares_weight: float = 0.6,
        warm_epochs: int = 5,
        epochs_per_round: int = 1,
        pseudo_counts: float = 3.0,
        n_folds: int | None = 5,
        annotator_groups: Any = "auto",
    ) -> None:
        super().__init__(warm_epochs, epochs_per_round, pseudo_counts)
        self.class_prior = class_prior
        self.structure_weight = structure_weight
        self.shares_weight = shares_weight
        self.n_folds = n_folds
        self.annotator_groups = annotator_groups

    def learn(self, context: TrainingContext) -> MethodResult:
        """Infer a truth to start with, then alternate between truth and network."""
        found = measure_disagreement(context.annotations, context.training_weight)
        start = starting_truth(
            context,
            found,
            self.n_folds,
            self.pseudo_counts,
            self.annotator_groups,
        )
        if start.interrupted is not None:
            return MethodResult(
                start.interrupted, start.interrupted.criterion_.annotators
            )
        if has_one_class(context):
            return self._learn_vote(context, start)
        if not start.is_informative:
            _warn_of_random_answers()
            return self._learn_vote(context, start)
        known = self._known_shares(context, start.posterior)
        truth = RegularizedEMState(context, start, self, found, known)
        weight = self._penalty_weight(found.structure, start.predictability)
        if context.class_ranks is not None:  # errors to neighbours are not random
            weight = 0.0
            truth.power = truth.power if known is not None else 0.0
        extras, out_of_fold = _extras("regularized_em", start), start.out_of_fold
        del start, found  # tables of items or classes × classes
        penalty = InformationMaximization(
            weight, weight, truth.expected_shares(), CONFIDENCE_POWER
        )
        result = self._alternate(context, truth, [penalty] if weight else [])
        return replace(result, extras=extras, out_of_fold=out_of_fold)

    def _learn_vote(
        self, context: TrainingContext, start: StartingTruth
    ) -> MethodResult:
        """Train on the vote."""
        result = MajorityVote(pseudo_counts=self.pseudo_counts).learn(context)
        extras = _extras("majority_vote", start)
        return replace(result, extras=extras, out_of_fold=start.out_of_fold)

    def _penalty_weight(self, structure: float, predictability: float) -> float:
        """Return the weight of the penalty.

        Certain predictions are right only as far as features predict the truth of
        items that the network was not trained on.
        """
        if np.isnan(predictability):
            predictability = USUAL_PREDICTABILITY
        share = max(predictability, 0.0) ** PREDICTABILITY_POWER
        return self.structure_weight * structure * share

    def _known_shares(
        self, context: TrainingContext, initial_posterior: FloatArray
    ) -> FloatArray | None:
        """Return the shares of the user's choice, or None if they are estimated."""
        if isinstance(self.class_prior, str) and self.class_prior == "auto":
            return None
        return read_class_prior(self.class_prior, context, initial_posterior)


class RegularizedEMState(EMState):
    """State of :class:`EM` with a correction of the class shares.

    Parameters
    ----------
    context : TrainingContext
    start : StartingTruth
    method : RegularizedEM
    found : Disagreement
    known : ndarray of shape (n_classes,) or None
        Class shares.
    """

    inferred = ("confusion", "shares")

    def __init__(
        self,
        context: TrainingContext,
        start: StartingTruth,
        method: RegularizedEM,
        found: Disagreement,
        known: Array | None,
    ) -> None:
        self.known = known
        estimate = np.maximum(found.class_shares, LEAST_SHARE)
        self.log_target_shares = np.log(estimate if known is None else known)
        reliability = found.reliability if known is None else 1.0
        self.power = method.shares_weight * reliability
        self.mixing = np.linalg.matrix_power(found.mixing, MIXING_STEPS)
        self.answer_weight = start.answer_weight
        self.is_typical = method.n_folds is not None
        super().__init__(context, start.posterior, method.pseudo_counts)

    def fit(self, posterior: FloatArray) -> None:
        """M-step: estimate confusions, and the shares of the classes."""
        counts = self.context.labels.expected_counts(posterior)
        self.confusion = self.context.labels.confusion(
            counts, self.pseudo_counts, typical=self.is_typical
        )
        self.shares = mean_shares(posterior, self.context.training_weight)

    def annotators(self) -> LabelModel:
        """Return confusions with the class shares: early stopping restores both."""
        annotators = super().annotators()
        annotators.register_buffer("class_shares", torch.as_tensor(self.shares))
        return annotators

    def infer(self, log_truth: Any, net: CrowdNet, confusion: Any) -> FloatArray:
        """E-step: return the posterior, corrected towards the class shares.

        The correction of Saerens et al. multiplies by (target share / share) ** power.
        """
        shares = net.criterion_.annotators.class_shares.double().cpu().numpy()
        log_truth += self.power * (self.log_target_shares - np.log(shares))
        return self.context.labels.posterior(
            log_truth, confusion, overwrite=True, answer_weight=self.answer_weight
        )

    def update(self, net: CrowdNet) -> torch.Tensor:
        """Run both steps, and update the shares of annotators and penalty."""
        targets = super().update(net)
        shares = torch.as_tensor(self.shares)
        net.criterion_.annotators.class_shares.copy_(shares)
        for penalty in net.criterion_.penalties:
            penalty.class_shares.copy_(torch.as_tensor(self.expected_shares()))
        return targets

    def expected_shares(self) -> FloatArray:
        """Return known shares, or inferred ones mixed among confused classes."""
        return self.mixing @ self.shares if self.known is None else self.known


def _warn_of_random_answers() -> None:
    warnings.warn(
        "the answers agree neither with each other nor with what features predict of "
        "other items more than answers at random would; nothing can be learned from "
        "them, and the network is trained on the majority vote (method_used_). Check "
        "that rows of X and y belong together.",
        CrowdWarning,
        stacklevel=3,
    )


def _extras(method_used: str, start: StartingTruth) -> dict[str, Any]:
    return {
        "method_used_": method_used,
        "predictability_": start.predictability,
        "annotator_groups_": start.groups.group,
        "group_excess_": start.groups.excess,
    }
