"""Crowds whose items have true labels, without features."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from skcrowd.annotations import Annotations

__all__ = ["LabelCrowd", "load_crowds"]

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


@dataclass
class LabelCrowd:
    """Answers and the true labels that score what is inferred from them.

    Parameters
    ----------
    name : str
    annotations : Annotations
    gold : int64 ndarray of shape (n_items,)
        Codes, -1 where the truth is not known.
    is_of_eleven : bool
        Whether it is one of the eleven that the mean is taken over.
    """

    name: str
    annotations: Annotations
    gold: np.ndarray
    is_of_eleven: bool = False


def load_crowds(folder=None):
    """Load every crowd that is in the folder.

    Parameters
    ----------
    folder : path, default=None
        None looks for ``../shared/data`` beside the repository.

    Yields
    ------
    crowd : LabelCrowd
    """
    folder = BESIDE if folder is None else Path(folder)
    if not (folder / "truth_inference.npz").exists():
        raise FileNotFoundError(
            f"{folder} has no truth_inference.npz; pass the folder that has it by "
            "--data. Its crowds are published at "
            "https://github.com/yuan-li/truth-inference-at-scale"
        )
    stored = np.load(folder / "truth_inference.npz", allow_pickle=False)
    for name in sorted({key.split("/")[0] for key in stored.files}):
        part = {
            key: stored[f"{name}/{key}"]
            for key in ("item", "annotator", "answer", "classes", "gold")
        }
        yield _crowd(name, part, is_of_eleven=True)
    for name, read in OTHERS.items():
        path = folder / f"{name}.npz"
        if path.exists():
            yield _crowd(name, read(np.load(path, allow_pickle=True)))


def _crowd(name, part, *, is_of_eleven=False):
    """Keep the first of several answers of an annotator to an item."""
    item, annotator, answer = (
        np.asarray(part[key], dtype=np.int64) for key in ("item", "annotator", "answer")
    )
    order = np.lexsort((annotator, item))
    item, annotator, answer = item[order], annotator[order], answer[order]
    is_first = np.ones(len(item), dtype=bool)
    is_first[1:] = (np.diff(item) != 0) | (np.diff(annotator) != 0)
    item, annotator, answer = item[is_first], annotator[is_first], answer[is_first]
    gold = np.asarray(part["gold"], dtype=np.int64)
    shape = len(gold), int(annotator.max()) + 1
    classes = np.arange(len(part["classes"]))
    annotations = Annotations(item, annotator, answer, shape, classes)
    return LabelCrowd(name, annotations, gold, is_of_eleven)


def _of_matrix(matrix, gold):
    item, annotator = np.nonzero(matrix >= 0)
    return {
        "item": item,
        "annotator": annotator,
        "answer": matrix[item, annotator],
        "gold": gold,
        "classes": np.arange(int(max(matrix.max(), gold.max())) + 1),
    }


def _labelme(stored):
    return _of_matrix(stored["annotations"], stored["gold_train"])


def _judges(stored):
    return _of_matrix(stored["annotations"], stored["gold"])


def _cifar10n(stored):
    answers, annotators = stored["answers"], stored["annotators"]
    return {
        "item": np.repeat(np.arange(len(answers)), answers.shape[1]),
        "annotator": annotators.ravel(),
        "answer": answers.ravel(),
        "gold": stored["gold"],
        "classes": np.arange(10),
    }


def _adult_ordinal(stored):
    return {
        key: stored[key] for key in ("item", "annotator", "answer", "classes", "gold")
    }


OTHERS = {
    "labelme": _labelme,
    "llm_judges": _judges,
    "cifar10n": _cifar10n,
    "adult_ordinal": _adult_ordinal,
}
