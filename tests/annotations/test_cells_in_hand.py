"""Sets of labels and tag sequences: names merged, tables, summaries, parts joined."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrowd.annotations import (
    Annotations,
    MultilabelAnnotations,
    SequenceAnnotations,
    concatenate,
)

pd = pytest.importorskip("pandas")

NAMES = ["ann", "bob", "cleo"]
LABELS = ["cat", "cow", "dog"]
TAGS = ["B", "I", "O"]


@pytest.fixture
def sets():
    y = [[{"cat", "dog"}, {"cat"}, None], [set(), None, {"dog"}], [None, {"dog"}, None]]
    return MultilabelAnnotations.from_cells(y, annotator_names=NAMES)


@pytest.fixture
def tags():
    y = [[["O", "B"], ["O", "O"], None], [["B"], None, ["O"]], [None, ["I", "O"], None]]
    return SequenceAnnotations.from_cells(y, annotator_names=NAMES)


def rows_of(annotations):
    """Return the answers to each row, sets without an order."""
    is_sets = isinstance(annotations, MultilabelAnnotations)
    return [
        {name: frozenset(cell) if is_sets else cell for name, cell in row.items()}
        for row in (annotations[k] for k in range(len(annotations)))
    ]


@st.composite
def details(draw, n_answers):
    """Draw weights and confidences of answers, of one number or another, or none."""
    numbers = st.sampled_from([0.5, 1.0, 3.0])
    sure = st.sampled_from([np.nan, 1.0, 2.0, 5.0])
    some = {"weight": numbers, "confidence": sure}
    chosen = draw(st.sets(st.sampled_from(sorted(some))))
    size = {"min_size": n_answers, "max_size": n_answers}
    return {name: draw(st.lists(some[name], **size)) for name in chosen}


@st.composite
def label_sets(draw, *, may_be_soft=True):
    """Draw sets of labels, or probabilities of labels, with and without names."""
    n = draw(st.integers(1, 4))
    cell = st.none() | st.lists(st.booleans(), min_size=3, max_size=3)
    cells = draw(
        st.lists(st.lists(cell, min_size=3, max_size=3), min_size=n, max_size=n)
    )
    cells[0][0] = cells[0][0] or [True, False, False]
    is_soft = may_be_soft and draw(st.booleans())
    values = np.array(
        [[[np.nan] * 3 if c is None else np.array(c, float) for c in r] for r in cells]
    )
    options = {"classes": LABELS, "annotator_names": NAMES}
    if is_soft:
        shares = st.lists(
            st.sampled_from([0, 0.2, 0.5, 0.9, 1]), min_size=3, max_size=3
        )
        values = values * 0 + np.array(draw(shares))
        M = MultilabelAnnotations.from_soft_labels(values, **options)
    else:
        M = MultilabelAnnotations.from_indicators(values, **options)
    M = M.with_details(**draw(details(M.n_answers)))
    names = draw(st.none() | st.just([f"item {9 - k}" for k in range(n)]))
    return MultilabelAnnotations(M.decisions, M.classes, names)


@st.composite
def tag_sequences(draw, *, may_be_soft=True):
    """Draw tag sequences with gaps, or distributions, with and without names."""
    lengths = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    codes = st.integers(-1, 2)
    n_tokens = sum(lengths)
    row = st.lists(codes, min_size=3, max_size=3)
    flat = np.array(draw(st.lists(row, min_size=n_tokens, max_size=n_tokens)))
    flat[0, 0] = max(flat[0, 0], 0)
    options = {"annotator_names": NAMES, "classes": TAGS}
    if may_be_soft and draw(st.booleans()):
        shares = np.array([[0.5, 0.25, 0.25], [0, 1, 0], [0.125, 0.125, 0.75]])
        probabilities = np.where((flat < 0)[..., None], np.nan, shares[flat])
        S = SequenceAnnotations.from_soft_labels(probabilities, lengths, **options)
    else:
        y = np.append(TAGS, "")[flat]
        S = SequenceAnnotations.from_flat(y, lengths, **options)
    S = S.with_details(**draw(details(S.n_answers)))
    names = draw(st.none() | st.just([f"text {9 - k}" for k in range(len(lengths))]))
    return SequenceAnnotations(S.tokens, S.lengths, names)


def probability_columns(table):
    found = [name for name in table if str(name).startswith("probability_")]
    return {name.removeprefix("probability_"): name for name in found}


def read_sets(table, M):
    """Read a long table of sets again."""
    shape = (
        {"n_items": M.n_items} if M.item_names is None else {"item_ids": M.item_names}
    )
    beside = {name: name for name in ("weight", "confidence") if name in table}
    what = {"labels": "label", "nothing": "nothing"}
    if probability_columns(table):
        what = {"labels": None, "probabilities": probability_columns(table)}
    return MultilabelAnnotations.from_long(
        "item",
        "annotator",
        data=table,
        annotator_ids=M.annotator_names,
        classes=M.classes,
        **what,
        **shape,
        **beside,
    )


def read_sequences(table, S):
    """Read a long table of tag sequences again."""
    beside = {name: name for name in ("weight", "confidence") if name in table}
    what = {"tags": "tags"}
    if "probabilities" in table:
        what = {"tags": None, "probabilities": "probabilities"}
    return SequenceAnnotations.from_long(
        "sequence",
        "annotator",
        data=table,
        lengths=S.lengths,
        sequence_ids=S.sequence_names,
        annotator_ids=S.annotator_names,
        classes=S.classes,
        **what,
        **beside,
    )


@given(label_sets())
def test_a_long_table_of_sets_is_read_again(M):
    assert read_sets(M.to_long(), M) == M


@given(label_sets(), st.data())
def test_a_row_for_each_label_is_read_again(M, data):
    """Also where labels differ in what is known, or were not asked about."""
    n = M.decisions.n_answers
    kept = data.draw(st.sets(st.integers(0, n - 1), min_size=1))
    decisions = M.decisions.with_details(**data.draw(details(n)))
    decisions = decisions.select_answers(sorted(kept))
    M = MultilabelAnnotations(decisions, M.classes, M.item_names)
    table = M.to_long(by_label=True).sample(frac=1, random_state=0)
    names = M.item_names
    shape = {"n_items": M.n_items} if names is None else {"item_ids": names}
    read = MultilabelAnnotations.from_long(
        "item",
        "annotator",
        "label",
        data=table,
        ticked="ticked",
        annotator_ids=NAMES,
        classes=LABELS,
        **{name: name for name in ("weight", "confidence") if name in table},
        **shape,
    )
    shares = M.decisions.probabilities
    if shares is not None and np.isin(shares, (0, 1)).all():
        M = M.without_details("probabilities")  # certain ones are plain ticks
    assert read == M


ASKED = {
    "item": ["i", "i", "j"],
    "who": ["ann"] * 3,
    "label": ["cat", "dog", "cat"],
    "ticked": [1, 0, 0.25],
}


def read_asked(**changes):
    changed = {name: changes.pop(name) for name in ASKED if name in changes}
    options = {"data": ASKED | changed, "ticked": "ticked", **changes}
    return MultilabelAnnotations.from_long("item", "who", "label", **options)


def test_a_row_for_each_label():
    M = read_asked()
    np.testing.assert_equal(M.to_indicators()[:, 0], [[1, 0], [0, np.nan]])
    np.testing.assert_allclose(M.decisions.probabilities[:, 1], [1, 0, 0.25])
    plain = read_asked(ticked=[True, None, False])
    np.testing.assert_equal(plain.to_indicators()[:, 0], [[1, np.nan], [0, np.nan]])
    assert plain.decisions.details is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ticked": [1, 2, 0]}, "ticked holds 2 at item 'i', .*'ann', label 'dog'"),
        ({"ticked": [None] * 3}, "3 rows of ticked hold no answer"),
        ({"ticked": ["x", 0, 1]}, "ticked must hold numbers"),
        ({"item": ["i", "i", "i"]}, "more than one row for item 'i', .* label 'cat'"),
        ({"label": ["cat", None, "cat"]}, "the label in table row 1 is missing"),
        ({"classes": ["dog"]}, "'cat' .* is not among"),
        ({"nothing": "-"}, "leave probabilities and nothing out"),
    ],
)
def test_rows_of_labels_that_cannot_be_read(changes, message):
    with pytest.raises(ValueError, match=message):
        read_asked(**changes)


@given(tag_sequences())
def test_a_long_table_of_sequences_is_read_again(S):
    assert read_sequences(S.to_long(), S) == S


@given(label_sets(may_be_soft=False))
def test_a_table_of_sets_is_read_again(M):
    read = MultilabelAnnotations.from_cells(M.to_frame(), classes=LABELS)
    assert read == M.without_details()


@given(tag_sequences(may_be_soft=False))
def test_a_table_of_sequences_is_read_again(S):
    read = SequenceAnnotations.from_cells(S.to_frame(), S.lengths, classes=TAGS)
    assert read == S.without_details()


@pytest.mark.parametrize("labels", [[1, 2], [True, False], ["a", "b"]])
def test_types_of_labels_survive(labels):
    y = [[set(labels), set()], [{labels[0]}, None]]
    M = MultilabelAnnotations.from_cells(y)
    read = read_sets(M.to_long(), M)
    assert read == M
    assert read.classes.dtype == M.classes.dtype
    without_empty = M[1:].with_classes(M.classes)
    assert read_sets(without_empty.to_long(), without_empty) == without_empty


def test_an_empty_set_has_a_word_of_its_own(sets):
    table = sets.to_long(nothing="-")
    assert table.to_dict("list") == {
        "item": [0, 0, 0, 1, 1, 2],
        "annotator": ["ann", "ann", "bob", "ann", "cleo", "bob"],
        "label": ["cat", "dog", "cat", "-", "dog", "dog"],
    }
    with pytest.raises(ValueError, match="nothing='dog' is one of the labels"):
        sets.to_long(nothing="dog")
    with pytest.raises(ValueError, match="nothing='' would be a missing value"):
        sets.to_long(nothing="")


def test_what_a_row_for_each_answer_cannot_say(sets, tags):
    some = sets.to_indicators()
    some[0, 0, 0] = np.nan
    partial = MultilabelAnnotations.from_indicators(some, annotator_names=NAMES)
    with pytest.raises(
        ValueError, match="'ann' was not asked about all labels of row 0"
    ):
        partial.to_long()
    weight = np.arange(1.0, 19).reshape(3, 3, 2)
    with pytest.raises(
        ValueError, match=r"labels of .* differ in weight.*by_label=True"
    ):
        sets.with_details(weight=weight).to_long()
    sure = np.arange(15.0).reshape(5, 3)
    with pytest.raises(ValueError, match=r"tags of .* in confidence.*tokens\.to"):
        tags.with_details(confidence=sure).to_long()


def test_names_of_one_person_are_merged(sets, tags):
    same = {"both": ["cleo", "bob"]}
    merged = sets.merge_annotators(same)
    assert merged.annotator_names.tolist() == ["ann", "both"]
    assert rows_of(merged)[1:] == [
        {"ann": set(), "both": {"dog"}},
        {"both": {"dog"}},
    ]
    merged = tags.merge_annotators(same)
    assert merged.annotator_names.tolist() == ["ann", "both"]
    assert rows_of(merged)[1:] == [{"ann": ["B"], "both": ["O"]}, {"both": ["I", "O"]}]


def test_different_answers_under_two_names(sets, tags):
    same = {"both": ["ann", "bob"]}
    with pytest.raises(
        ValueError, match=r"label 'dog' of item 0 has.* 'both' \(1 such"
    ):
        sets.merge_annotators(same)
    with pytest.raises(
        ValueError, match=r"token 1 of sequence 0 has.* 'both' \(1 such"
    ):
        tags.merge_annotators(same)
    for annotations, cells in ((sets, [{"cat", "dog"}, {"cat"}]), (tags, ["OB", "OO"])):
        is_sets = annotations is sets
        for repeated, cell in zip(("first", "last"), cells, strict=True):
            merged = annotations.merge_annotators(same, repeated=repeated)
            expected = cell if is_sets else list(cell)
            assert rows_of(merged)[0] == {"both": expected}
        with pytest.raises(ValueError, match="'eve'"):
            annotations.merge_annotators({"x": ["eve"]})
        with pytest.raises(ValueError, match="repeated must be"):
            annotations.merge_annotators({"x": ["ann"]}, repeated="mean")


def test_parts_under_one_name_alone_are_kept():
    y = [[["O", None, "B"], ["O", "I", "O"]]]
    S = SequenceAnnotations.from_cells(y, annotator_names=NAMES[:2])
    merged = S.merge_annotators({"x": ["ann", "bob"]}, repeated="first")
    assert merged[0] == {"x": ["O", "I", "B"]}
    some = [[[1, np.nan, 0], [1, 1, np.nan]]]
    M = MultilabelAnnotations.from_indicators(some, classes=LABELS)
    assert M.merge_annotators({"x": [0, 1]})[0] == {"x": ["cat", "cow"]}


def test_distributions_that_differ_are_different_answers():
    soft = [[[0.9, 0.1], [0.8, 0.1]]]
    M = MultilabelAnnotations.from_soft_labels(soft, classes=LABELS[:2])
    with pytest.raises(ValueError, match="label 'cat' of item 0 has different"):
        M.merge_annotators({"x": [0, 1]})
    merged = M.merge_annotators({"x": [0, 1]}, repeated="last")
    np.testing.assert_allclose(merged.decisions.probabilities[:, 1], [0.8, 0.1])


@st.composite
def labels(draw):
    """Draw plain labels with and without names of items."""
    n = draw(st.integers(1, 4))
    cells = st.lists(st.integers(-1, 2), min_size=3, max_size=3)
    y = np.array(draw(st.lists(cells, min_size=n, max_size=n)))
    y[0, 0] = max(y[0, 0], 0)
    y = np.append(LABELS, "")[y]
    A = Annotations.from_dense(y, classes=LABELS, annotator_names=NAMES)
    A = A.with_details(**draw(details(A.n_answers)))
    return replace(A, item_names=draw(st.none() | st.just(range(9, 9 - n, -1))))


CONTAINERS = label_sets() | tag_sequences() | labels()


@given(CONTAINERS, st.permutations(range(3)), st.data())
def test_order_of_annotators_and_rows_does_not_matter(annotations, order, data):
    """Every operation commutes with permutations of annotators and of rows."""
    rows = list(data.draw(st.permutations(range(len(annotations)))))

    def moved(crowd):
        return crowd.select_annotators(order)[rows]

    same = {"both": ["ann", "cleo"]}
    merged, other = (
        crowd.merge_annotators(same, repeated="last")
        for crowd in (annotations, moved(annotations))
    )
    names = merged.annotator_names.tolist()
    assert other.select_annotators(names) == merged[rows]
    busy = annotations.answers_per_annotator >= 2
    assert moved(annotations).select_annotators(busy[order]) == moved(
        annotations
    ).select_annotators([k for k in range(3) if busy[order[k]]])
    often = annotations.answers_per_item >= 2
    kept = np.cumsum(often) - 1
    assert (
        moved(annotations)[often[rows]]
        == annotations.select_annotators(order)[often][
            [kept[row] for row in rows if often[row]]
        ]
    )
    pd.testing.assert_frame_equal(
        moved(annotations).summary(), annotations.summary().iloc[order]
    )
    table = annotations.to_frame().iloc[rows, order]
    if isinstance(table.index, pd.RangeIndex) or table.index.dtype.kind == "i":
        table = table.set_axis(moved(annotations).to_frame().index)
    pd.testing.assert_frame_equal(moved(annotations).to_frame(), table)


@given(CONTAINERS, st.permutations(range(3)), st.data())
def test_a_long_table_has_the_same_rows_in_any_order(annotations, order, data):
    rows = list(data.draw(st.permutations(range(len(annotations)))))
    moved = annotations.select_annotators(order)[rows]
    tables = annotations.to_long(), moved.to_long()
    first = tables[0].columns[0]
    if getattr(annotations, "item_names", None) is None and (
        getattr(annotations, "sequence_names", None) is None
    ):
        tables[1][first] = np.array(rows)[tables[1][first]]
    assert sorted(map(repr, tables[0].to_numpy().tolist())) == sorted(
        map(repr, tables[1].to_numpy().tolist())
    )


@given(CONTAINERS, st.data())
def test_parts_make_the_whole(annotations, data):
    """Rows cut anywhere, and annotators cut anywhere, are joined to what they were."""
    cut = data.draw(st.integers(0, len(annotations)))
    assert concatenate([annotations[:cut], annotations[cut:]]) == annotations


def test_answers_to_known_rows_are_added(sets, tags):
    ids = ["x", "y", "z"]
    sets = MultilabelAnnotations(sets.decisions, sets.classes, ids)
    tags = SequenceAnnotations(tags.tokens, tags.lengths, ids)
    for whole in (sets, tags):
        parts = [whole.select_annotators([name]) for name in NAMES]
        assert concatenate(parts) == whole
        with pytest.raises(ValueError, match=r"'ann' answered .* 'x' before"):
            concatenate([whole, whole])
    with pytest.raises(ValueError, match="of MultilabelAnnotations, or of Sequence"):
        concatenate([sets, tags])


def test_labels_of_one_part_alone_were_not_asked_about(sets):
    other = MultilabelAnnotations.from_cells([[{"emu"}]], annotator_names=["ann"])
    joined = concatenate([sets, other])
    assert joined.classes.tolist() == ["cat", "dog", "emu"]
    assert np.isnan(joined.to_indicators()[0, 0, 2])
    assert np.isnan(joined.to_indicators()[3, 0, 0])
    labels = ["cat", "dog", "emu"]
    joined = concatenate([part.with_classes(labels) for part in (sets, other)])
    assert joined.to_indicators()[0, 0].tolist() == [1, 1, 0]


def test_sets_are_selected(sets):
    left = sets.select_answers(sets.pairs[1] == 0)
    assert rows_of(left) == [{"ann": {"cat", "dog"}}, {"ann": set()}, {}]
    assert left.shape == sets.shape
    assert sets.select_answers(slice(None)) == sets
    assert sets.select_answers(np.arange(5)[::-1]) == sets
    with pytest.raises(ValueError, match="answer 1 more than once"):
        sets.select_answers([1, 1])


def test_rows_and_annotators_with_enough_answers(sets, tags):
    for annotations in (sets, tags):
        assert annotations.n_answers == 5
        assert annotations.answers_per_item.tolist() == [2, 2, 1]
        assert annotations.answers_per_annotator.tolist() == [2, 2, 1]
        often = annotations[annotations.answers_per_item >= 2]
        assert rows_of(often) == rows_of(annotations)[:2]
        busy = annotations.select_annotators(annotations.answers_per_annotator >= 2)
        assert busy.annotator_names.tolist() == ["ann", "bob"]


def test_summary_of_sets(sets):
    table = sets.with_details(
        weight=[2, 0.5, 1, 1, 1], confidence=[4, 1, np.nan, 2, 3]
    ).summary()
    assert table.index.tolist() == NAMES
    assert table["n_answers"].tolist() == [2, 2, 1]
    assert table["n_ticked"].tolist() == [2, 2, 1]
    assert table["most_frequent"].tolist() == ["cat", "cat", "dog"]
    np.testing.assert_allclose(table["share"], [0.5, 0.5, 1])
    np.testing.assert_allclose(table["agreement"], [2 / 4, 1 / 2, 1 / 2])
    np.testing.assert_allclose(table["weight"], [3, 1.5, 1])
    np.testing.assert_allclose(table["confidence"], [4, 2, 2])


def test_summary_of_sequences(tags):
    table = tags.with_details(
        weight=[2, 0.5, 1, 1, 1], confidence=[4, 1, np.nan, 2, 3]
    ).summary()
    assert table["n_answers"].tolist() == [2, 2, 1]
    assert table["n_tags"].tolist() == [3, 4, 1]
    assert table["most_frequent"].tolist() == ["B", "O", "O"]
    np.testing.assert_allclose(table["share"], [2 / 3, 3 / 4, 1])
    np.testing.assert_allclose(table["agreement"], [1 / 3, 1 / 2, 0])
    np.testing.assert_allclose(table["weight"], [3, 1.5, 1])
    np.testing.assert_allclose(table["confidence"], [4, 2, 2])


def test_summary_of_who_answered_nothing(sets, tags):
    for annotations in (sets, tags):
        table = annotations[[0]].summary()
        assert table.loc["cleo", "n_answers"] == 0
        assert table.loc["cleo"].isna().sum() == 3


def test_html_escapes_and_is_short():
    names = [f"<b>{i}</b>" for i in range(30)]
    sets = MultilabelAnnotations.from_cells([[{"<i>"}] * 30], annotator_names=names)
    tags = SequenceAnnotations.from_cells([[["<i>"]] * 30], annotator_names=names)
    for crowd in (sets, tags):
        html = crowd._repr_html_()
        assert type(crowd).__name__ in html
        assert "<b>" not in html
        assert "<i>" not in html
        assert "&lt;b&gt;0" in html
        assert "and 20 more annotators" in html


def test_tables_need_pandas(sets, tags, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pandas", None)
    for annotations in (sets, tags):
        for method in ("to_frame", "to_long", "summary"):
            with pytest.raises(ImportError, match=rf"{method}\(\).*pip install pandas"):
                getattr(annotations, method)()
        assert "<table>" in annotations._repr_html_()


def test_labels_of_two_types_are_not_joined():
    pairs = [
        [Annotations.from_dense([[one]]) for one in (1, "a")],
        [MultilabelAnnotations.from_cells([[{one}]]) for one in (1, "a")],
        [SequenceAnnotations.from_cells([[[one]]]) for one in (1, "a")],
    ]
    for pair in pairs:
        with pytest.raises(
            ValueError, match=r"\[1\], the further ones \['a'\], of anot"
        ):
            concatenate(pair)


def test_parts_whose_rows_share_a_name_are_not_joined(sets, tags):
    names = {"item_names": sets, "sequence_names": tags}
    for attribute, whole in names.items():
        repeated = replace(whole, **{attribute: np.array(["i", "j", "i"])})
        other = replace(whole[:1], **{attribute: np.array(["k"])})
        for parts in ([repeated, other], [other, repeated]):
            with pytest.raises(ValueError, match="same name 'i'"):
                concatenate(parts)
