"""The LabelMe crowd data set of Rodrigues & Pereira (2018)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations import Annotations
from skcrowd.datasets._bunch import crowd_bunch
from skcrowd.datasets._download import GitHubFolder, ensure_files

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from skcrowd._typing import FloatArray, IntArray


# Codes 0 to 7 of the gold labels and of the answers.
TARGET_NAMES = (
    "highway",
    "insidecity",
    "tallbuilding",
    "street",
    "forest",
    "coast",
    "mountain",
    "opencountry",
)

SOURCE = GitHubFolder(
    repository="fmenat/PyLearningCrowds",
    commit="0edf617d0357a43b48dc53f10f4181ec0163d4db",
    path="data/LabelMe",
    sha256={
        "answers.txt": (
            "354c282e10835a59962494acb1d180fe997b65a0aa1e27f870cdb4ef51ef3e2b"
        ),
        "LabelMe_VGG_avg_train.npy": (
            "0ddfbcbd722aab70e81525a459cc37d47c1d344322b401ee35a3e9b158a209e8"
        ),
        "LabelMe_VGG_avg_valid.npy": (
            "cb80ce99ef9fc80c666e6b9c43259ee0aac4e0cf82f8ac654b8bb309fb28953d"
        ),
        "LabelMe_VGG_avg_test.npy": (
            "af407538f702f98e775f233652152cdcb58583c9d4668492308151c126ce7873"
        ),
        "LabelMe_Z_train.txt": (
            "229556bdc5da327dd7d4e4154ba180969091c83f43cf8cbee3727131c5a062f6"
        ),
        "LabelMe_Z_valid.txt": (
            "40aba43f903a539b38243c411e214da1f8c696cc47aa59811cc3388cc6899892"
        ),
        "LabelMe_Z_test.txt": (
            "6d508b638d41fa84b2628615270456df96a49dce18054d201ac6261b03ea77bc"
        ),
    },
)

SPLITS = ("train", "valid", "test")

DESCR = """\
LabelMe scenes, labelled by a crowd
-----------------------------------

Photographs of eight kinds of outdoor scene. The 1000 training images were labelled
by 59 workers of Amazon Mechanical Turk, 2547 answers in all: 1 to 3 an image, 2.5 on
average, and 3 to 182 a worker; 74 % of the answers are right. The true class is known
for every image of every split.

=================  =======================================================
Classes            8: highway, insidecity, tallbuilding, street, forest,
                   coast, mountain, opencountry
Training items     1000, with answers of 59 annotators and gold labels
Validation items   500, with gold labels
Test items         1188, with gold labels
Features           512, real, not negative: VGG16, average-pooled
=================  =======================================================

The images are those of the LabelMe project [1]_, the answers and the splits those of
Rodrigues and Pereira [2]_. The features were computed by F. Mena, whose
PyLearningCrowds [3]_ distributes them with the answers.

Gold labels of the training images are for the evaluation of inferred labels and
annotator models. A method that learns from the crowd must not see them.

.. [1] B. Russell, A. Torralba, K. Murphy, W. Freeman (2008). LabelMe: a database and
   web-based tool for image annotation. International Journal of Computer Vision 77.
.. [2] F. Rodrigues, F. Pereira (2018). Deep learning from crowds. AAAI.
   arXiv:1709.01779.
.. [3] https://github.com/fmenat/PyLearningCrowds
"""


def fetch_labelme(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
) -> Any:
    """Load the LabelMe crowd data set (classification), downloading it if needed.

    =================   ==========================
    Classes             8 kinds of outdoor scene
    Annotators          59
    Answers             2547 on 1000 training items
    Items               1000 train, 500 valid, 1188 test
    Dimensionality      512
    Features            real, not negative
    =================   ==========================

    The download (about 6 MB) needs pooch: ``pip install "skcrowd[data]"``. Each file
    is checked against its sha256 at every call; a damaged one is downloaded again.

    Parameters
    ----------
    data_home : str or path-like, default=None
        Folder for downloaded data. By default that of scikit-learn,
        :func:`sklearn.datasets.get_data_home`: ``~/scikit_learn_data`` or the value
        of the environment variable ``SCIKIT_LEARN_DATA``. The files are stored in its
        subfolder ``skcrowd_labelme``.
    download_if_missing : bool, default=True
        If False, raise an OSError where a file is not at hand instead of trying to
        download it.
    return_X_y : bool, default=False
        If True, return ``(X_train, annotations)``, which is what an estimator is
        fitted to.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the following attributes.

        X_train, X_valid, X_test : ndarrays of shape (n, 512), n = 1000, 500, 1188
            Features, float32.
        annotations : Annotations of shape (1000, 59)
            Answers of the annotators to the training items.
        gold_train, gold_valid, gold_test : ndarrays of shape (n,), n = 1000, 500, 1188
            True classes, 0 to 7.
        target_names : ndarray of shape (8,)
            Name of each class; class i is ``target_names[i]``.
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
    F. Rodrigues, F. Pereira (2018). Deep learning from crowds. AAAI. arXiv:1709.01779.

    B. Russell, A. Torralba, K. Murphy, W. Freeman (2008). LabelMe: a database and
    web-based tool for image annotation. IJCV 77.

    Examples
    --------
    >>> from skcrowd.datasets import fetch_labelme
    >>> labelme = fetch_labelme()  # doctest: +SKIP
    >>> labelme.X_train.shape, labelme.annotations.shape  # doctest: +SKIP
    ((1000, 512), (1000, 59))
    """
    folder = ensure_files(
        SOURCE.files(),
        "skcrowd_labelme",
        data_home=data_home,
        download_if_missing=download_if_missing,
    )
    return crowd_bunch(
        {split: _features(folder, split) for split in SPLITS},
        _annotations(folder),
        {split: _gold(folder, split) for split in SPLITS},
        return_X_y=return_X_y,
        target_names=np.array(TARGET_NAMES),
        DESCR=DESCR,
    )


def _features(folder: Path, split: str) -> FloatArray:
    return np.load(folder / f"LabelMe_VGG_avg_{split}.npy", allow_pickle=False)


def _gold(folder: Path, split: str) -> IntArray:
    return np.loadtxt(folder / f"LabelMe_Z_{split}.txt", dtype=np.int64)


def _annotations(folder: Path) -> Annotations:
    """Read the answers: one line per item, one column per annotator, -1 if missing."""
    answers = np.loadtxt(folder / "answers.txt", dtype=np.int64)
    classes = np.arange(len(TARGET_NAMES))
    return Annotations.from_dense(answers, missing_label=-1, classes=classes)
