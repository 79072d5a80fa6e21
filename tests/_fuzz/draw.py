"""Small crowds to begin with: answers, features and sequences in their plain form."""

from typing import NamedTuple

import numpy as np

from skcrowd.annotations import Annotations, SequenceAnnotations

WORDS = ["a", "Bob", "met", "3", "x-y", "É", "🙂", "", " ", "w" * 50]
SORTS_OF_LABELS = {
    "few": lambda rng: list(range(rng.integers(1, 6))),
    "integers": lambda rng: some(rng, range(100)),
    "negative": lambda rng: some(rng, range(-89, -1), most=4),
    "large": lambda rng: some(rng, range(2**40, 2**40 + 1000), most=3),
    "words": lambda rng: some(rng, ["a", "b", "cat", "dog", "B-PER", "O"]),
    "like missing": lambda rng: some(rng, ["nan", "None", "-1", " ", "NA", "<NA>"]),
    "like numbers": lambda rng: some(rng, ["0", "1.0", "True", "1e3", "x" * 300]),
    "unicode": lambda rng: some(rng, ["é", "e\u0301", "日本", "🙂", "ß", "a\tb"]),
    "booleans": lambda rng: [False, True],
}
SORTS_OF_RATINGS = {
    "unit": lambda rng, shape: rng.normal(size=shape),
    "stars": lambda rng, shape: rng.integers(1, 6, shape).astype(float),
    "whole": lambda rng, shape: rng.integers(-5, 6, shape).astype(float),
    "large": lambda rng, shape: 1e12 + 1e9 * rng.normal(size=shape),
    "small": lambda rng, shape: 1e-9 * rng.normal(size=shape),
    "constant": lambda rng, shape: np.full(shape, float(rng.choice([0, 1, -1, 4.5]))),
    "mixed": lambda rng, shape: (
        rng.normal(size=shape) * 10.0 ** rng.integers(-6, 7, shape)
    ),
}
SORTS_OF_TAGS = [
    ["O", "B-PER", "I-PER"],
    ["O", "B-X", "I-X", "E-X", "S-X"],
    [0, 1, 2],
    ["x", "y"],
    [True, False],
    ["O"],
]


class Crowd(NamedTuple):
    """Answers as a matrix of objects, None where one is missing.

    Attributes
    ----------
    cells : object ndarray of shape (n_items, n_annotators)
    values : list
        The labels that may occur, or None for ratings.
    plain : Annotations or SequenceAnnotations
    X : object
        Features in their plain form.
    lengths : ndarray of shape (n_sequences,) or None
    """

    cells: np.ndarray
    values: list | None
    plain: object
    X: object
    lengths: np.ndarray | None = None


def some(rng, values, most=6):
    """Draw up to so many of the values, in their order."""
    values = list(values)
    n = int(rng.integers(1, min(most, len(values)) + 1))
    return [values[k] for k in sorted(rng.choice(len(values), n, replace=False))]


def draw(rng, kind):
    """Draw a crowd of a kind: "labels", "numbers" or "tags"."""
    return {"labels": _labels, "numbers": _numbers, "tags": _tags}[kind](rng)


def _labels(rng):
    sort = SORTS_OF_LABELS[str(rng.choice(list(SORTS_OF_LABELS)))]
    values = sort(rng)
    shape = _shape(rng)
    cells = object_cells(rng.integers(0, len(values), shape), values)
    cells[_missing(rng, shape)] = None
    cells = _never_truth(cells, values[0])
    plain = Annotations.from_dense(cells, missing_label=None)
    return Crowd(cells, values, plain, features(rng, len(cells)))


def _numbers(rng):
    sort = SORTS_OF_RATINGS[str(rng.choice(list(SORTS_OF_RATINGS)))]
    shape = _shape(rng)
    cells = sort(rng, shape).astype(object)
    cells[_missing(rng, shape)] = None
    cells = _never_truth(cells, 1.0)
    plain = Annotations.from_dense(cells, kind="numbers", missing_label=None)
    return Crowd(cells, None, plain, features(rng, len(cells)))


def _tags(rng):
    """Draw tags of tokens; a row of cells is a token."""
    values = SORTS_OF_TAGS[rng.integers(len(SORTS_OF_TAGS))]
    lengths = rng.integers(1, 6, rng.integers(1, 8))
    shape = int(lengths.sum()), int(rng.integers(1, 5))
    cells = object_cells(rng.integers(0, len(values), shape), values)
    unseen = rng.random((len(lengths), shape[1])) < rng.choice([0, 0.4])
    cells[np.repeat(unseen, lengths, axis=0)] = None
    if rng.random() < 0.3:
        cells[rng.random(shape) < 0.2] = None
    if all(value is None for value in cells.ravel()):
        cells[0, 0] = values[0]
    plain = SequenceAnnotations.from_flat(cells, lengths, missing_label=None)
    if rng.random() < 0.5:
        tokens = np.array(WORDS, dtype=object)[rng.integers(0, len(WORDS), shape[0])]
        X = [part.tolist() for part in cut(tokens, lengths)]
    else:
        X = cut(features(rng, shape[0]), lengths)
    return Crowd(cells, values, plain, X, lengths)


def features(rng, n_items):
    """Draw features, float32 or float64."""
    n_features = int(rng.integers(1, 6))
    return rng.normal(size=(n_items, n_features)).astype(rng.choice(["f4", "f8"]))


def cut(values, lengths):
    """Cut what belongs to tokens into sequences."""
    return np.split(values, np.cumsum(lengths)[:-1])


def object_cells(codes, values):
    """Return a matrix with the values of some codes, Python objects all."""
    cells = np.empty(codes.shape, dtype=object)
    for place in np.ndindex(*codes.shape):
        cells[place] = values[codes[place]]
    return cells


def tag_cells(crowd):
    """Return a matrix of tag lists, None where nobody tagged a token."""
    parts = cut(crowd.cells, crowd.lengths)
    cells = np.empty((len(parts), crowd.cells.shape[1]), dtype=object)
    for row, column in np.ndindex(*cells.shape):
        tags = parts[row][:, column].tolist()
        cells[row, column] = None if all(tag is None for tag in tags) else tags
    return cells


def _shape(rng):
    return int(rng.integers(1, 14)), int(rng.integers(1, 6))


def _missing(rng, shape):
    share = rng.choice([0, 0.1, 0.5, 0.8])
    return rng.random(shape) < share


def _never_truth(cells, value):
    """Leave at least one answer, and no single full column: that is a truth."""
    if all(cell is None for cell in cells.ravel()):
        cells[0, 0] = value
    if cells.shape[1] == 1 and not any(cell is None for cell in cells.ravel()):
        cells = np.column_stack([cells, cells])
    return cells
