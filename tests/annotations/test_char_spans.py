"""Character spans, tokens and tags."""

import pickle
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrowd.annotations import (
    RegexTokenizer,
    SequenceAnnotations,
    Span,
    TokenizedTexts,
)
from skcrowd.annotations._char_spans import (
    CUT,
    EMPTY,
    NESTED,
    OVERLAPPING,
    REPEATED,
    TRIMMED,
    spans_as_tags,
    tags_as_spans,
)
from skcrowd.annotations._span_tags import tag_spans
from skcrowd.exceptions import CrowdWarning

SCHEMES = "IOB2", "BIOES"
schemes = pytest.mark.parametrize("scheme", SCHEMES)
ALPHABET = "aB1 .\n\u00e9e\u0301\U0001f600\u200d\U0001f3fd\u0915\u093e\u4e2d"


@st.composite
def token_spans(draw):
    """Offsets of tokens with gaps, and disjoint spans of whole tokens."""
    widths = draw(st.lists(st.integers(1, 3), min_size=1, max_size=8))
    gaps = draw(st.lists(st.integers(0, 2), min_size=len(widths), max_size=len(widths)))
    offsets, place = [], 0
    for width, gap in zip(widths, gaps, strict=True):
        offsets.append((place + gap, place + gap + width))
        place += gap + width
    spans, first = [], 0
    while first < len(offsets):
        last = draw(st.integers(first, len(offsets) - 1))
        label = draw(st.sampled_from(["PER", "B-X", "", "a b", None]))
        if label is not None:
            spans.append(Span(offsets[first][0], offsets[last][1], label))
        first = last + 1
    has_type = [span for span in spans if span.label]
    return offsets, has_type if has_type else spans


@schemes
@given(token_spans())
def test_disjoint_spans_of_whole_tokens_come_back(scheme, case):
    offsets, spans = case
    losses = Counter()
    tags = spans_as_tags(spans[::-1], offsets, scheme, losses)
    assert tags_as_spans(tags, offsets) == spans
    assert not losses


@schemes
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 6)), max_size=5),
    st.text(ALPHABET, min_size=15, max_size=15),
)
def test_any_spans_are_kept_or_counted(scheme, places, text):
    offsets = RegexTokenizer()(text)
    spans = [Span(a, a + n, f"L{k}") for k, (a, n) in enumerate(places)]
    losses = Counter()
    found = tags_as_spans(spans_as_tags(spans, offsets, scheme, losses), offsets)
    assert len(found) == len(spans) - sum(
        losses[reason] for reason in (EMPTY, REPEATED, NESTED, OVERLAPPING)
    )
    changed = [span for span in found if span not in spans]
    assert len(changed) == losses[CUT] + losses[TRIMMED]
    again = spans_as_tags(found, offsets, scheme, Counter())
    assert tags_as_spans(again, offsets) == found


@pytest.mark.parametrize(
    ("spans", "expected", "lost"),
    [
        ([(0, 2, "X")], [(0, 3, "X")], CUT),
        ([(1, 7, "X")], [(0, 7, "X")], CUT),
        ([(3, 8, "X")], [(4, 7, "X")], TRIMMED),
        ([(3, 4, "X")], [], EMPTY),
        ([(0, 3, "X"), (0, 3, "X")], [(0, 3, "X")], REPEATED),
        ([(0, 3, "X"), (0, 7, "Y")], [(0, 7, "Y")], NESTED),
        ([(0, 3, "X"), (0, 3, "Y")], [(0, 3, "X")], NESTED),
        ([(0, 7, "X"), (4, 12, "Y")], [(4, 12, "Y")], OVERLAPPING),
    ],
)
def test_what_tags_cannot_say(spans, expected, lost):
    X = TokenizedTexts(["Bob Lee  met"])
    with pytest.warns(CrowdWarning) as warned:
        tags = X.tags([spans])
    assert f"{lost}: 1" in str(warned[0].message)
    assert X.spans(tags) == [expected]


