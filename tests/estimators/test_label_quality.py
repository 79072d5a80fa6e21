"""label_quality and answer_quality: how sure the consensus is, what looks wrong."""

import joblib
import numpy as np
import pandas as pd
import pytest
import torch
from _data import blobs, crowd, nobody, rated, with_mlp
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

import skcrowd
from skcrowd import (
    Annotations,
    CrowdClassifier,
    CrowdRegressor,
)
from skcrowd.annotations import SequenceAnnotations
from skcrowd.backbones import MLP
from skcrowd.estimators._insight._cross_fit import folds_by_content
from skcrowd.estimators._training_items import is_training_item
from skcrowd.exceptions import CrowdWarning
from skcrowd.metrics import expected_label_errors
from skcrowd.model_selection import VoteStratifiedKFold, cross_val_predict

KINDS = [CrowdClassifier, CrowdRegressor]
NAMES = ["ann", "bob", "cid", "dan", "eve"]
seeds = st.integers(0, 2**32 - 1)
PREFIT = {"cv": "prefit"}


@pytest.fixture(scope="module")
def clf(items, answers):
    return with_mlp("em").fit(items[0], pd.DataFrame(answers, columns=NAMES))


@pytest.fixture(scope="module")
def reg(rated_items):
    X, _, y = rated_items
    return with_mlp("em", CrowdRegressor).fit(X, pd.DataFrame(y, columns=NAMES))


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
    clf = with_mlp("em", max_epochs=15).fit(X, y)
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
    settings = {"max_epochs": 10, "lr": 3e-2, "calibrate": True}
    reg = with_mlp("em", CrowdRegressor, **settings).fit(X, y)
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
    clf = with_mlp("em").fit(items[0], words)
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


def told_by_default(case):
    estimator, X, y = case
    return estimator.label_quality(X, y)


def test_no_network_predicts_what_it_was_trained_on(case, monkeypatch):
    estimator, X, y = case
    fitted = []

    def spied(self, X, y, **options):
        fitted.append(X)
        return fit(self, X, y, **options)

    fit = type(estimator).fit
    monkeypatch.setattr(type(estimator), "fit", spied)
    told = estimator.label_quality(X, y)
    assert len(fitted) == 3
    assert sum(len(part) for part in fitted) == 2 * len(X)
    rows = pd.DataFrame(np.concatenate(fitted)).value_counts()
    assert (rows == 2).all()  # each item is left out once
    in_sample = estimator.label_quality(X, y, **PREFIT)
    assert len(fitted) == 3
    assert not told.equals(in_sample)
    assert told["n_answers"].tolist() == in_sample["n_answers"].tolist()


def test_it_is_the_same_each_time_and_changes_nothing(case):
    estimator, X, _ = case
    before = joblib.hash(estimator.predict(X))
    drawn = torch.get_rng_state().tolist()
    pd.testing.assert_frame_equal(told_by_default(case), told_by_default(case))
    assert joblib.hash(estimator.predict(X)) == before
    assert torch.get_rng_state().tolist() == drawn


def test_the_order_of_items_out_of_sample(case):
    estimator, X, y = case
    order = np.random.default_rng(0).permutation(60)
    told = told_by_default(case).iloc[order].reset_index(drop=True)
    other = estimator.label_quality(X[order], y[order]).reset_index(drop=True)
    pd.testing.assert_frame_equal(told, other, rtol=1e-2, atol=1e-3)


def test_items_that_were_not_trained_on_need_no_further_fit(case, monkeypatch):
    estimator, X, y = case
    monkeypatch.setattr(type(estimator), "fit", None)
    told = estimator.label_quality(X + 0.5, y)
    assert told.shape == (60, 7 if isinstance(estimator, CrowdClassifier) else 6)
    network = "network_label" if "network_label" in told else "network"
    np.testing.assert_array_equal(told[network], estimator.predict(X + 0.5))
    one = estimator.label_quality(X[:1] + 0.5, y[:1])
    assert np.isfinite(one.select_dtypes("number").to_numpy()).all()


def test_only_items_of_fit_are_predicted_by_other_networks(case):
    estimator, X, y = case
    mixed = X.copy()
    mixed[30:] += 0.5
    told = estimator.label_quality(mixed, y)
    network = "network_label" if "network_label" in told else "network"
    np.testing.assert_array_equal(told[network][30:], estimator.predict(mixed[30:]))
    if network == "network":
        assert (told[network][:30] != estimator.predict(mixed[:30])).all()


