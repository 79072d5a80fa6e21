"""Crowds that tag sequences, for sequence_crowds.py: simulated ones, and two real ones.

Every entry of ``SIMULATED`` is a line: the truth of the sequences, and a function that
simulates who tags them. Features are noisy, so that no network learns the truth itself.
"""

import gzip
import json
from pathlib import Path

import numpy as np
from _conll_data import load as load_conll
from sklearn.utils import Bunch

from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.datasets import make_annotations

ABSTRACTS = "pico.json.gz"
NAMES = ("LOC", "ORG", "PER")
N_FEATURES = 12
SEPARATION = 0.9  # of the centres of the tags, in standard deviations of a feature


def span_tags(types):
    return ["O", *(f"{prefix}-{kind}" for kind in types for prefix in "BI")]


def spans(n, rng, lengths=(5, 20), types=NAMES, density=0.12, span=(1, 4)):
    """Draw tags of sequences; a span begins with a fixed probability."""
    truth = []
    for length in rng.integers(lengths[0], lengths[1] + 1, n):
        tags = []
        while len(tags) < length:
            if rng.random() < density:
                kind, size = rng.choice(types), rng.integers(span[0], span[1] + 1)
                tags += [f"B-{kind}", *[f"I-{kind}"] * (size - 1)]
            else:
                tags.append("O")
        truth.append(tags[:length])
    return truth, span_tags(types)


def sentences(n, rng):
    return spans(n, rng)


