import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrowd import Annotations
from skcrowd.aggregation import dawid_skene
from skcrowd.aggregation._sequence_chain import (
    forward_backward,
    iob2_transitions,
    split_singles,
    viterbi,
)
from skcrowd.aggregation._sequence_model import sequence_dawid_skene
from skcrowd.annotations import SequenceAnnotations

TAGS = ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]


def log(probability):
    with np.errstate(divide="ignore"):
        return np.log(probability)


def random_chain(rng, lengths, n_classes, per_token, share_allowed=0.7):
    """Log-potentials; some steps are impossible, but never all."""
    n_tokens = sum(lengths)
    emission = rng.normal(0, 3, (n_tokens, n_classes))
    shape = (n_tokens, n_classes, n_classes) if per_token else (n_classes,) * 2
    steps = rng.dirichlet(np.ones(n_classes), shape[:-1])
    steps = steps * (
        (rng.random(shape) < share_allowed) | np.eye(n_classes, dtype=bool)
    )
    return emission, lengths, log(rng.dirichlet(np.ones(n_classes))), log(steps)


def enumerated(emission, lengths, initial, steps):
    """Posterior, pairs, log-likelihood and best path, path by path."""
    n_tokens, n_classes = emission.shape
    posterior = np.zeros((n_tokens, n_classes))
    pairs = np.zeros((n_tokens, n_classes + 1, n_classes))
    log_likelihood, best = [], []
    start = 0
    for length in lengths:
        paths = list(itertools.product(range(n_classes), repeat=length))
        scores = []
        for path in paths:
            score = 0.0
            for t, tag in enumerate(path):
                step = steps if steps.ndim == 2 else steps[start + t]
                score += initial[tag] if t == 0 else step[path[t - 1], tag]
                score += emission[start + t, tag]
            scores.append(score)
        scores = np.array(scores)
        total = np.log(np.exp(scores - scores.max()).sum()) + scores.max()
        for path, share in zip(paths, np.exp(scores - total), strict=True):
            for t, tag in enumerate(path):
                posterior[start + t, tag] += share
                pairs[start + t, n_classes if t == 0 else path[t - 1], tag] += share
        log_likelihood.append(total)
        best.extend(paths[scores.argmax()])
        start += length
    return posterior, pairs, log_likelihood, best


@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(1, 4), min_size=1, max_size=4),
    st.integers(1, 3),
    st.booleans(),
)
@settings(max_examples=60)
def test_chain_is_the_sum_over_all_paths(seed, lengths, n_classes, per_token):
    chain = random_chain(np.random.default_rng(seed), lengths, n_classes, per_token)
    posterior, pairs, log_likelihood, best = enumerated(*chain)
    result = forward_backward(*chain)
    np.testing.assert_allclose(result.posterior, posterior, atol=1e-10)
    np.testing.assert_allclose(result.pairs, pairs, atol=1e-10)
    np.testing.assert_allclose(result.log_likelihood, log_likelihood, atol=1e-9)
    assert viterbi(*chain).tolist() == best


def test_chain_does_not_underflow():
    rng = np.random.default_rng(0)
    emission = rng.normal(0, 1e4, (3000, 3))
    steps = log(np.array([[0.5, 0.5, 0], [0, 0.5, 0.5], [1 - 1e-300, 1e-300, 0]]))
    chain = emission, [2000, 1000], log(np.ones(3) / 3), steps
    result = forward_backward(*chain)
    assert np.isfinite(result.log_likelihood).all()
    np.testing.assert_allclose(result.posterior.sum(axis=1), 1)
    np.testing.assert_allclose(result.pairs.sum(axis=(1, 2)), 1, atol=1e-9)
    np.testing.assert_array_equal(viterbi(*chain), result.posterior.argmax(axis=1))


def test_chain_leaves_its_input_alone_and_takes_empty_sentences():
    rng = np.random.default_rng(0)
    emission, _, initial, steps = random_chain(rng, [5], 3, False)
    before = emission.copy()
    result = forward_backward(emission, np.array([0, 2, 0, 3]), initial, steps)
    other = forward_backward(emission, np.array([2, 3]), initial, steps)
    np.testing.assert_array_equal(emission, before)
    np.testing.assert_array_equal(result.posterior, other.posterior)
    np.testing.assert_array_equal(result.log_likelihood[[0, 2]], 0)
    tags = viterbi(emission, np.array([0, 2, 0, 3]), initial, steps)
    np.testing.assert_array_equal(tags, viterbi(emission, [2, 3], initial, steps))


