from dataclasses import replace

import numpy as np
import pytest
import torch
from _data import Linear
from _sequence_contexts import pose
from skorch.callbacks import Callback

from skcrowd import Annotations
from skcrowd.aggregation import (
    AnswerCounts,
    dawid_skene,
    sequence_dawid_skene,
    shrunk_confusion,
)
from skcrowd.aggregation._convergence import no_convergence_warning
from skcrowd.aggregation._sequence_model import keep_valid_paths
from skcrowd.datasets import make_annotations
from skcrowd.methods import SequenceEM
from skcrowd.metrics import confusion_error, empirical_confusion
from skcrowd.training import SequenceRows

TAGS = ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]


def sentences(n_sequences, rng):
    """Sentences of 5 to 15 tokens; a tenth of what is not in a name begins each."""
    truth = []
    for length in rng.integers(5, 16, n_sequences):
        tags = []
        while len(tags) < length:
            kind = rng.choice(["O"] * 8 + ["LOC", "PER"])
            name = [f"B-{kind}"] + [f"I-{kind}"] * rng.integers(0, 3)
            tags += ["O"] if kind == "O" else name
        truth.append(tags[:length])
    return truth


def simulated(n_sequences=40, n_of_each=3, answers=3, seed=0, **settings):
    """A problem whose features tell much of the truth, and the truth."""
    rng = np.random.default_rng(seed)
    truth = sentences(n_sequences, rng)
    crowd = make_annotations(
        truth,
        {"average": n_of_each, "imprecise": n_of_each},
        kind="sequences",
        answers_per_item=answers,
        classes=TAGS,
        random_state=seed,
    )
    codes = np.array([TAGS.index(tag) for tags in truth for tag in tags])
    tokens = 3 * np.eye(5)[codes] + rng.standard_normal((len(codes), 5))
    lengths, annotations = crowd.annotations.lengths, crowd.annotations.tokens
    return pose(tokens, lengths, annotations, **settings), codes


def learn(context, seed=0, **parameters):
    torch.manual_seed(seed)
    return SequenceEM(**{"fold_epochs": 3, **parameters}).learn(context)


def of_answers(context, **options):
    """Posterior and tags of the answers alone."""
    start = dawid_skene(context.annotations, sample_weight=context.training_weight)
    options = {
        "transitions": context.transitions,
        "start": start.posterior,
        "max_iter": 1,
        "single_spans": SequenceEM().single_spans,
        **options,
    }
    with no_convergence_warning():
        found = sequence_dawid_skene(context.annotations, context.lengths, **options)
    mean = (start.posterior + found.posterior) / 2
    allowed = context.transitions
    return keep_valid_paths(context.annotations, context.lengths, mean, allowed)


def everything(result):
    told = result.posterior, result.annotators.confusion(), *weights(result)
    return np.concatenate([np.ravel(values) for values in told])


def weights(result):
    return [values.numpy() for values in result.net.module_.state_dict().values()]


@pytest.fixture(scope="module")
def context():
    return simulated()[0]


@pytest.fixture(scope="module")
def result(context):
    return learn(context)


@pytest.mark.parametrize("seed", range(3))
def test_recovers_a_simulated_crowd_better_than_token_by_token(seed):
    context, truth = simulated(200, 4, 5, seed)
    result = learn(context, seed, fold_epochs=6, pseudo_counts=2.0)
    tokens = dawid_skene(context.annotations)
    counted = empirical_confusion(context.annotations, np.array(TAGS)[truth])
    error = confusion_error(result.annotators.confusion(), counted)
    assert error < 0.75 * confusion_error(tokens.confusion, counted)
    wrong = np.mean(tokens.posterior.argmax(axis=1) != truth)
    assert np.mean(result.posterior.argmax(axis=1) != truth) < 0.5 * wrong
    assert np.mean(result.tags != truth) < 0.5 * wrong


def test_the_network_is_evidence_of_the_truth():
    context, truth = simulated(200, 4, 3)
    alone, helped = (learn(context, n_rounds=n).posterior for n in (0, 1))
    wrong = np.mean(alone.argmax(axis=1) != truth)
    assert np.mean(helped.argmax(axis=1) != truth) < 0.7 * wrong


