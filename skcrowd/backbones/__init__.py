"""Default networks, for users who bring none."""

from skcrowd.backbones._mlp import MLP
from skcrowd.backbones._scaling import feature_scaling

__all__ = ["MLP", "feature_scaling"]
