"""Stages, teachers and what is left of them."""

import pickle

import numpy as np
import pytest
import torch
from _data import METHODS, assert_same_fit, blobs, crowd, everything, small
from _sequence_data import tagger
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from skorch.callbacks import Callback

from skcrowd import CrowdClassifier, CrowdRegressor
from skcrowd.annotators import ConfusionTable, FixedConfusion
from skcrowd.experimental import SmallLoss
from skcrowd.methods import (
    EM,
    DistilledMean,
    GaussianEM,
    KDCrowd,
    MajorityVote,
    MethodResult,
    SequenceEM,
)
from skcrowd.methods._class_prior import mean_shares
from skcrowd.methods._distillation import InformationGain, KullbackLeibler
from skcrowd.training._f_information import information_gain
from skcrowd.training._prediction import predict_truth

PUPILS = {CrowdClassifier: KDCrowd, CrowdRegressor: DistilledMean}
TEACHERS = {CrowdClassifier: EM, CrowdRegressor: GaussianEM}


def test_both_stages_are_seen(items, answers):
    clf = small(KDCrowd(n_teachers=2, back_to_answers=True)).fit(items[0], answers)
    assert len(clf.teachers_) == 2
    assert clf.teacher_ is clf.teachers_[0]
    for beside in (*clf.teachers_, clf.student_):
        assert isinstance(beside, MethodResult)
        assert isinstance(beside.annotators, FixedConfusion)
        assert beside.posterior is None
        assert predict_truth(beside.net, items[0]).shape == (60, 3)
    assert isinstance(clf.annotator_model_, ConfusionTable)
    networks = [clf.net_, clf.student_.net, *(t.net for t in clf.teachers_)]
    weights = {net.module_.layers[-1].weight.sum().item() for net in networks}
    assert len(weights) == 4


def test_the_student_may_be_the_result(items, answers):
    clf = small(KDCrowd(back_to_answers=False)).fit(items[0], answers)
    assert clf.student_.net is clf.net_
    assert isinstance(clf.annotator_model_, FixedConfusion)
    assert clf.posterior_.shape == (60, 3)


def test_the_posterior_is_network_times_answers(items, answers):
    for back_to_answers in (False, True):
        method = KDCrowd(back_to_answers=back_to_answers)
        clf = small(method).fit(items[0], answers)
        expected = clf.predict_proba(items[0])
        for item, annotator in np.argwhere(answers >= 0):
            answer = answers[item, annotator]
            expected[item] *= clf.annotator_confusion_[annotator, :, answer]
        expected /= expected.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(clf.posterior_, expected, atol=1e-9)


def test_what_lies_beside_is_forgotten(items, answers):
    clf = small(KDCrowd()).fit(items[0], answers)
    clf.set_params(method="em").fit(items[0], answers)
    assert not hasattr(clf, "teachers_")
    assert not hasattr(clf, "student_")
    assert_same_fit(clf, small(EM()).fit(items[0], answers))


def test_true_labels_have_no_teachers(items):
    clf = small(KDCrowd()).fit(*items)
    assert not hasattr(clf, "teachers_")


def test_the_tagger_keeps_them_too():
    X = [["a", "b"], ["c"], ["a"]]
    y = [[["O", "B-X"], ["O", "O"]], [["O"], ["B-X"]], [["O"], ["O"]]]
    fitted = tagger(KDCrowd(teacher="sequence_em")).fit(X, y)
    assert isinstance(fitted.student_, MethodResult)
    assert len(fitted.teachers_) == 1
    fitted.set_params(method="em").fit(X, y)
    assert not hasattr(fitted, "teachers_")


def test_the_regressor_keeps_them_too(rated_items):
    X, _, y = rated_items
    reg = small("kd_crowd", CrowdRegressor).fit(X, y)
    assert len(reg.teachers_) == 1
    assert reg.student_.net is reg.net_


@pytest.mark.parametrize("n_rounds", [1, 2])
def test_callbacks_of_the_user_run_for_the_result_alone(kind, n_rounds, data):
    epochs = []

    class Counter(Callback):
        def on_epoch_end(self, net, **kwargs):
            epochs.append(net)

    method = PUPILS[kind](n_rounds=n_rounds)
    estimator = small(method, kind, callbacks=[Counter()]).fit(*data)
    assert len(epochs) == estimator.n_iter_ == 4
    assert epochs[-1] is estimator.net_


