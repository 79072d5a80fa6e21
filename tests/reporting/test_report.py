"""report: what it says of classifiers, regressors, taggers and pipelines."""

import re
from dataclasses import replace
from html import unescape
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from _data import small
from _sequence_data import ANSWERS, FORMS, fitted, tagger
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skcrowd import (
    Annotations,
    CrowdClassifier,
    CrowdMultilabelClassifier,
    CrowdRanker,
    CrowdRegressor,
    CrowdSequenceTagger,
    MultilabelAnnotations,
    SequenceAnnotations,
    report,
)
from skcrowd.aggregation import Comparisons
from skcrowd.exceptions import CrowdWarning
from skcrowd.metrics import annotator_dependence
from skcrowd.reporting import CrowdReport, _facts
from skcrowd.reporting._elements import DASH, MINUS, count, number, percent


def sections(html):
    """Text of every section by its id."""
    parts = re.findall(r'<section id="(\w+)">(.*?)</section>', html, re.S)
    return {name: unescape(re.sub("<[^>]*>", " ", body)) for name, body in parts}


@pytest.fixture(scope="module")
def labelled(items, answers):
    """A fitted classifier with its X and y."""
    return small("em", CrowdClassifier).fit(items[0], answers), items[0], answers


def test_report_of_a_classifier(labelled, tmp_path):
    clf, X, y = labelled
    path = tmp_path / "report.html"
    made = report(clf, X, y, path=path, title="A & B")
    assert isinstance(made, CrowdReport)
    assert path.read_text(encoding="utf-8") == made.html
    assert "<title>A &amp; B</title>" in made.html
    found = sections(made.html)
    expected = ["annotators", "labels", "answers", "queries", "agreement", "dependence"]
    assert [name for name in found if name != "attention"] == expected
    wrong = (1 - clf.label_quality(X, y)["consensus_probability"]).sum()
    assert f"{wrong:.3g} are expected to be wrong" in re.sub(
        r"\s+", " ", found["labels"]
    )
    assert "cross_val_predict" not in found.get("attention", "")
    text = str(made)
    assert text.startswith("A & B\n")
    assert "60 (3 answers each)" in text
    assert "KiB" in repr(made)


def test_notebooks_show_the_page_in_a_frame(labelled):
    made = report(*labelled)
    srcdoc = re.search(r'srcdoc="([^"]*)"', made._repr_html_())[1]
    assert unescape(srcdoc) == made.html


def test_annotators_are_listed_with_their_accuracy(labelled):
    clf, X, y = labelled
    found = sections(report(clf, X, y).html)["annotators"]
    for value in clf.annotator_report()["accuracy"]:
        assert unescape(percent(value)) in found


def test_report_of_a_regressor(rated_items):
    X, y = rated_items[::2]
    reg = small("em", CrowdRegressor).fit(X, y)
    found = sections(report(reg, X, y).html)
    assert "Offset" in found["annotators"]
    assert "Standard deviation" in found["labels"]


def test_report_of_a_tagger():
    model = fitted("sequence_em")
    found = sections(report(model, FORMS["features"], ANSWERS).html)
    assert "token" in found["labels"]
    assert "Sequence" in found["queries"]


def test_report_of_sets_of_labels():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 2))
    ticks = ((X > 0)[:, None] ^ (rng.random((40, 3, 2)) < 0.1)).astype(float)
    Y = MultilabelAnnotations.from_indicators(ticks, classes=["cat", "dog"])
    clf = CrowdMultilabelClassifier(max_epochs=2, random_state=0).fit(X, Y)
    made = report(clf, X, Y, cv=2)
    found = sections(made.html)
    assert "80 (3 decisions each)" in str(made)
    assert "F1" in found["annotators"]
    assert "not dog" in found["labels"]
    assert "ranking" not in found


def with_copy(y):
    """Let the last of six annotators copy the third."""
    return np.concatenate([y, y[..., 2:3]], axis=-1)


