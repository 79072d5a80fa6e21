"""Soft labels of sets of labels and of tag sequences: reading, checks, containers."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch

from skcrowd.annotations import (
    Annotations,
    MultilabelAnnotations,
    SequenceAnnotations,
    concatenate,
)
from skcrowd.annotations._join_cells import join_sequences, join_sets
from skcrowd.estimators._label_pairs import label_pairs

NAN = np.nan
LABELS = ["cat", "cow", "dog"]
NAMES = ["ann", "bob", "eve"]
SETS = np.array(
    [
        [[0.9, 0.2, 0.5], [1.0, 0.0, 0.0], [NAN, NAN, NAN]],
        [[0.1, 0.3, 0.2], [NAN, NAN, NAN], [0.6, NAN, 0.4]],
    ]
)
TAGS = ["O", "B", "I"]
FLAT = np.array(  # tokens, annotators, tags
    [
        [[0.7, 0.2, 0.1], [0.0, 1.0, 0.0], [NAN, NAN, NAN]],
        [[0.1, 0.3, 0.6], [0.4, 0.2, 0.4], [NAN, NAN, NAN]],
        [[NAN, NAN, NAN], [0.1, 0.8, 0.1], [1.0, 0.0, 0.0]],
        [[NAN, NAN, NAN], [0.2, 0.2, 0.6], [NAN, NAN, NAN]],
        [[NAN, NAN, NAN], [0.9, 0.1, 0.0], [0.3, 0.3, 0.4]],
    ]
)
LENGTHS = [2, 3]
CELLS = [
    [FLAT[:2, 0], FLAT[:2, 1].tolist(), None],
    [None, FLAT[2:, 1], FLAT[2:, 2]],
]


def soft_sets(values=SETS, **options):
    options = {"classes": LABELS, "annotator_names": NAMES, **options}
    return MultilabelAnnotations.from_soft_labels(values, **options)


def soft_tags(values=CELLS, lengths=None, **options):
    options = {"classes": TAGS, "annotator_names": NAMES, **options}
    return SequenceAnnotations.from_soft_labels(values, lengths, **options)


def check_decisions(M, rows=(0, 1)):
    """Every decision has the probability of its cell, and the more probable answer."""
    d = M.decisions
    assert d.n_answers
    row, label = np.divmod(d.item, M.n_labels)
    annotator = [NAMES.index(name) for name in M.annotator_names[d.annotator]]
    of_label = [LABELS.index(name) for name in M.classes[label]]
    applies = SETS[np.take(rows, row), annotator, of_label]
    np.testing.assert_allclose(d.probabilities[:, 1], applies)
    np.testing.assert_allclose(d.probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(d.answer, applies > 0.5)


def check_tokens(S, rows=range(5)):
    """Every token has the distribution of its cell, and the most probable tag."""
    t = S.tokens
    assert t.n_answers
    annotator = [NAMES.index(name) for name in S.annotator_names[t.annotator]]
    of_tag = [TAGS.index(tag) for tag in S.classes]
    given = FLAT[np.take(rows, t.item), annotator][:, of_tag]
    np.testing.assert_allclose(t.probabilities, given)
    largest = t.probabilities.max(axis=1)
    np.testing.assert_array_equal(
        t.probabilities[np.arange(len(given)), t.answer], largest
    )


def test_probabilities_stay_with_their_sets():
    M = soft_sets()
    assert M.to_cells().tolist() == [[("cat",), ("cat",), None], [(), None, ("cat",)]]
    np.testing.assert_array_equal(np.isnan(M.to_indicators()), np.isnan(SETS))
    check_decisions(M)
    check_decisions(M[[1, 0, 1]], rows=(1, 0, 1))
    check_decisions(M.select_annotators(["eve", "ann"]))
    check_decisions(M.with_classes(["dog", "cat", "cow"]))
    check_decisions(pickle.loads(pickle.dumps(M)))
    check_decisions(M.with_details(weight=[[2, 1, 1], [1, 1, 1]]))
    assert "with probabilities" in repr(M)
    joined, *_ = join_sets(M[:1], M[1:].select_annotators([2, 0, 1]))
    assert joined == M
    left_out = M.with_details(weight=[[0, 1, 1], [1, 1, 1]])
    assert left_out.n_answers == M.n_answers - 1
    check_decisions(left_out)


def test_added_labels_are_certainly_not_ticked():
    M = soft_sets()
    more = M.with_classes(["pig", *LABELS])
    is_added = more.decisions.item % 4 == 0
    added = more.decisions.probabilities[is_added]
    assert added.tolist() == [[1, 0]] * M.n_answers
    assert more.with_classes(["pig", *LABELS]) is more
    np.testing.assert_array_equal(
        more.decisions.probabilities[~is_added], M.decisions.probabilities
    )


def test_without_probabilities_a_set_is_what_is_above_half():
    M = soft_sets()
    hard = np.where(np.isnan(SETS), NAN, SETS > 0.5)
    plain = MultilabelAnnotations.from_indicators(
        hard, classes=LABELS, annotator_names=NAMES
    )
    assert plain != M
    assert M.without_details("probabilities") == plain
    assert M.without_details() == plain
    certain = soft_sets(hard).decisions.probabilities
    np.testing.assert_array_equal(certain, np.eye(2)[plain.decisions.answer])


def test_forms_of_probabilities_of_labels():
    M = soft_sets()
    nested = np.where(np.isnan(SETS), None, SETS).tolist()
    masked = np.ma.masked_array(np.nan_to_num(SETS, nan=0.5), np.isnan(SETS))
    for form in (nested, masked, torch.tensor(SETS)):
        assert soft_sets(form) == M
    numbered = MultilabelAnnotations.from_soft_labels(SETS)
    assert numbered.classes.tolist() == [0, 1, 2]
    assert numbered.annotator_names.tolist() == [0, 1, 2]


def table_of_sets():
    """A row for each answer, in another order than that of the items."""
    rows = [
        (f"item{i}", NAMES[r], *SETS[i, r], 10 * i + r)
        for i in range(2)
        for r in range(3)
    ]
    columns = ["item", "who", *(f"p_{label}" for label in LABELS), "sure"]
    return pd.DataFrame(rows, columns=columns).sample(frac=1, random_state=1)


def test_a_table_of_probabilities_of_labels():
    table = table_of_sets()
    names = {label: f"p_{label}" for label in LABELS}
    read = MultilabelAnnotations.from_long(
        "item", "who", None, data=table, probabilities=names, confidence="sure"
    )
    expected = soft_sets().with_details(confidence=[[0, 1, 2], [10, 11, 12]])
    assert read.decisions == expected.decisions
    assert read.classes.tolist() == LABELS
    assert read.item_names.tolist() == ["item0", "item1"]
    reordered = MultilabelAnnotations.from_long(
        "item",
        "who",
        None,
        data=pl.DataFrame(table),
        probabilities=names,
        confidence="sure",
        classes=["dog", "cat", "cow"],
        item_ids=["item0", "item1"],
        annotator_ids=NAMES,
    )
    assert reordered == read.with_classes(["dog", "cat", "cow"])
    from_array = MultilabelAnnotations.from_long(
        table["item"].str[4:].astype(int),
        table["who"],
        None,
        n_items=2,
        probabilities=table[[*names.values()]].to_numpy(),
        classes=LABELS,
    )
    assert from_array == soft_sets()


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"labels": "who"}, "probabilities are the answers themselves"),
        ({"nothing": "-"}, "probabilities are the answers themselves"),
        ({"probabilities": {"cat": "sure"}}, r"holds 2 at table row 0, label 'cat' "),
        ({"probabilities": {"cat": "p_pig"}}, "'p_pig' is no column"),
        ({"classes": ["pig"]}, "give one column for each class"),
        ({"annotators": "item"}, "more than one row for item 'item0', annotator 'it"),
        ({"probabilities": {"cat": "gone"}}, "hold no answer"),
        ({"probabilities": [[0.5]]}, "and probabilities must be equally long"),
    ],
)
def test_wrong_tables_of_probabilities_are_refused(options, match):
    table = table_of_sets().assign(gone=NAN)
    given = {
        "items": "item",
        "annotators": "who",
        "labels": None,
        "probabilities": {label: f"p_{label}" for label in LABELS},
        **options,
    }
    with pytest.raises(ValueError, match=match):
        MultilabelAnnotations.from_long(data=table, **given)


def test_masked_distributions_of_classes_are_missing():
    hidden = np.zeros((1, 2, 2), dtype=bool)
    hidden[0, 1] = True
    A = Annotations.from_soft_labels(
        np.ma.masked_array(np.full((1, 2, 2), 0.5), hidden)
    )
    assert A.annotator.tolist() == [0]


@pytest.mark.parametrize(
    ("values", "options", "match"),
    [
        (SETS[0], {}, r"shape \(3, 3\).*of a single annotator.*probabilities\[:, None"),
        (SETS[:0], {}, r"shape \(0, 3, 3\)"),
        (100 * SETS, {}, r"holds 90 at \(0, 0, 0\) \(\d+ such .*Divide percentages"),
        (SETS - 0.15, {}, r"holds -0.15 at \(0, 1, 1\)"),
        (np.where(SETS == 0.9, np.inf, SETS), {}, "holds inf"),
        (np.full_like(SETS, NAN), {}, "no answer at all"),
        (SETS, {"classes": ["a", "b"]}, "has 3 labels, but classes 2"),
        (SETS, {"annotator_names": ["a"]}, "holds 1 names, but y has 3"),
        ([[["often", "never"]]], {"classes": None}, "must hold probabilities"),
    ],
)
def test_wrong_probabilities_of_labels_are_refused(values, options, match):
    with pytest.raises(ValueError, match=match):
        soft_sets(values, **options)


def test_probabilities_where_indicators_are_read():
    with pytest.raises(ValueError, match=r"MultilabelAnnotations\.from_soft_labels"):
        MultilabelAnnotations.from_indicators(SETS)


def test_probabilities_stay_with_their_tags():
    S = soft_tags()
    assert S.lengths.tolist() == LENGTHS
    assert S[0] == {"ann": ["O", "I"], "bob": ["B", "O"]}
    assert S[1] == {"bob": ["B", "I", "O"], "eve": ["O", None, "I"]}
    check_tokens(S)
    check_tokens(S[[1, 0]], rows=[2, 3, 4, 0, 1])
    check_tokens(S.select_annotators(["eve", "bob"]))
    check_tokens(S.select_answers([1, 3]))
    check_tokens(S.with_classes(["I", "O", "B"]))
    check_tokens(pickle.loads(pickle.dumps(S)))
    check_tokens(S.with_details(confidence=[[1, 2, 3], [4, 5, 6]]))
    assert concatenate([S[:1], S[1:]]) == S
    joined, _ = join_sequences(S[:1], S[1:].select_annotators([1, 2, 0]))
    check_tokens(joined)
    assert "with probabilities" in repr(S)
    table = S.tokens.to_long()
    np.testing.assert_array_equal(
        table[[f"probability_{tag}" for tag in TAGS]], S.tokens.probabilities
    )


def test_plain_tags_beside_distributions_are_certain():
    S = soft_tags()
    plain = SequenceAnnotations.from_cells(
        [[["O", "I"], ["B", "B"], None]], classes=TAGS, annotator_names=NAMES
    )
    joined = concatenate([plain, S])
    np.testing.assert_array_equal(
        joined.tokens.probabilities[:4], np.eye(3)[plain.tokens.answer]
    )
    mixed = soft_tags([[["O", None], CELLS[0][1], None], CELLS[1]])
    assert mixed[0] == {"ann": ["O", None], "bob": ["B", "O"]}
    assert mixed.tokens.probabilities[0].tolist() == [1, 0, 0]
    assert mixed[1:] == S[1:]


def test_without_probabilities_a_tag_is_the_most_probable():
    S = soft_tags()
    plain = SequenceAnnotations.from_cells(
        S.to_cells(), classes=TAGS, annotator_names=NAMES
    )
    assert plain != S
    assert S.without_details("probabilities") == plain
    only_tags = soft_tags(S.to_cells())
    assert only_tags.without_details() == plain


def test_forms_of_distributions_over_tags():
    S = soft_tags()
    assert soft_tags(FLAT, LENGTHS) == S
    assert soft_tags(CELLS, LENGTHS) == S
    assert soft_tags(torch.tensor(FLAT), LENGTHS) == S
    frame = pd.DataFrame(CELLS, columns=NAMES)
    assert soft_tags(frame, annotator_names=None) == S
    tensors = [
        [cell if cell is None else torch.tensor(cell) for cell in row] for row in CELLS
    ]
    assert soft_tags(tensors) == S
    of_tables = [
        [cell if cell is None else pd.DataFrame(cell) for cell in row] for row in CELLS
    ]
    assert soft_tags(of_tables) == S
    polars = [
        [cell if cell is None else pl.DataFrame(cell, orient="row") for cell in r]
        for r in CELLS
    ]
    assert soft_tags(polars) == S
    equally_long = np.nan_to_num(FLAT[:4], nan=1 / 3).reshape(2, 2, 3, 3).swapaxes(1, 2)
    assert soft_tags(equally_long) == soft_tags(equally_long.tolist())
    numbered = SequenceAnnotations.from_soft_labels(CELLS)
    assert numbered.classes.tolist() == [0, 1, 2]
    masked = np.ma.masked_array(np.nan_to_num(FLAT, nan=0.5), np.isnan(FLAT))
    assert soft_tags(masked, LENGTHS) == S
    cell = masked[:2, 0]
    assert soft_tags([[cell, *CELLS[0][1:]], CELLS[1]]) == S


def test_a_nested_list_has_a_row_for_each_token():
    S, listed = soft_tags(), FLAT.tolist()
    assert soft_tags(listed, LENGTHS) == S
    with_none = [[None if np.isnan(c[0]) else c for c in row] for row in listed]
    assert soft_tags(with_none, LENGTHS) == S
    assert soft_tags(list(FLAT), LENGTHS) == S
    assert soft_tags([list(row) for row in FLAT], LENGTHS) == S
    with pytest.raises(ValueError, match=r"\(5, 3, 3\) have a row for .*pass lengths"):
        soft_tags(listed)
    one = {"classes": [0, 1], "annotator_names": ["ann"]}
    certain = [[[0, 1]], [[1, 0]]]
    assert soft_tags(certain, [1, 1], **one) == soft_tags(
        np.array(certain), [1, 1], **one
    )
    tagged = soft_tags(certain, [2, 2], **one)  # two sequences of two tags
    assert tagged == soft_tags(certain, **one)
    assert tagged[0] == {"ann": [0, 1]}
    with pytest.raises(ValueError, match=r"of row 0, annotator 0 .* sum to 0\.9"):
        SequenceAnnotations.from_soft_labels([[[0.5, 0.4]], [[1, 0]]], [2])


def changed(value, place=(0, 1), row=0, column=1):
    """The cells with one number changed."""
    cells = [[None if c is None else np.array(c) for c in r] for r in CELLS]
    cells[row][column][place] = value
    return cells


def test_a_table_of_distributions_over_tags():
    rows = [
        (f"s{i}", NAMES[r], CELLS[i][r], 10 * i + r) for i in range(2) for r in range(3)
    ]
    table = pd.DataFrame(rows, columns=["id", "who", "p", "sure"])
    table = table.sample(frac=1, random_state=2)
    read = SequenceAnnotations.from_long(
        "id",
        "who",
        None,
        data=table,
        probabilities="p",
        confidence="sure",
        classes=TAGS,
    )
    expected = soft_tags().with_details(confidence=[[0, 1, 2], [10, 11, 12]])
    assert read.tokens == expected.tokens
    assert read.sequence_names.tolist() == ["s0", "s1"]
    from_arrays = SequenceAnnotations.from_long(
        table["id"].str[1:].astype(int),
        table["who"],
        None,
        probabilities=table["p"],
        lengths=LENGTHS,
        classes=TAGS,
    )
    assert from_arrays == soft_tags()
    given = {"data": table, "classes": TAGS}
    for options in ({"tags": "who"}, {"tags": None, "missing_label": -1}):
        with pytest.raises(ValueError, match=r"the answers themselves.*tags=None"):
            SequenceAnnotations.from_long(
                "id", "who", probabilities="p", **given, **options
            )
    with pytest.raises(ValueError, match="probabilities='q' is no column"):
        SequenceAnnotations.from_long("id", "who", None, probabilities="q", **given)
    with pytest.raises(ValueError, match="more than one tag sequence for item 's"):
        SequenceAnnotations.from_long("id", "id", None, probabilities="p", **given)
    with pytest.raises(ValueError, match="sequences, annotators and probabilities mus"):
        SequenceAnnotations.from_long([0], [0], None, probabilities=[], lengths=[1])


@pytest.mark.parametrize(
    ("values", "options", "match"),
    [
        (changed(0.5), {}, "token 0 of row 0, annotator 'bob' .* sum to 0.5"),
        (changed(-0.1, (1, 0)), {}, "token 1 of row 0, annotator 'bob' .* negative"),
        (changed(NAN, (2, 1), 1), {}, "token 2 of row 1, .* negative or missing one"),
        (changed(np.inf), {}, "token 0 of row 0, annotator 'bob'"),
        (
            [CELLS[0], [None, CELLS[1][1][:2], CELLS[1][2]]],
            {},
            "holds a sequence of 3 tags .*'eve', but annotator 'bob' gave this sequen",
        ),
        (CELLS, {"lengths": [2, 4]}, "3 tags at row 1, .*, but lengths gives 4"),
        (FLAT, {"lengths": [2, 2]}, "adds up to 4 tokens, but .* of 5"),
        (FLAT, {}, r"have a row for each token of all sequences; pass lengths"),
        (CELLS, {"classes": ["O", "B"]}, "row 0, annotator 'ann' has 3 columns, but"),
        ([[["O", "X"]]], {}, r"holds 'X' for token 1 of row 0, annotator 'ann'"),
        ([[["O", "B"], CELLS[0][0]]], {"classes": None}, "pass classes, the tags in"),
        ([[None, None]], {"classes": None}, "pass classes"),
        ([[None, None]], {}, "no answer at all"),
        ([[np.full((2, 3), NAN)]], {}, "no answer at all"),
        ([[None], [CELLS[1][1]]], {}, "nobody tagged row 0"),
        ([CELLS[0][0], CELLS[1][1]], {}, r"of a single annotator pass \[\[cell\] for"),
        ([["O"]], {}, "probabilities holds 'O' at row 0, annotator 'ann'; a cell is"),
        ([[FLAT]], {}, r"holds an array of shape \(5, 3, 3\) at row 0"),
        ([[[[0.5, 0.5], [1.0]]]], {}, "the cell of row 0, .* must hold probabilities"),
        ([[[0.3, 0.7]]], {}, "holds 0.3 for token 0 .* none of the classes"),
    ],
)
def test_wrong_distributions_over_tags_are_refused(values, options, match):
    names = NAMES if values is FLAT else NAMES[: len(values[0])]
    options = {"annotator_names": names, **options}
    with pytest.raises(ValueError, match=match):
        soft_tags(values, **options)


def test_classes_without_a_tag_that_has_a_probability():
    S = soft_tags()
    with pytest.raises(ValueError, match="'I'"):
        S.with_classes(["O", "B"])
    unlikely = soft_tags([[[[0.7, 0.2, 0.1]]]], annotator_names=["ann"])
    with pytest.raises(ValueError, match=r"give a probability to 'I', .*; add it"):
        unlikely.with_classes(["O", "B"])


def test_distributions_where_tags_are_read():
    with pytest.raises(ValueError, match=r"SequenceAnnotations\.from_soft_labels"):
        SequenceAnnotations.from_cells(CELLS)


def test_pairs_of_annotator_and_label_keep_probabilities():
    M = soft_sets()
    pairs = label_pairs(M.decisions, 3)
    np.testing.assert_array_equal(pairs.probabilities, M.decisions.probabilities)
