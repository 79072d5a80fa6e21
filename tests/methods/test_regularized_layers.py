"""Trace, volume and mutual information: every penalty by hand."""

import math

import numpy as np
import pytest
import torch
from _data import blobs, crowd, random_confusion, random_log_proba, small

from skcrowd import CrowdClassifier
from skcrowd.annotators import ConfusionTable
from skcrowd.methods import GeoCrowdNet, MutualInformation, TraceRegularization
from skcrowd.methods._geo_crowd_net import LEAST, ConfusionVolume, OutputVolume
from skcrowd.methods._information_maximization import InformationMaximization
from skcrowd.methods._trace import MeanTrace

K, SHARES = 3, np.array([0.5, 0.3, 0.2])
ITEM = [0, 0, 1, 2, 3, 3]
ANNOTATOR = [0, 1, 1, 3, 0, 3]
ANSWER = [1, 0, 2, 1, 0, 1]
PENALTIES = {
    "trace": MeanTrace(0.7),
    "outputs": OutputVolume(0.7),
    "confusions": ConfusionVolume(0.7),
    "sure outputs": OutputVolume(0.7, 2.0),
    "sure confusions": ConfusionVolume(0.7, 2.0),
    "information": InformationMaximization(0.7, 0.4, SHARES, 2.0),
    "always": InformationMaximization(0.7, 0.4, SHARES),
}
rng = np.random.default_rng(0)
LOG_TRUTH = torch.tensor(random_log_proba(rng, 4, K).T)
START = random_confusion(rng, 5, K).clip(0.01)
every_penalty = pytest.mark.parametrize("name", PENALTIES)


def table(annotators=range(5)):
    """The confusions of some annotators, in double precision."""
    return ConfusionTable(len(annotators), K, start=START[list(annotators)]).double()


def batch(rows, weight=1.0):
    """Some of the items, each with its answers."""
    pairs = [
        (place, ANNOTATOR[k], ANSWER[k])
        for place, n in enumerate(rows)
        for k in np.flatnonzero(np.array(ITEM) == n)
    ]
    item, annotator, answer = torch.tensor(pairs).T
    weight = torch.tensor(weight, dtype=torch.double)
    answers = {"item": item, "annotator": annotator, "answer": answer}
    weights = {
        "item_weight": weight,
        "answer_weight": weight[item] if weight.ndim else weight,
    }
    return LOG_TRUTH[:, rows], answers | weights


def given_weights(weight):
    """What every item and every answer weighs, as plain lists that sum to 1."""
    answers = [weight[n] for n in ITEM]
    return [w / sum(weight) for w in weight], [w / sum(answers) for w in answers]


def log_volume(moment):
    """Mean log-eigenvalue."""
    return np.log(np.linalg.eigvalsh(moment + LEAST * np.eye(K))).mean()


def by_hand(name, weight):
    """The penalty, item by item and answer by answer."""
    items, answers = given_weights(weight)
    truth, confusion = LOG_TRUTH.exp().numpy(), table().confusion()
    if name == "trace":
        terms = zip(ANNOTATOR, answers, strict=True)
        return sum(0.7 * w * confusion[r, i, i] / K for r, w in terms for i in range(K))
    entropy = -sum(
        w * truth[k, n] * math.log(truth[k, n])
        for n, w in enumerate(items)
        for k in range(K)
    )
    moment = np.zeros((K, K))
    sure = (1 - entropy / math.log(K)) ** 2 if name.startswith("sure") else 1
    if name.endswith("outputs"):
        for n, w in enumerate(items):
            moment += w * np.outer(truth[:, n], truth[:, n])
        return -0.7 * log_volume(moment) * sure
    if name.endswith("confusions"):
        for r, w in zip(ANNOTATOR, answers, strict=True):
            moment += w * confusion[r] @ confusion[r].T
        return -0.7 * log_volume(moment) * sure
    mean = [sum(w * truth[k, n] for n, w in enumerate(items)) for k in range(K)]
    far = -sum(SHARES[k] * math.log(mean[k]) for k in range(K))
    most = -sum(share * math.log(share) for share in SHARES)
    power = 2 if name == "information" else 0
    return (0.7 * entropy + 0.4 * far) * (1 - entropy / most) ** power


@every_penalty
@pytest.mark.parametrize("weight", [[1, 1, 1, 1], [1, 3, 0.5, 2]])
def test_it_is_the_formula(name, weight):
    found = PENALTIES[name](*batch(range(4), weight), table())
    assert found.item() == pytest.approx(by_hand(name, weight), rel=1e-6)


@every_penalty
def test_scalar_weights_are_equal_weights(name):
    scalar = PENALTIES[name](*batch(range(4), 2.0), table())
    each = PENALTIES[name](*batch(range(4), [2.0] * 4), table())
    torch.testing.assert_close(scalar, each)


@every_penalty
def test_a_weight_of_two_is_the_item_twice(name):
    twice = PENALTIES[name](*batch([0, 2, 2, 3]), table())
    once = PENALTIES[name](*batch([0, 2, 3], [0.75, 1.5, 0.75]), table())
    torch.testing.assert_close(once, twice)


