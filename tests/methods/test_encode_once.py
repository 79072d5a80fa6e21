"""Features are encoded once a training, and what is learned is the same."""

import numpy as np
import pytest
import torch
from skorch.callbacks import Callback

from skcrowd import CrowdClassifier, CrowdRegressor
from skcrowd.annotations import _memory
from skcrowd.backbones._feature_encoding import FeatureEncoding
from skcrowd.datasets import make_annotations
from skcrowd.methods import _encode_once, _joint_folds, _train
from skcrowd.training import CrowdNet
from skcrowd.training._encoded_rows import EncodedRows

N_ITEMS, N_CLASSES = 130, 3
RNG = np.random.default_rng(0)
TRUTH = np.arange(N_ITEMS) % N_CLASSES
X = RNG.standard_normal((N_ITEMS, 5)) + 2 * np.eye(N_CLASSES, 5)[TRUTH]
ANSWERS = make_annotations(TRUTH, 4, random_state=0).annotations
RATINGS = X[:, :1] + RNG.standard_normal((N_ITEMS, 4))
EDGES = np.linspace(-1, 1, 4)[None].repeat(5, axis=0)
SETTINGS = {
    "plain": {},
    "bins": {"module__edges": EDGES},
    "columns": {"module__columns": [0, 1, 3]},
    "gates": {"module__gate_decay": 0.1, "module__dropout": 0.3},
    "held out": {"early_stopping": True},
}


def fitted(estimator=CrowdClassifier, y=ANSWERS, **settings):
    return estimator(random_state=0, max_epochs=4, **settings).fit(X, y)


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_what_is_learned_is_the_same_bit_for_bit(kind, name, monkeypatch):
    y = ANSWERS if kind is CrowdClassifier else RATINGS
    once = fitted(kind, y, **SETTINGS[name])
    for module in (_train, _joint_folds):
        monkeypatch.setattr(
            module, "encode_once", lambda net, dataset, factory: dataset
        )
    each = fitted(kind, y, **SETTINGS[name])
    assert once.history_[:, "train_loss"] == each.history_[:, "train_loss"]
    for ours, theirs in zip(
        once.net_.module_.parameters(), each.net_.module_.parameters(), strict=True
    ):
        assert torch.equal(ours, theirs)


def test_no_batch_is_encoded_in_training(monkeypatch):
    sizes, forward = [], FeatureEncoding.forward

    def recorded(self, X):
        if self.training:
            sizes.append(len(X))
        return forward(self, X)

    monkeypatch.setattr(FeatureEncoding, "forward", recorded)
    fitted(batch_size=16)
    assert {n for n in sizes if n > 2} == {N_ITEMS}  # a network is checked on two


def test_callbacks_see_the_features_that_were_given():
    class Seen(Callback):
        def on_batch_begin(self, net, batch=None, **kwargs):
            shapes.add(tuple(batch[0].shape[1:]))

    shapes = set()
    fitted(callbacks=[Seen()], module__edges=EDGES)
    assert shapes == {X.shape[1:]}


def test_a_network_derived_from_the_default_one_gets_features():
    class Derived(_joint_folds.TabularNet):
        def forward(self, X):
            assert X.shape[1:] == (5,)
            return super().forward(X)

    fitted(module=Derived, module__edges=EDGES)


class OwnEncoding(torch.nn.Module):
    """A layer that is trained, in the place of the encoding."""

    def __init__(self):
        super().__init__()
        self.affine = torch.nn.Linear(5, 5)
        self.register_buffer("source", torch.arange(5))

    def forward(self, X):
        return self.affine(X.flatten(1))


def test_an_encoding_of_the_user_is_trained():
    net = _joint_folds.TabularNet(5, N_CLASSES)
    net.encoding = OwnEncoding()
    before = net.encoding.affine.weight.detach().clone()
    trained = fitted(module=net).net_.module_.encoding.affine.weight
    assert not torch.equal(before, trained)


@pytest.mark.parametrize("part", ["network", "encoding"])
@pytest.mark.parametrize("kind", ["forward", "forward_pre"])
def test_hooks_see_the_features_that_were_given(kind, part):
    shapes = set()

    def hook(module, args, *output):
        shapes.add(tuple(args[0].shape[1:]))

    net = _joint_folds.TabularNet(5, N_CLASSES, edges=EDGES)
    seen = net if part == "network" else net.encoding
    getattr(seen, f"register_{kind}_hook")(hook)
    hook.__deepcopy__ = lambda memo: hook
    fitted(module=net).predict(X)
    assert shapes == {X.shape[1:]}


@pytest.mark.parametrize("n_largest", [N_ITEMS * 5 - 1, N_ITEMS * 5])
def test_many_features_are_not_moved_at_once(n_largest, monkeypatch):
    monkeypatch.setattr(_memory, "LARGE", n_largest)
    made = []

    def recorded(values):
        made.append(values.requires_grad)
        return EncodedRows(values)

    monkeypatch.setattr(_encode_once, "EncodedRows", recorded)
    fitted(module__columns=[0, 1], batch_size=16, method="majority_vote")
    assert bool(made) == (n_largest == N_ITEMS * 5)
    assert not any(made)


class Counted(torch.optim.SGD):
    """Counts how often gradients are cleared."""

    n_cleared = 0

    def zero_grad(self, set_to_none=True):
        Counted.n_cleared += 1
        super().zero_grad(set_to_none)


def test_an_optimizer_that_clears_gradients_in_its_own_way_does_so():
    Counted.n_cleared, steps = 0, []
    step = CrowdNet.train_step_single
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            CrowdNet,
            "train_step_single",
            lambda self, batch, **k: steps.append(1) or step(self, batch, **k),
        )
        fitted(optimizer=Counted, lr=0.1)
    assert Counted.n_cleared == len(steps) > 0
