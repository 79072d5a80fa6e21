"""make_annotations: a crowd tags sentences."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrowd.aggregation import sequence_dawid_skene
from skcrowd.aggregation._sequence_chain import iob2_transitions
from skcrowd.annotations import SequenceAnnotations
from skcrowd.datasets import make_annotations
from skcrowd.datasets._kinds import TAGGERS
from skcrowd.datasets._tag_annotators import RATES

EVERY_KIND = dict.fromkeys(TAGGERS, 2)
TYPES = ["LOC", "MISC", "ORG", "PER"]


def sentences(n_sentences, seed=0, types=TYPES, gap=3, n_spans=3):
    """Sentences of spans of 1 to 3 tokens, at least `gap` O's around each."""
    rng = np.random.RandomState(seed)
    y_true = []
    for _ in range(n_sentences):
        tags = ["O"] * gap
        for _ in range(n_spans):
            name, length = rng.choice(types), rng.randint(1, 4)
            tags += [f"B-{name}"] + [f"I-{name}"] * (length - 1) + ["O"] * gap
        y_true.append(tags)
    return y_true


def tag(y_true, annotators, **options):
    return make_annotations(
        y_true, annotators, kind="sequences", **{"random_state": 0, **options}
    )


def spans(tags):
    """{start: (stop, type)} of IOB2 tags."""
    found = {}
    for k, tag_ in enumerate([*tags, "O"]):
        if tag_[0] != "I" and found and found[max(found)][0] is None:
            found[max(found)] = (k, found[max(found)][1])
        if tag_[0] == "B":
            found[k] = (None, tag_[2:])
    return [(start, stop, name) for start, (stop, name) in found.items()]


def answers(crowd, annotator):
    return [cell.tolist() for cell in crowd.annotations.to_cells()[:, annotator]]


def overlapping(span, others):
    return [o for o in others if o[0] < span[1] and span[0] < o[1]]


@st.composite
def truths(draw):
    """Valid IOB2 of any density, adjacent spans and one-token sentences included."""
    sentence = st.lists(
        st.tuples(st.sampled_from(["", "A", "B-b", "C"]), st.integers(1, 4)),
        min_size=1,
        max_size=6,
    )
    y_true = [
        [
            tag_
            for name, n in parts
            for tag_ in ([f"B-{name}"] + [f"I-{name}"] * (n - 1) if name else ["O"] * n)
        ]
        for parts in draw(st.lists(sentence, min_size=1, max_size=6))
    ]
    return [*y_true, ["B-A"]]


def assert_valid(annotations):
    allowed = iob2_transitions(annotations.classes)
    codes = {tag_: code for code, tag_ in enumerate(annotations.classes.tolist())}
    for cell in annotations.to_cells().ravel():
        if cell is not None:
            path = [-1, *map(codes.__getitem__, cell.tolist())]
            assert allowed[path[:-1], path[1:]].all()


def test_the_bunch_holds_what_is_documented():
    y_true = sentences(50)
    crowd = tag(y_true, EVERY_KIND, answers_per_item=4)
    annotations = crowd.annotations
    assert isinstance(annotations, SequenceAnnotations)
    assert annotations.shape == (50, 12)
    assert annotations.lengths.tolist() == [len(tags) for tags in y_true]
    sequence, _ = annotations.pairs
    assert (np.bincount(sequence) == 4).all()
    assert crowd.share_answered == pytest.approx(4 / 12)
    assert crowd.kind.tolist() == np.repeat(list(TAGGERS), 2).tolist()
    for name in RATES:
        assert crowd[name].shape == (12,)
    assert crowd.type_confusion.shape == (12, 4, 4)
    np.testing.assert_allclose(crowd.type_confusion.sum(axis=2), 1)
    assert crowd.types.tolist() == TYPES
    tags = sorted(["O", *(f"{b}-{name}" for b in "BI" for name in TYPES)])
    assert crowd.classes.tolist() == annotations.classes.tolist() == tags
    gold = SequenceAnnotations.from_gold(y_true, classes=tags).tokens.answer
    right = annotations.tokens.answer == gold[annotations.tokens.item]
    assert crowd.share_right == pytest.approx(right.mean())


