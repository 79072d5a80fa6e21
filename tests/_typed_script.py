"""What a user writes, with the types that an editor shows; `make lint` checks it.

`assert_type` fails in mypy where the package says another type, and does nothing when
the script runs; `test_types.py` runs it, so that what it calls exists.
"""

from typing import Any, assert_type

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skcrowd import (
    Annotations,
    CrowdClassifier,
    CrowdRegressor,
    CrowdSequenceTagger,
    MultilabelAnnotations,
    SequenceAnnotations,
)
from skcrowd.aggregation import DawidSkeneResult, dawid_skene, majority_vote
from skcrowd.annotations import concatenate
from skcrowd.datasets import make_annotations
from skcrowd.methods import RegularizedEM
from skcrowd.metrics import (
    AnswerEvaluation,
    confusion_error,
    empirical_confusion,
    spammer_score,
    span_f1_score,
)
from skcrowd.model_selection import (
    AnswerKFold,
    cross_val_answer_score,
    train_test_split_answers,
)

Answers = Annotations | SequenceAnnotations


def read_answers() -> None:
    """Read a long table, and look at what it holds."""
    table = pd.DataFrame(
        {
            "image": ["a", "a", "b", "c", "c"],
            "worker": ["w1", "w2", "w1", "w1", "w2"],
            "label": ["cat", "dog", "cat", "dog", "dog"],
        }
    )
    annotations = Annotations.from_long("image", "worker", "label", data=table)
    assert_type(annotations, Annotations)
    assert_type(annotations.n_annotators, int)
    assert_type(annotations.shape, tuple[int, int])
    assert_type(annotations.answers_per_item, NDArray[np.int64])
    assert_type(annotations[1:], Annotations)
    assert_type(annotations[0], dict[Any, Any])
    assert_type(annotations.to_long(), pd.DataFrame)
    sets = MultilabelAnnotations.from_cells([[{"cat"}, {"dog"}]])
    tags = SequenceAnnotations.from_cells([[["O"], ["B"]]])
    assert_type(concatenate([sets, sets]), MultilabelAnnotations)
    assert_type(sets.merge_annotators({"a": [0]}), MultilabelAnnotations)
    assert_type(tags.merge_annotators({"a": [0]}), SequenceAnnotations)
    assert_type(sets.select_answers([0]), MultilabelAnnotations)
    for cells in (sets, tags):
        assert_type(cells.answers_per_item, NDArray[np.int64])
        assert_type(cells.to_frame(), pd.DataFrame)
        assert_type(cells.to_long(), pd.DataFrame)
        assert_type(cells.summary(), pd.DataFrame)
    same = Annotations.from_long(table["image"], table["worker"], table["label"])
    assert len(same.classes) == len(annotations.classes) == 2

    result = dawid_skene(annotations)
    assert_type(result, DawidSkeneResult)
    assert_type(result.posterior, NDArray[np.float64])
    assert_type(majority_vote([["a", "b"], ["b", "b"]]), NDArray[np.float64])


def classify() -> None:
    """Fit a classifier, predict, and report on the annotators."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    truth = (X[:, 0] > 0).astype(int)
    y = make_annotations(truth, {"average": 4}, random_state=0).annotations
    confusion = empirical_confusion(y, truth)

    clf = CrowdClassifier(method=RegularizedEM(), max_epochs=2, random_state=0)
    assert_type(clf.fit(X, y), CrowdClassifier)
    assert_type(clf.predict_proba(X), NDArray[np.float64])
    labels: NDArray[Any] = clf.predict(X)
    assert_type(clf.score(X, labels), float)
    assert_type(clf.evaluate_answers(X, y), AnswerEvaluation)
    assert_type(clf.annotator_report(), pd.DataFrame)
    assert_type(clf.label_quality(X, y), pd.DataFrame)
    assert_type(clf.next_queries(X, y, 3), pd.DataFrame)

    assert_type(confusion, NDArray[np.float64])
    assert_type(spammer_score(confusion), NDArray[np.float64])
    assert_type(confusion_error(clf.annotator_confusion_, confusion), float)

    parts = train_test_split_answers(y, random_state=0)
    assert_type(parts, tuple[Answers, Answers])
    y_train, y_test = parts
    assert y_train.shape == y_test.shape
    cv = AnswerKFold(2, random_state=0)
    assert_type(cross_val_answer_score(clf, X, y, cv=cv), NDArray[np.float64])


def rate() -> None:
    """Fit a regressor, predict, and report on the annotators."""
    X = np.linspace(0, 1, 40)[:, None]
    y = make_annotations(X[:, 0], 3, kind="numbers", random_state=0).annotations
    reg = CrowdRegressor(max_epochs=2, calibrate=False, random_state=0).fit(X, y)
    assert_type(reg, CrowdRegressor)
    assert_type(reg.predict(X), NDArray[np.float64])
    mean, std = reg.predict(X, return_std=True)
    assert mean.shape == std.shape == (40,)
    assert_type(reg.annotator_report(), pd.DataFrame)


def tag() -> None:
    """Fit a tagger, and compare its spans with known ones."""
    X = [["Mary", "sleeps"], ["Paul", "Smith", "runs"]]
    tags = [["B", "O"], ["B", "I", "O"]]
    y = [[tags[0], tags[0]], [tags[1], None]]
    assert_type(SequenceAnnotations.from_cells(y).n_sequences, int)
    tagger = CrowdSequenceTagger(max_epochs=1, random_state=0).fit(X, y)
    assert_type(tagger, CrowdSequenceTagger)
    assert len(tagger.predict(X)) == len(X)
    assert_type(span_f1_score(tags, tags), float)


if __name__ == "__main__":
    read_answers()
    classify()
    rate()
    tag()
