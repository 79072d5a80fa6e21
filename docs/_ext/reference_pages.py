"""Pages of the API reference, one a package, made from what is in ``__all__``.

A name that no section lists comes under "More", so the reference is always complete.
"""

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import skcrowd

PACKAGES = [
    "skcrowd",
    *(f"skcrowd.{name}" for name in sorted(skcrowd._SUBPACKAGES)),
    "skcrowd.metrics.agreement",
]

SECTIONS: dict[str, dict[str, str]] = {
    "skcrowd": {
        "Estimators": "CrowdClassifier CrowdRegressor CrowdSequenceTagger "
        "CrowdMultilabelClassifier CrowdRanker",
        "Answers": "Annotations SequenceAnnotations MultilabelAnnotations",
        "Reports": "report insight",
        "Files": "save load",
    },
    "skcrowd.aggregation": {
        "Aggregators of labels": "Consensus MajorityVote DawidSkene OneCoin IBCC EBCC "
        "BWA GLAD MACE Wawa ZeroBasedSkill KOS MMSR CROWDLAB CATD OrdinalDawidSkene "
        "MultiLabelDawidSkene LabelAggregator LABEL_AGGREGATORS",
        "Aggregators of ratings": "RatingConsensus GaussianRating WeightedRating "
        "MeanRating MedianRating RatingAggregator RATING_AGGREGATORS",
        "Aggregators of tag sequences": "SequenceDawidSkene TokenDawidSkene "
        "TokenMajorityVote SequenceAggregator SEQUENCE_AGGREGATORS",
        "Aggregators of comparisons": "BradleyTerry CrowdBradleyTerry Comparisons "
        "ComparisonAggregator COMPARISON_AGGREGATORS",
        "Functions": "majority_vote dawid_skene sequence_dawid_skene answer_mean "
        "weighted_mean class_shares measure_disagreement",
        "Parts of methods": "Aggregator AnswerCounts LazyConfusion RatingParameters "
        "apply_identifiability_constraint fit_rating_parameters iob2_transitions "
        "pooled_confusion rating_posterior shrunk_confusion",
        "Results": "DawidSkeneResult Disagreement SequenceResult WeightedMeanResult",
    },
    "skcrowd.methods": {
        "Classes and tags": "RegularizedEM EM CrowdLayer KDCrowd ConfusionLayer "
        "TraceRegularization GeoCrowdNet MutualInformation CoNAL MaxMIG UnionNet "
        "AnnotMix DawidSkene MajorityVote SequenceEM",
        "Ratings": "GaussianEM GaussianLayer AffineCrowdLayer WeightedMean AnswerMean "
        "DistilledMean",
        "Methods of your own": "Method AnswerLayer MethodResult TrainingContext "
        "SequenceTrainingContext RobustTraining check_method",
        "Names": "LABEL_METHODS SEQUENCE_METHODS NUMBER_METHODS",
    },
    "skcrowd.metrics": {
        "Models": "evaluate ModelEvaluation",
        "Scorers": "get_scorer get_scorer_names SCORERS AnswerScorer GoldScorer "
        "AnswerEvaluation",
        "Annotators": "annotator_dependence AnnotatorDependence spammer_score "
        "answer_times confusion_error empirical_confusion",
        "Labels": "expected_label_errors ExpectedLabelErrors",
        "Tag sequences": "span_scores span_f1_score span_precision_score "
        "span_recall_score token_accuracy_score SpanScores",
    },
    "skcrowd.model_selection": {
        "Splits of items": "VoteStratifiedKFold VoteStratifiedShuffleSplit "
        "VoteStratifiedGroupKFold LeaveAnnotatorsOut",
        "Splits of answers": "AnswerKFold AnnotatorKFold train_test_split_answers",
        "Cross-validation": "cross_val_predict cross_val_answer_score",
    },
    "skcrowd.io": {
        "Read": "read_answers read_label_studio read_doccano read_prodigy "
        "read_argilla read_mturk read_toloka read_potato read_table Export FORMATS",
        "Write": "write_label_studio write_prodigy write_argilla",
    },
    "skcrowd.datasets": {
        "Simulated crowds": "make_annotations annotator_confusions",
        "Real crowds": "fetch_labelme fetch_movie_reviews fetch_conll_mturk",
    },
    "skcrowd.metrics.agreement": {
        "Coefficients": "krippendorff_alpha fleiss_kappa scott_pi gwet_ac1 "
        "cohen_kappa_matrix percent_agreement intraclass_correlation AgreementInterval",
    },
    "skcrowd.plots": {
        "Annotators": "AnnotatorAccuracyDisplay AnnotatorConfusionDisplay "
        "AnnotatorBiasDisplay AgreementDisplay DependenceDisplay plot_confusions",
        "Labels and training": "LabelQualityDisplay TrainingHistoryDisplay",
    },
    "skcrowd.annotators": {
        "Labels": "AnnotatorModel LabelModel ConfusionTable FixedConfusion CONNECTIONS",
        "Ratings": "NumberModel GaussianAnnotators FixedGaussianAnnotators "
        "AFFINE_CONNECTIONS",
    },
    "skcrowd.annotations": {
        "Answers": "Annotations SequenceAnnotations MultilabelAnnotations concatenate "
        "check_annotations check_sequence_annotations",
        "Spans in texts": "TokenizedTexts RegexTokenizer Span",
    },
    "skcrowd.backbones": {
        "Networks": "TabularNet MLP RecurrentTagger PairScorer Vocabulary",
    },
    "skcrowd.exceptions": {"Warnings": "CrowdWarning CrowdVersionWarning"},
    "skcrowd.experimental": {
        "Methods": "DoctorNet LABEL_METHODS",
        "Training on wrong labels": "CoTeaching EarlyLearning Mixup SmallLoss "
        "ROBUST_TRAINING",
    },
    "skcrowd.training": {
        "Parts of a training": "NetFactory CrowdNet CrowdLoss ClassScores Number "
        "SequenceRows DIVERGENCES",
    },
}

