"""Fit an estimator to an export, with features if there are any."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._answer_kind import Fitted
from ._answer_kinds import KINDS, kind_of
from ._item_features import rows_of
from ._subcommand import note

if TYPE_CHECKING:
    from skcrowd.io import Export

__all__ = ["fit_model"]


def fit_model(export: Export, options: argparse.Namespace) -> Fitted:
    """Fit the estimator for this kind of answers.

    Parameters
    ----------
    export : Export
    options : Namespace
        With the arguments of `add_features`.

    Returns
    -------
    fitted : Fitted

    Raises
    ------
    ValueError
        If features cannot be read, or the answers are spans, which take none.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline

    kind = KINDS[kind_of(export)]
    settings: dict[str, Any] = {
        "random_state": options.seed,
        "verbose": 0 if options.quiet or not sys.stderr.isatty() else 1,
    }
    if options.epochs is not None:
        settings["max_epochs"] = options.epochs
    if kind.learns_texts and options.features is not None:
        raise ValueError(
            f"{kind.name} are learned from their texts, not from --features; leave it "
            "out."
        )
    if options.features is not None:
        X = rows_of(Path(options.features), export.items)
        estimator = kind.estimator(**settings)
        return Fitted(estimator.fit(X, export.annotations), X, {})
    if options.text is not None and not kind.learns_texts:
        texts = _texts(export, options.text)
        estimator = make_pipeline(
            TfidfVectorizer(sublinear_tf=True), kind.estimator(**settings)
        )
        return Fitted(estimator.fit(texts, export.annotations), texts, {})
    if not kind.learns_texts:
        note(options, "no features: labels are inferred from the answers alone")
    return kind.without_features(export, settings)


def _texts(export: Export, column: str) -> list[str]:
    """Return the texts of all items."""
    if column and column not in export.data and column != "text":
        raise ValueError(f"there is no column {column!r} of the items.")
    texts = export.data.get(column) if column else export.texts
    texts = export.texts if texts is None else texts
    without = [
        item
        for item, text in zip(export.items, texts, strict=True)
        if not isinstance(text, str)
    ]
    if without:
        raise ValueError(
            f"{len(without)} items have no text, such as {without[0]!r}; give each a "
            "text, or use --features."
        )
    return texts
