import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrowd import CrowdSequenceTagger
from skcrowd.aggregation._sequence_chain import iob2_transitions
from skcrowd.estimators._decoding import Decoder

CLASSES = np.array(["O", "B-PER", "I-PER"])


def log(values):
    with np.errstate(divide="ignore"):
        return np.log(values)


def decode(decoder, proba, lengths):
    return decoder(log(np.array(proba, dtype=float)), np.array(lengths)).tolist()


# Token by token I-PER would follow O, and begin a sequence.
PROBA = [[0.4, 0.35, 0.25], [0.3, 0.3, 0.4], [0.1, 0.3, 0.6]]


def test_argmax_takes_one_token_at_a_time():
    decoder = Decoder("argmax", "valid", CLASSES)
    assert decode(decoder, PROBA, [2, 1]) == [0, 2, 2]


def test_valid_paths_only():
    decoder = Decoder("viterbi", "valid", CLASSES)
    assert decode(decoder, PROBA, [2, 1]) == [1, 2, 1]
    assert decode(decoder, PROBA, [3]) == [1, 2, 2]
    np.testing.assert_array_equal(decoder.weights, iob2_transitions(CLASSES))
    np.testing.assert_array_equal(decoder.allowed, iob2_transitions(CLASSES))


@pytest.mark.parametrize("transitions", ["valid", np.ones((4, 3))])
def test_where_all_is_allowed_every_token_is_on_its_own(transitions):
    decoder = Decoder("viterbi", transitions, np.array([7, 8, 9]))
    assert decode(decoder, PROBA, [3]) == [0, 2, 2]


def test_given_weights_count_as_they_are():
    weights = [[1, 0, 0], [0, 1, 8], [1, 1, 1], [1, 1, 1]]
    decoder = Decoder("viterbi", weights, CLASSES)
    assert decode(decoder, [[0.7, 0.2, 0.1], [0.7, 0.2, 0.1]], [2]) == [0, 0]
    assert decode(decoder, [[0.4, 0.3, 0.3], [0.4, 0.3, 0.3]], [2]) == [1, 2]
    np.testing.assert_array_equal(decoder.weights, weights)
    np.testing.assert_array_equal(decoder.allowed, np.array(weights) > 0)


def test_learned_weights_are_how_much_more_often_than_by_chance():
    decoder = Decoder("viterbi", "learned", CLASSES)
    np.testing.assert_array_equal(decoder.weights, iob2_transitions(CLASSES))
    tags, lengths = np.array([0, 1, 2, 1, 0]), np.array([3, 2])
    decoder.learn(tags, lengths, np.array([2.0, 2.0, 2.0, 1.0, 1.0]))
    # Weights sum to 8: 3 of O, 3 of B, 2 of I; each share has a count of 1 more.
    shares = np.array([4, 4, 3]) / 11
    # Counted steps (rows: after O, B, I, at the start), and a count spread by shares.
    counts = np.array([[0, 2, 0], [1, 0, 2], [0, 0, 0], [2, 1, 0]]) + shares
    counts[[0, 3], 2] = 0  # I-PER goes on with a name only
    expected = counts / counts.sum(axis=1, keepdims=True) / shares
    np.testing.assert_allclose(decoder.weights, expected, rtol=1e-12)
    np.testing.assert_allclose(decoder.weights[2], 1, rtol=1e-12)
    np.testing.assert_array_equal(decoder.allowed, iob2_transitions(CLASSES))


@pytest.mark.parametrize("transitions", ["valid", np.ones((4, 3)) / 3])
def test_only_learned_weights_change(transitions):
    decoder = Decoder("viterbi", transitions, CLASSES)
    before = decoder.weights.copy()
    decoder.learn(np.array([0, 1, 2]), np.array([3]), np.ones(3))
    np.testing.assert_array_equal(decoder.weights, before)


def test_what_follows_by_chance_is_worth_nothing():
    tags = np.random.default_rng(0).integers(0, 3, 30_000)
    decoder = Decoder("viterbi", "learned", np.arange(3))
    decoder.learn(tags, np.full(6000, 5), np.ones(30_000))
    np.testing.assert_allclose(decoder.weights, 1, atol=0.06)


def test_learned_weights_prefer_what_occurs():
    decoder = Decoder("viterbi", "learned", np.arange(2))
    decoder.learn(np.tile([0, 1], 10), np.array([20]), np.ones(20))
    assert decode(decoder, [[0.9, 0.1], [0.6, 0.4]], [2]) == [0, 1]


def score(path, log_proba, log_weights):
    steps = zip([-1, *path], path, log_proba, strict=False)
    return sum(log_weights[before, tag] + row[tag] for before, tag, row in steps)


def random_weights(rng, n_classes):
    """Some steps are impossible, but there is a tag that may always follow."""
    weights = rng.random((n_classes + 1, n_classes))
    weights *= rng.random(weights.shape) < 0.6
    weights[:, rng.integers(n_classes)] = rng.random(n_classes + 1) + 0.1
    return weights


def random_proba(rng, n_tokens, n_classes):
    """Probabilities, many of them zero."""
    proba = rng.random((n_tokens, n_classes))
    proba *= rng.random(proba.shape) < 0.6
    proba[:, 0] += ~proba.any(axis=1)
    return proba / proba.sum(axis=1, keepdims=True)


