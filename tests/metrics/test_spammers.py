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
