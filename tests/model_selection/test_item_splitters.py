"""Splitters of items: one contract for all, and what is particular to each."""

import numpy as np
import pytest
from _data import answer_forms, random_answers, random_ratings, rating_forms
from _sequence_data import ANSWERS, TRUTH, gold_forms, string_forms
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.model_selection import (
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
)

from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.exceptions import CrowdWarning
from skcrowd.model_selection import (
    LeaveAnnotatorsOut,
    VoteStratifiedGroupKFold,
    VoteStratifiedKFold,
    VoteStratifiedShuffleSplit,
)

N_ITEMS = 24
SPLITTERS = {
    "folds": VoteStratifiedKFold(3),
    "shuffled folds": VoteStratifiedKFold(3, shuffle=True, random_state=0),
    "random splits": VoteStratifiedShuffleSplit(3, random_state=0),
    "groups": VoteStratifiedGroupKFold(3),
    "shuffled groups": VoteStratifiedGroupKFold(3, shuffle=True, random_state=0),
    "annotators": LeaveAnnotatorsOut(3),
    "shuffled annotators": LeaveAnnotatorsOut(3, shuffle=True, random_state=0),
}
FOLDS = [name for name in SPLITTERS if "folds" in name or "groups" in name]
BY_VOTE = [name for name in SPLITTERS if "annotators" not in name]
RNG = np.random.default_rng(0)
LABELS = random_answers(RNG, N_ITEMS, 12, 3, share=0.1)
LABELS[5] = -1
RATINGS = random_ratings(RNG, N_ITEMS, 12, share=0.1)
RATINGS[5] = np.nan
SPARSER = ANSWERS.select_answers(np.arange(len(ANSWERS.pairs[0])) % 3 == 0)
Y = {"labels": LABELS, "numbers": RATINGS, "sequences": SPARSER}
every_splitter = pytest.mark.parametrize("name", SPLITTERS)
every_y = pytest.mark.parametrize("y", Y.values(), ids=Y)


def splits(name, y, n_items=N_ITEMS):
    groups = np.arange(n_items) // 2 if "groups" in name else None
    return list(SPLITTERS[name].split(np.zeros((n_items, 1)), y, groups))


def assert_same_splits(ours, theirs):
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        for part, same in zip(one, other, strict=True):
            np.testing.assert_array_equal(part, same)


@every_splitter
@every_y
def test_training_and_test_share_no_item(name, y):
    given = splits(name, y)
    assert len(given) == SPLITTERS[name].get_n_splits() == 3
    for train, test in given:
        assert train.size
        assert test.size
        assert not set(train) & set(test)
        assert set(train) | set(test) <= set(range(N_ITEMS))


@pytest.mark.parametrize("name", FOLDS)
@every_y
def test_folds_test_every_item_once(name, y):
    given = splits(name, y)
    tested = np.concatenate([test for _, test in given])
    assert sorted(tested) == list(range(N_ITEMS))
    for train, test in given:
        assert sorted([*train, *test]) == list(range(N_ITEMS))


@every_splitter
@every_y
def test_splits_can_be_repeated(name, y):
    assert_same_splits(splits(name, y), splits(name, y))


@every_splitter
def test_repr_and_parameters(name):
    cv = SPLITTERS[name]
    assert repr(cv).startswith(f"{type(cv).__name__}(")
    assert "kind='auto'" in repr(cv)
    assert repr(clone(cv, safe=False)) == repr(cv)


@every_splitter
@pytest.mark.parametrize("form", answer_forms(LABELS))
def test_every_form_of_labels_is_split_alike(name, form):
    assert_same_splits(splits(name, answer_forms(LABELS)[form]), splits(name, LABELS))


@every_splitter
@pytest.mark.parametrize("form", rating_forms(RATINGS))
def test_every_form_of_numbers_is_split_alike(name, form):
    forms = rating_forms(RATINGS)
    assert_same_splits(splits(name, forms[form]), splits(name, RATINGS))


@every_splitter
@pytest.mark.parametrize(
    "form", [form for form in string_forms(SPARSER) if "flat" not in form]
)
def test_every_form_of_sequences_is_split_alike(name, form):
    y = string_forms(SPARSER)[form]
    assert_same_splits(splits(name, y), splits(name, SPARSER))


@pytest.mark.parametrize("name", BY_VOTE)
@pytest.mark.parametrize("form", gold_forms(TRUTH))
def test_every_form_of_true_tags_is_split_alike(name, form):
    y = gold_forms(TRUTH)[form]
    assert_same_splits(
        splits(name, y), splits(name, SequenceAnnotations.from_gold(TRUTH))
    )


def test_a_sequence_that_nobody_tagged_needs_no_length():
    cells = [[["O", "B"], None], [None, None], [["O"], ["O"]]]
    tested = [
        t.tolist() for _, t in VoteStratifiedKFold(3).split(np.zeros((3, 1)), cells)
    ]
    assert sorted(tested) == [[0], [1], [2]]


