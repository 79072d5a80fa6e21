"""The number that is true of an item, given features and ratings."""

__all__ = ["number_posterior"]


def number_posterior(context, net, annotators):
    """Mean of the truth of the training items, given network and ratings.

    Parameters
    ----------
    context : TrainingContext
    net : CrowdNet
    annotators : FixedGaussianAnnotators or GaussianAnnotators

    Returns
    -------
    mean : ndarray of shape (n_items,)
    """
    prediction, spread = context.predict_truth(net), annotators.residual_var().item()
    return context.ratings.posterior(
        annotators.rating_parameters(), prediction, spread
    )[0]
