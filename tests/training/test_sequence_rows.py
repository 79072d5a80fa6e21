import pickle
from itertools import chain, pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrowd.training import SequenceRows
from skcrowd.training._data import BatchLoader
from skcrowd.training._sequence_data import SequenceDataset
from skcrowd.training._tensors import places_of

LENGTHS = np.array([3, 1, 4, 2, 1, 5])
N_SEQUENCES, N_TOKENS = len(LENGTHS), LENGTHS.sum()


def numbered(lengths):
    """Sequences whose tokens have one feature: their number, from 1."""
    tokens = 1.0 + np.arange(np.sum(lengths))[:, None]
    return SequenceRows(tokens, np.asarray(lengths))


def parts(rows):
    """The sequences, one by one."""
    return np.split(rows.tokens, rows.offsets[1:-1])


@pytest.fixture
def rows():
    return numbered(LENGTHS)


def pad(rows, wanted):
    """Pad some sequences, token by token."""
    sequences = [parts(rows)[k] for k in wanted]
    longest = max(map(len, sequences))
    padded = np.zeros((len(wanted), longest, *rows.tokens.shape[1:]), rows.dtype)
    for place, sequence in enumerate(sequences):
        for position, token in enumerate(sequence):
            padded[place, position] = token
    return padded


SELECTIONS = {
    "slice": slice(1, 5),
    "step": slice(None, None, -2),
    "positions": np.array([4, 0, 0, 5]),
    "negative": np.array([-1, 2]),
    "booleans": np.array([True, False, True, False, False, True]),
    "list": [3, 1],
    "none": np.zeros(N_SEQUENCES, dtype=bool),
}


@pytest.mark.parametrize("wanted", SELECTIONS.values(), ids=SELECTIONS)
def test_selects_sequences(rows, wanted):
    selected = rows[wanted]
    order = np.arange(N_SEQUENCES)[wanted]
    assert selected.lengths.tolist() == LENGTHS[order].tolist()
    expected = [token for k in order for token in parts(rows)[k].ravel().tolist()]
    assert selected.tokens.ravel().tolist() == expected
    assert selected.n_tokens == LENGTHS[order].sum()
    assert selected.shape == (len(selected),) == (len(order),)


@pytest.mark.parametrize(
    "tokens",
    [
        np.arange(N_TOKENS) + 1,
        np.ones((N_TOKENS, 3), dtype=np.float32),
        np.arange(N_TOKENS * 4.0).reshape(N_TOKENS, 2, 2) + 1,
    ],
    ids=["codes", "features", "images"],
)
@pytest.mark.parametrize("wanted", [[0, 2, 1], [4], [5, 5, 0]])
def test_padded_puts_zeros_after_the_end(tokens, wanted):
    rows = SequenceRows(tokens, LENGTHS)
    places = torch.as_tensor(rows.token_rows(np.array(wanted)))
    batch = rows.padded(torch.tensor(wanted), places)
    assert batch["lengths"].tolist() == LENGTHS[wanted].tolist()
    assert rows.dtype == tokens.dtype
    np.testing.assert_array_equal(batch["X"], pad(rows, wanted), strict=True)


def test_a_pickle_holds_the_same_sequences(rows):
    twin = pickle.loads(pickle.dumps(rows))
    np.testing.assert_array_equal(twin.tokens, rows.tokens)
    np.testing.assert_array_equal(twin.offsets, rows.offsets)
    np.testing.assert_array_equal(twin[[2, 0]].tokens, rows[[2, 0]].tokens)


@given(
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=8),
    wanted=st.lists(st.integers(0, 7), max_size=10),
)
def test_token_rows_are_those_of_each_sequence(lengths, wanted):
    wanted = [k % len(lengths) for k in wanted]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    expected = [t for k in wanted for t in range(offsets[k], offsets[k + 1])]
    found = places_of(torch.tensor(offsets), torch.tensor(wanted, dtype=torch.int64))
    assert found.tolist() == expected


def sequences_of(batch, lengths):
    """Numbers of the sequences of a batch of `numbered` ones."""
    first = 1 + np.cumsum(lengths) - lengths
    return np.searchsorted(first, batch["X"][:, 0, 0].numpy()).tolist()


def read(dataset, order=None, batch_size=3):
    order = None if order is None else torch.as_tensor(order)
    return [dataset[batch] for batch in dataset.batches(order, batch_size)]


def composition(dataset, order=None, batch_size=3):
    """Which sequences are in which batch."""
    lengths = dataset.X.lengths
    return [sequences_of(X, lengths) for X, _ in read(dataset, order, batch_size)]


