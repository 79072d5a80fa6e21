"""The criterion of training: loss to targets, or to answers."""

from torch import nn

__all__ = ["CrowdLoss"]


class CrowdLoss(nn.Module):
    """Loss to targets, or to the answers through an annotator model.

    In evaluation it is always the negative log-likelihood of the answers, so that the
    validation losses of all methods are comparable.

    Parameters
    ----------
    annotators : AnnotatorModel
        skorch trains its parameters, if it has any; prediction never carries it.
    output : ClassScores or Number
        How to read what the network returns.
    train_on : {"answers", "targets"}, default="answers"
        Reference of the training loss. May be changed between epochs.
    penalties : sequence of torch.nn.Module
        Each maps the log-probabilities of a batch, (n_classes, n_items), the batch and
        the annotator model to a mean over the items of the batch. It is added to the
        training loss, times the mean weight of these items.
    select : callable, default=None
        Maps the losses to the targets and the items' weights, Tensors, to the weights
        that the items get in this step, of the losses' shape. None keeps them.

    Attributes
    ----------
    is_warming_up : bool
        Whether penalties are left out. May be changed between epochs.
    """

    def __init__(
        self, annotators, output, train_on="answers", penalties=(), select=None
    ):
        super().__init__()
        self.annotators = annotators
        self.output = output
        self.train_on = train_on
        self.penalties = nn.ModuleList(penalties)
        self.select = select
        self.is_warming_up = False

    def forward(self, scores, batch):
        """Return the mean loss of a batch.

        Parameters
        ----------
        scores : Tensor of shape (n_batch, n_classes), (n_batch, 1) or (n_batch,)
            What the network returns.
        batch : dict of Tensor
            See ``CrowdDataset``.
        """
        truth = self.output.truth(scores)
        if not self.training:
            return self._answer_loss(truth, batch)
        fit = self._target_loss if self.train_on == "targets" else self._answer_loss
        loss = fit(truth, batch)
        if self.penalties and not self.is_warming_up:
            share = _weights(truth, batch).sum() / _n_rows(truth, batch)
            for penalty in self.penalties:
                loss = loss + share * penalty(truth, batch, self.annotators)
        return loss

    def _target_loss(self, truth, batch):
        loss = self.output.target_loss(truth, batch["target"])
        weight = batch["item_weight"]
        if self.select is not None:
            weight = self.select(loss.detach(), weight)
        return (loss * weight).sum() / _n_rows(truth, batch)

    def _answer_loss(self, truth, batch):
        answers = batch["item"], batch["annotator"], batch["answer"]
        shown = {"features": batch["features"]} if "features" in batch else {}
        if not self.training:
            loss = -self.annotators.answer_log_likelihood(truth, *answers, **shown)
            return (loss * batch["answer_weight"]).sum() / _n_rows(truth, batch)
        known = truth
        if "gold" in batch:
            known = self._given(truth, batch, shown)
        loss = self.annotators.loss(known, *answers, **shown)
        total = (loss * batch["answer_weight"]).sum()
        if "gold" in batch:
            total = total + self.output.gold_loss(truth, batch["gold"]).sum()
        return total / _n_rows(truth, batch)

    def _given(self, truth, batch, shown):
        """Replace the network's output by the known truth, where there is one.

        So the annotator model is fitted to the known truth, and the answers to these
        items have no gradient in the network.
        """
        if not self.annotators.answers_from_truth:
            return truth
        is_known = batch.get("is_known")
        if is_known is None:
            is_known = self.output.is_gold(batch["gold"])
        if self.annotators.needs_known:
            shown["is_known"] = is_known
        return self.output.given(truth, batch["gold"], is_known)


def _n_rows(truth, batch):
    """Return the number of items, or of sequences if the items are tokens."""
    return batch.get("n_rows", truth.shape[-1])


def _weights(truth, batch):
    """Return the weights of the items of a batch, (n_items,)."""
    return batch["item_weight"].expand(truth.shape[-1])