@st.composite
def labels(draw):
    rng = np.random.default_rng(draw(st.integers(0, 9999)))
    y = random_answers(rng, draw(st.integers(4, 30)), 4, 3, share=0.5)
    y[rng.random(len(y)) < 0.2] = -1
    y[0, 0] = 0
    return y


@given(labels(), st.permutations(range(4)), st.booleans(), st.booleans())
def test_the_columns_of_annotators_are_nothing(y, order, is_shuffled, is_numbers):
    kind = "numbers" if is_numbers else "labels"
    y = Annotations.from_dense(y * (0.1 if is_numbers else 1), kind=kind)
    seed = 0 if is_shuffled else None
    for cv in (
        VoteStratifiedKFold(3, shuffle=is_shuffled, random_state=seed),
        VoteStratifiedShuffleSplit(3, test_size=2, random_state=0),
    ):
        ours, theirs = (
            list(cv.split(np.zeros((len(y), 1)), a))
            for a in (y, y.select_annotators(order))
        )
        assert_same_splits(ours, theirs)


@given(st.integers(0, 9999))
def test_leaving_annotators_out_does_not_depend_on_their_columns(seed):
    rng = np.random.default_rng(seed)
    y = random_answers(rng, 40, 12, 3, share=0.05)
    order = rng.permutation(12)
    ours, theirs = (
        {tuple(test) for _, test in LeaveAnnotatorsOut(4).split(np.zeros((40, 1)), a)}
        for a in (y, y[:, order])
    )
    assert ours == theirs


@given(labels(), st.integers(2, 4), st.sampled_from([None, 0, 1]))
def test_folds_share_out_every_class(y, n_splits, seed):
    cv = VoteStratifiedKFold(n_splits, shuffle=seed is not None, random_state=seed)
    n_votes = np.array([np.bincount(row[row >= 0], minlength=3) for row in y])
    vote = n_votes.argmax(axis=1)
    clear = (n_votes == n_votes.max(axis=1, keepdims=True)).sum(axis=1) == 1
    vote = np.where(clear, vote, np.where(n_votes.any(axis=1), -1, 3))
    if (vote == -1).any():  # a tie: which of them is another test
        y, vote = y[vote != -1], vote[vote != -1]
    if len(y) < n_splits or (y < 0).all():
        return
    tests = [test for _, test in cv.split(np.zeros((len(y), 1)), y)]
    assert np.ptp([test.size for test in tests]) <= 1
    for stratum in range(4):
        assert np.ptp([(vote[test] == stratum).sum() for test in tests]) <= 1


@given(st.integers(5, 40), st.integers(1, 4), st.integers(0, 99))
def test_random_splits_share_out_every_class(n_items, n_test, seed):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n_items)
    cv = VoteStratifiedShuffleSplit(2, test_size=n_test, random_state=seed)
    for train, test in cv.split(np.zeros((n_items, 1)), truth):
        assert sorted([*train, *test]) == list(range(n_items))
        assert test.size == n_test
        wanted = np.bincount(truth, minlength=3) * n_test / n_items
        assert (np.abs(np.bincount(truth[test], minlength=3) - wanted) < 1 + 1e-9).all()


def test_both_sizes_of_random_splits():
    cv = VoteStratifiedShuffleSplit(1, test_size=6, train_size=0.5, random_state=0)
    train, test = next(cv.split(np.zeros((N_ITEMS, 1)), LABELS))
    assert (len(set(train)), len(set(test))) == (12, 6)
    assert not set(train) & set(test)


@pytest.mark.parametrize("options", [{}, {"shuffle": True, "random_state": 3}])
@pytest.mark.parametrize("y", [np.arange(30) % 4, list("abcab" * 6)])
def test_the_folds_of_true_labels_are_those_of_scikit_learn(y, options):
    X = np.zeros((30, 1))
    ours = VoteStratifiedKFold(4, **options).split(X, y)
    theirs = StratifiedKFold(4, **options).split(X, y)
    assert_same_splits(list(ours), list(theirs))
    groups = np.arange(30) // 3
    ours = VoteStratifiedGroupKFold(4, **options).split(X, y, groups)
    theirs = StratifiedGroupKFold(4, **options).split(X, y, groups)
    assert_same_splits(list(ours), list(theirs))


def test_ties_go_to_the_rarer_class():
    y = [[0, 1], [1, 0], [0, 0], [0, 0]]
    tests = [t.tolist() for _, t in VoteStratifiedKFold(2).split(np.zeros((4, 1)), y)]
    assert tests == [[0, 2], [1, 3]]