OTHER = {
    "n_rounds": 2,
    "max_iter": 1,
    "n_folds": 3,
    "fold_epochs": 1,
    "network_weight": 0.5,
    "prior_discount": 0.0,
    "pseudo_counts": 5.0,
    "transition_weight": 0.3,
    "previous_truth": False,
    "single_spans": not SequenceEM().single_spans,
}


def test_the_other_values_are_those_of_all_parameters():
    assert set(OTHER) == set(SequenceEM().get_params())


@pytest.mark.parametrize("parameter", OTHER)
def test_every_parameter_changes_something(context, result, parameter):
    changed = learn(context, **{parameter: OTHER[parameter]})
    assert np.abs(changed.posterior - result.posterior).max() > 1e-6


def test_the_seed_decides(context, result):
    same, other = (everything(learn(context, seed)) for seed in (0, 1))
    np.testing.assert_array_equal(everything(result), same)
    assert (same != other).any()


def test_without_rounds_the_answers_tell_the_truth(context):
    result, (posterior, tags) = learn(context, n_rounds=0), of_answers(context)
    np.testing.assert_array_equal(result.posterior, posterior)
    np.testing.assert_array_equal(result.tags, tags)
    counts = AnswerCounts(context.annotations).expected_counts(posterior)
    confusion = result.annotators.confusion()
    np.testing.assert_allclose(confusion, shrunk_confusion(counts, 3.0), rtol=1e-6)


def test_steps_that_are_not_allowed_are_not_inferred(context):
    allowed = context.transitions.copy()
    allowed[:, TAGS.index("B-PER")] = False
    result = learn(replace(context, transitions=allowed))
    assert (result.posterior[:, :3].sum(axis=1) > 1 - 1e-12).all()
    assert result.tags.max() == 2


def spying():
    """A network class; its networks know the tokens they were trained on and asked."""

    class Spy(Linear):
        networks = []

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.trained, self.asked, self.start = set(), set(), None
            self.networks.append(self)

        def forward(self, X, lengths):
            seen = {
                row[0].item() for x, n in zip(X, lengths, strict=True) for row in x[:n]
            }
            if self.training and self.start is None:
                self.start = seen  # the check before training, which asks, too
                self.asked = set()
            elif self.training:
                self.trained |= seen
            else:
                self.asked |= seen
            return super().forward(X)

    return Spy


@pytest.mark.parametrize("held_out", [None, np.arange(40) % 4 == 0])
def test_networks_are_asked_of_what_they_have_not_seen(held_out):
    module = spying()
    context, _ = simulated(module=module, held_out=held_out)
    learn(context, n_rounds=2, n_folds=3)
    everyone = set(context.X.tokens[:, 0])
    lessons = set(context.X.tokens[~context.held_out, 0])
    *beside, final = module.networks
    assert len(beside) == 2 * 3
    assert final.trained == lessons
    for network in beside:
        assert not network.trained & network.asked
        assert network.trained | network.asked >= lessons
        assert network.trained <= lessons
    for in_round in (beside[:3], beside[3:]):
        asked = [token for network in in_round for token in network.asked]
        assert len(asked) == len(everyone)
        assert set(asked) == everyone


def test_networks_beside_train_for_half_of_the_epochs():
    context, _ = simulated(max_epochs=5)
    half, three, five = (
        everything(learn(context, fold_epochs=n)) for n in (None, 3, 5)
    )
    np.testing.assert_array_equal(half, three)
    assert (half != five).any()


