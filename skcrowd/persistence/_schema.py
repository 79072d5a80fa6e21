"""Schema of a file: the fields of estimators and of their objects.

A table maps the name of a field in files to the attribute that stores it, and to its
types and axes. Fields of public attributes have the name of the attribute, others a
descriptive name. Private attributes can therefore be renamed without breaking files.
Saving an object with an attribute that its table lacks is an error. If a field is
renamed or removed, or its meaning changes, `FORMAT` in ``_archive.py`` must be raised.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from skcrowd.aggregation import LazyConfusion
from skcrowd.aggregation._expected_counts import (
    AnsweredQuestions,
    CountedAnswers,
    CountTable,
    ExpectedCounts,
)
from skcrowd.aggregation._lazy_confusion import CountedConfusion
from skcrowd.aggregation.labels._latent_states import StatePosterior
from skcrowd.annotations import RegexTokenizer
from skcrowd.annotators import (
    AnnotatorModel,
    ConfusionTable,
    FixedConfusion,
    FixedGaussianAnnotators,
    GaussianAnnotators,
)
from skcrowd.annotators._affine import (
    BiasConnection,
    BiasScaleConnection,
    ScaleBiasConnection,
    ScaleConnection,
)
from skcrowd.annotators._common_noise import CommonNoise
from skcrowd.annotators._connections import (
    MatrixConnection,
    ScalarConnection,
    VectorBiasConnection,
    VectorConnection,
    VectorWeightBiasConnection,
)
from skcrowd.annotators._counted import CountedAnnotators
from skcrowd.annotators._embedded import EmbeddedAnnotators
from skcrowd.annotators._model_confusion import ModelConfusion
from skcrowd.annotators._union import UnionScores, UnionTable
from skcrowd.annotators._weighted_aggregator import WeightedAggregator
from skcrowd.backbones import MLP, RecurrentTagger, TabularNet, Vocabulary
from skcrowd.backbones._feature_encoding import FeatureEncoding
from skcrowd.backbones._ordered_scores import OrderedScores
from skcrowd.backbones._recurrent_tagger import _Embedding, _Scaling
from skcrowd.estimators import (
    CrowdClassifier,
    CrowdMultilabelClassifier,
    CrowdRanker,
    CrowdRegressor,
    CrowdSequenceTagger,
)
from skcrowd.estimators._decoding import Decoder
from skcrowd.estimators._item_reader import ItemReader
from skcrowd.estimators._numbers import AnswerScaler
from skcrowd.estimators._pair_network import DefaultPairNetwork, OwnPairNetwork
from skcrowd.estimators._residual_variance_model import ResidualVarianceModel
from skcrowd.experimental._annotator_heads import AnnotatorHeads
from skcrowd.experimental._twin import Twin, TwinScores
from skcrowd.methods import MethodResult
from skcrowd.persistence._aggregators import AGGREGATORS, STATE_POSTERIOR
from skcrowd.persistence._field import NUMBER, Field, array
from skcrowd.training import ClassScores, CrowdNet, Number
from skcrowd.training._outputs import LabelScores
from skcrowd.transformers import SubwordVocabulary

__all__ = ["DERIVED", "ESTIMATORS", "RECORDS", "RECORD_NAMES", "Field"]

NONE = type(None)
TRANSITIONS = ("previous_class", "class")
PARAMETER, BUFFER = nn.Parameter, torch.Tensor


ANNOTATORS = {
    "n_annotators": Field("n_annotators", int),
    "rows_per_annotator": Field("rows_per_annotator", dict),
}
LABELS = {**ANNOTATORS, "n_classes": Field("n_classes", int)}
BIAS = {"bias": Field("bias", PARAMETER, ("annotator", "1"))}
SCALE = {"scale": Field("scale", PARAMETER, ("annotator", "1"))}
CLASS_WEIGHT = {"weight": Field("weight", PARAMETER, ("annotator", "class"))}
CLASS_BIAS = {"bias": Field("bias", PARAMETER, ("annotator", "class"))}
CONFUSION = {
    **LABELS,
    "log_confusion": Field("table", BUFFER, ("annotator", "class", "class")),
    "class_shares": Field("class_shares", BUFFER, ("class",), is_optional=True),
}
UNION = {
    **LABELS,
    "log_answer_share": Field("log_share", BUFFER, ("annotator",)),
    "scores": Field("scores", PARAMETER, ("annotator", "class_x_class")),
}

RECORDS: dict[str, tuple[Any, dict[str, Field]]] = {
    # Side information and data of an estimator.
    "unit": (
        AnswerScaler,
        {"center": Field("center", NUMBER), "size": Field("size", NUMBER)},
    ),
    "residual_variance_model": (
        ResidualVarianceModel,
        {
            "center": Field("center", np.ndarray, ("input",)),
            "size": Field("size", np.ndarray, ("input",)),
            "square_center": Field("square_center", np.ndarray, ("input",)),
            "square_size": Field("square_size", np.ndarray, ("input",)),
            "linear": Field("linear", np.ndarray, ("input",)),
            "quadratic": Field("quadratic", np.ndarray, ("input",)),
            "intercept": Field("intercept", NUMBER),
            "least_log_variance": Field("low", NUMBER),
            "largest_log_variance": Field("high", NUMBER),
        },
    ),
    "decoder": (
        Decoder,
        {
            "decode": Field("decode", str),
            "is_learned": Field("is_learned", bool),
            "transition_weights": Field("weights", np.ndarray, TRANSITIONS),
            "allowed_transitions": Field("allowed", np.ndarray, TRANSITIONS),
            "given_transitions": Field("given", (np.ndarray, NONE), TRANSITIONS),
            "allowed_last_tags": Field("ends", np.ndarray, ("class",)),
        },
    ),
    "tokenizer": (RegexTokenizer, {"pattern": Field("pattern", (str, NONE))}),
    "method_result": (
        MethodResult,
        {
            "net": Field("net", CrowdNet),
            "annotator_model": Field("annotators", AnnotatorModel),
            "posterior": Field("posterior", (np.ndarray, NONE)),
            "posterior_variance": Field("posterior_var", (np.ndarray, NONE)),
            "tags": Field("tags", (np.ndarray, NONE)),
            "extras": Field("extras", dict),
            "out_of_fold": Field(
                "out_of_fold",
                (np.ndarray, NONE),
                ("item", "class"),
                is_optional=True,
            ),
        },
    ),
    "item_reader": (
        ItemReader,
        {
            "is_default": Field("is_default", bool),
            "column_categories": Field("categories", tuple),
            "columns": Field("columns", tuple),
        },
    ),
    # What builds the network of pairs of a ranker.
    "default_pair_network": (
        DefaultPairNetwork,
        {"n_features": Field("n_features", int)},
    ),
    "own_pair_network": (
        OwnPairNetwork,
        {"scorer": Field("scorer", object), "sizes": Field("sizes", dict)},
    ),
    # Interpretation of a network's output.
    "class_scores": (ClassScores, {"n_classes": Field("n_classes", int)}),
    "label_scores": (LabelScores, {"n_labels": Field("n_labels", int)}),
    "twin_class_scores": (TwinScores, {"n_classes": Field("n_classes", int)}),
    "number": (Number, {}),
    # Networks.
    "mlp": (
        MLP,
        {
            "is_scaling": Field("is_scaling", bool),
            "center": Field("center", BUFFER),
            "scale": Field("scale", BUFFER),
            "input_dropout": Field("input_dropout", nn.Dropout),
            "layers": Field("layers", nn.Sequential),
        },
    ),
    "tabular_net": (
        TabularNet,
        {
            "weight_decay": Field("weight_decay", NUMBER),
            "gate_decay": Field("gate_decay", (*NUMBER, NONE)),
            "encoding": Field("encoding", FeatureEncoding),
            "gates": Field("gates", (PARAMETER, NONE)),
            "input_dropout": Field("input_dropout", nn.Dropout),
            "linear": Field("linear", nn.Linear),
            "layers": Field("layers", nn.Sequential),
            "ordered": Field("ordered", (OrderedScores, NONE), is_optional=True),
            "columns": Field("columns", (BUFFER, NONE), is_optional=True),
        },
    ),
    "ordered_scores": (
        OrderedScores,
        {
            "places": Field("places", BUFFER),
            "log_precision": Field("log_precision", PARAMETER),
            "offset": Field("offset", PARAMETER),
        },
    ),
    "feature_encoding": (
        FeatureEncoding,
        {
            "center": Field("center", BUFFER),
            "scale": Field("scale", BUFFER),
            "lower": Field("lower", BUFFER),
            "upper": Field("upper", BUFFER),
            "source": Field("source", BUFFER),
            "bin_left": Field("bin_left", BUFFER),
            "bin_width": Field("bin_width", BUFFER),
        },
    ),
    "recurrent_tagger": (
        RecurrentTagger,
        {
            "inputs": Field("inputs", (_Embedding, _Scaling)),
            "input_dropout": Field("input_dropout", nn.Dropout),
            "dropout": Field("dropout", nn.Dropout),
            "recurrent": Field("recurrent", nn.GRU),
            "output": Field("output", nn.Linear),
        },
    ),
    "token_embedding": (
        _Embedding,
        {
            "tables": Field("tables", nn.ModuleList),
            "unknown_share": Field("unknown", BUFFER),
            "affix_dropout": Field("affix_dropout", NUMBER),
        },
    ),
    "feature_scaling": (
        _Scaling,
        {"center": Field("center", BUFFER), "scale": Field("scale", BUFFER)},
    ),
    "twin": (
        Twin,
        {"first": Field("first", nn.Module), "second": Field("second", nn.Module)},
    ),
    # Confusion matrices that are computed at access.
    "expected_counts": (ExpectedCounts, {"terms": Field("terms", tuple)}),
    "counted_answers": (
        CountedAnswers,
        {
            "item": Field("item", np.ndarray, ("answer",)),
            "annotator": Field("annotator", np.ndarray, ("answer",)),
            "label": Field("answer", np.ndarray, ("answer",)),
            "truth": Field("truth", np.ndarray, ("item", "class")),
            "item_weight": Field("weight", np.ndarray, ("item",)),
            "n_annotators": Field("n_annotators", int),
        },
    ),
    "answered_questions": (
        AnsweredQuestions,
        {
            "accuracy": Field("accuracy", np.ndarray, ("annotator",)),
            "n_questions": Field("n_questions", np.ndarray, ("annotator",)),
            "n_classes": Field("n_classes", int),
        },
    ),
    "count_table": (
        CountTable,
        {"counts": Field("table", np.ndarray, ("annotator", "class", "class"))},
    ),
    "counted_confusion": (
        CountedConfusion,
        {
            "counts": Field("counts", ExpectedCounts),
            "pseudo_counts": Field("pseudo_counts", NUMBER),
        },
    ),
    "latent_states": (StatePosterior, STATE_POSTERIOR),
    "model_confusion": (ModelConfusion, {"model": Field("model", AnnotatorModel)}),
    # Annotator models of labels.
    "counted_annotators": (
        CountedAnnotators,
        {
            **LABELS,
            "confusion": Field("counted", CountedConfusion),
            "class_shares": Field("class_shares", BUFFER, ("class",), is_optional=True),
        },
    ),
    "fixed_confusion": (FixedConfusion, CONFUSION),
    "weighted_aggregator": (
        WeightedAggregator,
        {
            **CONFUSION,
            "weight": Field("weight", PARAMETER, ("annotator_x_class", "class")),
            "log_class_prior": Field("log_prior", BUFFER, ("class",)),
        },
    ),
    "confusion_table": (
        ConfusionTable,
        {
            **LABELS,
            "logits": Field("logits", PARAMETER, ("annotator", "class_x_class")),
            "has_prior": Field("has_prior", bool),
            "prior_counts": Field(
                "prior", BUFFER, ("class", "class"), is_optional=True
            ),
            "prior_share": Field("share", BUFFER, ("annotator",), is_optional=True),
        },
    ),
    "common_noise": (
        CommonNoise,
        {
            **LABELS,
            "n_embedding": Field("n_embedding", int),
            "distance_weight": Field("distance_weight", NUMBER),
            "individual_logits": Field(
                "individual", PARAMETER, ("annotator", "class_x_class")
            ),
            "common_logits": Field("common", PARAMETER, ("1", "class_x_class")),
            "annotator_embedding": Field(
                "annotator_embedding", PARAMETER, ("annotator", "unit")
            ),
            "item_embedding": Field("item_embedding", PARAMETER, ("unit", "feature")),
            "mean_gate": Field(
                "gate", BUFFER, ("class", "annotator"), is_temporary=True
            ),
        },
    ),
    "annotator_heads": (
        AnnotatorHeads,
        {
            **LABELS,
            "shrinkage": Field("shrinkage", NUMBER),
            "is_averaged": Field("is_final", bool),
            "prior_share": Field("share", BUFFER, ("annotator",)),
            "mean_confusion": Field(
                "table", BUFFER, ("annotator", "class", "class"), is_temporary=True
            ),
            "offsets": Field(
                "offset", PARAMETER, ("annotator", "class_x_feature_and_bias")
            ),
        },
    ),
    "embedded_annotators": (
        EmbeddedAnnotators,
        {
            **LABELS,
            "embedding": Field("embedding", PARAMETER, ("annotator", "unit")),
            "hidden_weight": Field("hidden_weight", PARAMETER, ("1", "unit_x_unit")),
            "hidden_bias": Field("hidden_bias", PARAMETER, ("1", "unit")),
            "output_weight": Field(
                "output_weight", PARAMETER, ("1", "class_x_class_x_unit")
            ),
            "output_bias": Field("output_bias", PARAMETER, ("1", "class_x_class")),
        },
    ),
    "union_table": (UnionTable, UNION),
    "union_scores": (UnionScores, UNION),
    "connection_mw": (
        MatrixConnection,
        {
            **LABELS,
            "weight": Field("weight", PARAMETER, ("annotator", "class_x_class")),
        },
    ),
    "connection_vw": (VectorConnection, {**LABELS, **CLASS_WEIGHT}),
    "connection_vb": (VectorBiasConnection, {**LABELS, **CLASS_BIAS}),
    "connection_vw_b": (
        VectorWeightBiasConnection,
        {**LABELS, **CLASS_WEIGHT, **CLASS_BIAS},
    ),
    "connection_sw": (
        ScalarConnection,
        {**LABELS, "weight": Field("weight", PARAMETER, ("annotator", "1"))},
    ),
    # Annotator models of numbers.
    "fixed_gaussian_annotators": (
        FixedGaussianAnnotators,
        {
            **ANNOTATORS,
            "scale_bias_noise_variance": Field("table", BUFFER, ("3", "annotator")),
            "residual_variance": Field("residual_variance", BUFFER, ()),
        },
    ),
    "gaussian_annotators": (
        GaussianAnnotators,
        {
            **ANNOTATORS,
            **BIAS,
            "log_noise_variance": Field("log_noise_var", PARAMETER, ("annotator", "1")),
            "scale": Field("scale", PARAMETER, ("annotator", "1"), is_optional=True),
            "log_residual_variance": Field("log_residual_var", PARAMETER, ("1", "1")),
            "has_scale": Field("has_scale", bool),
            "has_prior": Field("has_prior", bool),
            "prior_share": Field("share", BUFFER, ("annotator",), is_optional=True),
            "prior_scale_std": Field("scale_std", NUMBER),
            "prior_pseudo_counts": Field("pseudo_counts", NUMBER),
            "prior_bias_variance": Field("bias_var", NUMBER),
            "prior_noise_variance": Field("crowd_noise_var", NUMBER),
        },
    ),
    "connection_s": (ScaleConnection, {**ANNOTATORS, **SCALE}),
    "connection_b": (BiasConnection, {**ANNOTATORS, **BIAS}),
    "connection_s_b": (ScaleBiasConnection, {**ANNOTATORS, **SCALE, **BIAS}),
    "connection_b_s": (BiasScaleConnection, {**ANNOTATORS, **SCALE, **BIAS}),
}

RECORD_NAMES = {cls: name for name, (cls, _) in RECORDS.items()}


CROWD = {
    "n_features_in_": Field("n_features_in_", int, is_optional=True),
    "feature_names_in_": array("feature_names_in_", "feature", is_optional=True),
    "item_shape": Field("_item_shape", tuple, is_optional=True),
    "column_categories": Field("_column_categories", tuple, is_optional=True),
    "part_columns": Field("_part_columns", tuple, is_optional=True),
    "is_truth_given": Field("_is_truth_given", bool),
    "net_": Field("net_", CrowdNet),
    "n_iter_": Field("n_iter_", int),
    "annotators_": array("annotators_", "annotator"),
    "annotator_n_answers_": array("annotator_n_answers_", "annotator"),
    "annotator_model_": Field("annotator_model_", AnnotatorModel),
    "training_item_hashes": Field(
        "_training_items", (np.ndarray, NONE), ("training_item",), is_optional=True
    ),
    "answer_times": Field("_answer_times", (tuple, NONE), is_optional=True),
    "annotator_groups": Field("_annotator_groups", (tuple, NONE), is_optional=True),
    "group_excess": Field(
        "_group_excess", (np.ndarray, NONE), ("group",), is_optional=True
    ),
}
LABEL_CROWD = {
    **CROWD,
    "classes_": array("classes_", "class"),
    "class_prior_": array("class_prior_", "class"),
    "class_weight_": array("class_weight_", "class"),
    "annotator_confusion_": Field(
        "annotator_confusion_",
        (np.ndarray, LazyConfusion),
        ("annotator", "class", "class"),
    ),
    "expected_answer_counts": Field(
        "_answer_counts", (np.ndarray, ExpectedCounts), ("annotator", "class", "class")
    ),
    "expected_right_answers": Field("_right_answers", (tuple, NONE)),
    "calibrated_right_answers": Field(
        "_calibrated_right_answers", (tuple, NONE), is_optional=True
    ),
    "total_item_weight": Field("_total_item_weight", NUMBER),
    "predicted_class_shares": array(
        "_predicted_class_shares", "class", is_optional=True
    ),
}
CLASSIFIER = {
    **LABEL_CROWD,
    "class_order_": array("class_order_", "class", is_optional=True),
    "posterior_": array("posterior_", "item", "class", is_optional=True),
}
TAGGER = {
    **LABEL_CROWD,
    "input_form": Field("_form", str),
    "is_padded": Field("_is_padded", bool),
    "tokenizer_": Field("tokenizer_", RegexTokenizer, is_optional=True),
    "vocabulary_": Field(
        "vocabulary_", (Vocabulary, SubwordVocabulary), is_optional=True
    ),
    "decoder": Field("_decoder", Decoder),
    "span_counts": Field("_span_counts", (tuple, NONE), is_optional=True),
    "token_clusters": Field(
        "_token_clusters", (np.ndarray, NONE), ("2",), is_optional=True
    ),
    "transitions_": array("transitions_", *TRANSITIONS),
    "inferred_tags_": Field("inferred_tags_", (list, np.ndarray), is_optional=True),
    "posterior_": Field("posterior_", (list, np.ndarray), is_optional=True),
}
MULTILABEL = {
    **CROWD,
    "classes_": array("classes_", "label"),
    "class_prior_": array("class_prior_", "label"),
    "annotator_confusion_": array(
        "annotator_confusion_", "annotator", "label", "class", "class"
    ),
    "expected_answer_counts": array(
        "_answer_counts", "annotator_x_label", "class", "class"
    ),
    "tick_counts": Field("_tick_counts", tuple),
    "posterior_": array("posterior_", "item", "label", is_optional=True),
}
REGRESSOR = {
    **CROWD,
    "unit": Field("_scaler", AnswerScaler),
    "is_offset_known": Field("_holds_offset", bool),
    "prediction_std_": Field("prediction_std_", NUMBER),
    "annotator_scale_": array("annotator_scale_", "annotator"),
    "annotator_bias_": array("annotator_bias_", "annotator"),
    "annotator_noise_std_": array("annotator_noise_std_", "annotator"),
    "annotator_offset_": array("annotator_offset_", "annotator"),
    "annotator_confusion_": array("annotator_confusion_", "annotator", "2", "2"),
    "posterior_mean_": array("posterior_mean_", "item"),
    "posterior_std_": array("posterior_std_", "item"),
    "rating_moments": array("_rating_moments", "annotator", "3", "3"),
    "rating_regressions": Field(
        "_rating_regressions", (np.ndarray, NONE), ("annotator", "9"), is_optional=True
    ),
    "truth_moments": Field(
        "_truth_moments", (np.ndarray, NONE), ("3",), is_optional=True
    ),
    "offset_variance": Field("_offset_var", (*NUMBER, NONE), is_optional=True),
    "residual_variance_model": Field(
        "_residual_variance_model", (ResidualVarianceModel, NONE), is_optional=True
    ),
}
RANKER = {
    "classifier_": Field("classifier_", CrowdClassifier),
    "item_reader": Field("_reader", ItemReader),
    "offset_": Field("offset_", NUMBER),
}
ESTIMATORS: dict[Any, dict[str, Field]] = {
    CrowdClassifier: CLASSIFIER,
    CrowdMultilabelClassifier: MULTILABEL,
    CrowdRanker: RANKER,
    CrowdRegressor: REGRESSOR,
    CrowdSequenceTagger: TAGGER,
    **AGGREGATORS,
}
# Attributes of estimators with a network that are computed when a file is loaded.
DERIVED = {
    "n_annotators_": lambda fitted: len(fitted["annotators_"]),
    "history_": lambda fitted: fitted["net_"].history,
}
