"""Resumption of an earlier fit, by a warm start or by ``partial_fit``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from skcrowd.estimators._annotator_matching import (
    join_annotators,
    pad_annotators,
    positions_in_fit,
)
from skcrowd.methods._side_information import PreviousFit

if TYPE_CHECKING:
    from skcrowd.annotations import Annotations
    from skcrowd.backbones import MLP, RecurrentTagger
    from skcrowd.methods._side_information import SideInformation
    from skcrowd.training import CrowdNet, NetFactory


__all__ = ["Resumption", "network_to_resume"]


@dataclass(frozen=True)
class Resumption:
    """How a fit resumes an earlier one: not, as a warm start, or by ``partial_fit``.

    Attributes
    ----------
    previous : CrowdEstimator or None
        The estimator with the attributes of the earlier fit; None for a new fit.
    is_part : bool
        Whether the fit is one pass of ``partial_fit``.
    """

    previous: Any
    is_part: bool

    @classmethod
    def of(cls, estimator: Any, *, is_part: bool) -> Resumption:
        """Return how the next fit of an estimator resumes its last one."""
        resumes = (is_part or estimator.warm_start) and hasattr(estimator, "net_")
        return cls(estimator if resumes else None, is_part)

    @property
    def resumes(self) -> bool:
        """Whether the fit starts from network and annotators of an earlier fit."""
        return self.previous is not None

    @property
    def adds(self) -> bool:
        """Whether the answers of earlier parts are added to those of this one."""
        return self.is_part and self.resumes

    def check_target(self, is_truth: bool) -> None:
        """Raise if a fit on answers resumes one on true values, or vice versa."""
        if self.resumes and is_truth != self.previous._is_truth_given:
            targets = "answers of annotators", "a 1-D y of true values"
            raise ValueError(
                f"this call has {targets[is_truth]}, but the fit that it resumes had "
                f"{targets[not is_truth]}; pass true values as gold with a matrix of "
                "answers, or set warm_start=False and call fit."
            )

    def join_annotators(self, annotations: Annotations) -> Annotations:
        """Return the annotations, their annotators numbered as in all parts."""
        if not self.adds:
            return annotations
        return join_annotators(annotations, self.previous.annotators_)

    def resume_factory(self, factory: NetFactory) -> NetFactory:
        """Return a factory whose network starts from that of the earlier fit."""
        if self.is_part:
            factory = replace(factory, max_epochs=1)
        if not self.resumes:
            return factory
        net = self.previous.net_
        routed = {k: v for k, v in factory.routed.items() if k[:8] != "module__"}
        built_with = {f"module__{k}": v for k, v in net.built_with_.items()}
        state = _optimizer_state(net, factory.optimizer) if self.is_part else None
        return replace(
            factory,
            start_from=network_to_resume(net.module_),
            optimizer_state=state,
            routed={**routed, **built_with},
        )

    def resume_side_information(
        self, side_information: SideInformation, annotations: Annotations
    ) -> SideInformation:
        """Add the earlier annotator model and, for parts, the earlier answer counts."""
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

    def _previous_fit(self, annotations: Annotations) -> PreviousFit:
        previous = self.previous
        rows = positions_in_fit(annotations.annotator_names, previous.annotators_)
        parameters = previous._annotator_parameters(rows)
        return PreviousFit(previous.net_, previous.annotator_model_, rows, parameters)


def _optimizer_state(net: CrowdNet, optimizer_class: type[Any]) -> Any:
    """Return the state of the optimiser; None for another class or a wrapped network.

    The parameters of a wrapped network are not those of the network to resume.
    """
    optimizer = getattr(net, "optimizer_", None)
    is_wrapped = network_to_resume(net.module_) is not net.module_
    if optimizer is None or type(optimizer) is not optimizer_class or is_wrapped:
        return None
    return optimizer.state_dict()["state"]


def network_to_resume(module: Any) -> MLP | RecurrentTagger:
    """Return the network without the modules in which a method wrapped it.

    Parameters
    ----------
    module : torch.nn.Module
    """
    while hasattr(module, "to_resume"):
        module = module.to_resume
    return module
