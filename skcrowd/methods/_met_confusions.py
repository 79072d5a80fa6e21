"""Confusions of the annotators of a batch."""

import torch

__all__ = ["met_confusions"]


def met_confusions(annotators, batch):
    """Return the confusions of a batch's annotators, and their shares of its answers.

    Parameters
    ----------
    annotators : ProbabilityTable
    batch : dict of Tensor
        See ``CrowdDataset``.

    Returns
    -------
    confusion : Tensor of shape (n_classes, n_classes, n_met)
        [true, answered, annotator].
    share : Tensor of shape (n_met,)
        Each annotator's share of the weighted answers; sums to 1.
    """
    met, place = annotators._met(batch["annotator"])
    confusion = annotators.log_confusion(met).exp()
    weight = batch["answer_weight"].to(confusion.dtype).expand(len(place))
    share = torch.zeros_like(confusion[0, 0]).index_add(0, place, weight)
    return confusion, share / share.sum()
