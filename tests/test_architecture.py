"""Imports go one way, and what is public is declared and documented."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from graphlib import TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest
from sklearn.base import BaseEstimator
from sklearn.model_selection import KFold, ShuffleSplit, StratifiedGroupKFold
from skorch import NeuralNet
from torch import nn

import skcrowd
from skcrowd._sklearn_compat import REQUESTS
from skcrowd.training._skorch_compat import CUDA_STATE

ROOT = Path(skcrowd.__file__).parent
EVERYWHERE = {"exceptions", "_deprecation", "_sklearn_compat", "_typing"}
GROUND = {"annotations"}
PARTS = GROUND | {"aggregation", "annotators", "backbones", "training"}

MAY_IMPORT = {
    "annotations": set(),
    "aggregation": GROUND,
    "annotators": GROUND | {"aggregation"},  # confusions that are counts
    "backbones": GROUND,
    "callbacks": set(),
    "training": GROUND | {"callbacks"},
    "methods": PARTS,
    "experimental": PARTS - {"backbones"} | {"methods"},
    "estimators": PARTS | {"methods", "experimental", "metrics", "model_selection"},
    "persistence": PARTS | {"methods", "experimental", "estimators", "transformers"},
    "datasets": GROUND,
    "metrics": GROUND | {"aggregation"},  # the consensus of answers
    "model_selection": GROUND | {"aggregation"},
    "inspection": GROUND | {"aggregation"},
    "io": GROUND | {"aggregation"},  # the container of comparisons
    "command": GROUND
    | {"aggregation", "estimators", "inspection", "io", "metrics"}
    | {"persistence", "reporting"},
    "transformers": set(),
    "plots": GROUND | {"inspection", "metrics"},
    "reporting": GROUND | {"inspection", "metrics"},
}
PACKAGES = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
EXPORTS = {
    f"{module.__name__}.{name}": getattr(module, name)
    for module in [
        skcrowd,
        *(importlib.import_module(f"skcrowd.{name}") for name in PACKAGES),
    ]
    for name in module.__all__
    if inspect.isclass(getattr(module, name))
    or inspect.isroutine(getattr(module, name))
}


def is_plain_function(thing):
    """Whether a function returns something to its caller: no class, no context."""
    is_context = inspect.isgeneratorfunction(inspect.unwrap(thing))
    return not inspect.isclass(thing) and not is_context


@cache
def parsed(path):
    """Parse a file, once for all tests."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported_packages(path):
    """Names of the packages of skcrowd that a file imports, also inside functions."""
    home = ["skcrowd", *path.relative_to(ROOT).parts[:-1]]
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = home[: len(home) - node.level + 1] if node.level else []
            module = [*base, *(node.module.split(".") if node.module else [])]
            names = [[*module, alias.name] for alias in node.names]
        else:
            continue
        yield from (name[1] for name in names if name[0] == "skcrowd")


