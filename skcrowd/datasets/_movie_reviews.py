"""The movie review crowd data set of Rodrigues et al. (2017)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skcrowd.annotations import Annotations
from skcrowd.datasets._bunch import crowd_bunch
from skcrowd.datasets._download import GitHubFolder, ensure_files
from skcrowd.datasets._lda_c import read_lda_c

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from skcrowd._typing import FloatArray, SparseMatrix


SOURCE = GitHubFolder(
    repository="fmpr/MA-sLDAr",
    commit="c1bb161a5cd89a260f47b9899950e6cd59379ba4",
    path="MovieReviews",
    sha256={
        "answers.txt": (
            "9c82c808a80529df0f5e9269cb68dae9b55f96a13a9fa47257fde6fb9091d423"
        ),
        "data_train_amt.txt": (
            "6cf30515bbb071cf978a23b5494da7c09a9ac27681ab46f09124829941323b16"
        ),
        "data_test.txt": (
            "4b561a2e300acfd54b8fbb0134b9158e430eb2e5ce871aa87ecc2a52824cce4a"
        ),
        "labels_train_amt.txt": (
            "298a85a454a3c08c1e88ce7503b66309857be6c267bcf753503631d893f0b7e5"
        ),
        "labels_test.txt": (
            "1cbe2e3b037b42c2bf6eb4a004fb1a34b2cfeaa8f8189c988025ae9096b01c99"
        ),
    },
)

# Suffixes of the files of a split.
SPLITS = {"train": "train_amt", "test": "test"}

# The rating that stands for "no answer" in answers.txt.
MISSING = 999999999

DESCR = """\
Film reviews, rated by a crowd
------------------------------

How favourable a film review is, from 0 to 1. The 1500 training reviews were rated by
135 workers of Amazon Mechanical Turk, 7440 answers in all: 4 or 5 an item and 2 to
1361 a worker. Ratings come in steps of 0.1; their root mean squared error is 0.16, that
of the mean of an item's answers 0.075. The rating that the critic gave is known for
every review of both splits.

=================  =======================================================
Target             real, 0 to 1
Training items     1500, with answers of 135 annotators and gold ratings
Test items         3506, with gold ratings
Features           26735 word counts, sparse; 130 words of a review, on
                   average, are not zero
=================  =======================================================

The reviews are those of Pang and Lee [1]_, the answers, the splits and the bag of words
those of Rodrigues et al. [2]_, who distribute them with their MA-sLDAr [3]_. Which word
a column counts was not published.

The data are as published. Five answers lie off the scale: one of -0.1, four of 1.1.
Some reviews are there more than once: 16 training reviews have the same counts and the
same gold rating as one of the test reviews.

Gold ratings of the training reviews are for the evaluation of inferred ratings and
annotator models. A method that learns from the crowd must not see them.

.. [1] B. Pang, L. Lee (2005). Seeing stars: exploiting class relationships for
   sentiment categorization with respect to rating scales. ACL.
.. [2] F. Rodrigues, M. Lourenço, B. Ribeiro, F. Pereira (2017). Learning supervised
   topic models for classification and regression from crowds. IEEE Transactions on
   Pattern Analysis and Machine Intelligence 39(12). doi:10.1109/TPAMI.2017.2648786.
.. [3] https://github.com/fmpr/MA-sLDAr
"""


def fetch_movie_reviews(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
) -> SparseMatrix | tuple[SparseMatrix, Annotations]:
    """Load the movie review crowd data set (regression), downloading it if needed.

    =================   ==========================
    Target              real, 0 to 1
    Annotators          135
    Answers             7440 on 1500 training items
    Items               1500 train, 3506 test
    Dimensionality      26735
    Features            word counts, sparse
    =================   ==========================

    The download (about 6 MB) needs pooch: ``pip install "skcrowd[data]"``. Each file
    is checked against its sha256 at every call; a damaged one is downloaded again.

    Parameters
    ----------
    data_home : str or path-like, default=None
        Folder for downloaded data. By default that of scikit-learn,
        :func:`sklearn.datasets.get_data_home`: ``~/scikit_learn_data`` or the value
        of the environment variable ``SCIKIT_LEARN_DATA``. The files are stored in its
        subfolder ``skcrowd_movie_reviews``.
    download_if_missing : bool, default=True
        If False, raise an OSError where a file is not at hand instead of trying to
        download it.
    return_X_y : bool, default=False
        If True, return ``(X_train, annotations)``.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the following attributes.

        X_train, X_test : csr_matrix of shape (n, 26735), n = 1500, 3506
            How often each word occurs in each review, float32. The examples make few
            and dense features of them.
        annotations : Annotations of shape (1500, 135)
            Ratings by the annotators of the training items, of kind "numbers". Five of
            the 7440 are off the scale: one of -0.1, four of 1.1.
        gold_train, gold_test : ndarrays of shape (n,), n = 1500, 3506
            Ratings by the critics who wrote the reviews, 0 to 1, float64.
        DESCR : str
            Description of the data set, with its sources.
    (X_train, annotations) : tuple if ``return_X_y`` is True

    Raises
    ------
    OSError
        If a file is missing or damaged and `download_if_missing` is False, or if the
        download fails or delivers other bytes than expected.
    ImportError
        If a download is needed and pooch is not installed.

    References
    ----------
    F. Rodrigues, M. Lourenço, B. Ribeiro, F. Pereira (2017). Learning supervised topic
    models for classification and regression from crowds. IEEE TPAMI 39(12).
    doi:10.1109/TPAMI.2017.2648786.

    B. Pang, L. Lee (2005). Seeing stars: exploiting class relationships for sentiment
    categorization with respect to rating scales. ACL.

    Examples
    --------
    >>> from sklearn.decomposition import TruncatedSVD
    >>> from sklearn.feature_extraction.text import TfidfTransformer
    >>> from sklearn.pipeline import make_pipeline
    >>> from skcrowd.datasets import fetch_movie_reviews
    >>> reviews = fetch_movie_reviews()  # doctest: +SKIP
    >>> reviews.X_train.shape, reviews.annotations.shape  # doctest: +SKIP
    ((1500, 26735), (1500, 135))
    >>> to_topics = make_pipeline(
    ...     TfidfTransformer(sublinear_tf=True), TruncatedSVD(100, random_state=0)
    ... )
    >>> to_topics.fit_transform(reviews.X_train).shape  # doctest: +SKIP
    (1500, 100)
    """
    folder = ensure_files(
        SOURCE.files(),
        "skcrowd_movie_reviews",
        data_home=data_home,
        download_if_missing=download_if_missing,
    )
    documents = {split: folder / f"data_{end}.txt" for split, end in SPLITS.items()}
    return crowd_bunch(
        read_lda_c(documents),
        _annotations(folder),
        {split: _gold(folder, split) for split in SPLITS},
        return_X_y=return_X_y,
        DESCR=DESCR,
    )


def _gold(folder: Path, split: str) -> FloatArray:
    return np.loadtxt(folder / f"labels_{SPLITS[split]}.txt", ndmin=1)


def _annotations(folder: Path) -> Annotations:
    """Read the ratings: one line per item, one column per annotator."""
    answers = np.loadtxt(folder / "answers.txt", ndmin=2)
    answers[answers == MISSING] = np.nan
    return Annotations.from_dense(answers, kind="numbers")
