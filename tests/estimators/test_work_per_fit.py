"""A fit does nothing twice: predictions of the training items, checks of answers."""

import numpy as np
import pytest

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.training import CrowdNet

RNG = np.random.default_rng(0)
X = RNG.standard_normal((40, 3)).astype(np.float32)
LABELS = Annotations.from_dense(RNG.integers(0, 3, (40, 4)))
RATINGS = Annotations.from_dense(RNG.standard_normal((40, 4)), kind="numbers")
N_ROUNDS = 3
EPOCHS = {"max_epochs": 2 + N_ROUNDS, "method__warm_epochs": 2, "random_state": 0}


@pytest.fixture
def predictions(monkeypatch):
    """Record the number of items of each prediction."""
    sizes, forward = [], CrowdNet.forward

    def recorded(self, X, *args, **kwargs):
        sizes.append(len(X))
        return forward(self, X, *args, **kwargs)

    monkeypatch.setattr(CrowdNet, "forward", recorded)
    return sizes


@pytest.mark.parametrize("class_weight", [None, "balanced"])
@pytest.mark.parametrize("method", ["em", "max_mig"])
def test_a_classifier_predicts_once_a_round_and_once_after_training(
    method, class_weight, predictions
):
    clf = CrowdClassifier(method=method, class_weight=class_weight, **EPOCHS)
    clf.fit(X, LABELS)
    assert predictions == [len(X)] * (N_ROUNDS + 1)


@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_the_default_method_predicts_each_item_once_more_out_of_fold(
    class_weight, predictions
):
    CrowdClassifier(class_weight=class_weight, **EPOCHS).fit(X, LABELS)
    assert sum(predictions[: -N_ROUNDS - 1]) == len(X)
    assert predictions[-N_ROUNDS - 1 :] == [len(X)] * (N_ROUNDS + 1)


@pytest.mark.parametrize("method", ["confusion_layer", "union_net", "conal"])
def test_the_posterior_and_balanced_weights_share_a_prediction(method, predictions):
    clf = CrowdClassifier(method=method, class_weight="balanced", **EPOCHS)
    clf.fit(X, LABELS)
    assert predictions == [len(X)]


def test_a_regressor_predicts_once_a_round_and_once_after_training(predictions):
    CrowdRegressor(method="em", calibrate=False, **EPOCHS).fit(X, RATINGS)
    assert predictions == [len(X)] * (N_ROUNDS + 1)


def test_calibration_on_early_stopping_items_shares_the_last_prediction(predictions):
    reg = CrowdRegressor(method="em", early_stopping=True, **EPOCHS).fit(X, RATINGS)
    n_rounds = reg.n_iter_ - EPOCHS["method__warm_epochs"]
    assert predictions == [len(X)] * (n_rounds + 1)


def test_calibration_learns_once_more_and_predicts_no_more_than_that(predictions):
    CrowdRegressor(method="em", **EPOCHS).fit(X, RATINGS)
    assert predictions == [len(X)] * 2 * (N_ROUNDS + 1)


@pytest.mark.parametrize("method", ["mean", "weighted_mean"])
def test_means_predict_once_a_training(method, predictions):
    CrowdRegressor(method=method, max_epochs=2, random_state=0).fit(X, RATINGS)
    assert predictions == [len(X)] * 2


@pytest.fixture
def checks(monkeypatch):
    """Record the containers whose fields are checked."""
    checked = []

    def record(kind):
        check = kind.__post_init__

        def recorded(self):
            checked.append(kind)
            check(self)

        monkeypatch.setattr(kind, "__post_init__", recorded)

    record(Annotations)
    record(SequenceAnnotations)
    return checked


def test_selected_answers_are_not_checked_again(checks):
    kept = LABELS[::2].select_annotators([2, 0]).select_answers(slice(1, None))
    assert kept.shape == (20, 2)
    assert not checks
    fields = kept.item, kept.annotator, kept.answer, kept.shape, kept.classes
    assert Annotations(*fields, kept.annotator_names, kept.item_names) == kept
    for values in (kept.item, kept.annotator, kept.answer, kept.annotator_names):
        assert not values.flags.writeable


def test_selected_sequences_are_not_checked_again(checks):
    lengths = np.tile([2, 3], 8)
    tags = SequenceAnnotations(LABELS, lengths, list("abcdefghijklmnop"))
    checks.clear()
    kept = tags[[5, 1]].select_annotators([2, 0]).select_answers([1, 2])
    assert kept.shape == (2, 2)
    assert not checks
    assert SequenceAnnotations(kept.tokens, kept.lengths, kept.sequence_names) == kept
    for values in (kept.lengths, kept.sequence_names):
        assert not values.flags.writeable


def test_a_tagger_checks_its_answers_once(checks):
    words = [["a", "b"], ["c", "a", "b"]] * 8
    cells = [[["O", "B"], ["B", "O"]], [["O", "O", "B"], None]] * 8
    weight = np.arange(16)
    tagger = CrowdSequenceTagger(max_epochs=2, random_state=0, class_weight="balanced")
    tagger.fit(words, cells, sample_weight=weight)
    assert sorted(kind.__name__ for kind in checks) == [
        "Annotations",
        "SequenceAnnotations",
    ]
