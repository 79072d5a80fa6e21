import numpy as np
import pytest

from skcrowd.aggregation._sequence_chain import forward_backward, log_partition
from skcrowd.aggregation._sequence_evidence import AnswerLikelihood
from skcrowd.aggregation._sequence_model import keep_valid_paths
from skcrowd.annotations import SequenceAnnotations
from skcrowd.datasets import make_annotations

TAGS = ["O", "B-X", "I-X"]
TRUTH = [["O", "B-X", "I-X", "O"], ["O", "O"], ["B-X", "O", "O"]] * 20
CODES = np.array([TAGS.index(tag) for tags in TRUTH for tag in tags])


@pytest.fixture(scope="module")
def crowd():
    return make_annotations(
        TRUTH,
        {"average": 5},
        kind="sequences",
        answers_per_item=3,
        classes=TAGS,
        random_state=0,
    ).annotations


def likelihood(crowd, is_scored=None, weight=None, gold=None):
    n = len(crowd.lengths)
    return AnswerLikelihood(
        crowd.tokens,
        crowd.lengths,
        0.8 * np.eye(3)[CODES] + 0.2 / 3,
        np.ones(n, dtype=bool) if is_scored is None else is_scored,
        pseudo_counts=5.0,
        previous_truth=True,
        single_spans=True,
        transitions=None,
        sample_weight=np.ones(n) if weight is None else weight,
        gold=gold,
        annotator_counts=None,
    )


def test_evidence_of_the_truth_makes_the_answers_more_probable(crowd):
    measure = likelihood(crowd)
    right, wrong = (
        0.9 * np.eye(3)[codes] + 0.1 / 3
        for codes in (CODES, np.random.default_rng(0).permutation(CODES))
    )
    nothing = measure(np.zeros((len(CODES), 3)), 1.0)
    assert measure(np.log(right), 1.0) > nothing + 10
    assert measure(np.log(wrong), 1.0) < nothing - 10


def test_evidence_on_a_level_says_nothing(crowd):
    measure = likelihood(crowd)
    level = np.random.default_rng(0).standard_normal((len(CODES), 1))
    nothing = measure(np.zeros((len(CODES), 3)), 0.5)
    assert measure(np.repeat(level, 3, axis=1), 0.5) == pytest.approx(nothing)


def test_it_is_a_weighted_sum_over_the_scored_sentences(crowd):
    first = np.arange(60) < 20
    evidence = np.log(0.5 * np.eye(3)[CODES] + 0.5 / 3)
    parts = [likelihood(crowd, rows)(evidence, 1.0) for rows in (first, ~first)]
    assert sum(parts) == pytest.approx(likelihood(crowd)(evidence, 1.0))
    doubled = likelihood(crowd, weight=np.full(60, 2.0))(evidence, 1.0)
    assert abs(doubled / sum(parts) - 2) < 0.1


def test_gold_is_evidence(crowd):
    evidence = np.zeros((len(CODES), 3))
    known = likelihood(crowd, gold=CODES)(evidence, 1.0)
    assert known > likelihood(crowd)(evidence, 1.0)


def test_log_partition_is_that_of_forward_backward():
    rng = np.random.default_rng(0)
    chain = rng.normal(size=(9, 3)), np.array([4, 0, 5]), np.zeros(3), np.zeros((3, 3))
    expected = forward_backward(*chain).log_likelihood
    np.testing.assert_array_equal(log_partition(*chain), expected)


def test_only_valid_paths_are_kept():
    crowd = SequenceAnnotations.from_cells([[["O", "I-X", "O"], ["O", "B-X", "O"]]])
    names = crowd.classes.tolist()
    out, begin, inside = (names.index(tag) for tag in ("O", "B-X", "I-X"))
    posterior = np.zeros((3, 3))
    posterior[0, out], posterior[1, [begin, inside]] = 1, (0.4, 0.6)
    posterior[2, [inside, out]] = 0.5
    found, tags = keep_valid_paths(crowd.tokens, crowd.lengths, posterior)
    assert found[1, inside] < 1e-12
    assert found[1, begin] == pytest.approx(1)
    assert found[2].max() == pytest.approx(0.5)
    assert tags[:2].tolist() == [out, begin]


def test_certain_distributions_are_tags(crowd):
    tokens = crowd.tokens
    one_hot = np.full((*tokens.shape, 3), np.nan)
    one_hot[tokens.item, tokens.annotator] = np.eye(3)[tokens.answer]
    soft = SequenceAnnotations.from_soft_labels(one_hot, crowd.lengths, classes=TAGS)
    evidence = np.log(0.9 * np.eye(3)[CODES] + 0.1 / 3)
    assert likelihood(soft)(evidence, 1.0) == likelihood(crowd)(evidence, 1.0)
    doubtful = 0.7 * one_hot + 0.1
    doubtful[::2] = one_hot[::2]
    soft = SequenceAnnotations.from_soft_labels(doubtful, crowd.lengths, classes=TAGS)
    scored = np.arange(60) % 2 == 0
    found = likelihood(soft, scored)(evidence, 1.0)
    assert np.isfinite(found)
    assert found != likelihood(crowd, scored)(evidence, 1.0)
