"""Constants of methods that no parameter sets."""

from types import SimpleNamespace

import numpy as np
import pytest
from _data import small
from skorch.callbacks import Callback

from skcrowd.aggregation import majority_vote
from skcrowd.aggregation._vote_discount import DependentGroups
from skcrowd.methods import EM, _calibration
from skcrowd.methods._regularized_em import RegularizedEM, RegularizedEMState
from skcrowd.methods._side_information import SideInformation
from skcrowd.methods._starting_truth import StartingTruth

MIXING = np.array([[0.8, 0.3], [0.2, 0.7]])


class WithoutAnswers(RegularizedEMState):
    """The state with given class shares."""

    def fit(self, posterior):
        self.shares = posterior


def test_expected_shares_are_mixed_three_times():
    found = SimpleNamespace(
        class_shares=np.array([0.5, 0.5]), reliability=1.0, mixing=MIXING
    )
    shares = np.array([0.9, 0.1])
    start = StartingTruth(shares, DependentGroups(np.array([-1]), np.zeros(0), 0.0))
    state = WithoutAnswers(None, start, RegularizedEM(), found, known=None)
    expected = MIXING @ MIXING @ MIXING @ shares
    np.testing.assert_allclose(state.expected_shares(), expected)


def test_a_fifth_of_the_answered_items_measure_the_residual_variance(monkeypatch):
    shares = []

    def hold_out_items(strata, answered, share, seed):
        shares.append(share)
        raise StopIteration

    monkeypatch.setattr(_calibration, "hold_out_items", hold_out_items)
    context = SimpleNamespace(
        held_out=np.zeros(10, dtype=bool),
        side_information=SideInformation(),
        annotations=SimpleNamespace(answers_per_item=np.ones(10, dtype=int)),
    )
    result = SimpleNamespace(net=SimpleNamespace(was_cut=False))
    with pytest.raises(StopIteration):
        _calibration.calibrated_residual_var(context, None, result, seed=0)
    assert shares == [0.2]


def are_votes(targets, answers):
    """Whether each of several targets is the soft majority vote."""
    votes = majority_vote(answers)
    return [np.allclose(target, votes, atol=1e-6) for target in targets]


@pytest.mark.parametrize("warm_epochs", [0, 1, 2])
def test_em_trains_on_the_vote_for_warm_epochs(warm_epochs, items, answers):
    targets = []

    class KeepTargets(Callback):
        def on_epoch_end(self, net, dataset_train=None, **kwargs):
            targets.append(dataset_train.y["target"].clone())

    small(EM(warm_epochs), callbacks=[KeepTargets()]).fit(items[0], answers)
    assert are_votes(targets, answers) == [epoch < warm_epochs for epoch in range(4)]


@pytest.mark.parametrize("method", [EM(), RegularizedEM()])
@pytest.mark.parametrize(("max_epochs", "n_warm"), [(4, 2), (9, 4), (12, 5), (14, 5)])
def test_by_default_em_trains_five_epochs_on_the_start(
    method, max_epochs, n_warm, items, answers
):
    """At most half of the epochs."""
    targets = []

    class KeepTargets(Callback):
        def on_epoch_end(self, net, dataset_train=None, **kwargs):
            targets.append(dataset_train.y["target"].clone())

    small(method, callbacks=[KeepTargets()], max_epochs=max_epochs).fit(
        items[0], answers
    )
    assert len(targets) >= max_epochs
    own = targets[-max_epochs:]  # those before are of networks of folds
    is_start = [np.allclose(target, own[0], atol=1e-6) for target in own]
    assert is_start == [epoch < n_warm for epoch in range(max_epochs)]
    if type(method) is EM:
        assert are_votes(own[:1], answers) == [True]
