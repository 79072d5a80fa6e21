"""The built site: links, and every page in a browser.  make test-docs."""

import re
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

DOCS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(DOCS.parent / "tests"))
sys.path.insert(0, str(Path(__file__).parent))

from _browser import find_browser  # noqa: E402
from _site_browser import SCHEMES, WIDTHS, open_all  # noqa: E402

SITE = DOCS / "_build" / "html"
PAGES = sorted(
    str(path.relative_to(SITE))
    for path in SITE.rglob("*.html")
    if not {"_static", "_downloads", "_modules"} & set(path.parts)
)


class Links(HTMLParser):
    """Where a page points to, what it loads, and its anchors."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loaded, self.anchors = set(), set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Collect the links and anchors of a tag."""
        found = dict(attrs)
        if "id" in found:
            self.anchors.add(found["id"])
        if tag == "a" and "href" in found:
            self.links.add(found["href"])
        if tag in {"img", "script", "iframe", "source"} and found.get("src"):
            self.loaded.add(found["src"])
        if tag == "link" and found.get("rel") in {"stylesheet", "icon", "preload"}:
            self.loaded.add(found["href"])


@cache
def links(page):
    """Read a page once."""
    return Links((SITE / page).read_text(encoding="utf-8"))


def test_the_site_is_built():
    assert len(PAGES) > 150, "make docs"


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page):
    broken = []
    for link in links(page).links | links(page).loaded:
        parts = urlsplit(link)
        if parts.scheme:
            continue
        target = SITE / page
        if parts.path:
            target = (SITE / page).parent / unquote(parts.path)
        target = target.resolve()
        if not target.is_file():
            broken.append(link)
        elif parts.fragment and target.suffix == ".html":
            anchors = links(str(target.relative_to(SITE))).anchors
            if unquote(parts.fragment) not in anchors:
                broken.append(link)
    assert not broken


def pages_linked_from(page):
    """Pages of the site that a page links to."""
    paths = (urlsplit(link).path for link in links(page).links if "://" not in link)
    targets = {
        ((SITE / page).parent / unquote(path)).resolve() for path in paths if path
    }
    return {str(t.relative_to(SITE)) for t in targets if t.suffix == ".html"}


def test_every_question_is_answered_within_two_clicks():
    near = set().union(*map(pages_linked_from, pages_linked_from("index.html")))
    text = (DOCS / "faq.md").read_text(encoding="utf-8")
    answers = re.findall(r"^\| .*\? \| (.*) \|$", text, re.MULTILINE)
    assert len(answers) == 20
    for answer in answers:
        assert {f"{n}.html" for n in re.findall(r"\{doc\}`([^`]+)`", answer)} <= near


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_loaded_from_elsewhere(page):
    assert not [
        link
        for link in links(page).loaded
        if urlsplit(link).scheme in {"http", "https"}
    ]


@pytest.fixture(scope="module")
def reports():
    """Open every page once, and return what the browser saw."""
    browser = find_browser()
    assert browser, "no browser of the Chromium family; SKCROWD_BROWSER may name one"
    return open_all(browser, SITE, PAGES)


def brightness(colour):
    """Mean of red, green and blue of a CSS colour."""
    numbers = colour[colour.index("(") + 1 : -1].split(",")[:3]
    return sum(map(float, numbers)) / 3


@pytest.mark.parametrize("page", PAGES)
def test_a_page_in_the_browser(reports, page):
    seen = reports[page]
    assert "failed" not in seen, seen
    assert seen["title"]
    assert seen["problems"] == []
    assert seen["images"] == []
    assert len(seen["views"]) == len(WIDTHS) * len(SCHEMES)
    for name, view in seen["views"].items():
        assert view["needed"] <= view["width"], (name, view["wide"])
        is_dark = brightness(view["background"]) < brightness(view["ink"])
        assert is_dark == name.endswith("dark"), (name, view)