def test_probabilities_in_place_of_a_cross_fit(case, monkeypatch):
    estimator, X, y = case
    monkeypatch.setattr(type(estimator), "fit", None)
    if isinstance(estimator, CrowdClassifier):
        given = {"pred_proba": estimator.predict_proba(X)}
    else:
        given = {"prediction": estimator.predict(X)}
    calibrated = estimator.label_quality(X, y, **given)
    as_fitted = estimator.label_quality(X, y, **given, **PREFIT)
    pd.testing.assert_frame_equal(as_fitted, estimator.label_quality(X, y, **PREFIT))
    assert not calibrated.equals(as_fitted)
    assert len(estimator.answer_quality(X, y, **given)) == calibrated["n_answers"].sum()


def test_answers_are_right_as_often_as_the_consensus_says(case):
    estimator, X, y = case
    told = told_by_default(case)
    answers = estimator.answer_quality(X, y)
    if isinstance(estimator, CrowdClassifier):
        agrees = answers["label"] == answers["consensus_label"]
        expected = told["consensus_probability"].to_numpy()[answers["item"][agrees]]
        np.testing.assert_allclose(answers["probability"][agrees], expected)
    else:
        assert answers["residual"].std() == pytest.approx(1, abs=0.25)


def test_splits_of_your_own(clf, items, answers):
    X = items[0]
    folds = VoteStratifiedKFold(4)
    told = clf.label_quality(X, answers, cv=folds)
    listed = list(folds.split(X, answers))
    pd.testing.assert_frame_equal(told, clf.label_quality(X, answers, cv=listed))
    proba = cross_val_predict(clf, X, answers, cv=folds, method="predict_proba")
    same = clf.label_quality(X, answers, pred_proba=proba)
    pd.testing.assert_frame_equal(told, same)
    with pytest.raises(ValueError, match="tests item"):
        clf.label_quality(X, answers, cv=listed[:1])


@pytest.mark.parametrize("cv", [1, 0, True, "fitted", None, 2.5])
def test_what_is_no_cv(case, cv):
    estimator, X, y = case
    for method in (estimator.label_quality, estimator.answer_quality):
        with pytest.raises(ValueError, match="give a number of folds from 2 on"):
            method(X, y, cv=cv)


def test_a_part_of_the_items_of_fit(case):
    estimator, X, y = case
    with pytest.warns(CrowdWarning, match="fit learned from 180"):
        estimator.label_quality(X[:20], y[:20])
    alone = pytest.raises(ValueError, match=r"1 different item\(s\)")
    with pytest.warns(CrowdWarning, match="fit learned from"), alone:
        estimator.label_quality(X[:1], y[:1])


def test_equal_items_are_in_one_fold():
    hashes = np.array([5, 7, 5, 9, 7, 11], dtype=np.uint64)
    answered = np.array([True, True, True, True, True, False])
    splits = folds_by_content(hashes, answered, 3)
    assert sorted(np.concatenate([test for _, test in splits]).tolist()) == [*range(6)]
    for train, test in splits:
        assert not set(hashes[train]) & set(hashes[test])
        assert answered[train].any()
    assert len(folds_by_content(hashes[:3], answered[:3], 10)) == 2


def test_weights_of_classes_do_not_count(items, answers):
    X = items[0]
    plain, weighted = (
        with_mlp("em", class_weight=weight).fit(X, answers).label_quality(X, answers)
        for weight in (None, {0: 9.0, 1: 1.0, 2: 1.0})
    )
    pd.testing.assert_frame_equal(plain, weighted)


def test_a_checkpoint_is_left_alone(items, answers, tmp_path):
    X, folder = items[0], tmp_path / "kept"
    clf = with_mlp("em", checkpoint=folder).fit(X, answers)
    before = sorted(path.name for path in folder.rglob("*"))
    clf.label_quality(X, answers)
    assert sorted(path.name for path in folder.rglob("*")) == before


