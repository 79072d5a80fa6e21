"""Annotators, with their accuracies and the classes that they confuse."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.reporting._charts import interval_chart
from skcrowd.reporting._elements import (
    DASH,
    MINUS,
    Cell,
    Column,
    bar_cell,
    count,
    count_cell,
    fold,
    name_cell,
    number,
    number_cell,
    paragraph,
    percent,
    table,
    text,
    text_cell,
)
from skcrowd.reporting._facts import Facts

from ._section import Section

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["annotators"]

MOST_AT_ONCE = 20  # annotators up to which there is one table
ENDS = 8  # annotators in the tables of the best and the poorest
LEAST_FOR_CHART = 8
SMALL_BIAS = 0.02


def annotators(facts: Facts) -> Section:
    """Describe the annotators."""
    report, measure = facts.annotators, facts.measure
    mean = _crowd_mean(report, measure)
    order = np.argsort(-report[measure].to_numpy(dtype=float), kind="stable")
    ranked = report.iloc[order]
    columns = _columns(ranked, measure, mean)
    parts = [paragraph(_lead(facts, mean), "lead")]
    if len(ranked) >= LEAST_FOR_CHART:
        values, low, high = (
            ranked[name].to_numpy(float)
            for name in (measure, f"{measure}_low", f"{measure}_high")
        )
        parts.append(interval_chart(values, low, high, ranked.index, mean, measure))
    parts.append(_tables(ranked, columns, measure))
    return Section("annotators", "Who to trust", "".join(parts))


def _crowd_mean(report: "pd.DataFrame", measure: str) -> float:
    """Mean over all answers."""
    known = report[measure].notna() & (report["n_answers"] > 0)
    if not known.any():
        return float("nan")
    weight = report.loc[known, "n_answers"].to_numpy(float)
    return float(np.average(report.loc[known, measure].to_numpy(float), weights=weight))


def _lead(facts: Facts, mean: float) -> str:
    sentence = (
        f"{count(len(facts.annotators))} annotators gave "
        f"{count(facts.annotators['n_answers'].sum())} {facts.words.answer}s. "
    )
    level = percent(facts.level)
    if facts.measure == "accuracy":
        sentence += (
            f"On average {percent(mean)} are expected to be right. The thin line is "
            f"the {level} interval: where the intervals of two annotators overlap "
            "widely, the data don't tell who is better."
        )
    elif facts.measure == "f1":
        sentence = (
            f"{count(len(facts.annotators))} annotators answered "
            f"{count(facts.annotators['n_answers'].sum())} times which labels apply. "
            "F1 is the harmonic mean of precision and recall of the labels that they "
            f"ticked, on average {percent(mean)}. The thin line is the {level} "
            "interval: where two overlap widely, the data don't tell who is better."
        )
    else:
        sentence += (
            "The correlation with the inferred truth ranks them; the offset is how "
            "much too high they rate, in the unit of the ratings. Intervals of "
            f"{level}."
        )
    return (
        f"{sentence} Green bars lie above the average with their whole interval, red "
        "ones below it."
    )


def _tables(ranked: "pd.DataFrame", columns: list[Column], measure: str) -> str:
    if len(ranked) <= MOST_AT_ONCE:
        return table(columns, _rows(ranked))
    known = ranked[ranked[measure].notna() & (ranked["n_answers"] > 0)]
    lowest, highest = known.iloc[::-1][:ENDS], known[:ENDS]
    whole = table(columns, _rows(ranked), is_long=True)
    return (
        table(columns, _rows(lowest), caption=f"The {len(lowest)} lowest")
        + table(columns, _rows(highest), caption=f"The {len(highest)} highest")
        + fold(f"All {len(ranked)} annotators", whole)
    )


def _rows(report: "pd.DataFrame") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = report.to_dict("records")  # type: ignore[assignment]
    names = report.index
    return [{"annotator": name, **row} for name, row in zip(names, rows, strict=True)]


def _columns(report: "pd.DataFrame", measure: str, mean: float) -> list[Column]:
    """Columns that the report has, the known ones first, then all others."""
    columns = [Column("Annotator", lambda row: name_cell(row["annotator"]))]
    done: set[str] = set()
    for needed, column in _known_columns(measure, mean):
        if set(needed) <= set(report):
            columns.append(column)
            done |= set(needed)
    ends = {f"{name}_{end}" for name in report.columns for end in ("low", "high")}
    for name in map(str, report.columns):
        if name not in done | ends:
            columns.append(
                Column(_title(name), _generic(name), _kind(report[name]), True)
            )
    return columns


def _known_columns(measure: str, mean: float) -> list[tuple[tuple[str, ...], Column]]:
    """Return the columns of the report that each column of the table needs."""
    share = percent if measure in ("accuracy", "f1") else number

    def measured(row: Any) -> Cell:
        low, high = row.get(f"{measure}_low"), row.get(f"{measure}_high")
        tone = "bad" if high < mean else "good" if low > mean else ""
        return bar_cell(row[measure], low, high, caption=share, tone=tone)

    def mistake(row: Any) -> Cell:
        if not row["worst_confusion"]:
            return Cell(DASH, "")
        share = percent(row["worst_confusion_probability"])
        return Cell(f"{text(row['worst_confusion'])} <small>{share}</small>", share)

    def overused(row: Any) -> Cell:
        bias = float(row["bias"])
        if not abs(bias) > SMALL_BIAS:
            return Cell(DASH, 0.0)
        sign = "+" if bias > 0 else MINUS
        points = f"{sign}{100 * abs(bias):.0f}\u202f%"
        return Cell(f"{text(row['bias_class'])} <small>{points}</small>", abs(bias))

    def offset(row: Any) -> Cell:
        ends = row.get("offset_low", np.nan), row.get("offset_high", np.nan)
        whole = f"<span class='ends'>{number(ends[0])} to {number(ends[1])}</span>"
        cell = number_cell(row["offset"], is_signed=True)
        return Cell(cell.html + whole, cell.key)

    def hasty(row: Any) -> Cell:
        share = float(row["fast_share"])
        if not share > 0:
            return Cell(DASH, 0.0)
        agreed = row["fast_agreement"]
        note = "" if np.isnan(agreed) else f" <small>{percent(agreed)} right</small>"
        return Cell(f"{percent(share)}{note}", share)

    ends = (measure, f"{measure}_low", f"{measure}_high")
    return [
        (ends, Column(measure.capitalize(), measured, "bar")),
        (
            ("n_answers",),
            Column("Answers", lambda row: count_cell(row["n_answers"]), "number"),
        ),
        (
            ("offset",),
            Column("Offset", offset, "number", False, "above 0: rates too high"),
        ),
        (
            ("median_time",),
            Column(
                "Time",
                lambda row: number_cell(row["median_time"], 1),
                "number",
                True,
                "median of the times spent on an answer",
            ),
        ),
        (
            ("fast_share", "fast_agreement"),
            Column(
                "Too fast",
                hasty,
                "text",
                True,
                "share of the answers in less than a third of the time of others for "
                "the same item, and how many of these agree with the consensus",
            ),
        ),
        (
            ("n_unsure",),
            Column(
                "Unsure",
                lambda row: count_cell(row["n_unsure"]),
                "number",
                True,
                "answers that say: I don't know",
            ),
        ),
        (
            ("noise_std",),
            Column(
                "Noise",
                lambda row: number_cell(row["noise_std"]),
                "number",
                True,
                "standard deviation of a rating",
            ),
        ),
        (
            ("scale",),
            Column(
                "Scale",
                lambda row: number_cell(row["scale"], 2),
                "number",
                True,
                "1: differences as in the truth, 0: independent of it",
            ),
        ),
        (
            ("spammer_score",),
            Column(
                "Informative",
                lambda row: number_cell(row["spammer_score"], 2),
                "number",
                True,
                "spammer_score: 0 where answers are independent of the truth, 1 where "
                "they determine it",
            ),
        ),
        (
            ("worst_confusion", "worst_confusion_probability"),
            Column(
                "Most frequent mistake",
                mistake,
                "text",
                True,
                "truth → answer, and how probable that answer is for this truth",
            ),
        ),
        (
            ("bias", "bias_class"),
            Column(
                "Label bias",
                overused,
                "text",
                True,
                "the label whose share of the answers differs most from its share of "
                "the truth, and by how much",
            ),
        ),
    ]


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _kind(values: Any) -> str:
    return "number" if values.dtype.kind in "biuf" else "text"


def _generic(name: str) -> Callable[[Any], Cell]:
    def cell(row: Any) -> Cell:
        value = row[name]
        is_number = isinstance(value, int | float | np.number)
        return number_cell(float(value)) if is_number else text_cell(value)

    return cell
