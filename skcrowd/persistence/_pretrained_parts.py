"""Encoders of the library transformers: configuration, tokenizer, weights.

Loading builds them from what the file holds. Nothing is downloaded, and no code that
comes with a model is run.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from torch import nn

from skcrowd.persistence._build import built
from skcrowd.persistence._checks import check_type
from skcrowd.persistence._kind import Kind
from skcrowd.persistence._nameable import fixed_name
from skcrowd.transformers import SubwordVocabulary
from skcrowd.transformers._pretrained import library
from skcrowd.transformers._pretrained_module import PretrainedModule

if TYPE_CHECKING:
    from ._tree import Reader, Writer


__all__ = ["PRETRAINED", "check_pretrained"]

# Fields of a configuration that name code or the place where the model came from.
LEFT_OUT = ("auto_map", "_name_or_path", "transformers_version", "architectures")


def _is_of_library(value: Any, name: str) -> bool:
    """Whether a value is of a class of transformers that derives from another."""
    module = type(value).__module__
    bases = (base.__name__ for base in type(value).__mro__)
    return module.startswith("transformers.") and name in bases


class Configuration(Kind):
    """A configuration of an encoder of transformers."""

    tag = "encoder configuration"
    is_shared = True

    def takes(self, value: Any) -> bool:
        """Whether it is one, of a class of transformers itself."""
        return _is_of_library(value, "PreTrainedConfig") or _is_of_library(
            value, "PretrainedConfig"
        )

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write its JSON."""
        fields = json.loads(value.to_json_string(use_diff=False))
        kept = {k: v for k, v in fields.items() if k not in LEFT_OUT}
        return {"type": value.model_type, "fields": json.dumps(kept)}

    def read(self, node: Any, reader: Reader) -> Any:
        """Build it."""
        fields = json.loads(node["fields"])
        check_type("fields", fields, dict)
        kept = {k: v for k, v in fields.items() if k not in (*LEFT_OUT, "model_type")}
        return library().AutoConfig.for_model(node["type"], **kept)


class PieceTokenizer(Kind):
    """A tokenizer of transformers."""

    tag = "tokenizer of pieces"
    is_shared = True

    def takes(self, value: Any) -> bool:
        """Whether it is one whose state is one text."""
        return hasattr(value, "backend_tokenizer") and _is_of_library(
            value, "PreTrainedTokenizerBase"
        )

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write the text, the special pieces and the settings."""
        settings = {
            "model_max_length": value.model_max_length,
            "padding_side": value.padding_side,
            "truncation_side": value.truncation_side,
            "model_input_names": list(value.model_input_names),
            **value.special_tokens_map,
        }
        return {
            "pieces": value.backend_tokenizer.to_str(),
            "settings": json.dumps(settings),
        }

    def read(self, node: Any, reader: Reader) -> Any:
        """Build it."""
        from tokenizers import Tokenizer

        settings = json.loads(node["settings"])
        check_type("settings", settings, dict)
        pieces = Tokenizer.from_str(node["pieces"])
        return library().PreTrainedTokenizerFast(tokenizer_object=pieces, **settings)


class Subwords(Kind):
    """The vocabulary of a tagger whose network reads pieces of tokens."""

    tag = "subword vocabulary"
    is_shared = True

    def takes(self, value: Any) -> bool:
        """Whether it is one."""
        return type(value) is SubwordVocabulary

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write tokenizer and number of pieces."""
        return {
            "tokenizer": writer.node(value.tokenizer, f"{path}.tokenizer"),
            "max_subwords": value.max_subwords,
        }

    def read(self, node: Any, reader: Reader) -> Any:
        """Build it."""
        check_type("max_subwords", node["max_subwords"], int)
        return SubwordVocabulary(reader.value(node["tokenizer"]), node["max_subwords"])


class Encoder(Kind):
    """A model of transformers, or a network of skcrowd around one."""

    tag = "encoder"
    is_shared = True

    def takes(self, value: Any) -> bool:
        """Whether it is one, of a class of transformers or of skcrowd."""
        is_own = isinstance(value, PretrainedModule) and fixed_name(type(value))
        return bool(is_own) or (
            isinstance(value, nn.Module) and _is_of_library(value, "PreTrainedModel")
        )

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write what builds it, and its weights."""
        is_own = isinstance(value, PretrainedModule)
        parameters = value.stored_parameters() if is_own else {"config": value.config}
        frozen = [name for name, p in value.named_parameters() if not p.requires_grad]
        return {
            "class": fixed_name(type(value)) if is_own else type(value).__name__,
            "parameters": writer.node(parameters, path),
            "weights": writer.node(dict(value.state_dict()), path),
            "frozen": frozen,
            "training": value.training,
        }

    def read(self, node: Any, reader: Reader) -> Any:
        """Build it and set its weights."""
        name, parameters = node["class"], reader.value(node["parameters"])
        weights = reader.value(node["weights"])
        if name.startswith("skcrowd."):
            cls = reader.thing(name)
            check_pretrained(cls, parameters)
        else:
            cls = getattr(library(), name, None)
            base = library().PreTrainedModel
            if not (isinstance(cls, type) and issubclass(cls, base)):
                raise ValueError(f"it names {name} for a model of transformers")
            if not Configuration().takes(parameters.get("config")):
                raise ValueError(f"its {name} has no configuration")
        network = built(lambda: cls(**parameters), weights, name, is_own=False)
        for parameter in node["frozen"]:
            network.get_parameter(parameter).requires_grad_(False)
        return network.train(node["training"] is True)


def check_pretrained(module: Any, parameters: dict[str, Any]) -> None:
    """Raise if the encoder of a network in a file would be read from somewhere else.

    Parameters
    ----------
    module : torch.nn.Module class or instance
    parameters : dict
        What it is to be built from.

    Raises
    ------
    ValueError
        If there is a name in place of a configuration or a tokenizer.
    """
    if not (isinstance(module, type) and issubclass(module, PretrainedModule)):
        return
    has_config = Configuration().takes(parameters.get("model"))
    if not has_config or not PieceTokenizer().takes(parameters.get("tokenizer")):
        raise ValueError(
            "its encoder is named, but not held; a file must hold the configuration "
            "and the tokenizer"
        )


PRETRAINED = (Configuration(), PieceTokenizer(), Subwords(), Encoder())