@pytest.mark.parametrize("seed", [0, 1])
def test_rates_are_met(seed):
    """Spans stand 3 tokens apart, so that every answer can be told from another."""
    y_true = sentences(1_500, seed)
    given_rates = [[0.3, 0.2, 0.4, 0], [0, 0.7, 0, 0], [0.6, 0, 1, 0], [0, 0, 0, 0.1]]
    crowd = tag(y_true, given_rates, random_state=seed)
    np.testing.assert_allclose(np.transpose([crowd[n] for n in RATES]), given_rates)
    for r, (miss, wrong_type, wrong_boundary, false_alarm) in enumerate(given_rates):
        found = []
        n_true = n_alarms = n_outside = 0
        for gold, answered in zip(map(spans, y_true), answers(crowd, r), strict=True):
            given_spans = spans(answered)
            hits = [(s, o) for s in gold for o in overlapping(s, given_spans)]
            found += hits
            n_true += len(gold)
            n_alarms += len(given_spans) - len(hits)
            n_outside += len(answered) - sum(stop - start for start, stop, _ in gold)
        assert len(found) / n_true == pytest.approx(1 - miss, abs=0.025)
        types = np.mean([s[2] != o[2] for s, o in found])
        assert types == pytest.approx(wrong_type, abs=0.03)
        moved = np.mean([s[:2] != o[:2] for s, o in found])
        assert moved == pytest.approx(wrong_boundary, abs=0.03)
        assert n_alarms / n_outside == pytest.approx(false_alarm, abs=0.01)


def test_boundaries_move_in_all_ways_documented():
    y_true = [["O", "O", "B-X", "I-X", "I-X", "O", "O"]] * 3_000
    crowd = tag(y_true, [[0, 0, 1, 0]])
    seen, count = np.unique(
        [spans(tags)[0][:2] for tags in answers(crowd, 0)], axis=0, return_counts=True
    )
    assert seen.tolist() == [[1, 5], [2, 3], [2, 4], [2, 6], [3, 5]]
    np.testing.assert_allclose(count / 3_000, 0.2, atol=0.03)


@pytest.mark.parametrize(
    ("y_true", "possible"),
    [
        (["B-X"], ["B-X"]),
        (["B-X", "O"], ["B-X I-X"]),
        (["B-X", "B-X"], ["B-X B-X"]),
        (["B-X", "O", "B-X"], ["B-X I-X B-X"]),
        (["B-X", "I-X"], ["B-X O", "O B-X"]),
    ],
)
def test_boundaries_move_only_where_there_is_room(y_true, possible):
    crowd = tag([y_true] * 40, [[0, 0, 1, 0]])
    assert {" ".join(tags) for tags in answers(crowd, 0)} == set(possible)


def test_invented_spans_are_as_long_as_documented():
    crowd = tag([["O"] * 400] * 50, [[0, 0, 0, 0.01]], classes=["O", "B-X", "I-X"])
    lengths = [stop - start for t in answers(crowd, 0) for start, stop, _ in spans(t)]
    share = np.bincount(lengths)[1:] / len(lengths)
    np.testing.assert_allclose(share, [0.6, 0.3, 0.1], atol=0.1)


def test_invented_spans_leave_the_others_alone():
    y_true = sentences(100, gap=1)
    crowd = tag(y_true, [[0, 0, 0, 1]])
    for gold, answered in zip(y_true, answers(crowd, 0), strict=True):
        assert set(spans(gold)) <= set(spans(answered))
        assert "O" not in answered


def test_a_crowd_without_mistakes_is_right():
    y_true = sentences(20, gap=0)
    crowd = tag(y_true, np.zeros((2, 4)))
    assert answers(crowd, 0) == answers(crowd, 1) == y_true
    assert crowd.share_right == 1
    assert crowd.kind.tolist() == ["given"] * 2


def test_kinds_draw_rates_from_their_ranges():
    crowd = tag(sentences(5), dict.fromkeys(TAGGERS, 200), answers_per_item=1)
    for kind, habits in TAGGERS.items():
        for name in RATES:
            rates, (low, high) = crowd[name][crowd.kind == kind], getattr(habits, name)
            half = 0.5 if (kind, name) == ("confused", "wrong_type") else 1
            assert half * low - 1e-9 <= rates.min() <= half * (low + 0.1)
            assert half * (high - 0.1) <= rates.max() <= half * high + 1e-9


def test_the_confused_mistake_particular_types_for_particular_others():
    y_true = sentences(600)
    crowd = tag(y_true, {"confused": 3})
    off = crowd.type_confusion * (1 - np.eye(4))
    assert ((off > 0).sum(axis=2).max(axis=1) == 1).all()
    assert ((off > 0).sum(axis=(1, 2)) == 2).all()
    assert 0.5 <= off[off > 0].min() <= off[off > 0].max() <= 0.8
    for r in range(3):
        counts = np.zeros((4, 4))
        for gold, answered in zip(y_true, answers(crowd, r), strict=True):
            same = {(s[:2]): s[2] for s in spans(answered)}
            for start, stop, name in spans(gold):
                if (start, stop) in same:
                    given_type = TYPES.index(same[start, stop])
                    counts[TYPES.index(name), given_type] += 1
        counts /= counts.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(counts, crowd.type_confusion[r], atol=0.08)


