"""The checks of :func:`skcrowd.methods.check_method`, one function each."""

from __future__ import annotations

import copy
import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from sklearn.base import clone
from skorch.callbacks import Callback
from torch import nn

from skcrowd.backbones import MLP
from skcrowd.estimators import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.methods import Method
from skcrowd.persistence import _user_registry, load, save
from skcrowd.persistence._nameable import fixed_name

if TYPE_CHECKING:
    from skcrowd._typing import Array, Features, FloatArray, IntArray
    from skcrowd.estimators._crowd_estimator import CrowdEstimator
    from skcrowd.training import CrowdNet

__all__ = ["CASES", "CHECKS", "cases_of", "copy_case", "run_checks"]

ROUNDING = 1e-8  # tolerance for fits that add the same terms in another order
N_ITEMS, N_ANNOTATORS, N_CLASSES, N_FEATURES = 36, 4, 3, 3


def run_checks(method: Method, on_fail: str | None) -> list[dict[str, Any]]:
    """Run all checks of a method, on data of each kind that it learns from.

    Parameters
    ----------
    method : Method
    on_fail : {"raise", None}

    Returns
    -------
    results : list of dict
        See :func:`skcrowd.methods.check_method`.
    """
    return [
        _run(check, method, case, on_fail)
        for case in cases_of(method)
        for check in CHECKS
    ]


def _run(
    check: Callable[[Method, _Labels], None],
    method: Method,
    case: _Labels,
    on_fail: str | None,
) -> dict[str, Any]:
    """Run one check on one kind of data; return its entry in the results."""
    name = f"{check.__name__}[{case.kind}]"
    result: dict[str, Any] = {
        "method": method,
        "check_name": name,
        "status": "passed",
        "exception": None,
    }
    try:
        check(method, copy_case(case))  # a method may change its input
    except Exception as error:
        if on_fail == "raise":
            raise AssertionError(
                f"{name} failed for {type(method).__name__}: {error}"
            ) from error
        result.update(status="failed", exception=error)
    return result


def cases_of(method: Method) -> list[_Labels]:
    """Return the data that a method is checked on.

    Parameters
    ----------
    method : Method

    Returns
    -------
    cases : list
        A method for labels is checked on single labels and on sequences.

    Raises
    ------
    ValueError
        If the ``kind`` of the method is unknown.
    """
    if method.kind not in CASES:
        raise ValueError(
            f"{type(method).__name__}.kind must be one of {', '.join(CASES)}; got "
            f"{method.kind!r}."
        )
    kinds = ("labels", "tags") if method.kind == "labels" else (method.kind,)
    return [copy.deepcopy(CASES[kind]) for kind in kinds]


def copy_case(case: _Labels) -> _Labels:
    """Copy the data; the reference fits to them stay the same."""
    return copy.deepcopy(case, {id(case.references): case.references})


