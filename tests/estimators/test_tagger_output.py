"""What a fitted tagger tells, of every token."""

import copy
from functools import cache

import numpy as np
import pytest
import skorch
from _data import assert_same_fit
from _sequence_data import (
    ANSWERS,
    FEATURES,
    FORMS,
    LENGTHS,
    RECURRENT,
    SEQUENCE_SORTS,
    TAGS,
    TOKENS,
    TRUTH,
    TokenLinear,
    assert_same_tags,
    fitted,
    fitted_quick,
    fitted_whole,
    flat,
    padded,
    quick,
    tagger,
    take,
    told,
    whole,
)
from sklearn.exceptions import NotFittedError
from torch import nn

from skcrowd.aggregation import dawid_skene, sequence_dawid_skene
from skcrowd.aggregation._convergence import no_convergence_warning
from skcrowd.aggregation._sequence_chain import iob2_transitions
from skcrowd.aggregation._sequence_model import keep_valid_paths
from skcrowd.annotators import AnnotatorModel
from skcrowd.backbones import RecurrentTagger
from skcrowd.methods import SEQUENCE_METHODS

each_sort = pytest.mark.parametrize("name", SEQUENCE_SORTS)
both_forms = pytest.mark.parametrize("X", FORMS.values(), ids=FORMS)
VERBS = ["predict", "predict_proba", "predict_annotator_proba"]
EXACT = {"rtol": 0, "atol": 1e-8}


def assert_valid(tags, classes):
    """Assert that IOB2 knows every step."""
    allowed = iob2_transitions(classes)
    for sequence in tags:
        codes = np.searchsorted(classes, sequence)
        assert allowed[np.r_[len(classes), codes[:-1]], codes].all(), sequence


def assert_shapes(values, *shape):
    """Assert a list with an array for each sequence."""
    assert isinstance(values, list)
    assert [v.shape for v in values] == [(n, *shape) for n in LENGTHS]
    assert {v.dtype for v in values} == {np.dtype(float)}


@each_sort
@both_forms
def test_predictions_are_lists_with_an_array_for_each_sequence(name, X):
    clf = fitted(name, "tokens" if X is TOKENS else "features")
    tags = clf.predict(X)
    assert isinstance(tags, list)
    assert [v.shape for v in tags] == [(n,) for n in LENGTHS]
    assert {v.dtype for v in tags} == {clf.classes_.dtype}
    proba, answer_proba = clf.predict_proba(X), clf.predict_annotator_proba(X)
    assert_shapes(proba, 5)
    assert_shapes(answer_proba, 4, 5)
    np.testing.assert_allclose(flat(proba).sum(axis=1), 1)
    np.testing.assert_allclose(flat(answer_proba).sum(axis=2), 1)


@each_sort
@both_forms
def test_attributes(name, X):
    clf = fitted(name, "tokens" if X is TOKENS else "features")
    assert clf.classes_.tolist() == TAGS
    assert clf.annotators_.tolist() == [0, 1, 2, 3]
    assert clf.n_annotators_ == 4
    assert clf.annotator_confusion_.shape == (4, 5, 5)
    np.testing.assert_allclose(clf.annotator_confusion_.sum(axis=2), 1)
    assert isinstance(clf.annotator_model_, AnnotatorModel)
    np.testing.assert_array_equal(
        clf.annotator_model_.confusion(), clf.annotator_confusion_
    )
    assert isinstance(clf.net_, skorch.NeuralNet)
    assert clf.history_ is clf.net_.history
    assert clf.n_iter_ == len(clf.history_) == 2
    assert (clf.transitions_ == iob2_transitions(TAGS)).all()
    assert hasattr(clf, "vocabulary_") == (X is TOKENS)
    assert hasattr(clf, "n_features_in_") == (X is FEATURES)


@each_sort
def test_the_truth_of_the_training_sequences(name):
    clf = fitted(name)
    assert [tags.shape for tags in clf.inferred_tags_] == [(n,) for n in LENGTHS]
    assert_valid(clf.inferred_tags_, clf.classes_)
    assert clf.class_prior_.sum() == pytest.approx(1)
    if name == "crowd_layer":
        assert not hasattr(clf, "posterior_")
        assert_same_tags(clf.inferred_tags_, clf.predict(FEATURES))
        expected = flat(clf.predict_proba(FEATURES)).mean(axis=0)
    else:
        assert_shapes(clf.posterior_, 5)
        np.testing.assert_allclose(flat(clf.posterior_).sum(axis=1), 1)
        expected = flat(clf.posterior_).mean(axis=0)
    np.testing.assert_allclose(clf.class_prior_, expected)


