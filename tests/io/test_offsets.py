import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrowd.io._offsets import Places

ALPHABET = "aB \n\u00e9e\u0301\U0001f600\U0001f469\u200d\U0001f4bb\u4e2d"
TEXTS = st.text(ALPHABET, min_size=1)


def in_unit(text, place, unit, has_short_lines):
    before = text[:place]
    if has_short_lines:
        before = before.replace("\r\n", "\n")
    width = len(before.encode("utf-16-le")) // 2
    return width if unit == "utf-16" else len(before)


@given(TEXTS, st.data(), st.sampled_from(["characters", "utf-16"]), st.booleans())
def test_spans_are_found_in_every_unit(text, data, unit, is_windows):
    text = text.replace("\n", "\r\n") if is_windows else text
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    given_start, given_end = (in_unit(text, k, unit, False) for k in (start, end))
    places = Places(unit)
    assert places.find(text, given_start, given_end, None, "here") == (start, end)
    found = Places().find(text, given_start, given_end, text[start:end], "here")
    assert text[found[0] : found[1]] == text[start:end]


def test_short_lines():
    text = "a\r\n\U0001f600b\r\nc"
    start = text.index("c")
    for unit in ("characters", "utf-16"):
        given_start = in_unit(text, start, unit, True)
        assert Places().find(text, given_start, given_start + 1, "c", "") == (
            start,
            len(text),
        )


@pytest.mark.parametrize("place", [(-1, 2), (2, 2), (3, 2), (0, 9)])
@pytest.mark.parametrize("unit", ["auto", "characters", "utf-16"])
def test_places_outside_the_text(place, unit):
    assert Places(unit).find("ab\U0001f600", *place, None, "here") is None


def test_half_of_an_emoji_is_no_place():
    assert Places("utf-16").find("\U0001f600a", 1, 3, None, "here") is None


@pytest.mark.parametrize(
    ("text", "span"),
    [("\U0001f600\u5c0f\u660e\u5728\u5bb6", (2, 4)), ("\U0001f600 unseen", (4, 6))],
)
def test_words_do_not_tell_in_scripts_without_spaces_nor_within_words(text, span):
    places = Places(by_words=True)
    with pytest.raises(ValueError, match=r"as Python counts.* or 'utf-16' \(as browse"):
        places.find(text, *span, None, "record 1")
    assert Places("characters").find(text, *span, None, "") == span
    assert Places("utf-16").find(text, *span, None, "") == (span[0] - 1, span[1] - 1)


def test_what_is_not_decided_by_words_may_be_by_the_text():
    text = "\U0001f600\u5c0f\u660e"
    places = Places(by_words=True)
    assert places.find(text, 2, 4, None, "") == (1, 3)  # beyond the text in characters
    assert places.find(text, 1, 3, None, "") == (1, 3)  # in UTF-16 within the emoji


def test_unknown_units():
    with pytest.raises(ValueError, match="offsets must be"):
        Places("bytes")
