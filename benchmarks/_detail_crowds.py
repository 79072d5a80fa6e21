"""Simulated answers that are sets of labels or tag sequences, and what is said beside.

Annotators see each label, or tag, with Gaussian noise. How sharply depends on them and
on the answer. They state probabilities of labels, distributions over tags, how sure
they are of an answer, or which answers were given in a hurry.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit, softmax

from skcrowd.annotations import MultilabelAnnotations, SequenceAnnotations

FACTORS = {"honest": 1.0, "over-sure": 3.0, "under-sure": 0.4}
DRAWN = {"drawn at random": 0.0, "drawn, always sure": 0.6}  # least decided
SOFT = (*FACTORS, "mixed", *DRAWN)
PER_ITEM, HURRIED, HURRIED_WEIGHT = 3, 0.3, 0.3
SETS = {"items": 400, "labels": 6, "annotators": 12, "features": 10}
TAGS = {"items": 250, "annotators": 12, "features": 6}
NAMES = np.array(["O", "B-X", "I-X", "B-Y", "I-Y"])
STEPS = np.array(  # from a tag, and last from the begin of a sequence, to the next
    [
        [0.76, 0.12, 0.00, 0.12, 0.00],
        [0.45, 0.05, 0.45, 0.05, 0.00],
        [0.60, 0.05, 0.30, 0.05, 0.00],
        [0.45, 0.05, 0.00, 0.05, 0.45],
        [0.60, 0.05, 0.00, 0.05, 0.30],
        [0.76, 0.12, 0.00, 0.12, 0.00],
    ]
)
SHARPNESS = {"sets": 0.7, "tags": 1.0}


class Crowd(NamedTuple):
    """Answers, with and without what is stated.

    Attributes
    ----------
    plain : annotations
    stated : dict of str to list of annotations
        By what is stated: as confidence, of soft labels only, and as it is.
    truth : tuple
        True labels of the items that were answered, and of as many others.
    X : tuple
        Features of both.
    """

    plain: object
    stated: dict
    truth: tuple
    X: tuple


def asked(rng, n_items, n_annotators):
    """Draw who answers what, bool (n_items, n_annotators)."""
    order = np.argsort(rng.random((n_items, n_annotators)), axis=1)
    return order < PER_ITEM


def sharpness(rng, shape, mean):
    """Draw how well each annotator sees each item, and who was in a hurry."""
    log = rng.normal(mean, 0.3, shape[1]) + rng.normal(0, 0.4, shape)
    in_a_hurry = rng.random(shape) < HURRIED
    return np.exp(log) * np.where(in_a_hurry, 0.3, 1), in_a_hurry


def factors(rng, behaviour, n_annotators):
    """Draw by what annotators multiply their log-odds."""
    if behaviour == "mixed":
        return rng.choice(list(FACTORS.values()), n_annotators)
    return np.full(n_annotators, FACTORS[behaviour])


def beside(rng, plain, sharp, in_a_hurry):
    """Add weights and confidences of whole answers."""
    weight = np.where(in_a_hurry, HURRIED_WEIGHT, 1)
    level = np.log(sharp) + rng.normal(0, 0.3, sharp.shape)
    stars = np.searchsorted(np.quantile(level, [0.2, 0.4, 0.6, 0.8]), level) + 1
    said = {
        "weights": {"weight": weight},
        "weights, at random": {"weight": shuffled(rng, weight)},
        "confidence": {"confidence": stars},
        "confidence, at random": {"confidence": shuffled(rng, stars)},
    }
    return {name: [plain.with_details(**given)] for name, given in said.items()}


def shuffled(rng, values):
    """Return the values in random order."""
    return rng.permutation(values.ravel()).reshape(values.shape)


def draw_sets(rng, half):
    """Draw items with several labels, and answers to the first half."""
    n, n_labels = 2 * half, SETS["labels"]
    X = rng.normal(size=(n, SETS["features"])).astype(np.float32)
    log_odds = 2 * X @ rng.normal(size=(SETS["features"], n_labels)) / 3
    log_odds += np.linspace(-2.5, 0, n_labels)
    truth = (rng.random(log_odds.shape) < expit(log_odds)).astype(int)
    first, share = truth[:half], truth.mean(axis=0)
    shape = half, SETS["annotators"]
    sharp, in_a_hurry = sharpness(rng, shape, SHARPNESS["sets"])
    seen = sharp[..., None] * (first[:, None] - 0.5)
    seen = seen + np.zeros(n_labels) + rng.normal(size=(*shape, n_labels))
    believed = logit(share) + sharp[..., None] * seen
    absent = ~asked(rng, *shape)
    ticked = np.where(absent[..., None], np.nan, believed > 0)
    plain = MultilabelAnnotations.from_indicators(ticked)
    forms = {}
    for behaviour in SOFT:
        if behaviour in DRAWN:
            sure = 0.5 + rng.uniform(DRAWN[behaviour], 1, believed.shape) / 2
            stated = np.where(believed > 0, sure, 1 - sure)
        else:
            factor = factors(rng, behaviour, shape[1])[:, None]
            stated = expit(factor * believed)
        stated[absent] = np.nan
        forms[f"soft labels, {behaviour}"] = [
            plain.with_details(confidence=np.maximum(stated, 1 - stated)),
            MultilabelAnnotations.from_soft_labels(stated),
        ]
    forms |= beside(rng, plain, sharp, in_a_hurry)
    return Crowd(plain, forms, (first, truth[half:]), (X[:half], X[half:]))


def draw_tags(rng, half):
    """Draw sequences and their tags, and answers to the first half."""
    n = 2 * half
    lengths = rng.integers(5, 16, n)
    truth = np.concatenate([draw_path(rng, length) for length in lengths])
    means = rng.normal(size=(len(NAMES), TAGS["features"]))
    tokens = means[truth] + 0.8 * rng.normal(size=(len(truth), TAGS["features"]))
    cuts = np.cumsum(lengths)[:-1]
    X = np.split(tokens.astype(np.float32), cuts)
    tags = np.split(NAMES[truth], cuts)
    shape = half, TAGS["annotators"]
    first = truth[: lengths[:half].sum()]
    sharp, in_a_hurry = sharpness(rng, shape, SHARPNESS["tags"])
    of_token = np.repeat(sharp, lengths[:half], axis=0)[..., None]
    seen = of_token * np.eye(len(NAMES))[first][:, None]
    seen = seen + rng.normal(size=seen.shape)
    shares = np.bincount(truth) / len(truth)
    believed = of_token * seen + np.log(shares)
    absent = np.repeat(~asked(rng, *shape), lengths[:half], axis=0)
    best = believed.argmax(axis=2)
    flat = np.where(absent, None, NAMES[best])
    plain = SequenceAnnotations.from_flat(flat, lengths[:half], classes=NAMES)
    forms, n_classes = {}, len(NAMES)
    for behaviour in SOFT:
        if behaviour in DRAWN:
            decided = rng.uniform(DRAWN[behaviour], 1, best.shape)[..., None]
            stated = decided * np.eye(n_classes)[best] + (1 - decided) / n_classes
        else:
            factor = factors(rng, behaviour, shape[1])[:, None]
            stated = softmax(factor * believed, axis=2)
        stated[absent] = np.nan
        forms[f"soft labels, {behaviour}"] = [
            plain.with_details(confidence=stated.max(axis=2)),
            SequenceAnnotations.from_soft_labels(stated, lengths[:half], classes=NAMES),
        ]
    forms |= beside(rng, plain, sharp, in_a_hurry)
    return Crowd(plain, forms, (tags[:half], tags[half:]), (X[:half], X[half:]))


def draw_path(rng, length):
    """Draw the codes of a sequence of tags."""
    path, before = [], len(NAMES)
    for _ in range(length):
        before = rng.choice(len(NAMES), p=STEPS[before])
        path.append(before)
    return path


DRAW = {"sets": draw_sets, "tags": draw_tags}
