import numpy as np
import pytest
import torch
from _data import METHODS, Linear, small
from skorch.callbacks import Callback

from skcrowd import CrowdClassifier, CrowdSequenceTagger
from skcrowd.annotators._connections import MatrixConnection
from skcrowd.methods import CrowdLayer
from skcrowd.training import ClassScores, CrowdLoss, CrowdNet
from skcrowd.training._callbacks import BestEpoch, SwitchToAnswers


class Scripted(Callback):
    """Write a validation loss and mark the parameters with the epoch's number."""

    def __init__(self, losses):
        self.losses = losses

    def on_epoch_end(self, net, **kwargs):
        epoch = len(net.history)
        net.history.record("valid_loss", self.losses[epoch - 1])
        best = min(self.losses[:epoch])
        net.history.record("valid_loss_best", self.losses[epoch - 1] == best)
        for parameter in (*net.module_.parameters(), *net.criterion_.parameters()):
            parameter.data.fill_(epoch)


def run(losses, patience, **options):
    """Play epochs with given losses; return how many ran and which one was kept."""
    net = CrowdNet(
        Linear(2, 2),
        CrowdLoss(MatrixConnection(3, 2), ClassScores(2)),
        train_split=None,
        optimizer=torch.optim.Adam,
    ).initialize()
    net.notify("on_train_begin")
    best = BestEpoch(patience, **options).initialize()
    best.on_train_begin(net)
    script = Scripted(losses)
    for epoch in range(len(losses)):
        net.history.new_epoch()
        net.history.record("epoch", epoch + 1)
        script.on_epoch_end(net)
        try:
            best.on_epoch_end(net)
        except KeyboardInterrupt:
            break
    best.on_train_end(net)
    kept = {
        value
        for parameter in (*net.module_.parameters(), *net.criterion_.parameters())
        for value in parameter.flatten().tolist()
    }
    assert len(kept) == 1
    return len(net.history), kept.pop()


@pytest.mark.parametrize(
    ("losses", "patience", "n_epochs", "best"),
    [
        ([5, 4, 3, 2, 1], 2, 5, 5),
        ([5, 2, 3, 4, 1], 2, 4, 2),
        ([5, 2, 3, 4, 1], 3, 5, 5),
        ([1, 2, 3, 4, 5], 10, 5, 1),
        ([3, 3, 3, 3, 3], 2, 3, 1),
    ],
)
def test_network_and_annotators_of_the_best_epoch_return(
    losses, patience, n_epochs, best
):
    assert run(losses, patience) == (n_epochs, best)


def test_first_epochs_can_be_left_unjudged():
    assert run([1, 2, 5, 4, 6, 7], 2, first_epoch=3) == (6, 4)


def test_nothing_is_restored_where_nothing_was_judged():
    assert run([1, 2], 2, first_epoch=3) == (2, 2)


def test_the_kept_epoch_does_not_travel_in_a_pickle():
    best = BestEpoch(2)
    best.best_state_ = ({"weight": torch.ones(2)}, {})
    assert best.__getstate__()["best_state_"] is None


class Watch(Callback):
    """Write down what every epoch trained on."""

    def on_epoch_end(self, net, **kwargs):
        net.history.record("train_on", net.criterion_.train_on)


@pytest.mark.parametrize(("warm_epochs", "used"), [(0, 0), (1, 1), (2, 2), (9, 2)])
def test_switch_to_answers_after_at_most_half(items, answers, warm_epochs, used):
    method = CrowdLayer(warm_epochs=warm_epochs)
    clf = small(method, callbacks=[Watch()], max_epochs=4).fit(items[0], answers)
    expected = ["targets" if epoch < used else "answers" for epoch in range(4)]
    assert clf.history_[:, "train_on"] == expected


def test_switch_to_answers_is_a_plain_callback():
    assert SwitchToAnswers(3).get_params() == {"after": 3}


class AnnotatorWatch(Callback):
    """Write down the annotator model's parameters, before and after every epoch."""

    def on_epoch_begin(self, net, **kwargs):
        net.history.record("before", self.parameters(net))

    def on_epoch_end(self, net, **kwargs):
        net.history.record("after", self.parameters(net))

    def parameters(self, net):
        parts = net.criterion_.annotators.parameters()
        return torch.cat([part.detach().ravel() for part in parts]).tolist()


@pytest.mark.parametrize("name", ["crowd_layer", "conal", "union_net", "trace"])
@pytest.mark.parametrize("warm_epochs", [0, 1, 2])
def test_confusions_do_not_move_in_the_warm_start(items, answers, name, warm_epochs):
    method = METHODS[CrowdClassifier][name](warm_epochs=warm_epochs)
    clf = small(method, max_epochs=4, callbacks=[AnnotatorWatch()])
    seen = clf.fit(items[0], answers).history_[:, ("before", "after")]
    moved = [before != after for before, after in seen]
    assert moved == [epoch >= warm_epochs for epoch in range(4)]
    ends, begins = [after for _, after in seen], [before for before, _ in seen]
    assert ends[:-1] == begins[1:]


class RateWatch(Callback):
    """Write down every epoch's learning rate."""

    def on_batch_begin(self, net, **kwargs):
        rates = [group["lr"] for group in net.optimizer_.param_groups]
        net.history.record("rate", rates[0])


def test_linear_decay_lowers_the_rate_in_equal_steps():
    clf = CrowdSequenceTagger(max_epochs=4, lr=0.1, callbacks=[RateWatch()])
    clf.fit([["a"], ["b", "a"]], [["x"], ["y", "x"]])
    np.testing.assert_allclose(clf.history_[:, "rate"], [0.1, 0.075, 0.05, 0.025])


def test_a_constant_rate_stays():
    clf = CrowdSequenceTagger(
        max_epochs=3, lr=0.1, lr_schedule="constant", callbacks=[RateWatch()]
    )
    clf.fit([["a"], ["b", "a"]], [["x"], ["y", "x"]])
    np.testing.assert_allclose(clf.history_[:, "rate"], 0.1)


def test_linear_decay_leaves_the_annotators_alone():
    clf = CrowdSequenceTagger(method="crowd_layer", max_epochs=3)
    clf.fit([["a"], ["b", "a"]], [[["x"], ["y"]], [["y", "x"], None]])
    rates = [group["lr"] for group in clf.net_.annotator_optimizer_.param_groups]
    assert rates == [CrowdLayer().annotator_lr]
