"""Annotators with a bias, a scale and a normal noise: joint density, priors, values."""

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from skcrowd.aggregation import RatingParameters
from skcrowd.annotators import FixedGaussianAnnotators, GaussianAnnotators

N_ANNOTATORS = 4
RNG = np.random.default_rng(0)
START = RatingParameters(
    scale=RNG.uniform(0.5, 1.5, N_ANNOTATORS),
    bias=RNG.standard_normal(N_ANNOTATORS),
    noise_var=RNG.uniform(0.2, 2, N_ANNOTATORS),
    bias_var=0.7,
    crowd_noise_var=0.9,
)
# Items with one, two, three and no answers.
ITEM = torch.tensor([0, 1, 1, 2, 2, 2])
ANNOTATOR = torch.tensor([2, 0, 3, 1, 0, 2])
ANSWER = torch.tensor(RNG.standard_normal(6))
TRUTH = torch.tensor(RNG.standard_normal(4))
PAIRS = TRUTH, ITEM, ANNOTATOR, ANSWER


def rating_parameters(scale_std=0.3, **options):
    options = {"start": START, "scale_std": scale_std, **options}
    model = GaussianAnnotators(N_ANNOTATORS, **options).double()
    model.log_residual_var.data.fill_(np.log(0.6))
    return model


@pytest.mark.parametrize("scale_std", [0.0, 0.3])
def test_the_loss_sums_to_the_joint_density_of_each_items_answers(scale_std):
    model = rating_parameters(scale_std)
    scale, bias, noise_var = model.rating_parameters()
    loss = model.loss(*PAIRS).detach().numpy()
    for item in range(3):
        own = (item == ITEM).numpy()
        annotator = ANNOTATOR.numpy()[own]
        together = multivariate_normal(
            scale[annotator] * TRUTH[item].item() + bias[annotator],
            np.diag(noise_var[annotator])
            + 0.6 * np.outer(scale[annotator], scale[annotator]),
        )
        expected = -together.logpdf(ANSWER.numpy()[own])
        assert loss[own].sum() == pytest.approx(expected, rel=1e-6)


def test_the_loss_of_a_single_answer_is_its_own_density():
    model = rating_parameters()
    single = [TRUTH, ITEM[:1], ANNOTATOR[:1], ANSWER[:1]]
    torch.testing.assert_close(
        model.loss(*single), -model.answer_log_likelihood(*single)
    )


def test_starts_at_the_values_given():
    for found, given in zip(
        rating_parameters().rating_parameters(), START[:3], strict=True
    ):
        np.testing.assert_allclose(found, given, rtol=1e-6)
    np.testing.assert_array_equal(
        rating_parameters(scale_std=0.0).rating_parameters()[0], 1
    )


def far(model):
    """What priors add to the loss of each pair."""
    without = rating_parameters(model.scale_std)
    without.load_state_dict(model.state_dict(), strict=False)
    return (model.loss(*PAIRS) - without.loss(*PAIRS)).detach().numpy()


def test_a_prior_is_spread_over_the_answers_of_an_annotator():
    n_answers = np.bincount(ANNOTATOR, minlength=N_ANNOTATORS)
    once = far(rating_parameters(n_answers=n_answers, pseudo_counts=2.0))
    twice = far(rating_parameters(n_answers=2 * n_answers, pseudo_counts=2.0))
    assert (once != 0).all()
    np.testing.assert_allclose(once, 2 * twice, rtol=1e-6)
    shared = once[ANNOTATOR == 0]
    np.testing.assert_allclose(shared, shared[0], rtol=1e-9)


@pytest.mark.parametrize("table", ["bias", "scale", "log_noise_var"])
def test_a_prior_pulls_to_its_centre(table):
    model = rating_parameters(n_answers=np.ones(N_ANNOTATORS), pseudo_counts=2.0)
    optimizer = torch.optim.Adam([getattr(model, table)], lr=0.02)
    everyone = torch.arange(N_ANNOTATORS)
    for _ in range(600):
        optimizer.zero_grad()
        scale, bias = model.affine(everyone)
        model._negative_log_prior(
            scale, bias, model.noise_var(everyone)
        ).sum().backward()
        optimizer.step()
    scale, bias, noise_var = model.rating_parameters()
    found = {"bias": bias, "scale": scale - 1, "log_noise_var": np.log(noise_var / 0.9)}
    np.testing.assert_allclose(found[table], 0, atol=1e-2)


def test_an_annotator_without_answers_has_a_finite_prior():
    model = rating_parameters(n_answers=np.array([2, 1, 0, 1]), pseudo_counts=2.0)
    assert model.loss(*PAIRS).isfinite().all()


def test_no_answer_count_means_no_prior():
    assert (far(rating_parameters(pseudo_counts=5.0)) == 0).all()


def test_fixed_gaussian_annotators_have_nothing_to_train_and_can_be_replaced():
    model = FixedGaussianAnnotators(START, residual_var=0.5)
    assert not list(model.parameters())
    for found, given in zip(model.rating_parameters(), START[:3], strict=True):
        np.testing.assert_array_equal(found, given)
    assert model.residual_var().item() == 0.5
    model.replace([2 * values for values in START[:3]], 0.25)
    for found, given in zip(model.rating_parameters(), START[:3], strict=True):
        np.testing.assert_array_equal(found, 2 * given)
    assert model.residual_var().item() == 0.25


def test_the_spread_of_an_answer_is_noise_and_stretched_spread_of_the_truth():
    everyone = torch.arange(N_ANNOTATORS)
    expected = START.noise_var + START.scale**2 * 0.5
    model = FixedGaussianAnnotators(START, residual_var=0.5)
    np.testing.assert_allclose(model.answer_var(everyone), expected)
