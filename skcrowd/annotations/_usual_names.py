"""The usual names of columns of a table that has a row for each answer."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "ANNOTATOR",
    "ANSWER",
    "ITEM",
    "PREFERRED",
    "by_plain_name",
    "long_columns",
    "preference_columns",
    "usual_pair",
]


def _words(text: str) -> list[str]:
    return text.split()


# Lower case, the likeliest first.
ITEM = _words(
    "item item_id task task_id example example_id instance instance_id document "
    "document_id doc_id question question_id unit unit_id _unit_id sample sample_id "
    "image image_id id orig_id review_id tweet_id post_id comment_id message_id "
    "record_id article_id paragraph_id case_id clip_id video_id hit_id hitid text url"
)
ANNOTATOR = _words(
    "annotator annotator_id annotator_name worker worker_id workerid user user_id "
    "username rater rater_id coder coder_id labeler labeler_id labeller judge judge_id "
    "participant participant_id turk_id _worker_id"
)
ANSWER = _words(
    "answer label annotation response rating score judgment judgement value class "
    "category choice vote tag code"
)

PREFERRED = _words(
    "preferred preference winner better chosen choice answer label vote response "
    "judgment judgement"
)
# Columns of two items that are compared.
PAIRS = [
    ("first", "second"),
    ("left", "right"),
    *(
        (f"{noun}_{a}", f"{noun}_{b}")
        for noun in _words(
            "item model option response answer text output candidate completion "
            "summary image document"
        )
        for a, b in (("a", "b"), ("1", "2"))
    ),
]

# Of tables of tag sequences and of sets of labels.
_ITEM = [*ITEM, "sequence", "sequence_id", "sentence", "sentence_id"]
_ANSWER = [*ANSWER, "tags", "labels", "answers"]


def by_plain_name(names: Iterable[str]) -> dict[str, str]:
    """Return the names of columns by themselves in lower case, without spaces.

    Parameters
    ----------
    names : iterable of str
        The first of several counts.
    """
    return {name.strip().lower().replace(" ", "_"): name for name in reversed([*names])}


def long_columns(names: Iterable[object]) -> tuple[str, str, str] | None:
    """Return the columns of item, annotator and answer, or None if one lacks.

    Parameters
    ----------
    names : iterable
        Of all columns of a table.
    """
    plain = by_plain_name(name for name in names if isinstance(name, str))
    found = [
        next((plain[name] for name in usual if name in plain), None)
        for usual in (_ITEM, ANNOTATOR, _ANSWER)
    ]
    item, annotator, answer = found
    if item is None or annotator is None or answer is None:
        return None
    return item, annotator, answer


def usual_pair(names: Iterable[str], answer: str | None) -> tuple[str, str] | None:
    """Return the columns of the items compared, if there is a preference, too.

    Parameters
    ----------
    names : iterable of str
        Of all columns of a table.
    answer : str or None
        The column of preferences, if it is known.
    """
    plain = by_plain_name(names)
    for first, second in PAIRS:
        if first in plain and second in plain:
            pair = plain[first], plain[second]
            has_answer = any(plain.get(n, pair[0]) not in pair for n in PREFERRED)
            if has_answer or answer is not None:
                return pair
    return None


def preference_columns(names: Iterable[object]) -> tuple[str, str, str, str] | None:
    """Return the columns of two items, preference and annotator, or None.

    Parameters
    ----------
    names : iterable
        Of all columns of a table.
    """
    plain = by_plain_name(name for name in names if isinstance(name, str))
    pair = usual_pair(plain.values(), None)
    annotator = next((plain[name] for name in ANNOTATOR if name in plain), None)
    if pair is None or annotator is None:
        return None
    preferred = next(plain[n] for n in PREFERRED if plain.get(n, pair[0]) not in pair)
    return *pair, preferred, annotator