def test_imported_packages_sees_every_way_to_import(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    path = tmp_path / "methods" / "_file.py"
    path.parent.mkdir()
    path.write_text(
        "import numpy, skcrowd.plots\n"
        "from skcrowd.metrics import a\n"
        "from skcrowd import datasets\n"
        "from . import own\n"
        "from ..training._net import b\n"
        "from .. import estimators\n"
        "def f():\n    from skcrowd.aggregation import c\n"
    )
    assert list(imported_packages(path)) == [
        "plots",
        "metrics",
        "datasets",
        "methods",
        "training",
        "estimators",
        "aggregation",
    ]


def test_every_package_has_its_place():
    assert sorted(MAY_IMPORT) == PACKAGES


def test_the_table_of_the_architecture_page_is_what_may_be_imported():
    page = (ROOT.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.partition("| package |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", table, re.MULTILINE)
    assert len(rows) == len(PACKAGES)
    assert {name: set(re.findall(r"`(\w+)`", found)) for name, found in rows} == (
        MAY_IMPORT
    )


def test_what_may_be_imported_has_no_circle():
    order = list(TopologicalSorter(MAY_IMPORT).static_order())
    assert set(order) == set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_go_one_way(package):
    allowed = MAY_IMPORT[package] | {package} | EVERYWHERE
    found = {n for p in (ROOT / package).rglob("*.py") for n in imported_packages(p)}
    assert MAY_IMPORT[package] <= found, "the table lists what is not imported"
    wrong = {
        f"{path.name} imports skcrowd.{name}"
        for path in (ROOT / package).rglob("*.py")
        for name in imported_packages(path)
        if name not in allowed
    }
    assert not wrong


def test_no_two_private_files_have_one_name():
    counts = Counter(path.name for path in ROOT.rglob("_*.py"))
    assert not {name for name, n in counts.items() if n > 1} - {"__init__.py"}


def exported(path):
    """Names without underscore that an ``__init__.py`` imports or assigns."""
    names = set()
    for node in parsed(path).body:
        if isinstance(node, ast.ImportFrom) and (
            node.level or (node.module or "").startswith("skcrowd")
        ):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign):
            names |= {t.id for t in node.targets if isinstance(t, ast.Name)}
        elif isinstance(node, ast.AnnAssign | ast.FunctionDef | ast.ClassDef):
            names.add(getattr(node, "name", None) or node.target.id)
    return {name for name in names if not name.startswith("_")}


@pytest.mark.parametrize("package", PACKAGES)
def test_all_is_what_a_package_exports(package):
    declared = importlib.import_module(f"skcrowd.{package}").__all__
    assert len(declared) == len(set(declared))
    assert set(declared) == exported(ROOT / package / "__init__.py")


def in_a_new_process(code):
    """Run some code, and return what it prints."""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return run.stdout.split()


WITHOUT_TORCH = ["aggregation", "annotations", "datasets", "io", "metrics"]
WITHOUT_TORCH += ["model_selection"]
USES = {
    "answers": (
        f"import sys, skcrowd\nfor name in {WITHOUT_TORCH}: getattr(skcrowd, name)\n"
        "skcrowd.Annotations\n"
        "from skcrowd.aggregation import dask, labels\n"
        "assert labels.Consensus().fit_predict([[0, 0], [1, 1]]).tolist() == [0, 1]\n"
        "assert dask.DASK_AGGREGATORS['wawa'] is dask.DaskWawa\n"
        "print(*(name in sys.modules for name in ('torch', 'dask', 'distributed')))"
    ),
    "exports": (
        "import skcrowd\n"
        "print(*(getattr(skcrowd, name).__name__ for name in skcrowd.__all__"
        " if name != '__version__'))"
    ),
    "packages": (
        f"import skcrowd\nfor p in {PACKAGES}: print(getattr(skcrowd, p).__name__)"
    ),
    "methods": (
        "import sys, skcrowd.methods\n"
        "print('skcrowd.experimental' in sys.modules, 'skcrowd.estimators' in "
        "sys.modules)"
    ),
    "transformers": (
        "import sys, skcrowd.persistence, skcrowd.transformers\n"
        "print('transformers' in sys.modules, 'tokenizers' in sys.modules)"
    ),
}


@cache
def printed_on_first_use():
    """Run each of `USES` where nothing of skcrowd is imported; return what it prints.

    Each runs in a fork of one process, which imports torch after the first of them.
    """
    code = (
        "import os, sys, sklearn\n"
        f"for code in {[*USES.values()]}:\n"
        "    if not os.fork():\n"
        "        exec(code, {})\n"
        "        sys.stdout.flush()\n"
        "        os._exit(0)\n"
        "    assert os.wait()[1] == 0\n"
        "    print('|', flush=True)\n"
        "    import skorch, torch"
    )
    *printed, last = " ".join(in_a_new_process(code)).split("|")
    assert not last
    return {use: text.split() for use, text in zip(USES, printed, strict=True)}


@pytest.mark.slow
def test_what_skcrowd_exports_is_found_on_first_use():
    names = [name for name in skcrowd.__all__ if name != "__version__"]
    assert printed_on_first_use()["exports"] == names
    assert set(skcrowd.__all__) <= set(dir(skcrowd))


@pytest.mark.slow
def test_every_package_is_an_attribute_of_skcrowd():
    names = [f"skcrowd.{name}" for name in PACKAGES]
    assert printed_on_first_use()["packages"] == names
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        skcrowd.nothing  # noqa: B018


@pytest.mark.slow
def test_answers_are_counted_without_torch():
    assert printed_on_first_use()["answers"] == ["False"] * 3


def documented_names(doc, *sections):
    """Names that numpydoc sections list, ``a, b : int`` and ``**kwargs`` included."""
    names, current = set(), None
    lines = doc.replace("\\\n", "").splitlines()
    for line, below in pairwise([*lines, ""]):
        if below and not below.strip("-"):
            current = line
        elif current in sections and re.match(r"[\w*]", line):
            names |= {name.strip(" *") for name in line.split(" :")[0].split(",")}
    return names


def test_documented_names_reads_numpydoc():
    doc = """Title.

Parameters
----------
a, b : int
    More : less.

c
*args, **kwargs
    Rest.

Returns
-------
d : int"""
    assert documented_names(doc, "Parameters") == {"a", "b", "c", "args", "kwargs"}
    assert documented_names(doc, "Returns") == {"d"}


def own_docs(thing):
    """Docstrings of a function, or of a class and what it inherits from."""
    if not inspect.isclass(thing):
        return [inspect.getdoc(thing) or ""]
    return [
        inspect.cleandoc(kind.__doc__ or "")
        for kind in thing.__mro__
        if kind.__module__.startswith("skcrowd")
    ]


def parameter_names(thing):
    return {
        name for name in inspect.signature(thing).parameters if not name.startswith("_")
    }


def test_public_things_document_their_parameters():
    sections = ("Parameters", "Other Parameters", "Attributes")
    missing = {
        name: parameter_names(thing).difference(
            *(documented_names(doc, *sections) for doc in own_docs(thing))
        )
        for name, thing in EXPORTS.items()
    }
    assert not {name: found for name, found in missing.items() if found}


def test_public_things_begin_with_a_sentence():
    first = {name: own_docs(thing)[0].strip() for name, thing in EXPORTS.items()}
    ends = {name: doc.partition("\n")[0][-1:] for name, doc in first.items()}
    assert not {name for name, end in ends.items() if end not in {".", ":"}}


def test_parameter_sections_name_no_others():
    others = {
        name: documented_names(own_docs(thing)[0], "Parameters")
        - parameter_names(thing)
        for name, thing in EXPORTS.items()
    }
    assert not {name: found for name, found in others.items() if found}


def test_public_functions_document_what_they_return():
    silent = {
        name
        for name, thing in EXPORTS.items()
        if is_plain_function(thing)
        and not re.search(r"^Returns\n-+$", inspect.getdoc(thing) or "", re.M)
    }
    assert not silent


@pytest.mark.slow
def test_methods_import_what_is_built_on_them_only_when_asked():
    assert printed_on_first_use()["methods"] == ["False", "False"]


@pytest.mark.slow
def test_transformers_is_not_imported_unless_asked():
    assert printed_on_first_use()["transformers"] == ["False", "False"]


def test_what_is_private_to_scikit_learn_and_skorch_is_imported_in_one_place():
    wrong = []
    for path in ROOT.rglob("*.py"):
        if path.name in ("_sklearn_compat.py", "_skorch_compat.py"):
            continue
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.ImportFrom) or node.level or not node.module:
                continue
            home, *parts = node.module.split(".")
            names = [*parts, *(alias.name for alias in node.names)]
            if home in ("sklearn", "skorch") and any(n.startswith("_") for n in names):
                wrong.append(f"{path.relative_to(ROOT)}: {node.module}")
    assert not wrong


