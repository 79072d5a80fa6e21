"""Two processes that train together, on one machine, without a GPU."""

import os
import pickle
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import _distributed_fits
import numpy as np
import pytest
import torch
from _data import assert_same_fit, small
from _scripts import run_script
from joblib import Parallel, delayed

import skcrowd
from skcrowd import load
from skcrowd.training import _process_group
from skcrowd.training._part import Part, own_part
from skcrowd.training._process_group import ProcessGroup, world_size
from skcrowd.training._seeding import own_draws

TOLERANCE = 1e-5  # float32: sums in another order, over all steps of a fit
SCRIPT = Path(_distributed_fits.__file__)
EXAMPLE = SCRIPT.parents[1] / "docs" / "examples" / "demo_distributed.py"
N_PROCESSES = 2
LAUNCHER = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
LAUNCHER += [f"--nproc-per-node={N_PROCESSES}"]


def launch(folder):
    """Return what two processes got from all fits of the script, and their folder.

    The example of the documentation runs in the same processes.
    """
    places = [str(Path(skcrowd.__file__).parents[1]), str(SCRIPT.parent)]
    (folder / "example").mkdir()
    example = [str(EXAMPLE), "--folder", str(folder / "example"), "--quick"]
    done = subprocess.run(
        [*LAUNCHER, str(SCRIPT), str(folder), *example],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(places)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = [
        pickle.loads((folder / f"{rank}.pickle").read_bytes())
        for rank in range(N_PROCESSES)
    ]
    return SimpleNamespace(folder=folder, found=found, stderr=done.stderr)


@pytest.mark.slow
def test_two_processes_train_together(tmp_path):
    """Start them once, because that takes longer than the fits."""
    launched = launch(tmp_path)
    assert_both_get_what_one_gets(launched)
    assert_both_end_with_the_same_bits(launched)
    assert_unequal_processes_are_refused_in_both(launched)
    assert_models_open_in_one_process(launched)
    assert_one_writes_and_both_resume(launched)
    assert_the_example_shows_that_both_are_equal(launched)


def assert_equal(one, other):
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name])


def assert_both_get_what_one_gets(launched):
    alone = _distributed_fits.results()
    assert 2 < len(alone["early stopping"]["losses"]) < 12  # of at most 12 epochs
    for found in launched.found:
        assert found["results"].keys() == alone.keys()
        for name, expected in alone.items():
            got = found["results"][name]
            assert got["batches"] == expected["batches"], name
            for part in ("predictions", "annotators", "losses"):
                np.testing.assert_allclose(
                    got[part],
                    expected[part],
                    rtol=TOLERANCE,
                    atol=TOLERANCE,
                    err_msg=f"{part} of {name}",
                )


def assert_both_end_with_the_same_bits(launched):
    first, second = launched.found
    for name in first["results"]:
        assert_equal(first["results"][name], second["results"][name])
    for name in first["others"]:  # dropout, batch normalisation, checkpoints
        assert_equal(first["others"][name], second["others"][name])


def assert_unequal_processes_are_refused_in_both(launched):
    for found in launched.found:
        errors = found["errors"]
        assert "process 1 differs from process 0 in X." in errors["X"]
        assert "Read the whole data in every process" in errors["X"]
        assert "differs from process 0 in X, y, sample_weight, " in errors["rows"]
        assert "process 1 differs from process 0 in lr." in errors["lr"]
        assert "Pass the class of the network" in errors["module"]
        assert "'cpu:0' is the same in all processes" in errors["device"]


def assert_models_open_in_one_process(launched):
    X, _ = _distributed_fits.draw()["labels"]
    expected = launched.found[0]["others"]["noisy"]["predictions"]
    opened = [pickle.loads(found["pickle"]) for found in launched.found]
    model = load(launched.folder / "model", module=_distributed_fits.Noisy)
    for one in (*opened, model):
        np.testing.assert_array_equal(one.predict_proba(X).ravel(), expected)
        assert one.distributed
        assert one.net_.group_ is one.net_.replica_ is None


def assert_one_writes_and_both_resume(launched):
    for found in launched.found:
        assert found["errors"]["cut"] == "cut"
        assert_equal(found["others"]["resumed"], found["others"]["whole"])
    assert launched.found[0]["unfinished"] == 1
    assert not list((launched.folder / "fits").iterdir())
    assert (launched.folder / "callback" / "params.pt").exists()
    assert "epoch" not in launched.stderr  # verbose in the second process


def assert_the_example_shows_that_both_are_equal(launched):
    """It starts the processes by the same command, and reads what they have written."""

    def run(command, check):
        *start, option, folder, size = command
        assert (option, size, check) == ("--folder", "--quick", True)
        assert start == [*LAUNCHER, str(EXAMPLE)]
        shutil.copytree(launched.folder / "example", folder, dirs_exist_ok=True)

    with mock.patch.object(subprocess, "run", run):
        printed, _ = run_script(EXAMPLE, "--quick")
    assert "Two processes, equal to the last bit: True" in printed
    (difference,) = re.findall(r"from one process: (\S+)", printed)
    assert float(difference) < 1e-4


def other_fit(items, answers, **parameters):
    return small("em", distributed=True, **parameters).fit(items[0], answers)


def test_a_script_started_alone_trains_in_one_process(items, answers):
    alone = small("em").fit(items[0], answers)
    assert_same_fit(alone, other_fit(items, answers))


