"""Aggregators on Dask give the same as in memory."""

import pickle
from functools import partial

import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from skcrowd.aggregation import DawidSkene, MajorityVote, OneCoin, Wawa
from skcrowd.aggregation.dask import (
    DASK_AGGREGATORS,
    DaskDawidSkene,
    DaskMajorityVote,
)
from skcrowd.annotations import Annotations
from skcrowd.datasets import make_annotations
from skcrowd.exceptions import CrowdWarning

# Dask uses what pandas deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")
LABELS = np.array(["ant", "bee", "cat"])


@pytest.fixture(scope="module")
def table():
    truth = np.arange(400) % 3
    drawn = make_annotations(truth, {"average": 15}, answers_per_item=4, random_state=0)
    a = drawn.annotations
    columns = {"item": a.item + 7, "who": a.annotator, "said": LABELS[a.answer]}
    return pd.DataFrame(columns).sample(frac=1, random_state=0, ignore_index=True)


@pytest.fixture(autouse=True)
def in_this_thread():
    with dask.config.set(scheduler="synchronous"):
        yield


NAMES = {"annotator": "who", "label": "said"}


def in_memory(aggregator, table):
    return aggregator.fit(Annotations.from_long("item", "who", "said", data=table))


def sorted_proba(model):
    return model.predict_proba().compute().sort_values("item").set_index("item")


@pytest.mark.parametrize("n_partitions", [1, 7])
def test_dawid_skene_equals_the_one_in_memory(table, n_partitions):
    whole = in_memory(DawidSkene(tol=1e-8), table)
    answers = dd.from_pandas(table, npartitions=n_partitions)
    model = DaskDawidSkene(tol=1e-8, **NAMES).fit(answers)
    proba = sorted_proba(model)
    assert proba.index.tolist() == whole.item_names_.tolist()
    assert proba.columns.tolist() == LABELS.tolist()
    np.testing.assert_allclose(proba, whole.predict_proba(), atol=1e-10)
    np.testing.assert_allclose(
        model.annotator_confusion_, whole.annotator_confusion_, atol=1e-10
    )
    assert model.n_iter_ == whole.n_iter_
    assert model.converged_
    assert model.n_items_ == 400
    assert model.log_likelihood_ == pytest.approx(whole.log_likelihood_)
    labels = model.predict().compute().sort_values("item")["said"]
    assert labels.tolist() == whole.predict().tolist()


def test_majority_vote_equals_the_one_in_memory(table):
    model = DaskMajorityVote(**NAMES).fit(dd.from_pandas(table, npartitions=3))
    whole = in_memory(MajorityVote(), table)
    np.testing.assert_allclose(sorted_proba(model), whole.predict_proba(), atol=1e-12)
    np.testing.assert_allclose(model.class_prior_, whole.class_prior_)


def test_parquet_in_and_out(table, tmp_path):
    table = table.sort_values("item")
    table.loc[table.index[5], "said"] = None
    dd.from_pandas(table, npartitions=4, sort=False).to_parquet(tmp_path / "answers")
    answers = dd.read_parquet(tmp_path / "answers")
    model = DaskDawidSkene(dtype="float32", **NAMES).fit(answers)
    model.predict().to_parquet(tmp_path / "labels")
    stored = dd.read_parquet(tmp_path / "labels").compute().sort_values("item")
    whole = in_memory(DawidSkene(), table.dropna())
    assert stored["said"].tolist() == whole.predict().tolist()


def test_answers_that_are_partitioned_are_not_moved(table):
    table = table.sort_values("item", ignore_index=True)
    answers = dd.from_pandas(table, npartitions=1)
    model = DaskMajorityVote(is_partitioned=True, **NAMES).fit(answers)
    assert sorted_proba(model).shape == (400, 3)


