"""The page of a report: valid, self-contained, and readable in a browser.

Every check of the file itself always runs. Where a browser of the Chromium family is
found (on the PATH, or named by the variable SKCROWD_BROWSER) the page is opened in it.
"""

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from _browser import find_browser, measure
from _data import blobs, crowd
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skcrowd import Annotations, CrowdClassifier, report

VOID = {"meta", "input", "br"}
PHONE, DESK = 390, 1280
HOSTILE = "<script>alert('1')</script>\"&"


class Page(HTMLParser):
    """Read a page strictly: tags match, ids are unique, attributes are recorded."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.ids, self.links, self.urls = [], [], [], [], []
        self.metas = {}
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag == "meta":
            self.metas[attrs.get("name", attrs.get("http-equiv"))] = attrs.get(
                "content"
            )
        if tag == "a":
            self.links.append(attrs["href"])
        self.urls += [
            attrs[name] for name in ("src", "srcset", "action") if name in attrs
        ]
        assert not any(name.startswith("on") for name in attrs)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert tag not in VOID
        assert self.open.pop() == tag


@pytest.fixture(scope="module", params=[5, 500])
def html(request):
    """A report on few or many annotators, some with hostile or long names."""
    n_annotators = request.param
    X, truth = blobs(300)
    kinds = {"expert": 1, "average": n_annotators - 2, "random": 1}
    y = crowd(truth, kinds, answers_per_item=4).annotations.to_dense()
    names = np.array([f"annotator number {k}" for k in range(n_annotators)], object)
    names[:3] = HOSTILE, "x" * 200, "é ü 漢字"
    y = Annotations.from_dense(np.where(y >= 0, y, -1))
    y = Annotations(y.item, y.annotator, y.answer, y.shape, y.classes, names)
    estimator = CrowdClassifier(max_epochs=3, random_state=0)
    pipeline = make_pipeline(StandardScaler(), estimator).fit(X, y)
    return report(pipeline, X, y).html


def test_the_file_is_valid_and_loads_nothing(html):
    page = Page(html)
    assert html.startswith("<!DOCTYPE html>")
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert all(link.startswith("#") for link in page.links)
    assert page.urls == []
    assert not {"link", "img", "iframe", "object", "base"} & set(page.tags)
    assert not re.search(r"https?:|url\(|@import|//cdn", html)
    assert page.tags.count("script") == page.tags.count("style") == 1


def test_the_file_follows_the_width_and_the_scheme_of_the_reader(html):
    page = Page(html)
    assert page.metas["viewport"] == "width=device-width, initial-scale=1"
    assert page.metas["color-scheme"] == "light dark"
    assert page.metas["Content-Security-Policy"].startswith("default-src 'none'")
    style = re.search(r"<style>(.*?)</style>", html, re.S)[1]
    assert "@media (prefers-color-scheme: dark)" in style
    # No width in pixels that a phone does not have; tables scroll by themselves.
    assert max(map(float, re.findall(r"width: (\d+)px", style)), default=0) < PHONE
    assert html.count("<table") == html.count('<div class="wide"><table')


def test_names_are_escaped(html):
    assert HOSTILE not in html
    assert "&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;&quot;&amp;" in html
    assert "x" * 61 not in html


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_in_a_browser(html, width, scheme, tmp_path):
    browser = find_browser()
    if browser is None:  # what can be known without one
        test_the_file_is_valid_and_loads_nothing(html)
        test_the_file_follows_the_width_and_the_scheme_of_the_reader(html)
        return
    seen = measure(browser, html, width, scheme, tmp_path)
    assert seen["errors"] == []
    assert seen["width"] == pytest.approx(width, abs=20)  # less a scroll bar
    assert seen["needed"] <= seen["width"]
    page, ink = (brightness(seen[name]) for name in ("background", "ink"))
    assert abs(page - ink) > 150
    assert (page < ink) == (scheme == "dark")
    keys = [float(key) for key in seen["descending"]]
    assert keys == sorted(keys, reverse=True)
    assert [float(key) for key in seen["ascending"]] == keys[::-1]
    assert seen["found"] == (0 if "data-search" in html else None)


def brightness(color):
    """Mean of the three parts of rgb(r, g, b)."""
    return np.mean([float(part) for part in re.findall(r"\d+", color)[:3]])


def test_a_browser_that_is_named_must_exist(monkeypatch):
    monkeypatch.setenv("SKCROWD_BROWSER", "no-such-browser")
    with pytest.raises(FileNotFoundError, match="no-such-browser"):
        find_browser()
