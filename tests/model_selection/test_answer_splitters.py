"""Splits of the answers: the same items in training and test, other answers."""

import numpy as np
import pytest
from _data import (
    answer_forms,
    random_answers,
    random_ratings,
    rating_forms,
    small,
)
from _sequence_data import ANSWERS, string_forms
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.model_selection import (
    AnnotatorKFold,
    AnswerKFold,
    train_test_split_answers,
)

RNG = np.random.default_rng(0)
Y = {
    "labels": Annotations.from_dense(random_answers(RNG, 30, 6, 3)),
    "numbers": Annotations.from_dense(random_ratings(RNG, 30, 6), kind="numbers"),
    "sequences": ANSWERS,
}
SPLITTERS = {
    "answers": AnswerKFold(3, random_state=0),
    "all answers": AnswerKFold(3, keep_one=False, random_state=0),
    "annotators": AnnotatorKFold(3),
    "shuffled annotators": AnnotatorKFold(3, shuffle=True, random_state=0),
}
every_y = pytest.mark.parametrize("y", Y.values(), ids=Y)


def halves(y, **options):
    """One pair, as a splitter yields it."""
    return [train_test_split_answers(y, random_state=0, **options)]


WAYS = {
    **{name: cv.split_answers for name, cv in SPLITTERS.items()},
    "train and test": halves,
}
every_way = pytest.mark.parametrize("split", WAYS.values(), ids=WAYS)


def owners(y):
    return y.pairs if isinstance(y, SequenceAnnotations) else (y.item, y.annotator)


def keys(y):
    """One number for every answer: who gave it to what."""
    item, annotator = owners(y)
    return item * y.n_annotators + annotator


def all_kept(y, y_train):
    """Whether every item and annotator of y has an answer in training."""
    return all(
        set(ours) == set(theirs)
        for ours, theirs in zip(owners(y_train), owners(y), strict=True)
    )


@every_way
@every_y
def test_an_answer_is_in_training_or_in_the_test(split, y):
    for y_train, y_test in split(y):
        together = np.concatenate([keys(y_train), keys(y_test)])
        assert sorted(together) == keys(y).tolist()
        assert min(keys(y_train).size, keys(y_test).size) > 0


@every_way
@every_y
def test_both_have_all_items_annotators_and_classes(split, y):
    for pair in split(y):
        for part in pair:
            assert type(part) is type(y)
            assert part.shape == y.shape
            assert np.array_equal(part.annotator_names, y.annotator_names)
            if getattr(y, "classes", None) is not None:
                assert part.classes.tolist() == y.classes.tolist()


@every_way
def test_answers_stay_what_they_are(split):
    dense = Y["labels"].to_dense()
    for y_train, y_test in split(Y["labels"]):
        np.testing.assert_array_equal(
            np.maximum(y_train.to_dense(), y_test.to_dense()), dense
        )


@every_way
@pytest.mark.parametrize("form", answer_forms(Y["labels"].to_dense()))
def test_every_form_of_labels_is_split_alike(split, form):
    y = answer_forms(Y["labels"].to_dense())[form]
    for ours, theirs in zip(split(y), split(Y["labels"]), strict=True):
        assert [keys(part).tolist() for part in ours] == [
            keys(part).tolist() for part in theirs
        ]


@every_way
@pytest.mark.parametrize("form", rating_forms(Y["numbers"].to_dense()))
def test_every_form_of_numbers_is_split_alike(split, form):
    y = rating_forms(Y["numbers"].to_dense())[form]
    for ours, theirs in zip(split(y), split(Y["numbers"]), strict=True):
        for part, same in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(part.to_dense(), same.to_dense())


@every_way
def test_cells_of_tags_are_split_alike(split):
    cells = string_forms(ANSWERS)["cells of lists"]
    for ours, theirs in zip(split(cells), split(ANSWERS), strict=True):
        assert [keys(part).tolist() for part in ours] == [
            keys(part).tolist() for part in theirs
        ]


@pytest.mark.parametrize("name", SPLITTERS)
def test_splits_can_be_repeated_and_cloned(name):
    cv = SPLITTERS[name]
    ours, theirs = (list(c.split_answers(Y["labels"])) for c in (cv, clone(cv)))
    assert ours == theirs
    assert repr(cv).startswith(f"{type(cv).__name__}(")
    assert "n_splits=3" in repr(cv)


@pytest.mark.parametrize("name", ["all answers", "annotators", "shuffled annotators"])
@every_y
def test_every_answer_is_held_out_once(name, y):
    tested = [keys(test) for _, test in SPLITTERS[name].split_answers(y)]
    assert sorted(np.concatenate(tested)) == keys(y).tolist()


