import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GridSearchCV, KFold, check_cv, train_test_split
from sklearn.utils import _safe_indexing
from sklearn.utils.multiclass import type_of_target

from skcrowd.annotations import (
    Annotations,
    SequenceAnnotations,
    check_sequence_annotations,
)

FAMILIES = {
    "int": [0, 1, 2],
    "negative": [-3, -1, 4],
    "bool": [False, True, True],
    "str": ["O", "B-PER", "I-PER"],
}
N_SEQUENCES, N_ANNOTATORS = 12, 4


def make(family="str", shape=(N_SEQUENCES, N_ANNOTATORS), seed=0, names=None):
    """Tag sequences, a third of the cells and a tenth of the tags missing."""
    rng = np.random.default_rng(seed)
    values = np.array(FAMILIES[family], dtype=object)
    lengths = rng.integers(1, 6, size=shape[0])
    y = np.full(shape, None, dtype=object)
    for row, column in np.ndindex(shape):
        tags = values[rng.integers(3, size=lengths[row])]
        tags[rng.random(tags.size) < 0.1] = None
        if column == 0 or rng.random() > 1 / 3:
            y[row, column] = tags.tolist()
    for k, value in enumerate(values):
        y[k, 0][0] = value
    return SequenceAnnotations.from_cells(
        y, lengths, missing_label=None, annotator_names=names
    )


def listed(cells):
    """Cells as nested lists, which compare in one go."""
    return [[None if tags is None else tags.tolist() for tags in row] for row in cells]


@pytest.fixture(params=FAMILIES)
def annotations(request):
    return make(request.param)


@st.composite
def sequence_sets(draw):
    family = draw(st.sampled_from(list(FAMILIES)))
    shape = draw(st.tuples(st.integers(3, 9), st.integers(1, 5)))
    return make(family, shape, seed=draw(st.integers(0, 999)))


def test_attributes():
    S = SequenceAnnotations.from_cells(
        [[["O", "B"], None, ["O", None]], [None, ["I"], None]],
        annotator_names=["x", "y", "z"],
    )
    assert S.tokens.to_dense().tolist() == [
        ["O", "", "O"],
        ["B", "", ""],
        ["", "I", ""],
    ]
    assert (S.lengths.tolist(), S.offsets.tolist()) == ([2, 1], [0, 2, 3])
    assert (S.n_sequences, S.n_annotators, S.n_tokens) == (2, 3, 3)
    assert (S.shape, S.ndim, len(S)) == ((2, 3), 2, 2)
    assert S.classes.tolist() == ["B", "I", "O"]
    assert S.annotator_names.tolist() == ["x", "y", "z"]
    assert [part.tolist() for part in S.pairs] == [[0, 0, 1], [0, 2, 1]]
    assert S.sequence_names is None
    assert S.lengths.dtype == S.offsets.dtype == S.pairs[0].dtype == np.int64


def test_arrays_are_read_only_and_not_shared_with_the_caller():
    lengths = np.array([1, 2])
    S = SequenceAnnotations(Annotations.from_dense([[1], [2], [3]]), lengths)
    lengths[0] = 9
    assert S.lengths.tolist() == [1, 2]
    for array in (S.lengths, S.offsets, *S.pairs):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(AttributeError):
        S.lengths = lengths


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([1, 1],), ValueError, "adds up to 2 tokens, but there are .* of 3"),
        (([3, 0],), ValueError, "holds 0 at row 1.*drop empty sequences"),
        (([1.0, 2.0],), ValueError, "float64 of shape"),
        (([[1, 2]],), ValueError, "1-D array"),
        (([1, 2], ["a"]), ValueError, "sequence_names has shape"),
    ],
)
def test_direct_construction_is_checked(arguments, error, message):
    with pytest.raises(error, match=message):
        SequenceAnnotations(Annotations.from_dense([[1], [2], [3]]), *arguments)


def test_tokens_are_labels():
    with pytest.raises(TypeError, match="tokens must be an Annotations, got list"):
        SequenceAnnotations([[1]], [1])
    numbers = Annotations.from_dense([[0.5]], kind="numbers")
    with pytest.raises(ValueError, match="kind='labels'"):
        SequenceAnnotations(numbers, [1])


