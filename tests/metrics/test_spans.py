"""Scores of tag sequences, by spans and by tokens."""

import pickle
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score

from skcrowd.annotations import SequenceAnnotations
from skcrowd.metrics import (
    span_f1_score,
    span_precision_score,
    span_recall_score,
    span_scores,
    token_accuracy_score,
)
from skcrowd.metrics._spans import span_f1_scorer, token_accuracy_scorer

SCORES = [span_scores, token_accuracy_score]
TRUE = [["B-PER", "I-PER", "O", "B-LOC"], ["O", "B-LOC"], ["B-LOC", "O", "B-PER"]]
PRED = [["B-PER", "I-PER", "O", "O"], ["B-LOC", "I-LOC"], ["B-LOC", "O", "B-LOC"]]


def split(*sentences):
    return [sentence.split() for sentence in sentences]


def score_of_one(true, pred):
    return span_scores(split(true), split(pred))


def test_counts_by_hand():
    # Five true spans, four predicted, two of them right; four of nine tags wrong.
    assert span_scores(TRUE, PRED) == pytest.approx((2 / 4, 2 / 5, 4 / 9))
    assert token_accuracy_score(TRUE, PRED) == pytest.approx(5 / 9)


def test_each_score_is_one_of_the_three():
    weights = [1, 2, 0.5]
    scores = span_scores(TRUE, PRED, sample_weight=weights)
    assert span_precision_score(TRUE, PRED, sample_weight=weights) == scores.precision
    assert span_recall_score(TRUE, PRED, sample_weight=weights) == scores.recall
    assert span_f1_score(TRUE, PRED, sample_weight=weights) == scores.f1
    assert len(set(scores)) == 3


@pytest.mark.parametrize("last_and_single", ["ES", "LU"])
def test_schemes_with_ends_by_hand(last_and_single):
    def tags(sentence):
        return sentence.translate(str.maketrans("ES", last_and_single))

    true = tags("B-p I-p E-p O S-q S-q B-q E-q")
    assert score_of_one(true, true) == (1, 1, 1)
    pred = tags("O B-p E-p O S-q O B-q E-q")  # three spans, two of them right
    assert score_of_one(true, pred) == pytest.approx((2 / 3, 2 / 4, 4 / 7))


def test_schemes_say_the_same():
    iob2 = split("B-p I-p I-p O B-q B-q", "B-p O B-q I-q")
    bioes = split("B-p I-p E-p O S-q S-q", "S-p O B-q E-q")
    bilou = split("B-p I-p L-p O U-q U-q", "U-p O B-q L-q")
    assert span_f1_score(iob2, bioes) == span_f1_score(bilou, iob2) == 1


@pytest.mark.parametrize(
    "pred",
    [
        "O B-p I-p O O",  # begins late
        "B-p I-p I-p I-p O",  # ends late
        "B-p I-p O O O",  # ends early
        "B-q I-q I-q O O",  # another type
        "B-p B-p I-p O O",  # two for one
        "B-p I-q I-p O O",
        "O O O O B-p",
    ],
)
def test_a_span_is_right_only_as_a_whole(pred):
    assert score_of_one("B-p I-p I-p O O", pred) == (0, 0, 0)


@pytest.mark.parametrize(
    ("invalid", "read_as"),
    [
        ("O I-p I-p", "O B-p I-p"),
        ("I-p O I-p", "B-p O B-p"),
        ("B-p I-q I-q", "B-p B-q I-q"),
        ("I-p B-p I-q", "B-p B-p B-q"),
        ("E-p E-p I-p", "S-p S-p S-p"),
        ("S-p I-p E-p", "S-p B-p E-p"),
        ("U-p I-p L-p", "U-p B-p L-p"),
        ("B-p I-p O", "B-p E-p O"),
        ("B-p B-p E-q", "S-p S-p S-q"),
        ("B-p U-p L-p", "S-p S-p S-p"),
        ("I-p-q I-p-r", "B-p-q B-p-r"),
    ],
)
def test_invalid_sequences_are_read_as_conlleval_does(invalid, read_as):
    assert score_of_one(read_as, invalid) == (1, 1, 1)


def test_a_span_ends_with_its_sequence():
    assert span_f1_score(split("O B-p", "I-p O"), split("O B-p", "B-p O")) == 1


def test_types_may_hold_hyphens_and_other_signs():
    assert score_of_one("B-a-b I-a-b B-_ B--é", "B-a-b I-a-b B-_ B--é") == (1, 1, 1)
    assert score_of_one("B-a-b", "B-a-c") == (0, 0, 0)


def test_without_spans_scores_are_zero():
    assert score_of_one("O O", "O O") == (0, 0, 0)
    assert score_of_one("O B-p", "O O") == (0, 0, 0)
    assert score_of_one("O O", "O B-p") == (0, 0, 0)


