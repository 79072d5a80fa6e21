"""Several labels an item, with annotators shared."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from skcrowd.aggregation import MultiLabelDawidSkene, dawid_skene


def crowd(seed=0, n_items=120):
    """Draw answers about four labels; the last two are asked of few items."""
    rng = np.random.default_rng(seed)
    accuracy = np.array([0.95, 0.9, 0.85, 0.6, 0.55, 0.5])
    truth = rng.uniform(size=(n_items, 4)) < [0.5, 0.4, 0.5, 0.4]
    right = rng.uniform(size=(4, n_items, 6)) < accuracy
    y = np.where(right, truth.T[:, :, None], ~truth.T[:, :, None]).astype(int)
    y[rng.uniform(size=y.shape) < 0.4] = -1
    y[2:, 25:] = -1
    return y, truth


def test_labels_of_items():
    y, truth = crowd()
    model = MultiLabelDawidSkene().fit(y)
    assert (model.predict()[:, :2] == truth[:, :2]).mean() > 0.85
    assert model.predict_proba().shape == (120, 4)
    assert model.annotator_confusion_.shape == (4, 6, 2, 2)
    np.testing.assert_allclose(model.annotator_confusion_.sum(axis=3), 1)
    assert model.converged_
    named = MultiLabelDawidSkene().fit(dict(zip("abcd", y, strict=True)))
    assert named.labels_.tolist() == list("abcd")
    np.testing.assert_array_equal(named.predict(), model.predict())


@pytest.mark.filterwarnings("ignore:.*did not converge")
def test_shared_annotators_help_rare_labels():
    gain = []
    for seed in range(8):
        y, truth = crowd(seed)
        right = [
            (MultiLabelDawidSkene(shared_counts=n).fit_predict(y) == truth)[:25, 2:]
            for n in (10, 0)
        ]
        gain.append(right[0].mean() - right[1].mean())
    assert np.mean(gain) > 0.02


def test_each_on_its_own_is_dawid_skene():
    y, _ = crowd()
    model = MultiLabelDawidSkene(shared_counts=0).fit(y)
    expected = dawid_skene(y[0], pseudo_counts=3.0).posterior[:, 1]
    np.testing.assert_allclose(model.predict_proba()[:, 0], expected)


@pytest.mark.filterwarnings("ignore:y holds -1")
def test_wrong_tables_are_refused():
    y, _ = crowd()
    with pytest.raises(ValueError, match="same items and annotators"):
        MultiLabelDawidSkene().fit({"a": y[0], "b": y[1][:, :5]})
    with pytest.raises(ValueError, match="2"):
        MultiLabelDawidSkene().fit([[[0, 2], [1, 1]]])
    with pytest.raises(ValueError, match="no label"):
        MultiLabelDawidSkene().fit({})
    with pytest.warns(ConvergenceWarning, match="MultiLabelDawidSkene did not"):
        MultiLabelDawidSkene(max_iter=1).fit(y)
    with pytest.raises(NotFittedError):
        clone(MultiLabelDawidSkene()).predict()