@pytest.mark.parametrize("function", [forward_backward, viterbi])
def test_chain_names_the_sentence_without_a_path(function):
    emission = np.zeros((4, 2))
    emission[3] = -np.inf
    with pytest.raises(ValueError, match="sentence 1 has no path"):
        function(emission, [2, 2], np.zeros(2), np.zeros((2, 2)))


def test_iob2_transitions():
    allowed = iob2_transitions(TAGS)
    for row, before in enumerate([*TAGS, "start"]):
        for column, tag in enumerate(TAGS):
            resumes = tag[0] == "I"
            assert allowed[row, column] == (not resumes or before[2:] == tag[2:])


def test_iob2_transitions_of_bioes():
    names = ["B-X", "E-X", "I-X", "O", "S-X"]
    follow = {"B-X": "EI", "I-X": "EI", "E-X": "BOS", "O": "BOS", "S-X": "BOS"}
    allowed = iob2_transitions(names)
    for row, before in enumerate(names):
        found = "".join(n[0] for n, ok in zip(names, allowed[row], strict=True) if ok)
        assert found == follow[before]
    assert allowed[5].tolist() == [True, False, False, True, True]


@pytest.mark.parametrize("classes", [[0, 1, 2], ["O", "B-X", "other"], ["O", "I-X"]])
def test_iob2_transitions_allow_all_where_tags_are_no_iob2(classes):
    assert iob2_transitions(classes).all()


def test_split_singles():
    state_tag, allowed, may_end = split_singles(TAGS, iob2_transitions(TAGS))
    assert state_tag.tolist() == [0, 1, 2, 3, 4, 1, 3]
    assert np.flatnonzero(allowed[1]).tolist() == [2]
    assert np.flatnonzero(allowed[5]).tolist() == [0, 1, 3, 5, 6]
    assert np.flatnonzero(~may_end).tolist() == [1, 3]
    state_tag, allowed, may_end = split_singles([0, 1], np.ones((3, 2), dtype=bool))
    assert state_tag.tolist() == [0, 1]
    assert allowed.shape == (3, 2)
    assert may_end.all()


