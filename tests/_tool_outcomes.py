"""What comes of every tool of scikit-learn with every form of answers.

The same registry is tested (``tests/sklearn_tools``) and shown in
``docs/guide/scikit_learn_tools.md``.
"""

from functools import cache
from typing import NamedTuple

from _data import FORMS, blobs, crowd, rated
from _sequence_data import ANSWERS, FEATURES, TRUTH, TokenLinear, gold_forms, quick
from _sequence_data import string_forms as tag_forms
from _tools import TOOLS

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.backbones import MLP

X_LABELS, LABELS = blobs(36)
ANSWERED = crowd(LABELS, {"average": 4}, answers_per_item=3).annotations.to_dense()
X_RATED, NUMBERS, ANNOTATORS = rated(
    36, {"expert": 2, "average": 2}, answers_per_item=3
)
RATED = ANNOTATORS.annotations.to_dense()


class Outcome(NamedTuple):
    """What a tool does with one form of answers.

    Attributes
    ----------
    word : str
        For the docs.
    error : str, default=""
        Regular expression of what scikit-learn says, where it refuses.
    """

    word: str
    error: str = ""


WORKS = Outcome("yes")
UNMASKED = Outcome("**wrong**")  # reads what stands under the mask
BY_ANNOTATOR = Outcome("**wrong**", "by annotator")  # takes annotators for targets


WARNED = Outcome("warns", "y is 1-D and holds -1")


def splitter(error):
    """Refused with a number of folds, answered by a splitter."""
    return Outcome("splitter", error)


def convert(error):
    """Refused in this form, answered by an Annotations."""
    return Outcome("convert", error)


def no(error):
    """Refused in every form."""
    return Outcome("no", error)


NAN = "contains NaN"
NONE = "'<' not supported between instances of 'NoneType'"
ONE_D = "should be a 1d array"
SPARSE = "Sparse data was passed"
NO_ARRAY = "must be an array-like"
NO_PROBA = "must be an object implementing 'fit' and 'predict_proba'|decision_function"

LABEL_FORMS = {
    '-1, "", categorical, lists, Annotations': [
        "int",
        "strings",
        "list",
        "frame",
        "categorical frame",
        "dense annotations",
    ],
    "masked": ["masked"],
    "NaN, NA": ["float", "nullable frame"],
    "None": ["object"],
    "sparse": ["csr", "coo"],
    "1-D truth": ["truth"],
}
NAN_IN = ("float", "nullable frame")
SPARSE_IN = ("csr", "coo")


def by_form(default, *, nan=None, none=None, sparse=None, truth=WORKS, **others):
    """Spell out the outcome of each form of labels.

    Returns
    -------
    outcomes : dict from form to Outcome
    """
    every = {form: default for group in LABEL_FORMS.values() for form in group}
    every |= dict.fromkeys(NAN_IN, nan or default)
    every |= {"object": none or nan or default, "truth": truth}
    every |= dict.fromkeys(SPARSE_IN, sparse or default)
    return every | {form.replace("_", " "): o for form, o in others.items()}


FOLDS = by_form(WORKS, nan=splitter(NAN), none=splitter(NONE))
CURVE = FOLDS | dict.fromkeys(SPARSE_IN, convert(NO_ARRAY))
UNKNOWN = no("Unknown label type: unknown")
TARGETS = by_form(
    no(ONE_D), nan=no(NAN), none=no(NONE), sparse=no(SPARSE), categorical_frame=UNKNOWN
)
THE_TRUTH = "a 1-D y is the truth itself"
BINARY = no("Only binary classification is supported")
BY_COLUMN = by_form(
    WARNED,
    nan=no(NAN),
    masked=BY_ANNOTATOR,
    strings=no(THE_TRUTH),
    categorical_frame=no(NAN),
)
THRESHOLD = by_form(BINARY, nan=no(NAN), none=no(NONE), truth=BINARY)
COLUMN = by_form(no(ONE_D), sparse=no(SPARSE))