@pytest.mark.parametrize("score", SCORES)
def test_every_form_of_sequences_is_read(score):
    expected = score(TRUE, PRED)
    arrays = [np.array(tags) for tags in TRUE]
    objects = np.empty(len(TRUE), dtype=object)
    objects[:] = [np.array(tags, dtype=object) for tags in TRUE]
    for true in [arrays, objects, tuple(map(tuple, TRUE))]:
        assert score(true, PRED) == expected
    gold, pred = map(SequenceAnnotations.from_gold, (TRUE, PRED))
    assert score(gold, pred) == expected
    assert score(gold[[2, 0]], [PRED[2], PRED[0]]) == score(TRUE[::2], PRED[::2])


@pytest.mark.parametrize("score", SCORES)
def test_a_column_of_tags_is_one_token_a_sequence(score):
    true, pred = ["B-p", "I-p", "O", "B-p"], ["B-p", "B-p", "B-q", "O"]
    expected = score([[tag] for tag in true], [[tag] for tag in pred])
    assert score(true, pred) == expected
    assert score(np.array(true), np.array(pred, dtype=object)) == expected
    assert score([[tag] for tag in true], np.array(pred)) == expected


@pytest.mark.parametrize(
    ("true", "pred"),
    [
        ([["cat", "dog"], ["dog"]], [["cat", "cat"], ["dog"]]),
        ([[0, 1], [1]], [np.array([0, 2]), np.array([1])]),
        ([[np.int64(0), 1], [1]], SequenceAnnotations.from_gold([[0, 2], [1]])),
        ([[True, False], [False]], [[True, True], [False]]),
        (np.array([0, 1, 1]), [0, 2, 1]),
    ],
)
def test_accuracy_takes_any_tags(true, pred):
    assert token_accuracy_score(true, pred) == pytest.approx(2 / 3)


@pytest.mark.parametrize("score", SCORES)
def test_weights_count_like_repetition(score):
    repeated = np.repeat(np.arange(3), [2, 0, 3])
    expected = score([TRUE[i] for i in repeated], [PRED[i] for i in repeated])
    assert score(TRUE, PRED, sample_weight=[2, 0, 3]) == pytest.approx(expected)
    assert score(TRUE, PRED, sample_weight=[1, 0, 1.5]) == pytest.approx(expected)
    assert score(TRUE, PRED, sample_weight=None) != pytest.approx(expected)


def valid_iob2(draw, length):
    tags, open_type = [], None
    for _ in range(length):
        follow = [f"I-{open_type}"] * 2 if open_type else []
        tag = draw(st.sampled_from(["O", "B-p", "B-q", "B-p-q", *follow]))
        open_type = None if tag == "O" else tag[2:]
        tags.append(tag)
    return tags


@st.composite
def pairs_of_sequences(draw):
    lengths = draw(st.lists(st.integers(1, 8), min_size=1, max_size=6))
    return [[valid_iob2(draw, length) for length in lengths] for _ in range(2)]


def slow_spans(sequences):
    """Every piece that begins with B-X, goes on with I-X alone and can go no further.

    So it is for valid IOB2 only.
    """
    found = set()
    for row, tags in enumerate(sequences):
        for first in range(len(tags)):
            for end in range(first + 1, len(tags) + 1):
                kind = tags[first][2:]
                inside = all(tag == f"I-{kind}" for tag in tags[first + 1 : end])
                resumes = tags[end : end + 1] == [f"I-{kind}"]
                if tags[first] == f"B-{kind}" and inside and not resumes:
                    found.add((row, first, end, kind))
    return found


@given(pairs_of_sequences())
def test_agrees_with_a_slow_reference(pair):
    true, pred = map(slow_spans, pair)
    n_right = len(true & pred)
    expected = [
        float(Fraction(n_right, len(pred))) if pred else 0,
        float(Fraction(n_right, len(true))) if true else 0,
        float(Fraction(2 * n_right, len(true) + len(pred))) if true | pred else 0,
    ]
    assert span_scores(*pair) == pytest.approx(expected)
    right = np.concatenate(pair[0]) == np.concatenate(pair[1])
    assert token_accuracy_score(*pair) == pytest.approx(right.mean())


@given(pairs_of_sequences(), st.randoms())
def test_order_of_the_sequences_changes_nothing(pair, random):
    weights = [random.uniform(0.1, 2) for _ in pair[0]]
    rows = list(zip(*pair, weights, strict=True))
    random.shuffle(rows)
    *shuffled, shuffled_weights = zip(*rows, strict=True)
    for score in SCORES:
        assert score(*shuffled) == score(*pair)
        expected = score(*pair, sample_weight=weights)
        actual = score(*shuffled, sample_weight=shuffled_weights)
        assert actual == pytest.approx(expected)


