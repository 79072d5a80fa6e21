"""The criterion that skorch trains: on targets, on answers, or one after the other."""

from torch import nn

__all__ = ["CrowdLoss"]


class CrowdLoss(nn.Module):
    """Loss to targets, or to the answers through an annotator model.

    In evaluation it is always the answers' negative log-likelihood, so that held-out
    answers judge every method by the same measure.

    Parameters
    ----------
    annotators : AnnotatorModel
        skorch trains its parameters, if it has any; prediction never carries it.
    output : ClassScores or Number
        How to read what the network returns.
    train_on : {"answers", "targets"}, default="answers"
        What the training loss compares with. May be changed between epochs.
    """

    def __init__(self, annotators, output, train_on="answers"):
        super().__init__()
        self.annotators = annotators
        self.output = output
        self.train_on = train_on

    def forward(self, scores, batch):
        """Mean loss of a batch.

        Parameters
        ----------
        scores : Tensor of shape (n_batch, n_classes), (n_batch, 1) or (n_batch,)
            What the network returns.
        batch : dict of Tensor
            See :class:`skcrowd.training.CrowdDataset`.
        """
        truth = self.output.truth(scores)
        if self.training and self.train_on == "targets":
            loss = self.output.target_loss(truth, batch["target"])
            return (loss * batch["item_weight"]).sum() / _n_rows(truth, batch)
        return self._answer_loss(truth, batch)

    def _answer_loss(self, truth, batch):
        answers = batch["item"], batch["annotator"], batch["answer"]
        if self.training:
            loss = self.annotators.loss(truth, *answers)
        else:
            loss = -self.annotators.answer_log_likelihood(truth, *answers)
        return (loss * batch["answer_weight"]).sum() / _n_rows(truth, batch)


def _n_rows(truth, batch):
    """Items of the batch, or its sequences where the items are tokens."""
    return batch.get("n_rows", truth.shape[-1])
