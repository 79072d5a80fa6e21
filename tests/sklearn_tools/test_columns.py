"""ColumnTransformer, ``set_output`` and names of features, before an estimator."""

import numpy as np
import pandas as pd
import pytest
from _sequence_data import ANSWERS, FEATURES
from _tool_outcomes import LABELS, NUMBERS, as_container, estimator
from scipy import sparse
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skcrowd import Annotations, CrowdClassifier, CrowdRegressor, CrowdSequenceTagger

TABLE = {CrowdClassifier: LABELS, CrowdRegressor: NUMBERS}
KINDS = [CrowdClassifier, CrowdRegressor, CrowdSequenceTagger]
of_all = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def table(kind):
    """Return a DataFrame of two numbers and a word an item, and the answers."""
    if kind is CrowdSequenceTagger:  # one token a row
        y = Annotations.from_dense(ANSWERS.to_flat()[:36])
        numbers = np.concatenate(FEATURES)[:36, 0]
    else:
        y, numbers = as_container(kind), TABLE[kind].astype(float)
    rng = np.random.default_rng(0)
    words = np.array(["red", "green", "blue"])[rng.integers(0, 3, 36)]
    X = pd.DataFrame({"size": numbers, "age": rng.random(36), "color": words})
    return X, y


def columns(sparse_output, threshold=0.3):
    return make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include=float)),
        (OneHotEncoder(sparse_output=sparse_output), ["color"]),
        sparse_threshold=threshold,
    )


@of_all
def test_numbers_and_words(kind):
    X, y = table(kind)
    before = columns(sparse_output=False)
    model = make_pipeline(before, estimator(kind)).fit(X, y)
    plain = estimator(kind).fit(before.fit_transform(X), y)
    assert model[-1].n_features_in_ == 5
    assert model.feature_names_in_.tolist() == ["size", "age", "color"]
    ours, theirs = model.predict(X), plain.predict(before.transform(X))
    np.testing.assert_array_equal(ours, theirs)
    grid = {"columntransformer__standardscaler__with_mean": [True, False]}
    found = GridSearchCV(model, grid, cv=2, error_score="raise").fit(X, y)
    assert np.isfinite(found.cv_results_["mean_test_score"]).all()


@pytest.mark.parametrize("kind", KINDS[:2], ids=lambda kind: kind.__name__)
def test_sparse_columns(kind):
    X, y = table(kind)
    before = columns(sparse_output=True, threshold=1.0)
    assert sparse.issparse(before.fit_transform(X))
    model = make_pipeline(before, estimator(kind)).fit(X, y)
    plain = estimator(kind).fit(before.transform(X), y)
    np.testing.assert_array_equal(model.predict(X), plain.predict(before.transform(X)))
    assert np.isfinite(model.score(X, y))


def test_the_tagger_refuses_sparse_columns():
    X, y = table(CrowdSequenceTagger)
    before = columns(sparse_output=True, threshold=1.0)
    model = make_pipeline(before, estimator(CrowdSequenceTagger))
    with pytest.raises(TypeError, match="Sparse data was passed"):
        model.fit(X, y)


@of_all
def test_names_arrive_with_set_output(kind):
    X, y = table(kind)
    model = make_pipeline(columns(sparse_output=False), estimator(kind))
    model.set_output(transform="pandas").fit(X, y)
    names = model[:-1].get_feature_names_out().tolist()
    assert model[-1].feature_names_in_.tolist() == names
    assert names[0] == "standardscaler__size"
    unnamed = estimator(kind).fit(model[:-1].transform(X).to_numpy(), y)
    np.testing.assert_array_equal(
        model.predict(X), unnamed.predict(model[:-1].transform(X).to_numpy())
    )
    assert not hasattr(unnamed, "feature_names_in_")


@of_all
def test_other_names_are_refused(kind):
    X, y = table(kind)
    X = X[["size", "age"]]
    fitted = estimator(kind).fit(X, y)
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.predict(X.rename(columns={"age": "weight"}))
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        fitted.predict(X.to_numpy())
