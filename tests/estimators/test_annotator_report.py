"""annotator_report: whom to trust."""

import sys

import numpy as np
import pandas as pd
import pytest
from _data import by_annotator, random_y, small, whole
from _sequence_data import ANSWERS, TAGS, fitted, tagger
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError

from skcrowd import CrowdClassifier, CrowdRegressor
from skcrowd.annotations import check_annotations
from skcrowd.estimators._insight._label_report import label_columns
from skcrowd.estimators._right_answers import expected_right
from skcrowd.metrics import spammer_score

KINDS = [CrowdClassifier, CrowdRegressor]
INTERVALS = {"accuracy", "offset", "scale", "noise_std", "correlation"}
KNOWN = np.array(
    [
        [[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.0, 0.0, 1.0]],
        [[0.4, 0.2, 0.4], [0.4, 0.2, 0.4], [0.4, 0.2, 0.4]],
        np.eye(3),
    ]
)
PRIOR = np.array([0.2, 0.5, 0.3])
CLASSES = np.array(["cat", "dog", "eel"])
N_ANSWERS = np.array([50, 20, 10])


@pytest.fixture(scope="module")
def report():
    columns = label_columns(KNOWN, PRIOR, N_ANSWERS, None, CLASSES, 0.95)
    return pd.DataFrame(columns)


def named(y):
    """Give the annotators names; the last has answered nothing."""
    missing = -1 if y.dtype.kind == "i" else np.nan
    y = np.column_stack([y, np.full(len(y), missing)])
    return pd.DataFrame(y, columns=[f"w{k}" for k in range(y.shape[1])])


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.__name__)
def told(request, items, answers, rated_items):
    """Estimator and report where one annotator has answered nothing."""
    is_classifier = request.param is CrowdClassifier
    X, y = (items[0], answers) if is_classifier else rated_items[::2]
    y = named(y)
    estimator = small("em", request.param).fit(X, y)
    return estimator, y, estimator.annotator_report()


def test_accuracy_is_at_the_shares_of_the_classes(report):
    assert report["accuracy"].tolist() == pytest.approx(
        [0.2 * 0.9 + 0.5 * 0.8 + 0.3, 0.2 * 0.4 + 0.5 * 0.2 + 0.3 * 0.4, 1]
    )


def test_the_worst_confusion_is_the_most_frequent_mistake(report):
    assert report["worst_confusion"].tolist() == ["dog → cat", "dog → cat", ""]
    assert report["worst_confusion_probability"].tolist() == [0.2, 0.4, 0]


def test_bias_is_of_the_class_that_is_given_too_often_or_too_rarely(report):
    assert report["bias_class"].tolist()[:2] == ["cat", "dog"]
    assert report["bias"].tolist() == pytest.approx([0.28 - 0.2, 0.2 - 0.5, 0])


def test_the_spammer_score_is_that_of_the_metrics(report):
    assert report["spammer_score"].tolist() == spammer_score(KNOWN).tolist()


def test_more_answers_narrow_the_interval_and_a_higher_level_widens_it():
    def width(n_answers, level):
        n = np.full(3, n_answers)
        columns = label_columns(KNOWN, PRIOR, n, None, CLASSES, level)
        return columns["accuracy_high"] - columns["accuracy_low"]

    assert (width(100, 0.95) < width(10, 0.95)).all()
    assert (width(10, 0.95) < width(0, 0.95)).all()
    assert (width(10, 0.5) < width(10, 0.95)).all()
    assert (width(0, 0.95) > 0.99).all()


def test_an_uncertain_truth_widens_the_interval():
    right = np.array([40.0, 8.0, 10.0])

    def width(doubt):
        both = right, np.array(doubt)
        columns = label_columns(KNOWN, PRIOR, N_ANSWERS, both, CLASSES, 0.95)
        return columns["accuracy_high"] - columns["accuracy_low"]

    assert (width([4.0, 3.0, 0.0])[:2] > width([0.0, 0.0, 0.0])[:2]).all()
    # an answer of which nothing is known tells nothing
    assert width([8.0, 4.8, 0.0])[0] > 0.95


def test_intervals_hold_the_accuracy_as_often_as_they_say():
    rng = np.random.default_rng(0)
    accuracy, n = rng.uniform(0.3, 0.95, 4000), rng.integers(4, 60, 4000)
    right = rng.binomial(n, accuracy).astype(float)
    estimate = (right + 1) / (n + 2)
    confusion = np.stack([estimate, 1 - estimate, 1 - estimate, estimate], axis=1)
    columns = label_columns(
        confusion.reshape(-1, 2, 2),
        np.array([0.5, 0.5]),
        n,
        (right, np.zeros(len(n))),
        CLASSES[:2],
        0.9,
    )
    inside = (columns["accuracy_low"] <= accuracy) & (
        accuracy <= columns["accuracy_high"]
    )
    assert 0.88 < inside.mean() < 0.93