def test_without_accelerate_the_error_says_what_to_install(items, answers, monkeypatch):
    monkeypatch.setitem(sys.modules, "accelerate", None)
    with pytest.raises(ImportError, match=r'pip install "skcrowd\[distributed\]"'):
        other_fit(items, answers)
    small("em").fit(items[0], answers)


def test_an_interrupt_cannot_be_kept(items, answers):
    with pytest.raises(ValueError, match="on_interrupt='keep' ends a training where"):
        other_fit(items, answers, on_interrupt="keep")


@pytest.fixture
def two_processes(monkeypatch):
    """Environment of one of two processes, which must not be waited for."""
    monkeypatch.setenv("LOCAL_RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "2")


@pytest.mark.usefixtures("two_processes")
def test_one_number_of_a_device_is_no_device_for_all(items, answers):
    with pytest.raises(ValueError, match="of which each process takes one"):
        other_fit(items, answers, device="cpu:0")


@pytest.mark.usefixtures("two_processes")
def test_fits_in_threads_and_workers_are_refused(items, answers):
    with pytest.raises(ValueError, match="not in threads or workers of joblib"):
        Parallel(2, backend="threading")(
            delayed(other_fit)(items, answers) for _ in range(2)
        )
    caught = []

    def fit():
        with pytest.raises(ValueError, match="set n_jobs=1") as error:
            other_fit(items, answers)
        caught.append(error)

    thread = threading.Thread(target=fit)
    thread.start()
    thread.join()
    assert caught


@pytest.mark.usefixtures("two_processes")
def test_reports_that_fit_again_fit_alone(items, answers):
    model = small("em", max_epochs=2).fit(items[0], answers)
    expected = model.label_quality(items[0], answers, cv=2)
    model.set_params(distributed=True)
    again = model.label_quality(items[0], answers, cv=2)
    for name, values in expected.items():
        np.testing.assert_array_equal(values, again[name])


def test_a_launcher_for_something_else_is_refused(monkeypatch):
    kind = SimpleNamespace(value="FSDP")
    monkeypatch.setattr(
        _process_group,
        "_accelerator",
        lambda device: SimpleNamespace(distributed_type=kind),
    )
    with pytest.raises(ValueError, match="configured for FSDP, but networks"):
        _process_group.joined_group.__wrapped__("cpu")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, 1),
        ({"WORLD_SIZE": "4"}, 1),  # of a queueing system, without a launcher
        ({"WORLD_SIZE": "4", "LOCAL_RANK": "0"}, 4),
    ],
)
def test_the_number_of_processes_is_the_launchers(environment, expected, monkeypatch):
    for name in ("WORLD_SIZE", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert world_size() == expected


@pytest.mark.parametrize("n_rows", range(1, 14))
@pytest.mark.parametrize("n_processes", [1, 2, 3, 5])
def test_every_row_has_one_process_and_no_part_a_single_row(n_rows, n_processes):
    parts = [Part(rank, n_processes) for rank in range(n_processes)]
    sizes = parts[0].sizes(n_rows)
    assert len(sizes) == n_processes
    assert sum(sizes) == n_rows
    rows = np.arange(n_rows)
    computed = [rows[part.own(sizes)] for part in parts]
    assert all(len(own) >= min(2, n_rows) for own in computed)
    kept = [own[:size] for own, size in zip(computed, sizes, strict=True)]
    np.testing.assert_array_equal(np.concatenate(kept), rows)


def test_what_is_no_tensor_of_items_stays_whole():
    y = {"target": torch.zeros(4, 2)}
    X = torch.arange(4.0)
    own, with_sizes = own_part(X, y, Part(1, 2))
    assert own.tolist() == [2.0, 3.0]
    assert with_sizes["part_sizes"].tolist() == [2, 2]
    for given, labels in (({"X": X}, y), (X[:2], {**y, "n_rows": torch.tensor(2)})):
        whole, with_sizes = own_part(given, labels, Part(1, 2))
        assert whole is given
        assert with_sizes["part_sizes"].tolist() == [4, 0]


class Alone:
    """An accelerator of one process that shows the rows of two."""

    process_index, num_processes, device = 1, 2, torch.device("cpu")

    def gather(self, values):
        return torch.cat([torch.full_like(values, 7.0), values])


def test_gradients_reach_the_own_rows_and_are_summed_over_processes():
    own = torch.tensor([[1.0], [2.0], [3.0]], requires_grad=True)
    whole = ProcessGroup(Alone()).whole(own, [3, 2])
    assert whole.ravel().tolist() == [7.0, 7.0, 7.0, 1.0, 2.0]
    (whole**2).sum().backward()
    assert own.grad.ravel().tolist() == [4.0, 8.0, 0.0]  # DDP takes the mean of two


def draws(number, n):
    torch.manual_seed(3)
    with own_draws(number):
        drawn = torch.rand(n)
    return drawn, torch.rand(2)


def test_processes_draw_their_own_numbers_and_agree_again():
    first, after_first = draws(0, 3)
    second, after_second = draws(1, 5)
    assert not torch.equal(first, second[:3])
    torch.testing.assert_close(after_first, after_second, rtol=0, atol=0)
    again, _ = draws(1, 5)
    torch.testing.assert_close(second, again, rtol=0, atol=0)


def test_a_network_that_draws_nothing_changes_no_generator():
    torch.manual_seed(3)
    expected = torch.rand(2)
    _, after = draws(1, 0)
    torch.testing.assert_close(after, expected, rtol=0, atol=0)
