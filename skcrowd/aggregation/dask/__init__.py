"""Truth inference on a cluster: answers that outgrow a machine, by Dask.

Needs ``pip install "skcrowd[dask]"``. Dask is imported when an aggregator is fitted.
"""

from skcrowd.aggregation.dask._dask_aggregator import DaskAggregator
from skcrowd.aggregation.dask._dask_dawid_skene import DaskDawidSkene
from skcrowd.aggregation.dask._dask_majority_vote import DaskMajorityVote
from skcrowd.aggregation.dask._dask_one_coin import DaskOneCoin
from skcrowd.aggregation.dask._dask_registry import DASK_AGGREGATORS
from skcrowd.aggregation.dask._dask_wawa import DaskWawa

__all__ = [
    "DASK_AGGREGATORS",
    "DaskAggregator",
    "DaskDawidSkene",
    "DaskMajorityVote",
    "DaskOneCoin",
    "DaskWawa",
]
