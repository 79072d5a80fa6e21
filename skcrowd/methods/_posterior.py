"""Posterior mean of numbers given features and ratings."""

__all__ = ["number_posterior"]


def number_posterior(context, net, annotators):
    """Return the posterior mean of the truth given network and ratings.

    Parameters
    ----------
    context : TrainingContext
    net : CrowdNet
    annotators : FixedGaussianAnnotators or GaussianAnnotators

    Returns
    -------
    mean : ndarray of shape (n_items,)
    """
    prediction, residual_var = context.predict_truth(net), annotators.residual_var()
    mean, _ = context.ratings.posterior(
        annotators.rating_parameters(), prediction, residual_var.item()
    )
    return mean