def copied_answers():
    """Return 80 items, six labels of each, and six ratings."""
    rng = np.random.default_rng(0)
    truth = rng.integers(3, size=(80, 1))
    X = np.eye(3)[truth.ravel()]
    is_right = rng.random((80, 5)) < 0.7
    labels = with_copy(np.where(is_right, truth, (truth + rng.integers(1, 3)) % 3))
    stars = with_copy(np.clip(np.round(truth + 2 + rng.normal(0, 0.8, (80, 5))), 1, 5))
    return X, labels, stars


def copied_tags():
    """Return 60 sequences of eight tokens, and the tags by six annotators."""
    rng = np.random.default_rng(0)
    spans = rng.random((60, 8, 1)) < 0.3
    wrong = rng.random((60, 8, 5)) < 0.2
    tags = with_copy(np.where(spans ^ wrong, "X", "O").astype(object))
    y = SequenceAnnotations.from_flat(tags.reshape(-1, 6), np.full(60, 8))
    return list(rng.normal(size=(60, 8, 2))), y


def test_copies_are_found_whatever_the_answers():
    X, labels, stars = copied_answers()
    for made, y in ((CrowdClassifier, labels), (CrowdRegressor, stars)):
        with pytest.warns(CrowdWarning, match="gave the same"):
            model = small("em", made).fit(X, y)
        found = sections(report(model, X, y, cv="prefit").html)
        assert "2, 5" in found["dependence"]
        assert "1 group of annotators" in found["attention"]
        left_out = report(model, X, y, cv="prefit", dependence=None)
        assert "dependence" not in sections(left_out.html)


def test_copies_among_taggers_are_found():
    X, y = copied_tags()
    with pytest.warns(CrowdWarning, match="gave the same"):
        model = tagger("em").fit(X, y)
    found = sections(report(model, X, y, cv="prefit").html)
    assert "2, 5" in found["dependence"]


