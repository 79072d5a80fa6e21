"""Weights and confidences of sets of labels and of tag sequences."""

import pickle

import numpy as np
import pandas as pd
import pytest

from skcrowd.annotations import (
    Annotations,
    MultilabelAnnotations,
    SequenceAnnotations,
    concatenate,
)
from skcrowd.annotations._join_cells import join_sets

SETS = [
    [{"cat", "dog"}, {"dog"}, None],
    [set(), None, {"cat"}],
    [{"cow"}, {"cat"}, {"dog", "cow"}],
]
TAGS = [
    [["O", "B"], ["O", "O"], None],
    [["B", "O", "O"], None, ["O", "O", "O"]],
    [["B"], ["B"], ["O"]],
]
NAMES = ["ann", "bob", "eve"]
WEIGHT = np.array([[1, 2, 7], [0.5, 7, 3], [4, 0, 1.0]])
SURE = np.array([[5, np.nan, 9], [1, 9, 2], [3, 9, 4.0]])


@pytest.fixture(params=[False, True], ids=["answers", "labels"])
def sets(request):
    """Sets of labels with weights and confidences of answers, or of each label."""
    M = MultilabelAnnotations.from_cells(SETS, annotator_names=NAMES)
    factor = [1, 10, 100] if request.param else [1, 1, 1]
    weight, sure = (np.multiply.outer(v, factor) for v in (WEIGHT, SURE))
    return M.with_details(weight=weight, confidence=sure), (weight, sure)


def check_decisions(M, expected, rows=range(3), labels=("cat", "cow", "dog")):
    weight, sure = expected
    d = M.decisions
    assert d.n_answers
    for item, annotator, w, c in zip(
        d.item, d.annotator, d.weight, d.confidence, strict=True
    ):
        row, label = divmod(int(item), M.n_labels)
        place = (
            rows[row],
            NAMES.index(M.annotator_names[annotator]),
            labels.index(M.classes[label]),
        )
        np.testing.assert_equal([w, c], [weight[place], sure[place]])


def test_numbers_stay_with_their_sets(sets):
    M, expected = sets
    assert M.to_cells()[2].tolist() == [("cow",), None, ("cow", "dog")]  # weight 0
    assert M.n_answers == 6
    check_decisions(M, expected)
    check_decisions(M[[2, 0, 2]], expected, rows=[2, 0, 2])
    check_decisions(M[::-1], expected, rows=[2, 1, 0])
    check_decisions(M.select_annotators(["eve", "ann"]), expected)
    check_decisions(pickle.loads(pickle.dumps(M)), expected)
    check_decisions(M.with_classes(["dog", "cat", "cow"]), expected)
    assert M.without_details() != M
    assert M.without_details().decisions.details is None
    assert M.without_details("weight").decisions.details.given == ["confidence"]
    assert "with confidence, weight" in repr(M)
    joined, *_ = join_sets(M[:2], M[2:].select_annotators(["bob", "eve", "ann"]))
    check_decisions(joined, expected)
    assert joined.decisions == M.decisions


def test_added_labels_have_the_numbers_of_the_answer(sets):
    M, (weight, sure) = sets
    more = M.with_classes(["dog", "pig", "cat", "cow"])
    item, label = np.divmod(more.decisions.item, 4)
    added = np.flatnonzero(label == 1)
    annotator = more.decisions.annotator[added]
    place = item[added], annotator
    np.testing.assert_array_equal(more.decisions.weight[added], weight.min(2)[place])
    least = np.fmin.reduce(sure, axis=2)
    np.testing.assert_array_equal(more.decisions.confidence[added], least[place])
    check_decisions(
        more[:, :].with_classes(more.classes),
        *[_widened(weight, sure)],
        labels=("cat", "cow", "dog", "pig"),
    )


def _widened(weight, sure):
    least = weight.min(2), np.fmin.reduce(sure, axis=2)
    both = (weight, sure)
    return [
        np.concatenate([v, m[..., None]], 2) for v, m in zip(both, least, strict=True)
    ]


