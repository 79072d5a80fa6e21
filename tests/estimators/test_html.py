"""What a notebook shows of an estimator: the crowd at a glance."""

import sys
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
import sklearn
from _data import rated, with_mlp
from _sequence_data import fitted, tagger
from sklearn.base import BaseEstimator
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skcrowd import CrowdClassifier, CrowdRegressor

KINDS = [CrowdClassifier, CrowdRegressor]
HOSTILE = "<script>alert('1')</script>\"&"
MARK = "skcrowd-glance"


class Cells(HTMLParser):
    """Read the rows of all tables after the mark, and check that tags match."""

    def __init__(self):
        super().__init__()
        self.open, self.rows, self.tags = [], [], set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


def glance(estimator):
    """Parse the part that is ours, of an estimator or of what holds one."""
    html = estimator._repr_html_()
    assert html.count(MARK) == 1
    start = html.index(f"<details open class='{MARK}'")
    end = html.index("</details>", start) + len("</details>")
    cells = Cells()
    cells.feed(html[start:end])
    assert not cells.open
    return cells


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def case(request, items, answers, rated_items):
    """An unfitted estimator, features, answers by people with hostile names."""
    is_classifier = request.param is CrowdClassifier
    X, y = (items[0], answers) if is_classifier else rated_items[::2]
    names = [HOSTILE, "bob", "x" * 100, "1 > 0", "é"]
    return with_mlp("em", request.param), X, pd.DataFrame(y, columns=names)


def test_the_crowd_is_shown_after_fit(case):
    estimator, X, y = case
    assert MARK not in estimator._repr_html_()
    assert MARK not in estimator._repr_mimebundle_()["text/html"]
    estimator.fit(X, y)
    assert "<style" in estimator._repr_html_()  # scikit-learn's diagram
    assert MARK in estimator._repr_mimebundle_()["text/html"]
    cells = glance(estimator)
    report = estimator.annotator_report()
    value = "accuracy" if "accuracy" in report else "correlation"
    expected = report.sort_values(value, ascending=False, kind="stable")
    shown = [row for row in cells.rows if row[0] in [*y.columns, "x" * 39 + "…"]]
    assert [row[1] for row in shown] == [str(n) for n in expected["n_answers"]]
    low, high = (expected[f"{value}_{end}"].clip(0, 1) for end in ("low", "high"))
    for row, mean, a, b in zip(shown, expected[value], low, high, strict=True):
        assert row[2] == f"{max(mean, 0):.2f} ({a:.2f} to {b:.2f})"


def test_names_are_escaped(case):
    estimator, X, y = case
    html = estimator.fit(X, y)._repr_html_()
    ours = html[html.index(MARK) :].partition("</details>")[0]
    assert HOSTILE not in html
    assert "<script" not in ours
    assert "&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;&quot;&amp;" in ours
    assert "x" * 41 not in ours


def test_nothing_is_loaded_and_nothing_runs(case):
    estimator, X, y = case
    cells = glance(estimator.fit(X, y))
    plain = {"details", "summary", "div", "table", "thead", "tbody", "tr"}
    assert cells.tags <= plain | {"td", "th", "span"}


def test_display_as_text(case):
    estimator, X, y = case
    estimator.fit(X, y)
    with sklearn.config_context(display="text"):
        assert not hasattr(estimator, "_repr_html_")
        assert set(estimator._repr_mimebundle_()) == {"text/plain"}


class NoPandas:
    """Finder of modules that lets nobody import pandas."""

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "pandas":
            raise ImportError(f"{name} was imported")


def test_pandas_is_not_needed(case, monkeypatch):
    estimator, X, y = case
    estimator.fit(X, y.to_numpy())
    for name in [name for name in sys.modules if name.split(".")[0] == "pandas"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [NoPandas(), *sys.meta_path])
    assert glance(estimator).rows


@pytest.mark.parametrize("kind", KINDS)
def test_large_crowds_are_cut(kind):
    X, truth, simulation = rated(90, {"average": 30}, 3)
    y = simulation.annotations.to_dense()
    if kind is CrowdClassifier:
        y = np.where(np.isnan(y), -1, y > truth.mean()).astype(int)
    y = pd.DataFrame(y, columns=[f"w{k}" for k in range(30)])
    rows = glance(with_mlp("em", kind).fit(X, y)).rows
    shown = [row[0] for row in rows if row[0].startswith("w")]
    assert len(shown) == len(set(shown)) == 20
    assert ["… 10 more"] in rows


def test_shares_of_the_classes(items, answers):
    clf = with_mlp("em").fit(items[0], np.array(["<a>", "b", "c", ""])[answers])
    rows = {row[0]: row[1] for row in glance(clf).rows if len(row) == 2}
    for label, share in zip(clf.classes_, clf.class_prior_, strict=True):
        assert rows[label] == f"{share:.2f}"


def test_of_a_tagger():
    clf = fitted("em")
    rows = glance(clf).rows
    assert MARK not in tagger()._repr_html_()
    assert {row[0] for row in rows} >= {*map(str, clf.annotators_), *clf.classes_}


def test_pipelines_and_searches_show_the_crowd_in_the_box_of_the_estimator(case):
    estimator, X, y = case
    pipeline = make_pipeline(StandardScaler(), estimator)
    assert MARK not in pipeline._repr_html_()
    pipeline.fit(X, y)
    alone = glance(estimator).rows
    assert glance(pipeline).rows == alone
    assert pipeline._repr_mimebundle_()["text/html"].count(MARK) == 1
    search = GridSearchCV(pipeline, {"standardscaler__with_std": [True]}, cv=KFold(2))
    assert len(glance(search.fit(X, y)).rows) == len(alone)


def test_the_crowd_is_shown_below_a_diagram_without_boxes(case, monkeypatch):
    estimator, X, y = case
    monkeypatch.setattr(
        type(estimator), "_get_params_html", BaseEstimator._get_params_html
    )
    assert glance(estimator.fit(X, y)).rows
    assert estimator._repr_mimebundle_()["text/html"].count(MARK) == 1


def test_an_annotator_without_answers_has_no_accuracy(items, answers):
    y = pd.DataFrame(answers).assign(nobody=-1)
    (row,) = [
        r for r in glance(with_mlp("em").fit(items[0], y)).rows if r[0] == "nobody"
    ]
    assert row == ["nobody", "0", "-", ""]
