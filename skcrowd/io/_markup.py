"""The text that HTML shows, and where each character that a browser counts is in it."""

from __future__ import annotations

import re
from functools import lru_cache
from html.parser import HTMLParser
from typing import NamedTuple

__all__ = ["MarkupText", "text_of_markup"]

_MARKUP = re.compile(r"</?\w|<!|&#?\w+;")
_HIDDEN = {"script", "style", "title"}
_BLOCKS = {"address", "article", "aside", "blockquote", "caption", "dd", "div", "dl"}
_BLOCKS |= {"dt", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4"}
_BLOCKS |= {"h5", "h6", "header", "hr", "li", "main", "nav", "ol", "option", "p"}
_BLOCKS |= {"pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
_BLOCKS |= {"ul"}


class MarkupText(NamedTuple):
    """What is shown of HTML.

    Attributes
    ----------
    text : str
        With a line end between blocks, which would be one word without it.
    counted : str
        The characters that are counted: those of the text nodes, one for each ``br``.
    places : tuple of int
        Where each of them is in `text`.
    """

    text: str
    counted: str
    places: tuple[int, ...]


@lru_cache(maxsize=8)  # the spans of one text are asked for one after another
def text_of_markup(markup: str) -> MarkupText:
    """Return the text that HTML shows; a text without markup is itself.

    Parameters
    ----------
    markup : str

    Returns
    -------
    shown : MarkupText
    """
    if not _MARKUP.search(markup):
        return MarkupText(markup, markup, tuple(range(len(markup))))
    parser = _Parser()
    parser.feed(markup.replace("\r\n", "\n"))
    parser.close()
    return MarkupText("".join(parser.shown), "".join(parser.counted), tuple(parser.at))


class _Parser(HTMLParser):
    """Collects the characters of text nodes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._start()

    def _start(self) -> None:
        """Begin anew: what stands before the body is not shown."""
        self.shown: list[str] = []
        self.counted: list[str] = []
        self.at: list[int] = []
        self._n_hidden = 0
        self._is_new_block = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a new block, a line end, or what is hidden."""
        if tag == "body":
            self._start()
        elif tag == "br":
            self._add("\n")
        self._is_new_block |= tag in _BLOCKS
        self._n_hidden += tag in _HIDDEN

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a block, or of what is hidden."""
        self._is_new_block |= tag in _BLOCKS
        self._n_hidden -= tag in _HIDDEN and self._n_hidden > 0

    def handle_data(self, data: str) -> None:
        """Add the characters of a text node."""
        if self._n_hidden:
            return
        ends = [*self.shown[-1:], data[0]]
        if self._is_new_block and len(ends) > 1 and not any(map(str.isspace, ends)):
            self.shown.append("\n")
        self._is_new_block = False
        for character in data:
            self._add(character)

    def _add(self, character: str) -> None:
        self.at.append(len(self.shown))
        self.shown.append(character)
        self.counted.append(character)
