"""Learning procedures: from features and answers to a network and its annotators."""

from skcrowd.methods._base import Learned, Method, Problem
from skcrowd.methods._confusion_layer import ConfusionLayer
from skcrowd.methods._crowd_layer import CrowdLayer
from skcrowd.methods._dawid_skene import DawidSkene
from skcrowd.methods._em import EM
from skcrowd.methods._majority_vote import MajorityVote
from skcrowd.methods._resolve import resolve_method

METHODS: dict[str, type[Method]] = {
    "confusion_layer": ConfusionLayer,
    "crowd_layer": CrowdLayer,
    "dawid_skene": DawidSkene,
    "em": EM,
    "majority_vote": MajorityVote,
}

__all__ = [
    "EM",
    "METHODS",
    "ConfusionLayer",
    "CrowdLayer",
    "DawidSkene",
    "Learned",
    "MajorityVote",
    "Method",
    "Problem",
    "resolve_method",
]
