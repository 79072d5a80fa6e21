"""Sparse features are learned from as dense ones are."""

import pickle

import numpy as np
import pytest
import torch
from _data import (
    EACH_SORT,
    SORTS,
    Linear,
    everything,
    nobody,
    predictions,
    random_y,
    small,
    sparse_forms,
)
from scipy.sparse import csr_array, csr_matrix, dok_array, dok_matrix, vstack
from sklearn.decomposition import TruncatedSVD
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from torch import nn

from skcrowd import CrowdClassifier
from skcrowd.backbones import MLP
from skcrowd.backbones._feature_scaling import feature_scaling
from skcrowd.exceptions import CrowdWarning
from skcrowd.persistence import load, save

EXACT = {"rtol": 1e-7, "atol": 1e-9}


def context(kind, n_items=60):
    """Features that are mostly zero, in columns of every kind, and answers."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_items, 6)) * (rng.random((n_items, 6)) < 0.4)
    X[:, 4] = 0
    X[:, 5] = 3
    return X, random_y(kind, rng, n_items, 4)


def scaled(name="em", kind=None, **parameters):
    """Build one whose network scales dense and sparse features alike."""
    scale = {"module": MLP, "module__scale": np.linspace(0.5, 1, 6)}
    return small(name, kind, **scale, module__center=np.arange(6.0), **parameters)


@pytest.mark.parametrize("form", sparse_forms(np.eye(2)))
def test_every_sparse_form_is_the_dense_one(kind, form):
    X, y = context(kind)
    same = sparse_forms(X)[form]
    dense, sparse = (scaled(kind=kind).fit(features, y) for features in (X, same))
    np.testing.assert_allclose(everything(sparse, same), everything(dense, X), **EXACT)
    np.testing.assert_allclose(predictions(dense, same), predictions(dense, X), **EXACT)
    assert sparse.score(same, y) == pytest.approx(dense.score(X, y))


@pytest.mark.parametrize("make", [dok_array, dok_matrix])
def test_a_matrix_that_is_a_dict_of_its_entries_is_no_dict_of_arrays(make, kind):
    X, y = context(kind)
    dense, by_key = (scaled(kind=kind).fit(features, y) for features in (X, make(X)))
    np.testing.assert_allclose(predictions(by_key, make(X)), predictions(dense, X))
    gold = {0: y[0][y[0] == y[0]].max()}  # read by the rows of X
    scaled(kind=kind).fit(make(X), y, gold=gold)


@pytest.mark.parametrize("form", ["unsorted", "duplicates"])
def test_the_users_matrix_stays_as_it_is(kind, form):
    X, y = context(kind)
    given = sparse_forms(X)[form]
    before = given.copy()
    predictions(small(kind=kind).fit(given, y), given)
    assert given.nnz == before.nnz
    np.testing.assert_array_equal(given.data, before.data)


@pytest.mark.parametrize(
    ("kind", "name", "early_stopping"),
    [
        *[(kind, name, False) for kind, name in EACH_SORT],
        *[(kind, "em", True) for kind in SORTS],
    ],
)
def test_every_sort_of_method_takes_them(kind, name, early_stopping):
    X, y = context(kind)
    y[:10] = nobody(kind, 10, 4)
    weight = np.where(np.arange(60) % 5, 1.5, 0)
    settings = {"early_stopping": early_stopping, "batch_size": 16}
    dense, sparse = (
        scaled(name, kind, **settings).fit(features, y, sample_weight=weight)
        for features in (X, csr_matrix(X))
    )
    np.testing.assert_allclose(everything(sparse, X), everything(dense, X), **EXACT)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_the_truth_can_be_learned_from_them(kind, early_stopping):
    X, y = context(kind)
    truth = np.abs(np.nan_to_num(y[:, 0])).astype(int)
    dense, sparse = (
        scaled(kind=kind, early_stopping=early_stopping).fit(features, truth)
        for features in (X, csr_array(X))
    )
    np.testing.assert_allclose(predictions(sparse, X), predictions(dense, X), **EXACT)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, bool])
def test_their_type_decides_the_precision(kind, dtype):
    X, y = context(kind)
    clf = small(kind=kind).fit(csr_matrix(X.astype(dtype)), y)
    expected = torch.float64 if dtype is np.float64 else torch.float32
    assert {p.dtype for p in clf.net_.module_.parameters()} == {expected}


@pytest.mark.parametrize("module", [Linear, "instance", "sequence"])
def test_networks_that_begin_with_a_linear_layer(kind, module):
    X, y = context(kind)
    n_outputs = 3 if kind.__name__ == "CrowdClassifier" else 1
    torch.manual_seed(0)
    if module == "instance":
        module = nn.Linear(6, n_outputs)
    if module == "sequence":
        module = nn.Sequential(nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, n_outputs))
    settings = {"max_epochs": 3, "lr": 1e-2, "random_state": 0}
    dense, sparse = (
        kind(module, **settings).fit(features, y) for features in (X, csr_matrix(X))
    )
    np.testing.assert_allclose(everything(sparse, X), everything(dense, X), **EXACT)


@pytest.mark.parametrize("layer", [nn.BatchNorm1d(6), nn.LayerNorm(6), nn.Dropout(0.5)])
def test_a_network_that_cannot_take_them_is_told_what_to_do(kind, layer):
    X, y = context(kind)
    network = nn.Sequential(layer, nn.Linear(6, 3))
    with pytest.raises(
        ValueError, match=r"module Sequential cannot take.*TruncatedSVD"
    ):
        kind(network).fit(csr_matrix(X), y)


def test_what_the_error_advises_works(kind):
    X, y = context(kind)
    model = make_pipeline(TruncatedSVD(3, random_state=0), small(kind=kind))
    assert len(model.fit(csr_matrix(X), y).predict(csr_matrix(X))) == 60


@pytest.mark.parametrize("form", sparse_forms(np.eye(2)))
def test_the_default_network_sees_no_difference_between_forms(kind, form):
    X, y = context(kind)
    first = small(kind=kind).fit(csr_matrix(X), y)
    second = small(kind=kind).fit(sparse_forms(X)[form], y)
    np.testing.assert_allclose(everything(second, X), everything(first, X), **EXACT)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_default_network_gets_their_scale(kind, dtype):
    X, y = context(kind)
    X = csr_matrix(X.astype(dtype))
    weight = np.linspace(0.5, 2, 60)
    network = small(kind=kind).fit(X, y, sample_weight=weight).net_.module_
    assert network.columns.tolist() == [0, 1, 2, 3, 5]  # one is zero everywhere
    center, scale = feature_scaling(X[:, network.columns.numpy()], weight)
    np.testing.assert_allclose(network.encoding.center, center)
    np.testing.assert_allclose(network.encoding.scale, scale)


def test_one_with_nothing_in_it(kind):
    X, y = context(kind)
    clf = small(kind=kind).fit(csr_matrix(X.shape), y)
    assert np.isfinite(everything(clf, csr_matrix(X))).all()


def test_their_entries_must_be_finite(kind):
    X, y = context(kind)
    X[3, 1] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        small(kind=kind).fit(csr_matrix(X), y)


def test_rows_are_taken_by_cross_validation(kind):
    X, y = context(kind)
    y = y if kind.__name__ == "CrowdRegressor" else np.ma.masked_equal(y, -1)
    dense, sparse = (
        cross_val_score(scaled(kind=kind), features, y, cv=3)
        for features in (X, csr_matrix(X))
    )
    np.testing.assert_allclose(sparse, dense)


@pytest.mark.filterwarnings("ignore:Sparse invariant checks")
def test_a_worker_process_brings_them_too(kind):
    X, y = context(kind)
    settings = {"max_epochs": 1}
    alone = small(kind=kind, **settings).fit(csr_matrix(X), y)
    aided = small(kind=kind, iterator_valid__num_workers=1, **settings)
    aided.fit(csr_matrix(X), y)
    np.testing.assert_array_equal(predictions(aided, X), predictions(alone, X))


def wide(X, columns, n_columns=5000):
    """Put features in some columns of a matrix, the others of which are zero."""
    X = csr_matrix(X).tocoo()
    places = X.row, np.asarray(columns)[X.col]
    return csr_matrix((X.data, places), (X.shape[0], n_columns))


COLUMNS = [3, 500, 501, 1999, 4998, 4999]


@pytest.mark.parametrize("early_stopping", [False, True])
def test_columns_that_are_always_zero_change_nothing(kind, early_stopping, tmp_path):
    X, y = context(kind)
    few, many = (
        small(kind=kind, early_stopping=early_stopping).fit(features, y)
        for features in (csr_matrix(X), wide(X, COLUMNS))
    )
    np.testing.assert_allclose(
        everything(many, wide(X, COLUMNS)), everything(few, csr_matrix(X)), **EXACT
    )
    n_parameters = [
        sum(p.numel() for p in model.net_.module_.parameters()) for model in (few, many)
    ]
    assert n_parameters[0] == n_parameters[1]
    # New items may have others, of which nothing is known.
    new = wide(X, COLUMNS) + wide(X, np.arange(6) + 1000)
    np.testing.assert_allclose(predictions(many, new), predictions(few, X), **EXACT)
    np.testing.assert_allclose(
        predictions(many, new.toarray()), predictions(few, X), **EXACT
    )
    path = save(many, tmp_path / "model.skcrowd")
    for again in (pickle.loads(pickle.dumps(many)), load(path)):
        np.testing.assert_array_equal(predictions(again, new), predictions(many, new))


def test_columns_of_items_without_answers_are_not_used(kind):
    X, y = context(kind)
    without = wide(X, COLUMNS) + wide(X, np.arange(6) + 1000)
    more_X = vstack([wide(X, COLUMNS), without], format="csr")
    more_y = np.concatenate([y, nobody(kind, 60, 4)])
    few = small(kind=kind, batch_size=60).fit(csr_matrix(X), y)
    more = small(kind=kind, batch_size=60).fit(more_X, more_y)
    np.testing.assert_allclose(predictions(more, without), predictions(few, X), **EXACT)


@pytest.mark.parametrize("given", ["warm_start", "parts", "scale"])
def test_all_columns_are_kept_where_others_may_follow(kind, given):
    X, y = context(kind)
    X = wide(X, COLUMNS, 5001)
    model = small(kind=kind)
    if given == "scale":
        model.set_params(module__scale=np.ones(5001))
    if given == "warm_start":
        model.set_params(warm_start=True)
    if given == "parts":
        classes = {} if kind.__name__ == "CrowdRegressor" else {"classes": [0, 1, 2]}
        model.set_params(**classes).partial_fit(X, y)
    else:
        model.fit(X, y)
    assert model.net_.module_.linear.in_features == 5001


@pytest.mark.parametrize("resumes", ["warm_start", "parts"])
def test_columns_that_come_too_late_are_warned_of(kind, resumes):
    X, y = context(kind)
    model = small(kind=kind).fit(wide(X, COLUMNS), y)
    learn = model.partial_fit
    if resumes == "warm_start":
        learn = model.set_params(warm_start=True).fit
    learn(wide(X, COLUMNS), y)
    more = wide(X, COLUMNS) + wide(X, np.arange(6) + 1000)
    # Those of items that nothing is learned from are no loss.
    all_X, all_y = vstack([wide(X, COLUMNS), more], format="csr"), np.vstack([y, y])
    learn(all_X, np.vstack([y, nobody(kind, 60, 4)]))
    learn(all_X, all_y, sample_weight=np.repeat([1, 0], 60))
    with pytest.warns(CrowdWarning, match="5 columns of X are not zero now, but were"):
        learn(more, y)
    assert model.net_.module_.linear.in_features == 5


@pytest.mark.parametrize("form", [np.asarray, csr_matrix])
def test_columns_that_the_user_chooses(kind, form):
    X, y = context(kind)
    chosen = [0, 2, 3]
    given = small(kind=kind, module__columns=chosen).fit(form(X), y)
    alone = small(kind=kind).fit(form(X[:, chosen]), y)
    np.testing.assert_allclose(predictions(given, X), predictions(alone, X[:, chosen]))
    own = small(
        kind=kind,
        module__columns=chosen,
        module__center=[1, 2, 3],
        module__scale=[1] * 3,
    ).fit(form(X), y)
    assert own.net_.module_.encoding.center.tolist() == [1, 2, 3]
    for wrong in ([0, 6], [2, 0], "columns"):
        with pytest.raises(ValueError, match="columns must be ascending numbers fro"):
            small(kind=kind, module__columns=wrong).fit(form(X), y)


@pytest.mark.parametrize(
    "columns", [[1, 5, 7, 9, 5000], [9, 7, 5, 3, 1], [-1, 1, 2, 3, 4]]
)
def test_a_file_with_columns_that_are_none_is_refused(columns, tmp_path):
    X, y = context(CrowdClassifier)
    model = small().fit(wide(X, COLUMNS), y)
    model.net_.module_.columns[:] = torch.tensor(columns)
    path = save(model, tmp_path / "model.skcrowd")
    with pytest.raises(ValueError, match="columns must be ascending numbers from 0 to"):
        load(path)


def test_columns_survive_a_checkpoint(kind, tmp_path):
    X, y = context(kind)
    whole = small(kind=kind).fit(wide(X, COLUMNS), y)
    kept = small(kind=kind, checkpoint=tmp_path).fit(wide(X, COLUMNS), y)
    new = wide(X, COLUMNS) + wide(X, np.arange(6) + 1000)
    np.testing.assert_array_equal(predictions(kept, new), predictions(whole, new))
