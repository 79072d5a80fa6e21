"""Fingerprints tell contents apart, and nothing else."""

import functools
import subprocess
import sys
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.sparse import coo_array, csc_array, csr_array
from skorch.callbacks import EarlyStopping
from torch import nn

from skcrowd import Annotations
from skcrowd.methods import EM, KDCrowd
from skcrowd.training import SequenceRows
from skcrowd.training._fingerprint import fingerprint, summary


@dataclass
class Pair:
    first: Any
    second: Any = None


class Held:
    def __init__(self, value):
        self.value = value


class Slotted:
    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value


def scaled(factor):
    """Return a function that holds a number."""

    def function(x, y=1, *, z=2):
        return factor * x

    return function


def network(seed=0, slope=0.1):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(2, 2), nn.LeakyReLU(slope))


LAMBDAS = [lambda x: x + 1, lambda x: x + 2, lambda x: x * 1]
DIFFERENT = [
    *(None, True, False, 0, 1, 2**70, 0.0, 1.0, -1.0, 1j, "", "a", "b", "None", b"a"),
    *(float("nan"), float("inf"), (), (1,), (1, 2), ((1,), 2), (1, (2,)), ("12",)),
    *({}, {"a": 1}, {"a": 2}, {"b": 1}, {1: "a"}, set(), {1}, {1, 2}),
    np.zeros(2),
    np.zeros((2, 1)),
    np.zeros((1, 2)),
    np.zeros(2, dtype=np.float32),
    np.zeros(2, dtype=np.int64),
    np.array([0.0, 1.0]),
    np.array(["a", "b"]),
    np.array(["a", "b"], dtype=object),
    np.array(["a", None], dtype=object),
    np.array([], dtype=np.float64),
    np.array(1.0),
    torch.zeros(2),
    torch.zeros(2, dtype=torch.bfloat16),
    torch.tensor(0.0),
    torch.ones(2).to_sparse(),
    csr_array(np.eye(2)),
    csr_array(np.eye(3)),
    csr_array(2 * np.eye(2)),
    *(np.float64, torch.float32, torch.float64, int, EM, nn.Linear),
    *(np.exp, np.log, torch.exp, len, scaled, scaled(1), scaled(2), *LAMBDAS),
    functools.partial(scaled, 1),
    functools.partial(scaled, 2),
    functools.partial(scaled, factor=1),
    *(EM(), EM(pseudo_counts=1.0), KDCrowd(), KDCrowd(EM()), KDCrowd(n_teachers=2)),
    *(network(), network(1), network(slope=0.2), nn.Dropout(0.1), nn.Dropout(0.2)),
    *(EarlyStopping(), EarlyStopping(patience=2)),
    *(Pair(1), Pair(2), Pair(1, 1), Held(1), Held(2), Held(np.zeros(2)), Slotted(1)),
    *(Held(1).__init__, Held(2).__init__),
    *(torch.device("cpu"), torch.device("meta"), Path("a"), Path("b")),
    *(torch.Generator().manual_seed(1), torch.Generator().manual_seed(2)),
    *(np.random.RandomState(0), np.random.RandomState(1), np.random.default_rng(0)),
    *(pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2]}), pd.DataFrame({"b": [1]})),
    Annotations.from_dense([[0, 1], [1, 1]]),
    Annotations.from_dense([[0, 1], [1, -1]], missing_label=-1),
    SequenceRows(np.zeros((3, 1)), np.array([1, 2])),
    SequenceRows(np.zeros((3, 1)), np.array([2, 1])),
    *(range(2), slice(0, 2), Ellipsis, object),
]


def test_different_things_have_different_fingerprints():
    digests = [fingerprint(value) for value in DIFFERENT]
    for value, digest in zip(DIFFERENT, digests, strict=True):
        assert len(digest) == 32
        assert digests.count(digest) == 1, value


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.float64(0.5), 0.5),
        (np.int32(3), 3),
        (np.bool_(True), True),
        ([1, 2], (1, 2)),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": 1}, OrderedDict(a=1)),
        ({"b", "a"}, {"a", "b"}),
        (np.asfortranarray(np.arange(6.0).reshape(2, 3)), np.arange(6.0).reshape(2, 3)),
        (np.arange(6)[::2], np.array([0, 2, 4])),
        (torch.arange(6)[::2], torch.tensor([0, 2, 4])),
        (csr_array(np.eye(2)), csc_array(np.eye(2))),
        (coo_array(np.eye(2)), csr_array(np.eye(2))),
        (network(), network()),
        (KDCrowd(n_jobs=2), KDCrowd()),
        (scaled(3), scaled(3)),
    ],
)
def test_equal_things_have_equal_fingerprints(one, other):
    assert fingerprint(one) == fingerprint(other)


def test_what_was_computed_meanwhile_does_not_count():
    annotations = Annotations.from_dense([[0, 1], [1, 1]])
    before = fingerprint(annotations)
    annotations.to_dense()
    assert annotations.answers_per_item.sum() == 4
    assert fingerprint(annotations) == before
    generator = torch.Generator().manual_seed(1)
    before = fingerprint(generator)
    torch.rand(3, generator=generator)
    assert fingerprint(generator) == before


def test_cycles_end():
    one, other = Held(None), Held(None)
    one.value, other.value = one, other
    assert fingerprint(one) == fingerprint(other)
    items: list = [1]
    items.append(items)
    assert len(fingerprint(items)) == 32


def test_what_cannot_be_pickled_counts_by_its_class():
    assert fingerprint(open) != fingerprint(iter([1]))
    with open(__file__) as file:
        assert len(fingerprint(file)) == 32


def test_it_is_the_same_in_another_process(capsys):
    code = (
        "import numpy as np\n"
        "from skcrowd.methods import KDCrowd\n"
        "from skcrowd.training._fingerprint import fingerprint\n"
        "value = [KDCrowd(), {'a', 'b', 'c'}, np.arange(3), lambda x: x, np.exp]\n"
        "print(fingerprint(value))"
    )
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    exec(code, {"__name__": "__main__"})
    assert capsys.readouterr().out == other.stdout


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (None, "None"), ("auto", "'auto'"), (EM, "skcrowd.methods._em.EM")],
)
def test_short_values_are_summary_as_they_are(value, text):
    assert summary(value) == text


def test_long_values_are_summary_by_a_fingerprint():
    for value in ("x" * 100, np.zeros(2), [1], "#"):
        assert summary(value) in (f"#{fingerprint(value)}", repr(value))
    assert summary(np.zeros(2)).startswith("#")
    assert summary("x" * 100).startswith("#")
