"""Predictions for every item by estimators that did not see it."""

import numpy as np
import pytest
import sklearn.model_selection
from _data import FORMS, blobs, crowd, nobody, small, with_mlp
from _sequence_data import (
    ANSWERS,
    FEATURES,
    LENGTHS,
    TAGS,
    TOKENS,
    TRUTH,
    TokenLinear,
    assert_same_tags,
    gold_forms,
    padded,
    quick,
    string_forms,
    take,
)
from joblib import parallel_config
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.exceptions import DataConversionWarning, UnsetMetadataPassedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    ShuffleSplit,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import _safe_indexing

from skcrowd import (
    Annotations,
    CrowdClassifier,
    CrowdMultilabelClassifier,
    CrowdRegressor,
    MultilabelAnnotations,
)
from skcrowd.aggregation import majority_vote
from skcrowd.model_selection import (
    LeaveAnnotatorsOut,
    VoteStratifiedGroupKFold,
    VoteStratifiedKFold,
    cross_val_answer_score,
    cross_val_predict,
)

METHOD_OF = {CrowdClassifier: "predict_proba", CrowdRegressor: "predict"}
CV = VoteStratifiedKFold(3)
ROWS = np.arange(60)


def quickest(kind=CrowdClassifier, **parameters):
    return with_mlp(kind=kind, max_epochs=2, **parameters)


def tagger(**parameters):
    return quick(module=TokenLinear, max_epochs=1, **parameters)


def by_hand(estimator, X, y, method, cv=CV):
    """One fold after another, with a container as y."""
    parts, tested = [], []
    for train, test in cv.split(np.zeros((len(y), 1)), y):
        fitted = clone(estimator).fit(_safe_indexing(X, train), y[train])
        parts.append(getattr(fitted, method)(_safe_indexing(X, test)))
        tested.append(test)
    order = np.argsort(np.concatenate(tested))
    return [value for part in parts for value in part], order


def container(kind, y):
    return Annotations.from_dense(
        y, kind="labels" if kind is CrowdClassifier else "numbers"
    )


@pytest.mark.parametrize("n_splits", [3, CV])
def test_predictions_are_those_by_hand(kind, data, n_splits):
    X, y = data
    ours = cross_val_predict(quickest(kind), X, y, cv=n_splits, method=METHOD_OF[kind])
    values, order = by_hand(quickest(kind), X, container(kind, y), METHOD_OF[kind])
    np.testing.assert_array_equal(ours, take(values, order))


@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_predictions_of_sequences_are_those_by_hand(method):
    ours = cross_val_predict(tagger(), FEATURES, ANSWERS, cv=3, method=method)
    values, order = by_hand(tagger(), FEATURES, ANSWERS, method)
    assert [len(tags) for tags in ours] == LENGTHS.tolist()
    assert_same_tags(ours, [v.tolist() for v in take(values, order)])


def test_every_form_is_predicted_alike(kind, data):
    X, y = data
    ours = {
        form: cross_val_predict(quickest(kind), X, value, cv=2, method=METHOD_OF[kind])
        for form, value in FORMS[kind](y).items()
    }
    first = ours.pop("float")
    for form, values in ours.items():
        np.testing.assert_array_equal(values, first, err_msg=form)


@pytest.fixture(scope="module")
def predicted_tags():
    return cross_val_predict(tagger(), FEATURES, ANSWERS, cv=2)


@pytest.mark.parametrize("form", string_forms(ANSWERS))
def test_every_form_of_tags_is_predicted_alike(form, predicted_tags):
    y = string_forms(ANSWERS)[form]
    assert_same_tags(cross_val_predict(tagger(), FEATURES, y, cv=2), predicted_tags)


@pytest.mark.parametrize("form", gold_forms(TRUTH))
def test_true_tags(form):
    y = gold_forms(TRUTH)[form]
    proba = cross_val_predict(tagger(), FEATURES, y, cv=2, method="predict_proba")
    assert [p.shape for p in proba] == [(n, len(TAGS)) for n in LENGTHS]


def test_tokens_and_tables():
    parameters = {"max_epochs": 1, "module__hidden": 4}
    tags = cross_val_predict(quick(**parameters), TOKENS, ANSWERS, cv=2)
    assert [len(t) for t in tags] == LENGTHS.tolist()
    X, truth = blobs(30)
    y = crowd(truth, {"average": 3}).annotations
    proba = cross_val_predict(tagger(), X, y, cv=2, method="predict_proba")
    assert proba.shape == (30, 3)