class _Labels:
    """Items of three classes, and labels of four annotators; -1 is missing."""

    kind = "labels"
    estimator: type[Any] = CrowdClassifier
    settings: dict[str, Any] = {"module": MLP, "module__hidden": (8,)}
    no_dropout: dict[str, Any] = {}
    parts: dict[str, Any] = {"classes": range(N_CLASSES)}
    missing: object = -1
    n_outputs = N_CLASSES
    X: Any
    y: Any
    truth: Any

    def __init__(self) -> None:
        self.references: dict[bool, Any] = {}
        rng = np.random.default_rng(0)
        truth = np.arange(N_ITEMS) % N_CLASSES
        answered = self._answered(rng)
        wrong = (truth[:, None] + rng.integers(1, 3, answered.shape)) % N_CLASSES
        is_right = rng.random(answered.shape) < 0.8
        answers = np.where(is_right, truth[:, None], wrong)
        self.truth = truth
        self.y = np.where(answered, answers, -1)
        centers = 3 * np.eye(N_CLASSES, N_FEATURES)
        self.X = centers[truth] + rng.standard_normal((N_ITEMS, N_FEATURES))

    @staticmethod
    def _answered(rng: np.random.Generator) -> Array:
        """Draw which annotators answer which items.

        Every annotator answers some, and every item has an answer.
        """
        answered = rng.random((N_ITEMS, N_ANNOTATORS)) < 0.6
        answered[np.arange(N_ITEMS), np.arange(N_ITEMS) % N_ANNOTATORS] = True
        return answered

    def build(self, method: Method, **parameters: Any) -> Any:
        """Return an estimator that is fitted in a few steps."""
        settings = {"max_epochs": 4, "lr": 1e-2, "random_state": 0, **self.settings}
        return self.estimator(method=clone(method), **{**settings, **parameters})

    def build_full_batch(self, method: Method, **parameters: Any) -> Any:
        """Return one trained on full batches, so that item order is irrelevant."""
        return self.build(method, batch_size=10_000, **self.no_dropout, **parameters)

    def reference(self, method: Method, *, full_batch: bool = False) -> Any:
        """Return a fit to all data that several checks of one method compare with.

        A case is for one method; checks must not change the fit.
        """
        if full_batch not in self.references:
            build = self.build_full_batch if full_batch else self.build
            self.references[full_batch] = build(method).fit(self.X, self.y)
        return self.references[full_batch]

    def in_single_precision(self) -> Array:
        """Return the features as float32."""
        return self.X.astype(np.float32)

    def gold(self, known: IntArray) -> Array:
        """Return the truth of some items; the rest is unknown."""
        gold = np.full(N_ITEMS, self.missing)
        gold[known] = self.truth[known]
        return gold

    def predictions(self, model: Any, X: Features) -> FloatArray:
        """Return the predictions, one row for each item."""
        return model.predict_proba(X)

    def posterior(self, model: Any) -> Array | None:
        """Return the posterior of the truth, one row for each item, or None."""
        return getattr(model, "posterior_", None)

    def gold_posterior(self, known: IntArray) -> Array:
        """Return the posterior expected for items of known truth."""
        return np.eye(N_CLASSES)[self.truth[known]]

    def check_output(self, model: Any, X: Features) -> None:
        """Assert that predictions and confusions are probabilities of right shapes."""
        proba, confusion = model.predict_proba(X), model.annotator_confusion_
        assert proba.shape == (N_ITEMS, N_CLASSES), "shape of predict_proba"
        _assert_probabilities(proba, "predict_proba")
        shape = N_ANNOTATORS, N_CLASSES, N_CLASSES
        assert confusion.shape == shape, "shape of annotator_confusion_"
        _assert_probabilities(confusion, "annotator_confusion_")
        _assert_probabilities(model.predict_annotator_proba(X), "answers")


class _Numbers(_Labels):
    """Items with a number that is linear in X, and ratings; NaN is missing."""

    kind = "numbers"
    estimator = CrowdRegressor
    settings: dict[str, Any] = {
        "module": MLP,
        "module__hidden": (8,),
        "calibrate": False,
    }
    parts: dict[str, Any] = {}
    missing = np.nan
    n_outputs = 1

    def __init__(self) -> None:
        self.references = {}
        rng = np.random.default_rng(0)
        self.X = rng.standard_normal((N_ITEMS, N_FEATURES))
        self.truth = 3 + self.X @ [2.0, -1.0, 0.5]
        bias = np.linspace(-1, 1, N_ANNOTATORS)
        noise = 0.5 * rng.standard_normal((N_ITEMS, N_ANNOTATORS))
        ratings = self.truth[:, None] + bias + noise
        self.y = np.where(self._answered(rng), ratings, np.nan)

    def predictions(self, model: Any, X: Features) -> FloatArray:
        """Return the predicted numbers."""
        return model.predict(X)

    def posterior(self, model: Any) -> Array | None:
        """Return the inferred means."""
        return model.posterior_mean_

    def gold_posterior(self, known: IntArray) -> Array:
        """Return the true numbers."""
        return self.truth[known]

    def check_output(self, model: Any, X: Features) -> None:
        """Assert that predictions and affine maps are finite and of right shapes."""
        predictions, maps = model.predict(X), model.annotator_confusion_
        assert predictions.shape == (N_ITEMS,), "shape of predict"
        assert maps.shape == (N_ANNOTATORS, 2, 2), "shape of annotator_confusion_"
        assert np.isfinite(predictions).all(), "predict is finite"
        assert np.isfinite(maps).all(), "annotator_confusion_ is finite"