def test_spammers_know_nothing_of_the_truth():
    y_true = sentences(800)
    crowd = tag(y_true, {"spammer": 8})
    is_span = np.concatenate(y_true) != "O"
    answered = crowd.annotations.to_flat() != "O"
    for column in answered.T:
        apart = column[is_span].mean() - column[~is_span].mean()
        assert abs(apart) < 0.03
    assert answered.mean(axis=0).min() < 0.1 < answered.mean(axis=0).max()


def test_a_single_type_is_never_mistaken():
    crowd = tag(sentences(30, types=["X"]), EVERY_KIND)
    np.testing.assert_array_equal(crowd.type_confusion, np.ones((12, 1, 1)))
    np.testing.assert_array_equal(crowd.wrong_type, 0)
    assert crowd.classes.tolist() == ["B-X", "I-X", "O"]


@settings(max_examples=60, deadline=None)
@given(
    y_true=truths(),
    rates=st.lists(st.sampled_from([0.0, 0.3, 1.0]), min_size=4, max_size=4),
    seed=st.integers(0, 2**32 - 1),
)
def test_answers_are_always_valid(y_true, rates, seed):
    rates[1] *= any(tag_[2:] not in ("", "A") for tags in y_true for tag_ in tags)
    for annotators in ([rates, rates], EVERY_KIND):
        annotations = tag(y_true, annotators, random_state=seed).annotations
        assert_valid(annotations)
        assert annotations.lengths.tolist() == [len(tags) for tags in y_true]
    alone = tag(y_true, [[*rates[:3], 0]], random_state=seed).annotations
    found = [len(spans(cell)) for cell in alone.to_cells()[:, 0]]
    gold = [len(spans(tags)) for tags in y_true]
    assert np.less_equal(found, gold).all()
    if rates[0] == 0:  # none overlaps another
        assert found == gold


@pytest.mark.parametrize("answers_per_item", [None, 2, 2.5])
def test_the_same_seed_gives_the_same_bits(answers_per_item):
    y_true, options = sentences(40), {"answers_per_item": answers_per_item}
    first, again = (tag(y_true, 12, random_state=3, **options) for _ in range(2))
    other = tag(y_true, 12, random_state=4, **options)
    assert first.annotations == again.annotations
    assert first.annotations != other.annotations
    for name in (*RATES, "type_confusion"):
        np.testing.assert_array_equal(first[name], again[name])


def test_classes_can_name_more_types_in_any_order():
    classes = ["O", "B-Z", "I-Z", "B-A", "I-A"]
    crowd = tag([["B-A", "O"]] * 200, [[0, 0.5, 0, 0]], classes=classes)
    assert crowd.annotations.classes.tolist() == crowd.classes.tolist() == classes
    assert crowd.types.tolist() == ["Z", "A"]
    assert {tags[0] for tags in answers(crowd, 0)} == {"B-A", "B-Z"}
    assert {tags[1] for tags in answers(crowd, 0)} == {"O"}


@pytest.mark.parametrize(
    "y_true",
    [
        [["O", "B-X"], ["B-X", "I-X"]],
        (("O", "B-X"), ("B-X", "I-X")),
        [np.array(["O", "B-X"]), np.array(["B-X", "I-X"], dtype=object)],
        np.array([["O", "B-X"], ["B-X", "I-X"]]),
        pd.Series([["O", "B-X"], ["B-X", "I-X"]], index=[5, 6]),
        [pd.Series(["O", "B-X"], index=[5, 6]), ["B-X", "I-X"]],
    ],
)
def test_sequences_of_any_container(y_true):
    crowd = tag(y_true, np.zeros((1, 4)))
    assert answers(crowd, 0) == [["O", "B-X"], ["B-X", "I-X"]]


def test_a_truth_is_left_alone():
    y_true = sentences(20)
    tag(y_true, 5)
    assert y_true == sentences(20)


