"""Callbacks of the training loop that skorch does not have."""

from skcrowd.callbacks._gradient_accumulation import GradientAccumulation
from skcrowd.callbacks._schedule import LRSchedule
from skcrowd.callbacks._weight_average import WeightAverage

__all__ = ["GradientAccumulation", "LRSchedule", "WeightAverage"]
