"""Training with skorch: data in whole-batch slices, losses, callbacks, seeds."""

from skcrowd.training._callbacks import (
    BestEpoch,
    LinearDecay,
    ProgressBar,
    SwitchToAnswers,
)
from skcrowd.training._checkpoint import (
    FitCheckpoint,
    FitRecord,
    TrainingCheckpoints,
    seed_of_unfinished_fit,
)
from skcrowd.training._data import BatchLoader, CrowdDataset
from skcrowd.training._did_you_mean import did_you_mean
from skcrowd.training._f_information import DIVERGENCES, information_gain
from skcrowd.training._features import LastFeatures
from skcrowd.training._fingerprint import fingerprint, summary
from skcrowd.training._hashing import (
    content_hashes,
    distinct_rows,
    hash_uint64,
    sum_hashes,
)
from skcrowd.training._losses import CrowdLoss
from skcrowd.training._net import CrowdNet
from skcrowd.training._net_factory import NetFactory
from skcrowd.training._outputs import ClassScores, Number
from skcrowd.training._prediction import predict_truth
from skcrowd.training._seeding import isolated_rng, released_rng
from skcrowd.training._sequence_data import SequenceDataset, SequenceRows
from skcrowd.training._sequence_net import SequenceNet
from skcrowd.training._split import AnswerSplit, hold_out_items
from skcrowd.training._tensors import as_tensor
from skcrowd.training._threads import n_threads, threads_for
from skcrowd.training._user_callbacks import check_callbacks

__all__ = [
    "DIVERGENCES",
    "AnswerSplit",
    "BatchLoader",
    "BestEpoch",
    "ClassScores",
    "CrowdDataset",
    "CrowdLoss",
    "CrowdNet",
    "FitCheckpoint",
    "FitRecord",
    "LastFeatures",
    "LinearDecay",
    "NetFactory",
    "Number",
    "ProgressBar",
    "SequenceDataset",
    "SequenceNet",
    "SequenceRows",
    "SwitchToAnswers",
    "TrainingCheckpoints",
    "as_tensor",
    "check_callbacks",
    "content_hashes",
    "did_you_mean",
    "distinct_rows",
    "fingerprint",
    "hash_uint64",
    "hold_out_items",
    "information_gain",
    "isolated_rng",
    "n_threads",
    "predict_truth",
    "released_rng",
    "seed_of_unfinished_fit",
    "sum_hashes",
    "summary",
    "threads_for",
]
