"""``annotator_prior``: what is known of annotators beforehand."""

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from _data import (
    EVERY_METHOD,
    assert_same_fit,
    blobs,
    crowd,
    rated,
    small,
    with_mlp,
)

from skcrowd import Annotations, CrowdClassifier, CrowdRegressor

# The heads of doctor nets know no truth that a share of right answers could be about.
CASES = [case for case in EVERY_METHOD if case[1] != "doctor_net"]


@pytest.fixture(scope="module")
def labelled():
    X, truth = blobs(90)
    return X, crowd(truth, {"average": 4}, answers_per_item=2).annotations


@pytest.fixture(scope="module")
def rated_crowd():
    X, _, simulated = rated(90, 4, answers_per_item=2)
    return X, simulated.annotations


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_an_expert_is_believed(kind, name, labelled, rated_crowd):
    X, y = labelled if kind is CrowdClassifier else rated_crowd
    expert = {0: (0.999 if kind is CrowdClassifier else 0.01, 5000)}
    settings = {"max_epochs": 4, "batch_size": 16, "lr": 5e-2}
    plain = small(name, kind, **settings).fit(X, y)
    told = small(name, kind, annotator_prior=expert, **settings).fit(X, y)
    if kind is CrowdRegressor:
        ours, theirs = (e.annotator_noise_std_ for e in (told, plain))
        assert ours[0] < 0.5 * theirs[0]
        assert ours.argmin() == 0
    else:
        ours, theirs = (e.annotator_confusion_ for e in (told, plain))
        ours, theirs = (np.einsum("rii->r", c) / 3 for c in (ours, theirs))
        assert ours[0] > theirs[0] + 0.01
        assert ours.argmax() == 0


def test_who_is_known_to_be_wrong_outvotes_nobody(labelled):
    X, _ = labelled
    truth = blobs(90)[1]
    lie = (truth + 1) % 3
    y = Annotations.from_dense(
        np.column_stack([lie, lie, truth]), annotator_names=["a", "b", "c"]
    )
    prior = {"a": (0.1, 500), "b": (0.1, 500), "c": (0.9, 500)}
    fitted = with_mlp("dawid_skene", annotator_prior=prior).fit(X, y)
    assert (fitted.posterior_.argmax(axis=1) == truth).all()
    assert (with_mlp("dawid_skene").fit(X, y).posterior_.argmax(axis=1) == lie).all()


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_forms_of_the_prior(kind, labelled, rated_crowd):
    X, y = labelled if kind is CrowdClassifier else rated_crowd
    forms = [
        {1: 0.5},
        {1: (0.5, 20)},
        [np.nan, 0.5, np.nan, np.nan],
        np.array([[np.nan, 1], [0.5, 20], [np.nan, 20], [0.1, 0]]),
        pd.Series({1: 0.5}),
    ]
    first, *others = (with_mlp(kind=kind, annotator_prior=p).fit(X, y) for p in forms)
    for other in others:
        assert_same_fit(first, other)


@pytest.mark.parametrize(
    ("prior", "message"),
    [
        ({"zoe": 0.9}, "annotator_prior holds 'zoe'"),
        ({0: 1.5}, "must lie between 0 and 1"),
        ({0: -0.5}, "must lie between 0 and 1"),
        ({0: (0.5, -1)}, "second between 0"),
        ({0: (0.5, 1, 2)}, "give a number, or a number"),
        ([0.5, 0.5], "annotator_prior has shape"),
    ],
)
def test_a_prior_that_makes_no_sense_is_an_error(prior, message, labelled):
    with pytest.raises(ValueError, match=message):
        with_mlp(annotator_prior=prior).fit(*labelled)


def test_doctor_nets_say_that_they_cannot_use_it(labelled):
    with pytest.raises(ValueError, match="cannot use annotator_prior"):
        with_mlp("doctor_net", annotator_prior={0: 0.9}).fit(*labelled)


def test_the_unit_of_y_is_that_of_the_error(rated_crowd):
    X, y = rated_crowd
    answers = y.to_dense()
    first = with_mlp("em", CrowdRegressor, annotator_prior={0: 0.1}).fit(X, answers)
    second = with_mlp("em", CrowdRegressor, annotator_prior={0: 100.0})
    second.fit(X, 1000 * answers)
    ours, theirs = (e.annotator_noise_std_ for e in (first, second))
    np.testing.assert_allclose(1000 * ours, theirs, rtol=1e-6)


def test_an_expert_is_unbiased_where_gold_shows_that_others_are_not():
    X, truth, simulated = rated(150, 4)
    y = simulated.annotations.to_dense() - 10
    y[:, 0] = truth
    gold = np.where(np.arange(150) % 3 == 0, truth, np.nan)
    prior = {0: (0.05, 500)}
    fitted = small("em", CrowdRegressor, max_epochs=40, annotator_prior=prior)
    fitted.fit(X, y, gold=gold)
    assert fitted.annotator_offset_[0] == pytest.approx(0, abs=0.1)
    expected = (y - truth[:, None]).mean(axis=0)
    np.testing.assert_allclose(fitted.annotator_offset_, expected, atol=0.5)
    assert fitted.annotator_noise_std_[0] < 0.5