@given(sequence_sets())
def test_cells_read_again_give_an_equal_container(S):
    for cells in (S.to_cells(), S.to_cells(missing=None), np.asarray(S)):
        again = SequenceAnnotations.from_cells(cells, S.lengths, classes=S.classes)
        assert again == S
    sequence, annotator = S.pairs
    there = [[tags is not None for tags in row] for row in S.to_cells()]
    np.testing.assert_array_equal(np.nonzero(there), (sequence, annotator))


@st.composite
def cell_matrices(draw):
    """Nested lists of tag sequences, one of them complete."""
    values = st.sampled_from(draw(st.sampled_from([["O", "B", "I"], [0, 1, 5]])))
    lengths = draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
    n_annotators = draw(st.integers(1, 3))
    rows = []
    for n in lengths:
        tags = st.lists(st.none() | values, min_size=n, max_size=n)
        cell = st.none() | tags.filter(lambda tags: set(tags) != {None})
        row = st.lists(cell, min_size=n_annotators, max_size=n_annotators)
        rows.append(draw(row))
    rows[0][0] = draw(st.lists(values, min_size=lengths[0], max_size=lengths[0]))
    return rows, lengths


@given(cell_matrices())
def test_cells_come_back(cells_and_lengths):
    cells, lengths = cells_and_lengths
    S = SequenceAnnotations.from_cells(cells, lengths)
    assert listed(S.to_cells(missing=None)) == cells
    assert S.lengths.tolist() == lengths
    flat = np.concatenate(S.split(S.to_flat()))
    np.testing.assert_array_equal(flat, S.to_flat())


@given(sequence_sets())
def test_flat_and_long_forms_hold_the_same_tags(S):
    flat = S.to_flat(missing=None)
    assert SequenceAnnotations.from_flat(flat, S.lengths, missing_label=None) == S
    sequence, annotator = S.pairs
    tags = [S.to_cells(missing=None)[pair] for pair in zip(*S.pairs, strict=True)]
    again = SequenceAnnotations.from_long(
        sequence,
        annotator,
        tags,
        lengths=S.lengths,
        annotator_ids=range(S.n_annotators),
        missing_label=None,
    )
    assert again == S


@given(sequence_sets(), st.data())
def test_permuting_rows_commutes_with_slicing(S, data):
    order = data.draw(st.permutations(range(len(S))))
    cut = slice(data.draw(st.integers(-3, 9)), data.draw(st.integers(-3, 9)))
    assert S[order][cut] == S[np.arange(len(S))[order][cut]]
    cells = S.to_cells(missing=None)[order]
    assert listed(S[order].to_cells(missing=None)) == listed(cells)


@pytest.mark.parametrize(
    "rows",
    [
        slice(2, 7),
        slice(None, None, -1),
        slice(7, 2),
        [3, 1, 1, -1],
        np.array([0, 5], dtype=np.uint8),
        [],
        np.arange(12) % 3 == 0,
        pd.Series(np.arange(12) > 6),
        pd.Index([1, 2]),
        np.zeros(12, dtype=bool),
    ],
)
def test_rows_are_those_of_the_cells(annotations, rows):
    whole = np.arange(12)
    numbers = whole[np.array(rows, dtype=int) if isinstance(rows, list) else rows]
    expected = listed(annotations.to_cells(missing=None)[numbers])
    for selected in (annotations[rows], annotations[rows, :], annotations[rows, ...]):
        assert listed(selected.to_cells(missing=None)) == expected
        assert selected.shape == (len(numbers), 4)
        assert selected.classes is annotations.classes
        assert selected.lengths.tolist() == annotations.lengths[numbers].tolist()
        assert repr(selected)


def test_one_row_is_a_dict():
    S = SequenceAnnotations.from_cells(
        [[["a", None], None], [[None], ["b"]]], annotator_names=["x", "y"]
    )
    assert S[0] == {"x": ["a", None]}
    assert S[np.int64(-1)] == {"y": ["b"]}
    assert list(S) == [S[0], S[1]]


@pytest.mark.parametrize(
    "rows",
    [12, -13, [12], [0.5], "a", True, np.ones(3, dtype=bool), (0, 1), [[0]], None],
)
def test_bad_index_is_an_index_error(annotations, rows):
    with pytest.raises(IndexError):
        annotations[rows]


