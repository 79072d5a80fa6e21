"""``annotator_prior``: what is known of annotators beforehand."""

import numpy as np
import pandas as pd
import pytest
from _data import EVERY_METHOD, assert_same_fit, blobs, crowd, rated, small

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
    settings = {"max_epochs": 20, "batch_size": 16}
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
    fitted = small("dawid_skene", annotator_prior=prior).fit(X, y)
    assert (fitted.posterior_.argmax(axis=1) == truth).all()
    assert (small("dawid_skene").fit(X, y).posterior_.argmax(axis=1) == lie).all()


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
    first, *others = (small(kind=kind, annotator_prior=p).fit(X, y) for p in forms)
    for other in others:
        assert_same_fit(first, other)


@pytest.mark.parametrize(
    ("prior", "message"),
    [
        ({"zoe": 0.9}, "annotator_prior names 'zoe'"),
        ({0: 1.5}, "must lie between 0 and 1"),
        ({0: -0.5}, "must lie between 0 and 1"),
        ({0: (0.5, -1)}, "must not be negative"),
        ({0: (0.5, 1, 2)}, "give a number, or a number"),
        ([0.5, 0.5], "annotator_prior has shape"),
    ],
)
def test_a_prior_that_makes_no_sense_is_an_error(prior, message, labelled):
    with pytest.raises(ValueError, match=message):
        small(annotator_prior=prior).fit(*labelled)


def test_doctor_nets_say_that_they_cannot_use_it(labelled):
    with pytest.raises(ValueError, match="cannot use annotator_prior"):
        small("doctor_net", annotator_prior={0: 0.9}).fit(*labelled)


def test_the_unit_of_y_is_that_of_the_error(rated_crowd):
    X, y = rated_crowd
    answers = y.to_dense()
    first = small("em", CrowdRegressor, annotator_prior={0: 0.1}).fit(X, answers)
    second = small("em", CrowdRegressor, annotator_prior={0: 100.0})
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