@both_forms
def test_true_tags_are_the_truth(X):
    clf = quick().fit(X, TRUTH)
    assert_same_tags(clf.inferred_tags_, TRUTH)
    assert_shapes(clf.posterior_, 5)
    shares = [np.mean(np.concatenate(TRUTH) == tag) for tag in TAGS]
    np.testing.assert_allclose(clf.class_prior_, shares)
    assert clf.annotators_.tolist() == [0]


def test_true_tags_are_kept_where_they_are_no_valid_path():
    truth = [["O", "I-LOC", *["B-LOC"] * n] for n in LENGTHS]
    X = [np.zeros((len(tags), 2)) for tags in truth]
    clf = quick().fit(X, truth)
    assert_same_tags(clf.inferred_tags_, truth)
    assert_valid(clf.predict(X), clf.classes_)


def test_the_posterior_of_the_vote_is_the_share_of_the_votes():
    clf = quick(method="majority_vote").fit(FEATURES, ANSWERS)
    values = ANSWERS.to_flat()
    votes = np.array([[(row == tag).sum() for tag in TAGS] for row in values])
    answered = votes.sum(axis=1) > 0
    shares = votes[answered] / votes[answered].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(flat(clf.posterior_)[answered], shares)


def test_the_posterior_of_em_is_network_times_answers():
    clf = fitted_quick()
    expected = flat(clf.predict_proba(FEATURES))
    for token, annotator in np.argwhere(ANSWERS.to_flat() != ""):
        answer = TAGS.index(ANSWERS.to_flat()[token, annotator])
        expected[token] *= clf.annotator_confusion_[annotator, :, answer]
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(flat(clf.posterior_), expected, atol=1e-9)


def test_without_networks_sequence_em_infers_from_the_answers_alone():
    clf = quick(method="sequence_em", method__n_rounds=0).fit(FEATURES, ANSWERS)
    method = SEQUENCE_METHODS["sequence_em"]()
    by_token = dawid_skene(ANSWERS.tokens).posterior
    with no_convergence_warning():
        in_sequence = sequence_dawid_skene(
            ANSWERS,
            start=by_token,
            max_iter=1,
            single_spans=method.single_spans,
        ).posterior
    posterior, tags = keep_valid_paths(
        ANSWERS.tokens, ANSWERS.lengths, (by_token + in_sequence) / 2
    )
    np.testing.assert_allclose(flat(clf.posterior_), posterior)
    assert flat(clf.inferred_tags_).tolist() == [TAGS[k] for k in tags]
    with_networks = tagger(SEQUENCE_METHODS["sequence_em"](), RecurrentTagger)
    with_networks.set_params(module__hidden=8).fit(FEATURES, ANSWERS)
    assert np.abs(flat(with_networks.posterior_) - posterior).max() > 1e-3


# Scores of answers, a gate or heads that know the item, or who answers in it.
OTHER_MIXTURES = {"conal", "crowd_layer", "doctor_net", "union_net"}


@pytest.mark.parametrize("name", sorted(set(SEQUENCE_METHODS) - OTHER_MIXTURES))
def test_annotator_proba_is_a_mixture_of_confusion_rows(name):
    clf = fitted(name)
    proba = flat(clf.predict_proba(FEATURES))
    found = flat(clf.predict_annotator_proba(FEATURES))
    expected = np.einsum("nk,rkj->nrj", proba, clf.annotator_confusion_)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@each_sort
def test_a_table_gives_arrays(name):
    X, y = np.concatenate(FEATURES), ANSWERS.to_flat()
    clf = tagger(name).fit(X, y)
    assert clf.predict(X).shape == clf.inferred_tags_.shape == (81,)
    assert clf.predict_proba(X).shape == (81, 5)
    assert clf.predict_annotator_proba(X).shape == (81, 4, 5)
    if name != "crowd_layer":
        assert clf.posterior_.shape == (81, 5)
    assert_valid(clf.predict(X)[:, None], clf.classes_)


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_is_predicted_before_fit(verb):
    for X in FORMS.values():
        with pytest.raises(NotFittedError):
            getattr(tagger(), verb)(X)


def test_a_single_sequence_and_a_single_token():
    for form, X in FORMS.items():
        clf = fitted_quick(form)
        [proba] = clf.predict_proba([X[1][:1]])
        assert proba.shape == (1, 5)
        alone = quick().fit(X[1:2], ANSWERS[[1]])
        assert [tags.shape for tags in alone.predict(X[:2])] == [(1,), (6,)]


def test_words_that_were_not_in_fit():
    clf = fitted_quick("tokens")
    proba = clf.predict_proba([["Zoë", "", "mét", "x" * 200], ["北京"]])
    assert [p.shape for p in proba] == [(4, 5), (1, 5)]
    assert np.isfinite(flat(proba)).all()


