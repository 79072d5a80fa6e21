"""Default networks."""

from skcrowd.backbones._dropout import dropout_shares
from skcrowd.backbones._feature_scaling import feature_scaling
from skcrowd.backbones._mlp import MLP
from skcrowd.backbones._recurrent_tagger import RecurrentTagger
from skcrowd.backbones._vocabulary import Vocabulary

__all__ = ["MLP", "RecurrentTagger", "Vocabulary", "dropout_shares", "feature_scaling"]
