"""The same sequences and tags in any form give the same tagger."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from _data import assert_same_fit
from _sequence_data import (
    ANSWERS,
    FEATURES,
    FORMS,
    LENGTHS,
    SEQUENCE_SORTS,
    TAGS,
    TOKENS,
    TRUTH,
    assert_same_tags,
    features_for,
    fitted_quick,
    gold_forms,
    integer_forms,
    object_array,
    padded,
    quick,
    string_forms,
    tagged,
    tagger,
    take,
    told,
    whole,
    words_for,
)
from scipy.sparse import coo_array, csr_array, csr_matrix

from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.exceptions import CrowdWarning

# Sentences of one length, which numpy lays out as one array.
EVEN = [["O", "B-PER", "I-PER"], ["B-LOC", "I-LOC", "O"], ["O", "O", "B-LOC"]] * 4
EVEN_TOKENS, EVEN_FEATURES, EVEN_ANSWERS = (
    words_for(EVEN),
    features_for(EVEN),
    tagged(EVEN),
)

TOKEN_FORMS = {
    "tuples": (TOKENS, tuple(map(tuple, TOKENS))),
    "arrays": (TOKENS, [np.array(tokens) for tokens in TOKENS]),
    "arrays of objects": (TOKENS, [np.array(tokens, object) for tokens in TOKENS]),
    "object array": (TOKENS, object_array(TOKENS)),
    "series": (TOKENS, pd.Series(TOKENS)),
    "2-D": (EVEN_TOKENS, np.array(EVEN_TOKENS)),
    "2-D of objects": (EVEN_TOKENS, np.array(EVEN_TOKENS, dtype=object)),
    "lists of one length": (EVEN_TOKENS, list(map(tuple, EVEN_TOKENS))),
}
FEATURE_FORMS = {
    "tuple": (FEATURES, tuple(FEATURES)),
    "lists": (FEATURES, [array.tolist() for array in FEATURES]),
    "object array": (FEATURES, object_array(FEATURES)),
    "series": (FEATURES, pd.Series(FEATURES)),
    "frames": (FEATURES, [pd.DataFrame(array) for array in FEATURES]),
    "frames with names": (
        FEATURES,
        [pd.DataFrame(array, columns=list("abcd")) for array in FEATURES],
    ),
    "3-D": (EVEN_FEATURES, np.array(EVEN_FEATURES)),
    "3-D lists": (EVEN_FEATURES, np.array(EVEN_FEATURES).tolist()),
}


@cache
def fitted_to(name):
    """Fit `quick` to what this module calls so, once for all forms of it."""
    X, y = {
        "even tokens": (EVEN_TOKENS, EVEN_ANSWERS),
        "even features": (EVEN_FEATURES, EVEN_ANSWERS),
        "true tags of tokens": (TOKENS, TRUTH),
        "true tags of features": (FEATURES, TRUTH),
        "even truth": (EVEN_FEATURES, EVEN),
        "table": (TABLE, SINGLE),
        "labels of a table": (TABLE, LABELS),
    }[name]
    return quick().fit(X, y)


def reference(X):
    """Return `quick` as fitted to sequences that are known by their object."""
    if X is TOKENS or X is FEATURES:
        return fitted_quick("tokens" if X is TOKENS else "features")
    return fitted_to("even tokens" if X is EVEN_TOKENS else "even features")


def assert_same_in_both_forms(X, form):
    answers = ANSWERS if len(X) == len(TRUTH) else EVEN_ANSWERS
    ours, theirs = quick().fit(form, answers), reference(X)
    assert_same_fit(ours, theirs)
    np.testing.assert_array_equal(told(ours, form), told(theirs, X))
    assert_same_tags(ours.predict(form), theirs.predict(X))
    assert_same_tags(theirs.predict(form), theirs.predict(X))


@pytest.mark.parametrize(("X", "form"), TOKEN_FORMS.values(), ids=TOKEN_FORMS)
def test_token_lists(X, form):
    assert_same_in_both_forms(X, form)


@pytest.mark.parametrize(("X", "form"), FEATURE_FORMS.values(), ids=FEATURE_FORMS)
def test_arrays_of_features(X, form):
    assert_same_in_both_forms(X, form)


def test_memory_order_does_not_matter():
    X = list(map(np.asfortranarray, FEATURES))
    ours, theirs = quick().fit(X, ANSWERS), fitted_quick()
    np.testing.assert_array_equal(told(ours, X), told(theirs, FEATURES))


@pytest.mark.parametrize("kind", [list, np.array, np.int32, pd.Series])
def test_padded_features_with_lengths(kind):
    X, lengths = padded(FEATURES)
    lengths = kind(lengths)
    ours = quick().fit(X, ANSWERS, lengths=lengths)
    theirs = fitted_quick()
    assert_same_fit(ours, theirs)
    np.testing.assert_array_equal(
        told(ours, X, lengths=lengths), told(theirs, FEATURES)
    )
    assert_same_tags(ours.predict(X, lengths=lengths), theirs.predict(FEATURES))


def test_a_list_fits_and_a_padded_array_is_predicted():
    clf, (X, lengths) = fitted_quick(), padded(FEATURES, extra=2)
    assert_same_tags(clf.predict(X, lengths=lengths), clf.predict(FEATURES))


@pytest.mark.parametrize("name", SEQUENCE_SORTS)
def test_what_stands_in_the_padding_does_not_matter(name):
    clean, lengths = padded(FEATURES)
    dirty, _ = padded(FEATURES, garbage=np.nan, extra=3)
    ours = tagger(name).fit(dirty, ANSWERS, lengths=lengths)
    theirs = tagger(name).fit(clean, ANSWERS, lengths=lengths)
    assert_same_fit(ours, theirs)
    np.testing.assert_array_equal(
        told(ours, dirty, lengths=lengths), told(theirs, clean, lengths=lengths)
    )


@pytest.mark.parametrize("dtype", [np.int64, np.float16, bool])
def test_other_numbers_become_float32(dtype):
    X = [(10 * array).astype(dtype) for array in FEATURES]
    single = [array.astype(np.float32) for array in X]
    ours, theirs = tagger("em").fit(X, ANSWERS), tagger("em").fit(single, ANSWERS)
    assert_same_fit(ours, theirs)
    assert_same_tags(ours.predict(X), theirs.predict(single))


@pytest.mark.parametrize("form", string_forms(ANSWERS))
def test_tags_in_any_form(form):
    ours = quick().fit(FEATURES, string_forms(ANSWERS)[form])
    theirs = fitted_quick()
    assert ours.classes_.tolist() == TAGS
    assert ours.annotators_.tolist() == [0, 1, 2, 3]
    assert_same_fit(ours, theirs)
    np.testing.assert_array_equal(told(ours, FEATURES), told(theirs, FEATURES))
    assert_same_tags(ours.inferred_tags_, theirs.inferred_tags_)


@cache
def fitted_to_codes():
    return quick(transitions=np.ones((6, 5))).fit(FEATURES, ANSWERS)


@pytest.mark.parametrize("form", integer_forms(ANSWERS))
def test_integer_tags_in_any_form(form):
    ours = quick().fit(FEATURES, integer_forms(ANSWERS)[form])
    theirs = fitted_to_codes()
    assert ours.classes_.tolist() == [0, 1, 2, 3, 4]
    assert_same_fit(ours, theirs)
    np.testing.assert_array_equal(told(ours, FEATURES), told(theirs, FEATURES))


@pytest.mark.parametrize("X", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("form", ["array", "lists", "frame"])
def test_cells_of_one_length(X, form):
    X = [sequence[:1] for sequence in X[:8]]
    tags = np.array([[["O"], ["B-PER"]], [["O"], ["O"]]] * 4)
    y = {"array": tags, "lists": tags.tolist(), "frame": pd.DataFrame(tags.tolist())}
    clf = quick().fit(X, y[form])
    assert clf.n_annotators_ == 2
    assert_same_fit(clf, quick().fit(X, SequenceAnnotations.from_cells(tags)))


def test_annotators_are_the_columns_of_a_frame():
    names = ["ann", "bob", "cyd", "dan"]
    cells = pd.DataFrame(ANSWERS.to_cells(), columns=names)
    flat = pd.DataFrame(ANSWERS.to_flat(), columns=names)
    for y in (cells, flat):
        clf = quick().fit(FEATURES, y)
        assert clf.annotators_.tolist() == names
        scores = [
            clf.score(FEATURES, y[two]) for two in (["dan", "bob"], ["bob", "dan"])
        ]
        assert scores[0] == pytest.approx(scores[1], rel=1e-12)


def test_annotators_of_a_long_table():
    sequence, annotator = ANSWERS.pairs
    table = pd.DataFrame(
        {
            "sentence": sequence,
            "who": np.array(["w3", "w1", "w2", "w0"])[annotator],
            "tags": list(ANSWERS.to_cells()[sequence, annotator]),
        }
    )
    y = SequenceAnnotations.from_long(
        "sentence",
        "who",
        "tags",
        data=table.sample(frac=1, random_state=0),
        lengths=LENGTHS,
    )
    clf, plain = whole().fit(FEATURES, y), whole().fit(FEATURES, ANSWERS)
    assert clf.annotators_.tolist() == ["w0", "w1", "w2", "w3"]
    np.testing.assert_allclose(
        clf.annotator_confusion_, plain.annotator_confusion_[[3, 1, 2, 0]], atol=1e-9
    )


@pytest.mark.parametrize("form", gold_forms(TRUTH))
@pytest.mark.parametrize("of", FORMS)
def test_true_tags_in_any_form(of, form):
    X, y = FORMS[of], gold_forms(TRUTH)[form]
    ours, theirs = quick().fit(X, y), fitted_to(f"true tags of {of}")
    assert ours.n_annotators_ == 1
    np.testing.assert_allclose(ours.annotator_confusion_, [np.eye(5)], atol=1e-12)
    assert_same_tags(ours.inferred_tags_, TRUTH)
    assert_same_fit(ours, theirs)
    assert ours.score(X, y) == theirs.score(X, TRUTH)


@pytest.mark.parametrize("form", [np.array, pd.Series, object_array, tuple])
def test_true_tags_of_one_length(form):
    X, truth = EVEN_FEATURES, EVEN
    clf = quick().fit(X, form(truth))
    assert_same_tags(clf.inferred_tags_, truth)
    assert_same_fit(clf, fitted_to("even truth"))


def test_true_codes_of_one_length():
    X, truth = EVEN_FEATURES, EVEN
    codes = np.array([[TAGS.index(tag) for tag in tags] for tags in truth])
    assert_same_fit(
        quick(transitions=np.ones((6, 5))).fit(X, truth), quick().fit(X, codes)
    )


def test_true_tags_of_sequences_of_one_token():
    X, truth = take(FEATURES, range(8)), [["O"], ["B-PER"]] * 4
    X = [array[:1] for array in X]
    for y in (truth, np.array(truth), [np.array(tags) for tags in truth]):
        clf = quick().fit(X, y)
        np.testing.assert_allclose(clf.annotator_confusion_, [np.eye(2)], atol=1e-12)
        assert_same_tags(clf.inferred_tags_, truth)


def test_true_tags_may_be_minus_one():
    truth = [[-1, 0], [0, 1, -1], [1]] * 3
    X = [np.full((len(tags), 2), float(len(tags))) for tags in truth]
    with pytest.warns(CrowdWarning, match="-1 .*was read as a tag"):
        assert quick().fit(X, truth).classes_.tolist() == [-1, 0, 1]
    assert quick(classes=[-1, 0, 1]).fit(X, truth).classes_.tolist() == [-1, 0, 1]


@pytest.mark.parametrize("name", SEQUENCE_SORTS)
def test_single_tags_may_be_missing(name):
    values = ANSWERS.to_flat()
    values[5], values[7:10, 2] = "", ""  # nobody tagged token 5
    y = SequenceAnnotations.from_flat(values, LENGTHS, classes=TAGS)
    clf = whole(name).fit(FEATURES, y)
    assert np.isfinite(told(clf, FEATURES)).all()
    other = values.copy()
    other[7, 2] = "O"
    other = whole(name).fit(FEATURES, SequenceAnnotations.from_flat(other, LENGTHS))
    assert (told(clf, FEATURES) != told(other, FEATURES)).any()


TABLE = np.concatenate(FEATURES)
LABELS = np.concatenate(TRUTH)
SINGLE = ANSWERS.to_flat()


def table_forms():
    """Every form of the same tags of sequences of one token."""
    ones = np.ones(len(TABLE), dtype=int)
    one_each = SequenceAnnotations.from_flat(SINGLE, ones, classes=TAGS)
    return {
        "lists": SINGLE.tolist(),
        "frame": pd.DataFrame(SINGLE),
        "annotations": Annotations.from_dense(SINGLE),
        "sequence annotations": one_each,
        "cells": one_each.to_cells().tolist(),
        "object cells": one_each.to_cells(),
        "cells with the missing in lists": [
            [[tag or None] for tag in r] for r in SINGLE
        ],
    }


@pytest.mark.parametrize("form", table_forms())
def test_one_token_a_row_with_tags_in_any_form(form):
    y = table_forms()[form]
    ours, theirs = quick().fit(TABLE, y), fitted_to("table")
    assert_same_fit(ours, theirs)
    assert ours.predict(TABLE).tolist() == theirs.predict(TABLE).tolist()
    assert ours.score(TABLE, y) == theirs.score(TABLE, SINGLE) < 0


@pytest.mark.parametrize("form", [csr_array, csr_matrix, coo_array])
def test_one_token_a_row_with_integers_and_sparse_tags(form):
    values = integer_forms(ANSWERS)["flat"]
    entries = form(integer_forms(ANSWERS)["csr"])
    ours, theirs = quick().fit(TABLE, values), quick().fit(TABLE, entries)
    assert_same_fit(ours, theirs)


@pytest.mark.parametrize("form", ["1-D", "lists", "cells of one", "2-D"])
def test_one_token_a_row_with_true_tags(form):
    y = {
        "1-D": LABELS,
        "lists": LABELS.tolist(),
        "cells of one": [np.array([tag]) for tag in LABELS],
        "2-D": LABELS[:, None],
    }[form]
    theirs = fitted_to("labels of a table")
    if form in ("1-D", "lists"):
        ours = quick().fit(TABLE, y)
    else:
        with pytest.warns(match="column-vector"):
            ours = quick().fit(TABLE, y)
    assert_same_fit(ours, theirs)
    assert (ours.inferred_tags_ == LABELS).all()
    np.testing.assert_allclose(ours.annotator_confusion_, [np.eye(5)], atol=1e-12)


@pytest.mark.parametrize("name", SEQUENCE_SORTS)
def test_a_row_is_a_sequence_of_one_token(name):
    steps = {"transitions": np.ones((6, 5))}
    rows = SequenceAnnotations.from_flat(SINGLE, np.ones(len(SINGLE), int))
    table = whole(name, **steps).fit(TABLE, SINGLE)
    lists = whole(name, **steps).fit(list(TABLE[:, None]), rows)
    assert_same_fit(table, lists)
    proba = np.concatenate(lists.predict_proba(list(TABLE[:, None])))
    np.testing.assert_array_equal(table.predict_proba(TABLE), proba)
