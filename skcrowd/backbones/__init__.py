"""Default networks."""

from skcrowd.backbones._mlp import MLP
from skcrowd.backbones._pair_scorer import PairScorer
from skcrowd.backbones._recurrent_tagger import RecurrentTagger
from skcrowd.backbones._tabular_net import TabularNet
from skcrowd.backbones._vocabulary import Vocabulary

__all__ = ["MLP", "PairScorer", "RecurrentTagger", "TabularNet", "Vocabulary"]
