import gc
import os

# Before the first import of scipy: without it scikit-learn skips its array API checks.
os.environ["SCIPY_ARRAY_API"] = "1"
# Before the first import of torch, and for all processes that tests start: workers of
# pytest-xdist already use every core.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from xdist import is_xdist_controller

# What the collection of tests makes stays: to look for garbage there, now and during
# the tests, takes long. See pytest_collection_finish.
gc.disable()


def pytest_sessionstart(session):
    """Import torch and what all tests share, but where workers run the tests."""
    if not is_xdist_controller(session):
        session.config.pluginmanager.import_plugin("_shared")


def pytest_collection_modifyitems(items):
    """Run the slow tests first, so that all processes end at about the same time.

    Before them those with workers of joblib: next to each other they come to one
    process of pytest, which starts workers once.
    """
    items.sort(key=place)


def place(item):
    """Return what the tests are sorted by."""
    return [item.get_closest_marker(name) is None for name in ("workers", "slow")]


def pytest_collection_finish(session):
    """Let the garbage collector work again, on what the tests make."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item, nextitem):
    """Let it pass over what the tests of a file leave, such as imported modules."""
    if nextitem is not None and nextitem.path != item.path:
        gc.collect()
        gc.freeze()
