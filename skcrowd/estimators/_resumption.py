"""Continuation of an earlier fit: by a warm start, or by ``partial_fit``."""

from dataclasses import dataclass, replace
from typing import Any

from skcrowd.estimators._annotator_matching import (
    join_annotators,
    pad_annotators,
    positions_in_fit,
)
from skcrowd.methods._side_information import PreviousFit

__all__ = ["Resumption", "network_to_resume"]


@dataclass(frozen=True)
class Resumption:
    """How a fit continues an earlier one: not at all, as a warm start, or as a part.

    Attributes
    ----------
    previous : CrowdEstimator or None
        The estimator as the earlier fit left it; None where the fit starts anew.
    is_part : bool
        Whether the fit is one pass of ``partial_fit``.
    """

    previous: Any
    is_part: bool

    @classmethod
    def of(cls, estimator, *, is_part):
        """Return how the next fit of an estimator continues its last one."""
        resumes = (is_part or estimator.warm_start) and hasattr(estimator, "net_")
        return cls(estimator if resumes else None, is_part)

    @property
    def resumes(self):
        """Whether the fit starts from network and annotators of an earlier fit."""
        return self.previous is not None

    @property
    def adds(self):
        """Whether the answers of earlier parts are added to those of this one."""
        return self.is_part and self.resumes

    def check_target(self, is_truth):
        """Raise where answers follow on true values, or the other way round."""
        if self.resumes and is_truth != self.previous._is_truth_given:
            sorts = "answers of annotators", "a 1-D y, the truth itself"
            raise ValueError(
                f"this call has {sorts[is_truth]}, but the fit that it goes on from "
                f"had {sorts[not is_truth]}; give known truths as gold beside a "
                "matrix of answers, or set warm_start=False and call fit."
            )

    def join_annotators(self, annotations):
        """Return annotations of the annotators of all parts, numbered as in those."""
        if not self.adds:
            return annotations
        return join_annotators(annotations, self.previous.annotators_)

    def resume_factory(self, factory):
        """Return a factory whose network starts from that of the earlier fit."""
        if self.is_part:
            factory = replace(factory, max_epochs=1)
        if not self.resumes:
            return factory
        net = self.previous.net_
        state = _optimizer_state(net, factory.optimizer) if self.is_part else None
        return replace(
            factory,
            start_from=network_to_resume(net.module_),
            optimizer_state=state,
        )

    def resume_side_information(self, side_information, annotations):
        """Add the annotators of the earlier fit and, of parts, their answers to it."""
        changes: dict[str, Any] = {}
        if self.is_part:
            changes["n_previous_parts"] = self.previous.n_iter_ if self.resumes else 0
        if self.resumes:
            changes["previous_fit"] = self._previous_fit(annotations)
        if self.adds:
            counts = pad_annotators(
                self.previous._previous_counts(), annotations.n_annotators
            )
            prior = side_information.annotator_counts
            changes["annotator_counts"] = counts if prior is None else counts + prior
        return replace(side_information, **changes)

    def _previous_fit(self, annotations):
        previous = self.previous
        rows = positions_in_fit(annotations.annotator_names, previous.annotators_)
        parameters = previous._annotator_parameters(rows)
        return PreviousFit(previous.net_, previous.annotator_model_, rows, parameters)


def _optimizer_state(net, optimizer_class):
    """Return the state of the optimiser, if it is of the same kind and network."""
    optimizer = getattr(net, "optimizer_", None)
    is_whole = network_to_resume(net.module_) is net.module_
    if optimizer is None or type(optimizer) is not optimizer_class or not is_whole:
        return None
    return optimizer.state_dict()["state"]


def network_to_resume(module):
    """Return the user's network without the modules that a method wrapped it in.

    Parameters
    ----------
    module : torch.nn.Module
    """
    while hasattr(module, "to_resume"):
        module = module.to_resume
    return module