def test_scikit_learn_takes_columns_for_classes(items, answers):
    """Documents why there is another function: 5 annotators, 3 classes."""
    options = {"cv": 3, "method": "predict_proba"}
    with pytest.warns(RuntimeWarning, match="does not match total number"):
        theirs = sklearn.model_selection.cross_val_predict(
            quickest(), items[0], answers, **options
        )
    assert theirs.shape == (60, 5)
    ours = cross_val_predict(quickest(), items[0], answers, **options)
    assert ours.shape == (60, 3)
    np.testing.assert_allclose(ours.sum(axis=1), 1, rtol=1e-5)


def test_true_labels_are_predicted_as_by_scikit_learn(items):
    X, truth = items
    for y in (truth, np.array(list("abc"))[truth], truth.tolist()):
        options = {"cv": CV, "method": "predict_proba"}
        ours = cross_val_predict(quickest(), X, y, **options)
        theirs = sklearn.model_selection.cross_val_predict(quickest(), X, y, **options)
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_a_single_column_is_the_truth_as_in_fit(items):
    X, truth = items
    plain = cross_val_predict(quickest(), X, truth, cv=2)
    with pytest.warns(DataConversionWarning):
        column = cross_val_predict(quickest(), X, truth[:, None], cv=2)
    np.testing.assert_array_equal(column, plain)


def test_items_without_answers_are_predicted(kind, data):
    X, y = data
    y = y.copy()
    y[::7] = nobody(kind, 9, 5)
    for method in ("predict", "posterior"):
        ours = cross_val_predict(quickest(kind), X, y, cv=3, method=method)
        assert np.isfinite(ours).all()
        assert len(ours) == 60


def test_a_class_that_a_fold_lacks_keeps_its_column(items, answers):
    y = answers.copy()
    y[11, np.flatnonzero(y[11] >= 0)] = 7
    for method in ("predict_proba", "posterior"):
        proba = cross_val_predict(quickest(), items[0], y, cv=3, method=method)
        assert proba.shape == (60, 4)
    by_annotator = cross_val_predict(
        quickest(), items[0], y, cv=3, method="predict_annotator_proba"
    )
    assert by_annotator.shape == (60, 5, 4)


def test_a_true_class_that_a_fold_lacks_is_improbable(items):
    X, truth = items
    y = truth.copy()
    y[11] = 7
    proba = cross_val_predict(quickest(), X, y, cv=KFold(3), method="predict_proba")
    assert proba.shape == (60, 4)
    assert (proba[:20, 3] == 0).all()
    assert (proba[20:, 3] > 0).all()


def test_columns_are_the_classes_in_order(items, answers):
    clf = small(classes=[2, 0, 3, 1], max_epochs=20, lr=0.05)
    proba = cross_val_predict(clf, items[0], answers, cv=3, method="predict_proba")
    assert proba.shape == (60, 4)
    assert (proba.argmax(axis=1) == items[1]).mean() > 0.8


@pytest.mark.parametrize(
    "cv",
    [
        ShuffleSplit(3, random_state=0),
        LeaveAnnotatorsOut(2),
        [(range(9), range(9, 60))],
    ],
)
def test_every_item_needs_one_prediction(cv, items):
    y = np.full((60, 4), -1)
    y[np.arange(60), np.arange(60) % 3] = items[1]
    y[::2, 3] = 0
    with pytest.raises(ValueError, match=r"cv tests item \d+ [02] times"):
        cross_val_predict(quickest(), items[0], y, cv=cv)


def test_an_iterable_of_splits(kind, data):
    halves = [(np.arange(30), np.arange(30, 60)), (np.arange(30, 60), np.arange(30))]
    ours = cross_val_predict(quickest(kind), *data, cv=halves)
    theirs = cross_val_predict(quickest(kind), *data, cv=halves[::-1])
    np.testing.assert_array_equal(ours, theirs)


def test_jobs_in_parallel(kind, data):
    one = cross_val_predict(quickest(kind), *data, cv=3)
    with parallel_config(backend="multiprocessing"):
        two = cross_val_predict(quickest(kind), *data, cv=3, n_jobs=2)
    np.testing.assert_array_equal(one, two)


def test_the_estimator_is_left_alone(kind, data):
    estimator = quickest(kind)
    cross_val_predict(estimator, *data, cv=2)
    assert not hasattr(estimator, "net_")