OF_LABELS = {
    "Pipeline": by_form(WORKS),
    "FrozenEstimator": by_form(WORKS),
    "cross_validate": CURVE,
    "cross_val_score": CURVE,
    "cross_val_predict": FOLDS,
    "cross_val_predict, method='predict_proba'": by_form(
        BY_ANNOTATOR, nan=no(NAN), none=no(NONE), sparse=no("too many indices")
    ),
    "learning_curve": CURVE,
    "LearningCurveDisplay": CURVE,
    "validation_curve": CURVE,
    "permutation_test_score": CURVE,
    "GridSearchCV": FOLDS,
    "RandomizedSearchCV": FOLDS,
    "HalvingGridSearchCV": TARGETS | {"categorical frame": no(ONE_D)},
    "HalvingGridSearchCV, min_resources=15": FOLDS,
    "HalvingGridSearchCV, resource='max_epochs'": FOLDS,
    "HalvingRandomSearchCV, min_resources=15": FOLDS,
    "permutation_importance": by_form(WORKS, sparse=convert(NO_ARRAY)),
    "partial_dependence": by_form(WORKS),
    "SequentialFeatureSelector": CURVE,
    "CalibratedClassifierCV": TARGETS,
    "TunedThresholdClassifierCV": THRESHOLD,
    "FixedThresholdClassifier": THRESHOLD,
    "VotingClassifier, VotingRegressor": by_form(
        no("only supports binary or multiclass"),
        nan=no(NAN),
        none=no(NONE),
        categorical_frame=UNKNOWN,
    ),
    "StackingClassifier, StackingRegressor": TARGETS,
    "BaggingClassifier, BaggingRegressor": by_form(
        no(ONE_D),
        nan=no(NAN),
        none=no(ONE_D),
        sparse=no(SPARSE),
        categorical_frame=no(NAN),
    ),
    "AdaBoostClassifier, AdaBoostRegressor": COLUMN,
    "OneVsRestClassifier": by_form(
        no("Multioutput target data is not supported"),
        nan=no(NAN),
        none=no(NONE),
        categorical_frame=no("Unknown label type"),
    ),
    "OneVsOneClassifier": COLUMN,
    "OutputCodeClassifier": COLUMN,
    "MultiOutputClassifier, MultiOutputRegressor": BY_COLUMN
    | {
        "object": no(NONE),
        "csr": BY_ANNOTATOR,
        "coo": no("a sparse y must have shape"),
        "truth": no("must have at least two dimensions"),
    },
    "ClassifierChain, RegressorChain": BY_COLUMN
    | {
        "object": no(THE_TRUTH),
        **dict.fromkeys(SPARSE_IN, no("same number of dimensions")),
        "truth": no("tuple index out of range"),
    },
    "SelfTrainingClassifier": COLUMN,
}

RATING_FORMS = {
    "NaN, NA, lists, Annotations": [
        "float",
        "list",
        "frame",
        "nullable frame",
        "dense annotations",
    ],
    "masked": ["masked"],
    "None": ["object"],
    "sparse": ["coo", "csr"],
    "1-D truth": ["truth"],
}


def by_rating_form(default, *, masked=None, none=None, sparse=None, truth=WORKS):
    """Spell out the outcome of each form of ratings.

    Returns
    -------
    outcomes : dict from form to Outcome
    """
    every = {form: default for group in RATING_FORMS.values() for form in group}
    every |= {"masked": masked or default, "object": none or default, "truth": truth}
    return every | dict.fromkeys(SPARSE_IN, sparse or default)


RATED_FOLDS = by_rating_form(WORKS)
RATED_CURVE = by_rating_form(WORKS, sparse=convert(NO_ARRAY))
RATED_COLUMN = by_rating_form(no(ONE_D), sparse=no(SPARSE))
HAS_NAN = no(NAN)

OF_NUMBERS = {
    "Pipeline": RATED_FOLDS,
    "FrozenEstimator": RATED_FOLDS,
    "cross_validate": RATED_CURVE,
    "cross_val_score": RATED_CURVE,
    "cross_val_predict": RATED_FOLDS,
    "learning_curve": RATED_CURVE,
    "LearningCurveDisplay": RATED_CURVE,
    "validation_curve": RATED_CURVE,
    "permutation_test_score": RATED_CURVE,
    "GridSearchCV": RATED_FOLDS,
    "RandomizedSearchCV": RATED_FOLDS,
    "HalvingGridSearchCV": RATED_FOLDS,
    "HalvingGridSearchCV, min_resources=15": RATED_FOLDS,
    "HalvingGridSearchCV, resource='max_epochs'": RATED_FOLDS,
    "HalvingRandomSearchCV, min_resources=15": RATED_FOLDS,
    "permutation_importance": RATED_CURVE,
    "partial_dependence": RATED_FOLDS,
    "SequentialFeatureSelector": RATED_CURVE,
    "VotingClassifier, VotingRegressor": RATED_COLUMN,
    "StackingClassifier, StackingRegressor": RATED_COLUMN,
    "BaggingClassifier, BaggingRegressor": by_rating_form(
        HAS_NAN, masked=UNMASKED, none=WORKS, sparse=WORKS
    ),
    "AdaBoostClassifier, AdaBoostRegressor": RATED_COLUMN,
    "MultiOutputClassifier, MultiOutputRegressor": by_rating_form(
        HAS_NAN,
        masked=BY_ANNOTATOR,
        none=no(THE_TRUTH),
        truth=no("must have at least two dimensions"),
    )
    | {"csr": BY_ANNOTATOR, "coo": no("a sparse y must have shape")},
    "ClassifierChain, RegressorChain": by_rating_form(
        HAS_NAN,
        masked=BY_ANNOTATOR,
        none=no(THE_TRUTH),
        sparse=no("same number of dimensions"),
        truth=no("tuple index out of range"),
    ),
    "TransformedTargetRegressor": by_rating_form(
        HAS_NAN, masked=UNMASKED, sparse=no(SPARSE)
    ),
}

TAG_FORMS = {
    "SequenceAnnotations": ["sequence annotations"],
    "matrix of sequences": ["cells", "object array", "frame of cells"],
    "a row for each token": ["flat", "flat masked", "flat frame", "flat annotations"],
    "truth: list of arrays": ["arrays", "truth object array"],
    "truth: list of lists": ["lists", "series"],
}
CELLS, FLAT, GOLD, GOLD_LISTS = list(TAG_FORMS.values())[1:]


