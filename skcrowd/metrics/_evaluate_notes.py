"""When the answers alone cannot say how good a model is."""

import numpy as np

__all__ = ["FEW_GOLD", "agreement_statistic", "label_notes", "sparse_note"]

LEAST_ANSWERS = 2.0  # mean answers an item
AGREEMENT = 1.645  # one-sided, of agreement beyond chance
CONFUSED = 0.05  # posterior probability that a class is mostly answered as another
FEW_GOLD = 10


def sparse_note(annotations, what="item"):
    """Say if there are too few answers to compare annotators, as a list of notes."""
    answered = annotations.answers_per_item
    answered = answered[answered > 0]
    mean = answered.mean() if answered.size else 0.0
    if mean >= LEAST_ANSWERS:
        return []
    return [
        f"there are {mean:.2g} answers per answered {what}, and fewer than two cannot "
        "show how reliable the annotators are; collect more answers per "
        f"{what}, or pass gold labels"
    ]


def label_notes(annotations, confused):
    """Say why labels do not determine the truth, as a list of notes.

    Parameters
    ----------
    annotations : Annotations
    confused : ndarray of shape (n_classes,)
        Probability that the crowd answers another class more often than this one.

    Returns
    -------
    notes : list of str
    """
    notes = sparse_note(annotations)
    if not notes and agreement_statistic(annotations) < AGREEMENT:
        notes.append(
            "annotators do not agree significantly more often than by chance, so that "
            "their answers may not determine the truth; pass gold labels"
        )
    unclear = annotations.classes[confused > CONFUSED].tolist()
    if unclear:
        shown = ", ".join(map(repr, unclear[:5])) + (", ..." if unclear[5:] else "")
        notes.append(
            "the crowd may answer another class more often than the true one where the "
            f"truth is {shown}, and answers alone do not show which class is meant; "
            "pass gold labels"
        )
    return notes


def agreement_statistic(annotations):
    """Agreement of annotators beyond chance, in standard errors.

    Every pair of answers to an item is compared with the probability that the two
    annotators, who answer classes as often as they do, agree by chance.

    Parameters
    ----------
    annotations : Annotations

    Returns
    -------
    statistic : float
        About standard normal where the answers are independent; 0 without pairs.
    """
    n_classes = len(annotations.classes)
    counts = np.zeros((annotations.n_annotators, n_classes))
    np.add.at(counts, (annotations.annotator, annotations.answer), 1)
    overall = counts.sum(axis=0) / counts.sum()
    share = (counts + overall) / (counts.sum(axis=1, keepdims=True) + 1)
    # An answer is compared with its chance: sums of products over pairs of an item
    # follow from sums over its answers.
    residual = -share[annotations.annotator]
    residual[np.arange(residual.shape[0]), annotations.answer] += 1
    total = np.zeros((annotations.n_items, n_classes))
    np.add.at(total, annotations.item, residual)
    squares = np.bincount(
        annotations.item, (residual**2).sum(axis=1), annotations.n_items
    )
    excess = ((total**2).sum(axis=1) - squares) / 2
    excess = excess[annotations.answers_per_item > 1]
    scale = np.sqrt((excess**2).sum())
    return float(excess.sum() / scale) if scale > 0 else 0.0
