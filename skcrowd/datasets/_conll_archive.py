"""The archive of tagged texts: one folder of documents per annotator."""

import re
from collections import Counter, defaultdict
from itertools import chain
from typing import NamedTuple
from zipfile import ZipFile

from skcrowd.datasets._conll_format import Sentence, read_sentences

# Documents of different parts of the archive differ, even if their names are equal.
PATH = re.compile(
    r"(?P<part>.+)/"
    r"(ground_truth|mturk_train_data/(?P<annotator>[^/]+))/"
    r"(?P<document>[^/]+)\.txt"
)


class TaggedSentence(NamedTuple):
    """A sentence with gold tags, answers by annotator, and its position."""

    gold: Sentence
    answers: dict[str, Sentence]
    where: str


def read_archive(path):
    """Read the sentences that annotators tagged.

    Parameters
    ----------
    path : pathlib.Path
        A zip file with ``<part>/ground_truth/<document>.txt`` and
        ``<part>/mturk_train_data/<annotator>/<document>.txt``.

    Returns
    -------
    sentences : list of TaggedSentence
        As written, ordered by the name of their document.

    Raises
    ------
    ValueError
        If there are no answers, or answers to a document without gold tags or with
        another number of sentences.
    """
    gold, answers = _documents(path)
    if not answers:
        raise ValueError(
            f"{path.name} holds no documents of annotators, which should be at "
            "<part>/mturk_train_data/<annotator>/<document>.txt."
        )
    return list(
        chain.from_iterable(
            _sentences("/".join(document[::-1]), gold.get(document, []), by_annotator)
            for document, by_annotator in sorted(answers.items())
        )
    )


def _documents(path):
    """Read gold tags by document, and answers by document and annotator."""
    gold: dict[tuple[str, str], list[Sentence]] = {}
    answers: defaultdict[tuple[str, str], dict] = defaultdict(dict)
    with ZipFile(path) as archive:
        for found in filter(None, map(PATH.fullmatch, archive.namelist())):
            text = archive.read(found.string).decode("utf-8")
            sentences = read_sentences(text, found.string)
            document = found["document"], found["part"]
            if found["annotator"]:
                answers[document][found["annotator"]] = sentences
            else:
                gold[document] = sentences
    return gold, answers


def _sentences(where, gold, by_annotator):
    """Join the gold tags of a document and the answers, sentence by sentence."""
    for annotator, answers in by_annotator.items():
        if len(answers) != len(gold):
            raise ValueError(
                f"{where} is of {len(answers)} sentences as tagged by {annotator}, "
                f"but of {len(gold)} in ground_truth: the files do not belong together."
            )
    return [
        TaggedSentence(
            sentence,
            {annotator: answers[k] for annotator, answers in by_annotator.items()},
            f"{where}, sentence {k}",
        )
        for k, sentence in enumerate(gold)
    ]


def keep_listed(sentences, listed):
    """Keep as many copies of each sentence as a list has, the first ones.

    Parameters
    ----------
    sentences : list of TaggedSentence
    listed : list of Sentence
        Compared by tokens only.

    Returns
    -------
    kept : list of TaggedSentence

    Raises
    ------
    ValueError
        If none is listed.
    """
    left = Counter(sentence.tokens for sentence in listed)
    kept = []
    for sentence in sentences:
        if left[sentence.gold.tokens] > 0:
            left[sentence.gold.tokens] -= 1
            kept.append(sentence)
    if not kept:
        raise ValueError(
            f"None of {len(listed)} listed sentences is among the {len(sentences)} "
            "that annotators tagged: the files do not belong together."
        )
    return kept
