import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skorch.callbacks import Callback
from torch import nn

from skcrowd.annotators import FixedConfusion
from skcrowd.training import ClassScores, CrowdLoss, NetFactory, SequenceRows
from skcrowd.training._data import BatchLoader
from skcrowd.training._prediction import predict_truth
from skcrowd.training._sequence_data import SequenceDataset
from skcrowd.training._sequence_net import SequenceNet
from skcrowd.training._split import AnswerSplit

N_FEATURES, N_CLASSES, N_ANNOTATORS = 2, 3, 4


class OfTokens(nn.Module):
    """Takes no lengths; scores what stands in the padding, too."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(N_FEATURES, N_CLASSES)

    def forward(self, X):
        return self.layer(X)


class OfLengths(OfTokens):
    """Adds the mean of the sequence; of the padding it has no idea."""

    def forward(self, X, lengths):
        mean = X.sum(dim=1) / lengths[:, None]
        beyond = torch.arange(X.shape[1]) >= lengths[:, None]
        scores = self.layer(X + mean[:, None])
        return scores.masked_fill(beyond[:, :, None], torch.nan)


class OfAnything(OfLengths):
    """Takes whatever comes."""

    def forward(self, *args):
        X, lengths = args
        return super().forward(X, lengths)


class OfDefault(OfLengths):
    """Has a default for lengths."""

    def forward(self, X, lengths=None):
        return super().forward(X, lengths)


MODULES = [OfTokens, OfLengths, OfAnything, OfDefault]


def build(module, train_on="answers", annotators=None, **settings):
    torch.manual_seed(0)
    table = np.random.default_rng(0).dirichlet(
        np.ones(N_CLASSES), (N_ANNOTATORS, N_CLASSES)
    )
    options = {"lr": 0.1, "max_epochs": 2, "batch_size": 4, **settings}
    factory = NetFactory(
        module=module,
        output=ClassScores(N_CLASSES),
        optimizer=torch.optim.Adam,
        dtype=torch.float64,
        device="cpu",
        net=SequenceNet,
        **options,
    )
    loss = CrowdLoss(annotators or FixedConfusion(table), factory.output, train_on)
    return factory, factory.build(loss)


def random_rows(rng, lengths):
    return SequenceRows(
        rng.standard_normal((np.sum(lengths), N_FEATURES)), np.asarray(lengths)
    )


def random_y(rng, n_tokens):
    """Answers, weights and targets; some tokens have no answer."""
    count = rng.integers(0, 3, n_tokens)
    return {
        "annotator": torch.tensor(rng.integers(0, N_ANNOTATORS, count.sum())),
        "answer": torch.tensor(rng.integers(0, N_CLASSES, count.sum())),
        "indptr": torch.tensor(np.concatenate([[0], np.cumsum(count)])),
        "item_weight": torch.tensor(rng.random(n_tokens)),
        "answer_weight": torch.tensor(rng.random(n_tokens)),
        "target": torch.tensor(rng.dirichlet(np.ones(N_CLASSES), n_tokens)),
    }


def one_at_a_time(net, rows):
    """Log-probabilities of the tokens, from sequences without any padding."""
    log_proba = [
        net.infer(rows.padded(*map(torch.tensor, ([k], rows.token_rows([k])))))
        for k in range(len(rows))
    ]
    return torch.cat(log_proba).detach().log_softmax(dim=1).numpy()


def weighted_losses(net, rows, y, train_on):
    """Loss of every token, or every answer, by hand."""
    log_proba = one_at_a_time(net, rows)
    if train_on == "targets":
        return -(y["target"].numpy() * log_proba).sum(axis=1) * y["item_weight"].numpy()
    token = np.repeat(np.arange(rows.n_tokens), np.diff(y["indptr"]))
    confusion = net.criterion_.annotators.confusion()
    likelihood = confusion[y["annotator"], :, y["answer"]] * np.exp(log_proba[token])
    return -np.log(likelihood.sum(axis=1)) * y["answer_weight"].numpy()[token]


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("train_on", ["answers", "targets"])
@given(
    seed=st.integers(0, 2**32 - 1),
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=5),
)
@settings(max_examples=10)
def test_the_loss_is_that_of_sequences_without_padding(module, train_on, seed, lengths):
    rng = np.random.default_rng(seed)
    rows, y = random_rows(rng, lengths), random_y(rng, sum(lengths))
    net = build(module, train_on)[1]
    (X, batch), *rest = BatchLoader(SequenceDataset(rows, y), len(rows))
    assert not rest
    net.criterion_.train()
    loss = net.criterion_(net.infer(X), batch)
    order = np.split(np.arange(rows.n_tokens), rows.offsets[1:-1])
    assert X["X"].shape[:2] == (len(order), max(map(len, order)))
    expected = weighted_losses(net, rows, y, train_on).sum()
    assert loss.item() * len(rows) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("module", MODULES)
def test_scores_come_in_the_order_of_the_tokens(module):
    rows = random_rows(np.random.default_rng(0), [3, 1, 5, 1, 2, 4, 4])
    net = build(module, routed={"iterator_valid__batch_size": 2})[1]
    expected = one_at_a_time(net, rows)
    forwarded = net.forward(rows).log_softmax(dim=1)
    np.testing.assert_allclose(forwarded, expected, rtol=1e-9)
    np.testing.assert_allclose(predict_truth(net, rows), expected, rtol=1e-9)
    np.testing.assert_allclose(net.predict_proba(rows), np.exp(expected), rtol=1e-9)
    tags = net.predict_proba(rows).argmax(axis=1)
    np.testing.assert_array_equal(net.predict(rows), tags)


@pytest.mark.parametrize("module", MODULES)
def test_training_takes_padded_batches(module):
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 6, 30)
    rows, y = random_rows(rng, lengths), random_y(rng, lengths.sum())
    factory, net = build(module, "targets", max_epochs=30)
    factory.check_scores(net, rows)
    net.partial_fit(SequenceDataset(rows, y))
    losses = net.history[:, "train_loss"]
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]


class WrongShape(OfTokens):
    """Returns scores of a shape that nobody can read."""

    shape = None

    def forward(self, X):
        return self.shape(super().forward(X))


WRONG = {
    "of sequences": (lambda scores: scores[:, 0], r"returned \(2, 3\) for a padded"),
    "a row a place": (lambda scores: scores.flatten(0, 1), r"returned \(8, 3\)"),
    "classes first": (lambda scores: scores.permute(0, 2, 1), r"shape \(2, 4, n_clas"),
    "shorter": (lambda scores: scores[:, 1:], r"2 sequences of up to 4 tokens"),
    "numbers": (lambda scores: scores[:, :, 0], r"returned \(2, 4\) for a pad"),
    "other classes": (
        lambda scores: scores[:, :, :2],
        r"returned \(7, 2\) for 7 items",
    ),
    "a tuple": (lambda scores: (scores, scores), "returned a tuple of 2 values"),
    "an array": (lambda scores: scores.numpy(force=True), "returned a ndarray"),
    "probabilities": (lambda scores: scores.softmax(dim=2), "returns probabilities"),
    "nothing finite": (lambda scores: scores * torch.inf, "not finite"),
}


@pytest.mark.parametrize(("shape", "message"), WRONG.values(), ids=WRONG)
def test_scores_of_another_shape_are_refused(shape, message):
    module = WrongShape()
    module.shape = shape
    factory, net = build(module)
    rows = random_rows(np.random.default_rng(0), [3, 4, 2])
    with pytest.raises(ValueError, match=message):
        factory.check_scores(net, rows)


class Predicts(Callback):
    """Predicts the held-out sequences after every epoch."""

    def on_epoch_end(self, net, dataset_valid, **kwargs):
        net.history.record("predicted", net.predict_proba(dataset_valid))


def test_callbacks_may_predict_a_part():
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 6, 12)
    rows, y = random_rows(rng, lengths), random_y(rng, lengths.sum())
    held_out = np.arange(12) % 3 == 1
    net = build(
        OfLengths,
        callbacks=[("predicts", Predicts())],
        train_split=AnswerSplit(held_out),
    )[1]
    net.partial_fit(SequenceDataset(rows, y))
    expected = np.exp(one_at_a_time(net, rows[held_out]))
    np.testing.assert_allclose(net.history[-1, "predicted"], expected, rtol=1e-9)
