"""The CoNLL format: one token and tag per line, empty lines between sentences."""

from itertools import groupby
from typing import NamedTuple

# Names of persons, places and organisations and other names, in IOB2.
TAGS = (
    "O",
    "B-PER",
    "I-PER",
    "B-LOC",
    "I-LOC",
    "B-ORG",
    "I-ORG",
    "B-MISC",
    "I-MISC",
)


class Sentence(NamedTuple):
    """A sentence: tokens and their tags."""

    tokens: tuple[str, ...]
    tags: tuple[str, ...]


def read_sentences(text, name):
    """Read sentences; the last field of a line is the tag.

    Parameters
    ----------
    text : str
    name : str
        Of the file, for error messages.

    Returns
    -------
    sentences : list of Sentence
        As written. A token may be empty.

    Raises
    ------
    ValueError
        If a line does not end with a tag.
    """
    lines = enumerate(text.split("\n"), start=1)
    blocks = groupby(lines, key=lambda line: line[1] != "")
    return [_sentence(block, name) for is_sentence, block in blocks if is_sentence]


def read_file(path):
    """Read the sentences of a file; see `read_sentences`."""
    return read_sentences(path.read_text("utf-8"), path.name)


def _sentence(lines, name):
    rows = [_token_and_tag(line, f"{name}, line {number}") for number, line in lines]
    return Sentence(*zip(*rows, strict=True))


def _token_and_tag(line, where):
    token, space, tag = line.rpartition(" ")
    if not space or tag not in TAGS:
        raise ValueError(
            f"{where} should hold a token, a space and a tag ({', '.join(TAGS)}), but "
            f"is {line[:40]!r}."
        )
    return token.strip(), tag


def to_iob2(tags):
    """Convert IOB1 to IOB2: an I- tag that continues no span becomes B-.

    Parameters
    ----------
    tags : sequence of str

    Returns
    -------
    tags : tuple of str

    Examples
    --------
    >>> from skcrowd.datasets._conll_format import to_iob2
    >>> to_iob2(["O", "I-LOC", "I-LOC", "I-PER"])
    ('O', 'B-LOC', 'I-LOC', 'B-PER')
    """
    before = ("O", *tags)
    return tuple(
        f"B{tag[1:]}" if tag[0] == "I" and previous[1:] != tag[1:] else tag
        for previous, tag in zip(before, tags, strict=False)
    )
