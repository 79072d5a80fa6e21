"""A long table given as `y` says how it is read, whatever the estimator."""

import numpy as np
import pandas as pd
import pytest

from skcrowd import (
    CrowdClassifier,
    CrowdMultilabelClassifier,
    CrowdRanker,
    CrowdRegressor,
    CrowdSequenceTagger,
)
from skcrowd.aggregation import (
    GaussianRating,
    MajorityVote,
    MultiLabelDawidSkene,
    SequenceDawidSkene,
)
from skcrowd.model_selection import VoteStratifiedKFold

N_ITEMS = 4
X = np.arange(2 * N_ITEMS, dtype=np.float32).reshape(N_ITEMS, 2)
SEQUENCES = [X[:2]] * N_ITEMS
CASES = {
    "classifier": (CrowdClassifier, X, "label", "Annotations.from_long"),
    "regressor": (CrowdRegressor, X, 1.5, "kind='numbers'"),
    "multi-label": (CrowdMultilabelClassifier, X, {"a"}, "MultilabelAnnotations.from_"),
    "tagger": (CrowdSequenceTagger, SEQUENCES, ["O", "B"], "SequenceAnnotations.from_"),
}


def table(answer):
    rows = [
        (i, annotator, answer) for i in range(N_ITEMS) for annotator in ("ann", "bob")
    ]
    return pd.DataFrame(rows, columns=["item", "worker", "answer"])


@pytest.mark.parametrize("n_repeats", [1, 2], ids=["rows of items", "rows of answers"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_estimators_say_how_it_is_read(case, n_repeats):
    estimator, items, answer, advice = case
    items = [x for x in items for _ in range(n_repeats)]
    with pytest.raises(ValueError, match="columns 'item', 'worker', 'answer'") as error:
        estimator(max_epochs=1).fit(items, table(answer))
    assert advice in str(error.value)


@pytest.mark.parametrize(
    "form", [list, np.array, pd.DataFrame], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("estimator", [CrowdClassifier, CrowdRegressor])
def test_three_columns_without_names(estimator, form):
    rows = form(
        [(i, annotator, i % 2 + 0.5) for i in range(N_ITEMS) for annotator in range(2)]
    )
    with pytest.raises(ValueError, match=r"samples: \[4, 8\] If the three columns of"):
        estimator().fit(X, rows)
    with pytest.raises(ValueError, match=r"samples: \[4, 3\]$"):
        estimator().fit(X, rows[:3])


def test_a_ranker_says_how_preferences_are_read():
    rows = [("i1", "i2", "i1", "ann"), ("i2", "i1", "i1", "bob")]
    preferences = pd.DataFrame(rows, columns=["model_a", "model_b", "winner", "user"])
    with pytest.raises(
        ValueError, match=r"long\('model_a', 'model_b', 'winner', 'user'"
    ):
        CrowdRanker().fit(X[:2], preferences)


def test_splitters_say_how_it_is_read():
    with pytest.raises(ValueError, match="columns 'item', 'worker', 'answer'"):
        next(VoteStratifiedKFold(2).split(np.repeat(X, 2, 0), table("a")))


@pytest.mark.parametrize(
    ("aggregator", "answer", "advice"),
    [
        (MajorityVote, "label", "Annotations.from_long"),
        (GaussianRating, 1.5, "kind='numbers'"),
        (MultiLabelDawidSkene, {"a"}, "MultilabelAnnotations.from_long"),
        (SequenceDawidSkene, ["O", "B"], "SequenceAnnotations.from_long"),
    ],
)
def test_aggregators_say_how_it_is_read(aggregator, answer, advice):
    with pytest.raises(ValueError, match="columns 'item', 'worker', 'answer'") as error:
        aggregator().fit(table(answer))
    assert advice in str(error.value)


def test_sets_in_a_table_of_cells_are_read():
    frame = pd.DataFrame({"ann": [{"a"}, {"b"}, {"a"}], "bob": [{"a"}, {"b"}, set()]})
    labels = MultiLabelDawidSkene().fit_predict(frame)
    assert labels.shape == (3, 2)
