"""Learning procedures: from features and answers to a network and its annotators."""

from __future__ import annotations

from skcrowd.methods._affine_crowd_layer import AffineCrowdLayer
from skcrowd.methods._annot_mix import AnnotMix
from skcrowd.methods._answer_layer import AnswerLayer
from skcrowd.methods._answer_mean import AnswerMean, WeightedMean
from skcrowd.methods._check_method import check_method
from skcrowd.methods._conal import CoNAL
from skcrowd.methods._confusion_layer import ConfusionLayer
from skcrowd.methods._crowd_layer import CrowdLayer
from skcrowd.methods._dawid_skene_method import DawidSkene
from skcrowd.methods._distilled_mean import DistilledMean
from skcrowd.methods._em import EM
from skcrowd.methods._gaussian_em import GaussianEM
from skcrowd.methods._gaussian_layer import GaussianLayer
from skcrowd.methods._geo_crowd_net import GeoCrowdNet
from skcrowd.methods._kd_crowd import KDCrowd
from skcrowd.methods._majority_vote_method import MajorityVote
from skcrowd.methods._max_mig import MaxMIG
from skcrowd.methods._method import Method, MethodResult
from skcrowd.methods._mutual_information import MutualInformation
from skcrowd.methods._regularized_em import RegularizedEM
from skcrowd.methods._robust_training import RobustTraining
from skcrowd.methods._sequence_context import SequenceTrainingContext
from skcrowd.methods._sequence_em import SequenceEM
from skcrowd.methods._trace import TraceRegularization
from skcrowd.methods._training_context import TrainingContext
from skcrowd.methods._union_net import UnionNet

LABEL_METHODS: dict[str, type[Method]] = {
    "annot_mix": AnnotMix,
    "conal": CoNAL,
    "confusion_layer": ConfusionLayer,
    "crowd_layer": CrowdLayer,
    "dawid_skene": DawidSkene,
    "em": EM,
    "geo_crowd_net": GeoCrowdNet,
    "kd_crowd": KDCrowd,
    "majority_vote": MajorityVote,
    "max_mig": MaxMIG,
    "mutual_information": MutualInformation,
    "regularized_em": RegularizedEM,
    "trace": TraceRegularization,
    "union_net": UnionNet,
}
SEQUENCE_METHODS: dict[str, type[Method]] = {
    **LABEL_METHODS,
    "sequence_em": SequenceEM,
}
NUMBER_METHODS: dict[str, type[Method]] = {
    "crowd_layer": AffineCrowdLayer,
    "em": GaussianEM,
    "gaussian_layer": GaussianLayer,
    "kd_crowd": DistilledMean,
    "mean": AnswerMean,
    "weighted_mean": WeightedMean,
}

__all__ = [
    "EM",
    "LABEL_METHODS",
    "NUMBER_METHODS",
    "SEQUENCE_METHODS",
    "AffineCrowdLayer",
    "AnnotMix",
    "AnswerLayer",
    "AnswerMean",
    "CoNAL",
    "ConfusionLayer",
    "CrowdLayer",
    "DawidSkene",
    "DistilledMean",
    "GaussianEM",
    "GaussianLayer",
    "GeoCrowdNet",
    "KDCrowd",
    "MajorityVote",
    "MaxMIG",
    "Method",
    "MethodResult",
    "MutualInformation",
    "RegularizedEM",
    "RobustTraining",
    "SequenceEM",
    "SequenceTrainingContext",
    "TraceRegularization",
    "TrainingContext",
    "UnionNet",
    "WeightedMean",
    "check_method",
]