def test_classes_with_fewer_items_than_folds_are_no_error():
    y = np.arange(6)[:, None]
    tests = [test for _, test in VoteStratifiedKFold(3).split(np.zeros((6, 1)), y)]
    assert [test.size for test in tests] == [2, 2, 2]
    cv = VoteStratifiedShuffleSplit(1, test_size=2, random_state=0)
    assert next(cv.split(np.zeros((6, 1)), y))[1].size == 2
    cv = VoteStratifiedGroupKFold(3)
    tests = [test for _, test in cv.split(np.zeros((6, 1)), y, np.arange(6) // 2)]
    assert [test.size for test in tests] == [2, 2, 2]


def test_numbers_are_stratified_by_their_mean():
    mean = np.random.default_rng(0).permutation(100) / 7
    y = np.column_stack([mean - 0.5, mean + 0.5])
    for _, test in VoteStratifiedKFold(5).split(np.zeros((100, 1)), y):
        tenth = np.floor(mean[test] * 7 / 10).astype(int)
        assert np.bincount(tenth, minlength=10).tolist() == [2] * 10


def test_whole_ratings_are_read_as_wanted():
    y = np.array([[-1, 1], [-1, 1], [2, 2], [1, 1]])
    X = np.zeros((4, 1))
    with (
        pytest.warns(CrowdWarning, match="rating"),
        pytest.raises(ValueError, match="leaves out"),
    ):
        list(LeaveAnnotatorsOut(2, kind="numbers").split(X, y))
    assert len(list(LeaveAnnotatorsOut(2).split(X, [[0, -1], [-1, 1]] * 2))) == 2
    as_numbers = VoteStratifiedKFold(2, kind="numbers").split(
        X, np.array([[-1, 1]] * 4)
    )
    with pytest.warns(CrowdWarning, match="rating"):
        tests = [test.tolist() for _, test in as_numbers]
    assert tests == [[0, 1], [2, 3]]


def test_sequences_are_stratified_by_their_rarest_tag():
    y = [[["O", "O"]], [["O", "B"]]] * 4
    for _, test in VoteStratifiedKFold(4).split(np.zeros((8, 1)), y):
        assert (test % 2).tolist() in ([0, 1], [1, 0])


def test_groups_stay_together():
    groups = np.arange(N_ITEMS) % 7
    cv = VoteStratifiedGroupKFold(3)
    for train, test in cv.split(np.zeros((N_ITEMS, 1)), LABELS, groups):
        assert not set(groups[train]) & set(groups[test])
    with pytest.raises(ValueError, match="groups is None"):
        list(cv.split(np.zeros((N_ITEMS, 1)), LABELS))


@pytest.mark.parametrize("name", ["annotators", "shuffled annotators"])
def test_no_answer_of_those_left_out_is_trained_on(name):
    answered = LABELS >= 0
    n_tested = np.zeros(12)
    for train, test in splits(name, LABELS):
        left_out = ~answered[train].any(axis=0)
        assert answered[test][:, left_out].any(axis=1).all()
        n_tested += left_out
    assert (n_tested >= 1).all()


def test_folds_of_annotators_have_about_equally_many_answers():
    y = Annotations.from_long(np.arange(60), np.repeat(range(12), 5), [0] * 60)
    for train, test in LeaveAnnotatorsOut(4).split(np.zeros((60, 1)), y):
        assert (train.size, test.size) == (45, 15)


def test_no_item_left_to_train_on_is_an_error():
    y = np.zeros((10, 4), dtype=int)
    with pytest.raises(ValueError, match=r"leaves out 2 annotators .* all 10 items"):
        next(LeaveAnnotatorsOut(2).split(np.zeros((10, 1)), y))


def test_more_folds_than_annotators_is_an_error():
    y = np.array([[0, -1, -1], [-1, 1, -1]])
    with pytest.raises(ValueError, match="2 annotators gave an answer"):
        next(LeaveAnnotatorsOut(3).split(np.zeros((2, 1)), y))


@every_splitter
def test_y_is_needed(name):
    with pytest.raises(ValueError, match="y is None"):
        splits(name, None)


def test_the_truth_has_no_annotators():
    with pytest.raises(ValueError, match="no annotators"):
        splits("annotators", np.zeros(N_ITEMS))


@pytest.mark.parametrize("name", [n for n in SPLITTERS if "groups" not in n])
def test_groups_are_ignored_with_a_warning(name):
    with pytest.warns(UserWarning, match="groups parameter is ignored"):
        list(SPLITTERS[name].split(np.zeros((N_ITEMS, 1)), LABELS, np.zeros(N_ITEMS)))


@pytest.mark.parametrize("kind", [VoteStratifiedKFold, LeaveAnnotatorsOut])
def test_wrong_parameters_raise_as_in_scikit_learn(kind):
    for wrong in ({"n_splits": 1}, {"random_state": 0}):
        with pytest.raises(ValueError, match=r"n_splits|random_state"):
            kind(**wrong)
    assert issubclass(kind, KFold)
