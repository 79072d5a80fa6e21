"""label_quality and answer_quality: how sure the consensus is, what looks wrong."""

import numpy as np
import pandas as pd
import pytest
from _data import blobs, crowd, nobody, rated, small
from _sequence_data import (
    ANSWERS,
    FEATURES,
    LENGTHS,
    TRUTH,
    fitted,
    padded,
    quick,
    tagger,
    take,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError

from skcrowd import (
    Annotations,
    CrowdClassifier,
    CrowdRegressor,
)
from skcrowd.annotations import SequenceAnnotations

KINDS = [CrowdClassifier, CrowdRegressor]
NAMES = ["ann", "bob", "cid", "dan", "eve"]
seeds = st.integers(0, 2**32 - 1)
PREFIT = {"cv": "prefit"}


@pytest.fixture(scope="module")
def clf(items, answers):
    return small("em").fit(items[0], pd.DataFrame(answers, columns=NAMES))


@pytest.fixture(scope="module")
def reg(rated_items):
    X, _, y = rated_items
    return small("em", CrowdRegressor).fit(X, pd.DataFrame(y, columns=NAMES))


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.__name__)
def case(request, clf, reg, items, answers, rated_items):
    """A fitted estimator, features, answers."""
    if request.param is CrowdClassifier:
        return clf, items[0], answers
    return reg, rated_items[0], rated_items[2]


def bayes(clf, X, y):
    """Posterior of every item, written down naively."""
    posterior = clf.predict_proba(X)
    for item, annotator in zip(*np.nonzero(y >= 0), strict=True):
        posterior[item] *= clf.annotator_confusion_[annotator, :, y[item, annotator]]
    return posterior / posterior.sum(axis=1, keepdims=True)


def test_the_consensus_is_that_of_network_and_answers(clf, items, answers):
    X, _ = items
    posterior = bayes(clf, X, answers)
    told = clf.label_quality(X, answers, **PREFIT)
    assert told["consensus_label"].tolist() == posterior.argmax(axis=1).tolist()
    np.testing.assert_allclose(told["consensus_probability"], posterior.max(axis=1))
    entropy = -np.sum(posterior * np.log(posterior), axis=1)
    np.testing.assert_allclose(told["entropy"], entropy)
    np.testing.assert_allclose(told["quality"], 1 - entropy / np.log(3), atol=1e-12)
    assert told["network_label"].tolist() == clf.predict(X).tolist()
    assert told["n_answers"].tolist() == (answers >= 0).sum(axis=1).tolist()
    agrees = answers == posterior.argmax(axis=1)[:, None]
    np.testing.assert_allclose(told["agreement"], agrees.sum(axis=1) / 3)


def test_answers_are_as_right_as_the_posterior_says(clf, items, answers):
    X, _ = items
    posterior = bayes(clf, X, answers)
    told = clf.answer_quality(X, answers, **PREFIT)
    item, annotator = np.nonzero(answers >= 0)
    assert told["item"].tolist() == item.tolist()
    assert told["annotator"].tolist() == [NAMES[k] for k in annotator]
    assert told["label"].tolist() == answers[item, annotator].tolist()
    expected = posterior[item, answers[item, annotator]]
    np.testing.assert_allclose(told["probability"], expected)
    assert told["looks_wrong"].tolist() == (expected < 0.5).tolist()
    strict = clf.answer_quality(X, answers, threshold=0.9, **PREFIT)["looks_wrong"]
    assert strict.tolist() == (expected < 0.9).tolist()


def test_wrong_answers_are_found():
    X, truth = blobs(300)
    y = crowd(truth, {"average": 8}, answers_per_item=3).annotations
    clf = small("em", max_epochs=15).fit(X, y)
    told = clf.answer_quality(X, y)
    is_wrong = told["label"] != truth[told["item"]]
    assert (told["looks_wrong"] == is_wrong).mean() > 0.95