@pytest.mark.workers
def test_teachers_in_parallel_are_those_of_a_series(kind, data):
    pupil = PUPILS[kind]
    first, second = (
        small(pupil(n_teachers=2, n_jobs=n_jobs), kind).fit(*data)
        for n_jobs in (None, 2)
    )
    assert_same_fit(first, second)
    assert (everything(first, data[0]) == everything(second, data[0])).all()


def test_teachers_have_seeds_of_their_own(kind, data):
    fitted = small(PUPILS[kind](n_teachers=2), kind).fit(*data)
    told = [predict_truth(t.net, data[0]) for t in fitted.teachers_]
    assert np.abs(told[0] - told[1]).max() > 1e-6


def test_parameters_of_nested_objects(kind, data):
    teacher = TEACHERS[kind](pseudo_counts=7.0)
    method = PUPILS[kind](teacher=teacher)
    assert method.get_params()["teacher__pseudo_counts"] == 7.0
    estimator = small(method, kind)
    estimator.set_params(method__teacher__pseudo_counts=0.1)
    assert method.teacher.pseudo_counts == 0.1
    assert clone(estimator).method.teacher.pseudo_counts == 0.1
    few = estimator.fit(*data)
    many = small(PUPILS[kind](teacher=TEACHERS[kind](pseudo_counts=90.0)), kind)
    difference = everything(few, data[0]) - everything(many.fit(*data), data[0])
    assert np.abs(difference).max() > 1e-6
    assert method.teacher is teacher
    assert teacher.pseudo_counts == 0.1


def test_parameters_of_the_technique():
    method = KDCrowd(robust=SmallLoss())
    method.set_params(robust__forget_rate=0.2)
    assert method.robust.forget_rate == 0.2


@pytest.mark.parametrize("key", ["teacher__pseudo_counts", "robust__alpha"])
def test_a_name_has_no_parameters(key):
    with pytest.raises(ValueError, match=rf"{key}.*give an object"):
        KDCrowd().set_params(**{key: 1.0})


def test_search_over_a_nested_parameter(items, answers):
    clf = small(KDCrowd(teacher=MajorityVote()), max_epochs=2)
    grid = {"method__distillation_weight": [0.1, 1.0], "method__robust": [None]}
    search = GridSearchCV(clf, grid, cv=2).fit(items[0], answers)
    assert search.best_estimator_.student_ is not None


@pytest.mark.parametrize(
    ("kind", "teacher", "message"),
    [
        (CrowdClassifier, "nobody", "teacher='nobody' is not known"),
        (CrowdClassifier, "sequence_em", "teacher='sequence_em' is not known"),
        (CrowdClassifier, "kd_crowd", "cannot teach here"),
        (CrowdClassifier, KDCrowd(), "cannot teach here"),
        (CrowdClassifier, GaussianEM(), "cannot teach here.*'em'"),
        (CrowdClassifier, SequenceEM(), "cannot teach here"),
        (CrowdClassifier, EM(pseudo_counts=-1), "pseudo_counts"),
        (CrowdRegressor, EM(), "cannot teach here.*'weighted_mean'"),
        (CrowdRegressor, "kd_crowd", "cannot teach here"),
    ],
    ids=str,
)
def test_who_cannot_teach(kind, teacher, message, data):
    with pytest.raises(ValueError, match=message):
        small(PUPILS[kind](teacher=teacher), kind).fit(*data)


def test_every_method_can_teach(kind, data):
    for name in sorted(set(METHODS[kind]) - {"kd_crowd"}):
        fitted = small(PUPILS[kind](teacher=name), kind, max_epochs=2).fit(*data)
        assert np.isfinite(everything(fitted, data[0])).all()


def test_nothing_is_learned_from_held_out_answers(kind, data):
    X, y = (np.array(values) for values in data)
    fitted = small(PUPILS[kind](), kind, early_stopping=True).fit(X, y)
    assert "valid_loss" in fitted.history_[-1]
    assert "valid_loss" in fitted.teachers_[0].net.history[-1]
    assert "valid_loss" in fitted.student_.net.history[-1]


def test_class_shares_are_never_zero():
    proba = np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]])
    shares = mean_shares(proba, np.array([3.0, 1.0]))
    assert shares.sum() == pytest.approx(1)
    assert shares[0] == pytest.approx((3.5 + 1 / 3) / 5)
    assert shares[2] == pytest.approx(1 / 15)


