"""Good annotators among poor ones agree because they are right."""

import numpy as np
import pytest

from skcrowd.aggregation import Consensus, DawidSkene
from skcrowd.metrics import annotator_dependence


def crowd(seed, n_good, n_poor, is_copied=False):
    """Ordered classes, whose errors are steps; the good ones may be copies of one."""
    rng = np.random.default_rng(seed)
    truth = rng.binomial(4, 0.5, 400)
    n = n_good + n_poor
    noise = rng.standard_normal((400, n)) * np.repeat([0.3, 1.2], [n_good, n_poor])
    y = np.clip(np.round(truth[:, None] + noise), 0, 4).astype(int)
    if is_copied:
        y[:, :n_good] = np.clip(np.round(truth + 1.2 * noise[:, 0] / 0.3), 0, 4)[
            :, None
        ]
    asked = rng.random((400, n)).argsort(axis=1) < 4
    return np.where(asked, y, -1), truth


@pytest.mark.parametrize("seed", range(4))
def test_a_good_majority_is_no_group(seed):
    y, truth = crowd(seed, 8, 4)
    assert not annotator_dependence(y).groups
    found = Consensus().fit(y)
    assert (found.annotator_groups_ == -1).all()
    plain = DawidSkene().fit(y).predict()
    assert (found.predict() == truth).mean() > (plain == truth).mean() - 0.02


def test_a_majority_of_copies_is_a_group():
    y, _ = crowd(0, 8, 4, is_copied=True)
    assert [list(group) for group in annotator_dependence(y).groups] == [[*range(8)]]
