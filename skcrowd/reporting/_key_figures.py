"""The figures at the top of a report."""

from typing import NamedTuple

from skcrowd.metrics import expected_label_errors
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
    right = facts.items["consensus_probability"]
    wrong, low, high = expected_label_errors(right, level=facts.level)
    n_items = len(right)
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


def _rating_quality(facts: Facts) -> list[Figure]:
    std = facts.items["std"]
    return [
        Figure(
            "True values known to within",
            f"± {number(float(std.median()), 2)}",
            f"median; worst ± {number(float(std.max()), 2)}",
        )
    ]