def test_nothing_is_learned_from_held_out_answers():
    held_out = np.arange(40) % 4 == 0
    context, _ = simulated(held_out=held_out)
    y = context.annotations.to_dense()
    answered = context.held_out[:, None] & (y != "")
    y[answered] = np.random.default_rng(1).permutation(y[answered])
    shuffled = Annotations.from_dense(y, classes=TAGS)
    result = [learn(p) for p in (context, replace(context, annotations=shuffled))]
    for ours, theirs in zip(*map(weights, result), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    ours, theirs = (found.annotators.confusion() for found in result)
    np.testing.assert_array_equal(ours, theirs)
    changed = (result[0].posterior != result[1].posterior).any(axis=1)
    assert not changed[~context.held_out].any()
    assert changed[context.held_out].any()


@pytest.mark.parametrize(("size", "uses"), [(0, False), (-1, False), (1, True)])
def test_a_large_table_leaves_the_previous_truth_out(context, monkeypatch, size, uses):
    if size:
        size = context.annotations.n_annotators * 5**4 + min(size, 0)
    monkeypatch.setattr("skcrowd.methods._sequence_em.LARGEST_TABLE", size)
    expected = of_answers(context, previous_truth=uses)[0]
    other = of_answers(context, previous_truth=not uses)[0]
    found = learn(context, n_rounds=0).posterior
    np.testing.assert_array_equal(found, expected)
    assert np.abs(found - other).max() > 1e-6
    asked_for = learn(context, n_rounds=0, previous_truth=not uses).posterior
    np.testing.assert_array_equal(asked_for, other)


def test_one_sequence_over_and_over_needs_no_network_beside(context):
    lengths = context.lengths[:1].repeat(6)
    tokens = np.tile(context.X.tokens[: lengths[0]], (6, 1))
    annotations = context.annotations[np.arange(len(tokens))]
    same = pose(tokens, lengths, annotations)
    np.testing.assert_array_equal(
        learn(same, n_rounds=3).posterior, of_answers(same)[0]
    )


class Witness(Callback):
    """Knows the networks that were trained before its eyes."""

    networks = []

    def on_train_begin(self, net, **kwargs):
        self.networks.append(net)


def test_only_the_final_network_has_the_callbacks_of_the_user(monkeypatch):
    monkeypatch.setattr(Witness, "networks", [])
    result = learn(simulated(callbacks=[("witness", Witness())])[0])
    assert Witness.networks == [result.net]


def test_a_network_that_tells_nothing_is_left_out():
    context, _ = simulated(60)
    tokens = np.random.default_rng(5).standard_normal(context.X.tokens.shape)
    blind = replace(context, X=SequenceRows(tokens, context.lengths))
    result = learn(blind, fold_epochs=40)
    assert result.extras["network_weight_"] < 0.3
    assert learn(context).extras["network_weight_"] > 0.3


def test_a_fixed_weight_of_zero_leaves_the_truth_to_the_answers(context):
    result = learn(context, network_weight=0.0)
    np.testing.assert_array_equal(result.posterior, of_answers(context)[0])
    assert result.extras == {"network_weight_": 0.0, "transition_weight_": 1.0}


@pytest.mark.parametrize("weight", [0.7, "auto"])
def test_weights_are_fitted_attributes(context, weight):
    extras = learn(
        context, network_weight=weight, transition_weight=0.75, n_rounds=2
    ).extras
    assert extras["transition_weight_"] == 0.75
    assert weight in ("auto", extras["network_weight_"])


def test_equal_sequences_share_the_evidence_of_the_network():
    context, _ = simulated(40)
    lengths = np.concatenate([context.lengths, np.full(12, 2)])
    tokens = np.vstack([context.X.tokens, np.tile(3 * np.eye(5)[[1, 2]], (12, 1))])
    dense = context.annotations.to_dense()
    unanimous = np.full((24, dense.shape[1]), "", dtype=dense.dtype)
    for k in range(12):
        unanimous[2 * k : 2 * k + 2, [k % 6, (k + 1 + k // 6) % 6]] = "O"
    answers = Annotations.from_dense(np.vstack([dense, unanimous]), classes=TAGS)
    repeated = pose(tokens, lengths, answers)
    assert repeated.copies().tolist() == [1] * 40 + [12] * 12
    result = learn(repeated, fold_epochs=30, network_weight=1.0)
    assert (result.tags[-24:] == TAGS.index("O")).all()


def test_sequences_are_sampled_by_content(context):
    chosen = context.sample_rows(100)
    assert 0 < context.lengths[chosen].sum() < 250
    assert context.sample_rows(10**6).all()
    order = np.random.default_rng(0).permutation(40)
    np.testing.assert_array_equal(context.select(order).sample_rows(100), chosen[order])