class _Tags(_Labels):
    """Sequences of one to four tokens, features for each; None is missing."""

    kind = "tags"
    estimator = CrowdSequenceTagger
    settings: dict[str, Any] = {"module__hidden": 8}
    no_dropout: dict[str, Any] = {"module__dropout": 0.0}
    missing = None
    tags = ("B-X", "I-X", "O")
    parts: dict[str, Any] = {"classes": tags}

    def __init__(self) -> None:
        self.references = {}
        rng = np.random.default_rng(0)
        shapes = [["O"], ["B-X", "I-X"], ["O", "B-X"], ["B-X", "I-X", "O", "O"]]
        truth = [shapes[k % len(shapes)] for k in range(N_ITEMS)]
        centers = 3 * np.eye(len(self.tags), N_FEATURES)
        self.truth = self._objects(truth)
        self.X = self._objects([self._features(rng, centers, tags) for tags in truth])
        answered = self._answered(rng)
        self.y = np.full((N_ITEMS, N_ANNOTATORS), None, dtype=object)
        for k, r in np.argwhere(answered):
            self.y[k, r] = [
                tag if rng.random() < 0.8 else str(rng.choice(self.tags))
                for tag in truth[k]
            ]

    @staticmethod
    def _objects(values: Sequence[Any]) -> Array:
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return array

    def _features(
        self, rng: np.random.Generator, centers: FloatArray, tags: list[str]
    ) -> FloatArray:
        codes = [self.tags.index(tag) for tag in tags]
        return centers[codes] + rng.standard_normal((len(tags), N_FEATURES))

    def in_single_precision(self) -> Array:
        """Return the features as float32."""
        return self._objects([features.astype(np.float32) for features in self.X])

    def gold(self, known: IntArray) -> Array:
        """Return the tags of some sequences; None for the rest."""
        gold = np.full(N_ITEMS, None, dtype=object)
        gold[known] = self.truth[known]
        return gold

    def predictions(self, model: Any, X: Features) -> FloatArray:
        """Return the probabilities of all tokens."""
        return np.concatenate(model.predict_proba(X))

    def posterior(self, model: Any) -> Array | None:
        """Return the inferred truth of every sequence, or None."""
        posterior = getattr(model, "posterior_", None)
        return None if posterior is None else self._objects(list(posterior))

    def gold_posterior(self, known: IntArray) -> Array:
        """Return the true tags as probabilities."""
        codes = [[self.tags.index(tag) for tag in tags] for tags in self.truth[known]]
        return self._objects([np.eye(len(self.tags))[code] for code in codes])

    def check_output(self, model: Any, X: Features) -> None:
        """Assert that predictions and confusions are probabilities of right shapes."""
        lengths = [len(features) for features in X]
        assert [len(p) for p in model.predict_proba(X)] == lengths, "lengths"
        assert [len(t) for t in model.predict(X)] == lengths, "lengths of predict"
        _assert_probabilities(self.predictions(model, X), "predict_proba")
        shape = N_ANNOTATORS, len(self.tags), len(self.tags)
        confusion = model.annotator_confusion_
        assert confusion.shape == shape, "shape of annotator_confusion_"
        _assert_probabilities(confusion, "annotator_confusion_")


CASES: dict[str, _Labels] = {
    "labels": _Labels(),
    "numbers": _Numbers(),
    "tags": _Tags(),
}


def check_parameters(method: Method, case: _Labels) -> None:
    """Check that parameters are kept as given; clone, get, set and repr work."""
    assert isinstance(method, Method), "the method derives from Method"
    copied = clone(method)
    assert copied is not method
    assert repr(copied) == repr(method), "repr of a clone"
    estimator = case.estimator(method=method)
    routed = estimator.get_params()
    for name, value in method.get_params(deep=False).items():
        assert routed[f"method__{name}"] is value, f"method__{name} is passed on"
        copied.set_params(**{name: value})
    assert clone(estimator).method is not method, "clone clones the method"
    assert len(method.annotator_sizes()) == 2, (
        "annotator_sizes returns a class and a dict"
    )


def check_fit_predict(method: Method, case: _Labels) -> None:
    """Check that a fit makes predictions and confusions of the right shapes."""
    model = case.build(method, module=None).fit(case.X, case.y)  # the default network
    case.check_output(model, case.X)
    assert model.n_annotators_ == N_ANNOTATORS
    assert np.isfinite(model.score(case.X, case.y)), "score is finite"