TOLD = torch.tensor([[0.8, 0.2], [0.4, 0.6], [0.5, 0.5]]).double()
SAID = torch.tensor([[0.6, 0.4], [0.1, 0.9], [0.7, 0.3]]).double()


@pytest.mark.parametrize("temperature", [1.0, 2.0])
def test_kullback_leibler_is_weighted_by_items(temperature):
    batch = {"teacher": TOLD, "item_weight": torch.tensor([1.0, 0.5, 2.0])}
    penalty = KullbackLeibler(temperature, weight=3.0)
    found = penalty(SAID.T.log(), batch, None).item()
    powers = [p ** (1 / temperature) for p in (TOLD, SAID)]
    told, said = (p / p.sum(dim=1, keepdim=True) for p in powers)
    apart = (told * (told / said).log()).sum(dim=1) * temperature**2
    expected = 3 * (apart[0] + 0.5 * apart[1] + 2 * apart[2]) / 3.5
    assert found == pytest.approx(expected.item())


def test_mutual_information_is_the_negative_gain():
    batch = {"teacher": TOLD, "repeats": torch.tensor([1.0, 2.0, 1.0])}
    penalty = InformationGain([0.6, 0.4], "pearson", weight=0.5).double()
    expected = -0.5 * information_gain(
        SAID.T.log(), TOLD.T.log(), penalty.prior, "pearson", batch["repeats"]
    )
    assert penalty(SAID.T.log(), batch, None).item() == pytest.approx(expected.item())


@pytest.mark.parametrize(
    "penalty",
    [
        KullbackLeibler(1.0, 1.0),
        InformationGain([0.5, 0.5], "kl", 1.0),
    ],
)
def test_of_sequences_the_penalty_is_a_mean_over_tokens(penalty):
    batch = {"teacher": TOLD, "item_weight": torch.tensor(1.0)}
    alone = penalty.double()(SAID.T.log(), batch, None)
    of_one = penalty(SAID.T.log(), {**batch, "n_rows": torch.tensor(1)}, None)
    assert of_one.item() == pytest.approx(alone.item())


def test_the_student_draws_the_result_to_itself(items, answers):
    apart = []
    no_dropout = {"module__dropout": 0.0, "module__input_dropout": 0.0}
    for weight in (1e-3, 3.0):
        method = KDCrowd(
            back_to_answers=True, distillation="kl", distillation_weight=weight
        )
        clf = small(method, max_epochs=20, **no_dropout).fit(items[0], answers)
        told = np.exp(predict_truth(clf.student_.net, items[0]))
        apart.append(np.abs(clf.predict_proba(items[0]) - told).mean())
    assert apart[1] < 0.9 * apart[0]


def test_pickles_stay_small_with_many_teachers():
    X, truth = blobs(3000, n_features=3)
    y = crowd(truth, {"average": 5}, answers_per_item=2).annotations
    one, four = (
        small(KDCrowd(n_teachers=n, teacher="majority_vote"), max_epochs=1).fit(X, y)
        for n in (1, 4)
    )
    sizes = [len(pickle.dumps(clf)) for clf in (one, four)]
    assert sizes[1] - sizes[0] < 3 * 3000 * 8


def test_averaging_teachers_of_numbers_wants_one_constraint(rated_items):
    X, truth, y = rated_items
    method = DistilledMean(teacher="crowd_layer", n_teachers=3)
    reg = small(method, CrowdRegressor, max_epochs=40).fit(X, y)
    assert np.corrcoef(reg.posterior_mean_, truth)[0, 1] > 0.9


@pytest.mark.parametrize("back_to_answers", [False, True])
def test_a_student_learns_from_unanswered_items_too(back_to_answers, items, answers):
    X, truth = items
    few = np.where(np.arange(60)[:, None] < 15, answers, -1)
    method = KDCrowd(back_to_answers=back_to_answers)
    fits = {
        learns: small(method, max_epochs=20, lr=0.05, early_stopping=True)
        .set_params(method__learn_unanswered=learns)
        .fit(X, few)
        for learns in (False, True)
    }
    shown = {
        learns: sum(
            batch.get("train_batch_size", 0)
            for batch in fit.student_.net.history[-1, "batches"]
        )
        for learns, fit in fits.items()
    }
    if not back_to_answers:
        assert shown == {False: 13, True: 58}
    assert not (fits[True].predict_proba(X) == fits[False].predict_proba(X)).all()
    assert fits[True].score(X, truth) > 0.8
    assert np.isfinite(fits[True].posterior_).all()
