"""annotator_report: whom to trust."""

import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from _data import by_annotator, random_y, small, whole
from _sequence_data import ANSWERS, FEATURES, TAGS, fitted, tagger
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError

from skcrowd import Annotations, CrowdClassifier, CrowdRegressor, load, save
from skcrowd.aggregation._label_posterior import label_posterior
from skcrowd.annotations import check_annotations
from skcrowd.estimators._insight._label_report import label_columns
from skcrowd.estimators._right_answers import calibrated_posterior
from skcrowd.methods import RegularizedEM
from skcrowd.metrics import spammer_score
from skcrowd.metrics._annotator_accuracy import (
    RightAnswers,
    accuracy_interval,
    right_answers,
)

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
COUNTS = np.array(
    [
        [[8.0, 2.0, 0.0], [6.0, 24.0, 0.0], [0.0, 0.0, 10.0]],
        [[2.0, 0.0, 6.0], [1.0, 5.0, 1.0], [0.0, 0.3, 4.7]],
        [[4.0, 0.0, 0.4], [0.0, 3.0, 0.0], [0.0, 0.0, 2.6]],
    ]
)
N_ANSWERS = np.array([50, 20, 10])


def known(mean, var=0.0):
    """Return RightAnswers whose calibrated numbers are the same."""
    mean = np.asarray(mean, dtype=float)
    sums = mean, np.broadcast_to(np.asarray(var, dtype=float), mean.shape)
    return RightAnswers(*sums, *sums)


RIGHT = known([42.0, 11.7, 9.6])


@pytest.fixture(scope="module")
def report():
    columns = label_columns(KNOWN, COUNTS, PRIOR, N_ANSWERS, RIGHT, CLASSES, 0.95)
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


def test_accuracy_is_the_share_of_own_answers_that_are_right(report):
    assert report["accuracy"].tolist() == pytest.approx([0.84, 0.585, 0.96])


def test_average_item_accuracy_is_at_the_shares_of_the_classes(report):
    assert report["average_item_accuracy"].tolist() == pytest.approx(
        [0.2 * 0.9 + 0.5 * 0.8 + 0.3, 0.2 * 0.4 + 0.5 * 0.2 + 0.3 * 0.4, 1]
    )


def test_the_worst_confusion_is_the_mistake_made_most_often(report):
    assert report["worst_confusion"].tolist() == ["dog → cat", "cat → eel", ""]
    assert report["worst_confusion_probability"].tolist() == [0.2, 0.75, 0]


def test_bias_is_of_the_class_that_is_given_too_often_or_too_rarely(report):
    assert report["bias_class"].tolist()[:2] == ["cat", "dog"]
    assert report["bias"].tolist() == pytest.approx([0.28 - 0.2, 0.2 - 0.5, 0])


def test_the_spammer_score_is_that_of_the_metrics(report):
    assert report["spammer_score"].tolist() == spammer_score(KNOWN).tolist()


def widths(right, n_answers, level=0.95):
    n = np.asarray(n_answers)
    columns = label_columns(KNOWN, COUNTS, PRIOR, n, right, CLASSES, level)
    return columns["accuracy_high"] - columns["accuracy_low"]


def test_more_answers_narrow_the_interval_and_a_higher_level_widens_it():
    def width(n_answers, level):
        n = np.full(3, n_answers)
        return widths(known(n * [0.8, 0.5, 1.0]), n, level)

    assert (width(100, 0.95) < width(10, 0.95)).all()
    assert (width(10, 0.95) < width(0, 0.95)).all()
    assert (width(10, 0.5) < width(10, 0.95)).all()
    assert (width(0, 0.95) == 1).all()


def test_an_uncertain_truth_widens_the_interval():
    right = [40.0, 8.0, 9.0]
    certain, doubtful = (widths(known(right, v), N_ANSWERS) for v in (0, [4, 3, 0.9]))
    assert (doubtful > certain).all()
    # half of 50 answers are right, or none, or all: nothing is known
    assert widths(known([25.0, 1.0, 1.0], 12.5), [50, 2, 2])[0] > 0.9
    other = known(right)._replace(calibrated_mean=np.array([30.0, 4.0, 5.0]))
    assert (widths(other, N_ANSWERS) > certain).all()


def test_intervals_hold_the_accuracy_as_often_as_they_say():
    rng = np.random.default_rng(0)
    accuracy, n = rng.uniform(0.02, 0.98, 4000), rng.integers(3, 60, 4000)
    right = rng.binomial(n, accuracy).astype(float)
    low, high = accuracy_interval(right, np.zeros(4000), n, 0.9)
    assert 0.88 < ((low <= accuracy) & (accuracy <= high)).mean() < 0.93
    # where the truth is uncertain, draws of it are
    q = rng.beta(4, 1, (2000, 40))
    right = (rng.random(q.shape) < q).sum(axis=1)
    low, high = accuracy_interval(q.sum(axis=1), (q * (1 - q)).sum(axis=1), 40, 0.9)
    assert ((low <= right / 40) & (right / 40 <= high)).mean() > 0.9