def test_an_item_in_several_partitions_is_no_two_items(table):
    by_item = table.sort_values("item", ignore_index=True)
    answers = dd.from_pandas(by_item, npartitions=3, sort=False)
    cut = by_item["item"].iloc[len(answers.partitions[0].compute()) - 1]
    assert (answers.partitions[1].compute()["item"] == cut).any()
    with pytest.raises(ValueError, match=f"such as {cut}, lie in several partitions"):
        DaskMajorityVote(is_partitioned=True, **NAMES).fit(answers)
    fitted = DaskMajorityVote(**NAMES).fit(answers).set_params(is_partitioned=True)
    with pytest.raises(ValueError, match="lie in several partitions"):
        fitted.predict(answers)
    parts = [by_item[by_item["item"] <= cut], by_item[by_item["item"] > cut]]
    whole = dd.concat([dd.from_pandas(part, npartitions=1) for part in parts])
    model = DaskMajorityVote(is_partitioned=True, **NAMES).fit(whole)
    assert sorted_proba(model).equals(sorted_proba(fitted))


def test_priors_of_nobody_are_said(table):
    answers = dd.from_pandas(table, npartitions=2)
    model = DaskDawidSkene(annotator_prior={"nobody": 0.9}, **NAMES)
    with pytest.warns(CrowdWarning, match="holds 'nobody', who gave no answer"):
        model.fit(answers)


def test_errors_and_warnings(table):
    answers = dd.from_pandas(table, npartitions=2)
    with pytest.raises(ValueError, match="must be a Dask DataFrame"):
        DaskDawidSkene(**NAMES).fit(table)
    with pytest.raises(ValueError, match="annotator"):
        DaskDawidSkene().fit(answers)
    twice = dd.from_pandas(pd.concat([table, table[:1]]), npartitions=2)
    with pytest.raises(ValueError, match="more than one answer"):
        DaskDawidSkene(**NAMES).fit(twice)
    with pytest.raises(ValueError, match="max_iter"):
        DaskDawidSkene(max_iter=0, **NAMES).fit(answers)
    with pytest.warns(ConvergenceWarning, match="DaskDawidSkene did not converge"):
        DaskDawidSkene(max_iter=1, **NAMES).fit(answers)
    with pytest.raises(NotFittedError):
        clone(DaskDawidSkene()).predict()


ACCURACIES = {0: 0.9, 3: (0.4, 50)}
IN_MEMORY = {
    "majority_vote": MajorityVote,
    "dawid_skene": partial(DawidSkene, annotator_prior=ACCURACIES),
    "one_coin": partial(OneCoin, annotator_prior=ACCURACIES),
    "wawa": Wawa,
}


def test_a_cluster_of_two_processes_equals_one_in_memory(table, client):
    # One test, after which its cluster ends: idle workers take processor time.
    with client.as_current(), dask.config.set(scheduler=None):
        for name in DASK_AGGREGATORS:
            assert_equals_one_in_memory(name, table)


def assert_equals_one_in_memory(name, table):
    gold = {7: "cat", 20: "ant", 33: "dog"}
    rows = {item - 7: label for item, label in gold.items()}
    model, whole = DASK_AGGREGATORS[name](**NAMES), IN_MEMORY[name]()
    if "annotator_prior" in whole.get_params():
        model.set_params(annotator_prior=ACCURACIES)
    answers = Annotations.from_long("item", "who", "said", data=table)
    whole.fit(answers, gold=rows)
    model.fit(dd.from_pandas(table, npartitions=5), gold=gold)
    proba = sorted_proba(model)
    assert proba.columns.tolist() == [*LABELS, "dog"]
    np.testing.assert_allclose(proba, whole.predict_proba(), rtol=0, atol=1e-10)
    np.testing.assert_allclose(model.class_prior_, whole.class_prior_, atol=1e-10)
    assert model.n_iter_ == whole.n_iter_
    for found in ("annotator_skill_", "annotator_confusion_"):
        if hasattr(model, found):
            wanted = getattr(whole, found)
            np.testing.assert_allclose(getattr(model, found), wanted, atol=1e-10)


@pytest.mark.parametrize("name", DASK_AGGREGATORS)
def test_other_items_after_pickling(name, table):
    whole = in_memory(IN_MEMORY[name](), table)
    model = DASK_AGGREGATORS[name](**NAMES).set_params(
        **{k: v for k, v in whole.get_params().items() if k == "annotator_prior"}
    )
    model.fit(dd.from_pandas(table, npartitions=2))
    model = pickle.loads(pickle.dumps(model))
    some = table[table["item"] < 60]
    proba = model.predict_proba(dd.from_pandas(some, npartitions=2)).compute()
    proba = proba.sort_values("item").set_index("item")
    answers = Annotations.from_long(
        "item", "who", "said", data=some, classes=LABELS, annotator_ids=np.arange(15)
    )
    np.testing.assert_allclose(proba, whole.predict_proba(answers), atol=1e-9)
    with pytest.raises(ValueError, match="stayed in the workers"):
        model.predict()


