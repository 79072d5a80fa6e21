"""Sentences of tagged tokens, and answers aligned to other tokens."""

import pytest

from skcrowd.datasets._conll_align import align_tags
from skcrowd.datasets._conll_format import Sentence, read_sentences, to_iob2


@pytest.mark.parametrize(
    ("answer", "gold", "expected"),
    [
        pytest.param("U.S./LOC|O won|O", "U.S. won", "O O", id="suffix"),
        pytest.param("Rome/LOC/B-MISC|B-LOC", "Rome", "B-LOC", id="two suffixes"),
        pytest.param("yr|O /|O yr|O", "yr / yr", "O O O", id="a slash is no suffix"),
        pytest.param("Iraq|B-LOC i|O", "Iraqi", "B-LOC", id="split, most marked"),
        pytest.param("s|B-LOC aid|O", "said", "O", id="split, least marked"),
        pytest.param("pro-|O Rome|B-LOC", "pro-Rome", "B-LOC", id="split, half"),
        pytest.param("Thai|B-MISC land|B-LOC", "Thailand", "B-MISC", id="split, tie"),
        pytest.param(
            "Bonn|B-LOC -|O Roman|B-MISC", "Bonn-Roman", "B-MISC", id="split in three"
        ),
        pytest.param("NewYork|B-LOC", "New York", "B-LOC B-LOC", id="merged"),
        pytest.param("Al|B-PER |I-PER Ng|I-PER", "Al Ng", "B-PER I-PER", id="empty"),
        pytest.param(
            "Leipzig|B-LOC |I-LOC Halle|I-LOC",
            "Leipzig / Halle",
            "B-LOC O B-LOC",
            id="lost text",
        ),
        pytest.param(
            "company/B-MI|O S|B-ORG C|O won|O", "company won", "O O", id="added text"
        ),
        pytest.param(
            "a|O New|I-LOC York|I-LOC", "a New York", "O B-LOC I-LOC", id="I-"
        ),
    ],
)
def test_tags_are_aligned_on_characters(answer, gold, expected):
    pairs = [pair.split("|") for pair in answer.split(" ")]
    answer = Sentence(*zip(*pairs, strict=True))
    found = align_tags(answer, tuple(gold.split()), "here")
    assert " ".join(found) == expected


def test_an_answer_to_another_text_is_refused():
    answer = Sentence(("Paris", "is", "big"), ("O", "O", "O"))
    with pytest.raises(
        ValueError, match=r"here should be about 'Oslo', but reads 'Par"
    ):
        align_tags(answer, ("Oslo",), "here")


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("", ""),
        ("I-PER I-PER", "B-PER I-PER"),
        ("B-LOC I-PER", "B-LOC B-PER"),
        ("O I-LOC O I-LOC", "O B-LOC O B-LOC"),
        ("B-LOC B-LOC I-LOC", "B-LOC B-LOC I-LOC"),
    ],
)
def test_names_begin_with_b(tags, expected):
    assert to_iob2(tags.split()) == tuple(expected.split())


def test_sentences_are_blocks_of_lines():
    text = "\nDr. B-PER\n B-PER\n\n\n. O"
    assert read_sentences(text, "x") == [
        (("Dr.", ""), ("B-PER",) * 2),
        ((".",), ("O",)),
    ]
    assert read_sentences("\n\n", "x") == []


@pytest.mark.parametrize("line", ["Rome", "Rome B-CITY", "O", " ", "Rome\tO"])
def test_a_malformed_line_is_named(line):
    with pytest.raises(ValueError, match=r"x\.txt, line 3 should hold a token"):
        read_sentences(f"No O\n\n{line}\n", "x.txt")