def test_all_ways_to_give_them_are_the_same():
    M = MultilabelAnnotations.from_cells(
        SETS, annotator_names=NAMES, weight=WEIGHT, confidence=SURE
    )
    plain = MultilabelAnnotations.from_cells(SETS, annotator_names=NAMES)
    of_answers = {"weight": WEIGHT[plain.pairs], "confidence": SURE[plain.pairs]}
    assert plain.with_details(**of_answers) == M
    frame = pd.DataFrame(WEIGHT, columns=NAMES)
    assert plain.with_details(weight=frame, confidence=SURE) == M
    assert plain.with_details() is plain
    stepwise = plain.with_details(confidence=SURE).with_details(weight=WEIGHT)
    assert stepwise == M
    indicators = MultilabelAnnotations.from_indicators(
        plain.to_indicators(),
        classes=plain.classes,
        annotator_names=NAMES,
        weight=WEIGHT,
        confidence=SURE,
    )
    assert indicators == M
    rows = [
        (i, NAMES[r], label, WEIGHT[i, r], SURE[i, r])
        for i, row in enumerate(SETS)
        for r, cell in enumerate(row)
        if cell is not None
        for label in (cell or {"-"})
    ]
    table = pd.DataFrame(rows, columns=["item", "who", "label", "w", "sure"])
    table = table.sample(frac=1, random_state=0)
    long = MultilabelAnnotations.from_long(
        "item",
        "who",
        "label",
        data=table,
        n_items=3,
        nothing="-",
        weight="w",
        confidence="sure",
    )
    assert long == M
    table.loc[table["who"] == "ann", "w"] += np.arange(4)
    with pytest.raises(ValueError, match=r"weight is .* in rows of one answer.*'ann'"):
        MultilabelAnnotations.from_long(
            "item", "who", "label", data=table, n_items=3, nothing="-", weight="w"
        )


@pytest.mark.parametrize(
    ("container", "cells"),
    [(MultilabelAnnotations, SETS), (SequenceAnnotations, TAGS)],
)
def test_numbers_that_do_not_fit_are_refused(container, cells):
    A = container.from_cells(cells)
    parts = r"\(3, 3, 3\)" if cells is SETS else r"\(6, 3\)"
    shapes = rf"must have the shape \(7,\), \(3, 3\) or {parts}: a number for each"
    weights = "1 for a plain answer, 0 leaves it out"
    with pytest.raises(ValueError, match=rf"\(2, 2\).*{shapes} answer, {weights}"):
        A.with_details(weight=[[1, 1], [1, 1]])
    with pytest.raises(ValueError, match=rf"\(3,\).*{shapes} answer, NaN where it"):
        A.with_details(confidence=[1, 2, 3])
    with pytest.raises(ValueError, match="weight holds -1 at answer 6"):
        A.with_details(weight=[1, 1, 1, 1, 1, 1, -1])
    with pytest.raises(ValueError, match="weight holds nan at answer 1"):
        A.with_details(weight=np.where(WEIGHT == 2, np.nan, WEIGHT))
    with pytest.raises(ValueError, match="infinite"):
        A.with_details(confidence=np.where(WEIGHT == 2, np.inf, WEIGHT))
    with pytest.raises(ValueError, match="weight is 0 for every answer"):
        A.with_details(weight=np.zeros(A.shape))


def test_other_details_of_parts_are_refused():
    tokens = Annotations.from_dense([[0, 1], [1, 0]], time=[[1, 2], [3, 4]])
    with pytest.raises(ValueError, match=r"time.*without_details\('time'\)"):
        SequenceAnnotations(tokens, [2])
    with pytest.raises(ValueError, match=r"time.*without_details\('time'\)"):
        MultilabelAnnotations(tokens, ["a", "b"])


@pytest.fixture(params=[False, True], ids=["sequences", "tokens"])
def tagged(request):
    S = SequenceAnnotations.from_cells(TAGS, annotator_names=NAMES)
    weight, sure = (np.repeat(v, S.lengths, axis=0) for v in (WEIGHT, SURE))
    if request.param:
        factor = np.arange(1, 7)[:, None]
        weight, sure = weight * factor, sure * factor
        return S.with_details(weight=weight, confidence=sure), (weight, sure)
    return S.with_details(weight=WEIGHT, confidence=SURE), (weight, sure)