def check_seed_gives_the_same_bits(method: Method, case: _Labels) -> None:
    """Check that the seed alone determines the fit, not the state of torch."""
    settings = {"batch_size": 16, "module__dropout": 0.2, "early_stopping": True}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        first = case.build(method, **settings).fit(case.X, case.y)
        torch.manual_seed(2)
        second = case.build(method, **settings).fit(case.X, case.y)
    _assert_same_fit(first, second, case)
    other = case.build(method, random_state=1, **settings).fit(case.X, case.y)
    assert (case.predictions(other, case.X) != case.predictions(first, case.X)).any(), (
        "another random_state gives other predictions"
    )


def check_refit_forgets(method: Method, case: _Labels) -> None:
    """Check that a second fit does not depend on the first."""
    fitted_once = case.reference(method)
    first_half = np.arange(N_ITEMS // 2)
    refitted = case.build(method).fit(case.X[first_half], case.y[first_half])
    _assert_same_fit(fitted_once, refitted.fit(case.X, case.y), case)


def check_generators_untouched(method: Method, case: _Labels) -> None:
    """Check that neither fit nor predict changes the generators of numpy and torch."""
    before = _generator_states()
    model = case.build(method, early_stopping=True).fit(case.X, case.y)
    case.predictions(model, case.X)
    model.score(case.X, case.y)
    assert _generator_states() == before


def check_arguments_untouched(method: Method, case: _Labels) -> None:
    """Check that fit changes neither network, nor callbacks, nor data."""
    data = pickle.dumps((case.X, case.y))
    counter, network = _Counter(), nn.Linear(N_FEATURES, case.n_outputs)
    weights = copy.deepcopy(network.state_dict())
    given = {"method": method, "module": network, "callbacks": [counter]}
    case.estimator(**given, max_epochs=2, random_state=0).fit(case.X, case.y)
    assert counter.n_epochs == 0, "callbacks are copied"
    for name, value in network.state_dict().items():
        assert torch.equal(value, weights[name]), "the network is copied"
    assert pickle.dumps((case.X, case.y)) == data, "X and y"


def check_annotator_order(method: Method, case: _Labels) -> None:
    """Check that permuting the annotators changes only the order of confusions."""
    order = np.array([2, 0, 3, 1])
    model = case.reference(method, full_batch=True)
    other = case.build_full_batch(method).fit(case.X, case.y[:, order])
    np.testing.assert_allclose(
        other.annotator_confusion_,
        model.annotator_confusion_[order],
        rtol=0,
        atol=ROUNDING,
        err_msg="annotator_confusion_",
    )
    _assert_close_predictions(model, other, case)
    _assert_close_posterior(other, model, case)


def check_item_order(method: Method, case: _Labels) -> None:
    """Check that permuting the items changes only the order of the posterior."""
    order = np.random.default_rng(0).permutation(N_ITEMS)
    model = case.reference(method, full_batch=True)
    other = case.build_full_batch(method).fit(case.X[order], case.y[order])
    _assert_close(model, other, case)
    _assert_close_posterior(other, model, case, rows=order)


def check_annotator_without_answers(method: Method, case: _Labels) -> None:
    """Check that an annotator without answers changes nothing for the others."""
    empty_column = np.full((N_ITEMS, 1), case.missing, dtype=case.y.dtype)
    y_with_empty = np.hstack([case.y[:, :2], empty_column, case.y[:, 2:]])
    without = case.reference(method, full_batch=True)
    with_empty = case.build_full_batch(method).fit(case.X, y_with_empty)
    assert with_empty.n_annotators_ == N_ANNOTATORS + 1
    assert np.isfinite(with_empty.annotator_confusion_).all(), "finite confusions"
    others = np.delete(with_empty.annotator_confusion_, 2, axis=0)
    np.testing.assert_allclose(others, without.annotator_confusion_, atol=1e-12)
    _assert_close_predictions(with_empty, without, case)


def check_items_without_answers(method: Method, case: _Labels) -> None:
    """Check that items without answers get a finite posterior."""
    y = case.y.copy()
    y[:6] = case.missing
    model = case.build(method).fit(case.X, y)
    case.check_output(model, case.X)
    posterior = case.posterior(model)
    for probabilities in () if posterior is None else posterior:
        assert np.isfinite(probabilities).all(), "the posterior is finite"


def check_weights_are_repetitions(method: Method, case: _Labels) -> None:
    """Check that weights count repetitions: 2 is the item twice, 0 no item."""
    rng = np.random.default_rng(0)
    weight = rng.integers(0, 3, N_ITEMS)
    weight[:6] = 2
    rows = np.repeat(np.arange(N_ITEMS), weight)
    weighted = case.build_full_batch(method).fit(case.X, case.y, sample_weight=weight)
    repeated = case.build_full_batch(method).fit(case.X[rows], case.y[rows])
    _assert_close(weighted, repeated, case)
    _assert_close_posterior(repeated, weighted, case, rows=rows)


def check_gold(method: Method, case: _Labels) -> None:
    """Check that the posterior of items of known truth is that truth."""
    known = np.arange(0, N_ITEMS, 4)
    model = case.build(method).fit(case.X, case.y, gold=case.gold(known))
    posterior = case.posterior(model)
    if posterior is None:
        return
    for found, expected in zip(
        posterior[known], case.gold_posterior(known), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def check_early_stopping(method: Method, case: _Labels) -> None:
    """Check that held-out answers are scored in every epoch after the warm start."""
    model = case.build(method, early_stopping=True, max_epochs=6)
    model.fit(case.X, case.y)
    case.check_output(model, case.X)
    assert "valid_loss" in model.history_[-1], "held-out items are scored"
    assert len(model.history_) <= 6


def check_partial_fit(method: Method, case: _Labels) -> None:
    """Check that data may be passed in parts, annotators answering in any of them."""
    model, half = case.build(method), N_ITEMS // 2
    first, second = np.arange(half), np.arange(half, N_ITEMS)
    model.partial_fit(case.X[first], case.y[first], **case.parts)
    model.partial_fit(case.X[second], case.y[second])
    case.check_output(model, case.X)
    n_answers = np.vectorize(lambda cell: not _is_missing(cell))(case.y)
    if case.kind != "tags":
        np.testing.assert_array_equal(model.annotator_n_answers_, n_answers.sum(axis=0))


def check_callbacks(method: Method, case: _Labels) -> None:
    """Check that callbacks of the user are called at the end of every epoch."""
    model = case.build(method, callbacks=[("counter", _Counter())])
    model.fit(case.X, case.y)
    counters = [c for name, c in model.net_.callbacks_ if name == "counter"]
    assert len(counters) == 1, "the callback belongs to the net that is the result"
    assert counters[0].n_epochs == len(model.history_), "one call for each epoch"


def check_precision(method: Method, case: _Labels) -> None:
    """Check that features of float32 and float64 keep their precision."""
    single_X = case.in_single_precision()
    single = case.build(method).fit(single_X, case.y)
    double = case.reference(method)
    for model, dtype in ((single, torch.float32), (double, torch.float64)):
        net = model.net_
        tensors = [*net.module_.parameters(), *net.criterion_.parameters()]
        assert {tensor.dtype for tensor in tensors} == {dtype}
    np.testing.assert_allclose(
        case.predictions(single, single_X), case.predictions(double, case.X), rtol=0.1
    )


def check_pickle(method: Method, case: _Labels) -> None:
    """Check that a pickled estimator predicts the same, and can be fitted again."""
    model = case.build(method, early_stopping=True).fit(case.X, case.y)
    unpickled = pickle.loads(pickle.dumps(model))
    _assert_same_fit(unpickled, model, case)
    assert unpickled.score(case.X, case.y) == model.score(case.X, case.y)
    _assert_same_fit(unpickled.fit(case.X, case.y), model, case)


def check_pickle_without_training_data(method: Method, case: _Labels) -> None:
    """Check that a fitted estimator does not keep the training data."""
    model = case.reference(method)
    assert case.X[0].tobytes() not in pickle.dumps(model), "the pickle holds X"


def check_save_and_load(method: Method, case: _Labels) -> None:
    """Check that a fit can be saved and loaded once its classes are registered."""
    model = case.reference(method)
    own = [type(model.annotator_model_), *_method_classes(model.method)]
    with tempfile.TemporaryDirectory() as folder, _registered(own):
        path = Path(folder) / "model"
        save(model, path)
        loaded = load(path)
    _assert_same_fit(loaded, model, case)


CHECKS = (
    check_parameters,
    check_fit_predict,
    check_seed_gives_the_same_bits,
    check_refit_forgets,
    check_generators_untouched,
    check_arguments_untouched,
    check_annotator_order,
    check_item_order,
    check_annotator_without_answers,
    check_items_without_answers,
    check_weights_are_repetitions,
    check_gold,
    check_early_stopping,
    check_partial_fit,
    check_callbacks,
    check_precision,
    check_pickle,
    check_pickle_without_training_data,
    check_save_and_load,
)


class _Counter(Callback):
    """Count the epochs."""

    def __init__(self) -> None:
        self.n_epochs = 0

    def on_epoch_end(self, net: CrowdNet, **kwargs: Any) -> None:
        self.n_epochs += 1


def _generator_states() -> tuple[bytes, bytes]:
    numpy_state: Any = np.random.get_state()  # noqa: NPY002
    return torch.get_rng_state().numpy().tobytes(), numpy_state[1].tobytes()


def _is_missing(cell: Any) -> bool:
    return cell is None or cell == -1 or cell != cell


def _assert_probabilities(values: FloatArray, name: str) -> None:
    assert np.isfinite(values).all(), f"{name} is finite"
    assert (values >= 0).all(), f"{name} is not negative"
    np.testing.assert_allclose(values.sum(axis=-1), 1, atol=1e-6, err_msg=name)


def _assert_same_fit(
    first: CrowdEstimator, second: CrowdEstimator, case: _Labels
) -> None:
    """Assert that two fits agree to the last bit."""
    np.testing.assert_array_equal(
        first.annotator_confusion_, second.annotator_confusion_
    )
    np.testing.assert_array_equal(
        case.predictions(first, case.X), case.predictions(second, case.X)
    )


def _assert_close(first: CrowdEstimator, second: CrowdEstimator, case: _Labels) -> None:
    """Assert that two fits agree but for rounding."""
    np.testing.assert_allclose(
        first.annotator_confusion_,
        second.annotator_confusion_,
        rtol=0,
        atol=ROUNDING,
        err_msg="annotator_confusion_",
    )
    _assert_close_predictions(first, second, case)


def _assert_close_predictions(
    first: CrowdEstimator, second: CrowdEstimator, case: _Labels
) -> None:
    np.testing.assert_allclose(
        case.predictions(first, case.X),
        case.predictions(second, case.X),
        rtol=0,
        atol=ROUNDING,
        err_msg="predictions",
    )


def _assert_close_posterior(
    first: CrowdEstimator,
    second: CrowdEstimator,
    case: _Labels,
    rows: IntArray | slice = slice(None),
) -> None:
    """Assert that the posterior of the first is that of some rows of the second."""
    actual, of_second = case.posterior(first), case.posterior(second)
    assert (actual is None) == (of_second is None)
    if actual is None or of_second is None:
        return
    for found, expected in zip(actual, of_second[rows], strict=True):
        np.testing.assert_allclose(
            found, expected, rtol=0, atol=ROUNDING, err_msg="posterior"
        )


def _method_classes(method: Method) -> list[type[Any]]:
    """Return the classes of a method, and of the methods among its parameters."""
    classes = [type(method)]
    for value in method.get_params(deep=False).values():
        if isinstance(value, Method):
            classes += _method_classes(value)
        elif isinstance(value, (type, nn.Module)):
            classes.append(value if isinstance(value, type) else type(value))
    return classes


@contextmanager
def _registered(classes: Iterable[type[Any]]) -> Iterator[None]:
    """Register classes that are not part of skcrowd, within the context."""
    before = dict(_user_registry._THINGS)
    for cls in classes:
        is_own = not cls.__module__.startswith("skcrowd.") and fixed_name(cls) is None
        if is_own and _user_registry.registered_name(cls) is None:
            _user_registry.register(cls, name=f"check_method.{cls.__qualname__}")
    try:
        yield
    finally:
        _user_registry._THINGS.clear()
        _user_registry._THINGS.update(before)