def test_files_and_parts_know_what_was_trained_on(items, answers, tmp_path):
    X = items[0]
    clf = with_mlp("em", classes=[0, 1, 2])
    clf.partial_fit(X[:30], answers[:30]).partial_fit(X[30:], answers[30:])
    assert is_training_item(X, clf._training_items).all()
    skcrowd.save(clf, tmp_path / "model.skcrowd")
    loaded = skcrowd.load(tmp_path / "model.skcrowd")
    assert is_training_item(X.astype(np.float32), loaded._training_items).all()
    assert not is_training_item(X + 1, loaded._training_items).any()
    assert is_training_item(X + 1, None).all()


def test_what_is_known_of_annotators_counts_out_of_sample(items, answers):
    X = items[0]
    prior = np.array([[0.01, 1000.0]] + [[np.nan, 0.0]] * 4)
    clf = with_mlp("em", annotator_prior=prior).fit(X, answers)
    told = clf.answer_quality(X, answers)
    trust = told.groupby("annotator")["probability"].mean()
    assert trust.idxmin() == 0


def test_probabilities_mean_what_they_say():
    """Networks and annotators that are wrong more often than they are in doubt."""
    X, truth = blobs(400, n_features=3)
    X += 3 * np.random.default_rng(0).standard_normal(X.shape)  # the clouds overlap
    y = crowd(truth, {"average": 12}, answers_per_item=2).annotations
    clf = with_mlp("em", max_epochs=60, module=MLP, module__hidden=(64,)).fit(X, y)
    (errors, n_wrong), (in_sample, n_wrong_in_sample) = (
        (
            expected_label_errors(told["consensus_probability"]),
            (told["consensus_label"] != truth).sum(),
        )
        for told in (clf.label_quality(X, y), clf.label_quality(X, y, **PREFIT))
    )
    assert errors.low <= n_wrong <= errors.high
    assert in_sample.high < n_wrong_in_sample


def test_sequences_out_of_sample(monkeypatch):
    clf = fitted("em")
    told = clf.label_quality(FEATURES, ANSWERS)
    in_sample = clf.label_quality(FEATURES, ANSWERS, **PREFIT)
    assert told.index.equals(in_sample.index)
    assert not np.allclose(told["entropy"], in_sample["entropy"])
    answers = clf.answer_quality(FEATURES, ANSWERS)
    assert answers["probability"].between(0, 1).all()
    monkeypatch.setattr(type(clf), "fit", None)
    others = [sequence + 0.5 for sequence in FEATURES]
    assert len(clf.label_quality(others, ANSWERS)) == len(told)


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


@pytest.mark.parametrize("answer", [0, 1])
@pytest.mark.parametrize("method", ["em", "regularized_em"])
def test_a_single_class_of_several_is_certain(method, answer):
    X = np.random.default_rng(0).normal(size=(40, 3))
    Y = np.full((40, 3), answer)
    clf = CrowdClassifier(classes=[0, 1], method=method, max_epochs=20, random_state=0)
    clf.fit(X, Y)
    np.testing.assert_array_equal(clf.posterior_[:, answer], 1)
    for cv in ("prefit", 2):
        quality = clf.label_quality(X, Y, cv=cv)
        assert (quality["consensus_label"] == answer).all()
        assert (quality["consensus_probability"] > 0.9).all()


def test_a_class_of_gold_is_no_single_class():
    X = np.random.default_rng(0).normal(size=(40, 3))
    options = {"classes": [0, 1], "method": "em", "max_epochs": 20, "random_state": 0}
    gold = np.where(np.arange(40) < 5, 1, -1)
    clf = CrowdClassifier(**options).fit(X, np.zeros((40, 3)), gold=gold)
    alone = CrowdClassifier(**options).fit(X, np.zeros((40, 3)))
    assert clf.class_prior_[1] > alone.class_prior_[1] == 0


def test_given_probabilities_are_found_by_the_names_of_the_classes(clf, items, answers):
    names = [f"class {k}" for k in range(len(clf.classes_))]
    named = with_mlp("em").fit(items[0], np.array(names)[answers])
    table = pd.DataFrame(named.predict_proba(items[0]), columns=names)
    expected, found = (
        named.label_quality(items[0], np.array(names)[answers], pred_proba=given)
        for given in (table.to_numpy(), table[names[::-1]])
    )
    pd.testing.assert_frame_equal(expected, found)
    with pytest.raises(ValueError, match="has the columns"):
        named.label_quality(
            items[0],
            np.array(names)[answers],
            pred_proba=table.rename(columns={names[0]: "owl"}),
        )
