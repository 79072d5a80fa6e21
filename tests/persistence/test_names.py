"""What a file may name."""

import inspect
from pathlib import Path

import pytest
import torch
from torch import nn

import skcrowd
from skcrowd.persistence._names import (
    _own_classes,
    array_dtype,
    is_known,
    name_of,
    thing_named,
)


def test_no_two_classes_of_skcrowd_share_a_name():
    names = [cls.__name__ for cls in _own_classes()]
    assert len(names) == len(set(names))
    assert len(names) > 100


@pytest.mark.parametrize(
    "thing", [nn.Linear, torch.optim.SGD, torch.float64, nn.functional.relu]
)
def test_names_lead_back(thing):
    assert thing_named(name_of(thing)) is thing


def test_only_classes_of_few_packages_are_known():
    for thing in (Path, eval, torch.load, nn.functional, [], "nn.Linear", pytest):
        assert name_of(thing) is None
    assert is_known(skcrowd.CrowdClassifier)
    assert not is_known(nn.Linear)
    assert is_known(nn.Linear, ("skcrowd.", "torch.nn."))


@pytest.mark.parametrize("name", ["os.system", "eval", "skcrowd.os", "", "torch.hub"])
def test_other_names_are_refused(name):
    with pytest.raises(ValueError, match="no class that this version"):
        thing_named(name)


@pytest.mark.parametrize("name", ["O", "V8", "S3"])
def test_other_arrays_are_refused(name):
    with pytest.raises(ValueError, match="does not load"):
        array_dtype(name)


def test_the_code_holds_nothing_that_runs_a_file():
    folder = Path(inspect.getfile(skcrowd)).parent / "persistence"
    code = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    for word in ("import pickle", "torch.load(", "exec(", "__import__"):
        assert word not in code
