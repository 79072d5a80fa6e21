"""The number that is true of an item, given features and ratings."""

__all__ = ["number_posterior"]


def number_posterior(problem, net, annotators):
    """Mean of the truth of the training items, given network and ratings.

    Parameters
    ----------
    problem : Problem
    net : CrowdNet
    annotators : FixedRaters or GaussianRaters

    Returns
    -------
    mean : ndarray of shape (n_items,)
    """
    prediction, spread = problem.predict_truth(net), annotators.truth_var().item()
    return problem.number_posterior(annotators.raters(), prediction, spread)[0]
