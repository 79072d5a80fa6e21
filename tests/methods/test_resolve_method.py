import pytest
from _data import assert_same_fit, small

from skcrowd import CrowdRegressor
from skcrowd.annotators._affine import BiasConnection
from skcrowd.annotators._connections import VectorConnection
from skcrowd.methods import EM, LABEL_METHODS, NUMBER_METHODS, CrowdLayer
from skcrowd.methods._resolve import resolve_method


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


class Halved(VectorConnection):
    """A connection of the user's own."""

    def logits(self, truth, annotator):
        return super().logits(truth, annotator) / 2


def test_the_nearest_name_is_suggested(items, answers):
    with pytest.raises(ValueError, match="Did you mean 'crowd_layer'"):
        resolve_method("crowdlayer", LABEL_METHODS)
    with pytest.raises(ValueError, match=r"Did you mean 'VW\+B'"):
        small("crowd_layer", method__connection="VW+").fit(items[0], answers)
    with pytest.raises(ValueError, match="Did you mean 'early_learning'"):
        small("kd_crowd", method__robust="earlylearning").fit(items[0], answers)


@pytest.mark.parametrize("connection", [Halved, Halved(5, 3)])
def test_a_connection_is_a_class_or_an_instance(connection, items, answers):
    model = small("crowd_layer", method__connection=connection).fit(items[0], answers)
    assert type(model.annotator_model_) is Halved
    named = small("crowd_layer", method__connection="VW").fit(items[0], answers)
    assert (model.annotator_confusion_ != named.annotator_confusion_).any()


def test_a_connection_that_is_given_stays_as_it_was(items, answers):
    given = Halved(5, 3)
    small("crowd_layer", method__connection=given).fit(items[0], answers)
    assert (given.weight == 1).all()


def test_a_connection_of_other_sizes(items, answers, rated_items):
    model = small("crowd_layer", method__connection=Halved(4, 3))
    with pytest.raises(ValueError, match="n_annotators=4, but the answers have"):
        model.fit(items[0], answers)
    X, _, y = rated_items
    model = small("crowd_layer", CrowdRegressor, method__connection=BiasConnection(2))
    with pytest.raises(ValueError, match="n_annotators=2, but the answers have"):
        model.fit(X, y)


@pytest.mark.parametrize("connection", [BiasConnection, BiasConnection(5)])
def test_a_connection_of_numbers(connection, rated_items):
    X, _, y = rated_items
    given = small("crowd_layer", CrowdRegressor, method__connection=connection)
    named = small("crowd_layer", CrowdRegressor, method__connection="B")
    assert_same_fit(given.fit(X, y), named.fit(X, y))


@pytest.mark.parametrize("wrong", [int, BiasConnection])
def test_a_connection_that_is_no_model_of_labels(wrong, items, answers):
    model = small("crowd_layer", method__connection=wrong)
    with pytest.raises(ValueError, match=f"from LabelModel.* class {wrong.__name__}"):
        model.fit(items[0], answers)


@pytest.mark.parametrize("wrong", [int, VectorConnection])
def test_a_connection_that_is_no_model_of_numbers(wrong, rated_items):
    X, _, y = rated_items
    model = small("crowd_layer", CrowdRegressor, method__connection=wrong)
    with pytest.raises(ValueError, match=f"from NumberModel.* class {wrong.__name__}"):
        model.fit(X, y)
