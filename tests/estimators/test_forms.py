"""Every form of a container works as the plain array does, or is refused by name."""

from collections import deque
from decimal import Decimal
from functools import cache
from types import MappingProxyType

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from _sequence_data import TokenNetwork

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.annotations import Annotations

# Input is read before methods see it; the default one trains networks of folds, too.
QUICK = {"method": "em", "max_epochs": 1, "random_state": 0}
N = 12
_rng = np.random.default_rng(0)
X = _rng.normal(size=(N, 2))
TRUTH = (X[:, 0] > 0).astype(int)
Y = np.column_stack([TRUTH, TRUTH, _rng.integers(0, 2, N)])
GOLD = [int(t) if i % 3 == 0 else None for i, t in enumerate(TRUTH)]
WEIGHT = np.arange(N) % 3 + 1.0
NAMES = ["a", "b", "c"]

WORDS = [["w0", "w1"], ["w1"], ["w2", "w0", "w1"]] * 2
TAGS = [
    [["B", "I"], ["B", "O"]],
    [["O"], ["O"]],
    [["O", "B", "I"], ["O", "B", "O"]],
] * 2
GOLD_TAGS = [["B", "I"], None, None, None, ["O"], None]
SEQUENCE_WEIGHT = np.array([1.0, 2.0, 1.0, 3.0, 1.0, 1.0])


class OnlyArray:
    """What knows nothing but how to become an array."""

    def __init__(self, values):
        self._values = np.asarray(values)

    def __array__(self, dtype=None, copy=None):
        return np.array(self._values, dtype=dtype)


def structured(values):
    values = np.asarray(values)
    dtype = [(name, values.dtype) for name in NAMES[: values.shape[1]]]
    return np.array(list(map(tuple, values)), dtype=dtype)


def columns(values):
    return dict(zip(NAMES, np.asarray(values).T, strict=False))


MATRICES = {
    "list": lambda m: m.tolist(),
    "tuple": lambda m: tuple(map(tuple, m.tolist())),
    "by columns": np.asfortranarray,
    "objects": lambda m: m.astype(object),
    "masked": np.ma.array,
    "deque of deques": lambda m: deque(map(deque, m.tolist())),
    "list of arrays": list,
    "list of Series": lambda m: list(map(pd.Series, m)),
    "list of polars Series": lambda m: list(map(pl.Series, m)),
    "list of tensors": lambda m: list(torch.tensor(m)),
    "tensor": torch.tensor,
    "tensor with gradient": lambda m: torch.tensor(m * 1.0, requires_grad=True),
    "pandas": pd.DataFrame,
    "nullable pandas": lambda m: pd.DataFrame(m).convert_dtypes(),
    "polars": lambda m: pl.DataFrame(m, schema=["0", "1", "2"][: m.shape[1]]),
    "Arrow table": lambda m: pa.table(dict(enumerate_columns(m))),
    "Arrow batch": lambda m: pa.RecordBatch.from_pydict(dict(enumerate_columns(m))),
    "only an array": OnlyArray,
}
NO_MATRICES = {
    "dict of columns": columns,
    "read-only dict": lambda m: MappingProxyType(columns(m)),
    "list of dicts": lambda m: pd.DataFrame(columns(m)).to_dict("records"),
    "set": lambda m: set(map(tuple, m.tolist())),
    "generator": lambda m: (row for row in m),
    "map": lambda m: map(tuple, m),
    "string": lambda m: "abc",
    "number": lambda m: 3,
    "0-d": lambda m: np.array(3),
    "structured": structured,
    "lazy": lambda m: pl.DataFrame(m).lazy(),
    "list of sets": lambda m: list(map(set, m.tolist())),
    "list of generators": lambda m: [iter(row) for row in m],
    "sparse tensor": lambda m: torch.tensor(m).to_sparse(),
}
VECTORS = {
    "tuple": tuple,
    "deque": deque,
    "objects": lambda v: np.array(v, dtype=object),
    "Series": pd.Series,
    "nullable Series": lambda v: pd.Series(v).convert_dtypes(),
    "Index": pd.Index,
    "pandas array": lambda v: pd.array(v),
    "polars": lambda v: pl.Series("v", v),
    "Arrow array": pa.array,
    "Arrow chunks": lambda v: pa.chunked_array([v[:4], v[4:]]),
    "dict values": lambda v: dict(enumerate(v)).values(),
    "numpy scalars": lambda v: [x if x is None else np.asarray(x)[()] for x in v],
    "0-d tensors": lambda v: [x if x is None else torch.tensor(x) for x in v],
    "Decimal": lambda v: [x if x is None else Decimal(x) for x in v],
}
NO_VECTORS = {
    "set": set,
    "generator": iter,
    "string": lambda v: "abc",
    "number": lambda v: 3.0,
    "NaN": lambda v: np.nan,
    "column": lambda v: pd.DataFrame({"v": v}),
    "polars column": lambda v: pl.DataFrame({"v": v}),
    "too short": lambda v: list(v)[:-1],
    "list of dicts": lambda v: [{"v": x} for x in v],
    "matrix": lambda v: [[x, x] for x in v],
}