def test_answers_that_depend_on_each_other_are_worth_fewer():
    both = [
        accuracy_interval(np.array([30.0]), np.array([2.0]), [40], 0.95, 2.0),
        accuracy_interval(np.array([15.0]), np.array([0.5]), [20], 0.95),
    ]
    assert np.ravel(both[0]) == pytest.approx(np.ravel(both[1]))


@pytest.mark.parametrize(
    ("n_right", "n", "low", "high"),
    [
        (200, 200, (0.98, 0.99), (1, 1)),
        (0, 10, (0, 0), (0.2, 0.31)),
        (9, 100, (0.04, 0.06), (0.14, 0.17)),
        (0, 1, (0, 0), (0.8, 0.9)),
        (1, 1, (0.1, 0.2), (1, 1)),
        (3, 3, (0.4, 0.5), (1, 1)),
        (0, 0, (0, 0), (1, 1)),
    ],
)
def test_intervals_at_the_extremes(n_right, n, low, high):
    found = np.ravel(accuracy_interval(np.array([n_right]), np.zeros(1), [n], 0.95))
    for end, (least, most) in zip(found, (low, high), strict=True):
        assert least <= end <= most


def test_every_kind_of_annotator_reads_right():
    X, truth = load_digits(return_X_y=True)
    X, truth = X[:400], truth[:400]
    rng = np.random.default_rng(0)
    y = np.full((400, 13), -1)

    def answer(annotator, n, accuracy):
        items = rng.choice(400, n, replace=False)
        other = (truth[items] + rng.integers(1, 10, n)) % 10
        is_right = rng.permutation(n) < accuracy * n
        y[items, annotator] = np.where(is_right, truth[items], other)

    for annotator in range(6):
        answer(annotator, 250, 0.8)
    cases = [(200, 1.0), (10, 0.0), (100, 0.09), (1, 0.0), (3, 1.0), (100, 0.0)]
    for annotator, (n, accuracy) in enumerate(cases, start=6):
        answer(annotator, n, accuracy)
    y[:60, 12] = 3  # always the same answer
    report = CrowdClassifier(random_state=0).fit(X, y).annotator_report()
    has = y >= 0
    own = ((y == truth[:, None]) & has).sum(axis=0) / has.sum(axis=0)
    assert np.abs(report["accuracy"] - own).max() < 0.03
    assert np.abs(report["accuracy"] - own).mean() < 0.015
    assert (
        report["accuracy"]
        .between(report["accuracy_low"], report["accuracy_high"])
        .all()
    )
    low, high = report["accuracy_low"], report["accuracy_high"]
    assert low[6] > 0.96
    assert low[7] == 0
    assert high[7] < 0.35
    assert high[8] < 0.25
    assert high[9] - low[9] > 0.7
    assert high[11] < 0.06
    confusions = report["worst_confusion"]
    assert confusions[[6, 10]].tolist() == ["", ""]
    assert confusions[9] == f"{truth[has[:, 9]][0]} → {y[has[:, 9], 9][0]}"
    assert confusions[12].endswith(" → 3")
    assert report["worst_confusion_probability"][12] == pytest.approx(1, abs=0.01)


def test_accuracy_sums_the_posterior(items, answers):
    clf = small("em").fit(items[0], answers)
    item, annotator = np.nonzero(answers >= 0)
    q = clf.posterior_[item, answers[item, annotator]]
    right = clf._stored_right_answers()
    assert right.mean == pytest.approx(np.bincount(annotator, q))
    assert right.var == pytest.approx(np.bincount(annotator, q * (1 - q)))
    report = clf.annotator_report()
    assert report["n_answers"].tolist() == (answers >= 0).sum(axis=0).tolist()
    assert report["accuracy"].to_numpy() == pytest.approx(
        right.mean / report["n_answers"].to_numpy()
    )


def test_gold_is_certain(items, answers):
    X, truth = items
    clf = small("em").fit(X, answers, gold=truth)
    report, has = clf.annotator_report(), answers >= 0
    own = ((answers == truth[:, None]) & has).sum(axis=0) / has.sum(axis=0)
    assert report["accuracy"].to_numpy() == pytest.approx(own)
    assert clf._stored_right_answers().doubt() == pytest.approx(np.zeros(5))


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
    assert report["average_item_accuracy"].to_numpy() == pytest.approx(expected)
    assert set(report["bias_class"]) <= set(TAGS)
    right = right_answers(ANSWERS.tokens, np.concatenate(clf.posterior_))
    assert clf._stored_right_answers().mean == pytest.approx(right.mean)
    assert report["accuracy"].to_numpy() == pytest.approx(
        right.mean / ANSWERS.tokens.answers_per_annotator
    )


