"""A network for texts."""

from __future__ import annotations

from typing import Any, Literal

import torch

from skcrowd.transformers._pretrained_module import PretrainedModule

__all__ = ["TextClassifierModule"]


class TextClassifierModule(PretrainedModule):
    """Scores of texts by a pretrained encoder, fine-tuned with the annotators.

    It is the ``module`` of :class:`~skcrowd.CrowdClassifier`,
    :class:`~skcrowd.CrowdMultilabelClassifier` or :class:`~skcrowd.CrowdRegressor`
    where ``X`` is a list of texts. Each batch is padded to its longest text.

    Parameters
    ----------
    model : str, path-like, PreTrainedConfig or PreTrainedModel
        The encoder: name or folder of a pretrained one; a configuration of
        transformers, for random weights; or a model, which is copied.
    n_outputs : int
        Number of scores; filled in by the estimator.
    tokenizer : str, path-like or PreTrainedTokenizerFast, default=None
        None is that of `model`, where it has a name.
    pooling : {"mean", "first"}, default="mean"
        Mean of the last hidden states of a text, or that of its first piece, such as
        ``[CLS]``.
    dropout : float, default=0.1
        Share of the pooled units that are dropped in training.
    max_length : int, default=None
        Largest number of pieces of a text; the rest is cut off. None is the limit of
        the encoder.
    layer_decay : float, default=1.0
        Learning rate of each layer of the encoder relative to that of the layer above
        (Howard and Ruder 2018); 0.9 is common. The top layer has the ``lr`` of the
        estimator.
    head_lr : float, default=1.0
        Learning rate of the new last layer relative to ``lr``.

    Notes
    -----
    Texts that skorch's ``HuggingfaceTokenizer`` has encoded in a pipeline, a dict of
    arrays, may be passed in place of texts.

    References
    ----------
    J. Howard, S. Ruder. Universal Language Model Fine-tuning for Text Classification.
    ACL 2018, arXiv:1801.06146

    Examples
    --------
    >>> from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    >>> from transformers import BertConfig, PreTrainedTokenizerFast
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.transformers import TextClassifierModule
    >>> texts = ["good film", "bad film", "good", "bad"] * 4
    >>> words = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    >>> words.pre_tokenizer = pre_tokenizers.Whitespace()
    >>> special = ["[PAD]", "[UNK]"]
    >>> trainer = trainers.WordLevelTrainer(special_tokens=special)
    >>> words.train_from_iterator(texts, trainer)
    >>> tokenizer = PreTrainedTokenizerFast(
    ...     tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]"
    ... )
    >>> config = BertConfig(
    ...     vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=1,
    ...     num_attention_heads=2, intermediate_size=16,
    ... )
    >>> Y = [["+", "+"], ["-", "-"], ["+", None], ["-", "+"]] * 4
    >>> clf = CrowdClassifier(
    ...     TextClassifierModule,
    ...     module__model=config,  # or the name of a pretrained model
    ...     module__tokenizer=tokenizer,
    ...     lr=1e-2,
    ...     max_epochs=5,
    ...     random_state=0,
    ... ).fit(texts, Y)
    >>> clf.predict(["good good film"]).tolist()
    ['+']
    """

    def __init__(
        self,
        model: Any,
        n_outputs: int,
        tokenizer: Any = None,
        pooling: Literal["mean", "first"] = "mean",
        dropout: float = 0.1,
        max_length: int | None = None,
        layer_decay: float = 1.0,
        head_lr: float = 1.0,
    ) -> None:
        super().__init__(
            model,
            n_outputs,
            tokenizer,
            pooling,
            dropout,
            max_length,
            layer_decay,
            head_lr,
        )

    def forward(
        self,
        texts: list[str] | None = None,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        **more: torch.Tensor,
    ) -> torch.Tensor:
        """Return the scores of texts, (n_batch, n_outputs).

        Parameters
        ----------
        texts : list of n_batch str, default=None
        input_ids, attention_mask : int64 Tensor of shape (n_batch, longest)
            In place of texts, what a tokenizer made of them.
        **more : Tensor of shape (n_batch, longest)
            Further output of the tokenizer, such as ``token_type_ids``.
        """
        if texts is not None:
            encoded = self.tokenizer(
                texts,
                padding=True,
                truncation=True,
                max_length=self.max_length,
                return_tensors="pt",
            )
            more = {name: part.to(self.device) for name, part in encoded.items()}
            input_ids = more.pop("input_ids")
            attention_mask = more.pop("attention_mask")
        elif input_ids is None or attention_mask is None:
            raise TypeError("pass texts, or both input_ids and attention_mask.")
        else:
            kept = attention_mask.any(dim=0)
            input_ids, attention_mask = input_ids[:, kept], attention_mask[:, kept]
            more = {name: part[:, kept] for name, part in more.items()}
        hidden = self.hidden(input_ids, attention_mask, **more)
        return self.head(self.dropout(self._pooled(hidden, attention_mask)))

    def _pooled(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return one vector for each text, (n_batch, n_units)."""
        if self.pooling == "first":
            return hidden[torch.arange(len(hidden)), mask.argmax(dim=1)]
        weight = mask.to(hidden.dtype)[:, :, None]
        return (hidden * weight).sum(dim=1) / weight.sum(dim=1).clamp_min(1)