def test_a_rating_is_judged_by_the_others(reg, rated_items):
    X, _, y = rated_items
    told = reg.answer_quality(X, y, **PREFIT)
    scale, bias = reg.annotator_scale_, reg.annotator_bias_
    noise = reg.annotator_noise_std_
    for k in (0, 7, 100):
        item, annotator = told["item"][k], NAMES.index(told["annotator"][k])
        rest = y[[item]].copy()
        rest[0, annotator] = np.nan
        other = reg.label_quality(X[[item]], rest, **PREFIT).iloc[0]
        expected = scale[annotator] * other["consensus"] + bias[annotator]
        std = np.hypot(scale[annotator] * other["std"], noise[annotator])
        assert told["expected"][k] == pytest.approx(expected)
        z = (y[item, annotator] - expected) / std
        assert told["residual"][k] == pytest.approx(z)
        assert told["looks_wrong"][k] == (abs(z) > 3)
    few = reg.answer_quality(X, y, threshold=1, **PREFIT)["looks_wrong"]
    assert few.sum() > told["looks_wrong"].sum()


def test_residuals_are_standardised():
    X, truth, simulation = rated(400, {"average": 8}, 3)
    y = simulation.annotations
    reg = small("em", CrowdRegressor, max_epochs=30, calibrate=True).fit(X, y)
    told = reg.answer_quality(X, y)
    assert told["residual"].std() == pytest.approx(1, abs=0.1)
    quality = reg.label_quality(X, y)
    z = (quality["consensus"] - truth) / quality["std"]
    assert z.std() == pytest.approx(1, abs=0.4)


def test_of_training_items_is_the_posterior_of_the_fit(reg, rated_items):
    X, _, y = rated_items
    told = reg.label_quality(X, y, **PREFIT)
    np.testing.assert_allclose(told["consensus"], reg.posterior_mean_, rtol=1e-4)
    np.testing.assert_allclose(told["std"], reg.posterior_std_, rtol=1e-4)
    assert told["network"].tolist() == reg.predict(X).tolist()
    np.testing.assert_allclose(told["mean_rating"], np.nanmean(y, axis=1))
    assert told["quality"].between(0, 1).all()


def test_without_answers_the_network_decides(case):
    estimator, X, y = case
    told = estimator.label_quality(X, None, **PREFIT)
    mixed = y.copy()
    mixed[::2] = nobody(type(estimator), 1, 5)
    half = estimator.label_quality(X, mixed, **PREFIT)
    pd.testing.assert_frame_equal(half[::2], told[::2])
    assert (told["n_answers"] == 0).all()
    name = "consensus_label" if "entropy" in told else "consensus"
    np.testing.assert_array_equal(told[name], estimator.predict(X))
    assert told.iloc[:, -1].isna().all()
    assert len(estimator.answer_quality(X, None, **PREFIT)) == 0
    rest = half.iloc[1::2], estimator.label_quality(X, y, **PREFIT).iloc[1::2]
    pd.testing.assert_frame_equal(*rest)


def test_answers_add_quality(case):
    estimator, X, y = case
    with_answers = estimator.label_quality(X, y, **PREFIT)["quality"].mean()
    assert with_answers > estimator.label_quality(X, None, **PREFIT)["quality"].mean()


def test_other_opinions_replace_the_network(clf, reg, items, answers, rated_items):
    X = items[0]
    told = clf.label_quality(X, None, pred_proba=np.full((60, 3), 1 / 3), **PREFIT)
    assert told["quality"].to_numpy() == pytest.approx(0, abs=1e-12)
    same = clf.label_quality(X, answers, pred_proba=clf.predict_proba(X), **PREFIT)
    pd.testing.assert_frame_equal(same, clf.label_quality(X, answers, **PREFIT))
    certain = np.tile([0.0, 0.0, 1.0], (60, 1))
    told = clf.answer_quality(X, answers, pred_proba=certain, **PREFIT)
    assert told["looks_wrong"].tolist() == (told["label"] != 2).tolist()
    told = reg.label_quality(rated_items[0], None, prediction=np.arange(60), **PREFIT)
    assert told["consensus"].tolist() == list(range(60))


