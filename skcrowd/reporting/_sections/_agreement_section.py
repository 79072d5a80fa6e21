"""How far annotators agree."""

import numpy as np

from skcrowd.inspection._pairwise import pairwise_agreement
from skcrowd.reporting._charts import heat_map
from skcrowd.reporting._elements import count, paragraph, percent
from skcrowd.reporting._facts import Facts

from ._section import Section

__all__ = ["agreement"]

MOST_IN_MAP = 40


def agreement(facts: Facts) -> Section:
    """Describe the agreement of the annotators."""
    if facts.alpha is None:
        html = paragraph(
            f"No {facts.words.item} has two {facts.words.answer}s: agreement can't be "
            "measured.",
            "lead",
        )
        return Section("agreement", "How far annotators agree", html)
    html = paragraph(_lead(facts), "lead") + _map(facts)
    return Section("agreement", "How far annotators agree", html)


def _lead(facts: Facts) -> str:
    alpha, n_answers = facts.alpha, facts.annotations.answers_per_item
    which = " for labels with an order" if facts.is_ordinal else ""
    return (
        f"Krippendorff's alpha{which} is {alpha.value:.2f} "
        f"({percent(facts.level)} interval {alpha.low:.2f} to {alpha.high:.2f}): 1 is "
        "full agreement, 0 what chance gives. "
        f"{count((n_answers > 1).sum())} of {count(len(n_answers))} "
        f"{facts.words.item}s have two {facts.words.answer}s or more. Annotators who "
        "agree may still share an error."
    )


def _map(facts: Facts) -> str:
    """Draw the annotators with most answers, similar ones side by side."""
    annotations = facts.annotations
    n_answers = np.bincount(annotations.annotator, minlength=annotations.n_annotators)
    shown = np.sort(np.argsort(-n_answers, kind="stable")[:MOST_IN_MAP])
    if len(shown) < 2:
        return ""
    matrix = pairwise_agreement(annotations)[np.ix_(shown, shown)]
    order = np.argsort(-np.nan_to_num(matrix).mean(axis=0), kind="stable")
    names = facts.annotators.index.to_numpy()[shown[order]]
    what = "correlation" if facts.kind == "numbers" else "share of equal answers"
    caption = f"Agreement of every two annotators ({what})"
    if len(shown) < annotations.n_annotators:
        caption += f", of the {len(shown)} with most {facts.words.answer}s"
    return heat_map(matrix[np.ix_(order, order)], names, f"{caption}; blank: unknown.")