def test_of_tags_has_span_scores():
    clf = fitted("em")
    report = clf.annotator_report()
    for name in ("span_precision", "span_recall", "span_f1"):
        assert report[name].between(report[f"{name}_low"], report[f"{name}_high"]).all()
        assert report[name].between(0.01, 0.999).all()
    wide, narrow = (clf.annotator_report(level=level) for level in (0.95, 0.5))
    assert (wide["span_f1_low"] < narrow["span_f1_low"]).all()


def test_parts_of_tags_add_up():
    def part(clf):
        return clf.partial_fit(FEATURES, ANSWERS, classes=TAGS)

    clf = part(tagger("em"))
    first = clf._span_counts[0]
    assert part(clf)._span_counts[0].tolist() == (2 * first).tolist()
    clf._span_counts = clf._token_clusters = None  # a file of an earlier version
    assert part(clf)._span_counts is None
    assert clf.annotator_report().shape[1] == 11


def test_parts_add_up(items, answers):
    X = items[0]
    clf = small("em", classes=[0, 1, 2]).partial_fit(X, answers)
    before = clf._stored_right_answers()
    more = np.column_stack([answers, answers[:, :1]])
    clf.partial_fit(X, more)
    own = right_answers(check_annotations(more), clf.posterior_)
    right = clf._stored_right_answers()
    assert right.mean[:5] == pytest.approx(before.mean + own.mean[:5])
    assert right.var[5:] == pytest.approx(own.var[5:])
    clf._right_answers = None  # as files of an earlier version have it
    report = clf.annotator_report()
    assert report["accuracy"].isna().all()
    assert (report["accuracy_high"] - report["accuracy_low"] == 1).all()
    assert clf.partial_fit(X, more)._stored_right_answers() is None


def test_a_warm_start_counts_its_own_answers_alone(items, answers):
    clf = small("em", warm_start=True).fit(items[0], answers)
    clf.fit(items[0], answers)
    expected = right_answers(check_annotations(answers), clf.posterior_)
    assert clf._stored_right_answers().mean == pytest.approx(expected.mean)


def test_earlier_versions_stored_no_calibrated_numbers(items, answers):
    clf = small("em").fit(items[0], answers)
    clf._calibrated_right_answers = None
    right = clf._stored_right_answers()
    assert right.calibrated_mean is right.mean


def test_true_numbers_are_one_annotator_who_is_right(rated_items):
    X, truth, _ = rated_items
    report = small("em", CrowdRegressor).fit(X, truth).annotator_report()
    assert report["correlation"].tolist() == pytest.approx([1])
    assert report["correlation_low"][0] > 0.99


def test_methods_without_inferred_truth_take_bayes_rule(items, answers):
    X = items[0]
    clf = small("crowd_layer").fit(X, answers)
    log_network = np.log(clf.predict_proba(X))
    annotations = check_annotations(answers)
    posterior = label_posterior(log_network, annotations, clf.annotator_confusion_)
    expected = right_answers(annotations, posterior)
    right = clf._stored_right_answers()
    np.testing.assert_allclose(right.mean, expected.mean, rtol=1e-4)
    report = clf.annotator_report()
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


def copied(n_items=200):
    """Draw items and answers in three classes, where two annotators are one."""
    rng = np.random.default_rng(0)
    truth = rng.integers(3, size=n_items)
    wrong = rng.integers(1, 3, (n_items, 8)) * (rng.random((n_items, 8)) < 0.35)
    y = (truth[:, None] + wrong) % 3
    y[:, 7] = y[:, 2]
    return np.eye(3)[truth] + 0.1 * rng.standard_normal((n_items, 3)), y


@pytest.mark.filterwarnings("ignore::skcrowd.exceptions.CrowdWarning")
@pytest.mark.parametrize("method", ["regularized_em", "em", "majority_vote"])
def test_who_errs_together_is_named(method):
    X, y = copied()
    clf = small(method).fit(X, y)
    group = clf.annotator_report()["group"].tolist()
    assert group == [None, None, 0, None, None, None, None, 0]
    clf.partial_fit(X[:20], np.column_stack([y[:20], y[:20, :1]]))
    assert clf.annotator_report()["group"].tolist() == [*group, None]
    assert small(method).fit(X, y[:, 0]).annotator_report()["group"].isna().all()