def is_private(name):
    return name.startswith("_") and not name.startswith("__")


def uses_of(private, compat):
    """Where names are read, set, defined as a method or written as text, but in one."""
    for path in sorted(ROOT.rglob("*.py")):
        if path.name == compat:
            continue
        for node in ast.walk(parsed(path)):
            name = getattr(node, "attr", None)
            if isinstance(node, ast.FunctionDef):
                name = node.name if node.col_offset else None
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                name = node.value
            if name in private:
                yield f"{path.relative_to(ROOT)}:{node.lineno} {name}"


def test_uses_of_sees_every_use(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "_compat.py").write_text("a._hook()\n")
    (tmp_path / "_file.py").write_text(
        "class A:\n    def _hook(self):\n        return super()._hook()\n"
        "getattr(a, '_hook')\n_hook = 1\ndef _hook(): pass\na._other\n"
    )
    lines = [use.split(":")[1] for use in uses_of({"_hook"}, "_compat.py")]
    assert sorted(lines) == ["2 _hook", "3 _hook", "4 _hook"]


def test_private_attributes_of_skorch_are_named_in_one_place():
    # nn.Module has an attribute _modules, too, so its uses are not compared
    others = {*dir(BaseEstimator), *vars(nn.Module())}
    private = set(filter(is_private, vars(NeuralNet))) - others
    assert {"_set_training", "_step_optimizer", "_criteria", "_optimizers"} <= private
    assert not [*uses_of(private | {CUDA_STATE}, "_skorch_compat.py")]


def test_private_attributes_of_scikit_learn_are_named_in_one_place():
    # IPython's names are public; _parameter_constraints is a table that we declare
    ipython = {"_repr_html_", "_repr_mimebundle_"}
    splitters = ShuffleSplit, KFold, StratifiedGroupKFold
    known = {name for kind in (BaseEstimator, *splitters) for name in dir(kind)}
    private = set(filter(is_private, known)) - ipython | {REQUESTS, "_serialize"}
    assert {"_get_param_names", "_validate_params", "_iter_indices"} <= private
    assert {"_iter_test_indices", "_get_metadata_request"} <= private
    assert not [*uses_of(private | {"_get_fitted_attr_html"}, "_sklearn_compat.py")]
