"""The command ``skcrowd``: from a file of answers to labels, a report, questions."""

from ._main import main

__all__ = ["main"]