FITS = {
    "tokens": (TOKENS, ANSWERS),
    "features": (FEATURES, ANSWERS),
    "table": (np.concatenate(FEATURES), ANSWERS.to_flat()),
}


@cache
def fitted_once(form):
    return quick().fit(*FITS[form])


@pytest.mark.parametrize("second", FITS)
@pytest.mark.parametrize("first", FITS)
def test_refitting_with_another_form_forgets_the_first(first, second):
    once = fitted_once(second)
    twice = copy.deepcopy(fitted_once(first)).fit(*FITS[second])
    public = [{k for k in vars(clf) if k[0] != "_"} for clf in (once, twice)]
    assert public[0] == public[1]
    assert_same_fit(once, twice)
    X = FITS[second][0]
    assert flat(twice.predict_proba(X)).tolist() == flat(once.predict_proba(X)).tolist()


def test_refitting_with_another_method_forgets_the_posterior():
    clf = quick().fit(TOKENS, ANSWERS)
    assert hasattr(clf, "posterior_")
    clf.set_params(method="crowd_layer").fit(TOKENS, ANSWERS)
    assert not hasattr(clf, "posterior_")


def test_classes_decide_the_order():
    order = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG"]
    clf = quick(classes=order).fit(FEATURES, ANSWERS)
    assert clf.classes_.tolist() == order
    assert clf.annotator_confusion_.shape == (4, 6, 6)
    assert clf.transitions_.shape == (7, 6)
    assert (clf.transitions_ == iob2_transitions(order)).all()
    assert clf.predict_proba(FEATURES)[0].shape == (1, 6)


def test_annotations_keep_classes_that_nobody_used():
    y = ANSWERS.with_classes([*TAGS, "B-ORG"])
    clf = quick().fit(FEATURES, y)
    assert clf.classes_.tolist() == [*TAGS, "B-ORG"]
    rows = [k for k, tags in enumerate(TRUTH) if len(tags) < 3]
    cut = quick().fit(take(FEATURES, rows), y[rows])
    assert cut.classes_.tolist() == [*TAGS, "B-ORG"]


@pytest.mark.parametrize(
    ("name", "X"),
    [
        *[pytest.param(name, FEATURES, id=name) for name in SEQUENCE_SORTS],
        *[pytest.param(name, TOKENS, id=f"{name}-tokens") for name in RECURRENT],
    ],
)
def test_weight_zero_is_removal(name, X):
    weight = np.where(np.arange(24) % 4 == 1, 0.0, np.linspace(0.5, 2, 24))
    kept = np.flatnonzero(weight)
    cells = ANSWERS.to_cells()
    among = tagger(name, classes=TAGS).fit(X, cells, sample_weight=weight)
    alone = tagger(name, classes=TAGS)
    alone.fit(take(X, kept), cells[kept], sample_weight=weight[kept])
    assert_same_fit(among, alone)
    np.testing.assert_array_equal(among.class_prior_, alone.class_prior_)
    predicted = among.predict(X)
    assert_same_tags(predicted, alone.predict(X))
    assert_same_tags(take(among.inferred_tags_, kept), alone.inferred_tags_)
    for k in np.flatnonzero(weight == 0):
        assert (among.inferred_tags_[k] == predicted[k]).all()
    if name != "crowd_layer":
        ours, theirs = flat(take(among.posterior_, kept)), flat(alone.posterior_)
        np.testing.assert_array_equal(ours, theirs)
        nobody = take(among.posterior_, np.flatnonzero(weight == 0))
        assert np.isnan(flat(nobody)).all()


def test_words_of_sequences_of_weight_zero_are_unknown():
    X = [*TOKENS, ["Zanzibar"], ["Timbuktu"]]
    y = [*TRUTH, ["B-LOC"], ["O"]]
    clf = quick().fit(X, y, sample_weight=np.r_[np.ones(24), 0, 0])
    first, second = clf.predict_proba([["Zanzibar"], ["Zanzibar"]])
    assert (first == second).all()
    assert_same_fit(clf, quick().fit(TOKENS, TRUTH))


def test_a_tag_that_only_weightless_sequences_have_is_no_class():
    weight = np.array(["I-PER" not in tags for tags in TRUTH], dtype=float)
    assert quick().fit(TOKENS, TRUTH, sample_weight=weight).classes_.tolist() == [
        tag for tag in TAGS if tag != "I-PER"
    ]