def enumerate_columns(matrix):
    return ((str(k), column) for k, column in enumerate(np.asarray(matrix).T))


def is_float64(X):
    """Whether X has a dtype of numpy that is float64."""
    return np.dtype("f8") in (getattr(X, "dtype", 0), *getattr(X, "dtypes", ()))


def classifier(X=X, y=Y, **options):
    estimator = CrowdClassifier(**QUICK)
    estimator.fit(X, y, **options)
    return estimator.posterior_


def regressor(X=X, y=Y, **options):
    estimator = CrowdRegressor(**QUICK)
    estimator.fit(X, y, **options)
    return estimator.posterior_mean_


def tagger(X=WORDS, y=TAGS, **options):
    estimator = CrowdSequenceTagger(**{**QUICK, "module": TokenNetwork})
    estimator.fit(X, y, **options)
    return np.concatenate(estimator.posterior_)


ITEM_ESTIMATORS = pytest.mark.parametrize("fitted", [classifier, regressor])


def forms(functions):
    return pytest.mark.parametrize(
        "form", [pytest.param(f, id=name) for name, f in functions.items()]
    )


@pytest.fixture(scope="module")
def plain():
    """What is learned from arrays and lists."""
    return {
        (fitted, name): fitted(**options)
        for fitted in (classifier, regressor)
        for name, options in {
            "y": {},
            "X": {},
            "gold": {"gold": GOLD},
            "sample_weight": {"sample_weight": WEIGHT},
        }.items()
    } | {
        (tagger, "y"): tagger(),
        (tagger, "gold"): tagger(gold=GOLD_TAGS),
        (tagger, "sample_weight"): tagger(sample_weight=SEQUENCE_WEIGHT),
    }


@ITEM_ESTIMATORS
@forms(MATRICES)
def test_y_of_any_form(fitted, form, plain):
    y = form(Y)
    if fitted is classifier and "gradient" in str(form):
        y = torch.tensor(Y)
    np.testing.assert_array_equal(fitted(y=y), plain[fitted, "y"])


@cache
def of_single_precision():
    return classifier(X=X.astype(np.float32))


@forms(MATRICES)
def test_X_of_any_form_gives_the_bits_of_the_array(form, plain):
    """X is read alike for all estimators of items, and so are weights."""
    given = form(X)
    want = plain[classifier, "X"] if is_float64(given) else of_single_precision()
    np.testing.assert_array_equal(classifier(X=given), want)


def test_a_regressor_reads_X_as_a_classifier_does(plain):
    given = MATRICES["nullable pandas"](X)
    np.testing.assert_array_equal(regressor(X=given), regressor(X=np.asarray(given)))


@pytest.mark.parametrize("fitted", [classifier, regressor, tagger])
@forms(NO_MATRICES)
@pytest.mark.parametrize("argument", ["X", "y"])
def test_what_is_no_matrix_is_refused_by_name(fitted, form, argument):
    with pytest.raises(ValueError, match=rf"^{argument} (must be|is a) "):
        fitted(**{argument: form(Y)})


