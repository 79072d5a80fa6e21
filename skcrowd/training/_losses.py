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
        log_truth = scores.t().contiguous().log_softmax(dim=0)
        if self.training and self.train_on == "targets":
            loss = -(batch["target"].t() * log_truth).sum(dim=0)
            return (loss * batch["item_weight"]).mean()
        return self._answer_loss(log_truth, batch)

    def _answer_loss(self, log_truth, batch):
        answers = batch["item"], batch["annotator"], batch["answer"]
        if self.training:
            loss = self.annotators.loss(log_truth, *answers)
        else:
            loss = -self.annotators.answer_log_likelihood(log_truth, *answers)
        return (loss * batch["answer_weight"]).sum() / log_truth.shape[1]
