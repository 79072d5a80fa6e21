"""Values of every kind come back as they were."""

import json
import string
from collections import Counter, OrderedDict

import numpy as np
import pytest
import torch
from _persistence import assert_alike
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import (
    arrays,
    boolean_dtypes,
    datetime64_dtypes,
    floating_dtypes,
    integer_dtypes,
    unicode_string_dtypes,
    unsigned_integer_dtypes,
)
from scipy.sparse import csc_matrix, csr_array
from torch import nn

from skcrowd.annotators import ConfusionTable
from skcrowd.backbones import Vocabulary
from skcrowd.estimators._numbers import AnswerScaler
from skcrowd.methods import EM
from skcrowd.persistence._all_kinds import kinds
from skcrowd.persistence._tree import Reader, Writer

KINDS = kinds()


def there_and_back(value):
    writer = Writer(KINDS)
    text = json.dumps(writer.node(value, "here"), allow_nan=False)
    n_bytes = len(text) + sum(tensor.nbytes for tensor in writer.tensors.values())
    return Reader(KINDS, writer.tensors, n_bytes, {}).value(json.loads(text))


KEYS = st.one_of(st.integers(), st.text(max_size=3), st.none(), st.booleans())
LEAVES = st.one_of(
    KEYS,
    st.floats(allow_nan=True),
    arrays(
        st.one_of(
            boolean_dtypes(),
            integer_dtypes(endianness="="),
            unsigned_integer_dtypes(endianness="="),
            floating_dtypes(endianness="=", sizes=(16, 32, 64)),
            datetime64_dtypes(endianness="="),
            unicode_string_dtypes(endianness="=", max_len=5),
        ),
        st.tuples(st.integers(0, 3), st.integers(0, 2)),
    ),
)
VALUE = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(KEYS, inner, max_size=4),
        st.dictionaries(st.sampled_from("$abc"), inner, max_size=4),
    ),
    max_leaves=10,
)


@given(VALUE)
def test_containers_of_anything(value):
    assert_alike(there_and_back(value), value)


@pytest.mark.parametrize(
    "value",
    [
        float("-inf"),
        np.float32(0.1),
        np.int8(3),
        np.str_("a"),
        np.bool_(True),
        np.array(3.5),
        np.array([["a", "bb"], ["", "a"]]),
        np.array(["2026-01-01"], dtype="datetime64[D]"),
        np.arange(4, dtype=np.uint32) + np.uint32(2**32 - 10),
        np.arange(3, dtype=">i4").astype("=i4"),
        np.array([1, "a", (2, "b"), None, 1.5], dtype=object),
        torch.arange(3),
        torch.ones((), dtype=torch.bfloat16),
        torch.float64,
        torch.optim.AdamW,
        nn.functional.relu,
        nn.GELU,
        {1, 2},
        OrderedDict(b=1, a=2),
        2**200,
        [np.arange(2), np.arange(3)],
        [np.array(["a"]), np.array(["b"]), np.array([], dtype="<U1")],
        AnswerScaler(1.0, 2.0),
        Vocabulary().fit(["Bob", "met", "Rob", "ROB"]),
        EM(pseudo_counts=2.0),
        np.array(["a" * 1000, *"b" * 2000]),
        np.array([["a" * 1000, "\U0001f40d"]] * 1000),
    ],
)
def test_values(value):
    assert_alike(there_and_back(value), value)


def test_what_is_one_stays_one():
    array = np.arange(3)
    first, second, inner = there_and_back([array, array, {"a": array}])
    assert first is second is inner["a"]


@pytest.mark.parametrize("kind", [csr_array, csc_matrix])
def test_sparse_matrices(kind):
    matrix = kind(np.array([[0, 1.5], [2, 0], [0, 0]]))
    twin = there_and_back(matrix)
    assert type(twin) is kind
    assert_alike(twin.toarray(), matrix.toarray())


def test_arrays_can_be_written_to():
    there_and_back(np.arange(3))[0] = 7


NETWORKS = [
    nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.BatchNorm1d(4), nn.Linear(4, 2)),
    nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Dropout(0.2)),
    nn.GRU(3, 4, num_layers=2, bidirectional=True, batch_first=True),
    nn.LSTM(3, 4, proj_size=2),
    nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, activation="gelu"),
    nn.ModuleDict({"a": nn.Embedding(5, 2, padding_idx=0)}),
    ConfusionTable(4, 3, prior=np.ones((3, 3)), n_answers=np.arange(4)),
]


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: type(n).__name__)
def test_networks_of_torch(network):
    network.eval()
    twin = there_and_back(network)
    assert_alike(twin, network)
    assert repr(twin) == repr(network)
    assert not any(part.training for part in twin.modules())
    assert list(twin.state_dict()) == list(network.state_dict())
    if isinstance(network, (nn.GRU, nn.TransformerEncoderLayer)):
        X = torch.randn(2, 5, 8 if hasattr(network, "linear1") else 3)
        ours, theirs = twin(X), network(X)
        assert_alike(
            *((ours, theirs) if torch.is_tensor(ours) else (ours[0], theirs[0]))
        )


def test_shared_and_frozen_weights():
    network = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    network[1].weight = network[0].weight
    network[0].bias.requires_grad_(False)
    twin = there_and_back(network)
    assert twin[1].weight is twin[0].weight
    assert not twin[0].bias.requires_grad
    assert twin[1].bias.requires_grad


@pytest.mark.parametrize(
    "value",
    [
        object(),
        lambda: 0,
        Counter("aab"),
        np.array([1j]),
        np.zeros(2, dtype=[("a", int)]),
        print,
        string.Template,
        torch.eye(2).to_sparse(),
        nn.Sequential(type("Own", (nn.Module,), {})()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_stored_is_named(value):
    with pytest.raises(TypeError, match=r"^here\.a\.1 holds .* without pickle"):
        Writer(KINDS).node({"a": [0, value]}, "here")


def test_hooks_are_no_silent_loss():
    network = nn.Linear(2, 2)
    network.register_forward_hook(lambda *_: None)
    with pytest.raises(TypeError, match="here: Linear has hooks"):
        Writer(KINDS).node(network, "here")
