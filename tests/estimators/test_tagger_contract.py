"""What holds for every method on sequences of any length."""

import copy
import pickle

import numpy as np
import pytest
import torch
from _data import assert_same_fit, global_states
from _sequence_data import (
    ANSWERS,
    FEATURES,
    FORMS,
    SEQUENCE_SORTS,
    TAGS,
    TOKENS,
    TRUTH,
    TokenLinear,
    TokenNetwork,
    assert_same_tags,
    fitted,
    flat,
    sequence_method,
    tagger,
    take,
    told,
    whole,
)
from sklearn.base import clone
from skorch.callbacks import Callback

from skcrowd import CrowdSequenceTagger
from skcrowd.methods import SEQUENCE_METHODS, Method

every_method = pytest.mark.parametrize("name", SEQUENCE_METHODS)
each_sort = pytest.mark.parametrize("name", SEQUENCE_SORTS)
# Methods get rows of X in either form. Tokens are for those that train on features of
# the items or mix them, and for one of all the others.
TRAIN_ON_TOKENS = ["sequence_em", "em", "conal", "annot_mix", "kd_crowd"]
both_forms = pytest.mark.parametrize(
    ("name", "X"),
    [
        *[pytest.param(name, FEATURES, id=name) for name in SEQUENCE_METHODS],
        *[pytest.param(name, TOKENS, id=f"{name}-tokens") for name in TRAIN_ON_TOKENS],
    ],
)
sorts_and_forms = pytest.mark.parametrize(
    ("name", "X"),
    [
        *[pytest.param(name, FEATURES, id=name) for name in SEQUENCE_SORTS],
        *[pytest.param(n, TOKENS, id=f"{n}-tokens") for n in ("sequence_em", "conal")],
    ],
)
EXACT = {"rtol": 0, "atol": 1e-8}


def form_of(X):
    return "tokens" if X is TOKENS else "features"


@every_method
def test_get_set_and_clone_parameters(name):
    method = SEQUENCE_METHODS[name]()
    assert isinstance(method, Method)
    clf = CrowdSequenceTagger(method=method)
    for parameter, value in method.get_params().items():
        key = f"method__{parameter}"
        assert clf.get_params()[key] == value
        by_name = CrowdSequenceTagger(method=name, **{key: value})
        assert clone(by_name).get_params()[key] == value
    assert clone(clf).method is not method
    clf.set_params(decode="argmax", module__hidden=3, module__dropout=0.1)
    assert clf.get_params()["decode"] == "argmax"
    assert clone(clf).get_params()["module__hidden"] == 3
    with pytest.raises(ValueError, match="Invalid parameter"):
        clf.set_params(module__nonsense=3)


@every_method
def test_a_method_by_name_is_the_method_by_object(name):
    settings = {"module": TokenNetwork, "max_epochs": 2, "random_state": 0}
    by_name = CrowdSequenceTagger(method=name, **settings).fit(TOKENS, ANSWERS)
    by_object = CrowdSequenceTagger(method=SEQUENCE_METHODS[name](), **settings)
    assert_same_fit(by_object.fit(TOKENS, ANSWERS), by_name)


@sorts_and_forms
def test_pickle_predicts_identically(name, X):
    clf = tagger(name, early_stopping=True, transitions="learned").fit(X, ANSWERS)
    twin = pickle.loads(pickle.dumps(clf))
    assert_same_tags(twin.predict(X), clf.predict(X))
    assert_same_tags(twin.inferred_tags_, clf.inferred_tags_)
    np.testing.assert_array_equal(told(twin, X), told(clf, X))
    answer_proba = [flat(c.predict_annotator_proba(X)) for c in (twin, clf)]
    assert (answer_proba[0] == answer_proba[1]).all()
    for y in (ANSWERS, TRUTH):
        assert twin.score(X, y) == clf.score(X, y)
    assert_same_fit(twin.fit(X, ANSWERS), clf)


@both_forms
def test_the_same_seed_gives_the_same_bits(name, X):
    settings = {"batch_size": 12, "module__dropout": 0.2, "early_stopping": True}
    torch.manual_seed(1)
    first = tagger(name, **settings).fit(X, ANSWERS)
    torch.manual_seed(2)
    second = tagger(name, **settings).fit(X, ANSWERS)
    assert_same_fit(first, second)
    np.testing.assert_array_equal(told(first, X), told(second, X))
    assert_same_tags(first.inferred_tags_, second.inferred_tags_)
    other = tagger(name, random_state=1, **settings).fit(X, ANSWERS)
    assert (flat(other.predict_proba(X)) != flat(first.predict_proba(X))).any()


@sorts_and_forms
def test_refitting_forgets_the_first_fit(name, X):
    once = fitted(name, form_of(X))
    twice = tagger(name).fit(X[5:], ANSWERS[5:].select_annotators([0, 2]))
    twice.fit(X, ANSWERS)
    assert_same_fit(once, twice)
    np.testing.assert_array_equal(told(once, X), told(twice, X))


@sorts_and_forms
def test_the_callers_generators_are_untouched(name, X):
    before = global_states()
    clf = tagger(name, early_stopping=True, module__dropout=0.5).fit(X, ANSWERS)
    assert global_states() == before
    told(clf, X)
    clf.predict(X)
    clf.predict_annotator_proba(X)
    clf.score(X, ANSWERS)
    assert global_states() == before