@pytest.mark.parametrize("kind", ["labels", "numbers", "tags"])
def test_search_for_dependence_has_a_limit(kind, monkeypatch):
    if kind == "tags":
        X, y = copied_tags()
        model, noun = tagger("em"), "60 sequences"
    else:
        X, *answers = copied_answers()
        y = Annotations.from_dense(answers[kind == "numbers"], kind=kind)
        made = CrowdRegressor if kind == "numbers" else CrowdClassifier
        model, noun = small("em", made), "80 items"
    with pytest.warns(CrowdWarning, match="gave the same"):
        model.fit(X, y)
    searched = []

    def search(answers):
        searched.append(annotator_dependence(answers))
        return searched[-1]

    monkeypatch.setattr(_facts, "annotator_dependence", search)
    whole = sections(report(model, X, y, cv="prefit").html)["dependence"]
    assert "were compared" not in whole
    np.testing.assert_array_equal(searched[0].excess, annotator_dependence(y).excess)
    n_pairs = searched[0].n_common.sum()
    monkeypatch.setattr(_facts, "MOST_PAIRS", (n_pairs + 1) // 2)
    some = sections(report(model, X, y, cv="prefit").html)["dependence"]
    n_used = len(y) // 2
    assert f"The answers to {n_used} of {noun} were compared." in some
    assert "2, 5" in some
    assert searched[1].n_common.sum() < 0.6 * n_pairs
    expected = annotator_dependence(y[::2]).excess
    np.testing.assert_array_equal(searched[1].excess, expected)


def test_dependence_that_is_unknown_is_refused(labelled):
    with pytest.raises(ValueError, match="dependence='all'"):
        report(*labelled, dependence="all")


def test_dependent_annotators_are_reported(labelled):
    dependence = SimpleNamespace(
        group=np.array([0, 0, -1, -1, -1]),
        groups=[["ann", "<bob>"]],
        group_excess=np.array([0.9]),
        group_votes=np.array([1.1]),
        effective_votes=4.1,
    )
    made = report(*labelled, dependence=dependence)
    assert "ann, &lt;bob&gt;" in made.html
    found = sections(made.html)
    assert "4.1" in found["dependence"]
    assert "1 group of annotators" in found["attention"]
    dependence.groups, dependence.group = [], np.full(5, -1)
    assert (
        "No group"
        in sections(report(*labelled, dependence=dependence).html)["dependence"]
    )


def test_probabilities_from_outside_are_used(labelled):
    clf, X, y = labelled
    proba = np.tile([0.98, 0.01, 0.01], (60, 1))
    inside, outside = (
        report(clf, X, y, **options)
        for options in ({"cv": "prefit"}, {"pred_proba": proba})
    )
    assert inside.figures[3].value != outside.figures[3].value
    assert "cross_val_predict" in inside.html
    assert "cross_val_predict" not in outside.html


def test_single_answers_have_no_agreement(labelled):
    clf, X, y = labelled
    single = np.full_like(y, -1)
    rows = np.arange(len(y))
    first = (y >= 0).argmax(axis=1)
    single[rows, first] = y[rows, first]
    found = sections(report(clf, X, single, cv="prefit").html)
    assert "agreement can't be measured" in found["agreement"]
    assert "have a single" in found["attention"]


def test_columns_of_the_report_may_change(labelled, monkeypatch):
    clf, X, y = labelled
    whole = clf.annotator_report()
    other = whole.drop(columns=["spammer_score", "bias"]).assign(n_gold=7)
    other.loc[other.index[0], ["accuracy", "accuracy_low", "accuracy_high"]] = np.nan
    monkeypatch.setattr(type(clf), "annotator_report", lambda self, level: other)
    found = sections(report(clf, X, y).html)["annotators"]
    assert "N gold" in found
    assert "Informative" not in found
    assert "nan" not in found


def test_refusals(labelled):
    clf, X, y = labelled
    with pytest.raises(ValueError, match="n_rows=0"):
        report(clf, X, y, n_rows=0)
    with pytest.raises(ValueError, match="level is 2"):
        report(clf, X, y, level=2)
    with pytest.raises(NotFittedError):
        report(small("em", CrowdClassifier), X, y)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (1, "100"),
        (1e-5, "<0.1"),
        (0.99999, ">99.9"),
        (0.995, "99.5"),
    ],
)
def test_shares_are_not_rounded_to_certainty(value, written):
    assert unescape(percent(value)) == f"{written}\u202f%"


def test_numbers():
    assert number(np.nan) == DASH
    assert number(-1.5) == f"{MINUS}1.5"
    assert count(12345) == "12\u202f345"


def test_clones_are_fitted_once_for_all_sections(labelled, monkeypatch):
    clf, X, y = labelled
    fits = []
    fit = type(clf).fit
    monkeypatch.setattr(
        type(clf), "fit", lambda self, *a, **k: fits.append(1) or fit(self, *a, **k)
    )
    page = report(clf, X, y)
    assert len(fits) == 3
    wrong = (1 - clf.label_quality(X, y)["consensus_probability"]).sum()
    assert f"{wrong:.3g} are expected to be wrong" in re.sub(r"\s+", " ", page.html)


def test_predictions_of_ratings_from_outside_are_used(rated_items):
    X, _, y = rated_items
    reg = small("em", CrowdRegressor).fit(X, y)
    prediction = np.full(len(X), 100.0)
    inside, outside = report(reg, X, y), report(reg, X, y, prediction=prediction)
    assert inside.html != outside.html


def test_times_and_unsure_answers_are_reported(labelled):
    clf, X, answers = labelled
    y = Annotations.from_dense(answers)
    rng = np.random.default_rng(0)
    time = rng.lognormal(3, 0.2, y.shape)
    time[:, 0] = 1
    timed = y.with_details(time=time)
    asked = np.full(y.shape, True)
    asked[y.item, y.annotator] = False
    unsure = np.argwhere(asked)[:3]
    timed = replace(timed, details=replace(timed.details, unsure=unsure))
    found = sections(report(clf, X, timed, cv="prefit").html)
    assert "Too fast" in found["annotators"]
    assert "Unsure" in found["annotators"]
    assert "Implausibly fast answers" in found["attention"]
    plain = sections(report(clf, X, y, cv="prefit").html)
    assert "Too fast" not in plain["annotators"]