@pytest.mark.filterwarnings("ignore::skcrowd.exceptions.CrowdWarning")
def test_groups_have_the_names_of_the_user(tmp_path):
    X, y = copied()
    families = [None, "Llama", None, None, "Llama", np.str_("Qwen"), None, "Qwen"]
    by_name = {k: family for k, family in enumerate(families) if family is not None}
    for family_of in (families, by_name):
        method = RegularizedEM(annotator_groups=family_of)
        clf = small("em").set_params(method=method).fit(X, y)
        group = clf.annotator_report()["group"]
        assert group.isna().tolist() == [name is None for name in families]
        assert group.dropna().tolist() == ["Llama", "Llama", "Qwen", "Qwen"]
    save(clf, tmp_path / "model")
    stored = load(tmp_path / "model").annotator_report()
    pd.testing.assert_frame_equal(stored, clf.annotator_report())


def with_times(y, time, kind):
    item, annotator = np.nonzero(np.isfinite(y) if kind == "numbers" else y >= 0)
    return Annotations.from_long(
        item,
        annotator,
        y[item, annotator],
        kind=kind,
        time=time[item, annotator],
        n_items=len(y),
        annotator_ids=range(y.shape[1]),
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_median_times(kind, items, answers, rated_items, tmp_path):
    X, y = (items[0], answers) if kind is CrowdClassifier else rated_items[::2]
    is_missing = y < 0 if kind is CrowdClassifier else np.isnan(y)
    time = np.random.default_rng(0).lognormal(2, 1, y.shape)
    time[:, 1] = np.nan
    annotations = with_times(y, time, kind._kind)
    estimator = small("em", kind).fit(X, annotations)
    report = estimator.annotator_report()
    expected = np.nanmedian(np.where(is_missing, np.nan, time)[:, [0, 2]], axis=0)
    assert report["median_time"][[0, 2]].tolist() == pytest.approx(expected)
    assert np.isnan(report["median_time"][1])
    save(estimator, tmp_path / "model")
    stored = load(tmp_path / "model").annotator_report()
    pd.testing.assert_frame_equal(stored, report)

    slow = np.where(np.isfinite(time), 10 * time, 7.0)
    estimator.partial_fit(X, with_times(y, slow, kind._kind))
    both = np.concatenate([time, slow])
    both[np.concatenate([is_missing, is_missing])] = np.nan
    medians = estimator.annotator_report()["median_time"]
    assert medians.tolist() == pytest.approx(np.nanmedian(both, axis=0))
    again = estimator.fit(X, y)
    assert "median_time" not in again.annotator_report()


def test_doubt_is_that_of_networks_that_have_not_seen_the_item():
    rng = np.random.default_rng(0)
    truth = rng.integers(2, size=300)
    y = np.where(rng.random((300, 2)) < 0.2, 1 - truth[:, None], truth[:, None])
    y[:100, 1] = -1
    context = SimpleNamespace(
        annotations=Annotations.from_dense(y),
        side_information=SimpleNamespace(annotator_counts=None),
        class_ranks=None,
        clamp_gold=lambda posterior: posterior,
    )
    seen = np.log(np.where(y[:, :1] == [[0, 1]], 0.99, 0.01))  # learned by heart
    unseen = np.log(np.where(truth[:, None] == [[0, 1]], 0.6, 0.4))
    options = seen, np.full(2, 0.5), np.exp(seen)
    plain = calibrated_posterior(context, *options)
    found = calibrated_posterior(context, *options, unseen)
    again = calibrated_posterior(context, unseen, *options[1:], unseen)
    np.testing.assert_array_equal(found, again)
    right = found[np.arange(300), truth]
    assert right.mean() > plain[np.arange(300), truth].mean() + 0.05
    # What is right more often than it says may count more than what a network learned.
    bounded = calibrated_posterior(context, unseen, *options[1:])
    assert right.mean() > bounded[np.arange(300), truth].mean() + 0.02


@pytest.mark.parametrize("seed", range(3))
def test_single_answers_of_a_guesser_leave_doubt(seed):
    rng = np.random.default_rng(seed)
    truth = rng.integers(3, size=300)
    X = np.eye(3)[truth] + 0.3 * rng.standard_normal((300, 3))
    annotator = np.arange(300) % 3
    answer = np.where(annotator < 2, truth, rng.integers(3, size=300))
    y = np.full((300, 3), -1)
    y[np.arange(300), annotator] = answer
    clf = CrowdClassifier(max_epochs=20, method__n_folds=2, random_state=0).fit(X, y)
    report = clf.annotator_report()
    right = (answer == truth)[annotator == 2].mean()
    assert report["accuracy_low"][2] < right < report["accuracy_high"][2]
    stored = clf._stored_right_answers()
    assert stored.doubt()[2] > 2 * stored.var[2]
