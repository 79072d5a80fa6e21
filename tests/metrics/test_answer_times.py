import numpy as np
import pytest

from skcrowd.annotations import Annotations
from skcrowd.metrics import answer_times
from skcrowd.metrics._answer_times import usual_times


def simulate():
    rng = np.random.default_rng(0)
    truth = rng.integers(2, size=80)
    y = np.where(rng.random((80, 5)) < 0.9, truth[:, None], 1 - truth[:, None])
    time = rng.lognormal(3, 0.3, y.shape)
    hasty = rng.random(80) < 0.5
    time[hasty, 4] = 1.0
    y[hasty, 4] = rng.integers(2, size=hasty.sum())
    return truth, hasty, Annotations.from_dense(y, time=time)


def test_usual_time_is_the_median_of_the_others():
    rng = np.random.default_rng(1)
    time = rng.integers(1, 9, (6, 5)).astype(float)
    time[rng.random(time.shape) < 0.3] = np.nan
    A = Annotations.from_dense(np.ones((6, 5), int), time=time)
    usual = usual_times(A).reshape(time.shape)
    for row, column in np.argwhere(np.isfinite(time)):
        others = np.delete(time[row], column)
        others = others[np.isfinite(others)]
        expected = np.median(others) if len(others) > 1 else np.nanmedian(time)
        assert usual[row, column] == expected


@pytest.mark.parametrize("known", [False, True])
def test_haste_and_its_mistakes(known):
    truth, hasty, A = simulate()
    table = answer_times(A, truth if known else None)
    assert table["fast_share"][4] == pytest.approx(hasty.mean())
    assert table["fast_share"][:4].max() < 0.05
    assert table["fast_agreement"][4] < table["other_agreement"][4] - 0.2
    np.testing.assert_allclose(
        table["median_time"], np.median(A.time.reshape(80, 5), axis=0)
    )


def test_ratings_and_errors():
    A = Annotations.from_dense([[1.5, 2.5]], kind="numbers", time=[[1, 2]])
    table = answer_times(A)
    assert table["fast_share"].tolist() == [0, 0]
    assert table["other_agreement"].isna().all()
    with pytest.raises(ValueError, match="y has no times"):
        answer_times([[0, 1], [1, 1]])
    labels = Annotations.from_dense([[0, 1]], time=[[1, 2]])
    with pytest.raises(ValueError, match="truth has shape"):
        answer_times(labels, [0, 1])