@pytest.mark.parametrize(
    ("pred_proba", "message"),
    [
        (np.ones((60, 2)) / 2, r"shape \(60, 2\), expected \(60, 3\)"),
        (np.ones((60, 3)), "row 0 .*sum to 1"),
        (np.full((60, 3), np.nan), "row 0"),
        (np.tile([1.5, -0.5, 0.0], (60, 1)), "row 0"),
    ],
)
def test_opinions_that_are_no_probabilities(clf, items, answers, pred_proba, message):
    with pytest.raises(ValueError, match=message):
        clf.label_quality(items[0], answers, pred_proba=pred_proba)


def test_predictions_that_are_none(reg, rated_items):
    for wrong in (np.ones(3), np.full(60, np.nan)):
        with pytest.raises(ValueError, match="finite number for each item"):
            reg.label_quality(rated_items[0], None, prediction=wrong)


@pytest.mark.parametrize("threshold", [-0.1, np.nan])
def test_thresholds_must_make_sense(case, threshold):
    estimator, X, y = case
    with pytest.raises(ValueError, match="threshold is"):
        estimator.answer_quality(X, y, threshold=threshold)


@settings(max_examples=20)
@given(seed=seeds)
def test_the_order_of_items(case, seed):
    estimator, X, y = case
    order = np.random.default_rng(seed).permutation(60)
    told = estimator.label_quality(X, y, **PREFIT).iloc[order].reset_index(drop=True)
    other = estimator.label_quality(X[order], y[order], **PREFIT).reset_index(drop=True)
    pd.testing.assert_frame_equal(told, other, rtol=1e-4, atol=1e-6)


@settings(max_examples=20)
@given(seed=seeds, n_kept=st.integers(1, 5))
def test_annotators_are_matched_by_name(case, seed, n_kept):
    estimator, X, y = case
    kept = np.random.default_rng(seed).permutation(5)[:n_kept]
    rest = y.copy()
    rest[:, np.setdiff1d(np.arange(5), kept)] = nobody(type(estimator), 60, 5 - n_kept)
    frame = pd.DataFrame(y[:, kept], columns=[NAMES[k] for k in kept])
    told = estimator.label_quality(X, frame, **PREFIT)
    pd.testing.assert_frame_equal(told, estimator.label_quality(X, rest, **PREFIT))
    ours, theirs = (estimator.answer_quality(X, v, **PREFIT) for v in (frame, rest))
    pd.testing.assert_frame_equal(ours, theirs)


def test_items_keep_their_names(clf, items):
    X, _ = items
    long = Annotations.from_long(
        ["k", "k", "j"], ["bob", "eve", "bob"], [0, 1, 2], item_ids=["k", "j"]
    )
    assert clf.label_quality(X[:2], long, **PREFIT).index.tolist() == ["k", "j"]
    assert clf.answer_quality(X[:2], long, **PREFIT)["item"].tolist() == ["k", "k", "j"]


def test_labels_may_be_strings(items, answers):
    words = np.array(["a", "b", "c", ""])[answers]
    clf = small("em").fit(items[0], words)
    told = clf.label_quality(items[0], words, **PREFIT)
    assert set(told["consensus_label"]) == {"a", "b", "c"}
    assert told["network_label"].tolist() == clf.predict(items[0]).tolist()


def test_wrong_input(case):
    estimator, X, y = case
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        estimator.label_quality(X, y[:-1])
    with pytest.raises(ValueError, match="y must be a matrix"):
        estimator.label_quality(X, y[:, 0])
    with pytest.raises(ValueError, match="not fitted with: 'zoe'"):
        estimator.label_quality(X, pd.DataFrame(y[:, :1], columns=["zoe"]))
    with pytest.raises(ValueError, match="features"):
        estimator.label_quality(X[:, :1], y)


def test_an_unknown_label(clf, items, answers):
    y = answers.copy()
    y[0, 0] = 7
    with pytest.raises(ValueError, match="7"):
        clf.label_quality(items[0], y)


