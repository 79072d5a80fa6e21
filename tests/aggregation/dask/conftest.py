"""A cluster of two processes."""

import pytest


@pytest.fixture
def client():
    from distributed import Client, LocalCluster  # takes long; few tests need it

    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    with (
        LocalCluster(**options) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client
