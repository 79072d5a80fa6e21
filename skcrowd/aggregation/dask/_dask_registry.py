"""The aggregators on Dask by name."""

from skcrowd.aggregation.dask._dask_aggregator import DaskAggregator
from skcrowd.aggregation.dask._dask_dawid_skene import DaskDawidSkene
from skcrowd.aggregation.dask._dask_majority_vote import DaskMajorityVote
from skcrowd.aggregation.dask._dask_one_coin import DaskOneCoin
from skcrowd.aggregation.dask._dask_wawa import DaskWawa

__all__ = ["DASK_AGGREGATORS"]

DASK_AGGREGATORS: dict[str, type[DaskAggregator]] = {
    "majority_vote": DaskMajorityVote,
    "dawid_skene": DaskDawidSkene,
    "one_coin": DaskOneCoin,
    "wawa": DaskWawa,
}