def assert_equal_fit(first, second, rows=slice(None)):
    """Assert that two fits agree but for rounding."""
    np.testing.assert_allclose(
        first.annotator_confusion_, second.annotator_confusion_, **EXACT
    )
    for ours, theirs in zip(
        first.predict_proba(FEATURES), second.predict_proba(FEATURES), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, **EXACT)
    np.testing.assert_allclose(first.class_prior_, second.class_prior_, **EXACT)
    np.testing.assert_allclose(first.transitions_, second.transitions_, **EXACT)
    if hasattr(first, "posterior_"):
        ours, theirs = flat(take(first.posterior_, rows)), flat(second.posterior_)
        np.testing.assert_allclose(ours, theirs, **EXACT)


@each_sort
def test_weights_are_repetitions(name):
    weight = np.random.default_rng(0).integers(0, 4, 24)
    weight[:6] = 2
    rows = np.repeat(np.arange(24), weight)
    weighted = whole(name, transitions="learned")
    weighted.fit(FEATURES, ANSWERS, sample_weight=weight)
    repeated = whole(name, transitions="learned")
    repeated.fit(take(FEATURES, rows), ANSWERS[rows])
    assert_equal_fit(weighted, repeated, rows)
    unweighted = fitted_whole(name)
    assert (unweighted.annotator_confusion_ != weighted.annotator_confusion_).any()


def test_true_tags_weights_are_repetitions():
    weight = np.random.default_rng(0).integers(1, 4, 24)
    rows = np.repeat(np.arange(24), weight)
    weighted = whole("em").fit(FEATURES, TRUTH, sample_weight=weight)
    repeated = whole("em").fit(take(FEATURES, rows), take(TRUTH, rows))
    assert_equal_fit(weighted, repeated, rows)


@each_sort
def test_equal_weights_are_none(name):
    ones = whole(name).fit(FEATURES, ANSWERS, sample_weight=np.ones(24))
    assert_equal_fit(ones, fitted_whole(name), range(24))


def test_unanswered_sequences_are_judged_but_teach_nothing():
    cells = ANSWERS.to_cells()
    cells[[3, 8]] = None
    rows = [k for k in range(24) if k not in (3, 8)]
    for name in SEQUENCE_SORTS:
        among = whole(name).fit(FEATURES, cells)
        alone = whole(name).fit(take(FEATURES, rows), cells[rows])
        np.testing.assert_allclose(
            among.annotator_confusion_, alone.annotator_confusion_, atol=1e-9
        )
        np.testing.assert_allclose(
            flat(among.predict_proba(FEATURES)),
            flat(alone.predict_proba(FEATURES)),
            atol=1e-9,
        )
        assert np.isfinite(told(among, FEATURES)).all()


def with_lengths(n_features, n_classes):
    """Build a network that takes lengths and drops what they say is padding."""

    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(n_features, n_classes)

        def forward(self, X, lengths):
            assert (lengths >= 1).all()
            assert lengths.max() == X.shape[1]
            inside = np.arange(X.shape[1]) < lengths.numpy()[:, None]
            assert (X[~inside] == 0).all()
            return self.layer(X)

    return Reader()


@each_sort
def test_the_users_network_with_and_without_lengths(name):
    network = with_lengths(4, 5)
    X = [array.astype(np.float32) for array in FEATURES]
    clf = tagger(name, module=network).fit(X, ANSWERS)
    assert_shapes(clf.predict_proba(X), 5)
    plain = tagger(name, module=TokenLinear).fit(X, ANSWERS)
    network = plain.net_.module_
    assert getattr(network, "module", network).layer.weight.shape == (5, 4)
    assert_shapes(plain.predict_proba(X), 5)


def test_the_users_network_starts_from_its_weights_and_stays_as_it_is():
    network = TokenLinear(4, 5)
    before = network.layer.weight.detach().clone()
    clf = tagger("em", module=network, lr=1e-5, max_epochs=1).fit(FEATURES, ANSWERS)
    assert (network.layer.weight == before).all()
    moved = clf.net_.module_.layer.weight - before.double()
    assert 0 < moved.abs().max() < 1e-3


def test_features_keep_their_precision():
    single = [array.astype(np.float32) for array in FEATURES]
    for X, bits in ((single, 32), (FEATURES, 64), (TOKENS, 32)):
        module = quick().fit(X, ANSWERS).net_.module_
        assert {p.dtype.itemsize * 8 for p in module.parameters()} == {bits}


def test_a_padded_array_is_predicted_as_the_list():
    clf = fitted_quick()
    padding, lengths = padded(FEATURES, garbage=np.inf)
    for verb in VERBS:
        ours = getattr(clf, verb)(padding, lengths=lengths)
        np.testing.assert_array_equal(flat(ours), flat(getattr(clf, verb)(FEATURES)))