CROWD = SequenceAnnotations.from_cells([[["O", "B-p"], ["O", "O"]]])
GAPS = SequenceAnnotations.from_cells([[["O", None]]])


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize(
    ("true", "pred", "message"),
    [
        (TRUE, PRED[:2], "y_true has 3 sequences and y_pred 2"),
        (
            split("O O", "O", "O O"),
            split("O O", "O O", "O"),
            r"sequence 1 has 1 tags in y_true and 2 in y_pred \(2 such sequences\)",
        ),
        ([], PRED, "y_true has no sequences"),
        (TRUE, "O", "y_pred must be a list with the tags of each sequence, got str"),
        ({0: ["O"]}, [["O"]], "y_true must be .* got dict"),
        ([["O"], []], [["O"], ["O"]], r"y_true holds \[\] as sequence 1"),
        ([["O"], "O"], [["O"], ["O"]], "y_true holds 'O' as sequence 1"),
        ([["O"]], [None], "y_pred holds None as sequence 0"),
        (
            split("O", "O O"),
            [["O"], ["O", None]],
            "y_pred holds None at token 1 of sequence 1",
        ),
        ([["O", ""]], [["O", "O"]], "y_true holds '' at token 1 of sequence 0"),
        ([[["O"]]], [["O"]], r"y_true holds \['O'\] at token 0 of sequence 0"),
        ([["O", 1]], [["O", "O"]], "y_true mixes strings .* and numbers"),
        (CROWD, [["O", "O"]], "y_true holds 4 tags of 2 annotators for 2 tokens"),
        (GAPS, [["O", "O"]], "y_true holds 1 tags of 1 annotators for 2 tokens"),
    ],
)
def test_wrong_sequences_are_refused(score, true, pred, message):
    with pytest.raises(ValueError, match=message):
        score(true, pred)


def test_a_data_frame_is_refused_and_a_series_read():
    with pytest.raises(ValueError, match=r"y_true must be .* got DataFrame"):
        span_scores(pd.DataFrame({"tags": TRUE}), PRED)
    series = pd.Series(TRUE, index=[5, 6, 7])
    assert span_scores(series, PRED) == span_scores(TRUE, PRED)


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("weights", [[1, 1], [1, -1, 1], [1, np.nan, 1], [[1]] * 3])
def test_wrong_weights_are_refused(score, weights):
    with pytest.raises(ValueError, match="weight"):
        score(TRUE, PRED, sample_weight=weights)


@pytest.mark.parametrize("tag", ["cat", "X", "I-", "X-p", "b-p", "O-p", "p-B"])
def test_tags_that_mark_no_span_are_refused(tag):
    sequences = [["O"], ["O", tag]]
    message = f"y_pred holds '{tag}' at token 1 of sequence 1.*token_accuracy_score"
    with pytest.raises(ValueError, match=message):
        span_scores(split("O", "O B-p"), sequences)
    assert token_accuracy_score(sequences, sequences) == 1


def test_numbers_mark_no_span():
    with pytest.raises(ValueError, match=r"y_true holds 3 at .*token_accuracy_score"):
        span_scores([[3, 1]], [[3, 1]])


def test_strings_are_not_compared_with_numbers():
    with pytest.raises(ValueError, match="such as '1' and y_pred such as 1"):
        token_accuracy_score([["1"]], [[1]])


class Tagger(BaseEstimator):
    """Every token gets the same tag."""

    def __init__(self, tag="O"):
        self.tag = tag

    def fit(self, X, y):
        self.is_fitted_ = True
        return self

    def predict(self, X):
        return [np.full(len(tokens), self.tag) for tokens in X]


class ClassifyingTagger(ClassifierMixin, Tagger):
    def fit(self, X, y):
        self.classes_ = np.array(["B-LOC", "B-PER", "I-PER", "O"])
        return super().fit(X, y)


GOLD = [["O", *tags, "O"] for tags in TRUE]
X = [np.zeros((len(tags), 2)) for tags in GOLD]
SCORERS = [
    (span_f1_scorer, span_f1_score, "B-LOC"),
    (token_accuracy_scorer, token_accuracy_score, "O"),
]


@pytest.mark.parametrize(("scorer", "score", "best"), SCORERS)
@pytest.mark.parametrize("form", [list, SequenceAnnotations.from_gold])
@pytest.mark.parametrize("kind", [Tagger, ClassifyingTagger])
def test_scorers_in_validation_and_search(kind, form, scorer, score, best):
    y, tagger, folds = form(GOLD), kind("B-LOC"), KFold(3)
    scores = cross_val_score(tagger, X, y, scoring=scorer, cv=folds)
    expected = [score([tags], [["B-LOC"] * len(tags)]) for tags in GOLD]
    np.testing.assert_allclose(scores, expected)
    search = GridSearchCV(
        tagger, {"tag": ["B-PER", "B-LOC", "O"]}, scoring=scorer, cv=folds
    ).fit(X, y)
    assert search.best_params_ == {"tag": best}


@pytest.mark.parametrize(("scorer", "score", "best"), SCORERS)
def test_scorers_pass_weights_on(scorer, score, best):
    tagger, weights = Tagger(best).fit(X, GOLD), [3.0, 1.0, 2.0]
    expected = score(GOLD, tagger.predict(X), sample_weight=weights)
    scorer = pickle.loads(pickle.dumps(scorer))
    assert scorer(tagger, X, GOLD, sample_weight=weights) == expected
    with config_context(enable_metadata_routing=True):
        routed = cross_val_score(
            tagger,
            X,
            GOLD,
            scoring=scorer.set_score_request(sample_weight=True),
            params={"sample_weight": weights},
            cv=[([0], [0, 1, 2])],
        )
    assert routed == [expected]
