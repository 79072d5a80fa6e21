import numpy as np
import pytest

from skcrowd.metrics import spammer_score


def test_knows_spammers_experts_and_adversaries():
    eye = np.eye(3)
    one_class = np.tile([1.0, 0.0, 0.0], (3, 1))
    random = np.full((3, 3), 1 / 3)
    adversary = np.roll(eye, 1, axis=1)
    score = spammer_score(np.stack([eye, one_class, random, adversary]))
    np.testing.assert_allclose(score, [1, 0, 0, 1], atol=1e-15)


def test_falls_as_answers_get_noisier():
    noise = np.linspace(0, 1, 5)[:, None, None]
    score = spammer_score((1 - noise) * np.eye(4) + noise / 4)
    assert (np.diff(score) < 0).all()


@pytest.mark.parametrize("shape", [(2, 3, 4), (3, 3), (2, 1, 1)])
def test_refuses_other_shapes(shape):
    with pytest.raises(ValueError, match="must be"):
        spammer_score(np.ones(shape))


@pytest.mark.parametrize(
    "row", [[9.0, 1.0], [0.4, 0.4], [1.5, -0.5], [0.0, 0.0], [1.0, 1.0]]
)
def test_rows_that_are_no_distribution_are_refused(row):
    confusion = np.stack([np.eye(2), [[0.8, 0.2], row]])
    with pytest.raises(ValueError, match=r"confusion\[1, 1\] is .*sum to 1"):
        spammer_score(confusion)


def test_rows_rounded_to_two_decimals_are_read():
    exact = np.full((1, 3, 3), 1 / 3)
    assert spammer_score(exact.round(2)) == pytest.approx(spammer_score(exact))
