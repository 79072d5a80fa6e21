"""Objects of skcrowd, stored by the fields of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from skcrowd.annotators import AnnotatorModel
from skcrowd.backbones import Vocabulary
from skcrowd.persistence._checks import check_axes, check_type
from skcrowd.persistence._kind import Kind
from skcrowd.persistence._module_instances import DERIVED, OF_MODULES, check_hooks
from skcrowd.persistence._schema import RECORD_NAMES, RECORDS

if TYPE_CHECKING:
    from ._schema import Field
    from ._tree import Reader, Writer


__all__ = ["Record", "Words"]

SIZES = {"annotator": "n_annotators", "class": "n_classes", "unit": "n_embedding"}


class Record(Kind):
    """An object, stored by the fields of its table in :data:`RECORDS`."""

    tag = "record"
    is_shared = True

    def takes(self, value: Any) -> bool:
        """Whether :data:`RECORDS` has a table for its class."""
        return type(value) in RECORD_NAMES

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write its fields."""
        name = RECORD_NAMES[type(value)]
        attributes = _attributes(value)
        fields = RECORDS[name][1]
        unknown = sorted({*attributes} - {f.attribute for f in fields.values()})
        if unknown:
            raise TypeError(
                f"{path}: a file has no place for {', '.join(unknown)} of a "
                f"{type(value).__name__}; use joblib.dump(estimator, path)."
            )
        node = {
            field: writer.node(attributes[f.attribute], f"{path}.{field}")
            for field, f in fields.items()
            if f.attribute in attributes or not f.is_optional
        }
        if isinstance(value, nn.Module):
            check_hooks(value, path)
            return {"class": name, "training": value.training, "fields": node}
        return {"class": name, "fields": node}

    def read(self, node: Any, reader: Reader) -> Any:
        """Build the object without its constructor, and set its attributes."""
        cls, fields = RECORDS[node["class"]]
        stored = node["fields"]
        if set(stored) - set(fields):
            raise ValueError(f"it has unknown fields of {node['class']}")
        value = cls.__new__(cls)
        if isinstance(value, nn.Module):
            nn.Module.__init__(value)
            value.training = node["training"] is True
        reader.remember(node, value)
        missing = {name for name, f in fields.items() if not f.is_optional} - set(
            stored
        )
        if missing:
            raise ValueError(f"it lacks {sorted(missing)[0]} of {node['class']}")
        parts = {name: reader.value(child) for name, child in stored.items()}
        sizes = {axis: parts.get(name) for axis, name in SIZES.items() if name in parts}
        for name, part in parts.items():
            check_type(name, part, fields[name].types)
            check_axes(name, part, fields[name].axes, sizes)
            _set(value, fields[name], part)
        if isinstance(value, AnnotatorModel):
            _check_tables(value)
        if hasattr(value, "check_consistent"):
            value.check_consistent()
        return value


def _attributes(value: Any) -> dict[str, Any]:
    """Return the attributes of an object, with parameters, buffers and submodules."""
    if not isinstance(value, nn.Module):
        return vars(value)
    plain = {k: v for k, v in vars(value).items() if k not in OF_MODULES | DERIVED}
    return {**plain, **value._parameters, **value._buffers, **value._modules}


def _set(owner: Any, field: Field, value: Any) -> None:
    """Set an attribute; register parameters, buffers and submodules."""
    is_network = isinstance(owner, nn.Module)
    if is_network and isinstance(value, (nn.Parameter, nn.Module)):
        setattr(owner, field.attribute, value)
    elif is_network and isinstance(value, torch.Tensor):
        owner.register_buffer(field.attribute, value, not field.is_temporary)
    else:
        vars(owner)[field.attribute] = value


def _check_tables(model: AnnotatorModel) -> None:
    """Raise unless there are rows of parameters for every annotator."""
    for name, n_rows in model.rows_per_annotator.items():
        table = model.get_parameter(name)
        if table.shape[0] != n_rows * model.n_annotators:
            raise ValueError(
                f"its {type(model).__name__} has {table.shape[0]} rows of {name} for "
                f"{model.n_annotators} annotators"
            )


class Words(Kind):
    """A vocabulary: words, shapes and affixes in the order of their codes."""

    tag = "vocabulary"
    is_shared = True

    def takes(self, value: Any) -> bool:
        """Whether it is a fitted vocabulary."""
        return type(value) is Vocabulary and hasattr(value, "words_")

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write three lists and the word counts."""
        return {
            "longest_affix": value.longest_affix,
            "min_count": value.min_count,
            "words": list(value.words_),
            "word_counts": writer.node(value.word_counts_, f"{path}.word_counts"),
            "shapes": list(value.shapes_),
            "affixes": [list(affix) for affix in value.affixes_],
        }

    def read(self, node: Any, reader: Reader) -> Any:
        """Read the lists and assign the codes."""
        vocabulary = Vocabulary(node["longest_affix"], node["min_count"])
        check_type("longest_affix", vocabulary.longest_affix, int)
        check_type("min_count", vocabulary.min_count, int)
        vocabulary.words_ = _codes(node["words"])
        counts = reader.value(node["word_counts"])
        check_type("word_counts", counts, np.ndarray)
        if counts.shape != (len(vocabulary.words_) + 1,):
            raise ValueError("word_counts does not fit the words")
        vocabulary.word_counts_ = counts
        vocabulary.shapes_ = _codes(node["shapes"])
        vocabulary.affixes_ = _codes(tuple(affix) for affix in node["affixes"])
        return vocabulary


def _codes(parts: Any) -> dict[Any, Any]:
    return {part: code for code, part in enumerate(parts, start=1)}
