"""The page of a report: one HTML file without external resources."""

from html import escape
from importlib.resources import files
from string import Template

from skcrowd.reporting._elements import card
from skcrowd.reporting._key_figures import Figure
from skcrowd.reporting._sections import Section

__all__ = ["page"]

# The policy forbids whatever the file does not hold itself.
PAGE = Template("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>$title</title>
<style>
$style</style>
</head>
<body>
<header>
<h1>$title</h1>
<p>$subtitle</p>
<nav aria-label="Sections">$links</nav>
</header>
<main>
<section class="cards" aria-label="Summary">$cards</section>
$sections
</main>
<footer>$footer</footer>
<script>
$script</script>
</body>
</html>
""")


def page(
    title: str,
    subtitle: str,
    figures: list[Figure],
    sections: list[Section],
    footer: str,
) -> str:
    """Write the page.

    Parameters
    ----------
    title, subtitle, footer : str
        Plain text.
    figures : list of Figure
    sections : list of Section
    """
    return PAGE.substitute(
        title=escape(title),
        subtitle=escape(subtitle),
        links="".join(
            f'<a href="#{section.id}">{escape(section.title)}</a>'
            for section in sections
        ),
        cards="".join(card(*figure) for figure in figures),
        sections="\n".join(map(_section, sections)),
        footer=escape(footer),
        style=_resource("page.css"),
        script=_resource("page.js"),
    )


def _section(section: Section) -> str:
    return (
        f'<section id="{section.id}"><h2>{escape(section.title)}</h2>'
        f"{section.html}</section>"
    )


def _resource(name: str) -> str:
    return files("skcrowd.reporting").joinpath(name).read_text(encoding="utf-8")