@pytest.mark.parametrize("index", [[2, 0], slice(1, 3), [-1], np.arange(4) > 1, []])
def test_select_annotators_is_the_column_selection(annotations, index):
    columns = np.arange(4)[
        np.array(index, dtype=int) if isinstance(index, list) else index
    ]
    selected = annotations.select_annotators(index)
    expected = annotations.to_cells(missing=None)[:, columns]
    assert listed(selected.to_cells(missing=None)) == listed(expected)
    assert selected.annotator_names.tolist() == columns.tolist()
    assert selected.lengths.tolist() == annotations.lengths.tolist()


@pytest.mark.parametrize(
    "clone", [copy.copy, copy.deepcopy, lambda S: pickle.loads(pickle.dumps(S))]
)
def test_copies_are_equal_and_read_only(annotations, clone):
    twin = clone(annotations)
    assert twin == annotations
    assert not twin.lengths.flags.writeable


def test_equality_and_hash(annotations):
    assert annotations == annotations[:]
    assert annotations != annotations[1:]
    assert annotations != annotations.tokens
    tokens = Annotations.from_dense([[1], [2], [3]])
    assert SequenceAnnotations(tokens, [1, 2]) != SequenceAnnotations(tokens, [2, 1])
    named = SequenceAnnotations(tokens, [1, 2], ["a", "b"])
    assert named != SequenceAnnotations(tokens, [1, 2])
    assert named != SequenceAnnotations(tokens, [1, 2], ["a", "c"])
    assert named == pickle.loads(pickle.dumps(named))
    with pytest.raises(TypeError, match="unhashable"):
        hash(annotations)


def test_with_classes_encodes_again():
    S = SequenceAnnotations.from_cells([[["O"]], [["B", "O"]]])
    T = S.with_classes(["O", "I", "B"])
    assert T.tokens.answer.tolist() == [0, 2, 0]
    assert T.to_flat().tolist() == S.to_flat().tolist()
    assert S.with_classes(["B", "O"]) is S
    with pytest.raises(ValueError, match=r"'B' at token 0 of row 1, annotator 0 .*\["):
        S.with_classes(["O"])
    assert S[:1].with_classes(["O"]).classes.tolist() == ["O"]


@pytest.mark.parametrize("width", [(), (3,)])
def test_split_cuts_into_sequences(annotations, width):
    values = np.random.default_rng(0).random((annotations.n_tokens, *width))
    pieces = annotations.split(values)
    assert [len(piece) for piece in pieces] == annotations.lengths.tolist()
    np.testing.assert_array_equal(np.concatenate(pieces), values)
    assert pieces[0].base is values
    assert annotations[:0].split(values[:0]) == []
    with pytest.raises(ValueError, match="cannot be cut into sequences"):
        annotations.split(values[1:])
    with pytest.raises(ValueError, match="shape \\(\\)"):
        annotations.split(1.5)


def test_repr_is_short_whatever_the_size():
    names = [f"class number {i}" * 9 for i in range(1001)]
    tags = [[name] for name in names]
    S = SequenceAnnotations.from_long(range(1001), range(1001), tags, classes=names)
    assert len(repr(S)) < 500
    assert "1001 sequences (1001 tokens) by 1001 annotators" in repr(S)
    assert "over 99.9% of the cells missing" in repr(S)
    one = SequenceAnnotations.from_gold([["O"]])
    assert "1 sequence (1 token) by 1 annotator\n  1 tag sequence (0.0%" in repr(one)


def test_natural_cells():
    kinds = {name: make(name).to_cells()[0, 0].dtype.kind for name in FAMILIES}
    assert "".join(kinds[name] for name in FAMILIES) == "iOOU"
    S = SequenceAnnotations.from_cells([[[0, None], None]])
    assert listed(S.to_cells()) == [[[0, -1], None]]
    assert listed(S.to_cells(missing=9)) == [[[0, 9], None]]
    with pytest.raises(ValueError, match="one of the answers"):
        S.to_cells(missing=0)


