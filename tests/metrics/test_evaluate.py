"""Evaluation of a model by answers and few gold labels."""

import json

import numpy as np
import pandas as pd
import pytest

from skcrowd.aggregation import majority_vote
from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.datasets import annotator_confusions, make_annotations
from skcrowd.exceptions import CrowdWarning
from skcrowd.metrics import ModelEvaluation, evaluate, span_f1_score
from skcrowd.metrics._evaluate_gold import (
    design_effect,
    powered_estimate,
    wilson_interval,
)
from skcrowd.metrics._evaluate_groups import merge_groups
from skcrowd.metrics._evaluate_notes import agreement_statistic
from skcrowd.metrics._evaluate_ratios import Ratio, powered_ratio

N_ITEMS = 400
QUICK = {"n_draws": 150, "random_state": 0}


def simulate(seed, n_classes=3, accuracy=0.85, answers=5, annotators=12):
    """Truth, answers and predictions of a model that is right so often."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(n_classes, size=N_ITEMS)
    options = {"answers_per_item": answers, "classes": range(n_classes)}
    y = make_annotations(truth, annotators, random_state=seed, **options).annotations
    wrong = (truth + rng.integers(1, n_classes, size=N_ITEMS)) % n_classes
    return truth, y, np.where(rng.random(N_ITEMS) < accuracy, truth, wrong)


def holds(evaluation, value):
    return evaluation.low <= value <= evaluation.high


def some_gold(truth, n_gold):
    return np.where(np.arange(truth.size) < n_gold, truth, -1)


@pytest.mark.parametrize("n_classes", [2, 5])
def test_intervals_hold_the_accuracy(n_classes):
    covered = 0
    for seed in range(12):
        truth, y, y_pred = simulate(seed, n_classes, 0.85, 3, {"average": 12})
        evaluation = evaluate(y_pred, y, **QUICK)
        covered += holds(evaluation, (y_pred == truth).mean())
    assert covered >= 11


def test_few_answers_do_not_attenuate_the_accuracy():
    truth, y, y_pred = simulate(0, 2, answers=2, annotators={"average": 10})
    evaluation = evaluate(y_pred, y, **QUICK)
    assert abs(evaluation.estimate - (y_pred == truth).mean()) < 0.06


def test_the_difference_of_two_models_has_a_sign():
    truth, y, better = simulate(1)
    _, _, noise = simulate(2)
    worse = np.where(np.arange(N_ITEMS) % 5 == 0, noise, better)
    true = (better == truth).mean() - (worse == truth).mean()
    forth = evaluate(better, y, other=worse, **QUICK)
    assert forth.is_difference
    assert holds(forth, true)
    assert forth.low > 0
    assert evaluate(worse, y, other=better, **QUICK).high < 0


def test_a_model_does_not_differ_from_itself():
    _, y, y_pred = simulate(0)
    evaluation = evaluate(y_pred, y, other=y_pred, **QUICK)
    assert abs(evaluation.estimate) < 0.01
    assert evaluation.high - evaluation.low < 0.02


def test_probabilities_are_read_as_their_most_probable_class():
    _, y, y_pred = simulate(0)
    proba = np.eye(3)[y_pred] * 0.85 + 0.05
    assert evaluate(proba, y, **QUICK) == evaluate(y_pred, y, **QUICK)


def test_text_labels_and_any_form_of_answers():
    _, y, y_pred = simulate(0)
    names = np.array(["ant", "bee", "cat"])
    answers = y.to_dense()
    text = np.where(answers < 0, "", names[answers])
    assert evaluate(names[y_pred], text, **QUICK) == evaluate(y_pred, y, **QUICK)


def test_a_class_that_nobody_answers_may_be_predicted():
    truth, y, y_pred = simulate(0)
    y_pred = np.where(np.arange(N_ITEMS) < 100, 7, y_pred)
    evaluation = evaluate(y_pred, y, **QUICK)
    assert abs(evaluation.estimate - (y_pred == truth).mean()) < 0.06


def test_the_same_seed_gives_the_same_result():
    _, y, y_pred = simulate(0)
    assert evaluate(y_pred, y, **QUICK) == evaluate(y_pred, y, **QUICK)
    generator = np.random.RandomState(0)
    first = evaluate(y_pred, y, n_draws=100, random_state=generator)
    assert first != evaluate(y_pred, y, n_draws=100, random_state=generator)


def test_a_lower_level_gives_a_narrower_interval():
    _, y, y_pred = simulate(0)
    wide, narrow = (evaluate(y_pred, y, level=v, **QUICK) for v in (0.95, 0.5))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_gold_corrects_a_crowd_that_is_biased_as_a_whole():
    rng = np.random.default_rng(0)
    truth = rng.integers(2, size=N_ITEMS)
    confusion, _ = annotator_confusions({"expert": 8}, 2, random_state=0)
    confusion[:, 0] = 0.4, 0.6
    options = {"answers_per_item": 5, "random_state": 0}
    y = make_annotations(truth, confusion, **options).annotations
    y_pred = np.where(rng.random(N_ITEMS) < 0.9, truth, 1 - truth)
    gold = some_gold(truth, 100)
    evaluation = evaluate(y_pred, y, gold=gold, **QUICK)
    assert holds(evaluation, 0.9)
    assert evaluation.is_reliable
    assert not evaluation.answers_only.is_reliable
    assert "more often than the true one" in evaluation.answers_only.notes[0]


def test_gold_contradicts_a_model_that_makes_the_errors_of_the_crowd():
    truth, y, _ = simulate(0, 2, answers=3, annotators={"average": 12})
    vote = majority_vote(y).argmax(axis=1)
    evaluation = evaluate(vote, y, gold=some_gold(truth, 200), **QUICK)
    true = (vote == truth).mean()
    assert holds(evaluation, true)
    assert not holds(evaluation.answers_only, true)
    assert not evaluation.answers_only.is_reliable
    assert "contradict" in evaluation.notes[0]


def test_gold_makes_the_interval_narrower_than_gold_alone():
    truth, y, y_pred = simulate(0)
    gold = some_gold(truth, 80)
    evaluation = evaluate(y_pred, y, gold=gold, **QUICK)
    value = (y_pred == truth)[:80].astype(float)
    alone = powered_estimate(value.mean(), value, np.zeros(N_ITEMS), gold >= 0)
    low, high = wilson_interval(alone, 80, 0.95)
    assert evaluation.high - evaluation.low < 0.8 * (high - low)
    assert evaluation.method == "gold"
    assert evaluation.n_gold == 80
    assert holds(evaluation, (y_pred == truth).mean())


def test_gold_may_be_a_dict_and_must_not_be_too_little():
    truth, y, y_pred = simulate(0)
    as_dict = {row: truth[row] for row in range(20)}
    given = evaluate(y_pred, y, gold=as_dict, **QUICK)
    assert given == evaluate(y_pred, y, gold=some_gold(truth, 20), **QUICK)
    assert "few" in evaluate(y_pred, y, gold=some_gold(truth, 5), **QUICK).notes[0]
    with pytest.raises(ValueError, match="2 gold"):
        evaluate(y_pred, y, gold=some_gold(truth, 2), **QUICK)


def test_powered_estimate_is_the_gold_mean_with_a_useless_surrogate():
    rng = np.random.default_rng(0)
    value = rng.normal(size=50)
    surrogate, is_gold = np.ones(300), np.arange(300) < 50
    estimate = powered_estimate(value.mean(), value, surrogate, is_gold)
    assert estimate.value == value.mean()
    assert estimate.standard_error == pytest.approx(value.std(ddof=1) / 50**0.5)
    assert estimate.variance_ratio == 1


def test_powered_estimate_uses_a_perfect_surrogate():
    rng = np.random.default_rng(0)
    surrogate, is_gold = rng.normal(size=300), np.arange(300) < 50
    value = surrogate[is_gold]
    estimate = powered_estimate(value.mean(), value, surrogate, is_gold)
    assert estimate.value == pytest.approx(surrogate.mean())
    assert estimate.variance_ratio == pytest.approx(50 / 300)


def test_wilson_interval_is_not_empty_without_errors():
    estimate = powered_estimate(1.0, np.ones(30), np.ones(30), np.ones(30, dtype=bool))
    low, high = wilson_interval(estimate, 30, 0.95)
    assert 0.8 < low < 0.95
    assert high == 1


@pytest.mark.parametrize(
    ("answers", "annotators", "words"),
    [
        (1, 12, "fewer than two"),
        (5, {"random": 12}, "more often than by chance"),
        (5, {"adversarial": 9, "expert": 1}, ""),
    ],
)
def test_it_says_when_answers_cannot_tell(answers, annotators, words):
    _, y, y_pred = simulate(0, answers=answers, annotators=annotators)
    if not words:
        assert "\n" in repr(evaluate(y_pred, y, **QUICK))
        return
    with pytest.warns(CrowdWarning, match=words):
        evaluation = evaluate(y_pred, y, **QUICK)
    assert not evaluation.is_reliable
    assert any(words in note for note in evaluation.notes)
    assert "NOT RELIABLE" in repr(evaluation)


def test_a_model_trained_on_the_answers_is_not_reliable():
    _, y, y_pred = simulate(0)
    with pytest.warns(CrowdWarning, match="cross_val_predict"):
        evaluation = evaluate(y_pred, y, trained_on_answers=True, **QUICK)
    assert not evaluation.is_reliable


def test_agreement_by_chance_is_standard_normal():
    values = [
        agreement_statistic(
            simulate(seed, annotators={"random": 6, "one_class_spammer": 6})[1]
        )
        for seed in range(40)
    ]
    assert abs(np.mean(values)) < 0.6
    assert 0.6 < np.std(values) < 1.5


def test_groups_count_as_one_annotator():
    y = Annotations.from_dense(
        [[0, 0, 1, 1], [1, 0, 0, 0], [0, -1, 1, 0], [-1, -1, 1, -1]],
        annotator_names=["a", "b", "c", "d"],
    )
    merged = merge_groups(y, {"b": "x", "c": "x", "d": "x"})
    assert merged.to_dense().tolist() == [[0, 1], [1, 0], [0, 1], [-1, 1]]
    assert merge_groups(y, ["p", "q", "q", "q"]) == merged
    with pytest.raises(ValueError, match="'z'"):
        merge_groups(y, {"z": 1})
    with pytest.raises(ValueError, match="3 entries"):
        merge_groups(y, [0, 1, 2])


def test_copies_in_a_group_do_not_outvote_the_others():
    truth, y, y_pred = simulate(0, 2, answers=6, annotators={"average": 6})
    dense = y.to_dense()
    copies = np.repeat(np.where(np.arange(N_ITEMS) % 2, truth, 0)[:, None], 7, axis=1)
    answers = np.hstack([dense, copies])
    groups = [*range(6), *[6] * 7]
    true = (y_pred == truth).mean()
    grouped = evaluate(y_pred, answers, annotator_groups=groups, **QUICK)
    alone = evaluate(y_pred, answers, **QUICK)
    assert abs(grouped.estimate - true) < 0.04 < abs(alone.estimate - true)


def ratings(seed, n_items=300):
    rng = np.random.default_rng(seed)
    truth = rng.normal(3, 1, n_items)
    lines = np.column_stack([np.ones(12), rng.normal(0, 0.1, 12), np.full(12, 0.5)])
    options = {"kind": "numbers", "answers_per_item": 4, "random_state": seed}
    y = make_annotations(truth, lines, **options).annotations
    return truth, y, 3 + 0.8 * (truth - 3) + 0.3 * rng.normal(size=n_items)


def test_r2_of_numbers():
    covered = 0
    for seed in range(12):
        truth, y, y_pred = ratings(seed)
        covered += holds(evaluate(y_pred, y, **QUICK), 0.87)
    assert covered >= 10
    worse = np.full(truth.size, 3.0)
    assert holds(evaluate(worse, y, **QUICK), 0.0)
    assert evaluate(y_pred, y, other=worse, **QUICK).low > 0.5


def test_r2_with_gold_sees_what_ratings_cannot():
    truth, y, y_pred = ratings(0)
    shifted = Annotations(
        y.item, y.annotator, y.answer + 1, y.shape, annotator_names=y.annotator_names
    )
    gold = np.where(np.arange(truth.size) < 60, truth, np.nan)
    evaluation = evaluate(y_pred, shifted, gold=gold, **QUICK)
    assert evaluation.measure == "r2"
    assert holds(evaluation, 0.87)
    assert not evaluation.answers_only.is_reliable
    assert evaluate(y_pred, shifted, other=truth, gold=gold, **QUICK).high < 0


def test_ratings_that_do_not_agree_cannot_tell():
    rng = np.random.default_rng(0)
    y = rng.normal(size=(60, 3))
    with pytest.warns(CrowdWarning, match="too little"):
        evaluate(rng.normal(size=60), y, kind="numbers", **QUICK)


def tagged(truth, rates, seed):
    crowd = make_annotations(truth, [rates], kind="sequences", random_state=seed)
    return [next(iter(crowd.annotations[row].values())) for row in range(len(truth))]


def test_span_f1_of_tags():
    rng = np.random.default_rng(0)
    pieces = [["O"], ["B-PER", "I-PER"], ["O", "B-LOC"], ["O", "O"]]
    drawn = rng.integers(4, size=(150, 5))
    truth = [[tag for k in row for tag in pieces[k]] for row in drawn]
    options = {"kind": "sequences", "answers_per_item": 5, "random_state": 0}
    y = make_annotations(truth, {"expert": 4, "average": 4}, **options).annotations
    first, second = tagged(truth, [0.1, 0, 0, 0], 1), tagged(truth, [0.4, 0, 0, 0], 2)
    f1 = [span_f1_score(truth, tags) for tags in (first, second)]
    evaluation = evaluate(first, y, **QUICK)
    assert evaluation.measure == "span_f1"
    assert abs(evaluation.estimate - f1[0]) < 0.03
    assert holds(evaluation, f1[0])
    assert holds(evaluate(first, y, other=second, **QUICK), f1[0] - f1[1])
    gold = [tags if row < 40 else None for row, tags in enumerate(truth)]
    powered = evaluate(first, y, gold=gold, **QUICK)
    assert powered.n_gold == 40
    assert holds(powered, f1[0])


def test_result_is_frozen_and_becomes_json():
    truth, y, y_pred = simulate(0)
    evaluation = evaluate(y_pred, y, gold=some_gold(truth, 30), **QUICK)
    assert isinstance(evaluation, ModelEvaluation)
    with pytest.raises(AttributeError):
        evaluation.estimate = 1.0
    fields = json.loads(json.dumps(evaluation.to_dict()))
    assert fields["answers_only"]["method"] == "answers"
    assert fields["estimate"] == evaluation.estimate
    assert "accuracy" in repr(evaluation)
    assert "30 gold labels" in repr(evaluation)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"level": 1.0}, "level"),
        ({"n_draws": 10}, "n_draws"),
        ({"kind": "pictures"}, "kind"),
        ({"other": [0, 1]}, "shape"),
        ({"other": np.zeros((N_ITEMS, 2))}, "columns|classes"),
        ({"other": np.full((N_ITEMS, 3), np.nan)}, "NaN"),
        ({"other": [None] * N_ITEMS}, "no prediction"),
        ({"other": ["a"] * N_ITEMS}, "never are equal"),
    ],
)
def test_what_does_not_fit_is_refused(options, words):
    _, y, y_pred = simulate(0)
    with pytest.raises(ValueError, match=words):
        evaluate(y_pred, y, **options)


def test_what_is_for_labels_only_is_refused():
    _, y, y_pred = ratings(0)
    for name in ("classes", "annotator_groups"):
        with pytest.raises(ValueError, match=name):
            evaluate(y_pred, y, **{name: [1]})
    with pytest.raises(ValueError, match="shape"):
        evaluate(y_pred[1:], y)


@pytest.mark.parametrize("detail", ["weight", "confidence"])
def test_weights_and_confidences_of_labels_are_refused(detail):
    labels = Annotations.from_dense([[0, 1], [1, 1]], **{detail: [[1, 2], [2, 1]]})
    tags = SequenceAnnotations(labels, [2])
    message = rf"evaluate cannot use the {detail} .*without_details\('{detail}'\)\.$"
    with pytest.raises(ValueError, match=message):
        evaluate([0, 1], labels)
    with pytest.raises(ValueError, match=message):
        evaluate([[0, 1]], tags)


def tags_of(seed, n=60):
    rng = np.random.default_rng(seed)
    return np.where(rng.random((n, 5)) < 0.3, "B-X", "O").tolist()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_gold_numbers_that_say_the_same_do_not_contradict(seed, noise):
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=150)
    y = truth[:, None] + noise * rng.normal(size=(150, 3))
    gold = np.where(np.arange(150) < 30, truth, np.nan)
    evaluation = evaluate(truth, y, kind="numbers", gold=gold, **QUICK)
    assert evaluation.notes == ()
    assert evaluation.answers_only.is_reliable


@pytest.mark.parametrize("seed", range(4))
def test_gold_tags_that_say_the_same_do_not_contradict(seed):
    truth = tags_of(seed)
    y, gold = [[tags] * 3 for tags in truth], dict(enumerate(truth[:20]))
    evaluation = evaluate(truth, y, kind="sequences", gold=gold, **QUICK)
    assert evaluation.notes == ()
    assert evaluation.answers_only.is_reliable


def test_wrong_sequences_have_an_interval_with_a_width():
    truth = [["B-X", "O"], ["O", "B-X"], ["B-X", "I-X"]]
    wrong = [["O", "B-X"], ["B-X", "O"], ["O", "O"]]
    y = [[tags, tags] for tags in truth]
    options = {"kind": "sequences"} | QUICK
    alone = evaluate(wrong, y, **options)
    assert alone.low <= alone.estimate <= alone.high
    assert alone.high > 0.3
    assert evaluate(wrong, y, gold=truth, **options).high > 0.5
    right = evaluate(truth, y, gold=truth, **options)
    assert right.low == pytest.approx(evaluate([1] * 3, [[1, 1]] * 3, gold=[1] * 3).low)
    assert right.high == 1
    same = evaluate(truth, y, other=truth, gold=truth, **options)
    assert same.low < 0 < same.high


def test_exact_numbers_have_an_interval_with_a_width():
    truth = np.arange(3.0)
    y, options = np.repeat(truth[:, None], 2, axis=1), {"kind": "numbers"} | QUICK
    alone = evaluate(truth, y, **options)
    assert alone.low < 0.6
    assert alone.high > 0.99
    known = evaluate(truth, y, gold=truth, **options)
    assert (known.estimate, known.high) == (1, 1)
    assert known.low < 0.3
    same = evaluate(truth, y, other=truth, gold=truth, **options)
    assert same.low < 0 < same.high


@pytest.mark.parametrize("level", [0.05, 0.5])
def test_the_interval_holds_the_estimate(level):
    truth = tags_of(0, 10)
    y = [[tags, tags] for tags in truth]
    found = evaluate(truth, y, kind="sequences", level=level, **QUICK)
    assert found.low <= found.estimate <= found.high


def test_gold_without_a_measure_is_refused():
    truth = [["B-X", "O"]] * 6 + [["O", "O"]] * 6
    y = [[tags, tags] for tags in truth]
    nothing, gold = [["O", "O"]] * 12, {row: ["O", "O"] for row in (6, 7, 8)}
    with pytest.raises(ValueError, match="F1 is not defined"):
        evaluate(nothing, y, kind="sequences", gold=gold, **QUICK)
    numbers = np.arange(12.0)
    y, gold = np.repeat(numbers[:, None], 2, axis=1), dict.fromkeys((0, 1, 2), 4.0)
    with pytest.raises(ValueError, match="R² is not defined"):
        evaluate(numbers, y, kind="numbers", gold=gold, **QUICK)


@pytest.mark.parametrize(
    ("unit", "offset"), [(1e-100, 0), (1e-200, 0), (1e300, 0), (1, 1e6)]
)
def test_r2_has_no_unit(unit, offset):
    rng = np.random.default_rng(0)
    truth = rng.normal(size=100)
    y = truth[:, None] + 0.3 * rng.normal(size=(100, 3))
    y_pred = truth + 0.3 * rng.normal(size=100)
    gold = np.where(np.arange(100) < 30, truth, np.nan)
    options = {"kind": "numbers", "n_draws": 100, "random_state": 0}
    plain = evaluate(y_pred, y, gold=gold, **options)
    other = evaluate(
        unit * y_pred + offset,
        unit * y + offset,
        gold=unit * gold + offset,
        **options,
    )
    for one, two in ((plain, other), (plain.answers_only, other.answers_only)):
        assert one.estimate == pytest.approx(two.estimate, abs=1e-4)
        assert one.low == pytest.approx(two.low, abs=1e-4)
        assert one.notes == two.notes


@pytest.mark.filterwarnings("ignore::skcrowd.exceptions.CrowdWarning")
def test_a_single_class():
    found = evaluate(np.zeros(60), np.zeros((60, 3)), **QUICK)
    assert found.low > 0.9
    assert not found.is_reliable


@pytest.mark.parametrize("columns", [["a", "b", "c"], ["c", "a", "b"], [0, 1, 2]])
def test_columns_are_found_by_their_names(columns):
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 60)
    proba = np.full((60, 3), 0.1)
    proba[np.arange(60), truth] = 0.8
    names = columns if 0 in columns else ["a", "b", "c"]
    table = pd.DataFrame(proba, columns=names)[columns]
    y = np.array(["a", "b", "c"])[np.repeat(truth[:, None], 3, axis=1)]
    assert evaluate(table, y, **QUICK) == evaluate(proba, y, **QUICK)


@pytest.mark.parametrize("change", [np.negative, np.log, lambda p: 3 * p])
def test_what_are_no_probabilities_is_refused(change):
    proba = np.tile([0.2, 0.8], (20, 1))
    y = np.tile([[0, 1, 1], [0, 0, 1]], (10, 1))
    with pytest.raises(ValueError, match=r"y_pred is .* sum to 1"):
        evaluate(change(proba), y)
    with pytest.raises(ValueError, match=r"has the columns .* name each column"):
        evaluate(pd.DataFrame(proba, columns=["yes", "no"]), y)


@pytest.mark.parametrize("f1", [0.8, 0.99])
@pytest.mark.parametrize("n_gold", [10, 50])
def test_intervals_hold_the_f1_of_few_sequences(f1, n_gold):
    rng, covered = np.random.default_rng(0), 0
    no_answers = Ratio(np.zeros(n_gold), np.ones(n_gold), 1.0)
    for _ in range(300):
        n_spans = 1 + rng.poisson(4, n_gold)
        right = rng.binomial(n_spans, rng.beta(8 * f1, 8 * (1 - f1), n_gold))
        by_gold = Ratio(2.0 * right, 2.0 * n_spans, 1.0)
        estimate, _ = powered_ratio(
            [by_gold], [no_answers], np.ones(n_gold, dtype=bool), 0.0
        )
        effect = design_effect(estimate, n_gold)
        low, high = wilson_interval(estimate, n_gold, 0.95, effect=effect)
        covered += low <= f1 <= high
    assert covered >= 280


@pytest.mark.parametrize("argument", ["y_pred", "gold", "other"])
def test_booleans_are_read_as_the_classes_0_and_1(argument):
    truth, y, y_pred = simulate(0, n_classes=2)
    given = {"y_pred": y_pred, "y": y, argument: truth}
    found = evaluate(**given | {argument: truth.astype(bool)}, **QUICK)
    assert found == evaluate(**given, **QUICK)


@pytest.mark.parametrize("argument", ["y_pred", "gold", "other"])
def test_booleans_are_not_read_as_two_of_three_classes(argument):
    truth, y, y_pred = simulate(0, n_classes=3)
    given = {"y_pred": y_pred, "y": y, argument: truth > 0}
    with pytest.raises(ValueError, match="of which True may be the label 1 or another"):
        evaluate(**given, **QUICK)


@pytest.mark.parametrize("form", [str, "category"])
@pytest.mark.parametrize("argument", ["gold", "other"])
def test_labels_of_another_type_are_not_errors_of_the_model(form, argument):
    truth, y, y_pred = simulate(0, n_classes=2)
    given = truth.astype(str if form == "category" else form)
    if form == "category":
        given = pd.Categorical(given)
    with pytest.raises(ValueError, match=r"(y_pred|gold).* which never are equal"):
        evaluate(y_pred, y, **{argument: given}, **QUICK)


def test_gold_that_is_no_label_is_refused():
    truth, y, y_pred = simulate(0, n_classes=2)
    with pytest.raises(ValueError, match=r"gold holds 0\.5 at row 0"):
        evaluate(y_pred, y, gold=[0.5, *truth[1:]], **QUICK)


@pytest.mark.parametrize("value", [np.inf, "1.5"])
def test_gold_numbers_are_read_as_ratings_are(value):
    rng = np.random.default_rng(0)
    truth = rng.normal(size=30)
    ratings = truth[:, None] + rng.normal(size=(30, 3))
    gold = [value] * 5 + truth[5:].tolist()
    with pytest.raises(ValueError, match="gold"):
        evaluate(truth, ratings, gold=gold, kind="numbers", **QUICK)


def test_a_missing_prediction_is_no_class():
    _, y, y_pred = simulate(0)
    missing = np.where(np.arange(N_ITEMS) < 2, -1, y_pred)
    with pytest.raises(ValueError, match=r"no prediction at row 0 \(2 such rows\)"):
        evaluate(missing, y, **QUICK)
    with pytest.warns(CrowdWarning, match="where the truth is -1"):
        evaluate(missing, y, classes=[-1, 0, 1, 2], **QUICK)
