"""Base class and result of learning methods."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator

from skcrowd._sklearn_compat import InvalidParameterError, StrOptions, check_constraints
from skcrowd.annotators import AnnotatorModel, FixedConfusion
from skcrowd.methods._training_memory import label_bytes
from skcrowd.training._did_you_mean import did_you_mean

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray

    from ._training_context import TrainingContext


__all__ = ["Method", "MethodResult"]


@dataclass(frozen=True)
class MethodResult:
    """Result of :meth:`Method.learn`.

    Attributes
    ----------
    net : CrowdNet
        The trained network. Its criterion holds the annotator model.
    annotators : AnnotatorModel
        How each annotator answers, given the truth as the network predicts it.
    posterior : ndarray of shape (n_items, n_classes) or (n_items,), or None
        Posterior of the truth of the training items, given features and answers:
        probabilities of the classes, or the mean.
    posterior_var : ndarray of shape (n_items,) or None
        Posterior variance of numbers; None where it follows from network and
        annotator model.
    tags : ndarray of shape (n_items,) or None
        Most probable tag sequences, as codes of classes; None where the method labels
        each token by itself.
    extras : dict
        Further fitted attributes of the estimator, by name.
    out_of_fold : ndarray of shape (n_items, n_classes) or None
        Log-probabilities of the classes by networks that were not trained on the item,
        from which the report on annotators computes their doubt.
    """

    net: Any
    annotators: AnnotatorModel
    posterior: FloatArray | None = None
    posterior_var: FloatArray | None = None
    tags: Array | None = None
    extras: dict[str, Any] = field(default_factory=dict)
    out_of_fold: Array | None = None


class Method(BaseEstimator):
    """Base of the learning methods: parameters, and :meth:`learn`.

    A method holds no fitted state: :meth:`learn` returns all of it as a
    :class:`MethodResult`. A method of the package is a file
    and a line in ``LABEL_METHODS``, ``SEQUENCE_METHODS`` or ``NUMBER_METHODS``.
    """

    # What it learns from: "labels", "tags" (labels in sequences) or "numbers".
    kind = "labels"

    # Whether it needs a table of all confusion matrices even where that is large.
    needs_table = False

    # Whether its network learns the answers' errors, too: the default network then has
    # a larger weight decay.
    learns_errors = False

    # Settings that need less memory, as text for the error message.
    leaner: tuple[str, ...] = ()

    _parameter_constraints: dict[str, Any] = {}

    def _check_parameters(self) -> None:
        """Check the parameters; for an unknown name the error suggests the nearest."""
        try:
            check_constraints(self)
        except InvalidParameterError as error:
            raise InvalidParameterError(f"{error}{_nearest_option(self)}") from None

    def annotator_sizes(self) -> tuple[type[Any], dict[str, Any]]:
        """Return the class of the annotator model and its size, before training.

        Returns
        -------
        model : LabelModel class
            Its ``parameters_needed`` and ``numbers_per_step`` give the sizes.
        sizes : dict
            Further arguments of ``parameters_needed``.
        """
        return FixedConfusion, {}

    def bytes_needed(self, context: TrainingContext) -> int:
        """Estimate the peak memory of :meth:`learn` for labels, in bytes.

        Parameters
        ----------
        context : TrainingContext

        Returns
        -------
        n_bytes : int
            Without X and the network.
        """
        return label_bytes(self, context)

    def learn(self, context: TrainingContext) -> MethodResult:
        """Train a network and an annotator model.

        Parameters
        ----------
        context : TrainingContext

        Returns
        -------
        result : MethodResult
        """
        raise NotImplementedError


def _nearest_option(method: Method) -> str:
    """Return a question with the option nearest to an unknown name, or nothing."""
    parameters = method.get_params(deep=False)
    for name, constraints in method._parameter_constraints.items():
        options = [c.options for c in constraints if isinstance(c, StrOptions)]
        value = parameters.get(name)
        if options and isinstance(value, str) and value not in options[0]:
            return did_you_mean(value, sorted(options[0]))
    return ""
