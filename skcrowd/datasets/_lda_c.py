"""Word counts in the text format of LDA-C, one line per document."""

import numpy as np
from scipy.sparse import csr_matrix


def read_lda_c(paths):
    """Read files with a common vocabulary.

    Parameters
    ----------
    paths : dict
        Name to path. A line of a file is ``n_pairs term:count term:count ...``, with
        terms numbered from 0.

    Returns
    -------
    counts : dict
        Name to float32 csr_matrix of shape (n_documents, n_terms), where n_terms is
        one more than the highest term of all files.

    Raises
    ------
    ValueError
        If a line is not of this form.
    """
    documents = {name: _documents(path) for name, path in paths.items()}
    n_terms = 1 + max(pairs[:, 0].max() for pairs, _ in documents.values())
    return {
        name: csr_matrix(
            (pairs[:, 1].astype(np.float32), pairs[:, 0], starts),
            shape=(len(starts) - 1, n_terms),
        )
        for name, (pairs, starts) in documents.items()
    }


def _documents(path):
    """Read the pairs (term, count) of all documents, and the start of each document."""
    documents = [
        _document(line, f"{path.name}, line {number}")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
    ]
    starts = np.cumsum([0, *map(len, documents)])
    return np.concatenate(documents), starts


def _document(line, where):
    n_pairs, *pairs = line.split() or ["0 pairs"]
    values = [value for pair in pairs for value in pair.split(":")]
    is_complete = n_pairs == str(len(pairs)) and len(values) == 2 * len(pairs)
    if not is_complete or not all(map(str.isdecimal, values)):
        raise ValueError(
            f"{where} should hold a number of pairs and then that many pairs "
            f"term:count, but begins with {line[:40]!r}."
        )
    return np.array(values, dtype=np.int64).reshape(-1, 2)
