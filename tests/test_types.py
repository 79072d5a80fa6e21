"""What is public is annotated; mypy checks the annotations (`make lint`)."""

import importlib
import inspect

import pytest
from test_public_names import PUBLIC

EXPORTS = {
    id(thing): pytest.param(thing, id=f"{module}.{name}")
    for module in PUBLIC
    for name, thing in vars(importlib.import_module(module)).items()
    if name in importlib.import_module(module).__all__
    and (inspect.isclass(thing) or inspect.isroutine(thing))
}


def functions_of(thing):
    """The function itself, or the public methods that a class of skcrowd defines."""
    if not inspect.isclass(thing):
        yield inspect.unwrap(thing)
        return
    for cls in thing.__mro__:
        if not cls.__module__.startswith("skcrowd"):
            continue
        for name, member in vars(cls).items():
            member = getattr(member, "__func__", member)
            member = member.fget if isinstance(member, property) else member
            is_public = not name.startswith("_") or name == "__init__"
            is_own = getattr(member, "__module__", "").startswith("skcrowd")
            if inspect.isfunction(member) and is_public and is_own:
                yield inspect.unwrap(member)


@pytest.mark.parametrize("thing", EXPORTS.values())
def test_public_functions_and_methods_are_annotated(thing):
    for function in functions_of(thing):
        if function.__qualname__.startswith("__create_fn__"):  # of dataclasses
            continue
        parameters = list(inspect.signature(function).parameters.values())
        if parameters and parameters[0].name in ("self", "cls"):
            parameters = parameters[1:]
        missing = [p.name for p in parameters if p.annotation is p.empty]
        assert not missing, f"{function.__qualname__} lacks types of {missing}"
        returned = inspect.signature(function).return_annotation
        assert returned is not inspect.Signature.empty, function.__qualname__
