"""What the site is built from; `make test-docs` looks at the built site."""

import importlib
import inspect
import re
import runpy
import sys
from itertools import chain

import pytest
from _pages import DOCS, ROOT, pages, toctree_entries

sys.path.insert(0, str(DOCS / "_ext"))

import benchmark_pages
import reference_pages

PAGES = pages()
PACKAGES = reference_pages.PACKAGES


def name_of(page):
    return str(page.relative_to(ROOT))


@pytest.fixture(scope="module")
def settings():
    """The variables of docs/conf.py."""
    return runpy.run_path(str(DOCS / "conf.py"))


def test_the_settings_need_no_network(settings, monkeypatch):
    assert settings["intersphinx_mapping"] == {}
    monkeypatch.setenv("SKCROWD_DOCS_ONLINE", "1")
    online = runpy.run_path(str(DOCS / "conf.py"))["intersphinx_mapping"]
    assert {"numpy", "sklearn", "torch"} <= set(online)


def test_folders_and_files_of_the_settings_exist(settings):
    paths = [*settings["templates_path"], *settings["html_static_path"]]
    paths += settings["bibtex_bibfiles"]
    paths += [f"_static/{name}" for name in settings["html_css_files"]]
    assert all((DOCS / path).exists() for path in paths)


def test_every_public_name_is_in_the_reference():
    pages = {package: reference_pages.page(package) for package in PACKAGES}
    missing = {
        f"{package}.{name}"
        for package, page in pages.items()
        for name in importlib.import_module(package).__all__
        if not re.search(rf"\b{re.escape(name)}\b", page)
    }
    assert not missing


# Base classes, which guide/extending.md shows, and what functions return and build.
WITHOUT_EXAMPLE = {
    "skcrowd.aggregation": "Aggregator ComparisonAggregator Disagreement "
    "LabelAggregator LazyConfusion RatingAggregator SequenceAggregator SequenceResult "
    "WeightedMeanResult apply_identifiability_constraint fit_rating_parameters",
    "skcrowd.annotators": "AnnotatorModel LabelModel NumberModel",
    "skcrowd.exceptions": "CrowdVersionWarning",
    "skcrowd.inspection": "CrowdInsight",
    "skcrowd.methods": "Method MethodResult RobustTraining SequenceTrainingContext "
    "TrainingContext",
    "skcrowd.metrics": "AnnotatorDependence AnswerEvaluation ExpectedLabelErrors "
    "ModelEvaluation SpanScores",
    "skcrowd.reporting": "CrowdReport",
    "skcrowd.training": "CrowdLoss CrowdNet NetFactory Number",
}


def test_public_names_have_an_example():
    without = {package: without_example(package) for package in PACKAGES}
    allowed = {package: {*names.split()} for package, names in WITHOUT_EXAMPLE.items()}
    assert {package: names for package, names in without.items() if names} == allowed


def without_example(package):
    """Names of a package whose docstrings show nothing that runs."""
    module = importlib.import_module(package)
    things = {name: getattr(module, name) for name in module.__all__}
    return {
        name
        for name, thing in things.items()
        if (inspect.isclass(thing) or inspect.isfunction(thing))
        and reference_pages.home_of(module, name) == package
        and ">>>" not in (inspect.getdoc(thing) or "")
    }


def test_sections_of_the_reference_list_names_that_exist():
    for package, sections in reference_pages.SECTIONS.items():
        listed = set(chain(*(names.split() for names in sections.values())))
        assert listed <= set(importlib.import_module(package).__all__)


def test_a_page_is_written_for_every_package(tmp_path):
    reference_pages.write(tmp_path)
    assert {path.stem for path in tmp_path.iterdir()} == set(reference_pages.PACKAGES)
    assert "\nskcrowd*\n" in (DOCS / "api" / "index.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", benchmark_pages.COLUMNS)
def test_tables_have_the_columns_that_are_drawn(name, tmp_path):
    text = (benchmark_pages.RESULTS / f"{name}.md").read_text(encoding="utf-8")
    column = benchmark_pages.COLUMNS[name]
    bars = benchmark_pages.read_bars(text, column)
    assert len(bars) > 2
    benchmark_pages.draw(bars, column, tmp_path / "figure.svg", "dark")
    assert (tmp_path / "figure.svg").read_text(encoding="utf-8").count("<path") > 5


def test_columns_are_read_with_their_deviation():
    text = "| row | a | b |\n|---|---|---|\n| x | - | 1 |\n| y | 2.5 ± 0.1 | - |\n"
    assert benchmark_pages.read_bars(text, "a") == [("y", 2.5, 0.1)]
    assert benchmark_pages.read_bars(text, "b") == [("x", 1.0, 0.0)]
    text += "\n| row | how | c |\n|---|---|---|\n| x | raw | 1 |\n| x | scaled | 2 |\n"
    assert [bar.name for bar in benchmark_pages.read_bars(text, "c")] == [
        "x, raw",
        "x, scaled",
    ]
    with pytest.raises(ValueError, match="No table has a column 'd'"):
        benchmark_pages.read_bars(text, "d")


