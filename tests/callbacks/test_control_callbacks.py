"""Accumulated gradients and averaged weights."""

import numpy as np
import pytest
import torch
from skorch.callbacks import Callback, GradientNormClipping
from torch import nn, optim

from skcrowd import CrowdClassifier
from skcrowd.callbacks import GradientAccumulation, WeightAverage

rng = np.random.default_rng(0)
X = rng.standard_normal((64, 3)).astype(np.float32)
Y = np.where(rng.random((64, 3)) < 0.8, (X[:, :1] > 0), X[:, :1] <= 0).astype(int)


class Linear(nn.Module):
    def __init__(self, n_features, n_outputs):
        super().__init__()
        self.layer = nn.Linear(n_features, n_outputs)

    def forward(self, X):
        return self.layer(X)


class Weights(Callback):
    """Keep the weights after each batch, and at the end of each epoch."""

    kept = []

    def on_train_begin(self, net, **kwargs):
        self.kept.clear()

    def on_batch_end(self, net, training, **kwargs):
        if training:
            self.kept.append(net.module_.layer.weight.detach().clone())


def fitted(callbacks=(), **parameters):
    options = {"method": "majority_vote", "max_epochs": 3, "lr": 0.5}
    clf = CrowdClassifier(
        Linear,
        optimizer=optim.SGD,
        random_state=0,
        callbacks=list(callbacks),
        iterator_train__shuffle=False,
        **{**options, **parameters},
    )
    return clf.fit(X, Y)


@pytest.mark.parametrize("more", [[], [GradientNormClipping(0.1)]])
def test_accumulated_batches_are_one_large_batch(more):
    large = fitted(more, batch_size=32).predict_proba(X)
    small = fitted([GradientAccumulation(4), *more], batch_size=8).predict_proba(X)
    np.testing.assert_allclose(small, large, atol=1e-6)
    assert abs(fitted(more, batch_size=8).predict_proba(X) - large).max() > 1e-3


def test_the_batches_that_are_left_make_a_step():
    whole = fitted(batch_size=64).predict_proba(X)
    left = fitted([GradientAccumulation(100)], batch_size=16).predict_proba(X)
    np.testing.assert_allclose(left, whole, atol=1e-6)


def test_annotator_models_accumulate_too():
    options = {"method": "crowd_layer", "method__warm_epochs": 0}
    large = fitted(batch_size=32, **options)
    small = fitted([GradientAccumulation(2)], batch_size=16, **options)
    np.testing.assert_allclose(
        small.annotator_confusion_, large.annotator_confusion_, atol=1e-4
    )


def test_the_network_ends_with_the_average():
    weights = Weights()
    clf = fitted([WeightAverage(0.5), weights], batch_size=16)
    average = fitted(max_epochs=1, lr=1e-12).net_.module_.layer.weight.detach()
    for n, weight in enumerate(Weights.kept, start=1):
        average = torch.lerp(average, weight, 1 - min(0.5, n / (9 + n)))
    torch.testing.assert_close(
        clf.net_.module_.layer.weight.detach(), average, atol=1e-5, rtol=1e-5
    )


def test_training_continues_with_the_weights_themselves():
    fitted([Weights()], early_stopping=True)
    plain = list(Weights.kept)
    fitted([WeightAverage(0.9), Weights()], early_stopping=True)
    for one, other in zip(plain, Weights.kept, strict=True):
        torch.testing.assert_close(one, other)


def test_held_out_losses_are_those_of_the_average():
    clf = fitted([WeightAverage(0.9)], early_stopping=True, n_iter_no_change=50)
    plain = fitted(early_stopping=True, n_iter_no_change=50)
    assert clf.history_[-1, "train_loss"] == plain.history_[-1, "train_loss"]
    assert clf.history_[-1, "valid_loss"] != plain.history_[-1, "valid_loss"]


class Interrupt(Callback):
    def on_epoch_end(self, net, **kwargs):
        if len(net.history) == 2 and not Interrupt.is_over:
            Interrupt.is_over = True
            raise RuntimeError("cut")


def test_a_checkpoint_holds_the_average(tmp_path):
    callbacks = [WeightAverage(0.9), Interrupt()]
    Interrupt.is_over = False
    with pytest.raises(RuntimeError, match="cut"):
        fitted(callbacks, checkpoint=tmp_path)
    resumed = fitted(callbacks, checkpoint=tmp_path)
    np.testing.assert_array_equal(
        resumed.predict_proba(X), fitted(callbacks).predict_proba(X)
    )


@pytest.mark.parametrize(
    ("callback", "message"),
    [
        (GradientAccumulation(0), "n_batches must be"),
        (WeightAverage(1.0), "decay must be"),
    ],
)
def test_impossible_numbers_are_refused(callback, message):
    with pytest.raises(ValueError, match=message):
        fitted([callback])
