"""Truth inference on a cluster: answers that outgrow a machine, by Dask.

Needs ``pip install "skcrowd[dask]"``; nothing else of skcrowd imports it.
"""

from skcrowd.aggregation.dask._dask_aggregators import DaskDawidSkene, DaskMajorityVote

__all__ = ["DaskDawidSkene", "DaskMajorityVote"]