def test_pages_of_benchmarks_have_one_title():
    stems = [path.stem for path in benchmark_pages.RESULTS.glob("*.md")]
    written = {stem: benchmark_pages.page(stem) for stem in stems}
    assert written
    titles = {stem: re.findall(r"^# ", page, re.M) for stem, page in written.items()}
    assert not {stem for stem, found in titles.items() if len(found) != 1}
    assert all(page.startswith("# ") for page in written.values())


def test_every_page_is_in_a_table_of_contents():
    reached, waiting = set(), [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.exists():
            reached.add(page)
            waiting.extend(toctree_entries(page))
    assert {page for page in PAGES if DOCS in page.parents} <= reached


def targets(page):
    """Yield the files that a page links to or includes, with the link."""
    text = page.read_text(encoding="utf-8")
    text = re.sub(r"```python\n.*?```", "", text, flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if not link.startswith(("http:", "https:", "#", "mailto:")):
            yield link, page.parent / link.partition("#")[0]
    for link in re.findall(r"\{doc\}`(?:[^`<]*<)?([^`>]+)>?`", text):
        base = DOCS if link.startswith("/") else page.parent
        yield link, base / f"{link.lstrip('/')}.md"
    for link in re.findall(r"^:link: (\S+)$", text, re.M):
        yield link, page.parent / f"{link}.md"
    for link in re.findall(r"```\{include\} (\S+)", text):
        yield link, page.parent / link


def is_built(path):
    """Whether the build makes a page: of an example, or of a table."""
    if path.parent == DOCS / "gallery":
        stem = path.stem
        return stem == "index" or (DOCS / "examples" / f"{stem}.py").exists()
    if path.parent == DOCS / "benchmarks":
        return (benchmark_pages.RESULTS / path.name).exists()
    return False


def test_links_between_pages_lead_somewhere():
    broken = [
        (name_of(page), link)
        for page in PAGES
        for link, path in targets(page)
        if not path.exists() and not is_built(path.resolve())
    ]
    assert not broken


REFERENCE = re.compile(r"\{(?:class|func|meth|mod)\}`[^`]*?~?(skcrowd[\w.]*)>?`")


def test_references_name_public_things():
    named = [
        (name_of(page), name)
        for page in PAGES
        for name in REFERENCE.findall(page.read_text(encoding="utf-8"))
    ]
    assert named
    assert not [(page, name) for page, name in named if not exists(name)]


def exists(name):
    """Whether a dotted name can be found."""
    parts = name.split(".")
    for n in range(len(parts), 0, -1):
        try:
            thing = importlib.import_module(".".join(parts[:n]))
        except ImportError:
            continue
        for attribute in parts[n:]:
            thing = getattr(thing, attribute, None)
        return thing is not None
    return False


def test_docstrings_mention_pages_that_exist():
    for path in (ROOT / "skcrowd").rglob("*.py"):
        for page in re.findall(r"docs/[\w/]+\.md", path.read_text(encoding="utf-8")):
            assert (ROOT / page).exists(), f"{path}: {page}"


FIELD = re.compile(r"^ *[\w, ]+ : .*$|^ *\w+_$", re.MULTILINE)
LITERAL = re.compile(r"``[^`]*``|`[^`]*`|>>> .*")
TARGET = re.compile(r"(?<![\w.])[A-Za-z]\w*_(?!\w)")


def test_words_of_docstrings_are_no_links():
    """A word that ends with an underscore is a link to docutils."""
    found = []
    for package in reference_pages.PACKAGES:
        module = importlib.import_module(package)
        public = [getattr(module, name) for name in module.__all__]
        members = [vars(part).values() for part in public if inspect.isclass(part)]
        for part in [*public, *filter(inspect.isfunction, chain(*members))]:
            text = LITERAL.sub("", FIELD.sub("", inspect.getdoc(part) or ""))
            found += [(part, word) for word in TARGET.findall(text)]
    assert not found


def test_the_questions_are_twenty():
    text = (DOCS / "faq.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^\| .*\{doc\}", text, re.M)) == 20


def test_examples_of_the_gallery_say_what_they_show():
    examples = sorted((DOCS / "examples").glob("plot_*.py"))
    assert len(examples) >= 15
    for path in examples:
        title, line, *_ = path.read_text(encoding="utf-8").split("\n")[1:]
        assert line == "=" * len(title), path.name


def test_related_names_are_those_of_the_section():
    related = reference_pages.related("skcrowd.aggregation.IBCC")
    assert {"skcrowd.aggregation.EBCC", "skcrowd.aggregation.Consensus"} <= set(related)
    assert "skcrowd.aggregation.LABEL_AGGREGATORS" not in related
    assert reference_pages.related("skcrowd.command.main") == []


def test_packages_have_a_page_of_the_guide():
    for page in reference_pages.GUIDES.values():
        assert (DOCS / f"{page}.md").exists()