# The page of the user guide about each package.
GUIDES = {
    "skcrowd": "start/choose",
    "skcrowd.aggregation": "guide/truth_inference",
    "skcrowd.annotations": "guide/answers",
    "skcrowd.annotators": "guide/extending",
    "skcrowd.backbones": "guide/default_network",
    "skcrowd.estimators": "start/choose",
    "skcrowd.inspection": "guide/whom_to_trust",
    "skcrowd.io": "guide/exports",
    "skcrowd.methods": "guide/annotator_models",
    "skcrowd.metrics": "guide/scores",
    "skcrowd.model_selection": "guide/model_selection",
    "skcrowd.persistence": "guide/persistence",
    "skcrowd.plots": "guide/report",
    "skcrowd.reporting": "guide/report",
    "skcrowd.training": "architecture",
}


def related(name: str) -> list[str]:
    """Full names in the same section of the reference as a name.

    Parameters
    ----------
    name : str
        Full name, such as "skcrowd.methods.EM".

    Returns
    -------
    list of str
        Empty where the name is in no section.
    """
    package, _, own = name.rpartition(".")
    for names in SECTIONS.get(package, {}).values():
        if own in names.split():
            module = importlib.import_module(package)
            return [
                f"{package}.{n}"
                for n in names.split()
                if n != own and callable(getattr(module, n))
            ]
    return []


def sections(module: ModuleType) -> dict[str, list[str]]:
    """Public names of a package by section, none left out.

    Parameters
    ----------
    module : module

    Returns
    -------
    dict of str to list of str
    """
    public = list(module.__all__)
    named = {
        title: [name for name in names.split() if name in public]
        for title, names in SECTIONS.get(module.__name__, {}).items()
    }
    listed = {name for names in named.values() for name in names}
    rest = sorted(set(public) - listed, key=str.lower)
    if rest:
        named["More" if named else ""] = rest
    return {title: names for title, names in named.items() if names}


def page(package: str) -> str:
    """Return the page of a package, in reStructuredText."""
    module = importlib.import_module(package)
    parts = [heading(package, "="), inspect.getdoc(module) or ""]
    if package in GUIDES:
        parts.append(f"In the user guide: :doc:`/{GUIDES[package]}`.")
    for title, names in sections(module).items():
        if title:
            parts.append(heading(title, "-"))
        parts.extend(blocks(module, names))
    return f".. module:: {package}\n\n" + "\n\n".join(parts) + "\n"


def heading(title: str, line: str) -> str:
    """Return a title with its underline."""
    return f"{title}\n{line * len(title)}"


def blocks(module: ModuleType, names: list[str]) -> Iterator[str]:
    """Yield one table of classes and functions, and an entry for each constant."""
    here, elsewhere = [], []
    for name in names:
        thing = getattr(module, name)
        if inspect.isclass(thing) or inspect.isroutine(thing):
            home = home_of(module, name)
            if home == module.__name__:
                here.append(name)
            else:
                elsewhere.append(f"~{home}.{name}")
    if here:
        yield table(here, ["   :toctree: generated"])
    if elsewhere:
        yield table(elsewhere)
    for name in names:
        thing = getattr(module, name)
        if inspect.ismodule(thing):
            yield f"The functions of :mod:`{thing.__name__}` have a page of their own."
        elif not (inspect.isclass(thing) or inspect.isroutine(thing)):
            yield constant(module, name, thing)


def home_of(module: ModuleType, name: str) -> str:
    """Package whose page describes a name: the shortest that exports it."""
    thing = getattr(module, name)
    exporting = [
        package
        for package in PACKAGES
        if getattr(importlib.import_module(package), name, None) is thing
        and name in importlib.import_module(package).__all__
    ]
    return min(exporting, key=len)


def table(names: list[str], options: list[str] | None = None) -> str:
    """Return an autosummary of some names."""
    lines = [".. autosummary::", *(options or []), ""]
    return "\n".join([*lines, *(f"   {name}" for name in names)])


def constant(module: ModuleType, name: str, value: Any) -> str:
    """Describe a constant: the table from names to classes, or the value."""
    if not isinstance(value, dict):
        return f".. data:: {name}\n\n   The text ``{value!r}``."
    lines = [f".. data:: {name}", "", "   Names that parameters accept:", ""]
    for key, entry in value.items():
        shown = getattr(entry, "__name__", None) or type(entry).__name__
        lines.append(f"   - ``{key!r}``: {reference(module, shown)}")
    return "\n".join(lines)


def reference(module: ModuleType, name: str) -> str:
    """Return a link to a public name of a package, or its bare name."""
    if name in module.__all__:
        return f":obj:`~{home_of(module, name)}.{name}`"
    return f"``{name}``"


def write(folder: Path) -> None:
    """Write the page of every package, and leave unchanged pages alone."""
    folder.mkdir(exist_ok=True)
    for package in PACKAGES:
        path, text = folder / f"{package}.rst", page(package)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