def shuffled(n_items, seed):
    return torch.randperm(n_items, generator=torch.Generator().manual_seed(seed))


def mixed_lengths(n_sequences=500, longest=40):
    return np.random.default_rng(0).integers(1, longest + 1, n_sequences)


@pytest.mark.parametrize("batch_size", [1, 7, 64, 1000])
@pytest.mark.parametrize("shuffle", [False, True])
def test_an_epoch_has_every_sequence_once(batch_size, shuffle):
    lengths = mixed_lengths()
    loader = BatchLoader(
        SequenceDataset(numbered(lengths)), batch_size, shuffle=shuffle
    )
    cut = [sequences_of(X, lengths) for X, _ in loader]
    assert sorted(chain(*cut)) == list(range(500))
    assert len(cut) == len(loader)


def padding_share(batches):
    n_places = sum(X["X"].shape[:2].numel() for X, _ in batches)
    return 1 - sum(int(X["lengths"].sum()) for X, _ in batches) / n_places


def test_batches_hold_sequences_of_similar_length():
    dataset = SequenceDataset(numbered(mixed_lengths()))
    assert padding_share(read(dataset, shuffled(500, 0), 8)) < 0.1
    assert padding_share(read(dataset, None, 8)) < 0.03


def test_an_order_decides_the_batches_and_they_come_mixed():
    dataset = SequenceDataset(numbered(mixed_lengths()))
    one, other = (
        composition(dataset, shuffled(500, seed), batch_size=8) for seed in (0, 1)
    )
    assert not set(map(frozenset, one)) & set(map(frozenset, other))
    shortest = [min(dataset.X.lengths[batch]) for batch in one]
    went_down = np.mean([after < before for before, after in pairwise(shortest)])
    assert 0.3 < went_down < 0.7


@pytest.mark.parametrize("batch_size", [1, 8])
def test_an_order_alone_decides_the_batches(batch_size):
    dataset, order = SequenceDataset(numbered(mixed_lengths())), shuffled(500, 0)
    before = torch.get_rng_state()
    first, same = (composition(dataset, order, batch_size) for _ in range(2))
    assert first == same
    assert torch.equal(torch.get_rng_state(), before)


def test_without_an_order_the_shortest_come_first(rows):
    dataset = SequenceDataset(rows)
    assert composition(dataset) == composition(dataset) == [[1, 4, 3], [0, 2, 5]]


@pytest.mark.parametrize(
    ("batch_size", "sizes"), [(5, [6]), (4, [4, 2]), (1, [1] * 6), (6, [6])]
)
def test_a_single_last_sequence_joins_the_batch_before(rows, batch_size, sizes):
    order = [5, 4, 3, 2, 1, 0]
    found = [*map(len, composition(SequenceDataset(rows), order, batch_size))]
    assert sorted(found) == sorted(sizes)


@pytest.mark.parametrize("most", [1, 7, 20, 10**6])
def test_prediction_keeps_padded_batches_small(monkeypatch, most):
    monkeypatch.setattr("skcrowd.training._sequence_data.MOST_TOKENS", most)
    lengths = mixed_lengths()
    batches = composition(SequenceDataset(numbered(lengths)), batch_size=16)
    assert sorted(chain.from_iterable(batches)) == [*range(len(lengths))]
    for batch in batches:
        padded = len(batch) * max(lengths[k] for k in batch)
        assert len(batch) == 1 or padded <= most
        assert len(batch) <= 16
    if most == 10**6:
        assert {*map(len, batches[:-1])} == {16}


@pytest.mark.parametrize("shown", [None, [5, 0, 3, 1]])
def test_prediction_has_sequences_only_and_their_order_is_known(rows, shown):
    dataset = SequenceDataset(rows, rows=None if shown is None else torch.tensor(shown))
    batches = read(dataset)
    assert all(nothing.numel() == 0 for _, nothing in batches)
    predicted = [
        int(token) - 1
        for X, _ in batches
        for row, length in zip(X["X"], X["lengths"], strict=True)
        for token in row[:length, 0]
    ]
    assert dataset.token_order().tolist() == predicted
    order = dataset.by_length()
    assert sorted(order.tolist()) == sorted(shown or range(N_SEQUENCES))
    assert (np.diff(LENGTHS[order]) >= 0).all()


