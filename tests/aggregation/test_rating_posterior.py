import numpy as np
from _data import rated

from skcrowd.aggregation._rating_posterior import rating_sums

PARAMETERS = np.array([[1.0, 0.5, 0.3], [0.7, -0.5, 0.6], [1.4, 1.0, 1.0]])


def test_sums_are_those_of_a_loop():
    _, _, simulation = rated(12, PARAMETERS, 2)
    annotations = simulation.annotations
    scale, residual, noise_std = PARAMETERS[annotations.annotator].T
    found = rating_sums(annotations, residual, scale, noise_std**2)
    expected = np.zeros((2, 12))
    for item, s, e, std in zip(
        annotations.item, scale, residual, noise_std, strict=True
    ):
        expected[:, item] += s**2 / std**2, s * e / std**2
    np.testing.assert_allclose(found, expected)
