"""The criterion that skorch trains: on targets, on answers, or one after the other."""

from torch import nn

__all__ = ["CrowdLoss"]


class CrowdLoss(nn.Module):
    """Cross-entropy to soft targets, or negative log-likelihood of the answers.

    In evaluation it is always the answers' negative log-likelihood, so that held-out
    answers judge every method by the same measure.

    Parameters
    ----------
    annotators : AnnotatorModel
        skorch trains its parameters, if it has any; prediction never carries it.
    train_on : {"answers", "targets"}, default="answers"
        What the training loss compares with. May be changed between epochs.
    """

    def __init__(self, annotators, train_on="answers"):
        super().__init__()
        self.annotators = annotators
        self.train_on = train_on

    def forward(self, scores, batch):
        """Mean loss of a batch.

        Parameters
        ----------
        scores : Tensor of shape (n_batch, n_classes)
            What the network returns, before softmax.
        batch : dict of Tensor
            See :class:`skcrowd.training.CrowdDataset`.
        """
        log_truth = scores.log_softmax(dim=1)
        if self.training and self.train_on == "targets":
            loss = -(batch["target"] * log_truth).sum(dim=1)
            return (loss * batch["item_weight"]).mean()
        return self._answer_loss(log_truth, batch)

    def _answer_loss(self, log_truth, batch):
        item, annotator = batch["item"], batch["annotator"]
        loss = -self.annotators.answer_log_likelihood(
            log_truth.index_select(0, item), annotator, batch["answer"]
        )
        if self.training:
            loss = loss + self.annotators.penalty(annotator)
        weight = batch["answer_weight"].index_select(0, item)
        return (loss * weight).sum() / len(log_truth)