@every_y
def test_folds_of_answers_are_of_one_size(y):
    sizes = [keys(t).size for _, t in SPLITTERS["all answers"].split_answers(y)]
    assert np.ptp(sizes) <= 1


@st.composite
def crowds(draw):
    rng = np.random.default_rng(draw(st.integers(0, 9999)))
    shape = draw(st.integers(5, 20)), draw(st.integers(3, 8))
    return Annotations.from_dense(random_answers(rng, *shape, 3, share=0.4))


@given(crowds(), st.integers(2, 4), st.integers(0, 9))
def test_nobody_loses_their_last_answer(y, n_splits, seed):
    cv = AnswerKFold(n_splits, random_state=seed)
    n_free = y.n_answers - (y.answers_per_item == 1).sum() - y.n_annotators
    if n_free < n_splits * y.n_annotators:
        return  # there may be too few
    pairs = list(cv.split_answers(y))
    assert all(all_kept(y, y_train) for y_train, _ in pairs)
    never = set(keys(y)) - set(np.concatenate([keys(test) for _, test in pairs]))
    n_items, n_annotators = (len(set(owner)) for owner in owners(y))
    single = (y.answers_per_item == 1).sum()
    assert single <= len(never) <= single + n_annotators
    y_train, y_test = train_test_split_answers(
        y, test_size=1, random_state=seed, keep_one=False
    )
    assert (y_train.n_answers, y_test.n_answers) == (y.n_answers - 1, 1)
    if y.n_answers > n_items + n_annotators:
        assert all_kept(y, train_test_split_answers(y, test_size=1)[0])


def test_the_answers_to_an_item_go_to_different_folds():
    y = np.zeros((20, 3), dtype=int)
    for _, test in SPLITTERS["all answers"].split_answers(y):
        assert (test.answers_per_item == 1).all()


def test_folds_of_answers_do_not_follow_the_annotators():
    y = np.zeros((200, 3), dtype=int)
    for _, test in SPLITTERS["answers"].split_answers(y):
        assert (test.answers_per_annotator > 40).all()


@every_y
def test_folds_of_annotators_hold_all_their_answers(y):
    for y_train, y_test in SPLITTERS["annotators"].split_answers(y):
        assert not set(owners(y_train)[1]) & set(owners(y_test)[1])


@pytest.mark.parametrize(("size", "n_test"), [(0.25, 20), (7, 7), (0.01, 1)])
def test_size_of_the_test(size, n_test):
    y = np.zeros((20, 4), dtype=int)
    y_train, y_test = train_test_split_answers(y, test_size=size)
    assert (y_train.n_answers, y_test.n_answers) == (80 - n_test, n_test)
    assert all_kept(Annotations.from_dense(y), y_train)


def test_too_large_a_test_says_how_many_can_be_held_out():
    y = np.array([[0, 1], [1, 0]])
    with pytest.raises(ValueError, match=r"but [12] can be held out with one left"):
        train_test_split_answers(y, test_size=3)
    with pytest.raises(ValueError, match="asks for 4 of 4 answers, but 3 can be held"):
        train_test_split_answers(y, test_size=4, keep_one=False)


def test_single_answers_cannot_be_held_out():
    y = np.array([[0, -1], [-1, 1], [0, -1]])
    with pytest.raises(ValueError, match=r"0 of 3 answers .* keep_one=False"):
        next(AnswerKFold(2).split_answers(y))
    assert len(list(AnswerKFold(2, keep_one=False).split_answers(y))) == 2


@every_way
def test_the_truth_has_no_answers(split):
    with pytest.raises(ValueError, match="the truth itself, and no annotators"):
        list(split(np.arange(12) % 3))


@pytest.mark.parametrize("kind", [AnswerKFold, AnnotatorKFold])
@pytest.mark.parametrize("wrong", [{"n_splits": 1}, {"kind": "other"}])
def test_wrong_parameters_raise(kind, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        next(kind(**wrong).split_answers(Y["labels"]))


def test_whole_ratings_are_read_as_wanted():
    y = np.array([[-1, 1, -2], [3, -1, -1]])
    y_train, y_test = train_test_split_answers(y, test_size=1, kind="numbers")
    assert y_train.kind == y_test.kind == "numbers"
    assert y_train.n_answers == 5


@pytest.mark.parametrize("name", SPLITTERS)
def test_scikit_learn_refuses_them(name, items, answers):

    with pytest.raises(
        ValueError, match=r"implementing 'split' .*Got (Answer|Annotator)KFold"
    ):
        cross_val_score(small(), items[0], answers, cv=SPLITTERS[name])