@pytest.mark.parametrize("estimator", [*(kind() for kind in KINDS), tagger()])
@pytest.mark.parametrize("method", ["label_quality", "answer_quality"])
def test_unfitted(estimator, method):
    with pytest.raises(NotFittedError):
        getattr(estimator, method)(np.zeros((2, 2)), None)


def test_tokens_have_a_sequence_and_a_position():
    clf = fitted("em")
    told = clf.label_quality(FEATURES, ANSWERS, **PREFIT)
    assert told.index.names == ["sequence", "position"]
    expected = [(s, p) for s, tags in enumerate(TRUTH) for p in range(len(tags))]
    assert told.index.tolist() == expected
    counts = ANSWERS.tokens.answers_per_item
    assert told["n_answers"].tolist() == counts.tolist()
    answers = clf.answer_quality(FEATURES, ANSWERS, **PREFIT)
    assert len(answers) == ANSWERS.tokens.n_answers
    by_token = told["consensus_label"].to_dict()
    places = zip(answers["sequence"], answers["position"], strict=True)
    assert answers["consensus_label"].tolist() == [by_token[place] for place in places]


def test_tokens_are_judged_like_items():
    clf = fitted("em")
    told = clf.label_quality(FEATURES, ANSWERS, **PREFIT)
    codes = ANSWERS.tokens.to_dense()
    y = np.where(codes == "", -1, np.searchsorted(clf.classes_, codes))
    posterior = np.concatenate(clf.predict_proba(FEATURES))
    for item, annotator in zip(*np.nonzero(y >= 0), strict=True):
        posterior[item] *= clf.annotator_confusion_[annotator, :, y[item, annotator]]
    posterior /= posterior.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(told["consensus_probability"], posterior.max(axis=1))


def test_tokens_with_other_opinions():
    clf = fitted("em")
    expected = clf.label_quality(FEATURES, ANSWERS, **PREFIT)
    proba = clf.predict_proba(FEATURES)
    for given_proba in (proba, np.concatenate(proba)):
        told = clf.label_quality(FEATURES, ANSWERS, pred_proba=given_proba, **PREFIT)
        pd.testing.assert_frame_equal(told, expected)
    with pytest.raises(ValueError, match="pred_proba has shape"):
        clf.label_quality(FEATURES, ANSWERS, pred_proba=proba[1:], **PREFIT)


def test_some_sequences_in_another_order():
    clf, rows = fitted("em"), [5, 2, 9]
    told = clf.label_quality(take(FEATURES, rows), ANSWERS[rows], **PREFIT)
    expected = pd.concat(
        [clf.label_quality(FEATURES, ANSWERS, **PREFIT).loc[[k]] for k in rows]
    )
    pd.testing.assert_frame_equal(
        told.reset_index(drop=True), expected.reset_index(drop=True), rtol=1e-4
    )


def test_sequences_keep_their_names():
    clf = fitted("em")
    named = SequenceAnnotations(ANSWERS.tokens, LENGTHS, [f"s{k}" for k in range(24)])
    told = clf.label_quality(FEATURES, named, **PREFIT)
    assert told.index[0] == ("s0", 0)
    assert clf.answer_quality(FEATURES, named, **PREFIT)["sequence"][0] == "s0"


def test_padded_sequences_and_tables(items, answers):
    X, lengths = padded(FEATURES)
    clf = quick().fit(X, ANSWERS, lengths=lengths)
    told = clf.label_quality(X, ANSWERS, lengths=lengths, **PREFIT)
    assert len(told) == lengths.sum()
    assert len(clf.answer_quality(X, ANSWERS, lengths=lengths, **PREFIT))
    table = quick().fit(items[0], answers)
    told = table.label_quality(items[0], answers, **PREFIT)
    assert told.index.tolist() == [(k, 0) for k in range(60)]


def test_true_tags_are_no_annotations():
    with pytest.raises(ValueError, match="without annotators"):
        fitted("em").label_quality(FEATURES, TRUTH)


def test_nobody_has_tagged_anything():
    told = fitted("em").label_quality(FEATURES, None)
    assert (told["n_answers"] == 0).all()
    assert told["consensus_label"].tolist() == told["network_label"].tolist()
