"""Old names work for two releases, and say what to use instead."""

import inspect
import pickle

import pytest

from skcrowd._deprecation import renamed_function, renamed_parameter


@renamed_parameter("n_rounds", "max_iter", since="0.3", removed_in="0.5")
def infer(answers, *, max_iter=10):
    """Return both arguments."""
    return answers, max_iter


guess = renamed_function("guess", infer, since="0.3", removed_in="0.5")


class Model:
    @renamed_parameter("y", "answers", since="0.3", removed_in="0.5")
    def fit(self, X, answers=None):
        return self, X, answers


def test_the_new_name_is_silent():
    assert infer(1) == (1, 10)
    assert infer(1, max_iter=3) == (1, 3)


def test_the_old_name_of_a_parameter_warns():
    message = r"parameter 'n_rounds' of infer\(\) was renamed to 'max_iter' in skcrowd "
    with pytest.warns(FutureWarning, match=message + "0.3 .* removed in 0.5") as caught:
        assert infer(1, n_rounds=3) == (1, 3)
    assert [warning.filename for warning in caught] == [__file__]


def test_methods_too():
    model = Model()
    with pytest.warns(FutureWarning, match=r"'y' of Model.fit\(\)"):
        assert model.fit(1, y=2) == (model, 1, 2)


def test_both_names_at_once_are_refused():
    with pytest.raises(TypeError, match="both 'max_iter' and 'n_rounds'"):
        infer(1, n_rounds=3, max_iter=3)


def test_unknown_parameters_are_refused_as_ever():
    with pytest.raises(TypeError, match="n_iter"):
        infer(1, n_iter=3)


def test_the_signature_has_the_new_name_only():
    assert [*inspect.signature(infer).parameters] == ["answers", "max_iter"]
    assert infer.__doc__ == "Return both arguments."
    assert pickle.loads(pickle.dumps(infer)) is infer


def test_the_old_name_of_a_function_warns():
    with pytest.warns(FutureWarning, match=r"guess\(\) was renamed to infer\(\)") as w:
        assert guess(1, max_iter=3) == (1, 3)
    assert [warning.filename for warning in w] == [__file__]
    assert guess.__name__ == "guess"
