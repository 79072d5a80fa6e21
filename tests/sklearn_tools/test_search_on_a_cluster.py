"""A search whose fits run on the workers of Dask finds what it finds here."""

import numpy as np
import pytest
from _data import blobs, crowd
from distributed import Client, LocalCluster
from joblib import parallel_config
from sklearn.model_selection import GridSearchCV

from skcrowd import CrowdClassifier, CrowdRegressor
from skcrowd.backbones import MLP


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_a_search_on_dask_finds_the_same(kind):
    X, truth = blobs(40)
    answers = crowd(truth, {"average": 6}, answers_per_item=4).annotations
    ratings = np.where(answers.to_dense() < 0, np.nan, truth[:, None] + np.arange(6))
    y = answers if kind is CrowdClassifier else ratings
    grid = {"max_epochs": [1, 3]}
    search = GridSearchCV(kind(module=MLP, random_state=0), grid, cv=2)
    here = search.fit(X, y).cv_results_["split1_test_score"]
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with (
        LocalCluster(processes=False, **options) as cluster,
        Client(cluster),
        parallel_config("dask"),
    ):
        there = search.fit(X, y).cv_results_["split1_test_score"]
    assert there.tolist() == here.tolist()
