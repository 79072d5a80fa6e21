"""How much memory there is, and what is refused before it takes more."""

import numpy as np
import pytest

from skcrowd.aggregation import majority_vote, measure_disagreement
from skcrowd.annotations import Annotations, SequenceAnnotations, _memory
from skcrowd.annotations._memory import available_memory, check_fits, row_blocks
from skcrowd.datasets import make_annotations
from skcrowd.metrics import empirical_confusion

GB = 10**9
SMALL = Annotations.from_dense([[0, 1], [1, -1]])


@pytest.fixture
def group(tmp_path, monkeypatch):
    """A folder in the place of the control group's; writes files of numbers."""
    monkeypatch.setattr(_memory, "GROUP", str(tmp_path))
    monkeypatch.setattr(_memory, "_of_machine", lambda: 50 * GB)

    def write(**contents):
        for name, content in contents.items():
            path = tmp_path / name.replace("__", "/").replace("_", ".", 1)
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"{content}\n")

    return write


def test_the_machine_says_what_is_left():
    assert 0 < available_memory() < 2**50


def test_the_limit_of_a_container_counts_without_the_files_it_keeps(group):
    group(memory_max=10 * GB, memory_current=4 * GB, memory_stat="anon 7\nslab 1")
    assert available_memory() == 6 * GB
    group(memory_stat=f"anon 7\ninactive_file {GB}")
    assert available_memory() == 7 * GB


def test_no_limit_leaves_what_the_machine_has(group):
    assert available_memory() == 50 * GB
    group(memory_max="max", memory_current=4 * GB)
    assert available_memory() == 50 * GB


def test_the_older_form_of_limits_is_read(tmp_path, group):
    folder = tmp_path / "memory"
    folder.mkdir()
    (folder / "memory.limit_in_bytes").write_text(str(8 * GB))
    (folder / "memory.usage_in_bytes").write_text(str(9 * GB))
    assert available_memory() == 0
    (folder / "memory.limit_in_bytes").write_text(str(2**63 - 4096))
    assert available_memory() == 50 * GB


def test_a_machine_that_does_not_tell_refuses_nothing(monkeypatch):
    monkeypatch.setattr(_memory, "available_memory", lambda: None)
    check_fits(2**80, "everything", "nothing")


def test_what_does_not_fit_is_said_with_both_sizes(monkeypatch):
    monkeypatch.setattr(_memory, "available_memory", lambda: 3 * GB)
    check_fits(3 * GB, "this", "that")
    message = (
        r"this would take about 3\.1 GB of memory, of which 3\.0 GB are .*; do that"
    )
    with pytest.raises(ValueError, match=message):
        check_fits(3.1 * GB, "this", "do that")


def test_rows_are_cut_only_where_they_are_many(monkeypatch):
    assert [*row_blocks(7, 3)] == [slice(0, 7)]
    monkeypatch.setattr(_memory, "LARGE", 20)
    monkeypatch.setattr(_memory, "AT_ONCE", 9)
    assert [*row_blocks(7, 3)] == [slice(0, 3), slice(3, 6), slice(6, 7)]
    assert [*row_blocks(0, 3)] == []


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: majority_vote(SMALL), "the shares of 2 classes in the votes on 2"),
        (lambda: measure_disagreement(SMALL), "disagreement between 2 classes"),
        (lambda: empirical_confusion(SMALL, [0, 1]), "of 2 annotators and 2 classes"),
        (lambda: make_annotations([0, 1], 3), "of 3 annotators and 2 classes"),
    ],
)
def test_other_tables_that_do_not_fit_are_refused(make, what, monkeypatch):
    monkeypatch.setattr(_memory, "available_memory", lambda: 8)
    with pytest.raises(ValueError, match=f"{what}.* would take about"):
        make()


def test_dense_matrices_that_do_not_fit_are_refused(monkeypatch):
    answers = Annotations.from_dense([[0, 1], [1, -1]])
    tags = SequenceAnnotations.from_cells([[["O", "B-X"], None], [["O"], ["O"]]])
    monkeypatch.setattr(_memory, "available_memory", lambda: 8)
    for write in (answers.to_dense, tags.to_cells, tags.to_flat):
        with pytest.raises(ValueError, match=r"would take about .* use .*to_long\(\)"):
            write()
    for held in (answers, tags):
        with pytest.raises(ValueError, match="would take about"):
            np.asarray(held)