def test_adjacent_spans_stay_apart():
    X = TokenizedTexts(["Bob Lee"])
    spans = [[(0, 3, "PER"), (4, 7, "PER")]]
    for scheme, tags in zip(SCHEMES, [["B-PER"] * 2, ["S-PER"] * 2], strict=True):
        assert X.tags(spans, scheme=scheme) == [tags]
        assert X.spans([tags]) == spans


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("I-P I-P O", [(0, 1, "P")]),
        ("B-P I-Q", [(0, 0, "P"), (1, 1, "Q")]),
        ("B I O B", [(0, 1, ""), (3, 3, "")]),
        ("B-P E-P S-P U-P", [(0, 1, "P"), (2, 2, "P"), (3, 3, "P")]),
        ("B-P L-P I-P", [(0, 1, "P"), (2, 2, "P")]),
    ],
)
def test_tag_spans(tags, expected):
    assert tag_spans(tags.split()) == expected


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Don't go!", ["Don", "'", "t", "go", "!"]),
        ("cafe\u0301s", ["cafe\u0301s"]),
        ("\u0915\u093e\u092e", ["\u0915\u093e\u092e"]),  # Hindi, with a vowel sign
        (
            "a\U0001f469\u200d\U0001f4bb\U0001f44d\U0001f3fd",
            ["a", "\U0001f469\u200d\U0001f4bb", "\U0001f44d\U0001f3fd"],
        ),
        ("\u2600\ufe0f ok", ["\u2600\ufe0f", "ok"]),
        ("a_b 3.5", ["a_b", "3", ".", "5"]),
        (" \r\n", []),
    ],
)
def test_the_default_tokenizer(text, tokens):
    assert TokenizedTexts([text]) == [tokens]


@given(st.text(max_size=30))
def test_tokens_are_the_text_without_white_space(text):
    X = TokenizedTexts([text])
    assert "".join(X[0]) == "".join(text.split())
    assert [text[a:b] for a, b in X.offsets[0]] == X[0]


class Fast:
    """Like a fast tokenizer of transformers."""

    is_fast = True

    def __call__(self, text, *, add_special_tokens, return_offsets_mapping):
        assert not add_special_tokens
        assert return_offsets_mapping
        return {"offset_mapping": [(0, 0), (0, 2), (2, 3), (4, 7)]}


class Encoder:
    """Like a tokenizers.Tokenizer."""

    def encode(self, text, add_special_tokens):
        assert not add_special_tokens
        return SimpleNamespace(offsets=[(0, 2), (2, 3), (4, 7)])


def doc(text):
    """Like a Doc of spaCy."""
    words = [(0, "Bo"), (2, "b"), (3, " "), (4, "Lee")]
    return [SimpleNamespace(idx=place, text=word) for place, word in words]


TOKENIZERS = {
    "tokens": lambda text: ["Bo", "b", "Lee"],
    "offsets": lambda text: [(0, 2), (2, 3), (4, 7)],
    "array": lambda text: np.array([(0, 2), (2, 3), (4, 7)]),
    "generator": lambda text: (pair for pair in [(0, 2), (2, 3), (4, 7)]),
    "pattern": "Bo|b|Lee",
    "encoding": lambda text: {"offset_mapping": [(0, 2), (2, 3), (2, 3), (4, 7)]},
    "transformers": Fast(),
    "tokenizers": Encoder(),
    "spaCy": doc,
    "bytes": lambda text: [(0, 2), (2, 3), (3, 7)],
    "spaces": lambda text: [(0, 2), (2, 4), (3, 4), (4, 7)],
}


@pytest.mark.parametrize("tokenizer", TOKENIZERS.values(), ids=TOKENIZERS)
def test_tokenizers(tokenizer):
    X = TokenizedTexts(["Bob Lee"], tokenizer)
    assert X == [["Bo", "b", "Lee"]]
    assert X.offsets == [[(0, 2), (2, 3), (4, 7)]]


@pytest.mark.parametrize(
    ("tokenizer", "error", "message"),
    [
        (3, TypeError, "tokenizer must be a callable"),
        (lambda text: 3, TypeError, "returned a int for 'Bob Lee'"),
        (lambda text: text, TypeError, "returned a str"),
        (lambda text: [1, 2], TypeError, "returned .1, 2. for"),
        (lambda text: ["bob"], ValueError, "the token 'bob' does not occur"),
        (lambda text: ["Lee", "Bob"], ValueError, "from character 7 on"),
        (lambda text: [(0, 9)], ValueError, r"offsets \(0, 9\)"),
        (lambda text: [(0, 3), (2, 5)], ValueError, "they must ascend"),
    ],
)
def test_other_tokenizers(tokenizer, error, message):
    with pytest.raises(error, match=message):
        TokenizedTexts(["Bob Lee"], tokenizer)


def test_tokenized_texts_are_lists():
    X = TokenizedTexts(["a b", "c", "d"])
    assert X == [["a", "b"], ["c"], ["d"]]
    assert X[1] == ["c"]
    assert X[np.int64(1)] == ["c"]
    for rows in (
        [0, 2],
        np.array([0, 2]),
        slice(0, 3, 2),
        np.array([True, False, True]),
    ):
        some = X[rows]
        assert some == [["a", "b"], ["d"]]
        assert some.texts == ["a b", "d"]
        assert some.offsets == [[(0, 1), (2, 3)], [(0, 1)]]
        assert some.tokenizer == X.tokenizer
    twin = pickle.loads(pickle.dumps(X))
    assert twin == X
    assert twin.offsets == X.offsets
    assert twin.tokenizer == X.tokenizer


