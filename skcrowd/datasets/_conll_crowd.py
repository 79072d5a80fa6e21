"""Answers of a crowd to the tokens of sentences."""

import numpy as np

from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.datasets._conll_align import align_tags
from skcrowd.datasets._conll_archive import keep_listed, read_archive
from skcrowd.datasets._conll_format import TAGS, Sentence, read_file, to_iob2


def read_crowd(archive, listed):
    """Read the sentences that a crowd tagged.

    Parameters
    ----------
    archive : pathlib.Path
        See `read_archive`.
    listed : pathlib.Path
        A file of the sentences to keep.

    Returns
    -------
    gold : list of Sentence
        With true tags, in IOB2.
    annotations : SequenceAnnotations of shape (n_sentences, n_annotators)
        Annotators in the order of their names.
    """
    tagged = read_archive(archive)
    annotators = sorted({name for sentence in tagged for name in sentence.answers})
    kept = keep_listed(tagged, read_file(listed))
    lengths = np.array([len(sentence.gold.tokens) for sentence in kept], dtype=np.int64)
    gold = [Sentence(tokens, to_iob2(tags)) for (tokens, tags), _, _ in kept]
    return gold, SequenceAnnotations(_annotations(kept, lengths, annotators), lengths)


def _annotations(sentences, lengths, annotators):
    code = {tag: k for k, tag in enumerate(TAGS)}
    column = {name: k for k, name in enumerate(annotators)}
    answers = np.full((lengths.sum(), len(annotators)), -1, dtype=np.int8)
    ends = np.cumsum(lengths)
    for sentence, start, end in zip(sentences, ends - lengths, ends, strict=True):
        for name, tags in _aligned(sentence):
            answers[start:end, column[name]] = [code[tag] for tag in tags]
    item, annotator = np.nonzero(answers >= 0)
    return Annotations.from_long(
        item,
        np.array(annotators)[annotator],
        np.array(TAGS)[answers[item, annotator]],
        n_items=len(answers),
        annotator_ids=annotators,
        classes=TAGS,
    )


def _aligned(sentence):
    """Yield annotators and their tags of the tokens."""
    for name, answer in sentence.answers.items():
        where = f"{sentence.where}, as tagged by {name},"
        yield name, align_tags(answer, sentence.gold.tokens, where)
