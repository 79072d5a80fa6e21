"""The figures at the top of a report."""

from typing import NamedTuple

import numpy as np
from scipy.special import ndtri
from scipy.stats import poisson

from skcrowd.reporting._elements import count, number, percent
from skcrowd.reporting._facts import Facts

__all__ = ["Figure", "summary"]


class Figure(NamedTuple):
    """A figure with its title and a note; `value` and `note` are HTML."""

    title: str
    value: str
    note: str = ""


def summary(facts: Facts) -> list[Figure]:
    """Return the figures, the most important first."""
    n_items, words = len(facts.items), facts.words
    per_item = facts.items["n_answers"].mean()
    figures = [
        Figure(
            f"{words.item}s".capitalize(),
            count(n_items),
            f"{number(per_item, 2)} {words.answer}s each",
        ),
        Figure(
            "Annotators",
            count(len(facts.annotators)),
            f"{count(len(facts.answers))} {words.answer}s",
        ),
    ]
    quality = _rating_quality if facts.kind == "numbers" else _label_quality
    figures += quality(facts)
    n_wrong = int(facts.answers["looks_wrong"].sum())
    share = n_wrong / max(len(facts.answers), 1)
    figures.append(
        Figure(
            f"{words.answer}s that look wrong".capitalize(),
            count(n_wrong),
            percent(share),
        )
    )
    if facts.alpha is not None:
        ends = f"{facts.alpha.low:.2f} to {facts.alpha.high:.2f}"
        figures.append(Figure("Krippendorff's alpha", f"{facts.alpha.value:.2f}", ends))
    if facts.dependence is not None:
        votes = number(facts.dependence.effective_votes)
        figures.append(Figure("Independent annotators", votes, "effective number"))
    return figures


def _label_quality(facts: Facts) -> list[Figure]:
    wrong, n_items = facts.expected_wrong, len(facts.items)
    low, high = _wrong_interval(facts)
    return [
        Figure(
            f"Consensus {facts.words.label}s right",
            percent(1 - wrong / n_items),
            "expected",
        ),
        Figure(
            f"Wrong {facts.words.label}s",
            count(wrong) if wrong >= 10 else number(wrong, 2),
            f"expected; {count(low)} to {count(high)}",
        ),
    ]


def _wrong_interval(facts: Facts) -> tuple[float, float]:
    """Return the interval of the number of wrong labels, given their probabilities.

    The number is a sum of independent events with variance sum(p (1 - p)). It is
    about normal where that is large, and Poisson where events are few and rare.
    """
    tail = (1 - facts.level) / 2
    right = facts.items["consensus_probability"].to_numpy()
    variance = float((right * (1 - right)).sum())
    if variance < 10:
        low, high = poisson.ppf([tail, 1 - tail], facts.expected_wrong)
    else:
        half = -ndtri(tail) * np.sqrt(variance)
        low, high = facts.expected_wrong - half, facts.expected_wrong + half
    return max(float(low), 0.0), min(float(high), len(right))


def _rating_quality(facts: Facts) -> list[Figure]:
    std = facts.items["std"]
    return [
        Figure(
            "True values known to within",
            f"± {number(float(std.median()), 2)}",
            f"median; worst ± {number(float(std.max()), 2)}",
        )
    ]
