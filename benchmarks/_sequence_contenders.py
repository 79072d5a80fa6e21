"""Who trains in the table of sequence speeds: taggers of skcrowd, and a plain loop.

Both return marks at the start of every epoch, as the contenders of throughput.py do.
"""

from time import perf_counter

import numpy as np
import torch
from _contenders import EpochClock, Marks
from torch.nn.functional import cross_entropy

from skcrowd import CrowdSequenceTagger
from skcrowd.aggregation import majority_vote
from skcrowd.backbones import RecurrentTagger
from skcrowd.training import SequenceRows
from skcrowd.training._sequence_data import SequenceDataset
from skcrowd.training._sequence_net import SequenceNet


class CountingNet(SequenceNet):
    """Counts what all networks of a fit see, those of folds included."""

    n_epochs = n_passes = 0

    def on_epoch_begin(self, net, dataset_train=None, **kwargs):
        """Count the epoch and its sequences."""
        super().on_epoch_begin(net, dataset_train=dataset_train, **kwargs)
        CountingNet.n_epochs += 1
        CountingNet.n_passes += len(dataset_train)


class CountingTagger(CrowdSequenceTagger):
    """The tagger, with networks that count."""

    _net = CountingNet


def tagger(method, n_epochs):
    """Build the tagger that is measured, without epochs on the vote."""
    warm = "warm_epochs" in CrowdSequenceTagger._known_methods[method]().get_params()
    return CountingTagger(
        method=method,
        max_epochs=n_epochs,
        callbacks=[("clock", EpochClock())],
        random_state=0,
        **({"method__warm_epochs": 0} if warm else {}),
    )


def fit(method, n_epochs, X, annotations):
    """Fit a tagger.

    Returns
    -------
    clf : CrowdSequenceTagger
    run : dict
        Times of the epochs of the last network and of the whole fit; epochs and
        passes over a sequence by all networks.
    """
    CountingNet.n_epochs = CountingNet.n_passes = 0
    clf = tagger(method, n_epochs)
    start = perf_counter()
    clf.fit(X, annotations)
    marks = dict(clf.net_.callbacks_)["clock"].marks_
    marks.begin, marks.end = start, perf_counter()
    counts = {"n_epochs": CountingNet.n_epochs, "n_passes": CountingNet.n_passes}
    return clf, {**described(marks), **counts}


class WholeSequences(RecurrentTagger):
    """The default network of before: two layers, and no windows."""

    def __init__(self, n_outputs, n_features=None, hidden=64, n_layers=2, **options):
        super().__init__(n_outputs, n_features, hidden, n_layers, **options)

    def forward(self, X, lengths):
        """Return scores, (n_batch, longest, n_outputs)."""
        return self._scores(X, lengths)


def described(marks):
    """Return times of the epochs, and of everything from begin to end."""
    return {**marks.summary(), "total": marks.end - marks.begin}


class PlainLoop:
    """A loop by hand over padded tensors, with one soft label a token: the yardstick.

    Parameters
    ----------
    clf : CrowdSequenceTagger
        A fitted one: network class and sizes, rate and batch size are taken from it.
    X : list of n_sentences sequences
    annotations : SequenceAnnotations
        Their vote is what the loop trains on.
    """

    def __init__(self, clf, X, annotations):
        net, lengths = clf.net_, annotations.lengths
        tokens = np.concatenate(X)
        if tokens.dtype.kind != "f":
            tokens = clf.vocabulary_.encode(tokens)
        target = majority_vote(annotations.tokens).astype(np.float32)
        self.X, self.target = padded(tokens, lengths), padded(target, lengths)
        self.lengths = torch.tensor(lengths)
        self.is_token = torch.arange(self.X.shape[1]) < self.lengths[:, None]
        self.dataset = SequenceDataset(SequenceRows(tokens, lengths))
        self.module, self.sizes = net.module, net.get_params_for("module")
        self.lr, self.batch_size = net.lr, net.batch_size

    def train(self, n_epochs):
        """Train a fresh network; return its times."""
        epochs = [self.batches() for _ in range(n_epochs)]
        marks = Marks()
        network = self.module(**self.sizes)
        optimizer = torch.optim.Adam(network.parameters(), lr=self.lr, fused=True)
        for batches in epochs:
            marks.mark()
            for rows, longest in batches:
                self.step(network, optimizer, rows, longest)
        marks.mark()
        marks.end = perf_counter()
        return {**described(marks), "n_passes": n_epochs * len(self.lengths)}

    def batches(self):
        """Compose the batches of an epoch as skcrowd does: rows, and longest length."""
        order = torch.randperm(len(self.lengths))
        batches = self.dataset.batches(order, self.batch_size)
        return [(rows, int(self.lengths[rows].max())) for rows, *_ in batches]

    def step(self, network, optimizer, rows, longest):
        """Train on a batch."""
        is_token = self.is_token[rows, :longest]
        optimizer.zero_grad()
        scores = network(self.X[rows, :longest], self.lengths[rows])
        target = self.target[rows, :longest]
        loss = cross_entropy(scores[is_token], target[is_token])
        loss.backward()
        optimizer.step()


def padded(values, lengths):
    """Pad all sequences to the longest, (n_sentences, longest, ...)."""
    parts = torch.as_tensor(values).split(lengths.tolist())
    return torch.nn.utils.rnn.pad_sequence(parts, batch_first=True)
