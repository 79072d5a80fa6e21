"""What a file may name."""

import inspect
from pathlib import Path

import pytest
import torch
from torch import nn

import skcrowd
from skcrowd.backbones import MLP
from skcrowd.methods import EM
from skcrowd.persistence._nameable import array_dtype, fixed_name, fixed_things
from skcrowd.persistence._tree import Reader


@pytest.mark.parametrize(
    "thing", [nn.Linear, torch.optim.SGD, torch.float64, nn.functional.relu, EM, MLP]
)
def test_names_lead_back(thing):
    assert Reader((), {}, 0, {}).thing(fixed_name(thing)) is thing


def test_no_name_is_given_twice():
    assert len({*fixed_things().values()}) == len(fixed_things())


def test_what_is_not_listed_has_no_name():
    for thing in (Path, eval, torch.load, nn.functional, [], "nn.Linear", pytest):
        assert fixed_name(thing) is None


@pytest.mark.parametrize("name", ["os.system", "eval", "skcrowd.os", "", "torch.hub"])
def test_other_names_are_refused(name):
    with pytest.raises(ValueError, match="not a class that this version"):
        Reader((), {}, 0, {}).thing(name)


@pytest.mark.parametrize(
    "name", ["O", "V8", "S3", "i4,i4", "(1000,1000)i4", "float64", None, 3]
)
def test_other_arrays_are_refused(name):
    with pytest.raises(ValueError, match="does not load"):
        array_dtype(name)


def test_the_code_holds_nothing_that_runs_a_file():
    folder = Path(inspect.getfile(skcrowd)).parent / "persistence"
    code = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    for word in ("import pickle", "torch.load(", "exec(", "__import__"):
        assert word not in code
