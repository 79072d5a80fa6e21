"""What needs attention: findings that make figures doubtful, and what to do."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from skcrowd.reporting._elements import count, percent, text
from skcrowd.reporting._facts import Facts

from ._section import Section

__all__ = ["attention"]

FEW_ANSWERS = 10
ENOUGH_ANSWERS = 20  # from here on an annotator can be called uninformative
LEAST_SCORE = 0.05  # of an annotator whose answers depend on the truth
MOST_NAMES = 8


def attention(facts: Facts) -> Section | None:
    """List the findings."""
    found = [finding for check in CHECKS for finding in check(facts)]
    if not found:
        return None
    lines = "".join(f"<li>{finding}</li>" for finding in found)
    return Section("attention", "Needs attention", f'<ul class="findings">{lines}</ul>')


def _names(names: Any) -> str:
    names = list(names)
    shown = ", ".join(text(name) for name in names[:MOST_NAMES])
    rest = len(names) - MOST_NAMES
    return f"{shown} and {rest} more" if rest > 0 else shown


def _dependent_groups(facts: Facts) -> Iterator[str]:
    groups = getattr(facts.dependence, "groups", [])
    if groups:
        yield (
            f"<strong>{len(groups)} group{'s' * (len(groups) > 1)} of annotators err "
            "together</strong>; their agreement is weaker evidence than it looks. See "
            '<a href="#dependence">who errs together</a>.'
        )


def _uninformative(facts: Facts) -> Iterator[str]:
    report = facts.annotators
    if "spammer_score" not in report:
        return
    is_poor = (report["spammer_score"] < LEAST_SCORE) & (
        report["n_answers"] >= ENOUGH_ANSWERS
    )
    names = report.index[is_poor]
    if len(names):
        yield (
            "<strong>Answers that tell nothing of the truth</strong> from "
            f"{len(names)} annotator{'s' * (len(names) > 1)}: {_names(names)}. Check "
            "their work before you ask them again."
        )


def _dominant(facts: Facts) -> Iterator[str]:
    share = facts.annotators["n_answers"] / max(facts.annotators["n_answers"].sum(), 1)
    if len(share) > 2 and share.max() > 0.5:
        yield (
            f"<strong>{text(share.idxmax())} gave {percent(share.max())} of all "
            f"{facts.words.answer}s.</strong> The others are too few to check them; "
            "their accuracy rests on the model. Ask others about the same "
            f"{facts.words.item}s."
        )


def _few_answers(facts: Facts) -> Iterator[str]:
    few = facts.annotators["n_answers"] < FEW_ANSWERS
    if few.any():
        yield (
            f"<strong>{count(few.sum())} of {count(len(few))} annotators gave fewer "
            f"than {FEW_ANSWERS} {facts.words.answer}s.</strong> Their intervals are "
            "wide: don't compare them yet."
        )


def _single_answers(facts: Facts) -> Iterator[str]:
    n_answers = facts.items["n_answers"].to_numpy()
    n_single, n_none = int((n_answers == 1).sum()), int((n_answers == 0).sum())
    if n_none:
        yield (
            f"<strong>{count(n_none)} {facts.words.item}s have no "
            f"{facts.words.answer}</strong>; what is said of them is the prediction of "
            "the network."
        )
    if n_single > 0.5 * len(n_answers):
        yield (
            f"<strong>{count(n_single)} of {count(len(n_answers))} {facts.words.item}s "
            f"have a single {facts.words.answer}.</strong> Errors in them show only "
            "where the network disagrees; a second one for a part of them tells more."
        )


def _low_agreement(facts: Facts) -> Iterator[str]:
    if facts.alpha is not None and facts.alpha.low < 0.1:
        yield (
            "<strong>Annotators agree little more than by chance</strong> "
            f"(Krippendorff's alpha {facts.alpha.value:.2f}). Look at the instructions "
            f"and at some {facts.words.item}s before you collect more."
        )


def _absent_classes(facts: Facts) -> Iterator[str]:
    if facts.kind == "numbers":
        return
    classes = facts.crowd.estimator.classes_
    absent = classes[~np.isin(classes, facts.items["consensus_label"].unique())]
    if len(absent):
        yield (
            f"<strong>No {facts.words.item} has the consensus</strong> "
            f"{_names(absent)}: rare, or confused with others."
        )


def _in_sample(facts: Facts) -> Iterator[str]:
    if facts.is_in_sample:
        yield (
            "<strong>If the network was trained on these "
            f"{facts.words.answer}s,</strong> the certainties below are too high, "
            "because it has learned some errors, too. Pass predictions of networks "
            "that have not seen them, from "
            "<code>skcrowd.model_selection.cross_val_predict</code>."
        )


CHECKS = [
    _dependent_groups,
    _uninformative,
    _dominant,
    _low_agreement,
    _absent_classes,
    _single_answers,
    _few_answers,
    _in_sample,
]
