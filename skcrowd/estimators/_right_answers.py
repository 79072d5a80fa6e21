"""Expected numbers of right answers, from which accuracy and its interval come."""

from skcrowd.aggregation._tempered_posterior import tempered_posterior
from skcrowd.metrics._annotator_accuracy import right_answers

__all__ = ["infer_right_answers"]

MOST_NUMBERS = 2**23  # answers × classes up to which the posterior is calibrated


def infer_right_answers(context, posterior, log_network, class_shares):
    """Count the right answers of each annotator, as far as they can be known.

    Expected numbers come from the posterior of the method. Fitted to the same answers,
    that is too certain, so their doubt comes from one whose evidence is weighted to
    predict held-out answers. With more than 2**23 answers × classes, which would take
    long, the posterior of the method serves for both.

    Parameters
    ----------
    context : TrainingContext
    posterior : ndarray of shape (n_items, n_classes)
        Given network and answers.
    log_network : ndarray of shape (n_items, n_classes)
        Log-probabilities that the network predicts.
    class_shares : ndarray of shape (n_classes,)

    Returns
    -------
    right : RightAnswers
    """
    annotations = context.annotations
    if annotations.n_answers * len(class_shares) > MOST_NUMBERS:
        return right_answers(annotations, posterior)
    calibrated = tempered_posterior(
        log_network,
        annotations,
        class_shares,
        other_counts=context.side_information.annotator_counts,
    ).posterior
    return right_answers(annotations, posterior, context.clamp_gold(calibrated))