NAMES = ["ann", "bob", "cy", "dee"]
PRIOR = {"ann": (0.9, 30), "bob": None, "cy": (0.2, 40), "dee": (0.5, 10)}


@pytest.fixture(scope="module")
def by_name(labelled):
    """Answers of named annotators, and what a dict of what is known of them gives."""
    X, y = labelled
    y = pd.DataFrame(y.to_dense(), columns=NAMES)
    return X, y, with_mlp(annotator_prior=PRIOR).fit(X, y)


@pytest.mark.parametrize("order", [NAMES, NAMES[::-1], ["cy", "ann", "dee", "bob"]])
def test_tables_are_read_by_name(order, by_name):
    X, y, expected = by_name
    share = pd.Series({"ann": 0.9, "bob": None, "cy": 0.2, "dee": 0.5})[order]
    n = pd.Series({"ann": 30, "bob": 0, "cy": 40, "dee": 10})[order]
    frame = pd.DataFrame({"share": share, "questions": n})
    nullable = frame.convert_dtypes()
    pairs = pd.Series({name: PRIOR[name] for name in order})
    for prior in (frame, nullable, pairs, {name: PRIOR[name] for name in order}):
        fitted = with_mlp(annotator_prior=prior).fit(X, y)
        assert_same_fit(expected, fitted)


def test_a_part_reads_tables_by_name(by_name):
    X, y, _ = by_name
    share = pd.Series({"zoe": 0.1, "cy": 0.2, "ann": 0.9})
    fits = [
        with_mlp(annotator_prior=prior).partial_fit(X, y, classes=[0, 1, 2])
        for prior in (share, share[::-1], share.to_dict(), share.to_frame())
    ]
    for other in fits[1:]:
        assert_same_fit(fits[0], other)


@pytest.mark.parametrize("unknown", [None, np.nan, pd.NA, np.ma.masked])
def test_nothing_known_is_written_in_many_ways(unknown, by_name):
    X, y, _ = by_name
    expected = with_mlp(annotator_prior={"ann": 0.75}).fit(X, y)
    for prior in (
        {"bob": unknown, "ann": Decimal("0.75")},
        {"bob": (unknown, 20), "ann": (np.float32(0.75), np.int8(20))},
        [np.array(0.75), unknown, unknown, unknown],
        pl.Series([0.75, None, None, None]),
        np.ma.array([0.75] * 4, mask=[False, True, True, True]),
    ):
        assert_same_fit(expected, with_mlp(annotator_prior=prior).fit(X, y))


@pytest.mark.parametrize(
    ("prior", "message"),
    [
        ({"ann": "0.9"}, "of 'ann' holds '0.9' of type str; give a number"),
        ({"ann": ""}, "of 'ann' holds '' of type str"),
        ({"ann": 1j}, "of 'ann' holds 1j of type complex"),
        ({"ann": {"share": 0.9}}, "of 'ann' holds {'share': 0.9} of type dict"),
        ({"ann": (0.9, None)}, "of 'ann' is 0.9 from nan questions"),
        (["0.9", 0.5, 0.5, 0.5], "of 'ann' holds '0.9' of type str"),
        (
            pd.DataFrame({"share": [0.9] * 4}),
            "holds 0, which is not an annotator .* The index of a table",
        ),
        (
            pd.DataFrame({"who": NAMES, "share": 0.9}),
            "holds 0, which is not an annotator",
        ),
        (pd.DataFrame({"who": NAMES, "share": 0.9}, index=NAMES), "'ann' holds 'ann'"),
        (pd.DataFrame(0.5, index=NAMES, columns=[*"abc"]), r"columns .*\.set_index"),
        (pd.Series([0.9, 0.5], index=["ann", "ann"]), "several rows for 'ann'"),
        (pl.DataFrame({"who": NAMES, "share": 0.9}), "'who', 'share' and no index"),
        (pl.DataFrame({"share": [0.9] * 4}), "'share' and no index"),
        (np.full((4, 3), 0.5), "has shape"),
        ({0.5}, "annotator_prior"),
        ("high", "annotator_prior"),
        (0.9, "annotator_prior"),
    ],
)
def test_a_prior_that_cannot_be_read_names_annotator_or_columns(
    prior, message, by_name
):
    X, y, _ = by_name
    with pytest.raises(ValueError, match=message):
        with_mlp(annotator_prior=prior).fit(X, y)


def test_tables_without_names_are_read_by_position_where_nobody_has_a_name(labelled):
    X, y = labelled
    share = [0.9, 0.2, 0.5, 0.7]
    expected = with_mlp(annotator_prior=share).fit(X, y)
    for table in (pd.DataFrame, pl.DataFrame, pd.Series, pl.Series):
        assert_same_fit(expected, with_mlp(annotator_prior=table(share)).fit(X, y))


def test_an_error_far_beyond_the_ratings_is_refused(rated_crowd):
    X, y = rated_crowd
    with pytest.raises(ValueError, match=r"of 0 is 1e\+60, but ratings"):
        with_mlp("em", CrowdRegressor, annotator_prior={0: 1e60}).fit(X, y)