@given(
    seed=st.integers(0, 2**32 - 1),
    lengths=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    n_classes=st.integers(1, 3),
)
def test_the_best_of_all_paths(seed, lengths, n_classes):
    rng = np.random.default_rng(seed)
    weights = random_weights(rng, n_classes)
    log_proba = log(random_proba(rng, sum(lengths), n_classes))
    found = Decoder("viterbi", weights, np.arange(n_classes))(log_proba, lengths)
    cut = np.cumsum(lengths)[:-1]
    for path, part in zip(np.split(found, cut), np.split(log_proba, cut), strict=True):
        paths = itertools.product(range(n_classes), repeat=len(part))
        rows = np.maximum(part, -1e3)  # zero is far worse than any other number
        best = max(score(p, rows, log(weights)) for p in paths)
        assert np.isfinite(best)
        assert score(path, rows, log(weights)) >= best - 1e-9


def test_probabilities_of_zero_leave_a_valid_path():
    decoder = Decoder("viterbi", "valid", CLASSES)
    assert decode(decoder, [[0, 0, 1], [0, 0, 1]], [2]) == [1, 2]
    assert decode(decoder, [[1, 0, 0], [0, 0, 1]], [1, 1]) in ([0, 0], [0, 1])


def test_an_impossible_step_is_never_taken_for_a_probability_of_zero():
    decoder = Decoder("viterbi", [[0, 1], [1, 0], [1, 1]], np.arange(2))
    assert decode(decoder, [[1, 0]] * 4, [4]) in ([0, 1, 0, 1], [1, 0, 1, 0])


WRONG = {
    "square": (np.ones((3, 3)), r"shape \(4, 3\).*got shape \(3, 3\)"),
    "a row": (np.ones(3), r"got shape \(3,\)"),
    "a number": (1.0, r"got shape \(\)"),
    "strings": (np.full((4, 3), "1"), "of <U1"),
    "objects": (np.full((4, 3), None), "of object"),
    "negative": (-np.eye(4, 3), "holds negative numbers"),
    "NaN": (np.full((4, 3), np.nan), "NaN or infinity"),
    "infinite": (np.full((4, 3), np.inf), "NaN or infinity"),
    "no way on": (np.repeat([[1], [1], [0], [1]], 3, axis=1), "nothing in row 2"),
}


@pytest.mark.parametrize(("transitions", "message"), WRONG.values(), ids=WRONG)
def test_transitions_that_nobody_can_read_are_refused(transitions, message):
    with pytest.raises(ValueError, match=message):
        Decoder("viterbi", transitions, CLASSES)


@pytest.mark.parametrize("dtype", [bool, int, np.float32])
@pytest.mark.parametrize("form", [np.array, np.ndarray.tolist])
def test_numbers_of_any_kind_are_weights(dtype, form):
    transitions = form(iob2_transitions(CLASSES).astype(dtype))
    decoder = Decoder("viterbi", transitions, CLASSES)
    assert decoder.weights.dtype == float
    assert decode(decoder, PROBA, [3]) == [1, 2, 2]


@pytest.mark.parametrize("decode", ["viterbi", "argmax"])
@pytest.mark.parametrize(
    ("tags", "said"),
    [
        (["I-X", "E-X"], {"I-X", "E-X"}),
        (["E-X", "I-X"], {"I-X", "E-X"}),
        (["B-X", "E-X"], {"B-X", "E-X"}),
        (["I-X", "E-Y"], {"I-X", "E-Y"}),
    ],
)
@pytest.mark.parametrize("method", ["sequence_em", "em", "majority_vote"])
def test_tags_that_leave_no_valid_path_of_some_length_are_decoded(
    tags, said, decode, method
):
    tagger = CrowdSequenceTagger(
        method=method, decode=decode, max_epochs=1, random_state=0
    )
    with warnings.catch_warnings():  # of spans that begin with I-
        warnings.simplefilter("ignore", UserWarning)
        tagger.fit([["x", "y"]] * 4, [[tags] * 2] * 4)
    for found in tagger.predict([["x"], ["x", "y"], ["x", "y", "x"]]):
        assert set(found) <= said


def test_a_single_token_may_end_open_where_nothing_else_is_possible():
    decoder = Decoder("viterbi", "valid", np.array(["B-X", "E-X"]))
    log_proba = np.log([[0.9, 0.1], [0.4, 0.6], [0.6, 0.4], [0.1, 0.9]])
    assert decoder(log_proba, np.array([1, 2, 1])).tolist() == [0, 0, 1, 0]
    assert decoder(log_proba, np.array([4])).tolist() == [0, 1, 0, 1]


def test_types_that_nothing_opens_end_as_others_do():
    allowed = iob2_transitions(["I-X", "E-X", "O", "B-Y", "I-Y", "E-Y"]).astype(int)
    assert allowed.tolist() == [
        [1, 1, 0, 0, 0, 0],
        [1, 1, 1, 1, 0, 0],
        [1, 1, 1, 1, 0, 0],
        [0, 0, 0, 0, 1, 1],
        [0, 0, 0, 0, 1, 1],
        [1, 1, 1, 1, 0, 0],
        [1, 1, 1, 1, 0, 0],
    ]
