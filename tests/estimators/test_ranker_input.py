"""Items of a ranker: names and indices of tables, integers, categories, settings."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from sklearn.base import clone
from torch import nn

from skcrowd import CrowdClassifier, CrowdRanker
from skcrowd.aggregation import Comparisons
from skcrowd.exceptions import CrowdWarning
from skcrowd.training import CrowdNet

FAST = CrowdClassifier(method="confusion_layer", max_epochs=12, lr=1e-2, random_state=0)
RNG = np.random.default_rng(0)
ITEMS = pd.DataFrame(
    RNG.standard_normal((40, 3)),
    index=[f"i{k}" for k in range(40)],
    columns=["a", "b", "c"],
)
FIRST = RNG.integers(0, 40, 160)
SECOND = (FIRST + RNG.integers(1, 40, 160)) % 40
IS_BETTER = ITEMS["a"].to_numpy()[FIRST] > ITEMS["a"].to_numpy()[SECOND]
Y = np.where(IS_BETTER[:, None], "first", "second")
OUTCOMES = "first", "second"
COUNTS = RNG.integers(0, 9, (40, 3))


def ranker(**settings):
    return CrowdRanker(clone(FAST).set_params(**settings))


def pairs(items):
    """Return the items of each pair, numbered by pair where they have an index."""
    if not isinstance(items, pd.DataFrame):
        return items[FIRST], items[SECOND]
    parts = (items.iloc[places] for places in (FIRST, SECOND))
    return tuple(part.reset_index(drop=True) for part in parts)


def comparisons(names):
    better = np.where(IS_BETTER, FIRST, SECOND)
    return Comparisons.from_long(names[FIRST], names[SECOND], names[better])


def shuffled(table):
    return table.sample(frac=1, random_state=0)


def quality(model, items, values):
    return np.corrcoef(model.score_items(items), values)[0, 1]


@pytest.fixture(scope="module")
def fitted():
    return ranker().fit(pairs(ITEMS), Y)


@pytest.fixture
def no_training(monkeypatch):
    def train(self, *args, **kwargs):
        raise AssertionError("training began")

    monkeypatch.setattr(CrowdNet, "train_step_single", train)


def test_items_are_in_the_order_of_the_names(no_training):
    y = comparisons(ITEMS.index.to_numpy())
    with pytest.raises(ValueError, match=r"X = X\.loc\[y\.item_names\]"):
        ranker().fit(ITEMS, y)
    numbered = ITEMS.reset_index(drop=True)
    with pytest.raises(ValueError, match="row labels in another order"):
        ranker().fit(
            numbered.sample(frac=1, random_state=0), comparisons(np.arange(40))
        )
    with pytest.raises(ValueError, match="different row labels"):
        ranker().fit(ITEMS.add_suffix("z", axis=0), y)
    with pytest.raises(ValueError, match=r"X has 39 items.*X\.loc\[y\.item_names\]"):
        ranker().fit(ITEMS.loc[y.item_names[1:]], y)


def test_items_by_their_names_are_learned_from():
    y = comparisons(ITEMS.index.to_numpy())
    by_name = ITEMS.loc[y.item_names]
    model = ranker().fit(by_name, y)
    assert quality(model, ITEMS, ITEMS["a"]) > 0.9
    other = ranker().fit(by_name.reset_index(drop=True), y)
    np.testing.assert_array_equal(other.score_items(ITEMS), model.score_items(ITEMS))
    with pytest.raises(ValueError, match="row labels in another order"):
        model.label_quality(ITEMS, y, cv="prefit")


def test_pairs_by_the_names_of_items():
    names = ITEMS.index.to_numpy()
    X = ITEMS.loc[names[FIRST]], ITEMS.loc[names[SECOND]]
    y = shuffled(pd.DataFrame(Y))  # its labels are no names of items
    with pytest.warns(CrowdWarning, match="X has no labels"):
        ranker().fit(X, y)
    assert quality(ranker().fit(X, Y), ITEMS, ITEMS["a"]) > 0.9


def test_each_item_may_be_compared_with_its_neighbour():
    items, neighbours = ITEMS, ITEMS.loc[np.roll(ITEMS.index, 1)]
    is_better = items["a"].to_numpy() > neighbours["a"].to_numpy()
    y = np.where(is_better[:, None], *OUTCOMES).repeat(2, axis=1)
    X = items, neighbours
    model = ranker().fit(X, y)
    numbered = tuple(part.reset_index(drop=True) for part in X)
    expected = ranker().fit(numbered, y)
    np.testing.assert_array_equal(model.score_items(items), expected.score_items(items))
    np.testing.assert_array_equal(model.predict(X), expected.predict(numbered))
    other = ranker().fit(dict(zip(OUTCOMES, X, strict=True)), pd.DataFrame(y))
    np.testing.assert_array_equal(other.score_items(items), model.score_items(items))
    assert model.score(X, y) == expected.score(numbered, y)


def test_labels_of_answers_or_weights_are_labels_of_pairs(no_training):
    first, second = (part.add_prefix("p", axis=0) for part in pairs(ITEMS))
    X = first, shuffled(second)
    for labels in (first.index, X[1].index, first.index[::-1]):
        weight = pd.Series(np.ones(160), index=labels)
        for given in ((pd.DataFrame(Y, index=labels),), (Y, weight)):
            with pytest.raises(
                ValueError, match="row labels in another order"
            ) as error:
                ranker().fit(X, *given)
            assert "second.reset_index(drop=True)" in str(error.value)
            assert ".loc[" not in str(error.value)


def test_numbers_of_pairs_in_another_order_have_advice_of_their_own(no_training):
    first, second = pairs(ITEMS)
    with pytest.raises(
        ValueError, match=r"in another order.*if they are names"
    ) as error:
        ranker().fit((first, shuffled(second)), Y)
    assert ".loc[" not in str(error.value)


def test_columns_of_both_items_have_one_order(fitted, no_training):
    first, second = pairs(ITEMS)
    swapped = second[["c", "b", "a"]]
    for call in (
        lambda X: ranker().fit(X, Y),
        fitted.predict,
        fitted.predict_proba,
        lambda X: fitted.score(X, Y),
        lambda X: fitted.label_quality(X, Y, cv="prefit"),
    ):
        for X in ((first, swapped), {"first": first, "second": swapped}):
            with pytest.raises(ValueError, match=r"X\['first'\] has the columns"):
                call(X)


def test_columns_have_the_names_of_fit(fitted):
    swapped, other = ITEMS[["c", "b", "a"]], ITEMS.rename(columns={"a": "z"})
    for items in (swapped, other, pl.from_pandas(swapped)):
        with pytest.raises(ValueError, match=r"but CrowdRanker was fitted with \['a'"):
            fitted.score_items(items)
    with pytest.raises(ValueError, match=r"X\['first'\] has the columns \['c'"):
        fitted.predict_proba(pairs(swapped))
    with pytest.warns(CrowdWarning, match="pass tables both times"):
        found = fitted.score_items(ITEMS.to_numpy())
    np.testing.assert_array_equal(found, fitted.score_items(ITEMS))
    np.testing.assert_array_equal(
        fitted.score_items(pl.from_pandas(ITEMS)), fitted.score_items(ITEMS)
    )


def test_rows_of_pairs_have_one_order(fitted, no_training):
    first, second = pairs(ITEMS)
    y, weight = pd.DataFrame(Y), pd.Series(np.ones(160))
    same = r"X\['first'\] and {} have the same row labels in another order"
    wrong = {
        r"X\['second'\]": ((first, shuffled(second)), y, weight),
        "y": ((first, second), shuffled(y), weight),
        "sample_weight": ((first, second), y, shuffled(weight)),
    }
    for name, arguments in wrong.items():
        for fit in (ranker().fit, fitted.score):
            with pytest.raises(ValueError, match=same.format(name)):
                fit(*arguments)
    with pytest.raises(ValueError, match=same.format("y")):
        fitted.answer_quality((first, second), shuffled(y), cv="prefit")
    with pytest.raises(ValueError, match=same.format(r"X\['second'\]")):
        fitted.predict((first, shuffled(second)))


INTEGERS = {
    "int64": COUNTS,
    "uint8": COUNTS.astype(np.uint8),
    "bool": COUNTS > 4,
    "list": COUNTS.tolist(),
    "table": pd.DataFrame(COUNTS),
    "nullable": pd.DataFrame(COUNTS).astype("Int64"),
    "tensor": torch.from_numpy(COUNTS),
}


def chosen(items, places):
    if isinstance(items, list):
        return [items[place] for place in places]
    return items.iloc[places] if isinstance(items, pd.DataFrame) else items[places]


class Linear(nn.Linear):
    def __init__(self, n_features):
        super().__init__(n_features, 1)


@pytest.mark.parametrize("form", INTEGERS)
@pytest.mark.parametrize("module", [None, Linear])
def test_integers_are_numbers(form, module):
    items = INTEGERS[form]
    floats = np.asarray(items, dtype=np.float32)
    X = chosen(items, FIRST), chosen(items, SECOND)
    numbers = floats[FIRST], floats[SECOND]
    model = ranker(module=module, max_epochs=3).fit(X, Y)
    same = {"atol": 1e-5, "rtol": 1e-4}
    expected = model.score_items(floats), model.predict_proba(numbers)
    np.testing.assert_allclose(model.score_items(items), expected[0], **same)
    np.testing.assert_allclose(model.predict_proba(X), expected[1], **same)
    if module is None:
        other = ranker(max_epochs=3).fit(numbers, Y)
        np.testing.assert_allclose(other.score_items(floats), expected[0], **same)


@pytest.mark.parametrize("module", [None, Linear])
def test_integers_after_a_fit_in_double_precision(module):
    items = ITEMS.to_numpy()
    model = ranker(module=module, max_epochs=3).fit(pairs(items), Y)
    np.testing.assert_allclose(
        model.score_items([[1, 2, 3], [4, 5, 6]]),
        model.score_items([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
    )
    np.testing.assert_allclose(
        model.predict_proba(pairs(COUNTS)), model.predict_proba(pairs(COUNTS * 1.0))
    )


class Lookup(nn.Module):
    def __init__(self):
        super().__init__()
        self.value = nn.Embedding(9, 1)

    def forward(self, codes):
        return self.value(codes).sum(dim=1)


def test_integers_that_are_looked_up_stay_integers():
    y = np.where(COUNTS[FIRST, :1] > COUNTS[SECOND, :1], "first", "second")
    model = ranker(module=Lookup, max_epochs=40).fit(pairs(COUNTS), y)
    assert quality(model, COUNTS, COUNTS[:, 0]) > 0.4
    assert np.isfinite(model.predict_proba(pairs(COUNTS))).all()


def test_scores_that_are_not_finite_are_an_error():
    items = ITEMS.to_numpy(dtype=np.float32)
    model = ranker(max_epochs=1).fit(pairs(items), Y)
    with pytest.raises(ValueError, match="NaN or infinity for row 1 of X"):
        model.score_items(np.array([[1.0, 2.0, 3.0], [1e60, 0.0, 0.0]]))


def test_columns_of_categories():
    color = pd.Categorical(np.where(ITEMS["a"] > 0, "red", "blue"))
    items = ITEMS[["b"]].assign(color=color)
    dummies = items.assign(
        color=(color == "blue").astype(float), red=(color == "red").astype(float)
    ).to_numpy(dtype=np.float32)
    expected = ranker().fit(pairs(dummies), Y).score_items(dummies)
    by_pair = ranker().fit(pairs(items.astype({"b": np.float32})), Y)
    np.testing.assert_allclose(by_pair.score_items(items), expected, rtol=1e-4)
    y = comparisons(items.index.to_numpy())
    by_item = ranker().fit(items.loc[y.item_names], y)
    assert quality(by_item, items, ITEMS["a"]) > 0.7
    table = pl.from_pandas(items)
    polars = ranker().fit((table[FIRST.tolist()], table[SECOND.tolist()]), Y)
    assert quality(polars, table, ITEMS["a"]) > 0.7
    swapped = items[["color", "b"]]
    with pytest.raises(ValueError, match=r"X has the columns \['color', 'b'\]"):
        by_item.score_items(swapped)
    with pytest.raises(ValueError, match=r"X\['first'\] has the columns \['color'"):
        by_item.predict(pairs(swapped))
    with pytest.raises(ValueError, match=r"X\['second'\] is no table"):
        by_item.predict((items, dummies))


def test_what_the_default_network_cannot_read(no_training):
    texts = ITEMS.index.to_numpy()
    with pytest.raises(ValueError, match="default network reads numbers"):
        ranker().fit(pairs(texts), Y)
    with pytest.raises(ValueError, match=r"X\['first'\] has shape \(160,\)"):
        ranker().fit(pairs(COUNTS[:, 0]), Y)
    with pytest.raises(ValueError, match="columns of texts"):
        ranker().fit(pairs(ITEMS.assign(color="red")), Y)


class Length(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(1, 1)

    def forward(self, texts):
        return self.layer(torch.tensor([[float(len(text))] for text in texts]))


@pytest.mark.parametrize(
    ("name", "value"),
    [("warm_start", True), ("classes", ["a", "b"]), ("ordinal", True)],
)
def test_settings_without_effect_are_refused(name, value, no_training):
    with pytest.raises(ValueError, match=f"classifier has {name}=.*leave {name} out"):
        ranker(**{name: value}).fit(pairs(ITEMS), Y)


def test_a_fit_that_fails_changes_nothing(fitted):
    before = fitted.score_items(ITEMS)
    with pytest.raises(ValueError, match="row labels"):
        fitted.fit(ITEMS, comparisons(ITEMS.index.to_numpy()))
    np.testing.assert_array_equal(fitted.score_items(ITEMS), before)
