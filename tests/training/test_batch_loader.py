from itertools import chain

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from torch.utils.data import SubsetRandomSampler, WeightedRandomSampler

from skcrowd.training._data import BatchLoader, CrowdDataset

N_ITEMS = 23


@pytest.fixture
def dataset():
    """Items whose one feature is their number."""
    return CrowdDataset(np.arange(N_ITEMS, dtype=np.float64)[:, None])


def batches(loader):
    return [features[:, 0].int().tolist() for features, _ in loader]


def flat(loader):
    return [item for batch in batches(loader) for item in batch]


@pytest.mark.parametrize("batch_size", [1, 5, 23, 100])
def test_without_shuffling_the_order_stays(dataset, batch_size):
    loader = BatchLoader(dataset, batch_size)
    cut = batches(loader)
    assert list(chain(*cut)) == list(range(N_ITEMS))
    assert [len(batch) for batch in cut[:-1]] == [batch_size] * (len(cut) - 1)
    assert len(loader) == len(cut) == -(-N_ITEMS // batch_size)


@pytest.mark.parametrize("batch_size", [1, 5, 23, 100])
def test_shuffling_covers_every_item_once(dataset, batch_size):
    loader = BatchLoader(dataset, batch_size, shuffle=True)
    torch.manual_seed(0)
    first, second = flat(loader), flat(loader)
    assert sorted(first) == sorted(second) == list(range(N_ITEMS))
    assert first != second
    assert len(batches(loader)) == len(loader)


@pytest.mark.parametrize("shuffle", [False, True])
def test_drop_last_drops_the_rest(dataset, shuffle):
    loader = BatchLoader(dataset, 5, shuffle=shuffle, drop_last=True)
    assert [len(batch) for batch in batches(loader)] == [5] * 4
    assert len(loader) == 4


def test_a_generator_decides_the_order(dataset):
    def order(seed):
        generator = torch.Generator().manual_seed(seed)
        return flat(BatchLoader(dataset, 5, shuffle=True, generator=generator))

    torch.manual_seed(1)
    before = torch.get_rng_state()
    assert order(0) == order(0) != order(1)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("drop_last", [False, True])
def test_a_sampler_decides_which_items_come(dataset, drop_last):
    sampler = SubsetRandomSampler([3, 8, 9, 20, 21])
    loader = BatchLoader(dataset, 2, sampler=sampler, drop_last=drop_last)
    cut = batches(loader)
    assert [len(batch) for batch in cut] == ([2, 2] if drop_last else [2, 3])
    assert len(loader) == 2
    assert set(chain(*cut)) <= {3, 8, 9, 20, 21}


def test_a_weighted_sampler_repeats_items(dataset):
    weights = torch.zeros(N_ITEMS)
    weights[4] = 1
    sampler = WeightedRandomSampler(weights.tolist(), 7)
    assert batches(BatchLoader(dataset, 5, sampler=sampler)) == [[4] * 5, [4] * 2]


def test_sampler_and_shuffle_exclude_each_other(dataset):
    sampler = SubsetRandomSampler([1, 2])
    with pytest.raises(ValueError, match="exclude each other"):
        BatchLoader(dataset, 2, sampler=sampler, shuffle=True)


def test_a_subset_is_covered_once(dataset):
    loader = BatchLoader(dataset.subset([9, 4, 2]), 2, shuffle=True)
    assert sorted(flat(loader)) == [2, 4, 9]


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_worker_process_brings_the_same_items(dataset, shuffle):
    loader = BatchLoader(dataset, 5, shuffle=shuffle, num_workers=1)
    assert sorted(flat(loader)) == list(range(N_ITEMS))


@pytest.mark.parametrize("options", [{}, {"shuffle": True}, {"num_workers": 1}])
@pytest.mark.filterwarnings("ignore:Sparse invariant checks")
def test_sparse_features_are_covered_once(options):
    dataset = CrowdDataset(csr_matrix(1.0 + np.arange(N_ITEMS)[:, None]))
    loader = BatchLoader(dataset, 5, **options)
    items = torch.cat([features.to_dense()[:, 0] for features, _ in loader])
    assert sorted(items.tolist()) == [1.0 + item for item in range(N_ITEMS)]
