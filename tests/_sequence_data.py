"""Small data for the tests of the tagger: sentences with names, and who tagged them."""

from functools import cache

import numpy as np
import pandas as pd
from _data import by_annotator
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from skcrowd import CrowdSequenceTagger
from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.datasets import make_annotations

PARTS = [
    ["O"],
    ["B-PER", "I-PER"],
    ["B-LOC"],
    ["B-PER"],
    ["O", "O"],
    ["B-LOC", "I-LOC"],
]
WORDS = {
    "O": ["saw", "met", "the", "in"],
    "B-PER": ["Ann", "Bob"],
    "I-PER": ["Lee", "Roe"],
    "B-LOC": ["Rome", "New"],
    "I-LOC": ["York", "Delhi"],
}
TAGS = sorted(WORDS)
N_FEATURES = 4


def sentences(n_sentences, seed=0):
    """Draw tags of short sentences; every tag occurs in the first six."""
    rng = np.random.default_rng(seed)
    drawn = [rng.permutation(6)[: rng.integers(1, 5)] for _ in range(n_sentences)]
    for k in range(min(6, n_sentences)):
        drawn[k][0] = k
    return [[tag for part in parts for tag in PARTS[part]] for parts in drawn]


def words_for(truth, seed=0):
    """Draw a token list for every sentence."""
    rng = np.random.default_rng(seed)
    return [[str(rng.choice(WORDS[tag])) for tag in tags] for tags in truth]


def features_for(truth, seed=0):
    """Draw a (length, n_features) array for every sentence, float64."""
    rng = np.random.default_rng(seed)
    centers = 3 * rng.standard_normal((len(TAGS), N_FEATURES))
    codes = [[TAGS.index(tag) for tag in tags] for tags in truth]
    return [centers[c] + rng.standard_normal((len(c), N_FEATURES)) for c in codes]


def tagged(truth, seed=0):
    """Simulate four people, three of whom tag each sentence; some tags are missing."""
    simulation = make_annotations(
        truth,
        {"average": 4},
        answers_per_item=3,
        kind="sequences",
        random_state=seed,
    )
    flat = simulation.annotations.to_flat()
    flat[np.random.default_rng(seed).random(flat.shape) < 0.05] = ""
    lengths = [len(tags) for tags in truth]
    return SequenceAnnotations.from_flat(flat, lengths, classes=TAGS)


TRUTH = sentences(24)
LENGTHS = np.array([len(tags) for tags in TRUTH])
TOKENS = words_for(TRUTH)
FEATURES = features_for(TRUTH)
ANSWERS = tagged(TRUTH)
FORMS = {"tokens": TOKENS, "features": FEATURES}  # of X
# One method of each way to learn, for what a tagger gives to all methods alike: where
# X is rows of tokens, methods for labels get what they get from the classifier.
SEQUENCE_SORTS = ("majority_vote", "em", "crowd_layer", "kd_crowd", "sequence_em")
RECURRENT = ("em", "sequence_em")  # methods that are tested with a recurrent network


def take(sequences, rows):
    """Take some sequences of a list, in the order given."""
    return [sequences[k] for k in rows]


