"""What a learning procedure gets, and what it returns."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from scipy.special import softmax
from sklearn.base import BaseEstimator
from sklearn.utils._param_validation import InvalidParameterError, StrOptions

from skcrowd.aggregation import (
    AnswerCounts,
    LazyConfusion,
    answer_mean,
    apply_identifiability_constraint,
    fit_rating_parameters,
    majority_vote,
    rating_posterior,
)
from skcrowd.annotations._memory import row_blocks
from skcrowd.annotators import AnnotatorModel, FixedConfusion
from skcrowd.methods._memory import label_bytes
from skcrowd.methods._prior_penalty import PriorAnswers
from skcrowd.methods._side_information import SideInformation
from skcrowd.training import (
    CrowdDataset,
    CrowdLoss,
    NetFactory,
    as_tensor,
    content_hashes,
    did_you_mean,
    distinct_rows,
    hash_uint64,
    predict_truth,
    sum_hashes,
    threads_for,
)

__all__ = ["Method", "MethodResult", "TrainingContext"]

_TINY = np.finfo(np.float64).tiny


@dataclass(frozen=True)
class MethodResult:
    """What a method found out.

    Attributes
    ----------
    net : CrowdNet
        The trained network. Its criterion holds the annotator model.
    annotators : AnnotatorModel
        How each annotator answers, given the network's opinion.
    posterior : ndarray of shape (n_items, n_classes) or (n_items,), or None
        Truth of the training items, given features and answers: probabilities of the
        classes, or the mean.
    posterior_var : ndarray of shape (n_items,) or None
        Of numbers, the variance about that mean; None where it follows from network
        and annotators.
    tags : ndarray of shape (n_items,) or None
        Of sequences, the classes of the most probable path; None where the method
        takes one token at a time.
    extras : dict
        What else the method found out, by the name of the fitted attribute that it
        becomes.
    """

    net: Any
    annotators: AnnotatorModel
    posterior: np.ndarray | None = None
    posterior_var: np.ndarray | None = None
    tags: np.ndarray | None = None
    extras: dict = field(default_factory=dict)


class Method(BaseEstimator):
    """A learning procedure: parameters, and a verb without memory.

    A method joins by a file of its own and a line in ``LABEL_METHODS``,
    ``SEQUENCE_METHODS`` or ``NUMBER_METHODS``. It implements :meth:`learn`.
    """

    kind = "labels"  # or "tags" (labels in sequences) or "numbers": what it learns from

    # Whether it needs a table of all confusions, also where that is large.
    needs_table = False

    # Settings of it that need less memory, in words.
    leaner: tuple[str, ...] = ()

    _parameter_constraints: dict = {}

    def _validate_params(self):
        """Check the parameters; a name that is unknown gets the nearest known one."""
        try:
            super()._validate_params()
        except InvalidParameterError as error:
            raise InvalidParameterError(f"{error}{_nearest_option(self)}") from None

    def annotator_sizes(self):
        """Say, before training, how large the annotator model will be.

        Returns
        -------
        model : LabelModel class
            Its ``parameters_needed`` and ``numbers_per_step`` tell.
        sizes : dict
            What else the first of these takes.
        """
        return FixedConfusion, {}

    def bytes_needed(self, context):
        """Estimate the peak of memory that learning labels takes, in bytes.

        Parameters
        ----------
        context : TrainingContext

        Returns
        -------
        n_bytes : int
            Beside X and the network.
        """
        return label_bytes(self, context)

    def learn(self, context):
        """Train a network and an annotator model.

        Parameters
        ----------
        context : TrainingContext

        Returns
        -------
        result : MethodResult
        """
        raise NotImplementedError


@dataclass(frozen=True)
class TrainingContext:
    """The checked input of a fit, and the network to train on it.

    Attributes
    ----------
    X : ndarray of shape (n_items, ...)
    annotations : Annotations
    sample_weight : ndarray of shape (n_items,)
    factory : NetFactory
    held_out : bool ndarray of shape (n_items,)
        Items whose answers judge training: nothing may be learned from them.
    side_information : SideInformation
        What is known beside the answers. The truth of items that have gold is pinned
        by the methods below; a method that uses them need not think of it.
    include_unlabeled : bool
        Whether networks train on targets of items, too, of which nothing is known.
    """

    X: Any
    annotations: Any
    sample_weight: np.ndarray
    factory: NetFactory
    held_out: np.ndarray
    side_information: SideInformation = field(default_factory=SideInformation)
    include_unlabeled: bool = False

    @property
    def n_rows(self):
        """Number of items that batches are made of."""
        return self.annotations.n_items

    @cached_property
    def is_gold(self):
        """Whether the truth of an item is known, (n_items,)."""
        return self.side_information.gold_mask(len(self.annotations))

    @cached_property
    def is_known(self):
        """Whether an item has an answer, or a known truth, (n_items,)."""
        return (self.annotations.answers_per_item > 0) | self.is_gold

    @cached_property
    def training_weight(self):
        """Weights of the items that may be learned from, zero for the others."""
        return self.sample_weight * (self.is_known & ~self.held_out)

    @cached_property
    def counts(self):
        """The answers as AnswerCounts."""
        return AnswerCounts(self.annotations)

    def votes(self, soft=True):
        """Shares of the votes, (n_items, n_classes); gold is pinned."""
        return self.clamp_gold(majority_vote(self.annotations, soft=soft))

    def initial_posterior(self):
        """Return the truth to begin with: the soft vote, or what an earlier fit says.

        Returns
        -------
        posterior : ndarray of shape (n_items, n_classes)
        """
        previous_fit = self.side_information.previous_fit
        if self.side_information.is_cold_start:
            return self.votes()
        return self.posterior(
            self.predict_truth(previous_fit.net), previous_fit.rating_parameters
        )

    def expected_counts(self, posterior):
        """Count the answers of the annotators by the inferred truth.

        With what is known of them from elsewhere; see
        :meth:`skcrowd.aggregation.AnswerCounts.expected_counts`.
        """
        counts = self.counts.expected_counts(posterior, self.training_weight)
        elsewhere = self.side_information.annotator_counts
        return counts if elsewhere is None else counts + elsewhere

    def posterior(self, log_truth, confusion, overwrite=False):
        """Combine the network's opinion with the answers by Bayes' rule.

        Parameters
        ----------
        log_truth : ndarray of shape (n_items, n_classes)
        confusion : ndarray of shape (n_annotators, n_classes, n_classes), or \
                LazyConfusion
        overwrite : bool, default=False
            Whether log_truth may be changed, which saves memory where it is large.

        Returns
        -------
        posterior : ndarray of shape (n_items, n_classes)
        """
        if isinstance(confusion, LazyConfusion):
            joint = log_truth if overwrite else log_truth.copy()
            self.counts.add_log_likelihood(joint, confusion)
            for rows in row_blocks(*joint.shape):
                joint[rows] = softmax(joint[rows], axis=1)
            return self.clamp_gold(joint)
        joint = torch.as_tensor(log_truth + self.counts.log_likelihood(confusion))
        return self.clamp_gold(joint.t().contiguous().softmax(dim=0).t().numpy())

    def clamp_gold(self, truth):
        """Put the known truth of items in its place, in a copy.

        Parameters
        ----------
        truth : ndarray of shape (n_items, n_classes) or (n_items,)
            Probabilities of the classes; codes, or numbers.
        """
        if not self.is_gold.any():
            return truth
        gold = self.side_information.gold[self.is_gold]
        truth = truth.copy()
        if truth.ndim == 1:
            truth[self.is_gold] = gold
        else:
            truth[self.is_gold] = 0
            truth[np.flatnonzero(self.is_gold), gold] = 1
        return truth

    def initial_mean(self):
        """Return the initial numbers, (n_items,), as :meth:`initial_posterior`."""
        previous_fit = self.side_information.previous_fit
        if self.side_information.is_cold_start:
            return self.clamp_gold(answer_mean(self.annotations))
        *rating_parameters, residual_var = previous_fit.rating_parameters
        prediction = self.predict_truth(previous_fit.net)
        return self.number_posterior(rating_parameters, prediction, residual_var)[0]

    def number_posterior(self, rating_parameters, prediction, residual_var):
        """Mean and variance of the truth, given network and ratings, (n_items,) each.

        See :func:`skcrowd.aggregation.rating_posterior`; gold is pinned.
        """
        mean, var = rating_posterior(
            self.annotations, rating_parameters, prediction, residual_var
        )
        return self.clamp_gold(mean), self.zero_variance_at_gold(var)

    def zero_variance_at_gold(self, var):
        """Set the variance of the truth to 0 where it is known."""
        return np.where(self.is_gold, 0.0, var)

    def fit_rating_parameters(self, mean, var, **settings):
        """Estimate the annotators, as the function of this name does."""
        return fit_rating_parameters(
            self.annotations,
            mean,
            var,
            sample_weight=self.training_weight,
            moments=self.side_information.annotator_counts,
            **settings,
        )

    def warm_epochs(self, wanted):
        """Return how many epochs train on the vote: at most half of all."""
        if self.side_information.n_previous_parts is not None:
            return int(
                self.side_information.is_cold_start
                and self.side_information.n_previous_parts < wanted
            )
        return min(wanted, self.factory.max_epochs // 2)

    def train(
        self,
        annotators,
        *,
        train_on,
        targets=None,
        extra_targets=None,
        penalties=(),
        select=None,
        **build,
    ):
        """Train a fresh network with skorch.

        Of items that are the same in features and answers, by the same people, one is
        shown, with the weight of all, and the order of the items is that of their
        content. So to repeat an item is exactly to weigh it, whatever is drawn at
        random in training.

        Parameters
        ----------
        annotators : AnnotatorModel
        train_on : {"answers", "targets"}
            What the loss compares the network with.
        targets : ndarray of shape (n_items, n_classes) or (n_items,), default=None
            Soft labels, or numbers.
        extra_targets : dict of str to ndarray of shape (n_items, ...), default=None
            What else the loss of a batch may look at, by its name in the batch. What
            an item weighs, where not all weigh 1, is there as ``repeats``.
        penalties : sequence of callable
            See :class:`skcrowd.training.CrowdLoss`.
        select : callable, default=None
            See :class:`skcrowd.training.CrowdLoss`.
        **build
            See :meth:`skcrowd.training.NetFactory.build`.

        Returns
        -------
        net : CrowdNet
        """
        criterion = CrowdLoss(
            annotators,
            self.factory.output,
            train_on,
            (*penalties, *self._prior_of(annotators, train_on)),
            select,
        )
        net = self.factory.build(criterion, **build)
        if self.side_information.previous_fit is not None:
            net.criterion_.annotators.load_from(self.side_information.previous_fit)
        self.factory.check_scores(net, self.X)
        dataset = self.dataset(targets, **(extra_targets or {}))
        del targets, extra_targets  # the data set has copies
        with threads_for(net.module_, self.factory.batch_size):
            self.factory.train(net, dataset)
        _check_finite(net)
        return net

    def _prior_of(self, annotators, train_on):
        """Return what draws annotators, trained on answers, to what is known of them.

        Closed-form steps have it in :meth:`expected_counts` and
        :meth:`fit_rating_parameters`. A model that goes on from one of its kind has
        learned from earlier parts already.
        """
        side_information, known = (
            self.side_information,
            self.side_information.annotator_counts,
        )
        if (
            side_information.previous_fit is not None
            and side_information.previous_fit.is_continued_by(annotators)
        ):
            known = side_information.prior_counts
        if train_on != "answers" or known is None:
            return []
        if not annotators.answers_from_truth:
            raise ValueError(
                f"the annotator model {type(annotators).__name__} of this method "
                "cannot use annotator_prior; leave it out, or choose another method."
            )
        n_answers = self.training_weight @ self.answers_per_item
        return [PriorAnswers(known, n_answers)]

    @cached_property
    def answers_per_item(self):
        """Answers that the loss of an item counts, (n_items,); gold is one."""
        return self.annotations.answers_per_item + self.is_gold

    def apply_identifiability_constraint(self, rating_parameters, mean, var):
        """Make the crowd as a whole right, or what it says of items with gold.

        Parameters
        ----------
        rating_parameters : RatingParameters
        mean, var : ndarray of shape (n_items,)

        Returns
        -------
        raters, stretch, offset
            See :func:`skcrowd.aggregation.apply_identifiability_constraint`.
        """
        if self.side_information.is_identified:
            return rating_parameters, 1.0, 0.0
        return apply_identifiability_constraint(
            rating_parameters,
            self.annotations,
            mean,
            var,
            sample_weight=self.training_weight,
            gold=self.side_information.gold,
            moments=self.side_information.annotator_counts,
        )

    def dataset(self, targets=None, **extra_targets):
        """Return the different items that got an answer, as skorch takes them."""
        rows, weight = self._distinct()
        y = {**self._answers(), **self._weights(rows, weight)}
        if targets is not None:
            extra_targets["target"] = self.clamp_gold(targets)
        if self.is_gold.any():
            extra_targets["gold"] = self._gold_rows(y["answer_weight"])
        if (weight != 1).any():
            extra_targets["repeats"] = self._on_items(rows, weight)[1]
        for name, values in extra_targets.items():
            y[name] = as_tensor(values)
            if y[name].is_floating_point():
                y[name] = y[name].to(self.factory.dtype, copy=True)
        return self._dataset(y, torch.as_tensor(rows))

    def _gold_rows(self, answer_weight):
        """Return known truths beside what they weigh as an answer.

        Returns
        -------
        gold : ndarray of shape (n_items, n_classes) or (n_items, 2)
            The weight in the place of the class, or before the number; else zeros.
        """
        gold = self.side_information.gold[self.is_gold]
        weight = answer_weight.double().expand(len(self.annotations)).numpy()
        weight = weight[self.is_gold, None]
        if gold.dtype.kind == "i":
            known = np.zeros((len(gold), self.factory.output.n_classes))
            known[np.arange(len(gold)), gold] = weight[:, 0]
        else:
            known = np.column_stack([weight, gold])
        rows = np.zeros((len(self.annotations), known.shape[1]))
        rows[self.is_gold] = known
        return rows

    def _dataset(self, y, rows):
        return CrowdDataset(self.X, y, rows)

    def content(self):
        """Return a number for every row of X that depends on what it holds alone."""
        return self._content(self._features)

    def _order(self):
        """Return what decides the order of the rows: the same in either precision."""
        X = self._features
        if X.dtype != np.float64:
            return self._content(X)
        with np.errstate(over="ignore"):
            return self._content(X.astype(np.float32))

    @property
    def _features(self):
        return self.X

    def _content(self, features):
        return content_hashes(features)

    def item_hashes(self):
        """Return a number for every item that depends on what it holds alone."""
        return self._of_items(self.content())

    def _distinct(self):
        """Find the different rows of X with an answer, and what all equal ones weigh.

        Returns
        -------
        rows : ndarray of shape (n_distinct,)
        weight : ndarray of shape (n_distinct,)
        """
        content = self.content()
        state, weight = self._states()
        told = self._answer_keys(self._annotator_fingerprints(self._of_items(content)))
        exactly = self._answer_keys(np.arange(self.annotations.n_annotators))
        keys = self._order(), content, told, exactly, self._gold_keys(), state
        shown = np.flatnonzero(state)
        first, group = distinct_rows(*(key[shown] for key in keys))
        return shown[first], np.bincount(group, weight[shown], len(first))

    def _gold_keys(self):
        """Return a number for every row of X that depends on its known truth."""
        if self.side_information.gold is None:
            return np.zeros(len(self.held_out), dtype=np.uint64)
        return content_hashes(self.side_information.gold)

    def _states(self):
        """Return 1 for rows to learn from, 2 for those held out, 0 for unknown ones.

        And what they weigh.
        """
        shown = self.is_known | self.include_unlabeled
        return shown * np.where(self.held_out, 2, 1), self.sample_weight

    def _of_items(self, content):
        """Spread what belongs to the rows of X over the items."""
        return content

    def _annotator_fingerprints(self, content):
        """Return a number for every annotator by their answers, whatever their place.

        It decides the order of items whose features are equal, and nothing else.
        """
        a = self.annotations
        given = hash_uint64(content[a.item] + content_hashes(a.answer))
        order = np.argsort(a.annotator, kind="stable")
        ends = np.searchsorted(a.annotator[order], np.arange(a.n_annotators + 1))
        return sum_hashes(given[order], ends)

    def _answer_keys(self, who):
        """Return a number for every row of X that depends on who answered what."""
        a = self.annotations
        person = hash_uint64(who.astype(np.uint64))[a.annotator]
        return sum_hashes(hash_uint64(person + content_hashes(a.answer)), a.indptr)

    def _answers(self):
        return {
            "annotator": torch.tensor(self.annotations.annotator),
            "answer": self._answer(),
            "indptr": torch.tensor(self.annotations.indptr),
        }

    def _answer(self):
        """Codes of classes, or numbers in the precision of the network."""
        answer = torch.tensor(self.annotations.answer)
        return answer.to(self.factory.dtype) if answer.is_floating_point() else answer

    def _weights(self, rows, row_weight):
        """Weights that make the mean over items the mean over items, or answers.

        Training and held-out items each have a mean of their own. The weights are
        scalars where all items weigh the same.

        Parameters
        ----------
        rows : ndarray of shape (n_distinct,)
            The rows of X that are shown.
        row_weight : ndarray of shape (n_distinct,)
            What they weigh.
        """
        n_answers = self.answers_per_item
        shown, weight = self._on_items(rows, row_weight)
        counted = self.is_known | self.include_unlabeled
        weight = weight * counted
        per_item, per_answer = np.zeros(len(weight)), np.zeros(len(weight))
        for held_out in (False, True):
            group = shown & (self.held_out == held_out)
            n_rows = self._count_rows(group & counted)
            per_item[group] = weight[group] * (n_rows / max(weight[group].sum(), _TINY))
            total = weight[group] @ n_answers[group]
            per_answer[group] = weight[group] * (n_rows / max(total, _TINY))
        return {
            "item_weight": self._as_weight(per_item, shown),
            "answer_weight": self._as_weight(per_answer, shown),
        }

    def _on_items(self, rows, row_weight):
        """Say which items are shown, and what they weigh, (n_items,) each."""
        shown, weight = np.zeros((2, len(self.sample_weight)))
        shown[rows], weight[rows] = True, row_weight
        return shown.astype(bool), weight

    def _count_rows(self, group):
        """Count what the loss of a batch is divided by: the items of a group."""
        return np.count_nonzero(group)

    def _as_weight(self, weight, shown):
        first = weight[shown][0]
        uniform = (weight[shown] == first).all()
        return torch.tensor(first if uniform else weight, dtype=self.factory.dtype)

    def predict_truth(self, net):
        """Predict the training items: see :func:`skcrowd.training.predict_truth`."""
        _check_finite(net)
        return predict_truth(net, self.X)


def _nearest_option(method):
    """Return a question with the option nearest to an unknown name, or nothing."""
    parameters = method.get_params(deep=False)
    for name, constraints in method._parameter_constraints.items():
        options = [c.options for c in constraints if isinstance(c, StrOptions)]
        value = parameters.get(name)
        if options and isinstance(value, str) and value not in options[0]:
            return did_you_mean(value, sorted(options[0]))
    return ""


def _check_finite(net):
    """Raise if training diverged."""
    trained = [*net.module_.parameters(), *net.criterion_.parameters()]
    if not all(torch.isfinite(values).all() for values in trained):
        raise ValueError(
            "training diverged: some weights are no longer finite. Lower lr "
            f"(it is {net.lr}) or annotator_lr, or bring X to a common scale."
        )
