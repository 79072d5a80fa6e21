"""The named entity crowd data set of Rodrigues, Pereira and Ribeiro (2014)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils import Bunch

from skcrowd.datasets._conll_crowd import read_crowd
from skcrowd.datasets._conll_format import TAGS, read_file
from skcrowd.datasets._download import GitHubFolder, ensure_files

if TYPE_CHECKING:
    import os

    from skcrowd._typing import Array

    from ._conll_format import Sentence


SOURCES = (
    GitHubFolder(
        repository="thanhan/seqcrowd-acl17",
        commit="2a8a86f9ab4121d16b5abe5437bc764d306b87ae",
        path="",
        sha256={
            "task1.zip": (
                "bee337089cd5ee776f475b50aef7fd670155909c02d0cd360db602ec9e82e10d"
            ),
        },
    ),
    GitHubFolder(
        repository="izhx/CLasDA",
        commit="cbd0ad67df2b4ea00612d129e81a99e325272b27",
        path="data/conll03",
        sha256={
            "ground_truth.txt": (
                "02db1f371f0995a61f7951551494d9bb1ca4ced4f2af73388fde82d470acd384"
            ),
            "dev.bio": (
                "47cb3e706d05d811e169c93d0d7b2451af6eaae9e19f9324d1089ddef5266e23"
            ),
            "test.bio": (
                "bc57d1b91b1847af195e4e9f21fd78c25a268a006d2e225de6dbaf4ec6d54037"
            ),
        },
    ),
)

DESCR = """\
Names in news, tagged by a crowd
--------------------------------

Which tokens of a sentence name a person, a place, an organisation or anything else. The
5973 training sentences were tagged by 47 workers of Amazon Mechanical Turk, 29340
answers in all: 1 to 8 a sentence, 4.9 on average, and 88 to 2261 a worker. Who saw a
sentence tagged all of its tokens. 90 % of the tags are right. Of the names that the
workers marked 67 % are right, and of the true names that they saw they found 48 %. The
true tags are known for every sentence of every split.

===================  =======================================================
Classes              9 in IOB2: O, and B- and I- of PER, LOC, ORG, MISC
Training sentences   5973 (79628 tokens), with answers of 47 annotators and
                     gold tags
Dev sentences        3250 (51362 tokens), with gold tags
Test sentences       3453 (46435 tokens), with gold tags
Features             none: the tokens as they are written
===================  =======================================================

The sentences are news of the Reuters corpus, the gold tags those of the shared task of
CoNLL-2003 [1]_; dev and test are its sets A and B. The answers are those of Rodrigues,
Pereira and Ribeiro [2]_, as distributed by Nguyen et al. [3]_; the list of training
sentences and the other splits come with CLasDA [4]_.

What we did, so that an annotator has one tag for each token of a sentence:

- Annotators could mark a part of a token ("Iraq" in "Iraqi"). A token bears the most
  frequent mark of its characters if at least half of them bear it, else O. 2255
  answers were aligned to the tokens like this.
- A mark in the text ("Italy/LOC") was removed and is no answer. All 2823 are in the
  texts of four annotators: "/LOC" on each token that truly is of a place and on no
  other, and two more. They look like the truth shown to the four by mistake rather than
  answers. Of the tokens with "/LOC" the four tagged only 20 % as places.
- An I- that continues no name became B-, in the answers and in 48 gold sentences. The
  web page broke some sentences into two lines; these are two sentences.
- Of the 5985 sentences listed, 12 are left out whose gold tokens bear marks in the
  text.

603 of the training sentences repeat an earlier one.

Gold tags of the training sentences are for the evaluation of inferred tags and
annotator models. A method that learns from the crowd must not see them.

.. [1] E. Tjong Kim Sang, F. De Meulder (2003). Introduction to the CoNLL-2003 shared
   task: language-independent named entity recognition. CoNLL. arXiv:cs/0306050.
.. [2] F. Rodrigues, F. Pereira, B. Ribeiro (2014). Sequence labeling with multiple
   annotators. Machine Learning 95(2). doi:10.1007/s10994-013-5411-2.