def simulated_sentences(seed=0, n_sentences=300, n_annotators=8):
    """Sentences, names missed, mistaken or cut as a whole: truth, answers, lengths."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 18, n_sentences)
    truth, y = zip(
        *(simulated_sentence(rng, n, n_annotators) for n in lengths), strict=True
    )
    return np.concatenate(truth), np.concatenate(y), lengths


def simulated_sentence(rng, length, n_annotators):
    """Half of the annotators tag it; the last ones find most names."""
    found = np.linspace(0.5, 0.95, n_annotators)
    tags = np.zeros(length, dtype=int)
    answers = np.zeros((length, n_annotators), dtype=int)
    t = 0
    while t < length:
        if rng.random() > 0.15:
            t += 1
            continue
        kind, end = rng.integers(2), min(t + rng.integers(1, 4), length)
        mark(tags, t, end, kind)
        for r in np.flatnonzero(rng.random(n_annotators) < found):
            answered = kind if rng.random() < 0.85 else 1 - kind
            cut = rng.random() < 0.15 and end - t > 1
            mark(answers[:, r], t, end - cut, answered)
        t = end
    answers[:, rng.permutation(n_annotators)[n_annotators // 2 :]] = -1
    return tags, answers


def mark(tags, begin, end, kind):
    tags[begin:end] = 2 + 2 * kind
    tags[begin] -= 1


def annotated(y):
    names = np.array([*TAGS, None], dtype=object)
    return Annotations.from_dense(names[y], classes=TAGS)


def spans(tags, lengths):
    """Names as (first token, token after the last, type)."""
    begins = set((np.cumsum(lengths) - lengths).tolist())
    found, current = set(), None
    for t, name in enumerate([TAGS[tag] for tag in tags] + ["O"]):
        resumes = name[0] == "I" and t not in begins
        if current and not (resumes and name[2:] == current[1]):
            found.add((current[0], t, current[1]))
            current = None
        if name != "O" and current is None:
            current = t, name[2:]
    return found


def span_f1(tags, truth, lengths):
    inferred, gold = spans(tags, lengths), spans(truth, lengths)
    return 2 * len(inferred & gold) / (len(inferred) + len(gold))


@pytest.mark.parametrize("seed", range(3))
def test_recovers_a_crowd_better_than_token_dawid_skene(seed):
    truth, y, lengths = simulated_sentences(seed, n_sentences=600)
    annotations = annotated(y)
    result = sequence_dawid_skene(annotations, lengths)
    by_token = dawid_skene(annotations).posterior.argmax(axis=1)
    f1 = span_f1(result.tags, truth, lengths)
    assert f1 > span_f1(by_token, truth, lengths) + 0.02
    assert (result.tags == truth).mean() > 0.9
    np.testing.assert_allclose(result.confusion.sum(axis=2), 1)
    np.testing.assert_allclose(result.sequence_confusion.sum(axis=4), 1)
    np.testing.assert_allclose(result.transition.sum(axis=1), 1)
    steps = np.zeros((5, 5))
    inside = np.ones(len(truth), dtype=bool)
    inside[np.cumsum(lengths) - lengths] = False
    np.add.at(steps, (truth[:-1][inside[1:]], truth[1:][inside[1:]]), 1)
    steps /= steps.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(result.transition, steps, atol=0.15)


def test_confusion_is_that_of_the_answers():
    truth, y, lengths = simulated_sentences(n_sentences=1000)
    result = sequence_dawid_skene(annotated(y), lengths)
    for r in range(y.shape[1]):
        for k in range(5):
            answers = y[(truth == k) & (y[:, r] >= 0), r]
            shares = np.bincount(answers, minlength=5) / len(answers)
            np.testing.assert_allclose(result.confusion[r, k], shares, atol=0.15)


def test_one_token_sentences_are_dawid_skene():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 2000)
    y = np.where(
        rng.random((2000, 4)) < 0.7, truth[:, None], rng.integers(0, 3, (2000, 4))
    )
    annotations = Annotations.from_dense(y)
    options = {"tol": 1e-9, "max_iter": 500, "pseudo_counts": 0}
    result = sequence_dawid_skene(annotations, np.ones(2000, dtype=int), **options)
    plain = dawid_skene(annotations, **options)
    np.testing.assert_allclose(result.posterior, plain.posterior, atol=0.01)
    np.testing.assert_allclose(result.confusion, plain.confusion, atol=0.01)
    np.testing.assert_allclose(result.initial, plain.class_prior, atol=0.01)


def test_one_class():
    annotations = Annotations.from_dense(np.zeros((4, 2), dtype=int))
    result = sequence_dawid_skene(annotations, [1, 3])
    np.testing.assert_array_equal(result.posterior, 1)
    np.testing.assert_array_equal(result.confusion, 1)
    assert result.tags.tolist() == [0] * 4


@pytest.fixture(scope="module")
def sentences():
    return simulated_sentences(n_sentences=120)


@pytest.mark.parametrize("single_spans", [False, True])
@pytest.mark.parametrize("previous_truth", [False, True])
def test_invalid_transitions_are_never_inferred(
    sentences, previous_truth, single_spans
):
    _, y, lengths = sentences
    y = np.random.default_rng(1).permuted(y, axis=0)  # most answers are invalid now
    result = sequence_dawid_skene(
        annotated(y), lengths, previous_truth=previous_truth, single_spans=single_spans
    )
    allowed = iob2_transitions(TAGS)
    before = np.concatenate([[5], result.tags[:-1]])
    before[np.cumsum(lengths) - lengths] = 5
    assert allowed[before, result.tags].all()
    assert (result.transition[~allowed[:-1]] == 0).all()
    assert (result.posterior[before == 5][:, ~allowed[5]] == 0).all()


def test_options_of_the_model_change_its_shape(sentences):
    _, y, lengths = sentences
    shapes = {
        (truth, single): sequence_dawid_skene(
            annotated(y), lengths, previous_truth=truth, single_spans=single
        ).sequence_confusion.shape
        for truth in (False, True)
        for single in (False, True)
    }
    assert shapes[True, True] == (8, 6, 8, 7, 5)
    assert shapes[True, False] == (8, 6, 6, 5, 5)
    assert shapes[False, True] == (8, 6, 1, 7, 5)
    assert shapes[False, False] == (8, 6, 1, 5, 5)


def test_given_transitions_are_kept(sentences):
    _, y, lengths = sentences
    allowed = iob2_transitions(TAGS)
    allowed[:, 3] = allowed[:, 4] = False  # no PER at all
    allowed[3:5, 0] = True
    result = sequence_dawid_skene(annotated(y), lengths, transitions=allowed)
    assert set(result.tags) <= {0, 1, 2}
    np.testing.assert_allclose(result.posterior[:, 3:], 0, atol=1e-12)


def test_single_spans_finds_names_that_are_missed_because_they_are_short():
    rng = np.random.default_rng(0)
    truth, y, lengths = simulated_sentences(n_sentences=1000)
    is_single = np.isin(truth, [1, 3]) & ~np.isin(np.append(truth[1:], 0), [2, 4])
    missed = is_single[:, None] & (rng.random(y.shape) < 0.5) & (y > 0)
    annotations = annotated(np.where(missed, 0, y))
    f1 = [
        span_f1(
            sequence_dawid_skene(annotations, lengths, single_spans=single).tags,
            truth,
            lengths,
        )
        for single in (False, True)
    ]
    assert f1[1] > f1[0]


def assert_same(first, second, atol=1e-9):
    assert first.n_iter == second.n_iter
    for name in ("confusion", "initial", "transition", "sequence_confusion"):
        np.testing.assert_allclose(
            getattr(first, name), getattr(second, name), atol=atol, err_msg=name
        )


def rows_of(sentence, lengths):
    """Tokens of some sentences, in that order."""
    start = np.cumsum(lengths) - lengths
    return np.concatenate([start[s] + np.arange(lengths[s]) for s in sentence])


def test_permuting_annotators(sentences):
    _, y, lengths = sentences
    order = np.array([3, 0, 7, 4, 1, 6, 2, 5])
    result = sequence_dawid_skene(annotated(y), lengths)
    other = sequence_dawid_skene(annotated(y[:, order]), lengths)
    np.testing.assert_allclose(other.posterior, result.posterior, atol=1e-9)
    np.testing.assert_allclose(other.confusion, result.confusion[order], atol=1e-9)


def test_permuting_sentences(sentences):
    _, y, lengths = sentences
    order = np.random.default_rng(0).permutation(len(lengths))
    rows = rows_of(order, lengths)
    result = sequence_dawid_skene(annotated(y), lengths)
    other = sequence_dawid_skene(annotated(y[rows]), lengths[order])
    assert_same(result, other)
    np.testing.assert_allclose(other.posterior, result.posterior[rows], atol=1e-9)
    np.testing.assert_array_equal(other.tags, result.tags[rows])


def test_weights_are_repetitions(sentences):
    _, y, lengths = sentences
    weight = np.random.default_rng(0).integers(0, 3, len(lengths))
    repeated = np.repeat(np.arange(len(lengths)), weight)
    weighted = sequence_dawid_skene(annotated(y), lengths, sample_weight=weight)
    rows = rows_of(repeated, lengths)
    other = sequence_dawid_skene(annotated(y[rows]), lengths[repeated])
    assert_same(weighted, other)


def test_sentences_without_answers_change_nothing(sentences):
    _, y, lengths = sentences
    nobody = np.full((30, y.shape[1]), -1)
    alone = sequence_dawid_skene(annotated(y), lengths)
    more = [*lengths, 10, 1, 19]
    among = sequence_dawid_skene(annotated(np.vstack([y, nobody])), more)
    assert_same(alone, among)
    np.testing.assert_allclose(among.posterior[: len(y)], alone.posterior, atol=1e-9)
    np.testing.assert_allclose(among.posterior[len(y)], alone.initial, atol=0.02)


def test_single_tags_may_be_missing(sentences):
    truth, y, lengths = sentences
    y = np.where(np.random.default_rng(0).random(y.shape) < 0.2, -1, y)
    result = sequence_dawid_skene(annotated(y), lengths)
    np.testing.assert_allclose(result.posterior.sum(axis=1), 1)
    assert (result.tags == truth).mean() > 0.85


def test_emission_is_used_and_decides_where_nobody_answered(sentences):
    truth, y, lengths = sentences
    y = y.copy()
    y[: lengths[:20].sum()] = -1
    hint = np.log(0.95 * np.eye(5) + 0.01)[truth]
    result = sequence_dawid_skene(annotated(y), lengths, log_emission=hint)
    assert (result.tags == truth).mean() > 0.97
    without = sequence_dawid_skene(annotated(y), lengths)
    assert (without.tags == truth).mean() < 0.95


def test_a_transition_weight_of_zero_leaves_only_what_is_valid(sentences):
    _, y, lengths = sentences
    annotations = annotated(y)
    posteriors = [
        sequence_dawid_skene(
            annotations, lengths, transition_weight=weight, max_iter=1
        ).posterior
        for weight in (0.0, 0.5, 1.0)
    ]
    rarely = [posterior[:, 1:].sum() for posterior in posteriors]
    assert rarely[0] > rarely[1] > rarely[2]  # no prior says that names are rare
    free = sequence_dawid_skene(annotations, lengths, transition_weight=0.0)
    allowed, codes = iob2_transitions(TAGS), free.tags
    is_first = np.zeros(len(codes), dtype=bool)
    is_first[np.cumsum(lengths) - lengths] = True
    assert allowed[:-1][codes[:-1], codes[1:]][~is_first[1:]].all()
    assert allowed[-1][codes[is_first]].all()


def test_start_and_pseudo_counts_and_stopping(sentences):
    truth, y, lengths = sentences
    annotations = annotated(y)
    first = sequence_dawid_skene(annotations, lengths, max_iter=1)
    assert first.n_iter == 1
    gold = sequence_dawid_skene(
        annotations, lengths, max_iter=1, start=np.eye(5)[truth]
    )
    assert span_f1(gold.tags, truth, lengths) > span_f1(first.tags, truth, lengths)
    spread = [
        sequence_dawid_skene(annotations, lengths, pseudo_counts=m).confusion.std(0)
        for m in (0, 10, 1e6)
    ]
    assert spread[0].mean() > spread[1].mean() > spread[2].mean()
    loose = sequence_dawid_skene(annotations, lengths, tol=1e-2).n_iter
    assert loose < sequence_dawid_skene(annotations, lengths, tol=1e-5).n_iter


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lengths": [2, 1]}, "sum to 3"),
        ({"lengths": [2.0, 2.0]}, "counts of tokens"),
        ({"lengths": [5, -1]}, "counts of tokens"),
        ({"max_iter": 0}, "max_iter"),
        ({"transition_weight": 1.1}, "between 0 and 1, got 1.1"),
        ({"transition_weight": np.nan}, "between 0 and 1, got nan"),
        ({"start": np.ones((4, 3))}, "start must be of shape"),
        ({"log_emission": np.ones((3, 2))}, "log_emission must be of shape"),
        ({"sample_weight": np.ones(3)}, "sample_weight has shape"),
        ({"sample_weight": np.zeros(2)}, "positive weight"),
        ({"transitions": np.ones((2, 2))}, "transitions must be of shape"),
        ({"transitions": np.zeros((3, 2))}, "only zeros in row 0"),
        ({"log_emission": np.full((4, 2), -np.inf)}, "sentence 0 has no path"),
        ({"log_emission": np.full((4, 2), np.nan)}, "sentence 0 has no path"),
    ],
)
def test_errors(options, message):
    options = {"lengths": [2, 2], **options}
    with pytest.raises(ValueError, match=message):
        sequence_dawid_skene([[0, 1], [1, 1], [0, 0], [1, 0]], **options)


def test_tag_sequences_bring_their_lengths():
    cells = [[["O", "B-X", "I-X"], ["O", "B-X", "O"]], [["B-X"], None]]
    sequences = SequenceAnnotations.from_cells(cells)
    result = sequence_dawid_skene(sequences)
    flat = sequence_dawid_skene(sequences.tokens, [3, 1])
    np.testing.assert_array_equal(result.posterior, flat.posterior)
    with pytest.raises(ValueError, match="has its own"):
        sequence_dawid_skene(sequences, [3, 1])
    with pytest.raises(ValueError, match="lengths are missing"):
        sequence_dawid_skene(sequences.tokens)
