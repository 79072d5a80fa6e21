"""Aggregators on Dask give the same as in memory."""

import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from distributed import Client, LocalCluster
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from skcrowd.aggregation import DawidSkene, MajorityVote
from skcrowd.aggregation.dask import DaskDawidSkene, DaskMajorityVote
from skcrowd.annotations import Annotations
from skcrowd.datasets import make_annotations

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


@pytest.mark.slow
def test_on_a_cluster_of_two_processes(table):
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        Client(cluster),
        dask.config.set(scheduler=None),
    ):
        answers = dd.from_pandas(table, npartitions=5)
        model = DaskDawidSkene(**NAMES).fit(answers)
        proba = sorted_proba(model)
    whole = in_memory(DawidSkene(), table)
    np.testing.assert_allclose(proba, whole.predict_proba(), atol=1e-10)