def test_array_of_items_and_annotators(table):
    answers = Annotations.from_long("item", "who", "said", data=table)
    dense = np.full((401, 15), -1)
    dense[answers.item, answers.annotator] = answers.answer
    model = DaskDawidSkene().fit(da.from_array(dense, chunks=(90, 7)), gold={0: 2})
    proba = sorted_proba(model)
    assert proba.index.tolist() == list(range(400))  # the last has no answer
    whole = DawidSkene().fit(dense[:400], gold={0: 2})
    np.testing.assert_allclose(proba, whole.predict_proba(), atol=1e-10)
    with_nan = np.where(dense < 0, np.nan, dense)
    again = DaskMajorityVote().fit(da.from_array(with_nan, chunks=100))
    assert again.classes_.tolist() == [0, 1, 2]


def test_weights_and_ties():
    rows = [(i, k, "ab"[k % 2]) for i in range(40) for k in range(2)]
    table = pd.DataFrame(rows, columns=["item", "annotator", "label"])
    found = [
        DaskMajorityVote(random_state=seed)
        .fit(dd.from_pandas(table, npartitions=n))
        .predict()
        .compute()
        .sort_values("item")["label"]
        .tolist()
        for seed, n in ((0, 1), (0, 4), (1, 1))
    ]
    assert found[0] == found[1] != found[2]
    assert 8 < found[0].count("a") < 32
    weighted = DaskMajorityVote(weights={0: 3.0}).fit(
        dd.from_pandas(table, npartitions=1)
    )
    assert set(weighted.predict().compute()["label"]) == {"a"}
    np.testing.assert_allclose(weighted.predict_proba().compute()["a"], 0.75)
    nobody = DaskMajorityVote(weights=[0, 0]).fit(dd.from_pandas(table, npartitions=1))
    np.testing.assert_allclose(nobody.predict_proba().compute()["a"], 0.5)


def test_forms_of_gold(table):
    answers = dd.from_pandas(table, npartitions=2)
    known = pd.Series({7: "cat", 9: None, 10_000: "ant"}, dtype=object)
    frame = pd.DataFrame({"item": known.index, "said": known.to_numpy()})
    for gold in (known, frame, dd.from_pandas(frame, npartitions=1), known.to_dict()):
        model = DaskMajorityVote(**NAMES).fit(answers, gold=gold)
        assert sorted_proba(model).loc[7].tolist() == [0, 0, 1]
    with pytest.raises(ValueError, match="several rows for the item 7"):
        DaskMajorityVote(**NAMES).fit(answers, gold=pd.concat([known, known]))
    with pytest.raises(ValueError, match="gold must be a dict"):
        DaskMajorityVote(**NAMES).fit(answers, gold=["cat"])
    with pytest.raises(ValueError, match="gold holds integers"):
        DaskMajorityVote(**NAMES).fit(answers, gold={7: 3})


def test_gold_of_items_that_nobody_answered_is_a_warning(table):
    answers = dd.from_pandas(table, npartitions=2)
    with pytest.warns(CrowdWarning, match="any of the 1 items of gold, such as '7'"):
        fitted = DaskMajorityVote(**NAMES).fit(answers, gold={"7": "ant"})
    assert fitted.n_items_ == table["item"].nunique()


def test_predictions_need_an_answer_and_columns_of_their_own():
    rows = [("i", "ann", "item"), ("i", "bob", "dog"), ("j", "ann", "item")]
    rows = pd.DataFrame(rows, columns=["item", "annotator", "label"])
    fitted = DaskMajorityVote().fit(dd.from_pandas(rows, npartitions=1))
    with pytest.raises(ValueError, match="y holds no answer at all"):
        fitted.predict(dd.from_pandas(rows[:0], npartitions=1))
    assert len(fitted.predict().compute()) == 2
    with pytest.raises(ValueError, match="are both called 'item'"):
        fitted.predict_proba()