def check_tokens(S, expected, rows=range(6)):
    weight, sure = expected
    t = S.tokens
    assert t.n_answers
    for item, annotator, w, c in zip(
        t.item, t.annotator, t.weight, t.confidence, strict=True
    ):
        place = rows[int(item)], NAMES.index(S.annotator_names[annotator])
        np.testing.assert_equal([w, c], [weight[place], sure[place]])


def test_numbers_stay_with_their_tags(tagged):
    S, expected = tagged
    assert S.to_cells()[2, 1] is None  # weight 0
    assert S.pairs[0].size == 6
    check_tokens(S, expected)
    check_tokens(S[[2, 0]], expected, rows=[5, 0, 1])
    check_tokens(S[::-1], expected, rows=[5, 2, 3, 4, 0, 1])
    check_tokens(S.select_annotators(["eve", "ann"]), expected)
    check_tokens(S.select_answers([0, 3]), expected)
    check_tokens(S.with_classes(["O", "I", "B"]), expected)
    check_tokens(pickle.loads(pickle.dumps(S)), expected)
    assert concatenate([S[:1], S[1:]]) == S
    check_tokens(concatenate([S[:1], S[1:].select_annotators([2, 0, 1])]), expected)
    assert "with confidence, weight" in repr(S)
    assert S.without_details("confidence").tokens.details.given == ["weight"]
    assert S.without_details() == S.without_details("confidence", "weight")
    assert S.without_details() != S
    table = S.tokens.to_long()
    assert table["weight"].tolist() == S.tokens.weight.tolist()


def test_a_part_without_them_has_the_weight_one(tagged):
    S, _ = tagged
    joined = concatenate([S, S.without_details()])
    n = S.tokens.n_answers
    assert joined.tokens.weight[n:].tolist() == [1] * n
    assert np.isnan(joined.tokens.confidence[n:]).all()


def test_all_ways_to_give_them_to_tags_are_the_same():
    given = {"weight": WEIGHT, "confidence": SURE}
    S = SequenceAnnotations.from_cells(TAGS, annotator_names=NAMES, **given)
    plain = S.from_cells(TAGS, annotator_names=NAMES)
    flat = plain.to_flat()
    assert S.from_flat(flat, S.lengths, annotator_names=NAMES, **given) == S
    of_pairs = {name: values[plain.pairs] for name, values in given.items()}
    assert plain.with_details(**of_pairs) == S
    rows = [
        (i, NAMES[r], cell, WEIGHT[i, r], SURE[i, r])
        for i, row in enumerate(TAGS)
        for r, cell in enumerate(row)
    ]
    table = pd.DataFrame(rows, columns=["id", "who", "tags", "w", "sure"])
    long = SequenceAnnotations.from_long(
        "id",
        "who",
        "tags",
        data=table.sample(frac=1, random_state=0),
        lengths=[2, 3, 1],
        weight="w",
        confidence="sure",
    )
    assert long == S
    columns = [table[name] for name in table]
    long = SequenceAnnotations.from_long(
        *columns[:3], lengths=[2, 3, 1], weight=columns[3], confidence=columns[4]
    )
    assert long == S


def test_shapes_that_fit_are_named_once():
    A = Annotations.from_dense([["a", "b"], ["b", None]])
    with pytest.raises(ValueError, match=r"the shape \(3,\) or \(2, 2\): .* plain"):
        A.with_details(weight=np.ones((3, 2)))
    S = SequenceAnnotations.from_cells([[["a"], ["b"]], [["b"], None]])
    with pytest.raises(ValueError, match=r"the shape \(3,\) or \(2, 2\): .* NaN"):
        S.with_details(confidence=np.ones((3, 2)))


@pytest.mark.parametrize(
    ("container", "cells"),
    [(MultilabelAnnotations, SETS), (SequenceAnnotations, TAGS)],
)
@pytest.mark.parametrize("name", ["foo", "time", "unsure"])
def test_details_that_are_never_held_cannot_be_left_out(container, cells, name):
    A = container.from_cells(cells)
    held = r"\['confidence', 'weight', 'probabilities'\]"
    chosen = rf"there is no '{name}'; choose among {held}"
    with pytest.raises(ValueError, match=chosen):
        A.without_details(name)
