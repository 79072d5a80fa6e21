"""Base class of the models of annotators who answer with numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from skcrowd.annotators._annotator_model import AnnotatorModel

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray


__all__ = ["NumberModel"]

LEAST_VAR = 1e-12


class NumberModel(AnnotatorModel):
    """Map the truth, a number, to an expected answer: ``scale * truth + bias``.

    A model joins by a file of its own and a line in ``NUMBER_MODELS``. It implements
    :meth:`affine`; the rest follows.
    """

    def affine(self, annotator: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Scale and bias of the given annotators, both (n_pairs,)."""
        raise NotImplementedError

    def answer_var(self, annotator: torch.Tensor) -> torch.Tensor:
        """Variance of the answers given the truth, (n_pairs,): here 1."""
        return torch.ones(len(annotator), device=annotator.device)

    def forward(self, truth: torch.Tensor, annotator: torch.Tensor) -> torch.Tensor:
        """Compute the expected answer, (n_pairs,).

        Parameters
        ----------
        truth : Tensor of shape (n_pairs,)
            Prediction of the network for each pair's item.
        annotator : Tensor of shape (n_pairs,)
        """
        scale, bias = self.affine(annotator)
        return scale * truth + bias

    def residual(
        self,
        truth: torch.Tensor,
        item: torch.Tensor,
        annotator: torch.Tensor,
        answer: torch.Tensor,
    ) -> torch.Tensor:
        """Answers minus expected answers, (n_pairs,)."""
        return answer - self(truth.index_select(0, item), annotator)

    def answer_log_likelihood(
        self,
        truth: torch.Tensor,
        item: torch.Tensor,
        annotator: torch.Tensor,
        answer: torch.Tensor,
    ) -> torch.Tensor:
        """Log-density of the answers given, (n_pairs,)."""
        residual = self.residual(truth, item, annotator, answer)
        return normal_log_density(residual, self.answer_var(annotator))

    @torch.no_grad()
    def load_from(self, previous_fit: Any) -> None:
        """Take over what is known of the annotators.

        Parameters
        ----------
        previous_fit : PreviousFit
            Its ``rating_parameters`` are scales, biases, variances of the noise,
            (n_annotators,) each, and the variance of the truth.
        """
        scale, bias, noise_var, residual_var = map(
            np.asarray, previous_fit.rating_parameters
        )
        known = {
            "scale": scale,
            "bias": bias,
            "log_noise_var": np.log(np.maximum(noise_var, LEAST_VAR)),
            "log_residual_var": np.log(np.maximum(residual_var, LEAST_VAR)),
        }
        for name, table in self.named_parameters():
            table.copy_(torch.as_tensor(known[name]).reshape(-1, 1))

    def prior_loss(self, annotator: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        """Sum of the squared errors, from the moments of truth and answer; a number."""
        return self._squares(annotator, counts).sum()

    def _squares(self, annotator: torch.Tensor, moments: torch.Tensor) -> torch.Tensor:
        """Sum of the squared errors of each annotator, (n_annotators,)."""
        scale, bias = self.affine(annotator)
        # answer - scale * truth - bias = e @ (1, truth, answer), so the sum of squares
        # is e' M e, with M the sum of the outer products of (1, truth, answer).
        error = torch.stack([-bias, -scale, torch.ones_like(bias)], dim=1)
        return torch.einsum("ri,rij,rj->r", error, moments, error)

    @torch.no_grad()
    def confusion(self) -> FloatArray:
        """Affine maps from truth to expected answer, in homogeneous coordinates.

        Returns
        -------
        confusion : ndarray of shape (n_annotators, 2, 2)
            ``[[scale, bias], [0, 1]]`` for every annotator.
        """
        everyone = torch.arange(self.n_annotators, device=self.device)
        scale, bias = (values.double().cpu() for values in self.affine(everyone))
        maps = torch.eye(2, dtype=torch.float64).repeat(self.n_annotators, 1, 1)
        maps[:, 0, 0], maps[:, 0, 1] = scale, bias
        return maps.numpy()


def normal_log_density(residual: torch.Tensor, var: torch.Tensor) -> torch.Tensor:
    """Log-density of a normal distribution with mean 0."""
    return -0.5 * (residual**2 / var + (2 * math.pi * var).log())