@pytest.mark.parametrize("order", [None, [2, 0, 1]])
def test_subset_indexes_the_whole(rows, order):
    dataset = SequenceDataset(rows, rows=torch.tensor([5, 0, 3, 1]))
    assert len(dataset) == 4
    subset = dataset.subset(np.array([3, 5, 1]))
    assert len(subset) == 3
    assert composition(subset, order) == [[1, 3, 5]]


def test_positions_of_an_order_are_those_of_the_rows_shown(rows):
    dataset = SequenceDataset(rows, rows=torch.tensor([5, 0, 3, 1]))
    assert composition(dataset, [3, 0]) == [[1, 5]]


def random_answers_of(rng, n_tokens, uniform):
    """Up to three answers a token, some have none; weights and targets."""
    count = rng.integers(0, 4, n_tokens)
    n_answers = count.sum()
    weights = torch.tensor(rng.random((2, n_tokens)))
    return {
        "annotator": torch.tensor(rng.integers(0, 5, n_answers)),
        "answer": torch.tensor(rng.integers(0, 3, n_answers)),
        "indptr": torch.tensor(np.concatenate([[0], np.cumsum(count)])),
        "item_weight": weights[0, 0] if uniform else weights[0],
        "answer_weight": weights[1, 0] if uniform else weights[1],
        "target": torch.tensor(rng.random((n_tokens, 3))),
    }


def slow_batch(y, tokens):
    """Collect answers, weights and targets of some tokens one by one."""
    item_weight, answer_weight = (
        y[name].expand(len(y["target"])) for name in ("item_weight", "answer_weight")
    )
    answers = [
        (place, y["annotator"][a].item(), y["answer"][a].item(), answer_weight[token])
        for place, token in enumerate(tokens)
        for a in range(y["indptr"][token], y["indptr"][token + 1])
    ]
    item, annotator, answer, weight = (
        zip(*answers, strict=True) if answers else [()] * 4
    )
    return {
        "item": item,
        "annotator": annotator,
        "answer": answer,
        "answer_weight": weight,
        "item_weight": [item_weight[token] for token in tokens],
        "target": [y["target"][token].tolist() for token in tokens],
    }


def assert_batch(X, y, rows, found):
    wanted = sequences_of(X, rows.lengths)
    np.testing.assert_array_equal(X["X"], pad(rows, wanted))
    expected = slow_batch(y, rows.token_rows(np.array(wanted)).tolist())
    for name, values in expected.items():
        shape = np.broadcast_shapes(found[name].shape, np.shape(values))
        assert shape == np.shape(values)
        np.testing.assert_array_equal(np.broadcast_to(found[name], shape), values)
    assert found["n_rows"] == len(wanted)


@given(
    seed=st.integers(0, 2**32 - 1),
    lengths=st.lists(st.integers(1, 4), min_size=1, max_size=9),
    batch_size=st.integers(1, 5),
    uniform=st.booleans(),
    in_order=st.booleans(),
    part=st.booleans(),
)
@settings(max_examples=60)
def test_a_batch_holds_the_answers_of_its_tokens(
    seed, lengths, batch_size, uniform, in_order, part
):
    rng, rows = np.random.default_rng(seed), numbered(lengths)
    y = random_answers_of(rng, rows.n_tokens, uniform)
    shown = rng.permutation(len(rows))[: 1 + len(rows) // 2] if part else None
    dataset = SequenceDataset(rows, y)
    dataset = dataset.subset(shown) if part else dataset
    order = None if in_order else rng.permutation(len(dataset))
    for X, found in read(dataset, order, batch_size):
        assert_batch(X, y, rows, found)


def test_answers_are_gathered_in_blocks(rows, monkeypatch):
    monkeypatch.setattr("skcrowd.training._sequence_data.BATCHES_AT_ONCE", 2)
    y = random_answers_of(np.random.default_rng(0), N_TOKENS, uniform=False)
    batches = read(SequenceDataset(rows, y), [5, 4, 3, 2, 1, 0], 1)
    assert len(batches) == N_SEQUENCES
    for X, found in batches:
        assert_batch(X, y, rows, found)


def test_targets_are_optional(rows):
    y = random_answers_of(np.random.default_rng(0), N_TOKENS, uniform=False)
    del y["target"]
    assert "target" not in read(SequenceDataset(rows, y))[0][1]


def test_a_worker_process_brings_the_same_sequences(rows):
    loader = BatchLoader(SequenceDataset(rows), 3, num_workers=1)
    found = [sequences_of(X, LENGTHS) for X, _ in loader]
    assert found == composition(SequenceDataset(rows))
