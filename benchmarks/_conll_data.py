"""The sentences tagged by a crowd, and the two forms of X in which taggers get them."""

from pathlib import Path

import numpy as np
from sklearn.utils import Bunch

from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.datasets import fetch_conll_mturk

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
SENTENCES, EMBEDDINGS = "conll_mturk.npz", "conll_mturk_minilm64.npz"
INPUTS = ["minilm", "tokens"]
SPLITS = ["train", "test"]


def add_data(parser):
    """Add the arguments that say where the data lie."""
    parser.add_argument(
        "--data",
        type=Path,
        default=None,
        help=f"folder with {SENTENCES} and {EMBEDDINGS}; default: ../shared/data "
        "beside the repository where it exists, else the download of skcrowd.datasets, "
        "which has no embeddings",
    )
    parser.add_argument("--data-home", default=None, help="cache of the download")
    parser.add_argument(
        "--inputs", nargs="*", choices=INPUTS, default=INPUTS, help="default: both"
    )


def load(folder=None, data_home=None, limit=None):
    """Load the training and test sentences.

    Parameters
    ----------
    folder : path, default=None
        Where the two files lie. None looks beside the repository, then downloads.
    data_home : path, default=None
        Cache of the download.
    limit : int, default=None
        Sentences to keep of each split; None for all.

    Returns
    -------
    data : Bunch
        ``X_train`` and ``X_test``, dicts from the name of an input to a list of
        sentences, without "minilm" where there are no embeddings; ``annotations``;
        ``gold_train``, ``gold_test``, lists of arrays of tags.
    """
    if folder is None and data_home is None and (BESIDE / SENTENCES).exists():
        folder = BESIDE
    data = _fetch(data_home) if folder is None else _read(Path(folder))
    return data if limit is None else _first(data, limit)


def offered(inputs, data):
    """Yield the inputs that the data have; print a note on the others."""
    for name in inputs:
        if name in data.X_train:
            yield name
        else:
            print(f"{name}: left out, there is no {EMBEDDINGS}", flush=True)


def _fetch(data_home):
    """Download the sentences; there are no embeddings of them to download."""
    found = fetch_conll_mturk(data_home=data_home)
    return Bunch(
        annotations=found.annotations,
        **{f"gold_{split}": found[f"gold_{split}"] for split in SPLITS},
        **{f"X_{split}": {"tokens": found[f"X_{split}"]} for split in SPLITS},
    )


def _read(folder):
    with np.load(folder / SENTENCES) as stored:
        parts = Bunch(**stored)
    labels = parts.labels
    data = Bunch(annotations=_annotations(parts, labels))
    for split in SPLITS:
        lengths = parts[f"{split}_lengths"]
        words = np.array(str(parts[f"{split}_tokens"]).split("\n"))
        sentences = [part.tolist() for part in _cut(words, lengths)]
        data[f"X_{split}"] = {"tokens": sentences}
        data[f"gold_{split}"] = _cut(labels[parts[f"{split}_gold"]], lengths)
    if (folder / EMBEDDINGS).exists():
        _add_embeddings(data, folder / EMBEDDINGS)
    return data


def _annotations(parts, labels):
    codes = parts.train_annotations
    item, annotator = np.nonzero(codes >= 0)
    tokens = Annotations(item, annotator, codes[item, annotator], codes.shape, labels)
    return SequenceAnnotations(tokens, parts.train_lengths)


def _add_embeddings(data, path):
    """Put the shapes of the words beside their embeddings, which are uncased."""
    with np.load(path) as stored:
        embeddings = {split: stored[split] for split in SPLITS}
    for split, values in embeddings.items():
        sentences = data[f"X_{split}"]["tokens"]
        shapes = [word_shape(s, k) for s in sentences for k in range(len(s))]
        both = np.hstack([values.astype(np.float32), np.array(shapes, np.float32)])
        data[f"X_{split}"]["minilm"] = _cut(both, [len(s) for s in sentences])


def word_shape(sentence, place):
    """Say what capitals, digits and signs a word has, and whether it opens."""
    word, is_first = sentence[place], place == 0
    is_capital = word[:1].isupper()
    return [
        word.isupper(),
        is_capital,
        any(c.islower() for c in word) and any(c.isupper() for c in word[1:]),
        any(c.isdigit() for c in word),
        "-" in word,
        not any(c.isalnum() for c in word),
        is_first,
        is_capital and not is_first,
    ]


def _first(data, limit):
    """Keep the first sentences of each split."""
    kept = Bunch(annotations=data.annotations[:limit])
    for split in SPLITS:
        X = data[f"X_{split}"]
        kept[f"X_{split}"] = {name: sentences[:limit] for name, sentences in X.items()}
        kept[f"gold_{split}"] = data[f"gold_{split}"][:limit]
    return kept


def _cut(values, lengths):
    return np.split(values, np.cumsum(lengths)[:-1])