def test_expected_right_sums_the_posterior(items, answers):
    clf = small("em").fit(items[0], answers)
    item, annotator = np.nonzero(answers >= 0)
    q = clf.posterior_[item, answers[item, annotator]]
    right, doubt = clf._right_answers
    assert right == pytest.approx(np.bincount(annotator, q))
    assert doubt == pytest.approx(np.bincount(annotator, q * (1 - q)))
    assert clf.annotator_report()["n_answers"].tolist() == (
        (answers >= 0).sum(axis=0).tolist()
    )


def test_rows_are_named(told):
    estimator, y, report = told
    assert report.index.tolist() == y.columns.tolist()
    assert report.index.name == "annotator"
    assert report["n_answers"].tolist() == estimator.annotator_n_answers_.tolist()


def test_values_lie_in_their_intervals(told):
    estimator, _, report = told
    for name in INTERVALS & set(report):
        low, high = report[f"{name}_low"], report[f"{name}_high"]
        if isinstance(estimator, CrowdRegressor):
            unknown = report[[name, f"{name}_low", f"{name}_high"]].isna()
            assert unknown.iloc[-1].all(), name  # without answers
            assert not unknown.iloc[:-1].any(axis=None), name
        else:
            assert (high - low).idxmax() == report.index[-1], name
        is_told = report[name].notna()
        assert report[name].between(low, high)[is_told].all(), name


def test_the_level_must_be_a_probability(told):
    estimator, _, report = told
    narrow = estimator.annotator_report(level=0.5)
    for name in INTERVALS & set(report):
        low = report[f"{name}_low"].dropna()
        assert (narrow.loc[low.index, f"{name}_low"] >= low).all()
    for level in (0, 1, 95, np.nan):
        with pytest.raises(ValueError, match="level is"):
            estimator.annotator_report(level=level)


def test_of_tags_counts_tokens():
    clf = fitted("em")
    report = clf.annotator_report()
    assert report["n_answers"].sum() == ANSWERS.tokens.n_answers
    expected = np.einsum("i,rii->r", clf.class_prior_, clf.annotator_confusion_)
    assert report["accuracy"].to_numpy() == pytest.approx(expected)
    assert set(report["bias_class"]) <= set(TAGS)
    posterior = np.concatenate(clf.posterior_)
    right, _ = expected_right(ANSWERS.tokens, posterior)
    assert clf._right_answers[0] == pytest.approx(right)


def test_evidence_adds_up(items, answers):
    X = items[0]
    clf = small("em").fit(X, answers)
    right, doubt = (sums.copy() for sums in clf._right_answers)
    annotations = check_annotations(np.column_stack([answers, answers[:, :1]]))
    clf._set_right_answers(annotations, clf.posterior_, adds=True)
    for sums, before in zip(clf._right_answers, (right, doubt), strict=True):
        assert sums[:5] == pytest.approx(2 * before)
        assert sums[5] == pytest.approx(before[0])
    clf._set_right_answers(annotations, None, adds=True)
    assert clf._right_answers is None
    clf._set_right_answers(annotations, clf.posterior_, adds=True)
    assert clf._right_answers is None  # of the answers before nothing is known


def test_true_numbers_are_one_annotator_who_is_right(rated_items):
    X, truth, _ = rated_items
    report = small("em", CrowdRegressor).fit(X, truth).annotator_report()
    assert report["correlation"].tolist() == pytest.approx([1])
    assert report["correlation_low"][0] > 0.99


def test_methods_without_inferred_truth_have_intervals_too(items, answers):
    report = small("crowd_layer").fit(items[0], answers).annotator_report()
    assert (report["accuracy_low"] < report["accuracy_high"]).all()


def test_true_labels_are_one_annotator_who_is_right(items):
    report = small("em").fit(*items).annotator_report()
    assert report["accuracy"].tolist() == [1]
    assert report["accuracy_low"][0] > 0.9


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_annotators_is_that_of_the_rows(kind, seed):
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((24, 3)), random_y(kind, rng, 24, 4)
    order = rng.permutation(4)
    report = whole("em", kind).fit(X, y).annotator_report()
    other = whole("em", kind).fit(X, y[:, order]).annotator_report()
    numbers = report.select_dtypes("number").columns
    np.testing.assert_allclose(
        other[numbers], report[numbers].iloc[order], rtol=0, atol=1e-6
    )


@pytest.mark.parametrize("estimator", [*(kind() for kind in KINDS), tagger()])
def test_unfitted(estimator):
    with pytest.raises(NotFittedError):
        estimator.annotator_report()


def test_without_pandas_the_error_has_the_pip_line(monkeypatch, told):
    estimator, y, _ = told
    X = np.zeros((len(y), estimator.n_features_in_))
    monkeypatch.setitem(sys.modules, "pandas", None)
    calls = {
        "annotator_report": lambda: estimator.annotator_report(),
        "label_quality": lambda: estimator.label_quality(X, None),
        "answer_quality": lambda: estimator.answer_quality(X, None),
        "next_queries": lambda: estimator.next_queries(X, None, 1),
    }
    for name, call in calls.items():
        with pytest.raises(ImportError, match=rf"{name}\(\).* pip install pandas"):
            call()
    assert by_annotator(estimator)
