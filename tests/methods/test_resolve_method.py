import pytest

from skcrowd.methods import (
    EM,
    LABEL_METHODS,
    NUMBER_METHODS,
    CrowdLayer,
    resolve_method,
)


@pytest.mark.parametrize("known", [LABEL_METHODS, NUMBER_METHODS])
def test_a_name_becomes_an_object(known):
    for name in known:
        assert type(resolve_method(name, known)) is known[name]


def test_an_object_is_copied_before_parameters_are_set():
    given = EM(warm_epochs=2)
    method = resolve_method(given, LABEL_METHODS, {"pseudo_counts": 7.0})
    assert method.get_params() == {**given.get_params(), "pseudo_counts": 7.0}
    assert given.pseudo_counts == 3.0


def test_parameters_are_set_on_named_methods_too():
    method = resolve_method("crowd_layer", LABEL_METHODS, {"connection": "SW"})
    assert method.connection == "SW"


def test_a_wrong_name_lists_the_right_ones():
    with pytest.raises(ValueError, match="'EM' is not known") as error:
        resolve_method("EM", LABEL_METHODS)
    assert all(repr(name) in str(error.value) for name in LABEL_METHODS)


@pytest.mark.parametrize("wrong", [CrowdLayer, 3, None])
def test_anything_else_is_no_method(wrong):
    with pytest.raises(TypeError, match="needs its brackets"):
        resolve_method(wrong, LABEL_METHODS)


def test_an_unknown_parameter_is_an_error():
    with pytest.raises(ValueError, match="nonsense"):
        resolve_method("em", LABEL_METHODS, {"nonsense": 1})
