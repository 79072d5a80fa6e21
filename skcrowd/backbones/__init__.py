"""Default networks, for users who bring none."""

from skcrowd.backbones._dropout import dropout_shares
from skcrowd.backbones._mlp import MLP
from skcrowd.backbones._scaling import feature_scaling
from skcrowd.backbones._tagger import RecurrentTagger
from skcrowd.backbones._vocabulary import Vocabulary

__all__ = ["MLP", "RecurrentTagger", "Vocabulary", "dropout_shares", "feature_scaling"]
