"""The default network for vectors of features."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from skcrowd.backbones._feature_encoding import FeatureEncoding, with_values
from skcrowd.backbones._mlp import check_widths
from skcrowd.backbones._ordered_scores import OrderedScores

if TYPE_CHECKING:
    from skcrowd._typing import ArrayLike


__all__ = ["TabularNet", "as_columns"]

GATE_RATE = 6.0  # of the gates' learning rate to that of the other weights


class TabularNet(nn.Module):
    """A linear model plus a multilayer perceptron, on scaled and gated features.

    Features are clipped, scaled and, if `edges` are given, also encoded piecewise
    linearly. Features may be multiplied by trained gates. The scores are the sum of a
    linear map, which starts at zero, and of a multilayer perceptron. Images are
    flattened. Where classes have an order, the perceptron starts at zero, too.

    Parameters
    ----------
    n_features : int
        Number of features of an item, all dimensions multiplied.
    n_outputs : int
        Number of scores: one per class, or one for a number.
    hidden : sequence of int, default=(128,)
        Units of the hidden layers, with ReLU between them. Without any the network is
        linear in the encoded features.
    dropout : float, default=0.0
        Share of hidden units dropped in training.
    input_dropout : float, default=0.0
        Share of inputs of the first hidden layer dropped in training.
    weight_decay : float, default=0.0
        Strength of the L2 penalty ``weight_decay / 2 * sum(w ** 2)`` on weights, not on
        biases. It is added to the gradients of the loss, and does not appear in the
        loss itself.
    gate_decay : float, default=None
        The same for the gates. Together with `weight_decay` it acts on the products of
        gates and weights like a group lasso, and removes uninformative features. None
        means no gates.
    center, scale : ndarray of shape (n_features,), default=None
        Features are centered by `center`, then divided by `scale`. Not trained.
    lower, upper : ndarray of shape (n_features,), default=None
        Features are clipped to this range first. Not trained.
    edges : ndarray of shape (n_features, n_bins + 1), default=None
        Edges of the bins of each feature, in ascending order. Bins of width zero are
        left out. None means no piecewise-linear encoding.
    ranks : array-like of shape (n_outputs,), default=None
        Places of classes that have an order, 0 for the lowest. Network and linear map
        then have one output, a place on the scale, and the scores of the classes
        follow from their distances to it. None means classes without an order.
    columns : array-like of int, default=None
        Ascending numbers of the features that the network uses. It ignores the others,
        and `center` to `edges` are of these alone. None means all.

    Raises
    ------
    ValueError
        If a hidden layer has no units, `center` is not finite, `scale` not positive, or
        `columns` are not ascending numbers of features.

    Notes
    -----
    Features may be a sparse tensor, as skcrowd makes of a scipy sparse ``X``; nothing
    is made dense. Sparse features are scaled and gated, but neither clipped nor
    encoded, and ``input_dropout`` drops stored values only.

    References
    ----------
    Linear and deep part: H.-T. Cheng et al. Wide & deep learning for recommender
    systems. 2016, arXiv:1606.07792. Piecewise-linear encoding: Y. Gorishniy,
    I. Rubachev, A. Babenko. On embeddings for numerical features in tabular deep
    learning. NeurIPS 2022, arXiv:2203.05556. Clipping and trained scales of the
    features: D. Holzmüller, L. Grinsztajn, I. Steinwart. Better by default: strong
    pre-tuned MLPs and boosted trees on tabular data. NeurIPS 2024, arXiv:2407.04491.

    Examples
    --------
    >>> import torch
    >>> from skcrowd.backbones import TabularNet
    >>> TabularNet(n_features=12, n_outputs=3)(torch.zeros(5, 3, 4)).shape
    torch.Size([5, 3])
    """

    gates: torch.Tensor
    columns: torch.Tensor | None

    def __init__(
        self,
        n_features: int,
        n_outputs: int,
        hidden: Sequence[int] = (128,),
        dropout: float = 0.0,
        input_dropout: float = 0.0,
        weight_decay: float = 0.0,
        gate_decay: float | None = None,
        center: ArrayLike | None = None,
        scale: ArrayLike | None = None,
        lower: ArrayLike | None = None,
        upper: ArrayLike | None = None,
        edges: ArrayLike | None = None,
        ranks: ArrayLike | None = None,
        columns: ArrayLike | None = None,
    ) -> None:
        super().__init__()
        check_widths(hidden=hidden)
        self.weight_decay = float(weight_decay)
        self.gate_decay = None if gate_decay is None else float(gate_decay)
        columns = None if columns is None else as_columns(columns, n_features)
        self.register_buffer("columns", columns)
        n_features = n_features if columns is None else len(columns)
        self.encoding = FeatureEncoding(n_features, center, scale, lower, upper, edges)
        gates = None
        if gate_decay is not None:
            gates = nn.Parameter(torch.full((n_features,), 1 / GATE_RATE))
        self.register_parameter("gates", gates)
        self.input_dropout = nn.Dropout(input_dropout)
        self.ordered = None if ranks is None else OrderedScores(ranks)
        n_outputs = n_outputs if ranks is None else 1
        widths = [len(self.encoding.source), *hidden]
        self.linear = nn.Linear(widths[0], n_outputs)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)
        layers: list[nn.Module] = []
        for pair in pairwise(widths):
            layers += [nn.Linear(*pair), nn.ReLU()]
            layers += [nn.Dropout(dropout)] if dropout else []
        # The last layer with weights is a Linear: see skcrowd.training.LastFeatures.
        if hidden:
            last = nn.Linear(widths[-1], n_outputs, bias=False)
            if ranks is not None:  # the reverse order then gives the same network
                nn.init.zeros_(last.weight)
            layers.append(last)
        self.layers = nn.Sequential(*layers)

    @property
    def n_inputs(self) -> int:
        """Number of encoded features."""
        return len(self.encoding.source)

    def encoded(self, X: torch.Tensor) -> torch.Tensor:
        """Return features clipped, scaled and encoded, which training does not change.

        Parameters
        ----------
        X : Tensor of shape (n_items, ...)

        Returns
        -------
        encoded : Tensor of shape (n_items, n_inputs)
        """
        encoded: torch.Tensor = self.encoding(self._used_features(X))
        return encoded

    def forward(self, X: torch.Tensor, is_encoded: bool = False) -> torch.Tensor:
        """Return scores, (n_items, n_outputs); of classes before softmax.

        Parameters
        ----------
        X : Tensor of shape (n_items, ...) or (n_items, n_inputs)
        is_encoded : bool, default=False
            Whether X is what :meth:`encoded` returned.
        """
        X = self._gated(X if is_encoded else self.encoded(X))
        scores = self._affine(self.linear, X)
        if len(self.layers):
            first, *others = self.layers
            hidden = self._affine(first, self._dropped(X))
            for layer in others:
                hidden = layer(hidden)
            scores = scores + hidden
        # networks that were stored before it existed have none
        ordered = getattr(self, "ordered", None)
        if ordered is not None:
            scores = ordered(scores)
        affine = [self.linear, *(m for m in self.layers if isinstance(m, nn.Linear))]
        return self._penalized(scores, [layer.weight for layer in affine], self.gates)

    def _penalized(
        self, scores: torch.Tensor, weights: list[torch.Tensor], gates: Any
    ) -> torch.Tensor:
        """Return the scores; in training they add the penalties' gradients."""
        if not (self.training and torch.is_grad_enabled()):
            return scores
        strengths = [self.weight_decay] * len(weights)
        if self.gate_decay is not None:
            weights = [*weights, gates]
            # d/dg of gate_decay / 2 * (GATE_RATE * g)²
            strengths.append(self.gate_decay * GATE_RATE**2)
        penalized: Any = _Penalized
        return penalized.apply(scores, strengths, *weights)

    def _used_features(self, X: torch.Tensor) -> torch.Tensor:
        """Return the features that the network uses."""
        # networks that were stored before it existed have none
        columns = getattr(self, "columns", None)
        if columns is None:
            return X
        if not X.is_sparse:
            return X.flatten(1)[:, columns]
        X = X.coalesce()
        row, column = X.indices()
        place = torch.searchsorted(columns, column).clamp(max=len(columns) - 1)
        is_used = columns[place] == column
        return torch.sparse_coo_tensor(
            torch.stack([row[is_used], place[is_used]]),
            X.values()[is_used],
            (len(X), len(columns)),
            is_coalesced=True,
            check_invariants=False,
        )

    def _gated(self, X: torch.Tensor) -> torch.Tensor:
        """Multiply the inputs by the gates of their features."""
        if self.gate_decay is None:
            return X
        gates = GATE_RATE * self.gates
        if X.is_sparse:
            return with_values(X, X.values() * gates[X.indices()[1]])
        return X * gates[self.encoding.source]

    def _affine(self, layer: Any, X: torch.Tensor) -> torch.Tensor:
        """Apply a linear layer; of sparse inputs it centers the output."""
        if not X.is_sparse:
            return layer(X)
        center = (self.encoding.center / self.encoding.scale).to(X.dtype)
        if self.gate_decay is not None:
            center = GATE_RATE * self.gates * center
        return layer(X) - nn.functional.linear(center, layer.weight)

    def _dropped(self, X: torch.Tensor) -> torch.Tensor:
        if X.is_sparse:
            return with_values(X, self.input_dropout(X.values()))
        return self.input_dropout(X)


def as_columns(columns: ArrayLike, n_features: int) -> torch.Tensor:
    """Check numbers of features, and return them as a tensor.

    Parameters
    ----------
    columns : array-like of int
    n_features : int

    Raises
    ------
    ValueError
        If they are not ascending numbers from 0 to ``n_features - 1``.
    """
    row = np.asarray(columns)
    is_number = row.ndim == 1 and len(row) and row.dtype.kind in "iu"
    if not is_number or row[0] < 0 or row[-1] >= n_features or (np.diff(row) < 1).any():
        raise ValueError(
            f"columns must be ascending numbers from 0 to {n_features - 1}, got "
            f"{columns!r}."
        )
    return torch.as_tensor(row.astype(np.int64))


class _Penalized(torch.autograd.Function):
    """Return scores unchanged, and add the gradients of L2 penalties on weights."""

    @staticmethod
    def forward(
        ctx: Any, scores: torch.Tensor, strengths: list[float], *weights: torch.Tensor
    ) -> torch.Tensor:
        ctx.save_for_backward(*weights)
        ctx.strengths = strengths
        return scores.view_as(scores)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        pairs = zip(ctx.strengths, ctx.saved_tensors, strict=True)
        return gradient, None, *(strength * weight for strength, weight in pairs)
