import numpy as np
import pytest
from _data import random_confusion
from _sequence_contexts import pose
from hypothesis import given, settings
from hypothesis import strategies as st
from skorch.callbacks import Callback

from skcrowd import Annotations
from skcrowd.annotators import FixedConfusion
from skcrowd.methods._training_set import training_set
from skcrowd.training._prediction import predict_truth

# Of five sequences the last has no answer, the others have tokens without one.
LENGTHS = np.array([2, 3, 1, 4, 2])
Y = np.array(
    [
        *([0, 1], [2, -1]),
        *([-1, -1], [1, 1], [-1, 2]),
        *([0, -1],),
        *([2, 2], [1, 0], [-1, -1], [0, -1]),
        *([-1, -1], [-1, -1]),
    ]
)
WEIGHT = np.array([1.0, 0.5, 2.0, 3.0, 4.0])
HELD_OUT = np.array([False, False, True, True, False])


def five(weight=WEIGHT, held_out=None, y=Y, **settings):
    tokens = np.random.default_rng(0).standard_normal((LENGTHS.sum(), 2))
    annotations = Annotations.from_dense(y, classes=[0, 1, 2])
    return pose(tokens, LENGTHS, annotations, weight, held_out, **settings)


def test_training_weight_is_that_of_answered_tokens():
    expected = [1, 1, 0, 0.5, 0.5, 2, 3, 3, 0, 3, 0, 0]
    assert five().training_weight.tolist() == expected
    expected = [1, 1, 0, 0.5, 0.5, 0, 0, 0, 0, 0, 0, 0]
    assert five(held_out=HELD_OUT).training_weight.tolist() == expected


def test_sequence_weight_is_that_of_sequences_to_learn_from():
    assert five().sequence_weight.tolist() == [1, 0.5, 2, 3, 0]
    assert five(held_out=HELD_OUT).sequence_weight.tolist() == [1, 0.5, 0, 0, 0]


def test_the_data_set_shows_sequences_with_an_answer():
    assert sorted(training_set(five()).rows.tolist()) == [0, 1, 2, 3]
    assert sorted(training_set(five(y=np.ones_like(Y))).rows.tolist()) == [
        0,
        1,
        2,
        3,
        4,
    ]


def mean_losses(context, net, confusion, targets):
    """Loss to targets or answers, and who counts, one token or answer at a time."""
    log_proba, a = predict_truth(net, context.X), context.annotations
    if targets is None:
        likelihood = np.exp(log_proba)[a.item] * confusion[a.annotator, :, a.answer]
        return -np.log(likelihood.sum(axis=1)), a.item
    token = np.flatnonzero(a.answers_per_item)
    return -(targets * log_proba).sum(axis=1)[token], token


class KeepBatches(Callback):
    """Writes down what every batch costs, and how many sequences it has."""

    def on_train_begin(self, net, **kwargs):
        self.seen = []

    def on_batch_end(self, net, batch, training, loss, **kwargs):
        n_sequences = len(batch[0]["lengths"])
        self.seen.append((training, n_sequences, loss.item()))


def mean_of(net, training):
    """Mean loss of the batches, each weighted by its number of sequences."""
    seen = dict(net.callbacks_)["keep_batches"].seen
    batches = [(size, loss) for trains, size, loss in seen if trains == training]
    return np.average([loss for _, loss in batches], weights=[n for n, _ in batches])


def trained(context, on_targets, rng):
    """Train with steps of length zero; the losses to expect, and who counts."""
    n_tokens, n_classes = len(context.annotations), len(context.annotations.classes)
    confusion = random_confusion(rng, context.annotations.n_annotators, n_classes)
    targets = rng.dirichlet(np.ones(n_classes), n_tokens) if on_targets else None
    net = context.train(
        FixedConfusion(confusion),
        train_on="targets" if on_targets else "answers",
        targets=targets,
    )
    return net, confusion, targets


def still(batch_size):
    return {
        "lr": 0.0,
        "max_epochs": 1,
        "batch_size": batch_size,
        "callbacks": [("keep_batches", KeepBatches())],
    }


def weighted_mean(context, losses, token, group):
    weight = context.sample_weight[token] * group[token]
    return np.average(losses, weights=weight)


@pytest.mark.parametrize("on_targets", [True, False])
@pytest.mark.parametrize("weight", [WEIGHT, np.ones(5)], ids=["weighted", "even"])
@given(seed=st.integers(0, 2**32 - 1), batch_size=st.integers(1, 5))
@settings(max_examples=5)
def test_an_epoch_costs_the_weighted_mean(on_targets, weight, seed, batch_size):
    context = five(weight, **still(batch_size))
    net, *compared = trained(context, on_targets, np.random.default_rng(seed))
    losses, token = mean_losses(context, net, *compared)
    expected = weighted_mean(context, losses, token, np.ones(len(Y)))
    assert mean_of(net, training=True) == pytest.approx(expected, rel=1e-9)
    assert net.history[-1, "train_loss"] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("on_targets", [True, False])