def documents(n, rng):
    """Draw long documents with few, long spans of one type."""
    return spans(max(4, n // 8), rng, (150, 350), ("P",), 0.012, (5, 25))


def dense(n, rng):
    """Draw chains of integer tags of which none means "no span"."""
    steps = rng.dirichlet(np.full(8, 0.4), 8)
    truth = []
    for length in rng.integers(8, 25, max(4, n // 2)):
        tags = [int(rng.integers(8))]
        while len(tags) < length:
            tags.append(int(rng.choice(8, p=steps[tags[-1]])))
        truth.append(tags)
    return truth, list(range(8))


def taggers(kinds, answers):
    """Return a crowd of kinds of `make_annotations`."""

    def simulate(truth, classes, rng):
        return make_annotations(
            truth,
            kinds,
            kind="sequences",
            answers_per_item=answers,
            classes=classes,
            random_state=int(rng.integers(2**31)),
        ).annotations

    return simulate


def changed(kinds, answers, change):
    """Return a crowd whose flat matrix of tags is changed."""

    def simulate(truth, classes, rng):
        annotations = taggers(kinds, answers)(truth, classes, rng)
        tags = annotations.to_flat().astype(object)
        tags = change(tags, annotations.lengths, rng).astype(str)
        return SequenceAnnotations.from_flat(tags, annotations.lengths, classes=classes)

    return simulate


def mark_too_much(tags, lengths, rng):
    """Let a third of the annotators see spans of two tokens where there are none."""
    starts = np.cumsum(lengths) - lengths
    inside = np.ones(len(tags), dtype=bool)
    inside[starts + lengths - 1] = False
    for r in range(tags.shape[1] // 3):
        for t in np.flatnonzero(inside & (rng.random(len(tags)) < 0.15)):
            if tags[t, r] == tags[t + 1, r] == "O":
                tags[t : t + 2, r] = "B-ORG", "I-ORG"
    return tags


def dominate(tags, lengths, rng):
    """Let the first annotator tag everything, the others an eighth of the sequences."""
    for r in range(1, tags.shape[1]):
        tags[np.repeat(rng.random(len(lengths)) > 1 / 8, lengths), r] = ""
    return tags


def copy_one(tags, lengths, rng):
    """Let three annotators give one's tags; all leave out half of the sequences."""
    tags = np.hstack([tags[:, :1], tags[:, :1], tags])
    sequence = np.repeat(np.arange(len(lengths)), lengths)
    leaves_out = rng.random((len(lengths), tags.shape[1])) > 0.5
    leaves_out[
        np.arange(len(lengths)), rng.integers(3, tags.shape[1], len(lengths))
    ] = 0
    tags[leaves_out[sequence]] = ""
    return tags


def tokens_apart(accuracies, answers):
    """Return a crowd who errs token by token, by a confusion matrix."""

    def simulate(truth, classes, rng):
        lengths = [len(tags) for tags in truth]
        codes = np.concatenate(truth)
        n_classes, n_annotators = len(classes), 10
        tags = np.full((len(codes), n_annotators), -1)
        for r in range(n_annotators):
            accuracy = rng.uniform(*accuracies)
            errors = rng.dirichlet(np.full(n_classes, 0.5), n_classes)
            steps = (accuracy * np.eye(n_classes) + (1 - accuracy) * errors).cumsum(1)
            draws = rng.random(len(codes))[:, None]
            tags[:, r] = (draws > steps[codes]).sum(axis=1).clip(max=n_classes - 1)
        for start, length in zip(np.cumsum(lengths) - lengths, lengths, strict=True):
            idle = rng.permutation(n_annotators)[answers:]
            tags[start : start + length, idle] = -1
        return SequenceAnnotations.from_flat(tags, lengths, classes=classes)

    return simulate


ALL_SORTS = {"average": 12}
SIMULATED = {
    "average": (sentences, taggers(ALL_SORTS, 3)),
    "unequal numbers of answers": (sentences, taggers(ALL_SORTS, 1.7)),
    "experts": (sentences, taggers({"expert": 8}, 2)),
    "miss spans": (sentences, taggers({"careless": 12}, 3)),
    "shift boundaries": (sentences, taggers({"imprecise": 12}, 3)),
    "mark too much": (sentences, changed(ALL_SORTS, 4, mark_too_much)),
    "confuse types": (sentences, taggers({"confused": 6, "average": 6}, 4)),
    "spammers": (sentences, taggers({"spammer": 5, "average": 10}, 5)),
    "one gives most": (
        sentences,
        changed({"careless": 1, "average": 11}, 12, dominate),
    ),
    "copies": (sentences, changed({"careless": 1, "average": 9}, 10, copy_one)),
    "long documents": (documents, taggers({"average": 30}, 5)),
    "long, miss spans": (documents, taggers({"careless": 20, "average": 10}, 5)),
    "dense integer tags": (dense, tokens_apart((0.55, 0.9), 3)),
}
REAL = ["CoNLL", "PICO"]


def simulated(name, seed, n=300):
    """Simulate a crowd, its features and true tags, and as much again for testing."""
    rng = np.random.default_rng([seed, list(SIMULATED).index(name)])
    draw, simulate = SIMULATED[name]
    train, classes = draw(n, rng)
    test, _ = draw(n, rng)
    centres = SEPARATION * rng.standard_normal((len(classes), N_FEATURES))
    code = {tag: k for k, tag in enumerate(classes)}

    def features(truth):
        codes = [np.array([code[tag] for tag in tags]) for tags in truth]
        return [centres[c] + rng.standard_normal((len(c), N_FEATURES)) for c in codes]

    return Bunch(
        X_train=[x.astype(np.float32) for x in features(train)],
        annotations=simulate(train, classes, rng),
        gold_train=[np.array(tags) for tags in train],
        X_test=[x.astype(np.float32) for x in features(test)],
        gold_test=[np.array(tags) for tags in test],
    )


def real(name, folder):
    """Load a real crowd; None where its file is absent."""
    if name == "CoNLL":
        if not (folder / "conll_mturk.npz").exists():
            return None
        found = load_conll(folder)
        form = "minilm" if "minilm" in found.X_train else "tokens"
        X = {f"X_{split}": found[f"X_{split}"][form] for split in ("train", "test")}
        return Bunch(**{**found, **X})
    path = Path(folder) / ABSTRACTS
    return abstracts(path) if path.exists() else None


def abstracts(path):
    """Read medical abstracts; those with true tags come first."""
    with gzip.open(path) as file:
        stored = json.load(file)
    found = stored["gold"] + stored["train"]
    workers = sorted({name for one in found for name in one["workers"]})
    lengths = [len(one["tokens"]) for one in found]
    tags = np.full((sum(lengths), len(workers)), "", dtype="U1")
    for one, end, length in zip(found, np.cumsum(lengths), lengths, strict=True):
        for name, letters in one["workers"].items():
            tags[end - length : end, workers.index(name)] = list(letters)
    item, annotator = np.nonzero(tags != "")
    codes = np.searchsorted(["B", "I", "O"], tags[item, annotator])
    classes = np.array(["B-P", "I-P", "O"])
    tokens = Annotations(item, annotator, codes, tags.shape, classes)
    named = {"B": "B-P", "I": "I-P", "O": "O"}
    return Bunch(
        X_train=[one["tokens"] for one in found],
        annotations=SequenceAnnotations(tokens, np.array(lengths)),
        gold_train=[
            np.array([named[c] for c in one["gold"]]) for one in stored["gold"]
        ],
        X_test=None,
        gold_test=None,
    )