def test_as_an_array_of_tuples():
    S = SequenceAnnotations.from_cells([[["O", None], None]])
    array = np.asarray(S)
    assert (array.shape, array.dtype) == ((1, 2), object)
    assert array.tolist() == [[("O", ""), ()]]
    with pytest.raises(ValueError, match="copy"):
        S.__array__(copy=False)
    with pytest.raises(ValueError, match="to_flat"):
        np.asarray(S, dtype=float)


# ---- the door ----


def test_the_door_lets_containers_and_cells_pass(annotations):
    assert check_sequence_annotations(annotations) is annotations
    assert check_sequence_annotations(annotations, annotations.lengths) is annotations
    S = check_sequence_annotations([[["O"], None]], [1], ["I", "O"])
    expected = SequenceAnnotations.from_cells([[["O"], None]], classes=["I", "O"])
    assert expected == S
    assert check_sequence_annotations(S, classes=["O"]).classes.tolist() == ["O"]


def test_the_door_compares_lengths():
    S = SequenceAnnotations.from_cells([[["O"]], [["B", "O"]]])
    with pytest.raises(ValueError, match="2 tokens at row 1, but lengths gives 3"):
        check_sequence_annotations(S, [1, 3])
    with pytest.raises(ValueError, match="holds 1 lengths, but y has 2 sequences"):
        check_sequence_annotations(S, [1])
    with pytest.raises(ValueError, match="2 tags at row 1, annotator 0, but lengths"):
        check_sequence_annotations(S.to_cells(), [1, 3])


# ---- scikit-learn ----


def test_train_test_split_and_kfold(annotations):
    X = np.arange(24.0).reshape(12, 2)
    X_train, X_test, S_train, S_test = train_test_split(X, annotations, random_state=0)
    assert isinstance(S_train, SequenceAnnotations)
    assert S_test == annotations[(X_test[:, 0] / 2).astype(int)]
    assert len(X_train) == len(S_train)
    for train, test in KFold(3).split(X, annotations):
        n_tokens = annotations[train].n_tokens + annotations[test].n_tokens
        assert n_tokens == annotations.n_tokens


def test_safe_indexing(annotations):
    for rows in (np.array([4, 0]), [4, 0], slice(2, 5), np.arange(12) % 2 == 0):
        assert _safe_indexing(annotations, rows) == annotations[rows]
    assert _safe_indexing(annotations, 3) == annotations[3]


@pytest.mark.parametrize("n_annotators", [1, 4])
@pytest.mark.parametrize("family", FAMILIES)
def test_check_cv_of_a_classifier(family, n_annotators):
    S = make(family, (N_SEQUENCES, n_annotators))
    assert type_of_target(S) == "unknown"
    assert isinstance(check_cv(3, S, classifier=True), KFold)


class _Tagger(ClassifierMixin, BaseEstimator):
    def __init__(self, shift=0):
        self.shift = shift

    def fit(self, X, y):
        assert isinstance(y, SequenceAnnotations)
        assert [len(x) for x in X] == y.lengths.tolist()
        self.n_ = y.n_tokens
        return self

    def score(self, X, y):
        return float(y.n_tokens + self.shift)


def test_grid_search(annotations):
    X = annotations.split(np.zeros(annotations.n_tokens))
    search = GridSearchCV(_Tagger(), {"shift": [0, 1]}, cv=3, scoring=_Tagger.score)
    search.fit(X, annotations)
    assert search.best_params_ == {"shift": 1}


@pytest.mark.parametrize("index", [slice(1, None, 2), [4, 0], "mask"])
def test_select_answers_leaves_the_other_tag_sequences_missing(annotations, index):
    sequence, annotator = annotations.pairs
    everyone = np.arange(sequence.size)
    index = everyone % 3 == 1 if isinstance(index, str) else index
    kept = annotations.select_answers(index)
    expected = annotations.to_cells()
    gone = np.setdiff1d(everyone, everyone[index])
    expected[sequence[gone], annotator[gone]] = None
    # as text, because NaN equals nothing
    assert str(listed(kept.to_cells())) == str(listed(expected))
    assert kept.shape == annotations.shape
    assert kept.lengths.tolist() == annotations.lengths.tolist()


def test_a_repeat_among_selected_answers_raises(annotations):
    with pytest.raises(ValueError, match="answer 2 more than once"):
        annotations.select_answers([2, 0, 2])
