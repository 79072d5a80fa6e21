"""Figures about crowds; they need matplotlib (``pip install "skcrowd[plot]"``)."""

from skcrowd.plots._confusions import plot_confusions

__all__ = ["plot_confusions"]
