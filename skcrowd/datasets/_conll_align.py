"""Alignment of an annotator's tags with the tokens of the corpus.

The annotators marked text in a web page. Some marks ended inside a token and split it,
some were typed into the text: the tokens that they left are not those of the corpus.
"""

import re
from collections import Counter
from difflib import SequenceMatcher
from itertools import accumulate, pairwise

from skcrowd.datasets._conll_format import to_iob2

# Marks typed behind a token: "U.S./LOC", "Cup/B-MISC".
SUFFIX = re.compile(r"(/([BI]-)?(PER|LOC|ORG|MISC))+$")


def align_tags(answer, tokens, where):
    """Return, for each token of the corpus, the annotator's tag of its characters.

    A token is of the most frequent mark of its characters, the first of equally
    frequent ones, if at least half of them bear it, else outside of any name.

    Parameters
    ----------
    answer : Sentence
        As the annotator left it.
    tokens : tuple of str
        Those of the corpus.
    where : str
        Where the answer stands, for error messages.

    Returns
    -------
    tags : tuple of str
        One a token, in IOB2.

    Raises
    ------
    ValueError
        If less than half of the text is in the answer.

    Examples
    --------
    >>> from skcrowd.datasets._conll_align import align_tags
    >>> from skcrowd.datasets._conll_format import Sentence
    >>> answer = Sentence(("U.S./LOC", "Iraq", "i"), ("O", "B-LOC", "O"))
    >>> align_tags(answer, ("U.S.", "Iraqi"), "line 1")
    ('O', 'B-LOC')
    """
    marked = tuple(SUFFIX.sub("", token) for token in answer.tokens)
    if marked == tokens:
        return to_iob2(answer.tags)
    of_character = [
        tag for token, tag in zip(marked, answer.tags, strict=True) for _ in token
    ]
    projected = _project(of_character, "".join(marked), "".join(tokens), where)
    bounds = pairwise(accumulate(map(len, tokens), initial=0))
    return to_iob2([_majority(projected[start:stop]) for start, stop in bounds])


def _project(tags, text, target, where):
    """Transfer tags of characters from one text to another."""
    if text == target:
        return tags
    matcher = SequenceMatcher(None, text, target, autojunk=False)
    if 2 * sum(block.size for block in matcher.get_matching_blocks()) < len(target):
        raise ValueError(
            f"{where} should be about {target[:40]!r}, but reads {text[:40]!r}: the "
            "answer is to another text."
        )
    projected = ["O"] * len(target)
    for start, to, size in matcher.get_matching_blocks():
        projected[to : to + size] = tags[start : start + size]
    return projected


def _majority(tags):
    marks = Counter(tag for tag in tags if tag != "O")
    mark, count = marks.most_common(1)[0] if marks else ("O", len(tags))
    return mark if 2 * count >= len(tags) else "O"
