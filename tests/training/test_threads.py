from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import torch
from torch import nn

from skcrowd import CrowdClassifier
from skcrowd.backbones import RecurrentTagger
from skcrowd.training._threads import n_threads, threads_for

WORDS = {"n_words": 10**6, "n_shapes": 9, "n_affixes": 9, "n_codes": 4}


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("module", "batch_size", "threads"),
    [
        (nn.Sequential(nn.Linear(64, 128), nn.ReLU()), 64, 1),
        (nn.Sequential(nn.Linear(64, 128), nn.ReLU()), 100_000, 2),
        (nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(4, 2)), 64, 2),
        (partial(RecurrentTagger, 3, **WORDS), 64, 1),
        (RecurrentTagger(3, n_features=10), 1024, 1),
        (partial(RecurrentTagger, 3, n_features=10, hidden=768), 64, 2),
        (nn.LSTMCell(8, 8), 64, 1),
        (nn.Sequential(nn.Conv1d(8, 8, 3), nn.GRU(8, 8)), 64, 2),
    ],
    ids=[
        "small",
        "large",
        "not dense",
        "words",
        "recurrent",
        "large recurrent",
        "cell",
        "not only recurrent",
    ],
)
def test_only_small_networks_compute_on_one_thread(
    module, batch_size, threads, two_threads
):
    if isinstance(module, partial):  # large: not built for the list of tests
        module = module()
    with threads_for(module, batch_size):
        assert torch.get_num_threads() == threads
    assert torch.get_num_threads() == 2


def test_threads_are_restored_after_an_error(two_threads):
    with pytest.raises(RuntimeError), threads_for(nn.Linear(2, 2), 8):
        raise RuntimeError
    assert torch.get_num_threads() == 2


def test_other_python_threads_keep_their_number(two_threads):
    with ThreadPoolExecutor(2) as known, ThreadPoolExecutor(2) as new:
        assert known.submit(torch.get_num_threads).result() == 2
        with n_threads(1):
            assert torch.get_num_threads() == 1
            assert known.submit(torch.get_num_threads).result() == 2
            assert new.submit(torch.get_num_threads).result() == 2
        assert new.submit(torch.get_num_threads).result() == 2
    assert torch.get_num_threads() == 2


def test_blocks_of_several_python_threads_may_overlap(two_threads):
    """Whoever leaves last must not leave the others with one thread."""
    first, second = n_threads(1), n_threads(1)
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        one.submit(first.__enter__).result()
        other.submit(second.__enter__).result()
        one.submit(first.__exit__, None, None, None).result()
        assert one.submit(torch.get_num_threads).result() == 2
        assert other.submit(torch.get_num_threads).result() == 1
        other.submit(second.__exit__, None, None, None).result()
        for pool in (one, other):
            assert pool.submit(torch.get_num_threads).result() == 2
    with ThreadPoolExecutor(1) as new:
        assert new.submit(torch.get_num_threads).result() == 2


@pytest.mark.parametrize("name", ["predict_proba", "predict_annotator_proba"])
def test_a_small_network_predicts_on_one_thread(name, items, answers, two_threads):
    seen = []

    class Watcher(nn.Linear):
        def forward(self, X):
            seen.append(torch.get_num_threads())
            return super().forward(X)

    module = nn.Sequential(Watcher(3, 3))
    clf = CrowdClassifier(module, method="conal", max_epochs=1).fit(items[0], answers)
    seen.clear()
    getattr(clf, name)(items[0])
    assert set(seen) == {1}
    assert torch.get_num_threads() == 2