@every_penalty
def test_who_did_not_answer_does_not_matter(name):
    log_truth, answers = batch(range(4))
    everybody = PENALTIES[name](log_truth, answers, table())
    place = torch.tensor([0, 1, -1, 2])[answers["annotator"]]
    met = PENALTIES[name](log_truth, answers | {"annotator": place}, table([0, 1, 3]))
    torch.testing.assert_close(everybody, met)


@every_penalty
def test_a_few_answers_of_a_large_crowd(name):
    log_truth, answers = batch([0])
    found = PENALTIES[name](log_truth, answers, table())
    place = torch.tensor([1, 0])[answers["annotator"]]
    other = PENALTIES[name](log_truth, answers | {"annotator": place}, table([1, 0]))
    torch.testing.assert_close(found, other)


@pytest.mark.parametrize("n_classes", [1, 2, 8])
def test_one_item_spans_a_flat_volume(n_classes):
    scores = torch.zeros(n_classes, 1, requires_grad=True)
    penalty = OutputVolume(1.0)(
        scores.log_softmax(dim=0), {"item_weight": torch.tensor(1.0)}, None
    )
    penalty.backward()
    expected = math.log(1 / n_classes + LEAST) + (n_classes - 1) * math.log(LEAST)
    assert penalty.item() == pytest.approx(-expected / n_classes, rel=1e-3)
    assert torch.isfinite(scores.grad).all()


def test_spammers_span_a_flat_volume():
    start = np.tile([0.8, 0.1, 0.1], (5, 3, 1))
    model = ConfusionTable(5, 3, start=start)
    penalty = ConfusionVolume(1.0)(*batch(range(4)), model)
    penalty.backward()
    assert math.isfinite(penalty.item())
    assert torch.isfinite(model.logits.grad).all()


@pytest.fixture(scope="module")
def uneven():
    """Overlapping classes of unequal shares, and a crowd."""
    X, truth = blobs(400, seed=3)
    kept = (truth == 0) | (np.arange(400) % 4 == 0)
    simulation = crowd(truth[kept], {"average": 6}, answers_per_item=2)
    return 0.3 * X[kept], truth[kept], simulation.annotations


def fitted(method, data):
    X, _, answers = data
    return small(method, max_epochs=30).fit(X, answers)


def test_a_trace_is_made_small(uneven):
    plain, small_trace = (
        fitted(TraceRegularization(weight), uneven) for weight in (0.0, 0.5)
    )
    mean = [
        np.trace(clf.annotator_confusion_, axis1=1, axis2=2).mean()
        for clf in (plain, small_trace)
    ]
    assert mean[1] < mean[0] - 0.05


@pytest.mark.parametrize("volume", ["F", "W"])
def test_a_volume_is_made_large(volume, uneven):
    found = []
    for weight in (0.0, 1.0):
        clf = fitted(GeoCrowdNet(volume, weight, confidence_power=0.0), uneven)
        sides = clf.predict_proba(uneven[0]).T
        if volume == "W":
            sides = np.hstack(clf.annotator_confusion_)
        found.append(np.linalg.slogdet(sides @ sides.T)[1])
    assert found[1] > found[0] + 0.1


def test_information_makes_the_network_sure(uneven):
    entropy = []
    for weight in (0.0, 1.0):
        proba = fitted(MutualInformation(weight, 0.0), uneven).predict_proba(uneven[0])
        entropy.append(-(proba * np.log(proba)).sum(axis=1).mean())
    assert entropy[1] < entropy[0] - 0.05


@pytest.mark.parametrize("class_prior", ["vote", "uniform", [9, 1, 1]])
def test_information_draws_the_shares_to_the_prior(class_prior, uneven):
    X = uneven[0]
    method = MutualInformation(0.0, 3.0, class_prior, confidence_power=0.0)
    found = fitted(method, uneven).predict_proba(X).mean(axis=0)
    vote = fitted("majority_vote", uneven).posterior_.mean(axis=0)
    shares = {"vote": vote, "uniform": np.full(3, 1 / 3)}
    expected = shares.get(str(class_prior), np.array([9, 1, 1]) / 11)
    assert np.abs(found - expected).max() < 0.05


def test_without_weight_all_are_the_confusion_layer(uneven):
    plain = fitted("confusion_layer", uneven)
    for method in (
        TraceRegularization(weight=0.0),
        GeoCrowdNet(weight=0.0),
        MutualInformation(entropy_weight=0.0, prior_weight=0.0),
    ):
        np.testing.assert_allclose(
            fitted(method.set_params(warm_epochs=1), uneven).annotator_confusion_,
            plain.annotator_confusion_,
            atol=1e-6,
        )


def test_a_large_crowd_keeps_sparse_gradients():
    X, truth = blobs(300)
    simulation = crowd(truth, {"average": 30_000}, answers_per_item=2)
    for method in (TraceRegularization(), GeoCrowdNet("W"), MutualInformation()):
        clf = CrowdClassifier(method=method, max_epochs=4, random_state=0)
        clf.fit(X.astype(np.float32), simulation.annotations)
        assert clf.annotator_model_.is_sparse
        assert np.isfinite(clf.predict_proba(X.astype(np.float32))).all()
