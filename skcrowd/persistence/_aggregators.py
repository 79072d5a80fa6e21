"""Aggregators in files: their tables, and the answers that they keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation import (
    COMPARISON_AGGREGATORS,
    LABEL_AGGREGATORS,
    RATING_AGGREGATORS,
    SEQUENCE_AGGREGATORS,
    LazyConfusion,
    MultiLabelDawidSkene,
)
from skcrowd.aggregation._observed_answers import ObservedAnswers
from skcrowd.aggregation.comparisons._comparison_answers import ComparisonAnswers
from skcrowd.aggregation.comparisons._comparison_container import (
    Comparisons,
    check_codes,
)
from skcrowd.aggregation.dask import DASK_AGGREGATORS
from skcrowd.aggregation.labels._label_inference import Answers
from skcrowd.aggregation.labels._latent_states import StatePosterior
from skcrowd.aggregation.labels._multi_label import SetAnswers
from skcrowd.aggregation.ratings._rating_inference import RatingAnswers
from skcrowd.aggregation.sequences._tag_answers import TagAnswers
from skcrowd.annotations import Annotations
from skcrowd.annotations._answer_details import PER_ANSWER, AnswerDetails
from skcrowd.persistence._checks import check_type
from skcrowd.persistence._field import NUMBER, Field, array
from skcrowd.persistence._kind import Kind

if TYPE_CHECKING:
    from ._tree import Reader, Writer


__all__ = ["AGGREGATORS", "STATE_POSTERIOR", "StoredAnswers", "StoredComparisons"]

NONE = type(None)
ITEM_NAMES = Field("item_names_", (np.ndarray, NONE), ("item",))
ANY = {
    "answers": Field("_answers", ObservedAnswers),
    "annotators_": array("annotators_", "annotator"),
    "item_names_": ITEM_NAMES,
    "n_iter_": Field("n_iter_", int),
    "converged_": Field("converged_", bool),
    "annotator_skill_": array("annotator_skill_", "annotator", is_optional=True),
}
LABELS = {
    **ANY,
    "classes_": array("classes_", "class"),
    "posterior_": array("posterior_", "item", "class"),
    "class_prior_": array("class_prior_", "class"),
    "annotator_confusion_": Field(
        "annotator_confusion_",
        (np.ndarray, LazyConfusion),
        ("annotator", "class", "class"),
        is_optional=True,
    ),
    "latent_states": Field("_states", (StatePosterior, NONE), is_optional=True),
    "answer_precision": Field("_precision", np.ndarray, is_optional=True),
    "answer_center": Field("_center", (np.ndarray, *NUMBER), is_optional=True),
    "class_reliability": Field("_reliability", np.ndarray, is_optional=True),
    "predicted_probabilities": array("_pred_proba", "item", "class", is_optional=True),
}
RATINGS = {
    **ANY,
    "posterior_mean_": array("posterior_mean_", "item"),
    "posterior_std_": array("posterior_std_", "item", is_optional=True),
    "annotator_noise_std_": array("annotator_noise_std_", "annotator"),
    "annotator_scale_": array("annotator_scale_", "annotator", is_optional=True),
    "annotator_bias_": array("annotator_bias_", "annotator", is_optional=True),
    "annotator_weights": array("_weights", "annotator", is_optional=True),
}
COMPARISONS = {
    "answers": Field("_answers", ComparisonAnswers),
    "items_": array("items_", "item"),
    "scores_": array("scores_", "item"),
    "ranking_": array("ranking_", "item"),
    "annotators_": array("annotators_", "annotator"),
    "position_effect_": Field("position_effect_", NUMBER),
    "tie_effect_": Field("tie_effect_", NUMBER),
    "log_likelihood_": Field("log_likelihood_", NUMBER),
    "annotator_skill_": array("annotator_skill_", "annotator"),
    "n_iter_": Field("n_iter_", int),
    "converged_": Field("converged_", bool),
}
FOUND = {
    "annotators_": array("annotators_", "annotator"),
    "n_iter_": Field("n_iter_", int),
    "converged_": Field("converged_", bool),
}
CONFUSIONS = Field(
    "annotator_confusion_",
    (np.ndarray, LazyConfusion),
    ("annotator", "class", "class"),
    is_optional=True,
)
SEQUENCES = {
    **FOUND,
    "answers": Field("_answers", TagAnswers),
    "item_names_": Field("item_names_", (np.ndarray, NONE), ("sequence",)),
    "classes_": array("classes_", "class"),
    "class_prior_": array("class_prior_", "class"),
    "annotator_confusion_": CONFUSIONS,
    "annotator_skill_": array("annotator_skill_", "annotator", is_optional=True),
    "confusion_in_context": array(
        "_sequence_confusion",
        *("annotator", "answer_before", "context", "class", "class"),
        is_optional=True,
    ),
    "token_posterior": array("_posterior", "token", "class"),
    "token_tags": array("_tags", "token"),
}
MULTILABEL = {
    **FOUND,
    "answers": Field("_answers", SetAnswers),
    "item_names_": ITEM_NAMES,
    "labels_": array("labels_", "label"),
    "label_prior_": array("label_prior_", "label"),
    "posterior_": array("posterior_", "item", "label"),
    "annotator_confusion_": array(
        "annotator_confusion_", "label", "annotator", "class", "class"
    ),
}
DASK = {
    **FOUND,
    "classes_": array("classes_", "class"),
    "class_prior_": array("class_prior_", "class"),
    "n_items_": Field("n_items_", int),
    "annotator_confusion_": CONFUSIONS,
    "annotator_skill_": array("annotator_skill_", "annotator", is_optional=True),
    "annotator_weights_": array("annotator_weights_", "annotator", is_optional=True),
}
AGGREGATORS: dict[Any, dict[str, Field]] = {
    **dict.fromkeys(LABEL_AGGREGATORS.values(), LABELS),
    **dict.fromkeys(RATING_AGGREGATORS.values(), RATINGS),
    **dict.fromkeys(COMPARISON_AGGREGATORS.values(), COMPARISONS),
    **dict.fromkeys(SEQUENCE_AGGREGATORS.values(), SEQUENCES),
    MultiLabelDawidSkene: MULTILABEL,
    **dict.fromkeys(DASK_AGGREGATORS.values(), DASK),
}
TYPES = "class", "type"
STATE_POSTERIOR = {
    "states": array("states", "item", *TYPES),
    "confusion_counts": array("confusion_counts", "annotator", *TYPES, "class"),
    "class_counts": array("class_counts", "class"),
    "type_counts": array("type_counts", *TYPES),
    "evidence_bound": Field("evidence_bound", NUMBER),
    "n_iter": Field("n_iter", int),
    "change": Field("change", NUMBER),
}
ANNOTATIONS = {
    "item": np.ndarray,
    "annotator": np.ndarray,
    "answer": np.ndarray,
    "shape": tuple,
    "classes": (np.ndarray, NONE),
    "annotator_names": (np.ndarray, NONE),
    "item_names": (np.ndarray, NONE),
}
DETAILS = *PER_ANSWER, "unsure"
EXTRAS: dict[Any, dict[str, Any]] = {
    Answers: {"gold": (np.ndarray, NONE), "prior_counts": object},
    RatingAnswers: {"gold": (np.ndarray, NONE), "prior": (tuple, NONE)},
    TagAnswers: {
        "gold": (np.ndarray, NONE),
        "prior_counts": object,
        "lengths": np.ndarray,
        "sequence_names": (np.ndarray, NONE),
    },
    SetAnswers: {
        "gold": (np.ndarray, NONE),
        "prior_counts": object,
        "labels": np.ndarray,
        "row_names": (np.ndarray, NONE),
    },
}
COMPARED = {
    "first": np.ndarray,
    "second": np.ndarray,
    "outcome": np.ndarray,
    "annotator": np.ndarray,
    "item_names": np.ndarray,
    "annotator_names": np.ndarray,
    "has_position": bool,
}
NAMES = {cls.__name__: cls for cls in EXTRAS}


class StoredAnswers(Kind):
    """The answers of an aggregator, built by their constructors, which check them."""

    tag = "answers"

    def takes(self, value: Any) -> bool:
        """Whether they are answers to learn from."""
        return type(value) in EXTRAS

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write the triples, and what is known beside them."""
        parts = {name: getattr(value.annotations, name) for name in ANNOTATIONS}
        parts |= {name: getattr(value, name) for name in EXTRAS[type(value)]}
        details = value.annotations.details
        if value.annotations.ordered:
            parts["ordered"] = True
        if details is not None:
            parts |= {name: getattr(details, name) for name in DETAILS}
        fields = {k: writer.node(v, f"{path}.{k}") for k, v in parts.items()}
        return {"class": type(value).__name__, "fields": fields}

    def read(self, node: Any, reader: Reader) -> Any:
        """Build annotations and answers."""
        cls, fields = NAMES[node["class"]], node["fields"]
        types = {**ANNOTATIONS, **EXTRAS[cls]}
        if DETAILS[0] in fields:
            types |= dict.fromkeys(DETAILS, (np.ndarray, NONE))
        if "ordered" in fields:
            types["ordered"] = bool
        if set(fields) != set(types):
            raise ValueError("its answers have other fields")
        parts = {name: reader.value(part) for name, part in fields.items()}
        for name, part in parts.items():
            check_type(name, part, types[name])
        given = [parts.pop(name) for name in ANNOTATIONS]
        details = {name: parts.pop(name) for name in DETAILS if name in parts}
        given.append(AnswerDetails(**details) if details else None)
        given.append(parts.pop("ordered", False))
        annotations = Annotations(*given)
        gold = parts["gold"]
        if gold is not None and gold.shape != (annotations.n_items,):
            raise ValueError(f"it has gold of shape {gold.shape}")
        return cls(annotations, **parts)


class StoredComparisons(Kind):
    """The comparisons of an aggregator, and the scores that were known."""

    tag = "comparisons"

    def takes(self, value: Any) -> bool:
        """Whether they are comparisons to learn from."""
        return type(value) is ComparisonAnswers

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write the columns."""
        parts = {name: getattr(value.comparisons, name) for name in COMPARED}
        parts["gold"] = value.gold
        fields = {k: writer.node(v, f"{path}.{k}") for k, v in parts.items()}
        return {"fields": fields}

    def read(self, node: Any, reader: Reader) -> Any:
        """Build the comparisons, and check what they refer to."""
        fields = node["fields"]
        types = {**COMPARED, "gold": (np.ndarray, NONE)}
        if set(fields) != set(types):
            raise ValueError("its comparisons have other fields")
        parts = {name: reader.value(part) for name, part in fields.items()}
        for name, part in parts.items():
            check_type(name, part, types[name])
        gold = parts.pop("gold")
        comparisons = Comparisons(**parts)
        check_codes(comparisons)
        if gold is not None and gold.shape != (comparisons.n_items,):
            raise ValueError(f"it has gold of shape {gold.shape}")
        return ComparisonAnswers(comparisons, gold)
