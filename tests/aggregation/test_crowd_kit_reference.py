"""Aggregators have crowd-kit's results where the definitions agree.

``references/crowd_kit.py`` wrote those of crowd-kit 1.4.2, which no test needs.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from skcrowd.aggregation import (
    GLAD,
    KOS,
    MACE,
    MMSR,
    BradleyTerry,
    Comparisons,
    CrowdBradleyTerry,
    DawidSkene,
    MajorityVote,
    OneCoin,
    Wawa,
    ZeroBasedSkill,
)

FILE = Path(__file__).parent / "references" / "crowd_kit.json"
REFERENCE = json.loads(FILE.read_text(encoding="utf-8"))
RESULTS, THREE = REFERENCE["results"], np.array(REFERENCE["three"])
EXACT = {"max_iter": REFERENCE["rounds"], "tol": 0, "pseudo_counts": 0}
SAME = {
    "vote": (MajorityVote(), 1e-12),
    "wawa": (Wawa(), 1e-12),
    "zero_based_skill": (ZeroBasedSkill(tol=0), 1e-12),
    "dawid_skene": (DawidSkene(**EXACT), 1e-9),  # crowd-kit bounds them by 1e-10
    "one_coin": (OneCoin(**EXACT), 1e-9),
    "mace": (MACE(n_init=1, tol=1e-10, max_iter=3000), 1e-7),
}


@pytest.mark.parametrize("name", SAME)
def test_probabilities(name):
    model, tolerance = SAME[name]
    model.fit(THREE)
    expected = np.array(RESULTS[name]["proba"])
    np.testing.assert_allclose(model.predict_proba(), expected, atol=tolerance)
    if "skill" in RESULTS[name]:
        skill = RESULTS[name]["skill"]
        np.testing.assert_allclose(model.annotator_skill_, skill, atol=tolerance)


def test_confusions():
    confusion = DawidSkene(**EXACT).fit(THREE).annotator_confusion_
    expected = RESULTS["dawid_skene"]["confusion"]
    np.testing.assert_allclose(confusion, expected, atol=1e-9)


def test_skills_of_mmsr():
    model = MMSR(tol=1e-12, max_iter=100_000).fit(THREE)
    # crowd-kit's are the log odds of an answer's label against any other
    accuracy = 1 / (1 + 2 * np.exp(-np.array(RESULTS["mmsr"]["skill"])))
    np.testing.assert_allclose(model.annotator_skill_, accuracy, atol=1e-8)
    np.testing.assert_array_equal(model.predict(), RESULTS["mmsr"]["labels"])


def test_labels_of_kos():
    model = KOS().fit(np.array(REFERENCE["two"]))
    np.testing.assert_array_equal(model.predict(), RESULTS["kos"]["labels"])


def test_strengths_of_bradley_terry():
    model = BradleyTerry(score_std=1e6, position_effect=False)
    strength = np.exp(model.fit_predict(REFERENCE["pairs"]))
    expected = RESULTS["bradley_terry"]["score"]
    np.testing.assert_allclose(strength / strength.sum(), expected, atol=1e-6)


def test_other_models_agree_on_what_is_best():
    # GLAD has other priors, the noisy model of Bradley and Terry other errors
    expected = RESULTS["glad"]
    model = GLAD().fit(THREE)
    np.testing.assert_array_equal(model.predict(), np.argmax(expected["proba"], axis=1))
    assert np.corrcoef(model.annotator_skill_, expected["skill"])[0, 1] > 0.95
    winners, losers = np.transpose(REFERENCE["pairs"])
    y = Comparisons.from_winners(winners, losers, REFERENCE["who_compared"])
    score = RESULTS["noisy_bradley_terry"]["score"]
    assert (
        CrowdBradleyTerry().fit(y).ranking_.tolist() == np.argsort(score)[::-1].tolist()
    )