@ITEM_ESTIMATORS
@pytest.mark.parametrize("form", ["dict of columns", "list of dicts", "structured"])
def test_tables_of_answers_are_told_of_from_long(fitted, form):
    with pytest.raises(ValueError, match=r"^y must be .*Annotations\.from_long"):
        fitted(y=NO_MATRICES[form](Y))


@ITEM_ESTIMATORS
@forms(VECTORS)
def test_gold_of_any_form(fitted, form, plain):
    gold = form(GOLD)
    if fitted is classifier and any(isinstance(v, Decimal) for v in gold):
        with pytest.raises(TypeError, match=r"^gold holds Decimal\('\d'\)"):
            fitted(gold=gold)
        return
    np.testing.assert_array_equal(fitted(gold=gold), plain[fitted, "gold"])


@forms(VECTORS)
def test_weights_of_any_form(form, plain):
    weighted = classifier(sample_weight=form(WEIGHT.tolist()))
    np.testing.assert_array_equal(weighted, plain[classifier, "sample_weight"])


def test_a_regressor_reads_weights_as_a_classifier_does(plain):
    weighted = regressor(sample_weight=VECTORS["nullable Series"](WEIGHT.tolist()))
    np.testing.assert_array_equal(weighted, plain[regressor, "sample_weight"])


@pytest.mark.parametrize("fitted", [classifier, regressor, tagger])
@forms(
    {**NO_VECTORS, "dict": lambda v: dict(enumerate(v)), "text": lambda v: ["1"] * N}
)
def test_what_is_no_weights_is_refused_by_name(fitted, form):
    weight = SEQUENCE_WEIGHT if fitted is tagger else WEIGHT
    with pytest.raises(ValueError, match=r"^sample_weight "):
        fitted(sample_weight=form(weight.tolist()))


@pytest.mark.parametrize("value", [-1, np.nan, np.inf, None, pd.NA, "1", 1j])
def test_single_weights_are_refused_by_name(value):
    weight = [1.0] * (N - 1) + [value]
    with pytest.raises(ValueError, match=r"^sample_weight holds"):
        classifier(sample_weight=weight)


@pytest.mark.parametrize("fitted", [classifier, regressor, tagger])
@forms(NO_VECTORS)
def test_what_is_no_gold_is_refused_by_name(fitted, form):
    gold = GOLD_TAGS if fitted is tagger else GOLD
    if fitted is tagger:
        gold = ["O" if g is None else "B" for g in gold]
    with pytest.raises((ValueError, TypeError), match=r"^gold "):
        fitted(gold=form(gold))


@ITEM_ESTIMATORS
@pytest.mark.parametrize("complete", [True, False])
def test_a_dict_of_gold_is_read_by_row(fitted, complete, plain):
    gold = {row: t for row, t in enumerate(GOLD) if complete or t is not None}
    backwards = dict(reversed(gold.items()))
    np.testing.assert_array_equal(fitted(gold=backwards), plain[fitted, "gold"])


@ITEM_ESTIMATORS
def test_a_dict_of_gold_is_read_by_the_labels_of_rows(fitted, plain):
    labels = [f"row {i}" for i in range(N)]
    gold = {labels[row]: t for row, t in enumerate(GOLD) if t is not None}
    frame = pd.DataFrame(X, index=labels)
    kind = "labels" if fitted is classifier else "numbers"
    table = pd.DataFrame(Y, index=labels).stack().reset_index()
    named = Annotations.from_long(*table.T.to_numpy(), item_ids=labels, kind=kind)
    for data in ({"X": frame}, {"y": pd.DataFrame(Y, index=labels)}, {"y": named}):
        np.testing.assert_array_equal(fitted(**data, gold=gold), plain[fitted, "gold"])
    with pytest.raises(
        ValueError, match=r"^gold has \[0, 1\] among its keys .*'row 0'"
    ):
        fitted(X=frame, gold={0: 1, 1: 0, "row 2": 1})


def test_keys_that_are_no_rows_are_named():
    for wrong in (N, -1, "0", True, 1.5, None):
        with pytest.raises(
            ValueError, match=rf"^gold has \[{wrong!r}\] among its keys"
        ):
            classifier(gold={0: 1, wrong: 1})