def by_tag_form(default, *, cells=None, flat=None, gold=None, gold_lists=None):
    """Spell out the outcome of each form of tags.

    Returns
    -------
    outcomes : dict from form to Outcome
    """
    return {
        "sequence annotations": default,
        **dict.fromkeys(CELLS, cells or default),
        **dict.fromkeys(FLAT, flat or default),
        **dict.fromkeys(GOLD, gold or default),
        **dict.fromkeys(GOLD_LISTS, gold_lists or gold or default),
    }


AMBIGUOUS = "truth value of an array with more than one element"
LEGACY = "legacy multi-label data representation"
TAG_FOLDS = by_tag_form(
    WORKS,
    cells=splitter(AMBIGUOUS),
    flat=convert("inconsistent numbers of samples"),
    gold_lists=splitter(LEGACY),
)
RAGGED = "inhomogeneous shape"

OF_TAGS = {
    "Pipeline": by_tag_form(WORKS),
    "FrozenEstimator": by_tag_form(WORKS),
    "cross_validate": TAG_FOLDS,
    "cross_val_score": TAG_FOLDS,
    "cross_val_predict": by_tag_form(
        no(RAGGED),
        cells=no(AMBIGUOUS),
        flat=no("inconsistent numbers of samples"),
        gold_lists=no(LEGACY),
    ),
    "learning_curve": TAG_FOLDS,
    "LearningCurveDisplay": TAG_FOLDS,
    "validation_curve": TAG_FOLDS,
    "GridSearchCV": TAG_FOLDS,
    "RandomizedSearchCV": TAG_FOLDS,
    "HalvingGridSearchCV": by_tag_form(
        no(ONE_D),
        cells=no(AMBIGUOUS),
        flat=no("inconsistent numbers of samples"),
        gold=no(f"{RAGGED}|{AMBIGUOUS}"),
        gold_lists=no(LEGACY),
    ),
    "HalvingGridSearchCV, min_resources=15": TAG_FOLDS,
    "HalvingGridSearchCV, resource='max_epochs'": TAG_FOLDS,
    "HalvingRandomSearchCV, min_resources=15": TAG_FOLDS,
}
OUTCOMES = {
    CrowdClassifier: OF_LABELS,
    CrowdRegressor: OF_NUMBERS,
    CrowdSequenceTagger: OF_TAGS,
}
TABLE = "one token a row"  # a 2-D X for the tagger, as for the classifier
SHARED = ["Pipeline", "cross_val_score", "cross_val_predict", "GridSearchCV"]
OF_TABLES = {tool: OF_LABELS[tool] for tool in SHARED}
GROUPS = {
    CrowdClassifier: LABEL_FORMS,
    CrowdRegressor: RATING_FORMS,
    CrowdSequenceTagger: TAG_FORMS,
}


def features(kind):
    """Return X for an estimator."""
    tables = {CrowdClassifier: X_LABELS, TABLE: X_LABELS, CrowdRegressor: X_RATED}
    return tables.get(kind, FEATURES)


@cache
def every_form(kind):
    """Return the same answers in every form, and the truth."""
    if kind in (CrowdClassifier, TABLE):
        return {**FORMS[CrowdClassifier](ANSWERED), "truth": LABELS}
    if kind is CrowdRegressor:
        return {**FORMS[kind](RATED), "truth": NUMBERS}
    gold = gold_forms(TRUTH)
    return {**gold, **tag_forms(ANSWERS), "truth object array": gold["object array"]}


def estimator(kind):
    """Build an estimator that is fitted at once."""
    if kind in (CrowdSequenceTagger, TABLE):
        return quick(module=TokenLinear, max_epochs=1)
    options = {"calibrate": False} if kind is CrowdRegressor else {}
    return kind(
        method="em",
        max_epochs=1,
        lr=0.05,
        module=MLP,
        module__hidden=(4,),
        random_state=0,
        **options,
    )


def as_container(kind):
    """Return the answers as the object that all tools take."""
    y = every_form(kind)
    if kind is CrowdSequenceTagger:
        return y["sequence annotations"]
    return y["dense annotations"]


def table(kind):
    """Write the outcomes of an estimator as a table in Markdown."""
    groups, rows = GROUPS[kind], []
    for tool, outcomes in OUTCOMES[kind].items():
        words = [
            " / ".join(dict.fromkeys(outcomes[form].word for form in forms))
            for forms in groups.values()
        ]
        instead = "" if {*words} <= FINE else TOOLS[tool].instead
        rows.append([f"`{shown_name(tool, kind)}`", *words, instead])
    head = ["", *groups, "instead"]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


FINE = {"yes", "splitter", "convert", "splitter / yes", "yes / splitter"}


def shown_name(tool, kind):
    """Return the name of a tool, of two that of the estimator's kind."""
    names = tool.split(", ")
    if "Classifier" not in names[0] or len(names) == 1:
        return tool
    return names[kind is CrowdRegressor]