class Counter(Callback):
    """A callback with a memory."""

    def __init__(self):
        self.epochs = 0

    def on_epoch_end(self, net, **kwargs):
        self.epochs += 1


@each_sort
def test_fit_leaves_what_it_was_given(name):
    method, network, callback = sequence_method(name), TokenLinear(4, 5), Counter()
    classes, transitions = list(TAGS), np.ones((6, 5))
    given = {"method": method, "module": network, "callbacks": [callback]}
    given |= {"classes": classes, "transitions": transitions}
    clf = CrowdSequenceTagger(**given, max_epochs=3, random_state=0)
    parameters = clf.get_params()
    weights = copy.deepcopy(network.state_dict())
    memory = copy.deepcopy(vars(method))
    X, cells = copy.deepcopy(FEATURES), ANSWERS.to_cells()
    weight = np.linspace(0, 1.5, 24)
    clf.set_params(transitions=transitions).fit(X, cells, sample_weight=weight)
    after = clf.get_params()
    assert set(after) == set(parameters)
    changed = [key for key, value in parameters.items() if after[key] is not value]
    assert not changed
    assert vars(method) == memory
    assert callback.epochs == 0
    assert classes == TAGS
    assert (transitions == 1).all()
    for key, value in network.state_dict().items():
        assert torch.equal(value, weights[key])
    assert (flat(X) == flat(FEATURES)).all()
    assert (weight == np.linspace(0, 1.5, 24)).all()
    assert repr(cells.tolist()) == repr(ANSWERS.to_cells().tolist())


@sorts_and_forms
def test_inputs_that_cannot_be_written(name, X):
    form, X = form_of(X), copy.deepcopy(X)
    if X[0] is not None and isinstance(X[0], np.ndarray):
        for array in X:
            array.flags.writeable = False
    flat_y = ANSWERS.to_flat()
    flat_y.flags.writeable = False
    clf = tagger(name).fit(X, flat_y)
    np.testing.assert_array_equal(told(clf, X), told(fitted(name, form), X))


@each_sort
@pytest.mark.parametrize(
    ("X", "rtol"),
    [
        (TOKENS, 1e-5),
        ([array.astype(np.float32) for array in FEATURES], 1e-5),
        (FEATURES, 1e-9),
    ],
    ids=["tokens", "float32", "float64"],
)
def test_a_sequence_is_predicted_alone_as_among_others(name, X, rtol):
    form = next((form for form, given in FORMS.items() if given is X), None)
    clf = fitted(name, form) if form else tagger(name).fit(X, ANSWERS)
    tags, proba = clf.predict(X), clf.predict_proba(X)
    for rows in ([1], [7, 2, 9], range(12)):
        some = take(X, rows)
        np.testing.assert_allclose(
            flat(clf.predict_proba(some)), flat(take(proba, rows)), rtol=rtol
        )
        assert_same_tags(clf.predict(some), take(tags, rows))
    order = np.random.default_rng(0).permutation(24)
    reordered = clf.predict_annotator_proba(take(X, order))
    expected = take(clf.predict_annotator_proba(X), order)
    np.testing.assert_allclose(flat(reordered), flat(expected), rtol=rtol)
    assert_same_tags(clf.predict(take(X, order)), take(tags, order))


@each_sort
def test_batches_of_prediction_do_not_matter(name):
    clf = fitted(name)
    other = tagger(name, iterator_valid__batch_size=3).fit(FEATURES, ANSWERS)
    proba = flat(clf.predict_proba(FEATURES))
    np.testing.assert_allclose(flat(other.predict_proba(FEATURES)), proba, rtol=1e-9)


def assert_equal_but_for_rounding(first, second):
    for ours, theirs in zip(first, second, strict=True):
        np.testing.assert_allclose(ours, theirs, **EXACT)


@each_sort
def test_the_names_of_the_tags(name):
    codes = [
        [TAGS.index(tag) if tag else -1 for tag in row] for row in ANSWERS.to_flat()
    ]
    steps = {"transitions": np.ones((6, 5))}
    if name == "sequence_em":
        steps["method__single_spans"] = False  # reads what a tag begins
    clf = whole(name, **steps).fit(FEATURES, ANSWERS)
    other = whole(name, **steps).fit(FEATURES, codes)
    assert_same_fit(clf, other)
    named = [[TAGS[k] for k in tags] for tags in other.predict(FEATURES)]
    assert_same_tags(clf.predict(FEATURES), named)


@each_sort
def test_one_annotator_one_sequence_one_token(name):
    for X, y in ((["word"], ["O", "B-X"]), (["two", "words"], ["O", "B-X"])):
        cells = [[[tag] * len(X) for tag in y]] * 2
        clf = tagger(name).fit([X, X], cells)
        assert np.isfinite(told(clf, [X])).all()
        assert np.isfinite(clf.score([X, X], cells))
    one = tagger(name).fit([["word", "by", "word"]], [[["B-X", "I-X", "O"]]])
    assert one.n_annotators_ == 1
    assert one.predict([["word"]])[0].shape == (1,)
