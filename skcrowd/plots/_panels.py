"""The content of a figure of confusion matrices: matrices, class names and titles."""

from typing import NamedTuple

import numpy as np

LONGEST_CLASS = 14  # letters; longer names are cut
LONGEST_TITLE = 24


class Panels(NamedTuple):
    """Checked matrices, class names and titles of the panels."""

    confusion: np.ndarray
    classes: list[str]
    titles: list[str]


def read_panels(confusion, class_names, annotator_names, titles):
    """Check matrices and names; defaults are those of an estimator.

    Parameters
    ----------
    confusion, class_names, annotator_names, titles
        See `skcrowd.plots.plot_confusions`.

    Returns
    -------
    Panels
    """
    estimator, of_estimator = None, getattr(confusion, "annotator_confusion_", None)
    if of_estimator is not None:
        estimator, confusion = confusion, of_estimator
    confusion = _check_confusion(confusion)
    n_annotators, n_classes, _ = confusion.shape
    if class_names is None:
        class_names = getattr(estimator, "classes_", range(n_classes))
    if annotator_names is None:
        annotator_names = getattr(estimator, "annotators_", range(n_annotators))
    classes = _names("class_names", class_names, n_classes, LONGEST_CLASS)
    if titles is None:
        _names("annotator_names", annotator_names, n_annotators)
        titles = map(_title, annotator_names)
    return Panels(
        confusion, classes, _names("titles", list(titles), n_annotators, LONGEST_TITLE)
    )


def _check_confusion(confusion):
    try:
        confusion = np.asarray(confusion, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"confusion is a {type(confusion).__name__}; pass an array of shape "
            "(n_annotators, n_classes, n_classes) or a fitted estimator with "
            "annotator_confusion_."
        ) from error
    if confusion.ndim != 3 or confusion.shape[1] != confusion.shape[2]:
        raise ValueError(
            f"confusion has shape {confusion.shape}; it must be (n_annotators, "
            "n_classes, n_classes). Put a single matrix into a list."
        )
    if not confusion.size:
        raise ValueError(
            f"confusion of shape {confusion.shape} is empty; nothing to draw."
        )
    outside = (confusion < -1e-6) | (confusion > 1 + 1e-6)
    if outside.any():
        raise ValueError(
            f"confusion holds {confusion[outside][0]}; the entries are probabilities, "
            "from 0 to 1. Divide counts by the sum of their row."
        )
    return confusion


def _names(parameter, names, size, longest=None):
    names = [str(name) for name in names]
    if len(names) != size:
        raise ValueError(
            f"{parameter} holds {len(names)} names for {size}; give one for each."
        )
    if longest is None:
        return names
    return [n if len(n) <= longest else n[: longest - 1] + "…" for n in names]


def _title(name):
    return name if isinstance(name, str) else f"annotator {name}"
