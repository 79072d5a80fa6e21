"""Problems of a few sequences, as a method gets them."""

import numpy as np
import torch
from _data import Linear

from skcrowd import Annotations
from skcrowd.aggregation._sequence_chain import iob2_transitions
from skcrowd.methods import SequenceTrainingContext
from skcrowd.training import ClassScores, NetFactory, SequenceRows
from skcrowd.training._sequence_net import SequenceNet
from skcrowd.training._split import AnswerSplit


def pose(tokens, lengths, annotations, weight=None, held_out=None, **settings):
    """Pose a problem; weights and who is held out are those of sequences."""
    if not isinstance(annotations, Annotations):
        annotations = Annotations.from_dense(annotations)
    lengths, n_classes = np.asarray(lengths), len(annotations.classes)
    weight = np.ones(len(lengths)) if weight is None else np.asarray(weight)
    nobody = np.zeros(len(lengths), dtype=bool)
    split = {} if held_out is None else {"train_split": AnswerSplit(held_out)}
    sizes = {"n_features": tokens.shape[1], "n_outputs": n_classes}
    factory = {
        "module": Linear,
        "optimizer": torch.optim.Adam,
        "lr": 0.05,
        "max_epochs": 4,
        "batch_size": 16,
        "dtype": torch.float64,
        "device": "cpu",
        "net": SequenceNet,
        "routed": {f"module__{name}": size for name, size in sizes.items()},
        **split,
        **settings,
    }
    return SequenceTrainingContext(
        SequenceRows(tokens, lengths),
        annotations,
        np.repeat(weight, lengths),
        NetFactory(output=ClassScores(n_classes), **factory),
        np.repeat(nobody if held_out is None else held_out, lengths),
        transitions=iob2_transitions(annotations.classes),
    )