def test_pipelines_and_searches(kind, data):
    X, y = data
    pipeline = make_pipeline(StandardScaler(), quickest(kind))
    search = GridSearchCV(quickest(kind), {"lr": [1e-2]}, cv=CV)
    methods = ["predict", "posterior"]
    if kind is CrowdClassifier:
        methods += ["predict_annotator_proba"]
    else:
        methods += ["predict_annotator"]
    for method in methods:
        plain = cross_val_predict(quickest(kind), X, y, cv=2, method=method)
        for estimator in (
            pipeline,
            search,
            make_pipeline("passthrough", quickest(kind)),
        ):
            ours = cross_val_predict(estimator, X, y, cv=2, method=method)
            assert ours.shape == plain.shape
        np.testing.assert_array_equal(ours, plain)


def test_a_method_that_nobody_has(kind, data):
    pipeline = make_pipeline(StandardScaler(), quickest(kind))
    with pytest.raises(AttributeError, match="no method 'nonsense'"):
        cross_val_predict(pipeline, *data, cv=2, method="nonsense")


class Recorder(ClassifierMixin, BaseEstimator):
    """Remembers what reaches it."""

    def fit(self, X, y, sample_weight=None, note=None):
        self.classes_ = y.classes
        seen.append((X[:, 0].tolist(), sample_weight, note))
        return self

    def predict(self, X):
        return X[:, 0]


seen: list = []


def test_parameters_of_each_sample_are_split():
    seen.clear()
    X = np.arange(6.0)[:, None]
    y = np.array([[0, 1]] * 6)
    params = {"sample_weight": np.arange(6) * 10, "note": "whole"}
    cross_val_predict(Recorder(), X, y, cv=2, params=params)
    assert len(seen) == 2
    for rows, weight, note in seen:
        assert weight.tolist() == [10 * row for row in rows]
        assert note == "whole"