@pytest.mark.parametrize(
    ("y_true", "message"),
    [
        ([], "y_true is empty"),
        ("O B-X", "y_true is a str; .* pass a list"),
        (SequenceAnnotations.from_gold([["B-X"]]), "is a SequenceAnnotations; .* list"),
        (["O", "B-X"], "Sentence 0 of y_true is 'O'"),
        ([["B-X"], None], "Sentence 1 of y_true is None"),
        ([["B-X"], []], "Sentence 1 of y_true is empty"),
        ([["B-X"], ["O", 1]], "holds 1 at position 1 of sentence 1 of y_true"),
        ([["B-X", None]], "holds None at position 1 of sentence 0"),
        ([[["O"]]], r"holds \['O'\] at position 0 of sentence 0"),
        ([["B-X"], ["O", "X"]], "holds 'X' at position 1 of sentence 1.* no IOB2"),
        ([["B-"]], "holds 'B-' at position 0"),
        ([["E-X"]], "holds 'E-X' at position 0"),
        ([[""]], "holds '' at position 0"),
        (
            [["B-X"], ["O", "O", "I-X", "I-X"]],
            "not valid IOB2: 'I-X' at position 2 of sentence 1 of y_true follows 'O'",
        ),
        (
            [["B-X"], ["I-X"]],
            "'I-X' at position 0 of sentence 1 .* begins the sentence",
        ),
        ([["B-X", "I-Y"]], r"'I-Y' at position 1 .* follows 'B-X' \(1 such tags\)"),
        ([["O"], ["O", "O"]], "holds no span.*name all tags with classes="),
    ],
)
def test_wrong_truths_are_refused(y_true, message):
    with pytest.raises(ValueError, match=message):
        tag(y_true, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"limits": (1, 5)}, r"limits=\(1, 5\) was given with kind='sequences'"),
        ({"step": 1}, "step=1 was given with kind='sequences'"),
        ({"classes": ["O"]}, "'B-X' at position 0 of sentence 0 .* not among"),
        ({"classes": ["O", "B-Y", "I-Y"]}, "'B-X' at position 0 .* not among"),
        ({"classes": ["B-X", "I-X"]}, "lacks 'O'"),
        ({"classes": ["O", "B-X"]}, "lacks 'I-X'"),
        ({"classes": ["O", "I-X"]}, "lacks 'B-X'"),
        ({"classes": ["O", "B-X", "I-X", "X"]}, "holds 'X', which is no IOB2 tag"),
        ({"classes": [0, 1, 2]}, "holds 0, which is no IOB2 tag"),
        ({"classes": ["O", "O"]}, "more than once"),
        ({"answers_per_item": 4}, "answers_per_item=4 with 3 annotators"),
        ({"workload": "zipf"}, "changes nothing"),
    ],
)
def test_wrong_parameters_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        tag([["B-X", "O"]], 3, **options)


def test_only_o_among_the_classes_is_refused():
    with pytest.raises(ValueError, match="holds no span"):
        tag([["O"]], 3, classes=["O"])


@pytest.mark.parametrize(
    ("annotators", "message"),
    [
        ({"biased": 1}, "'biased'.*'careless'.*false_alarm"),
        ({"expert": -1}, r"annotators\['expert'\] is -1"),
        (0, "empty crowd"),
        ("expert", "is a str that is no array.*columns miss, wrong_type"),
        ([0.1, 0, 0, 0], r"shape \(4,\).*kind='sequences'.*\(n_annotators, 4\)"),
        (np.ones((2, 3)), r"shape \(2, 3\)"),
        (np.ones((0, 4)), "without any annotator"),
        ([[0, 0, 0, 0], [1.1, 0, 0, 0]], "The miss of annotator 1 is 1.1.*0 to 1"),
        ([[0, 0, -0.1, 0]], "The wrong_boundary of annotator 0 is -0.1"),
        ([[0, 0, 0, np.nan]], "The false_alarm of annotator 0 is nan"),
        ([[0, 0.2, 0, 0]], "wrong_type of annotator 0 is 0.2.*only one type"),
    ],
)
def test_wrong_crowds_are_refused(annotators, message):
    with pytest.raises(ValueError, match=message):
        tag([["B-X", "O"]], annotators)


def test_a_mixed_crowd_holds_every_kind():
    kinds, counts = np.unique(tag(sentences(2), 20).kind, return_counts=True)
    assert dict(zip(kinds.tolist(), counts.tolist(), strict=True)) == {
        "expert": 3,
        "average": 8,
        "careless": 4,
        "imprecise": 2,
        "confused": 2,
        "spammer": 1,
    }


def test_inferred_tags_beat_an_average_annotator():
    y_true = sentences(400, gap=2, n_spans=2)
    crowd = tag(y_true, {"average": 10, "careless": 5}, answers_per_item=5)
    gold = SequenceAnnotations.from_gold(y_true, classes=crowd.classes).tokens.answer
    result = sequence_dawid_skene(crowd.annotations, max_iter=20)
    inferred = (result.tags == gold).mean()
    alone = tag(y_true, {"average": 1}).share_right
    assert inferred > alone + 0.05
    assert inferred > 0.9


def test_six_thousand_sentences_take_seconds():
    y_true = sentences(6_000)
    start = time.perf_counter()
    crowd = tag(y_true, 47, answers_per_item=5, workload="zipf")
    assert time.perf_counter() - start < 3
    assert crowd.annotations.shape == (6_000, 47)
