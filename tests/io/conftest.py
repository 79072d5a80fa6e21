"""Sample files of labelling tools, written for these tests."""

from pathlib import Path

import pytest


@pytest.fixture
def samples():
    return Path(__file__).parent / "samples"
