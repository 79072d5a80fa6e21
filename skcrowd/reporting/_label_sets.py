"""Reports on sets of labels as tables of questions whether a label applies."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["answers_as_decisions", "items_as_questions"]


def items_as_questions(quality: "pd.DataFrame") -> "pd.DataFrame":
    """Write the quality of pairs of item and label as that of labels is.

    Parameters
    ----------
    quality : DataFrame
        Of ``label_quality``, with the columns ``applies`` and so on.

    Returns
    -------
    items : DataFrame
        The same rows, with the columns of a classifier's ``label_quality``. The two
        labels of a question are the label itself and "not LABEL".
    """
    label = quality.index.get_level_values("label")
    applies = quality["applies"].to_numpy()
    probability = quality["probability"].to_numpy()
    n_answers, n_ticked = quality["n_answers"], quality["n_ticked"]
    n_equal = np.where(applies, n_ticked, n_answers - n_ticked)
    return quality.assign(
        consensus_label=_decisions(label, applies),
        consensus_probability=np.where(applies, probability, 1 - probability),
        network_label=_decisions(label, quality["network_probability"] > 0.5),
        agreement=n_equal / n_answers.where(n_answers > 0),
    )


def answers_as_decisions(answers: "pd.DataFrame") -> "pd.DataFrame":
    """Write decisions on labels as a classifier's ``answer_quality`` is.

    Parameters
    ----------
    answers : DataFrame
        With the columns ``label``, ``ticked`` and ``applies``.

    Returns
    -------
    answers : DataFrame
    """
    label = answers["label"]
    return answers.assign(
        label=_decisions(label, answers["ticked"]),
        consensus_label=_decisions(label, answers["applies"]),
    )


def _decisions(label: "pd.Index[str] | pd.Series[str]", applies: object) -> list[str]:
    """Return each label, or "not LABEL"."""
    names = map(str, label)
    ticks = np.asarray(applies, dtype=bool)
    return [n if tick else f"not {n}" for n, tick in zip(names, ticks, strict=True)]
