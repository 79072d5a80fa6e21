"""insight: the reports of a crowd estimator inside a pipeline or a search."""

import numpy as np
import pandas as pd
import pytest
from _data import small
from pandas.testing import assert_frame_equal
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skcrowd import CrowdSequenceTagger, insight
from skcrowd.inspection import CrowdInsight


@pytest.fixture
def case(kind, data):
    """A fitted pipeline, the step that is the crowd estimator, transformed X, X, y."""
    X, y = data
    pipeline = make_pipeline(StandardScaler(), "passthrough", small("em", kind))
    pipeline.fit(X, y)
    return pipeline, pipeline[-1], pipeline[0].transform(X), X, y


def test_reports_of_a_pipeline_are_those_of_its_last_step(case):
    pipeline, estimator, transformed, X, y = case
    crowd = insight(pipeline)
    assert crowd.estimator is estimator
    assert "StandardScaler, passthrough" in repr(crowd)
    expected = estimator.annotator_report(level=0.8)
    assert_frame_equal(crowd.annotator_report(level=0.8), expected)
    for name in ("label_quality", "answer_quality"):
        expected = getattr(estimator, name)(transformed, y)
        assert_frame_equal(getattr(crowd, name)(X, y), expected)
    expected = estimator.next_queries(transformed, y, 5, max_per_item=2)
    assert_frame_equal(crowd.next_queries(X, y, 5, max_per_item=2), expected)
    assert crowd.label_quality(X, None)["n_answers"].eq(0).all()


def test_an_estimator_by_itself_and_wrapped_ones(case):
    pipeline, estimator, transformed, X, y = case
    expected = estimator.label_quality(transformed, y)
    assert_frame_equal(insight(estimator).label_quality(transformed, y), expected)
    for wrapped in (FrozenEstimator(pipeline), make_pipeline(pipeline)):
        assert_frame_equal(insight(wrapped).label_quality(X, y), expected)
    one_step = make_pipeline(estimator)
    assert_frame_equal(insight(one_step).label_quality(transformed, y), expected)


def test_the_best_estimator_of_a_search(case):
    pipeline, _, _, X, y = case
    search = GridSearchCV(pipeline, {"standardscaler__with_std": [True]}, cv=KFold(2))
    with pytest.raises(NotFittedError, match="refit=True"):
        insight(search)
    search.fit(X, y)
    assert insight(search).estimator is search.best_estimator_[-1]
    nested = make_pipeline(FunctionTransformer(), search)
    expected = insight(search).label_quality(X, y)
    assert_frame_equal(insight(nested).label_quality(X, y), expected)


def test_tagger_in_a_pipeline():
    X = [["Ann", "met", "Bob"], ["Tim", "slept"]] * 6
    y = [[["P", "O", "P"]] * 2, [["P", "O"], ["O", "O"]]] * 6
    tagger = CrowdSequenceTagger(max_epochs=1, random_state=0)
    pipeline = make_pipeline(FunctionTransformer(), tagger).fit(X, y)
    assert len(insight(pipeline).label_quality(X, y)) == 30


def test_rows_are_compared_before_transformers_drop_their_labels(case):
    pipeline, _, _, X, y = case
    X, y = pd.DataFrame(np.asarray(X)), pd.DataFrame(np.asarray(y))
    X.index = [f"item {k}" for k in range(len(X))]
    y.index = X.index[::-1]
    pipeline = make_pipeline(FunctionTransformer(np.asarray), pipeline[-1])
    with pytest.raises(ValueError, match="in another order"):
        insight(pipeline).label_quality(X, y)


@pytest.mark.parametrize(
    "model", [LogisticRegression(), make_pipeline(StandardScaler(), "passthrough"), 3]
)
def test_models_without_a_crowd_are_refused(model):
    with pytest.raises(TypeError, match="holds no crowd estimator"):
        insight(model)


def test_unfitted_models_are_refused(kind):
    for model in (
        small("em", kind),
        make_pipeline(StandardScaler(), small("em", kind)),
    ):
        with pytest.raises(NotFittedError):
            insight(model)


def test_html_is_that_of_the_estimator(case):
    pipeline, *_ = case
    crowd = insight(pipeline)
    assert isinstance(crowd, CrowdInsight)
    assert "The crowd" in crowd._repr_html_()
