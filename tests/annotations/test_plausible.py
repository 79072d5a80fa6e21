"""Tables that are no answers are noticed, and answers are not taken for such."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from skcrowd.annotations import Annotations, SequenceAnnotations, check_annotations
from skcrowd.annotations._plausible import warn_of_far_gold
from skcrowd.datasets import make_annotations
from skcrowd.exceptions import CrowdWarning

RNG = np.random.default_rng(0)
BINARY = pd.DataFrame(RNG.integers(0, 2, (30, 3)), columns=list("abc"))
STARS = pd.DataFrame(RNG.integers(1, 6, (30, 3)), columns=list("abc"))
WORDS = BINARY.replace({0: "no", 1: "yes"})


@pytest.mark.parametrize("kind", ["labels", "numbers"])
@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("n_rows", [6, 30])
def test_a_column_that_numbers_the_items(kind, start, n_rows):
    y = STARS[:n_rows] if n_rows == 30 else BINARY[:n_rows]
    y = y.assign(row=np.arange(n_rows) + start)
    with pytest.warns(CrowdWarning, match="column 'row' of y numbers the items"):
        check_annotations(y, kind=kind)
    with pytest.warns(CrowdWarning, match="column 3 of y numbers the items"):
        check_annotations(y.to_numpy(), kind=kind)
    if kind == "labels":
        check_annotations(y, classes=np.arange(50))


@pytest.mark.parametrize("kind", ["labels", "numbers"])
def test_an_unnamed_index_in_any_order(kind):
    y = BINARY.reset_index(names="Unnamed: 0").sample(8, random_state=0)
    with pytest.warns(CrowdWarning, match="'Unnamed: 0'"):
        check_annotations(y, kind=kind)


@pytest.mark.parametrize(
    "column",
    [
        [f"a sentence of its own, the {i}." for i in range(30)],
        ["good", "good", *(f"sentence {i}" for i in range(28))],
    ],
)
def test_a_column_of_text(column):
    y = WORDS.assign(text=column)
    message = "column 'text' of y holds labels that are nearly all distinct"
    with pytest.warns(CrowdWarning, match=message):
        check_annotations(y)
    melted = y.reset_index().melt("index")
    with pytest.warns(CrowdWarning, match=message):
        Annotations.from_long("index", "variable", "value", data=melted)


def test_ids_of_items_in_any_order():
    y = BINARY.assign(id=RNG.permutation(np.arange(1000, 1030)))
    with pytest.warns(CrowdWarning, match="column 'id'"):
        check_annotations(y)


@pytest.mark.parametrize("kind", ["labels", "numbers"])
def test_a_table_of_counts(kind):
    counts = np.random.default_rng(1).multinomial(5, [0.6, 0.3, 0.1], size=25)
    with pytest.warns(CrowdWarning, match="counts or shares of 3 classes"):
        check_annotations(counts, kind=kind)
    counts[:2, 0] -= counts[:2, 0] > 0  # two items with an answer less
    with pytest.warns(CrowdWarning, match="counts"):
        check_annotations(counts, kind=kind)


def test_a_table_of_shares():
    shares = np.random.default_rng(2).dirichlet([1, 1, 1], size=10)
    with pytest.warns(CrowdWarning, match="shares"):
        check_annotations(shares, kind="numbers")


@pytest.mark.parametrize("far", [99, -99, [999], [998, 999]])
def test_ratings_far_from_all_others(far):
    y = STARS.to_numpy().copy()
    y[::4, 1] = np.resize(far, len(y[::4]))
    with pytest.warns(CrowdWarning, match=r"ratings .*99 \(8 times\), far from"):
        check_annotations(y, kind="numbers")


def test_most_ratings_are_a_mark():
    y = STARS.to_numpy().copy()
    y[:, 1:] = 999
    message = r"999 \(60 times\), far from the others, which lie between 1 and 5"
    with pytest.warns(CrowdWarning, match=message):
        check_annotations(y, kind="numbers")


def test_a_mark_on_which_all_annotators_agree():
    y = STARS.to_numpy().copy()
    y[3] = 999
    with pytest.warns(CrowdWarning, match=r"999 \(3 times\), far from the others"):
        check_annotations(y, kind="numbers")


def test_a_far_rating_on_which_annotators_do_not_agree():
    y = 2000 + STARS.to_numpy()
    y[3] = 1500, 1500, 2003
    with pytest.warns(CrowdWarning, match=r"1500 \(2 times\), far from the others"):
        check_annotations(y, kind="numbers")


@pytest.mark.parametrize("gold", [[3, 2, 4, 400], [3, 999, 999, 2], [999]])
def test_some_gold_that_is_far_or_a_mark(gold):
    with pytest.warns(CrowdWarning, match="gold holds"):
        warn_of_far_gold(np.arange(1.0, 6), np.array(gold, dtype=float))


def test_more_classes_than_a_third_of_the_answers():
    names = [f"n{i}" for i in range(40)]
    with pytest.warns(CrowdWarning, match="40 answers of 40 classes"):
        Annotations.from_long(range(40), ["ann"] * 40, names)
    Annotations.from_long(range(40), ["ann"] * 40, names, classes=names)
    with pytest.warns(CrowdWarning, match="40 answers of 40 classes"):
        SequenceAnnotations.from_cells([[names]])


# ---- no false alarm: warnings are errors here ----


@pytest.mark.parametrize("n_classes", [2, 3, 10])
@pytest.mark.parametrize("n_annotators", [2, 3, 40])
def test_labels_of_crowds_raise_no_alarm(n_classes, n_annotators):
    for seed, n_items in product(range(5), [3, 8, 40, 200]):
        check_crowds(seed, n_classes, n_items, n_annotators)


def check_crowds(seed, n_classes, n_items, n_annotators):
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(n_classes))  # often very uneven
    truth = rng.choice(n_classes, n_items, p=shares)
    crowd = {"expert": 1, "average": n_annotators - 1}
    for per_item in (None, 1, 2):
        made = make_annotations(
            truth, crowd, answers_per_item=per_item, random_state=seed,
            classes=range(n_classes),
        )  # fmt: skip
        dense = made.annotations.to_dense()
        if set(np.unique(dense)) != {-1, 1}:
            check_annotations(dense)


@pytest.mark.parametrize("n_items", [3, 8, 40, 200])
@pytest.mark.parametrize("n_annotators", [2, 3, 40])
def test_ratings_of_crowds_raise_no_alarm(n_items, n_annotators):
    drawn = [np.random.default_rng(seed).normal(size=n_items) for seed in range(5)]
    for seed, truth in enumerate([*drawn, np.arange(n_items) / 7]):
        made = make_annotations(truth, n_annotators, kind="numbers", random_state=seed)
        ratings = made.annotations.to_dense()
        check_annotations(ratings, kind="numbers")
        check_annotations(np.clip(np.round(ratings), 1, 5), kind="numbers")


def test_sorted_items_that_everybody_gets_right_raise_no_alarm():
    perfect = np.repeat(np.arange(12)[:, None], 4, axis=1)
    check_annotations(perfect)
    check_annotations(perfect, kind="numbers")
    check_annotations(np.ones((30, 3), int))


@pytest.mark.parametrize("offset", [1e6, 1e9, 1e12])
def test_ratings_far_from_zero_are_no_counts(offset):
    y = STARS + RNG.random(STARS.shape) + offset
    check_annotations(y, kind="numbers")


def test_items_of_two_magnitudes_raise_no_alarm():
    noise = np.random.default_rng(0).uniform(-2, 2, (60, 4))
    check_annotations(np.repeat([10, 60], 30)[:, None] + noise, kind="numbers")


def test_percentages_that_are_mostly_zero_raise_no_alarm():
    ratings = np.zeros((60, 4))
    ratings.flat[::5] = np.resize([90, 92, 95, 97, 100], 48)
    ratings.flat[1:21:5] = 91
    check_annotations(ratings, kind="numbers")


def test_an_old_building_raises_no_alarm():
    years = np.random.default_rng(0).integers(1950, 2020, (40, 4))
    years[7] = 1200, 1200, 1210, 1200
    check_annotations(years, kind="numbers")


def test_an_annotator_with_a_scale_of_their_own_raises_no_alarm():
    ratings = np.random.default_rng(0).normal(size=(40, 6))
    ratings[:, 2] += 100
    check_annotations(ratings, kind="numbers")


@pytest.mark.parametrize(
    ("ratings", "gold"),
    [
        ([3, 4], np.arange(1, 11)),
        ([1, 2, 3, 4, 5], np.linspace(0, 100, 40)),
        ([1, 2, 3, 4, 5], [80]),
        ([1, 2, 3, 4, 5], [80, 90, 60]),
    ],
)
def test_gold_on_a_scale_of_its_own_raises_no_alarm(ratings, gold):
    warn_of_far_gold(np.array(ratings, dtype=float), np.array(gold, dtype=float))


@pytest.mark.parametrize(
    "ratings",
    [[0, 1] * 10 + [9], [3] * 20 + [4], [0, 1, 2, 10], [*range(5)] * 4 + [24]],
)
def test_ratings_of_a_scale_are_not_far(ratings):
    check_annotations(np.reshape(ratings, (-1, 1)), kind="numbers")