def test_groups_and_routing():
    seen.clear()
    X, y = np.arange(6.0)[:, None], np.array([[0, 1]] * 6)
    groups = [0, 0, 1, 1, 2, 2]
    cv = VoteStratifiedGroupKFold(3)
    plain = cross_val_predict(Recorder(), X, y, cv=cv, groups=groups)
    assert plain.tolist() == list(range(6))
    assert all(len({row // 2 for row in rows}) == 2 for rows, _, _ in seen)
    weight = np.arange(6) * 10
    with config_context(enable_metadata_routing=True):
        seen.clear()
        params = {"groups": groups, "sample_weight": weight}
        recorder = Recorder().set_fit_request(sample_weight=True)
        cross_val_predict(recorder, X, y, cv=cv, params=params)
        assert all(w.tolist() == [10 * r for r in rows] for rows, w, _ in seen)
        with pytest.raises(ValueError, match="groups can only be passed"):
            cross_val_predict(recorder, X, y, cv=cv, groups=groups)
        with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
            cross_val_predict(Recorder(), X, y, cv=cv, params=params)


@pytest.mark.parametrize("method", ["predict_proba", "predict", "posterior"])
def test_lengths_of_padded_sequences_reach_the_prediction(method):
    X, lengths = padded(FEATURES, garbage=9.0)
    plain = cross_val_predict(tagger(), FEATURES, ANSWERS, cv=2, method=method)
    params = {"lengths": lengths}
    ours = cross_val_predict(tagger(), X, ANSWERS, cv=2, method=method, params=params)
    assert_same_tags(ours, [p.tolist() for p in plain])
    called = "predict" if method == "predict" else "predict_proba"
    with config_context(enable_metadata_routing=True):
        clf = tagger().set_fit_request(lengths=True)
        getattr(clf, f"set_{called}_request")(lengths=True)
        ours = cross_val_predict(
            make_pipeline(clf), X, ANSWERS, cv=2, method=method, params=params
        )
    assert_same_tags(ours, [p.tolist() for p in plain])


def test_the_posterior_of_labels_is_bayes_rule(items, answers):
    X = items[0]
    ours = cross_val_predict(quickest(), X, answers, cv=3, method="posterior")
    for train, test in CV.split(X, answers):
        fitted = quickest().fit(X[train], answers[train])
        expected = fitted.predict_proba(X[test]).astype(float)
        for row, given in enumerate(answers[test]):
            for person in np.flatnonzero(given >= 0):
                expected[row] *= fitted.annotator_confusion_[person, :, given[person]]
        expected /= expected.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(ours[test], expected, rtol=1e-5)


def test_the_posterior_of_numbers_weighs_by_precision(rated_items):
    X, _, y = rated_items
    reg = quickest(CrowdRegressor)
    ours = cross_val_predict(reg, X, y, cv=3, method="posterior")
    for train, test in CV.split(X, y):
        fitted = clone(reg).fit(X[train], y[train])
        scale, bias = fitted.annotator_scale_, fitted.annotator_bias_
        precision = np.where(
            np.isnan(y[test]), 0, scale**2 / fitted.annotator_noise_std_**2
        )
        told = np.nan_to_num((y[test] - bias) / scale)
        prior = 1 / fitted.prediction_std_**2
        total = (precision * told).sum(axis=1) + prior * fitted.predict(X[test])
        expected = total / (precision.sum(axis=1) + prior)
        np.testing.assert_allclose(ours[test], expected, rtol=1e-5)


def test_the_posterior_of_sequences_is_that_of_their_tokens():
    ours = cross_val_predict(tagger(), FEATURES, ANSWERS, cv=2, method="posterior")
    assert [p.shape for p in ours] == [(n, len(TAGS)) for n in LENGTHS]
    proba = cross_val_predict(tagger(), FEATURES, ANSWERS, cv=2, method="predict_proba")
    truth = np.concatenate(TRUTH)
    right = [
        (np.array(TAGS)[np.concatenate(p).argmax(axis=1)] == truth).mean()
        for p in (ours, proba)
    ]
    assert right[0] > right[1]


def test_the_posterior_cleans_labels(gold_items):
    X, truth, simulation = gold_items
    X = X + 3 * np.random.default_rng(0).standard_normal(X.shape)
    y = simulation.annotations
    clf = small(max_epochs=8)
    right = [
        (values.argmax(axis=1) == truth).mean()
        for values in (
            cross_val_predict(clf, X, y, cv=3, method="posterior"),
            cross_val_predict(clf, X, y, cv=3, method="predict_proba"),
            majority_vote(y),
        )
    ]
    assert right[0] > max(right[1:])


def test_the_posterior_needs_answers_and_annotators(items, answers):
    X, truth = items
    with pytest.raises(ValueError, match="y is the truth itself"):
        cross_val_predict(quickest(), X, truth, method="posterior")
    with pytest.raises(TypeError, match="has no annotators"):
        cross_val_predict(Recorder(), X, answers, method="posterior")


def test_other_estimators_of_scikit_learn(items):
    X, truth = items
    clf = LogisticRegression()
    ours = cross_val_predict(clf, X, truth, cv=3, method="predict_log_proba")
    theirs = sklearn.model_selection.cross_val_predict(
        clf, X, truth, cv=3, method="predict_log_proba"
    )
    np.testing.assert_allclose(ours, theirs)


def test_lengths_that_do_not_fit(items, answers):
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        cross_val_predict(quickest(), items[0][:-1], answers)


SETS = [[["cat"], ["cat", "dog"]], [[], ["dog"]], [["dog"], None], [["cat"], []]] * 6
TRUE_SETS = [{"cat"}, {"dog"}, {"dog"}, {"cat"}] * 6


def test_sets_of_labels_are_read_as_the_estimator_reads_them():
    X = np.random.default_rng(0).normal(size=(24, 2))
    model = CrowdMultilabelClassifier(max_epochs=2, random_state=0)

    def predicted(y, estimator=model):
        return cross_val_predict(estimator, X, y, cv=3, method="predict_proba")

    expected = predicted(MultilabelAnnotations.from_cells(SETS))
    np.testing.assert_array_equal(predicted(SETS), expected)
    in_pipeline = predicted(SETS, make_pipeline(StandardScaler(), model))
    assert in_pipeline.shape == expected.shape == (24, 2)
    indicators = [[name in labels for name in ("cat", "dog")] for labels in TRUE_SETS]
    np.testing.assert_array_equal(predicted(TRUE_SETS), predicted(np.array(indicators)))


def test_sets_of_labels_have_no_posterior():
    X = np.zeros((24, 2))
    with pytest.raises(TypeError, match=r"posterior.* sets of labels; label_quality"):
        cross_val_predict(CrowdMultilabelClassifier(), X, SETS, method="posterior")
    with pytest.raises(TypeError, match=r"sets of labels.*\.cross_val_score"):
        cross_val_answer_score(CrowdMultilabelClassifier(), X, SETS)
