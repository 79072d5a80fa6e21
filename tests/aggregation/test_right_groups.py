"""Good annotators among poor ones agree because they are right."""

import numpy as np
import pytest

from skcrowd.aggregation import Consensus, DawidSkene
from skcrowd.metrics import annotator_dependence


def crowd(seed, n_good, n_poor, is_copied=False):
    """Classes on a scale, on which annotators err by steps, four answers an item.

    With `is_copied` the first ones copy one poor annotator.
    """
    rng = np.random.default_rng(seed)
    n = n_good + n_poor
    truth = np.clip(np.round(rng.normal(2, 1.05, 400)), 0, 4)
    noise = rng.standard_normal((400, n)) * np.repeat([0.3, 1.2], [n_good, n_poor])
    if is_copied:
        noise[:, :n_good] = noise[:, -1:]
    y = np.clip(np.round(truth[:, None] + noise), 0, 4).astype(int)
    asked = rng.random((400, n)).argsort(axis=1) < 4
    return np.where(asked, y, -1), truth


@pytest.mark.parametrize(
    ("n_good", "n_poor", "seed"), [(8, 4, 3), (8, 4, 9), (6, 4, 8), (8, 5, 2)]
)
def test_a_good_majority_is_no_group(n_good, n_poor, seed):
    y, truth = crowd(seed, n_good, n_poor)
    assert not annotator_dependence(y).groups
    found = Consensus().fit(y)
    assert (found.annotator_groups_ == -1).all()
    plain = DawidSkene().fit(y).predict()
    assert (found.predict() == truth).mean() > (plain == truth).mean() - 0.02


def test_a_majority_of_copies_is_a_group():
    y, _ = crowd(0, 8, 4, is_copied=True)
    groups = [set(group) for group in annotator_dependence(y).groups]
    assert any(set(range(8)) <= group for group in groups)
