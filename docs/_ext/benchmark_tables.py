"""Figures on pages, read from the tables that the benchmarks wrote.

A block shows rows and columns of a table, one row a line, all of them where none is
named::

    ```{benchmark-table} labelme
    :columns: test accuracy %; worst seed

    CrowdClassifier(), raw
    ```

and ``{benchmark}`labelme; CrowdClassifier(), raw; worst seed``` one figure in a
sentence.
Of several tables in a file it is the first that has what is named. Links to
``benchmarks/results`` lead to the page of that table.
"""

import re
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from result_tables import RESULTS, figure, select, separated
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

LINK = re.compile(r"\]\((?:\.\./)+benchmarks/results/(\w+)\.md\)")


class BenchmarkTable(SphinxDirective):
    """``{benchmark-table}``, see above."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"columns": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Return the table, and from where it is."""
        name = self.arguments[0]
        self.env.note_dependency(str(RESULTS / f"{name}.md"))
        rows = [line.strip() for line in self.content if line.strip()]
        lines = select(name, rows, separated(self.options.get("columns", "")))
        lines += ["", f"From {{doc}}`/benchmarks/{name}`."]
        box = nodes.container()
        self.state.nested_parse(
            StringList(lines, source=self.env.docname), self.content_offset, box
        )
        box.children[-1]["classes"].append("table-source")
        return [box]


class BenchmarkFigure(SphinxRole):
    """``{benchmark}``, see above."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the figure as text."""
        name, row, column = separated(self.text)
        self.env.note_dependency(str(RESULTS / f"{name}.md"))
        return [nodes.Text(figure(name, row, column))], []


def lead_to_pages(app: Sphinx, page: str, source: list[str]) -> None:
    """Let links to the files of results lead to the pages that are made of them."""
    source[0] = LINK.sub(r"](/benchmarks/\1.md)", source[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register both."""
    app.add_directive("benchmark-table", BenchmarkTable)
    app.add_role("benchmark", BenchmarkFigure())
    app.connect("source-read", lead_to_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