def object_array(values):
    """Return a 1-D array of objects, also where all are of one length."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def padded(features, garbage=0.0, extra=0):
    """Return a 3-D array, garbage after the end of each sequence, and the lengths."""
    lengths = np.array([len(array) for array in features])
    shape = len(features), lengths.max() + extra, features[0].shape[1]
    X = np.full(shape, garbage, dtype=features[0].dtype)
    for row, array in zip(X, features, strict=True):
        row[: len(array)] = array
    return X, lengths


def sequence_method(name):
    """Build a method of the registry that does little."""
    method = CrowdSequenceTagger._known_methods[name]()
    few = {"warm_epochs": 1, "fold_epochs": 2, "learn_unanswered": False}
    few["teacher"] = "em"  # one network; those of folds are "regularized_em"
    return method.set_params(
        **{k: v for k, v in few.items() if k in method.get_params()}
    )


def tagger(name="sequence_em", module=None, **parameters):
    """Build a tagger that is fitted in a few steps.

    What holds of every method holds with the default network, which the methods of
    RECURRENT have, and with one that reads no context, which costs half as much and
    which the others have.
    """
    if module is None and name not in RECURRENT:
        module = TokenNetwork
    settings = {
        "module": module,
        "method": sequence_method(name) if isinstance(name, str) else name,
        "max_epochs": 2,
        "lr": 1e-2,
        "random_state": 0,
        **({"module__hidden": 8} if module is None else {}),
        **parameters,
    }
    return CrowdSequenceTagger(**settings)


def quick(**parameters):
    """Build one for tests of what all methods and networks share."""
    return tagger("em", **{"module": TokenNetwork, **parameters})


def whole(name="sequence_em", **parameters):
    """Build one for features that takes all in one batch, and leaves no unit out.

    With a recurrent network for the same methods as in `tagger`.
    """
    module = Recurrent if name in RECURRENT else TokenNetwork
    return tagger(name, **{"module": module, "batch_size": 10_000, **parameters})


@cache
def fitted(name, form="features"):
    """Fit ``tagger(name)``, once for all tests that only look at it."""
    return tagger(name).fit(FORMS[form], ANSWERS)


@cache
def fitted_quick(form="features"):
    """Fit ``quick()``, once for all tests that only look at it."""
    return quick().fit(FORMS[form], ANSWERS)


@cache
def fitted_whole(name):
    """Fit ``whole(name)``, once for all tests that only look at it."""
    return whole(name).fit(FEATURES, ANSWERS)


def flat(values):
    """What a fit tells of each token, one row a token."""
    return np.concatenate(values)


def told(clf, X, **lengths):
    """All numbers that a fitted tagger tells, in one row."""
    values = [clf.predict_proba(X, **lengths), *by_annotator(clf)]
    values += [clf.posterior_] if hasattr(clf, "posterior_") else []
    values += [clf.class_prior_, clf.transitions_]
    parts = [flat(v) if isinstance(v, list) else v for v in values]
    return np.concatenate([np.ravel(part) for part in parts])


def assert_same_tags(ours, theirs):
    """Assert that two lists of tag sequences are equal."""
    assert [tags.tolist() for tags in ours] == [list(tags) for tags in theirs]


def string_forms(annotations):
    """Every form of the same tags, as strings."""
    cells = annotations.to_cells()
    sequence, annotator = annotations.pairs
    with_none = [
        [None if c is None else [t or None for t in c.tolist()] for c in row]
        for row in cells
    ]
    return {
        "cells": cells.tolist(),
        "cells of lists": with_none,
        "cells of tuples": [
            tuple(None if c is None else tuple(c) for c in row) for row in cells
        ],
        "object array": cells,
        "frame of cells": pd.DataFrame(cells),
        "sequence annotations": annotations,
        "long": SequenceAnnotations.from_long(
            sequence,
            annotator,
            list(cells[sequence, annotator]),
            lengths=annotations.lengths,
            annotator_ids=range(annotations.n_annotators),
        ),
        **flat_forms(annotations),
    }


def flat_forms(annotations):
    """Every form with a row for each token."""
    values = annotations.to_flat()
    missing = values == ""
    with_none = np.where(missing, None, values.astype(object))
    return {
        "flat": values,
        "flat list": values.tolist(),
        "flat objects": with_none,
        "flat masked": np.ma.MaskedArray(np.where(missing, "O", values), missing),
        "flat frame": pd.DataFrame(with_none),
        "flat annotations": Annotations.from_dense(values),
    }


def integer_forms(annotations):
    """Every form of the same tags, as integers (-1 is missing)."""
    codes = annotations.with_classes(TAGS).tokens
    values = np.full(codes.shape, -1)
    values[codes.item, codes.annotator] = codes.answer
    again = SequenceAnnotations.from_flat(values, annotations.lengths)
    return {
        "cells": again.to_cells().tolist(),
        "sequence annotations": again,
        "flat": values,
        "flat list": values.tolist(),
        "flat floats": np.where(values < 0, np.nan, values),
        "coo": codes.to_sparse().tocoo(),
        "csr": codes.to_sparse(),
        "flat annotations": Annotations.from_dense(values),
    }


def gold_forms(truth):
    """Every form of the same true tags."""
    arrays = [np.array(tags) for tags in truth]
    return {
        "lists": truth,
        "tuples": tuple(map(tuple, truth)),
        "arrays": arrays,
        "object array": object_array(arrays),
        "object array of lists": object_array(truth),
        "series": pd.Series(truth),
    }


class TokenLinear(nn.Module):
    """The least network for sequences; takes no lengths."""

    def __init__(self, n_features, n_classes):
        super().__init__()
        self.layer = nn.Linear(n_features, n_classes)

    def forward(self, X):
        return self.layer(X)


class TokenNetwork(nn.Module):
    """A small network of one token, or its features; takes no lengths."""

    def __init__(self, n_classes, n_features=None, n_words=None, hidden=8, dropout=0.0):
        super().__init__()
        self.words = nn.Embedding(n_words or 1, hidden) if n_features is None else None
        self.dropout = nn.Dropout(dropout)
        self.layer = nn.Linear(n_features or hidden, n_classes)

    def forward(self, X):
        inputs = X if self.words is None else self.words(X[..., 0].long())
        return self.layer(self.dropout(inputs))


class Recurrent(nn.Module):
    """A small network that reads whole sequences, without dropout."""

    def __init__(self, n_features, n_classes, hidden=6):
        super().__init__()
        self.recurrent = nn.GRU(
            n_features, hidden, batch_first=True, bidirectional=True
        )
        self.output = nn.Linear(2 * hidden, n_classes)

    def forward(self, X, lengths):
        packed = pack_padded_sequence(X, lengths.cpu(), True, False)
        states, _ = pad_packed_sequence(
            self.recurrent(packed)[0], True, total_length=X.shape[1]
        )
        return self.output(states)


class Echo(nn.Module):
    """Return the features as scores; nothing that is learned changes them."""

    def __init__(self):
        super().__init__()
        self.unused = nn.Linear(1, 1)

    def forward(self, X):
        return X + 0 * self.unused.weight
