"""Aggregators are saved and loaded."""

import dask.array as da
import numpy as np
import pytest

import skcrowd
from skcrowd.aggregation import (
    COMPARISON_AGGREGATORS,
    CROWDLAB,
    LABEL_AGGREGATORS,
    RATING_AGGREGATORS,
    SEQUENCE_AGGREGATORS,
    MultiLabelDawidSkene,
)
from skcrowd.aggregation.dask import DASK_AGGREGATORS
from skcrowd.annotations import MultilabelAnnotations, SequenceAnnotations
from skcrowd.datasets import make_annotations

pytestmark = pytest.mark.filterwarnings("ignore:.*did not converge")
TRUTH = np.arange(60) % 3


def together():
    """Draw annotators who err together, for which Consensus keeps states."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 600)
    misleads = rng.uniform(size=(600, 1)) < 0.3
    accuracy = np.where(misleads, [0.1] * 3 + [0.8] * 5, [0.95] * 3 + [0.8] * 5)
    right = rng.uniform(size=(600, 8)) < accuracy
    return np.where(right, truth[:, None], 1 - truth[:, None])


def again(aggregator, folder):
    path = skcrowd.save(aggregator, folder / "aggregator")
    twin = skcrowd.load(path)
    assert type(twin) is type(aggregator)
    assert vars(twin).keys() == vars(aggregator).keys()
    return twin


@pytest.mark.parametrize("name", LABEL_AGGREGATORS)
def test_labels(name, tmp_path):
    crowd = make_annotations(TRUTH, {"average": 6}, answers_per_item=4, random_state=0)
    y = crowd.annotations.to_dense()
    aggregator = LABEL_AGGREGATORS[name]()
    options = {"gold": {0: 0}}
    if isinstance(aggregator, CROWDLAB):
        options["pred_proba"] = np.full((60, 3), 1 / 3)
    aggregator.fit(y, **options)
    twin = again(aggregator, tmp_path)
    np.testing.assert_array_equal(twin.predict_proba(), aggregator.predict_proba())
    if not isinstance(aggregator, CROWDLAB):
        of_others = aggregator.predict_proba(y[:9])
        np.testing.assert_array_equal(twin.predict_proba(y[:9]), of_others)
        twin.partial_fit(y[:9])
        assert twin.predict().shape == (69,)


def test_states_of_the_consensus(tmp_path):
    y = together()
    model = skcrowd.aggregation.Consensus().fit(y)
    assert model.errs_together_
    twin = again(model, tmp_path)
    np.testing.assert_array_equal(twin.predict_proba(y), model.predict_proba(y))


@pytest.mark.parametrize("name", RATING_AGGREGATORS)
def test_ratings(name, tmp_path):
    y = np.random.default_rng(0).normal(size=(40, 5)) + np.arange(40)[:, None]
    aggregator = RATING_AGGREGATORS[name]().fit(y, gold={3: 2.5})
    twin = again(aggregator, tmp_path)
    np.testing.assert_array_equal(twin.predict(), aggregator.predict())
    np.testing.assert_array_equal(twin.predict(y[:9]), aggregator.predict(y[:9]))
    assert twin.partial_fit(y[:9]).predict().shape == (49,)


@pytest.mark.parametrize("name", COMPARISON_AGGREGATORS)
def test_comparisons(name, tmp_path):
    compared = [["a", "b"], ["b", "c"]]
    aggregator = COMPARISON_AGGREGATORS[name]().fit(compared, gold={"b": 0.5})
    twin = again(aggregator, tmp_path)
    np.testing.assert_array_equal(twin.predict(), aggregator.predict())
    assert twin.ranking_.tolist() == ["a", "b", "c"]
    more = [["c", "d"], ["a", "d"]]
    for model in (twin, aggregator):
        model.partial_fit(more)
    assert len(twin.items_) == 4
    assert twin.scores_[1] == 0.5
    np.testing.assert_array_equal(twin.predict(), aggregator.predict())


@pytest.mark.parametrize("name", SEQUENCE_AGGREGATORS)
def test_sequences(name, tmp_path):
    tags = [[["O", "B-X"], ["O", "B-X"], ["O", "O"]], [["B-X"], ["O"], ["B-X"]]]
    y = SequenceAnnotations.from_cells(tags)
    aggregator = SEQUENCE_AGGREGATORS[name]().fit(y, gold={1: ["B-X"]})
    twin = again(aggregator, tmp_path)
    for found, wanted in (
        (twin.predict(), aggregator.predict()),
        (twin.predict_proba(), aggregator.predict_proba()),
    ):
        assert [len(part) for part in found] == [2, 1]
        for one, other in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(one, other)
    for model in (twin, aggregator):
        model.partial_fit(y[:1])
    assert [len(part) for part in twin.predict(y)] == [2, 1]
    for one, other in zip(twin.predict(y), aggregator.predict(y), strict=True):
        np.testing.assert_array_equal(one, other)
    assert twin.predict()[1].tolist() == ["B-X"]


def test_several_labels(tmp_path):
    y = {
        "cat": [[1, 1, 0], [0, 0, 0], [1, 1, 1]],
        "dog": [[0, 0, 0], [1, 1, 0], [1, 1, 1]],
    }
    aggregator = MultiLabelDawidSkene().fit(y)
    twin = again(aggregator, tmp_path)
    np.testing.assert_array_equal(twin.predict_proba(), aggregator.predict_proba())
    assert twin.labels_.tolist() == ["cat", "dog"]
    for model in (twin, aggregator):
        model.partial_fit(y, gold={0: {"dog"}})
    assert twin.predict()[3].tolist() == [0, 1]
    np.testing.assert_array_equal(twin.predict_proba(), aggregator.predict_proba())


@pytest.mark.parametrize("name", DASK_AGGREGATORS)
def test_on_dask(name, tmp_path):
    y = da.from_array(np.array([[0, 0, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1]]), chunks=2)
    aggregator = DASK_AGGREGATORS[name]().fit(y)
    twin = skcrowd.load(skcrowd.save(aggregator, tmp_path / "aggregator"))
    assert type(twin) is type(aggregator)
    proba, wanted = (m.predict_proba(y).compute() for m in (twin, aggregator))
    np.testing.assert_array_equal(proba, wanted)
    with pytest.raises(ValueError, match="stayed in the workers"):
        twin.predict()


def test_unfitted(tmp_path):
    twin = again(RATING_AGGREGATORS["weighted"](pseudo_counts=5.0), tmp_path)
    assert twin.pseudo_counts == 5.0


def test_the_order_of_classes(tmp_path):
    y = make_annotations(TRUTH, {"average": 4}, random_state=0).annotations
    y = y.with_classes(y.classes, ordered=True)
    model = skcrowd.aggregation.OrdinalDawidSkene().fit(y)
    assert again(model, tmp_path)._answers.annotations == y


@pytest.mark.parametrize("sort", ["sets", "tags"])
def test_soft_labels_of_parts(tmp_path, sort):
    rng = np.random.default_rng(0)
    if sort == "sets":
        y = MultilabelAnnotations.from_soft_labels(rng.random((20, 4, 3)))
        model = skcrowd.aggregation.MultiLabelDawidSkene(max_iter=30, tol=0).fit(y)
    else:
        soft = rng.dirichlet(np.ones(3), (40, 4))
        y = SequenceAnnotations.from_soft_labels(soft, [2] * 20)
        model = skcrowd.aggregation.SequenceDawidSkene().fit(y)
    twin = again(model, tmp_path)
    parts = y.decisions if sort == "sets" else y.tokens
    assert twin._answers.annotations == parts
    more = y[:5].select_annotators([1, 0])
    for one, other in zip(
        twin.partial_fit(more).predict_proba(),
        model.partial_fit(more).predict_proba(),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_details_of_answers(tmp_path):
    y = make_annotations(TRUTH, {"average": 4}, random_state=0).annotations
    rng = np.random.default_rng(0)
    y = y.with_details(
        confidence=rng.random(y.n_answers),
        weight=rng.integers(1, 3, y.n_answers),
        time=rng.random(y.n_answers),
    )
    model = skcrowd.aggregation.MajorityVote().fit(y)
    twin = again(model, tmp_path)
    assert twin._answers.annotations == y
    more = y.select_annotators([0, 1])[:5]
    np.testing.assert_array_equal(
        twin.partial_fit(more).predict_proba(), model.partial_fit(more).predict_proba()
    )