def test_texts_are_cut_where_somebody_else_found_tokens():
    X = TokenizedTexts.from_offsets(["don't", "so what"], [[(0, 2), (2, 5)], [(3, 7)]])
    assert X == [["do", "n't"], ["what"]]
    assert X.texts == ["don't", "so what"]
    assert X.offsets == [[(0, 2), (2, 5)], [(3, 7)]]
    assert X.tags([[], [(3, 7, "Q")]]) == [["O", "O"], ["B-Q"]]
    assert X.tokenizer is None
    for offsets in ([[(0, 2)]], [[(0, 2)]] * 3):
        with pytest.raises(ValueError, match="lists, texts 2 texts"):
            TokenizedTexts.from_offsets(["don't", "so what"], offsets)
    with pytest.raises(ValueError, match=r"\(3, 9\)"):
        TokenizedTexts.from_offsets(["don't"], [[(3, 9)]])


def test_texts_are_checked():
    with pytest.raises(TypeError, match=r"pass \[text\]"):
        TokenizedTexts("a b")
    with pytest.raises(TypeError, match="text 1 is a NoneType"):
        TokenizedTexts(["a", None])


def test_tags_and_spans_are_checked():
    X = TokenizedTexts(["Bob Lee"])
    with pytest.raises(ValueError, match="spans are of 2 texts"):
        X.tags([[], []])
    with pytest.raises(ValueError, match="scheme must be one of"):
        X.tags([[]], scheme="IOB1")
    with pytest.raises(ValueError, match=r"text 0: the span \(0, 8, 'X'\)"):
        X.tags([[(0, 8, "X")]])
    with pytest.raises(ValueError, match="does not lie in the text"):
        X.tags([[(3, 3, "X")]])
    for wrong in [(0, 3), "abc", {"start": 0}, (0.5, 3, "X"), 7]:
        with pytest.raises(TypeError, match=r"a span is \(start, end, label\)"):
            X.tags([[wrong]])
    with pytest.raises(ValueError, match="tag sequence 0 has 1 tags"):
        X.spans([["O"]])


TEXTS = ["Ann met Bob Lee", "It rained"]


@pytest.mark.parametrize(
    "spans",
    [
        [{"x": [(0, 3, "P")], "y": [(8, 15, "P")]}, {"x": []}],
        [[[(0, 3, "P")], [{"start": 8, "end": 15, "label": "P"}]], [[], None]],
    ],
)
def test_from_spans(spans):
    S = SequenceAnnotations.from_spans(TEXTS, spans, annotator_names=["x", "y"])
    assert S[0] == {"x": ["B-P", "O", "O", "O"], "y": ["O", "O", "B-P", "I-P"]}
    assert S[1] == {"x": ["O", "O"]}
    assert S.lengths.tolist() == [4, 2]
    again = SequenceAnnotations.from_spans(
        TokenizedTexts(TEXTS), spans, annotator_names=["x", "y"]
    )
    assert again == S


def test_names_of_texts_and_schemes():
    spans = [{"x": [(8, 15, "P")]}, {"x": []}]
    S = SequenceAnnotations.from_spans(
        TEXTS, spans, scheme="BIOES", sequence_ids=["t2", "t1"]
    )
    assert S.sequence_names.tolist() == ["t2", "t1"]
    assert S[0] == {"x": ["O", "O", "B-P", "E-P"]}


@pytest.mark.parametrize(
    ("spans", "error", "message"),
    [
        ([{}], ValueError, "spans has 1 rows, but there are 2 texts"),
        ([{}, {}], ValueError, "nobody annotated a text"),
        ([[(0, 3, "P")], {}], TypeError, "row 0 of spans must be a dict"),
        ([{"x": [(0, 99, "P")]}, {}], ValueError, "text 0, annotator 'x': the span"),
        ([[[]], {}], ValueError, "row 0 of spans has 1 cells, but there are 2"),
        ([3, {}], TypeError, "row 0 of spans must be a dict"),
    ],
)
def test_spans_of_annotators_are_checked(spans, error, message):
    with pytest.raises(error, match=message):
        SequenceAnnotations.from_spans(TEXTS, spans, annotator_names=["x", "y"])


def test_texts_need_a_token():
    with pytest.raises(ValueError, match="text 1, ' ', has no token"):
        SequenceAnnotations.from_spans(["a", " "], [{"x": []}, {}])
    with pytest.raises(ValueError, match="leave tokenizer out"):
        SequenceAnnotations.from_spans(
            TokenizedTexts(["a"]), [{"x": []}], tokenizer=r"\S+"
        )


def test_losses_are_a_warning():
    with pytest.warns(CrowdWarning, match=r"of 1 spans not all .* cut a token.*: 1"):
        SequenceAnnotations.from_spans(["Anna"], [{"x": [(0, 3, "P")]}])
