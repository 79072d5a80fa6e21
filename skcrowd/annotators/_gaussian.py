"""Annotators with a bias, a scale and normal noise, trained or given."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from skcrowd.annotators._number_model import NumberModel, normal_log_density

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray
    from skcrowd.aggregation import RatingParameters


__all__ = ["FixedGaussianAnnotators", "GaussianAnnotators"]


class _NoisyAnnotators(NumberModel):
    """Normal noise of the answers and normal residuals of the truth.

    answer ~ N(scale · truth + bias, noise_var), truth ~ N(prediction, residual_var).
    """

    def noise_var(self, annotator: torch.Tensor) -> torch.Tensor:
        """Variance of the annotators' noise, (n_pairs,)."""
        raise NotImplementedError

    def residual_var(self) -> torch.Tensor:
        """Variance of the truth about the prediction."""
        raise NotImplementedError

    def answer_var(self, annotator: torch.Tensor) -> torch.Tensor:
        """Variance of the answers about the expected answers, (n_pairs,)."""
        scale, _ = self.affine(annotator)
        return self.noise_var(annotator) + scale**2 * self.residual_var()

    @torch.no_grad()
    def rating_parameters(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Scales, biases and noise variances, three arrays (n_annotators,)."""
        everyone = torch.arange(self.n_annotators, device=self.device)
        values = (*self.affine(everyone), self.noise_var(everyone))
        scale, bias, noise_var = (v.double().cpu().numpy() for v in values)
        return scale, bias, noise_var


class FixedGaussianAnnotators(_NoisyAnnotators):
    """Given scales, biases and noise, which closed-form updates replace.

    Parameters
    ----------
    rating_parameters : tuple of three ndarrays of shape (n_annotators,)
        Scale, bias and variance of the noise; further entries are ignored.
    residual_var : float
        Variance of the truth about the prediction.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.annotators import FixedGaussianAnnotators
    >>> scale, bias, noise_var = np.array([[1.0, 0.5], [0.0, 2.0], [0.1, 0.2]])
    >>> model = FixedGaussianAnnotators((scale, bias, noise_var), residual_var=0.5)
    >>> model.confusion().shape
    (2, 2, 2)
    """

    table: torch.Tensor
    residual_variance: torch.Tensor

    def __init__(
        self,
        rating_parameters: RatingParameters | tuple[FloatArray, FloatArray, FloatArray],
        residual_var: float,
    ) -> None:
        super().__init__(len(rating_parameters[0]))
        self.register_buffer(
            "table", torch.empty(3, len(rating_parameters[0])).double()
        )
        self.register_buffer("residual_variance", torch.zeros(()).double())
        self.replace(rating_parameters, residual_var)

    def replace(
        self,
        rating_parameters: RatingParameters
        | tuple[FloatArray, FloatArray, FloatArray]
        | list[FloatArray],
        residual_var: float,
    ) -> None:
        """Replace the values."""
        self.table.copy_(torch.as_tensor(np.stack(rating_parameters[:3])))
        self.residual_variance.fill_(residual_var)

    def affine(self, annotator: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Scale and bias, (n_pairs,)."""
        scale, bias = self.table[:2, annotator]
        return scale, bias

    def noise_var(self, annotator: torch.Tensor) -> torch.Tensor:
        """Variance of the annotators' noise, (n_pairs,)."""
        return self.table[2, annotator]

    def residual_var(self) -> torch.Tensor:
        """Variance of the truth about the prediction."""
        return self.residual_variance


class GaussianAnnotators(_NoisyAnnotators):
    """Biases, noise and optionally scales, trained with the network.

    The loss is the negative joint log-density of the answers to an item, with the
    truth integrated out: the residual of the truth is common to all answers to an item.
    The joint density and the normal priors are our choice.

    Parameters
    ----------
    n_annotators : int
    start : RatingParameters, default=None
        Values to start from; by default scale 1, bias 0 and noise 1. Also gives the
        priors their variances.
    scale_std : float, default=0.0
        Standard deviation of the scales' prior around 1; 0 keeps all scales at 1.
    pseudo_counts : float, default=0.0
        Weight of the prior on the log-variance of the noise.
    n_answers : ndarray of shape (n_annotators,), default=None
        Number of answers of each annotator, each of which carries an equal part of the
        annotator's log-prior. None: no priors.

    References
    ----------
    V. Raykar et al. Learning from crowds. JMLR 11, 2010, section 7.

    Examples
    --------
    >>> from skcrowd.annotators import GaussianAnnotators
    >>> model = GaussianAnnotators(n_annotators=5, scale_std=0.3)
    >>> model.confusion().shape  # scale and bias of each annotator
    (5, 2, 2)
    """

    needs_known = True
    needs_power = True
    share: torch.Tensor

    def __init__(
        self,
        n_annotators: int,
        *,
        start: RatingParameters | None = None,
        scale_std: float = 0.0,
        pseudo_counts: float = 0.0,
        n_answers: Any = None,
    ) -> None:
        super().__init__(n_annotators)
        self.has_scale = scale_std > 0
        self.scale_std, self.pseudo_counts = scale_std, pseudo_counts
        self.bias_var = self.crowd_noise_var = 1.0
        zero, one = torch.zeros(1), torch.ones(1)
        self.add_table("bias", zero)
        self.add_table("log_noise_var", zero)
        if self.has_scale:
            self.add_table("scale", one)
        self.log_residual_var = nn.Parameter(zero[None].clone())
        self.has_prior = n_answers is not None
        if self.has_prior:
            n_answers = torch.as_tensor(n_answers).float()
            self.register_buffer("share", torch.where(n_answers > 0, 1 / n_answers, 1))
        if start is not None:
            self.replace(start, start.crowd_noise_var / 2)

    @torch.no_grad()
    def replace(self, rating_parameters: RatingParameters, residual_var: float) -> None:
        """Replace the values, and the variances of the priors."""
        values = {"scale": rating_parameters.scale, "bias": rating_parameters.bias}
        values["log_noise_var"] = np.log(rating_parameters.noise_var)
        for name, table in self.named_parameters():
            if name in values:
                table.copy_(torch.as_tensor(values[name])[:, None])
        self.log_residual_var.fill_(float(np.log(residual_var)))
        self.bias_var, self.crowd_noise_var = (
            rating_parameters.bias_var,
            rating_parameters.crowd_noise_var,
        )

    def affine(self, annotator: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Scale and bias, (n_pairs,)."""
        bias = self.columns("bias", annotator)[0]
        if not self.has_scale:
            return torch.ones_like(bias), bias
        return self.columns("scale", annotator)[0], bias

    def noise_var(self, annotator: torch.Tensor) -> torch.Tensor:
        """Variance of the annotators' noise, (n_pairs,)."""
        return self.columns("log_noise_var", annotator)[0].exp()

    def residual_var(self) -> torch.Tensor:
        """Variance of the truth about the prediction, (1,)."""
        first = torch.zeros(1, dtype=torch.long, device=self.device)
        return self.columns("log_residual_var", first)[0].exp()

    def prior_loss(self, annotator: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        """Negative log-density of answers, from their moments; a number."""
        var = self.noise_var(annotator)
        squares = self._squares(annotator, counts) / var
        return 0.5 * (squares + counts[:, 0, 0] * (2 * math.pi * var).log()).sum()

    def loss(
        self,
        truth: torch.Tensor,
        item: torch.Tensor,
        annotator: torch.Tensor,
        answer: torch.Tensor,
        is_known: torch.Tensor | None = None,
        power: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Negative log-density of each item's answers jointly, (n_pairs,) equal parts.

        Parameters
        ----------
        truth : Tensor of shape (n_items,)
        item, annotator, answer : Tensor of shape (n_pairs,)
        is_known : bool Tensor of shape (n_items,), default=None
            Items whose truth is exactly `truth`.
        power : Tensor of shape (n_pairs,), default=None
            How many equal answers each is; None: one. The loss is that of one of them.
        """
        residual = self.residual(truth, item, annotator, answer)
        noise_var, (scale, bias) = self.noise_var(annotator), self.affine(annotator)
        residual_var = self.residual_var().expand(len(truth))
        if is_known is not None:
            residual_var = torch.where(is_known, 0.0, residual_var)
        number = torch.ones_like(residual) if power is None else power
        variances = noise_var, residual_var
        correction = self._correlation(residual, scale, variances, item, number)
        loss = correction - normal_log_density(residual, noise_var)
        if not self.has_prior:
            return loss
        prior = self._negative_log_prior(scale, bias, noise_var)
        return loss + prior * self.share[annotator]

    def _correlation(
        self,
        residual: torch.Tensor,
        scale: torch.Tensor,
        variances: tuple[torch.Tensor, torch.Tensor],
        item: torch.Tensor,
        number: torch.Tensor,
    ) -> torch.Tensor:
        """Return what correlated residuals add to the loss of an answer, (n_pairs,).

        The residuals r of the answers to an item have covariance D + τ s sᵀ, with
        D = diag(noise_var), τ = residual_var and s the scales. With π = sᵀ D⁻¹ s and
        m = sᵀ D⁻¹ r, the determinant lemma and the Sherman-Morrison formula give

            log det(D + τ s sᵀ) = log det D + log(1 + τ π),
            rᵀ (D + τ s sᵀ)⁻¹ r = rᵀ D⁻¹ r − τ m² / (1 + τ π).

        The terms in D alone are those of independent answers. An answer that counts as
        several adds as many terms to π and m.
        """
        noise_var, residual_var = variances
        zeros = residual.new_zeros(len(residual_var))
        precision = zeros.index_add(0, item, number * scale**2 / noise_var)
        weighted = zeros.index_add(0, item, number * scale * residual / noise_var)
        n_answers = zeros.index_add(0, item, number)
        ratio = 1 + residual_var * precision
        added = 0.5 * (ratio.log() - residual_var * weighted**2 / ratio)
        return (added / n_answers.where(n_answers > 0, 1)).index_select(0, item)

    def _negative_log_prior(
        self, scale: torch.Tensor, bias: torch.Tensor, noise_var: torch.Tensor
    ) -> torch.Tensor:
        """Negative log-prior of the annotators of the pairs, (n_pairs,)."""
        ratio = self.crowd_noise_var / noise_var
        penalty = 0.5 * bias**2 / max(self.bias_var, 1e-12)
        penalty = penalty + 0.5 * self.pseudo_counts * (ratio - ratio.log())
        if self.has_scale:
            penalty = penalty + 0.5 * ((scale - 1) / self.scale_std) ** 2
        return penalty