def test_a_label_of_several_rows_is_no_key():
    with pytest.raises(ValueError, match="several rows of X have the same label"):
        classifier(X=pd.DataFrame(X, index=[5] * N), gold={5: 1})
    data = pd.DataFrame(X, index=[*range(1, N), 1])
    classifier(X=data, gold={2: 1})


def test_gold_tags_by_row(plain):
    gold = {row: tags for row, tags in enumerate(GOLD_TAGS) if tags is not None}
    np.testing.assert_array_equal(tagger(gold=gold), plain[tagger, "gold"])
    with pytest.raises(ValueError, match=r"^gold has \[6\] among its keys"):
        tagger(gold={6: ["O"]})


@forms(
    {
        "tuple": tuple,
        "Series": pd.Series,
        "objects": lambda g: pd.Series(g).to_numpy(),
        "arrays": lambda g: [v if v is None else np.array(v) for v in g],
        "deques": lambda g: [v if v is None else deque(v) for v in g],
        "StringDType": lambda g: [
            v if v is None else np.array(v, dtype=np.dtypes.StringDType()) for v in g
        ],
        "polars": lambda g: pl.Series("g", g),
        "Arrow": pa.array,
        "list of polars": lambda g: [v if v is None else pl.Series(v) for v in g],
    }
)
def test_gold_tags_of_any_form(form, plain):
    np.testing.assert_array_equal(tagger(gold=form(GOLD_TAGS)), plain[tagger, "gold"])


def of_cells(cell, rows=list):
    return lambda y: [rows(map(cell, row)) for row in y]


def object_matrix(y):
    matrix = np.empty((len(y), len(y[0])), dtype=object)
    for place in np.ndindex(matrix.shape):
        matrix[place] = y[place[0]][place[1]]
    return matrix


@forms(
    {
        "tuples": of_cells(tuple, tuple),
        "deques": of_cells(deque, deque),
        "arrays": of_cells(np.array),
        "Series": of_cells(pd.Series, pd.Series),
        "polars Series": of_cells(pl.Series),
        "Arrow arrays": of_cells(pa.array),
        "objects": object_matrix,
        "pandas": lambda y: pd.DataFrame(object_matrix(y)),
        "polars": lambda y: pl.DataFrame(
            {"0": [row[0] for row in y], "1": [row[1] for row in y]}
        ),
        "Arrow": lambda y: pa.table(
            {"0": [row[0] for row in y], "1": [row[1] for row in y]}
        ),
        "deque of rows": deque,
    }
)
def test_tags_of_any_form(form, plain):
    np.testing.assert_array_equal(tagger(y=form(TAGS)), plain[tagger, "y"])


@forms({"deque": deque, "Series": pd.Series, "polars": pl.Series, "Arrow": pa.array})
def test_sequences_of_any_form(form, plain):
    np.testing.assert_array_equal(tagger(X=form(WORDS)), plain[tagger, "y"])


def test_sequences_of_features_of_any_form():
    features = [_rng.normal(size=(len(words), 2)) for words in WORDS]
    want = tagger(X=features)
    for form in (torch.tensor, pd.DataFrame, pl.DataFrame):
        np.testing.assert_array_equal(tagger(X=list(map(form, features))), want)


@pytest.mark.parametrize("form", [torch.tensor, pl.Series, pd.Series, tuple, pa.array])
def test_lengths_of_any_form(form):
    padded = np.zeros((len(WORDS), 3, 2))
    lengths = list(map(len, WORDS))
    want = tagger(X=padded, lengths=lengths)
    np.testing.assert_array_equal(tagger(X=padded, lengths=form(lengths)), want)


@pytest.mark.parametrize("lengths", [{0: 2}, {2, 1}, "21", 3, iter([2])])
def test_what_is_no_lengths_is_refused_by_name(lengths):
    with pytest.raises(ValueError, match=r"^lengths must be"):
        tagger(X=np.zeros((len(WORDS), 3, 2)), lengths=lengths)