def test_a_single_item_with_answers_is_judged_in_sample():
    y = np.full((20, 3), -1)
    y[4] = [0, 1, 1]
    X = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
    labels = Annotations.from_dense(y, classes=[0, 1])
    clf = CrowdClassifier(max_epochs=2, random_state=0).fit(X, labels)
    with pytest.warns(CrowdWarning, match="a single item has answers"):
        made = report(clf, X, labels)
    assert made.html == report(clf, X, labels, cv="prefit").html
    sequences = [row[None] for row in X]
    tags = SequenceAnnotations(labels, np.ones(20, dtype=int))
    tagger = CrowdSequenceTagger(max_epochs=2, random_state=0).fit(sequences, tags)
    with pytest.warns(CrowdWarning, match="a single item has answers"):
        report(tagger, sequences, tags)


QUICK = {"max_epochs": 2, "random_state": 0}
LABELS = [None, None, ["a", "b", "b"], None]
RATINGS = [None, None, [1.5, 2.5, 2.0], None]
SETS = [None, None, [{"a"}, {"a", "b"}, {"b"}], None]
TAGS = [None, None, [["O", "B"], ["O", "O"], ["O", "B"]], None]
PREFERRED = [None, None, ["first", "second", "first"], None]
COMPARED = Comparisons.from_long(["x"] * 3, ["y"] * 3, ["x", "x", "y"], list("abc"))
ROWS = np.array([[0, 1], [2, 1], [1, 0], [3, 3]], dtype=np.float32)
TOKENS = np.stack([ROWS, ROWS + 1], axis=1)


def of_one_item(rows):
    """Return the answers as an object array, None where there are none."""
    y = np.full((4, 3), None)
    for k, row in enumerate(rows):
        for r, answer in enumerate(row or ()):
            y[k, r] = answer
    return y


@pytest.mark.parametrize(
    ("estimator", "X", "y"),
    [
        (CrowdClassifier(**QUICK), ROWS, of_one_item(LABELS)),
        (CrowdClassifier(**QUICK), ROWS, of_one_item(LABELS).tolist()),
        (CrowdClassifier(**QUICK), ROWS, pd.DataFrame(of_one_item(LABELS))),
        (CrowdRegressor(**QUICK), ROWS, of_one_item(RATINGS).astype(float)),
        (CrowdMultilabelClassifier(**QUICK), ROWS, of_one_item(SETS)),
        (CrowdSequenceTagger(**QUICK), list(TOKENS), of_one_item(TAGS)),
        (
            CrowdRanker(CrowdClassifier(**QUICK)),
            (ROWS, ROWS[::-1]),
            of_one_item(PREFERRED),
        ),
        (CrowdRanker(CrowdClassifier(**QUICK)), ROWS[:2], COMPARED),
    ],
    ids=["labels", "lists", "frame", "ratings", "sets", "tags", "pairs", "compared"],
)
def test_a_single_item_is_found_in_any_form_of_answers(estimator, X, y):
    model = clone(estimator).fit(X, y)
    with pytest.warns(CrowdWarning, match="a single item has answers"):
        made = report(model, X, y)
    assert made.html == report(model, X, y, cv="prefit").html


def test_a_single_item_is_found_inside_of_a_pipeline_and_of_padded_sequences():
    y = of_one_item(LABELS)
    model = make_pipeline(StandardScaler(), CrowdClassifier(**QUICK)).fit(ROWS, y)
    with pytest.warns(CrowdWarning, match="a single item has answers"):
        report(model, ROWS, y)
    lengths = np.full(4, 2)
    tags = of_one_item(TAGS)
    tagger = CrowdSequenceTagger(**QUICK).fit(TOKENS, tags, lengths=lengths)
    with pytest.warns(CrowdWarning, match="a single item has answers"):
        report(tagger, TOKENS, tags, lengths=lengths)