.. [3] A. Nguyen, B. Wallace, J. Li, A. Nenkova, M. Lease (2017). Aggregating and
   predicting sequence labels from crowd annotations. ACL.
   https://github.com/thanhan/seqcrowd-acl17
.. [4] https://github.com/izhx/CLasDA
"""


def fetch_conll_mturk(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
) -> Any:
    """Load the named entity crowd data set (sequences), downloading it if needed.

    =================   ==========================
    Classes             9 tags in IOB2
    Annotators          47
    Answers             29340 on 5973 training sentences
    Sentences           5973 train, 3250 dev, 3453 test
    Tokens              79628 train, 51362 dev, 46435 test
    Features            none: tokens as written
    =================   ==========================

    The download (about 4 MB) needs pooch: ``pip install "skcrowd[data]"``. Each file
    is checked against its sha256 at every call; a damaged one is downloaded again.

    Parameters
    ----------
    data_home : str or path-like, default=None
        Folder for downloaded data. By default that of scikit-learn,
        :func:`sklearn.datasets.get_data_home`: ``~/scikit_learn_data`` or the value
        of the environment variable ``SCIKIT_LEARN_DATA``. The files are stored in its
        subfolder ``skcrowd_conll_mturk``.
    download_if_missing : bool, default=True
        If False, raise an OSError where a file is not at hand instead of trying to
        download it.
    return_X_y : bool, default=False
        If True, return ``(X_train, annotations)``.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the following attributes.

        X_train, X_dev, X_test : lists of length n, n = 5973, 3250, 3453
            Sentences, each a list of tokens (str).
        annotations : SequenceAnnotations of shape (5973, 47)
            Tags by the annotators of the training sentences. Its classes are the 9
            tags, its annotators bear the ids of the workers.
        gold_train, gold_dev, gold_test : lists of length n, n = 5973, 3250, 3453
            True tags, for each sentence an ndarray of shape (n_tokens,) of str.
        DESCR : str
            Description of the data set, with its sources and what we did to it.
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
    F. Rodrigues, F. Pereira, B. Ribeiro (2014). Sequence labeling with multiple
    annotators. Machine Learning 95(2). doi:10.1007/s10994-013-5411-2.

    E. Tjong Kim Sang, F. De Meulder (2003). Introduction to the CoNLL-2003 shared task:
    language-independent named entity recognition. CoNLL. arXiv:cs/0306050.

    Examples
    --------
    >>> from skcrowd.datasets import fetch_conll_mturk
    >>> conll = fetch_conll_mturk()  # doctest: +SKIP
    >>> conll.X_train[1], conll.gold_train[1].tolist()  # doctest: +SKIP
    (['Anton', 'Ferreira'], ['B-PER', 'I-PER'])
    >>> conll.annotations.shape  # doctest: +SKIP
    (5973, 47)
    """
    folder = ensure_files(
        [file for source in SOURCES for file in source.files()],
        "skcrowd_conll_mturk",
        data_home=data_home,
        download_if_missing=download_if_missing,
    )
    crowd = read_crowd(folder / "task1.zip", folder / "ground_truth.txt")
    train, annotations = crowd
    splits = {
        "train": train,
        "dev": read_file(folder / "dev.bio"),
        "test": read_file(folder / "test.bio"),
    }
    X = {f"X_{split}": _tokens(part) for split, part in splits.items()}
    if return_X_y:
        return X["X_train"], annotations
    gold = {f"gold_{split}": _tags(part) for split, part in splits.items()}
    return Bunch(**X, annotations=annotations, **gold, DESCR=DESCR)


def _tokens(sentences: list[Sentence]) -> list[list[str]]:
    return [list(sentence.tokens) for sentence in sentences]


def _tags(sentences: list[Sentence]) -> list[Array]:
    dtype = np.array(TAGS).dtype
    return [np.array(sentence.tags, dtype=dtype) for sentence in sentences]