@pytest.mark.parametrize("batch_size", [1, 2, 10])
def test_training_and_held_out_sequences_have_a_mean_each(on_targets, batch_size):
    context = five(held_out=HELD_OUT, **still(batch_size))
    net, confusion, targets = trained(context, on_targets, np.random.default_rng(0))
    losses, token = mean_losses(context, net, confusion, targets)
    expected = weighted_mean(context, losses, token, ~context.held_out)
    assert mean_of(net, training=True) == pytest.approx(expected, rel=1e-9)
    losses, token = mean_losses(context, net, confusion, None)
    expected = weighted_mean(context, losses, token, context.held_out)
    assert mean_of(net, training=False) == pytest.approx(expected, rel=1e-9)


def test_one_weight_for_all_is_a_scalar():
    y = training_set(five(np.ones(5), y=np.ones_like(Y))).y
    assert y["item_weight"].shape == y["answer_weight"].shape == ()
    assert training_set(five()).y["item_weight"].shape == (len(Y),)


def test_select_keeps_all_that_belongs_to_the_sequences():
    callbacks = [("keep_batches", KeepBatches())]
    whole = five(held_out=HELD_OUT, callbacks=callbacks, verbose=1, patience=3)
    part = whole.select(np.array([3, 0]), max_epochs=2)
    tokens = [6, 7, 8, 9, 0, 1]
    np.testing.assert_array_equal(part.X.tokens, whole.X.tokens[tokens])
    assert part.lengths.tolist() == [4, 2]
    assert part.annotations == whole.annotations[np.array(tokens)]
    assert part.annotations.classes.tolist() == [0, 1, 2]
    assert part.sample_weight.tolist() == whole.sample_weight[tokens].tolist()
    assert part.held_out.tolist() == whole.held_out[tokens].tolist()
    assert part.transitions is whole.transitions
    factory = part.factory
    assert (factory.max_epochs, factory.patience, factory.train_split) == (
        2,
        None,
        None,
    )
    assert (factory.callbacks, factory.verbose) == ([], 0)
    assert (whole.factory.max_epochs, whole.factory.patience) == (4, 3)


def of_contents(contents, answered=None, held_out=None):
    """Sequences that repeat a few contents of different lengths."""
    lengths = np.array([1 + content % 3 for content in contents])
    tokens = np.repeat(contents, lengths)[:, None].astype(float)
    answered = np.ones(len(contents), bool) if answered is None else answered
    y = np.where(np.repeat(answered, lengths), np.arange(lengths.sum()) % 2, -1)
    annotations = Annotations.from_dense(y[:, None], classes=[0, 1])
    return pose(tokens, lengths, annotations, held_out=held_out)


contents = st.lists(st.integers(0, 9), min_size=1, max_size=15)


@given(contents=contents, n_folds=st.integers(2, 6), data=st.data())
def test_folds_are_dealt_by_content(contents, n_folds, data):
    fold = of_contents(contents).folds(n_folds)
    of_content = dict(zip(contents, fold.tolist(), strict=True))
    assert [of_content[content] for content in contents] == fold.tolist()
    n_different = len(of_content)
    sizes = np.bincount([*of_content.values()])
    assert len(sizes) == min(n_folds, n_different)
    assert np.ptp(sizes) <= 1
    again = data.draw(st.permutations(contents)) + contents[:3]
    fold = of_contents(again).folds(n_folds)
    assert fold.tolist() == [of_content[content] for content in again]


@given(contents=contents, n_folds=st.integers(2, 6), data=st.data())
def test_every_fold_has_a_sequence_to_learn_from(contents, n_folds, data):
    flags = st.lists(st.booleans(), min_size=len(contents), max_size=len(contents))
    answered, held_out = (np.array(data.draw(flags)) for _ in range(2))
    answered[0], held_out[0] = True, False
    context = of_contents(contents, answered, held_out)
    learnable = answered & ~held_out
    fold = context.folds(n_folds)
    n_different = len(set(np.array(contents)[learnable]))
    assert set(fold[learnable]) == set(range(min(n_folds, n_different)))
    assert set(fold) == set(fold[learnable])
    of_content = {}
    for content, k in zip(contents, fold.tolist(), strict=True):
        assert of_content.setdefault(content, k) == k


def test_sequences_that_are_no_lesson_do_not_move_the_others():
    alone = of_contents([3, 1, 4, 5]).folds(3)
    answered = np.array([True, False, True, False, True, True])
    among = of_contents([3, 9, 1, 2, 4, 5], answered).folds(3)
    assert among[answered].tolist() == alone.tolist()


def test_a_longer_sequence_is_another():
    tokens = np.zeros((3, 2))
    context = pose(tokens, [1, 2], Annotations.from_dense([[0], [1], [0]]))
    assert sorted(context.folds(2)) == [0, 1]
