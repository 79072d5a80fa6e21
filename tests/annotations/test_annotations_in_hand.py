"""Concatenation, merging of names, tables and the HTML of annotations."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from skcrowd.annotations import Annotations, SequenceAnnotations, concatenate
from skcrowd.exceptions import CrowdWarning

pd = pytest.importorskip("pandas")


@pytest.fixture
def answers():
    return Annotations.from_dense(
        [["a", "a", None], ["b", "a", "b"], ["a", None, "a"]],
        annotator_names=["ann", "bob", "Ann"],
    )


def test_annotators_are_selected_by_name(answers):
    assert answers.select_annotators(["bob", "ann"]) == answers.select_annotators(
        [1, 0]
    )
    assert answers.select_annotators("Ann") == answers.select_annotators([2])
    with pytest.raises(ValueError, match=r"\['an'\].*Did you mean 'ann'"):
        answers.select_annotators(["an"])
    cells = [[["O", "B"], ["O", "O"]]]
    tags = SequenceAnnotations.from_cells(cells, annotator_names=["ann", "bob"])
    assert tags.select_annotators(["bob"]).annotator_names.tolist() == ["bob"]


def test_numbers_remain_positions():
    numbered = Annotations.from_dense([[0, 1], [1, 1]], annotator_names=[7, 1])
    assert numbered.select_annotators([1]).annotator_names.tolist() == [1]
    with pytest.raises(IndexError):
        numbered.select_annotators([7])


def test_names_of_one_person_are_merged(answers):
    merged = answers.merge_annotators({"ann": ["ann", "Ann"]})
    assert merged.annotator_names.tolist() == ["ann", "bob"]
    expected = [["a", "a"], ["b", "a"], ["a", ""]]
    assert merged.to_dense().tolist() == expected


def test_different_answers_under_two_names(answers):
    same = {"both": ["ann", "bob"]}
    with pytest.raises(ValueError, match=r"item 1 has different answers.*1 such"):
        answers.merge_annotators(same)
    first = answers.merge_annotators(same, repeated="first")
    assert first.to_dense()[:, 0].tolist() == ["a", "b", "a"]
    last = answers.merge_annotators(same, repeated="last")
    assert last.to_dense()[:, 0].tolist() == ["a", "a", "a"]


def test_distributions_that_differ_are_different_answers():
    soft = Annotations.from_soft_labels([[[0.9, 0.1], [0.8, 0.2]], [[1, 0], [1, 0]]])
    with pytest.raises(ValueError, match="item 0 has different answers"):
        soft.merge_annotators({"x": [0, 1]})
    last = soft.merge_annotators({"x": [0, 1]}, repeated="last")
    np.testing.assert_allclose(last.probabilities, [[0.8, 0.2], [1, 0]])
    assert soft[1:].merge_annotators({"x": [0, 1]}).n_answers == 1


@pytest.mark.parametrize(
    ("same", "message"),
    [
        ({"x": ["eve"]}, "'eve'"),
        ({"x": []}, "nobody"),
        ({"x": ["ann"], "y": ["ann"]}, "listed twice"),
        ({"bob": ["ann", "Ann"]}, "name of two annotators"),
    ],
)
def test_merges_that_make_no_sense(answers, same, message):
    with pytest.raises(ValueError, match=message):
        answers.merge_annotators(same)
    with pytest.raises(TypeError, match="same is a list; pass a dict"):
        answers.merge_annotators(["ann", "Ann"])
    with pytest.raises(ValueError, match="repeated must be"):
        answers.merge_annotators({"x": ["ann"]}, repeated="mean")


def test_tables(answers):
    frame = answers.to_frame()
    assert frame.columns.tolist() == ["ann", "bob", "Ann"]
    with pytest.warns(CrowdWarning, match="annotators differ only .*'Ann' and 'ann'"):
        assert Annotations.from_dense(frame) == answers
    numbers = Annotations.from_dense([[1, -1], [0, 2]])
    assert Annotations.from_dense(
        numbers.to_frame(), classes=[0, 1, 2]
    ).to_dense().tolist() == [
        [1, -1],
        [0, 2],
    ]


def test_summary_of_labels(answers):
    table = answers.summary()
    assert table["n_answers"].tolist() == [3, 2, 2]
    assert table["most_frequent"].tolist() == ["a", "a", "a"]
    np.testing.assert_allclose(table["share"], [2 / 3, 1, 1 / 2])
    np.testing.assert_allclose(table["agreement"], [3 / 4, 1 / 3, 2 / 3])


def test_summary_of_numbers():
    rng = np.random.default_rng(0)
    ratings = rng.normal(size=(20, 3))
    ratings[rng.random((20, 3)) < 0.3] = np.nan
    table = Annotations.from_dense(ratings, kind="numbers").summary()
    for j in range(3):
        mine, others = ratings[:, j], np.delete(ratings, j, axis=1)
        both = ~np.isnan(mine) & ~np.isnan(others).all(axis=1)
        row = table.loc[j]
        assert row["mean"] == pytest.approx(np.nanmean(mine))
        assert row["std"] == pytest.approx(np.nanstd(mine))
        expected = np.corrcoef(mine[both], np.nanmean(others[both], axis=1))[0, 1]
        assert row["correlation"] == pytest.approx(expected)


def test_summary_of_who_answered_nothing():
    empty = Annotations.from_dense([["a", None], ["b", None]])
    table = empty.summary()
    assert table.loc[1, "n_answers"] == 0
    assert table.loc[1].isna().sum() == 3


def test_html_escapes_and_is_short():
    names = [f"<b>{i}</b>" for i in range(30)]
    crowd = Annotations.from_dense(np.ones((2, 30), dtype=int), annotator_names=names)
    html = crowd._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;0" in html
    assert "and 20 more annotators" in html


def test_new_items_follow():
    one = Annotations.from_dense([["a", "b"]], annotator_names=["ann", "bob"])
    two = Annotations.from_dense([["c", "b"]], annotator_names=["bob", "eve"])
    joined = concatenate([one, two])
    assert joined.to_dense().tolist() == [["a", "b", ""], ["", "c", "b"]]
    assert joined.classes.tolist() == ["a", "b", "c"]


def test_answers_to_known_items_are_added():
    one = Annotations.from_long(["i", "j"], ["ann", "ann"], ["a", "b"])
    two = Annotations.from_long(["j", "k"], ["bob", "bob"], ["b", "a"])
    joined = concatenate([one, two])
    assert joined.item_names.tolist() == ["i", "j", "k"]
    assert joined.n_answers == 4
    with pytest.raises(ValueError, match="answered item 'i' before"):
        concatenate([one, one])


def test_sequences_follow():
    part = SequenceAnnotations.from_cells([[["O", "B"], None], [["O"], ["B"]]])
    joined = concatenate([part, part])
    assert joined.shape == (4, 2)
    assert joined[2:] == part
    named = SequenceAnnotations.from_long(["s"], ["ann"], [["O", "B"]])
    with pytest.raises(ValueError, match="'ann' answered sequence 's' before"):
        concatenate([named, named])
    other = SequenceAnnotations.from_long(["s", "r"], ["bob"] * 2, [["O", "O"], ["B"]])
    joined = concatenate([named, other])
    assert joined.sequence_names.tolist() == ["s", "r"]
    assert joined[0] == {"ann": ["O", "B"], "bob": ["O", "O"]}


def test_rows_that_share_a_name_are_not_joined():
    table = pd.DataFrame([["a"], ["b"]], index=[7, 7], columns=["w"])
    repeated = Annotations.from_dense(table)
    other = Annotations.from_long([7], ["z"], ["a"])
    for parts, which in (([repeated, other], "first"), ([other, repeated], "further")):
        message = (
            f"rows 0, 1 of the {which} answers have the same name 7, .*reset_index"
        )
        with pytest.raises(ValueError, match=message):
            concatenate(parts)
    assert concatenate([repeated]) == repeated
    unnamed = Annotations.from_dense(table.reset_index(drop=True))
    assert concatenate([unnamed, other]).shape == (3, 2)


def test_what_cannot_be_joined(answers):
    numbers = Annotations.from_dense([[1.0, 2.0]], kind="numbers")
    with pytest.raises(ValueError, match=r"labels.*numbers"):
        concatenate([answers, numbers])
    with pytest.raises(ValueError, match="nothing"):
        concatenate([])
    with pytest.raises(TypeError, match="check_annotations"):
        concatenate([np.ones((2, 2))])


@given(st.data())
def test_halves_make_the_whole(data):
    """Rows cut anywhere and joined are what they were."""
    n = data.draw(st.integers(2, 6))
    cells = st.lists(st.integers(-1, 2), min_size=3, max_size=3)
    y = np.array(data.draw(st.lists(cells, min_size=n, max_size=n)))
    assume((y >= 0).any())
    whole = Annotations.from_dense(y, classes=[0, 1, 2])
    cut = data.draw(st.integers(1, n - 1))
    assert concatenate([whole[:cut], whole[cut:]]) == whole


@given(st.data())
def test_tables_are_read_again(data):
    """With weights and confidences, soft labels, names, and the order of classes."""
    n = data.draw(st.integers(1, 4))
    cells = st.lists(st.integers(-1, 2), min_size=3, max_size=3)
    y = np.array(data.draw(st.lists(cells, min_size=n, max_size=n)))
    assume((y >= 0).any())
    options = {"classes": ["poor", "fair", "good"], "annotator_names": ["x", "y", "z"]}
    if data.draw(st.booleans()):
        shares = np.array([[0.5, 0.25, 0.25], [0, 1, 0], [0.125, 0.125, 0.75]])
        soft = np.where((y < 0)[..., None], np.nan, shares[y])
        A = Annotations.from_soft_labels(soft, **options)
        answers = {f: f"probability_{f}" for f in options["classes"]}
        read = {"labels": None, "probabilities": answers}
    else:
        A = Annotations.from_dense(np.append(options["classes"], "")[y], **options)
        A = A.with_classes(A.classes, ordered=data.draw(st.booleans()))
        frame = Annotations.from_dense(A.to_frame(), **({} if A.ordered else options))
        assert (frame.classes.tolist(), frame.ordered) == (
            A.classes.tolist(),
            A.ordered,
        )
        np.testing.assert_array_equal(frame.to_dense(), A.to_dense())
        read = {"labels": "label"}
    beside = data.draw(st.sets(st.sampled_from(["weight", "confidence", "time"])))
    A = A.with_details(**{name: np.arange(1, A.n_answers + 1) for name in beside})
    table = A.to_long().sample(frac=1, random_state=0)
    again = Annotations.from_long(
        "item",
        "annotator",
        data=table,
        n_items=n,
        annotator_ids=A.annotator_names,
        classes=None if A.ordered else A.classes,
        **read,
        **{name: name for name in beside},
    )
    assert again == A
