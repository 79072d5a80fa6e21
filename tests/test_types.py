"""What is public is annotated; mypy checks the annotations (`make lint`)."""

import configparser
import importlib
import inspect
import runpy
from pathlib import Path

import pytest
from test_public_names import PUBLIC

import skcrowd

PACKAGE = Path(skcrowd.__file__).parent
SCRIPT = Path(__file__).parent / "_typed_script.py"
CONFIG = configparser.ConfigParser()
CONFIG.read(Path(__file__).parents[1] / "setup.cfg", encoding="utf-8")
# Flags of `strict` that hold for every file of the package. The others concern
# libraries without types: classes derived from theirs, and what their functions return.
ALWAYS_ON = [
    "disallow_untyped_defs",
    "disallow_incomplete_defs",
    "disallow_any_generics",
    "no_implicit_reexport",
    "strict_equality",
    "extra_checks",
    "warn_unused_ignores",
    "warn_redundant_casts",
]
EXPORTS = {
    f"{module}.{name}": thing
    for module in PUBLIC
    for name, thing in vars(importlib.import_module(module)).items()
    if name in importlib.import_module(module).__all__
    and (inspect.isclass(thing) or inspect.isroutine(thing))
}


def functions_of(thing):
    """The function itself, or the public and special methods written in skcrowd."""
    members = [thing]
    if inspect.isclass(thing):
        members = [
            member.fget if isinstance(member, property) else member
            for cls in thing.__mro__
            for name, member in vars(cls).items()
            if not name.startswith("_") or name.startswith("__")
        ]
    for member in members:
        function = getattr(member, "__func__", getattr(member, "func", member))
        function = inspect.unwrap(function) if callable(function) else None
        if not inspect.isfunction(function):
            continue
        if PACKAGE in Path(function.__code__.co_filename).parents:
            yield function


def without_type(function):
    """Names of the parameters without annotation, and "return"."""
    signature = inspect.signature(function)
    parameters = list(signature.parameters.values())
    if parameters and parameters[0].name in ("self", "cls"):
        parameters = parameters[1:]
    missing = [p.name for p in parameters if p.annotation is p.empty]
    is_open = signature.return_annotation is signature.empty
    return missing + ["return"] * is_open


def test_without_type_finds_what_is_missing():
    def some(self, a: int, b, *args: int, c=None, **kwargs): ...
    def all_of_them(self, a: int, **kwargs: int) -> None: ...

    assert without_type(some) == ["b", "c", "kwargs", "return"]
    assert without_type(all_of_them) == []


def test_functions_of_finds_inherited_and_wrapped_methods():
    names = {f.__qualname__ for f in functions_of(skcrowd.CrowdClassifier)}
    assert {
        "CrowdClassifier.__init__",
        "CrowdClassifier.predict",  # wrapped by uses_one_fit
        "LabelInsight.annotator_report",
        "RoutedParameters.get_params",
    } <= names
    names = {f.__qualname__ for f in functions_of(skcrowd.Annotations)}
    assert {
        "Annotations.from_long",
        "Annotations.n_items",
        "Annotations.indptr",
        "Annotations.__getitem__",
    } <= names


def test_public_functions_and_methods_are_annotated():
    functions = {f for thing in EXPORTS.values() for f in functions_of(thing)}
    missing = {f.__qualname__: without_type(f) for f in functions}
    assert len(missing) > len(EXPORTS)
    assert not {name: names for name, names in missing.items() if names}


def test_mypy_is_strict_in_every_file():
    assert CONFIG.getboolean("mypy", "strict")
    for section in CONFIG.sections():
        for flag in ALWAYS_ON:
            assert CONFIG.getboolean(section, flag, fallback=True), (section, flag)


@pytest.mark.slow
def test_the_script_of_a_user_runs_and_mypy_checks_it():
    checked = [name.strip() for name in CONFIG.get("mypy", "files").split(",")]
    assert checked == ["skcrowd", f"tests/{SCRIPT.name}"]
    runpy.run_path(str(SCRIPT), run_name="__main__")
