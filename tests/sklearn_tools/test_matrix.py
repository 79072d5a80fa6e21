"""Every tool of scikit-learn, and every form of answers, for all estimators."""

from functools import cache

import numpy as np
import pytest
import scipy
import sklearn
from _tool_outcomes import (
    BY_ANNOTATOR,
    GROUPS,
    OF_TABLES,
    OUTCOMES,
    TABLE,
    UNMASKED,
    as_container,
    estimator,
    every_form,
    features,
    no,
)
from _tools import TOOLS
from sklearn.model_selection import KFold
from sklearn.utils import _safe_indexing
from sklearn.utils.fixes import parse_version

from skcrowd import CrowdClassifier, CrowdSequenceTagger
from skcrowd.annotations import SequenceAnnotations, check_annotations


def name(kind):
    """Return the name of an estimator."""
    return getattr(kind, "__name__", kind)


def cells():
    """Yield every tool with every form, or with some of them, and what is to be seen.

    A form is read before a method sees it, and how y is cut depends on the tool. Of
    tools with the same outcomes, which cut y by the same functions of scikit-learn, the
    first one gets every form, which for tables is one that the classifier has, too.
    The others are refused one form of each group and outcome, and take one form:
    another one for each tool, so that every group is taken by several tools.
    """
    seen_by = {}
    for kind, tools in {**OUTCOMES, TABLE: OF_TABLES}.items():
        seen = seen_by.setdefault(CrowdClassifier if kind == TABLE else kind, [])
        for tool, outcomes in tools.items():
            if outcomes in seen and (kind, tool) != (TABLE, "Pipeline"):
                yield from some_forms(kind, tool, outcomes, seen.count(outcomes))
            else:
                yield from ((kind, tool, form, outcomes[form]) for form in outcomes)
            seen.append(outcomes)


def some_forms(kind, tool, outcomes, place):
    """Yield one form that the tool takes, and one of each group that it refuses."""
    forms = one_of_each_group(kind, outcomes)
    taken = [form for form in forms if outcomes[form].word in TAKEN]
    chosen = taken[place % len(taken)] if taken else None
    for form in forms:
        outcome = outcomes[form]
        if form == chosen or form not in taken:
            yield kind, tool, form, outcome
        elif outcome.error:
            yield kind, tool, form, no(outcome.error)


TAKEN = ("yes", "splitter", "convert")


def one_of_each_group(kind, outcomes):
    """Return the first form of each group and outcome."""
    groups = GROUPS[CrowdClassifier if kind == TABLE else kind]
    of_group = {form: group for group, forms in groups.items() for form in forms}
    first = {}
    for form, outcome in outcomes.items():
        first.setdefault((of_group[form], outcome), form)
    return list(first.values())


CELLS = [
    pytest.param(kind, tool, form, outcome, id=f"{name(kind)}-{tool}-{form}")
    for kind, tool, form, outcome in cells()
]


@pytest.mark.parametrize("kind", GROUPS, ids=name)
def test_every_form_is_taken(kind):
    of_kind = [cell.values[1:] for cell in CELLS if cell.values[0] is kind]
    taken = {form for _, form, outcome in of_kind if outcome.word in TAKEN}
    assert taken == {form for forms in GROUPS[kind].values() for form in forms}
    assert {tool for tool, *_ in of_kind} == {*OUTCOMES[kind]}


def run(kind, tool, y, cv=2):
    """Run a tool on the data of an estimator; its results as one array."""
    found = TOOLS[tool].run(estimator(kind), features(kind), y, cv)
    parts = found if isinstance(found, tuple) else (found,)
    values = np.concatenate([np.ravel(part) for part in parts])
    return values if kind is CrowdSequenceTagger else values.astype(float)


@cache
def reference(kind, tool, form):
    """Return the results for answers, or the truth, in a form that all take."""
    return run(kind, tool, every_form(kind)[form], KFold(2))


def plain_form(kind, form):
    """Return the form with the same content that every tool takes that takes any."""
    if kind is not CrowdSequenceTagger:
        return form if form == "truth" else "object"
    of_truth = [
        *GROUPS[kind]["truth: list of arrays"],
        *GROUPS[kind]["truth: list of lists"],
    ]
    return "arrays" if form in of_truth else "sequence annotations"


def as_annotations(kind, y):
    """Return answers as the docs say where a form is refused."""
    if kind is not CrowdSequenceTagger:
        return check_annotations(y, kind="labels" if y.dtype == int else "numbers")
    return SequenceAnnotations.from_flat(y, [len(tokens) for tokens in features(kind)])


# How older versions refuse the same: scipy before 1.16 cannot index COO arrays, and
# scikit-learn before 1.9 finds out about some forms at another place.
OF_OLDER_VERSIONS = ""
if parse_version(scipy.__version__) < parse_version("1.16"):
    OF_OLDER_VERSIONS += "|coo_array' object is not subscriptable|1D sparse slices"
if parse_version(sklearn.__version__) < parse_version("1.9"):
    OF_OLDER_VERSIONS += "|'<' not supported between|y should be a 1d array"


# Halving searches of such labels work from scipy 1.17 on.
INDEXED = [
    "HalvingGridSearchCV, min_resources=15",
    "HalvingGridSearchCV, resource='max_epochs'",
    "HalvingRandomSearchCV, min_resources=15",
]
COO_IS_INDEXED = parse_version(scipy.__version__) >= parse_version("1.17")


# What scikit-learn says beside its errors, or before it goes wrong.
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast")
@pytest.mark.filterwarnings("ignore:Number of classes in training fold")
@pytest.mark.filterwarnings("ignore:y contains no unlabeled samples")
@pytest.mark.parametrize(("kind", "tool", "form", "outcome"), CELLS)
def test_cell(kind, tool, form, outcome):
    y = every_form(kind)[form]
    of_labels = kind is CrowdClassifier and form == "coo"
    if of_labels and tool in INDEXED and not COO_IS_INDEXED:
        with pytest.raises(TypeError, match="not subscriptable"):
            run(kind, tool, y)
        return
    if outcome.error and outcome is not BY_ANNOTATOR:
        with pytest.raises(Exception, match=outcome.error + OF_OLDER_VERSIONS):
            run(kind, tool, y)
    if outcome.word in ("no", "warns"):
        return
    if outcome is UNMASKED:
        assert (run(kind, tool, y) == run(kind, tool, y.data)).all()
        return
    if outcome is BY_ANNOTATOR:
        assert run(kind, tool, y).size == 4 * len(features(kind))
        return
    cv = KFold(2) if outcome.word == "splitter" or form == "truth" else 2
    y = as_annotations(kind, y) if outcome.word == "convert" else y
    expected = reference(kind, tool, plain_form(kind, form))
    assert np.isfinite(expected).all() if expected.dtype.kind == "f" else expected.size
    if cv == 2 or form != plain_form(kind, form):
        np.testing.assert_array_equal(run(kind, tool, y, cv), expected)


@pytest.mark.parametrize("kind", OUTCOMES, ids=lambda kind: kind.__name__)
def test_cross_validation_by_hand(kind):
    X, y, expected = features(kind), as_container(kind), []
    for train, test in KFold(2).split(X):
        fitted = estimator(kind).fit(_safe_indexing(X, train), y[train])
        expected.append(fitted.score(_safe_indexing(X, test), y[test]))
    assert run(kind, "cross_val_score", y).tolist() == expected