def test_tables_keep_the_names_of_annotators():
    for table in (
        pl.DataFrame(Y, schema=NAMES),
        pa.table(dict(zip(NAMES, Y.T, strict=True))),
    ):
        clf = CrowdClassifier(max_epochs=1, random_state=0).fit(X, table)
        assert clf.annotators_.tolist() == NAMES
        shuffled = table.select(["c", "a", "b"])
        assert clf.score(X, shuffled) == clf.score(X, Y)
        assert clf.label_quality(X, shuffled).equals(clf.label_quality(X, Y))


def test_tables_keep_the_names_of_features():
    for table in (
        pl.DataFrame(X, schema=["f", "g"]),
        pa.table({"f": X[:, 0], "g": X[:, 1]}),
    ):
        clf = CrowdClassifier(max_epochs=1, random_state=0).fit(table, Y)
        assert clf.feature_names_in_.tolist() == ["f", "g"]
        np.testing.assert_array_equal(
            clf.predict_proba(table),
            clf.predict_proba(pd.DataFrame(X, columns=[*"fg"])),
        )


@pytest.mark.parametrize("dtype", [np.dtypes.StringDType(), "U1", object])
def test_labels_of_any_type_of_text(dtype):
    text = np.array(["no", "yes"])[Y].astype(dtype if dtype != "U1" else "U3")
    clf = CrowdClassifier(**QUICK).fit(X, text)
    assert clf.classes_.tolist() == ["no", "yes"]
    np.testing.assert_array_equal(clf.posterior_, classifier())
    truth = CrowdClassifier(**QUICK).fit(X, text[:, 0])
    assert truth.score(X, text[:, 0]) == truth.score(X, text[:, 0].tolist())


def test_ratings_of_decimals(plain):
    ratings = [[Decimal(int(v)) for v in row] for row in Y]
    np.testing.assert_array_equal(regressor(y=ratings), plain[regressor, "y"])
    with pytest.raises(TypeError, match="Decimal; labels must be"):
        classifier(y=ratings)


@pytest.mark.parametrize("fitted", [regressor])
def test_numbers_that_overflow_are_refused_before_training(fitted):
    with pytest.raises(ValueError, match=r"^y holds .*e\+15\d .* choose another unit"):
        fitted(y=(Y + 1) * 1e155)
    with pytest.raises(ValueError, match=r"^gold holds 1e\+155 at row 0, .*unit"):
        fitted(gold=[1e155] + [None] * (N - 1))
    assert np.isfinite(fitted(y=Y * 1e90)).all()


@pytest.mark.parametrize(
    ("gold", "message"),
    [
        ([["B"], *[None] * 5], r"^gold holds a sequence of 1 tags at row 0, but"),
        ([[1, 2], *[None] * 5], "^gold holds integers"),
        ([["B", 1.5], *[None] * 5], "^gold mixes"),
        ([None, [b"x"], *[None] * 4], "^gold holds bytes"),
        (["B", *[None] * 5], "^gold holds 'B' at row 0, where"),
    ],
)
def test_errors_about_gold_tags_speak_of_gold(gold, message):
    with pytest.raises((ValueError, TypeError), match=message):
        tagger(gold=gold)


@pytest.mark.parametrize(
    ("gold", "message"),
    [
        ([0.5], "gold holds 0.5 at row 0, which is no class label"),
        ([np.inf], "gold contains infinity, first at row 0"),
        ([b"x"], "gold holds bytes"),
        ([1, "x"], "gold mixes"),
        ([2**70], "gold holds integers up to"),
        ([1e300], "gold holds the label 1e.300 at row 0"),
    ],
)
def test_errors_about_gold_speak_of_gold(gold, message):
    with pytest.raises((ValueError, TypeError), match=message) as error:
        classifier(gold=gold + [None] * (N - len(gold)))
    assert "y holds" not in str(error.value)


@pytest.mark.parametrize(
    "y",
    [
        np.full(N, np.datetime64("2020-01-01")),
        np.full(N, 2**64 - 1, dtype=np.uint64),
        np.full(N, b"x"),
        [Decimal(1)] * N,
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning")
def test_what_is_no_label_is_none_in_one_column_either(y):
    for form in (np.asarray(y), np.asarray(y)[:, None]):
        with pytest.raises((ValueError, TypeError)):
            classifier(y=form)
