"""What is wrong with sequences, tags or parameters is said before training."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
import torch
from _sequence_data import (
    ANSWERS,
    FEATURES,
    FORMS,
    LENGTHS,
    TAGS,
    TOKENS,
    TRUTH,
    Echo,
    padded,
    quick,
    tagger,
)
from torch import nn

from skcrowd import CrowdSequenceTagger
from skcrowd.annotations import SequenceAnnotations
from skcrowd.methods import NUMBER_METHODS, SEQUENCE_METHODS

both_forms = pytest.mark.parametrize("X", FORMS.values(), ids=FORMS)


class NoStep(torch.optim.SGD):
    """An optimiser that cannot learn: errors must come before."""

    def step(self, closure=None):
        raise AssertionError("training has begun")


@cache
def fitted(form):
    """Return a tagger of sequences of either form."""
    return quick().fit(FORMS[form], ANSWERS)


def fitted_to(X):
    """Return a tagger that was fitted with sequences like X."""
    return fitted("tokens" if isinstance(X[0][0], str) else "features")


def assert_refused(message, X, y, fit=None, error=ValueError, **parameters):
    """Assert what the message is, and that nothing has been learned before."""
    clf = tagger(**{"optimizer": NoStep, **parameters})
    with pytest.raises(error, match=message):
        clf.fit(X, y, **(fit or {}))


def test_training_does_step():
    assert_refused("training has begun", FEATURES, ANSWERS, error=AssertionError)


def changed(sequences, place, value):
    """Return a list with another value at one place."""
    return [*sequences[:place], value, *sequences[place + 1 :]]


def long_flat(n_tokens):
    return np.array([["O", "B-PER"]] * n_tokens)


SHORT = {
    "cells": (ANSWERS.to_cells()[:20], "y has 20 rows, but X has 24 sequences"),
    "sequence annotations": (ANSWERS[:20], "y has 20 sequences, but X has 24"),
    "gold": (TRUTH[:20], "y has 20 tag sequences, but X has 24 sequences"),
    "flat": (long_flat(50), r"50 .*24 sequences \(81 tokens\)|50 rows.*81 tokens"),
    "flat annotations": (ANSWERS.tokens[:50], "y has 50 rows, but X has 81 tokens"),
    "sparse": (ANSWERS.tokens[:50].to_sparse(), "y has 50 rows, but X has 81 tokens"),
}


@both_forms
@pytest.mark.parametrize(("y", "message"), SHORT.values(), ids=SHORT)
def test_another_number_of_rows(X, y, message):
    assert_refused(message, X, y)
    with pytest.raises(ValueError, match=message):
        fitted_to(X).score(X, y)


def test_a_tag_sequence_of_the_wrong_length_names_item_and_annotator():
    cells = ANSWERS.to_cells()
    row, column = (
        7,
        np.flatnonzero([cell is not None for cell in ANSWERS.to_cells()[7]])[0],
    )
    cells[row, column] = np.array(["O", "O"])
    message = f"sequence of 2 tags at row {row}, annotator {column}"
    for X in FORMS.values():
        assert_refused(message, X, cells)
        assert_refused(message, X, cells.tolist())
    frame = pd.DataFrame(cells, columns=list("abcd"))
    assert_refused(f"2 tags at row 7, annotator '{'abcd'[column]}'", TOKENS, frame)
    assert_refused("lengths gives 5", TOKENS, cells)


def test_true_tags_of_the_wrong_length_name_the_sequence():
    y = changed(TRUTH, 5, ["O", "O"])
    assert_refused("sequence of 2 tags at row 5", TOKENS, y)
    with pytest.raises(ValueError, match=r"row 5|sequence 5"):
        fitted("tokens").score(TOKENS, y)


def test_annotations_of_sequences_of_other_lengths_name_the_sequence():
    other = SequenceAnnotations(ANSWERS.tokens, [2, 5, *LENGTHS[2:]])
    assert_refused("y has 2 tokens at row 0.* lengths gives 1", TOKENS, other)


EMPTY_AT_3 = {
    "tokens": changed(TOKENS, 3, []),
    "first": None,
    "features": changed(FEATURES, 3, np.empty((0, 4))),
    "list": changed(FEATURES, 3, []),
}
EMPTY_AT_3["first"] = [*TOKENS[1:4], [], *TOKENS[4:]]


@pytest.mark.parametrize("X", EMPTY_AT_3.values(), ids=EMPTY_AT_3)
def test_an_empty_sequence(X):
    assert_refused("sequence 3 of X holds no token", X, ANSWERS)
    with pytest.raises(ValueError, match="sequence 3 of X holds no token"):
        fitted_to(X).predict(X)


@pytest.mark.parametrize("first", [[], (), np.empty((0, 4))])
def test_an_empty_first_sequence(first):
    X = [first, *(TOKENS if len(np.shape(first)) == 1 else FEATURES)[1:]]
    assert_refused("sequence 0 of X holds no token", X, ANSWERS)


WRONG_X = {
    "strings": (
        ["Ann met"] * 24,
        r"strings \('Ann met'\), not lists of tokens",
    ),
    "series of strings": (pd.Series(["Ann met"] * 24), "not lists of tokens"),
    "array of strings": (np.array(["Ann met"] * 24), "not lists of tokens"),
    "a number among tokens": (
        changed(TOKENS, 4, [*TOKENS[4][:-1], 3]),
        "the token 3 of type int in sequence 4",
    ),
    "a missing token": (
        changed(TOKENS, 4, [*TOKENS[4][:-1], None]),
        "the token None of type NoneType in sequence 4",
    ),
    "numbers after tokens": (changed(TOKENS, 4, FEATURES[4]), "sequence 4"),
    "a string after tokens": (changed(TOKENS, 4, "Anna"), "str at sequence 4"),
    "nothing after tokens": (changed(TOKENS, 4, None), "NoneType at sequence 4"),
    "tokens after numbers": (changed(FEATURES, 4, TOKENS[4]), "sequence 4"),
    "nothing after numbers": (changed(FEATURES, 4, None), "sequence 4"),
    "other width": (changed(FEATURES, 4, FEATURES[4][:, :3]), "sequence 4.* 3"),
    "ragged": (changed(FEATURES, 4, [[1.0, 2.0], [1.0]]), "sequence 4 of X"),
    "one dimension": (changed(FEATURES, 4, np.zeros(5)), r"sequence 4 .*shape \(5,\)"),
    "three dimensions": (
        changed(FEATURES, 4, np.zeros((5, 4, 1))),
        "sequence 4 .*shape",
    ),
    "NaN": (changed(FEATURES, 4, np.full((5, 4), np.nan)), "NaN"),
    "infinity": (changed(FEATURES, 4, np.full((5, 4), np.inf)), "infinity"),
    "complex": (changed(FEATURES, 4, np.full((5, 4), 1j)), "[Cc]omplex"),
    "4-D": (np.zeros((24, 5, 4, 2)), "4|shape|dim"),
}


@pytest.mark.parametrize(("X", "message"), WRONG_X.values(), ids=WRONG_X)
def test_what_is_no_sequence(X, message):
    assert_refused(message, X, ANSWERS)


@pytest.mark.parametrize("first", [[7], [b"Ann"], [None]])
def test_a_first_sequence_of_no_tokens_is_not_blamed_on_y(first):
    with pytest.raises((ValueError, TypeError)) as error:
        quick().fit(changed(TOKENS, 0, first), ANSWERS)
    assert not str(error.value).startswith("y ")


@pytest.mark.parametrize("X", [[], np.empty((0, 3, 2)), np.empty(0, dtype=object)])
def test_no_sequence_at_all(X):
    assert_refused(r"sample|sequence|X", X, [])


NOBODY = {
    "cells": [[None, None]] * 24,
    "object cells": np.full((24, 2), None),
    "frame": pd.DataFrame(np.full((24, 2), None)),
    "empty lists": [[[], []]] * 24,
    "missing tags": [[[None] * n, [""] * n] for n in LENGTHS],
    "flat": np.full((81, 2), ""),
    "flat integers": np.full((81, 2), -1),
    "annotations": SequenceAnnotations.from_flat(
        np.r_[np.full((81, 2), ""), [["O", "B-PER"]]], [*LENGTHS, 1]
    )[:24],
}


@pytest.mark.parametrize("y", NOBODY.values(), ids=NOBODY)
def test_no_tag_at_all(y):
    assert_refused(r"holds no (answer|tag)", TOKENS, y)


def test_no_tag_for_the_sequences_with_weight():
    cells = ANSWERS.to_cells()
    cells[:3] = None
    weight = (np.arange(24) < 3).astype(float)
    assert_refused("no tag at all", TOKENS, cells, {"sample_weight": weight})


MISSING_GOLD = {
    "sequence": changed(TRUTH, 4, None),
    "tag": changed(TRUTH, 4, [*TRUTH[4][:-1], None]),
}


@pytest.mark.parametrize("y", MISSING_GOLD.values(), ids=MISSING_GOLD)
def test_true_tags_cannot_be_missing(y):
    assert_refused("gold tag.* row 4", TOKENS, y)


@pytest.mark.parametrize(
    "y", [["O"] * 24, np.array(["O"] * 24), np.zeros(24, int), "O", 3, None, ["O"] * 81]
)
def test_single_values_are_no_tags(y):
    assert_refused("single values|tag sequences", TOKENS, y)


@pytest.mark.parametrize("y", [ANSWERS, TRUTH, ANSWERS.to_flat()])
def test_a_tag_outside_the_classes(y):
    assert_refused(
        "'I-LOC'.*classes", TOKENS, y, classes=[t for t in TAGS if t != "I-LOC"]
    )


def test_score_refuses_tags_that_were_not_in_fit():
    others = [[tag.replace("LOC", "PER") for tag in tags] for tags in TRUTH]
    clf = quick().fit(TOKENS, SequenceAnnotations.from_gold(others))
    for y in (SequenceAnnotations.from_gold(TRUTH), [[tags] for tags in TRUTH]):
        with pytest.raises(ValueError, match=r"'B-LOC' at token . of row ."):
            clf.score(TOKENS, y)


@pytest.mark.parametrize(
    "verb", ["predict", "predict_proba", "predict_annotator_proba"]
)
def test_predict_wants_the_form_of_fit(verb):
    by_features, by_tokens = (
        getattr(clf, verb) for clf in map(fitted, ("features", "tokens"))
    )
    with pytest.raises(ValueError, match=r"X is lists of .* with sequences of feat"):
        by_features(TOKENS)
    with pytest.raises(ValueError, match=r"X is sequences of .* with lists of tok"):
        by_tokens(FEATURES)
    with pytest.raises(ValueError, match=r"X is a 2-D array.* pass \[X\]"):
        by_features(FEATURES[0])
    by_rows = getattr(quick().fit(np.concatenate(FEATURES), ANSWERS.to_flat()), verb)
    for X in FORMS.values():
        with pytest.raises(ValueError, match="fitted with a 2-D array"):
            by_rows(X)


def test_score_wants_the_form_of_fit():
    for form, X in (("features", TOKENS), ("tokens", FEATURES)):
        with pytest.raises(ValueError, match="was fitted with"):
            fitted(form).score(X, ANSWERS)


@pytest.mark.parametrize("width", [3, 5])
def test_predict_wants_the_features_of_fit(width):
    X = [np.zeros((3, width))] * 2
    with pytest.raises(ValueError, match=f"{width} features.* 4 features"):
        fitted("features").predict(X)


def test_predict_refuses_what_is_not_finite():
    with pytest.raises(ValueError, match="NaN"):
        fitted("features").predict(changed(FEATURES, 4, np.full((5, 4), np.nan)))


LONGEST = LENGTHS.max()
WRONG_LENGTHS = {
    "too few": (LENGTHS[:20], r"24 integers.*shape \(20,\)"),
    "floats": (LENGTHS.astype(float), "24 integers.*float64"),
    "too many dimensions": (LENGTHS[:, None], r"24 integers.*shape \(24, 1\)"),
    "one number": (3, "lengths must be a 1-D array .* the single value 3"),
    "zero": (np.r_[LENGTHS[:7], 0, LENGTHS[8:]], r"lengths\[7\] is 0, .* 1 to 6"),
    "negative": (np.r_[LENGTHS[:7], -2, LENGTHS[8:]], r"lengths\[7\] is -2"),
    "too long": (np.r_[LENGTHS[:7], 9, LENGTHS[8:]], r"lengths\[7\] is 9, .* 1 to 6"),
}


@pytest.mark.parametrize(
    ("lengths", "message"), WRONG_LENGTHS.values(), ids=WRONG_LENGTHS
)
def test_wrong_lengths(lengths, message):
    X = padded(FEATURES)[0]
    assert_refused(message, X, ANSWERS, {"lengths": lengths})
    with pytest.raises(ValueError, match=message):
        fitted("features").predict(X, lengths=lengths)


@pytest.mark.parametrize("X", [TOKENS, FEATURES, np.concatenate(FEATURES)])
def test_lengths_belong_to_a_padded_array(X):
    assert_refused("lengths belong to a padded", X, ANSWERS, {"lengths": LENGTHS})


@both_forms
@pytest.mark.parametrize("y", [ANSWERS, TRUTH], ids=["answers", "gold"])
@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.zeros(24), "zero"),
        (np.full(24, -1.0), "[Nn]egative"),
        (np.r_[np.nan, np.ones(23)], "NaN"),
        (np.ones(81), "sample_weight"),
        (np.ones((24, 2)), "1D|dimension"),
    ],
)
def test_wrong_weights(X, y, weight, message):
    assert_refused(message, X, y, {"sample_weight": weight})


def some(**entries):
    """Transitions that are 1 but for one row."""
    values = np.ones((6, 5))
    for row, value in entries.items():
        values[int(row[1:])] = value
    return values


@pytest.mark.parametrize(
    ("transitions", "message"),
    [
        (np.ones((5, 5)), r"shape \(6, 5\).*got shape \(5, 5\)"),
        (np.ones(5), r"got shape \(5,\)"),
        ([["a"] * 5] * 6, "numbers of shape"),
        (some(_2=-0.5), "negative"),
        (some(_2=np.nan), "NaN"),
        (some(_2=np.inf), "infinity"),
        (some(_2=0), "has only zeros in row 2"),
        (some(_5=0), "has only zeros in row 5"),
    ],
)
def test_wrong_transitions(transitions, message):
    for X in (*FORMS.values(),):
        assert_refused(message, X, ANSWERS, transitions=transitions)


@pytest.mark.parametrize("key", ["decode", "transitions"])
@pytest.mark.parametrize("value", ["beam", None, 3])
def test_unknown_ways_of_decoding(key, value):
    assert_refused(f"'{key}' parameter", TOKENS, ANSWERS, **{key: value})


@pytest.mark.parametrize("name", NUMBER_METHODS)
def test_a_method_for_numbers(name):
    method = NUMBER_METHODS[name]()
    message = "learns from numbers, but CrowdSequenceTagger from labels"
    with pytest.raises(TypeError, match=message) as error:
        CrowdSequenceTagger(method=method).fit(TOKENS, ANSWERS)
    assert all(repr(known) in str(error.value) for known in SEQUENCE_METHODS)


def test_an_unknown_method_lists_the_known():
    with pytest.raises(ValueError, match="'emm' is not known") as error:
        CrowdSequenceTagger(method="emm").fit(TOKENS, ANSWERS)
    assert all(repr(known) in str(error.value) for known in SEQUENCE_METHODS)


class Wrong(Echo):
    """A network of two classes that returns what `change` makes of its scores."""

    def __init__(self, change):
        super().__init__()
        self.change = change

    def forward(self, X, lengths):
        return self.change(super().forward(X)[..., :2], lengths)


LOOK = {
    "a row a sequence": (
        lambda s, n: s[:, 0],
        r"returned \(2, 2\).*row of scores a token",
    ),
    "one token too many": (
        lambda s, n: nn.functional.pad(s, (0, 0, 0, 1)),
        r"returned \(2, 3, 2\) .* 2 sequences of up to 2 tokens",
    ),
    "without padding": (lambda s, n: s.flatten(0, 1)[:3], r"returned \(3, 2\)"),
    "a tuple": (lambda s, n: (s, n), "returned .*tuple"),
    "packed": (
        lambda s, n: nn.utils.rnn.pack_padded_sequence(s, n, True, False),
        "returned .*PackedSequence",
    ),
    "one class too many": (lambda s, n: s[..., [0, 1, 1]], "2 classes|3|n_classes"),
    "one score": (lambda s, n: s[..., 0], r"returned \(2, 2\).* n_classes\)"),
    "probabilities": (lambda s, n: s.softmax(-1), "probabilities"),
    "no numbers": (lambda s, n: s * float("nan"), "not finite"),
}


@pytest.mark.parametrize("name", SEQUENCE_METHODS)
@pytest.mark.parametrize(("change", "message"), LOOK.values(), ids=LOOK)
def test_a_network_that_does_not_return_a_row_of_scores_a_token(name, change, message):
    X = [np.array([[1.0, -2.0], [0.5, 3.0]]), np.array([[2.0, 1.0], [4.0, 0.0]])] * 4
    y = [[["O", "B-X"], ["O", "B-X"]], [["B-X", "O"], ["O", "O"]]] * 4
    assert_refused(message, X, y, name=name, module=Wrong(change))


def test_score_with_other_annotators():
    clf = fitted("tokens")
    with pytest.raises(ValueError, match=r"y has 2 annotators.* with 4"):
        clf.score(TOKENS, ANSWERS.select_annotators([0, 1]))
    clf = quick().fit(TOKENS, pd.DataFrame(ANSWERS.to_cells(), columns=list("abcd")))
    with pytest.raises(ValueError, match=r"not fitted with: 'x'"):
        clf.score(TOKENS, pd.DataFrame(ANSWERS.to_cells(), columns=list("abxd")))


def test_score_of_nobodys_tags():
    with pytest.raises(ValueError, match=r"holds no (answer|tag)"):
        fitted("tokens").score(TOKENS, np.full((24, 4), None))


def test_score_of_weights_without_any_tag():
    cells = ANSWERS.to_cells()
    cells[:3] = None
    weight = (np.arange(24) < 3).astype(float)
    with pytest.raises(ValueError, match="nothing to score"):
        fitted("tokens").score(TOKENS, cells, sample_weight=weight)


@both_forms
def test_scores_refuses_wrong_weights(X):
    for y in (ANSWERS, TRUTH):
        with pytest.raises(ValueError, match="sample_weight"):
            fitted_to(X).score(X, y, sample_weight=np.ones(7))


def test_a_table_whose_cells_are_sequences():
    table = pd.DataFrame({"tokens": TOKENS})
    for X in (table, table.to_numpy()):
        with pytest.raises(ValueError, match=r"cells hold sequences; .*X\.iloc"):
            quick().fit(X, ANSWERS)
        with pytest.raises(ValueError, match="cells hold sequences"):
            fitted("tokens").predict(X)
    expected = fitted("tokens").predict(TOKENS)
    for one, other in zip(
        fitted("tokens").predict(table.iloc[:, 0]), expected, strict=True
    ):
        np.testing.assert_array_equal(one, other)
