"""The truth to start with: whom to trust where answers and features disagree."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_blobs

import skcrowd
from skcrowd import CrowdClassifier
from skcrowd.annotations import Annotations
from skcrowd.datasets import make_annotations
from skcrowd.exceptions import CrowdWarning
from skcrowd.methods import RegularizedEM
from skcrowd.methods._starting_truth import (
    _calibrated,
    _without_errors,
    starting_truth,
)
from skcrowd.model_selection import cross_val_predict

pytestmark = pytest.mark.filterwarnings("ignore::skcrowd.exceptions.CrowdWarning")
N_ITEMS, N_CLASSES = 400, 4


@pytest.fixture(scope="module")
def blobs():
    return make_blobs(N_ITEMS, 6, centers=N_CLASSES, cluster_std=2.5, random_state=0)


def fitted(X, answers, max_epochs=15, lr=1e-2, **parameters):
    method, settings = RegularizedEM(**parameters), {"lr": lr, "max_epochs": max_epochs}
    return CrowdClassifier(method=method, **settings, random_state=0).fit(X, answers)


def with_guesser(truth):
    """Answers of six people to a twentieth of the items each, of a guesser to all."""
    crowd = make_annotations(truth, {"average": 6}, random_state=0).annotations
    table, rng = crowd.to_dense(), np.random.default_rng(0)
    table[rng.random(table.shape) > 0.05] = -1
    guesses = rng.integers(N_CLASSES, size=(len(truth), 1))
    return Annotations.from_dense(np.hstack([table, guesses]), missing_label=-1)


def with_copies(truth):
    """Four independent people, and six copies of one who is right 4 times in 10."""
    crowd = make_annotations(truth, {"average": 10}, random_state=0).annotations
    table, rng = crowd.to_dense(), np.random.default_rng(1)
    wrong = (truth + rng.integers(1, N_CLASSES, size=len(truth))) % N_CLASSES
    one = np.where(rng.random(len(truth)) < 0.4, truth, wrong)
    table[:, 4:] = one[:, None]
    return Annotations.from_dense(table, missing_label=-1)


def test_a_guesser_with_most_of_the_answers_does_not_define_the_truth(blobs):
    X, truth = blobs
    answers = with_guesser(truth)
    assert answers.answers_per_annotator[-1] > 0.6 * answers.n_answers
    settings = {"max_epochs": 30, "lr": 5e-3}
    robust, plain = (fitted(X, answers, **settings, n_folds=n) for n in (2, None))
    assert robust.score(X, truth) > max(0.85, plain.score(X, truth) + 0.2)
    # of a guesser the rows, given each truth, are alike
    spread = [np.ptp(clf.annotator_confusion_[-1], axis=0) for clf in (robust, plain)]
    assert spread[0].max() < 0.4 < 0.7 < spread[1].max()


def test_copies_count_as_one(blobs):
    X, truth = blobs
    answers = with_copies(truth)
    clf = fitted(X, answers)
    assert clf.annotator_groups_.tolist() == [-1] * 4 + [0] * 6
    assert clf.score(X, truth) > 0.9
    assert (clf.posterior_.argmax(axis=1) == truth).mean() > 0.9
    apart = fitted(X, answers, annotator_groups=None)
    assert (apart.posterior_.argmax(axis=1) == truth).mean() < 0.7


@pytest.mark.parametrize(
    "groups", [[None] * 4 + ["copies"] * 6, dict.fromkeys(range(4, 10), "copies")]
)
def test_families_may_be_given(groups, blobs):
    X, truth = blobs
    clf = fitted(X, with_copies(truth), annotator_groups=groups)
    assert clf.annotator_groups_.tolist() == [-1] * 4 + [0] * 6
    assert (clf.posterior_.argmax(axis=1) == truth).mean() > 0.9


def test_unknown_members_of_families_are_refused(blobs):
    X, truth = blobs
    with pytest.raises(ValueError, match="names 'eve', which is no annotator"):
        fitted(X, with_copies(truth), annotator_groups={"eve": "models"})


def test_a_crowd_at_chance_is_said_to_be_one(blobs):
    X, truth = blobs
    answers = make_annotations(truth, {"random": 6}, random_state=0).annotations
    with pytest.warns(CrowdWarning, match="trained on the majority vote"):
        clf = fitted(X, answers)
    assert clf.method_used_ == "majority_vote"
    vote = CrowdClassifier(
        method="majority_vote", lr=1e-2, max_epochs=15, random_state=0
    ).fit(X, answers)
    np.testing.assert_allclose(clf.posterior_, vote.posterior_)


def test_predictability_is_that_of_the_features(blobs):
    X, truth = blobs
    answers = make_annotations(truth, {"average": 6}, random_state=0).annotations
    noise = np.random.default_rng(0).standard_normal(X.shape)
    clear, none = (fitted(features, answers) for features in (X, noise))
    assert clear.predictability_ > 0.8
    assert abs(none.predictability_) < 0.2
    assert clear.method_used_ == none.method_used_ == "regularized_em"
    assert np.isnan(fitted(X, answers, n_folds=None).predictability_)


def test_errors_are_taken_off_votes():
    truth = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    votes = truth * (1 - 3 * 0.2) + 0.2
    np.testing.assert_allclose(np.exp(_without_errors(np.log(votes), 0.2)), truth)
    below = np.array([[0.9, 0.1, 1e-3]])
    assert (np.exp(_without_errors(np.log(below), 0.05)) > 0).all()


def test_predictions_that_are_too_sure_are_made_less_sure():
    class Context:
        training_weight = np.ones(4)

    votes = np.array([[0.6, 0.4], [0.6, 0.4], [0.4, 0.6], [0.6, 0.4]])
    sure = np.log(np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.9, 0.1]]))
    calibrated = np.exp(_calibrated(Context(), votes, sure))
    np.testing.assert_allclose(calibrated, votes, atol=1e-3)
    unsure = np.log(np.array([[0.55, 0.45]] * 4))
    np.testing.assert_allclose(
        _calibrated(Context(), votes[[0] * 4], unsure.copy()), unsure, atol=1e-3
    )


@pytest.mark.parametrize(("most", "is_kept"), [(2**23, True), (1, False)])
def test_predictions_out_of_fold_are_kept_unless_many(
    most, is_kept, blobs, monkeypatch
):
    seen = []

    def recorded(*args, **kwargs):
        start = starting_truth(*args, **kwargs)
        seen.append(start.out_of_fold)
        return start

    monkeypatch.setattr("skcrowd.methods._starting_truth.MOST_NUMBERS", most)
    monkeypatch.setattr("skcrowd.methods._regularized_em.starting_truth", recorded)
    X, truth = blobs
    answers = make_annotations(truth, 5, random_state=0).annotations
    fitted(X, answers, max_epochs=1)
    assert [values is not None for values in seen] == [is_kept]
    if is_kept:
        assert seen[0].shape == (N_ITEMS, N_CLASSES)


@pytest.fixture(scope="module")
def of_copies(blobs):
    X, truth = blobs
    answers = with_copies(truth)
    return fitted(X, answers), X, answers, truth


@pytest.mark.parametrize("cv", [3, "prefit"])
def test_copies_do_not_outvote_the_others_in_reports(cv, of_copies):
    clf, X, answers, truth = of_copies
    np.testing.assert_allclose(clf.group_excess_, [1])
    quality = clf.label_quality(X, answers, cv=cv)
    is_right = quality["consensus_label"].to_numpy() == truth
    assert is_right.mean() > 0.9
    assert abs(quality["consensus_probability"].mean() - is_right.mean()) < 0.15


def test_reports_on_copies_are_stored(of_copies, tmp_path):
    clf, X, answers, _ = of_copies
    skcrowd.save(clf, tmp_path / "copies.skcrowd")
    again = skcrowd.load(tmp_path / "copies.skcrowd")
    quality = [c.label_quality(X, answers, cv="prefit") for c in (clf, again)]
    pd.testing.assert_frame_equal(*quality)


def test_intervals_of_accuracies_are_no_wider_for_copies(of_copies):
    clf, _, answers, truth = of_copies
    report = clf.annotator_report()
    is_right = answers.to_dense() == truth[:, None]
    assert (report["accuracy_low"] <= is_right.mean(axis=0)).all()
    assert (report["accuracy_high"] >= is_right.mean(axis=0)).all()
    assert (report["accuracy_high"] - report["accuracy_low"]).max() < 0.35


def test_copies_do_not_outvote_the_others_in_posteriors_of_folds(of_copies):
    clf, X, answers, truth = of_copies
    posterior = cross_val_predict(clf, X, answers, cv=3, method="posterior")
    assert (posterior.argmax(axis=1) == truth).mean() > 0.85


@pytest.mark.parametrize("weights", [(1e90, 1.0), (1e40, 1.0), (1e50, 1e-50)])
def test_weights_of_very_different_sizes(weights):
    X = np.random.default_rng(0).normal(size=(40, 2))
    answers = (X[:, :1] > 0).repeat(3, axis=1).astype(int)
    weight = np.full(40, weights[1])
    weight[:1] = weights[0]
    clf = CrowdClassifier(max_epochs=2, random_state=0)
    clf.fit(X, answers, sample_weight=weight)
    assert np.isfinite(clf.predict_proba(X)).all()


def test_groups_of_the_first_part_stay(blobs):
    X, truth = blobs
    answers = with_copies(truth)
    clf = fitted(X, answers, max_epochs=2)
    clf.partial_fit(X[:20], answers[:20])
    assert clf.annotator_groups_.tolist() == [-1] * 4 + [0] * 6
    np.testing.assert_allclose(clf.group_excess_, [1])
    assert clf.annotator_report()["group"].notna().sum() == 6


def test_copies_who_are_most_annotators_and_mostly_wrong_count_as_one():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(240, 4))
    truth = (X[:, 0] + 0.3 * X[:, 1] > 0).astype(int)
    others = np.where(rng.random((240, 3)) < 0.85, truth[:, None], 1 - truth[:, None])
    one = np.where(rng.random(240) < 0.45, truth, 1 - truth)
    answers = Annotations.from_dense(np.column_stack([others, *[one] * 4]))
    clf = CrowdClassifier(max_epochs=20, random_state=0).fit(X, answers)
    assert clf.annotator_groups_.tolist() == [-1] * 3 + [0] * 4
    quality = clf.label_quality(X, answers)
    assert (quality["consensus_label"] == truth).mean() > 0.9
    assert clf.annotator_report()["accuracy"].to_numpy()[3:].mean() < 0.6
