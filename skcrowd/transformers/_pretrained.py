"""Encoders and tokenizers of the library transformers, loaded or built."""

from __future__ import annotations

import os
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from torch import nn

if TYPE_CHECKING:
    from types import ModuleType


__all__ = ["library", "make_encoder", "make_tokenizer"]


def library() -> ModuleType:
    """Return the library transformers.

    Raises
    ------
    ImportError
        If it is not installed.
    """
    try:
        import transformers
    except ImportError as error:
        raise ImportError(
            "pretrained encoders need the library transformers; install it with "
            "pip install 'skcrowd[transformers]'."
        ) from error
    return transformers


def make_encoder(model: Any) -> nn.Module:
    """Return an encoder of its own, which training may change.

    Parameters
    ----------
    model : str, path-like, PreTrainedConfig or PreTrainedModel
        Name or folder of a pretrained model; a configuration, for random weights; or a
        model, which is copied.

    Raises
    ------
    TypeError
        If it is none of these.
    """
    if isinstance(model, (str, os.PathLike)):
        return library().AutoModel.from_pretrained(model)
    if isinstance(model, nn.Module) and hasattr(model, "config"):
        return deepcopy(model)
    if hasattr(model, "model_type"):
        return library().AutoModel.from_config(deepcopy(model))
    raise TypeError(
        f"model is {model!r}; pass the name or folder of a pretrained model, a "
        "configuration of transformers, or a model of it."
    )


def make_tokenizer(tokenizer: Any, model: Any, **options: Any) -> Any:
    """Return the tokenizer that belongs to an encoder.

    Parameters
    ----------
    tokenizer : str, path-like, PreTrainedTokenizerFast or None
        None is that of the pretrained model.
    model : object
        See :func:`make_encoder`.
    **options
        For one that is loaded.

    Raises
    ------
    TypeError
        If there is none, or it is not one of transformers that is called "fast".
    """
    if tokenizer is None and isinstance(model, (str, os.PathLike)):
        tokenizer = model
    if isinstance(tokenizer, (str, os.PathLike)):
        tokenizer = library().AutoTokenizer.from_pretrained(tokenizer, **options)
    if not getattr(tokenizer, "is_fast", False):
        raise TypeError(
            f"tokenizer is {tokenizer!r}; pass a PreTrainedTokenizerFast of "
            "transformers, or the name or folder of one. Only a model that is given by "
            "name or folder brings its own."
        )
    return tokenizer
