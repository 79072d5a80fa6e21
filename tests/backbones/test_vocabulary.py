"""Tokens as codes."""

import pickle

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from skcrowd.backbones import Vocabulary

TOKENS = ["The", "Bank", "of", "England", "said", "1999", "bank", "B.", "the", "éÉ"]


@pytest.fixture(scope="module")
def vocabulary():
    return Vocabulary().fit(TOKENS)


def code_of(vocabulary, column, *tokens):
    return vocabulary.encode(tokens)[:, column].tolist()


def test_every_token_has_word_shape_and_affixes(vocabulary):
    codes = vocabulary.encode(TOKENS)
    assert codes.shape == (len(TOKENS), 2 + 2 * 4)
    assert codes.dtype == np.int32
    sizes = vocabulary.sizes
    assert sizes["n_codes"] == codes.shape[1]
    tops = sizes["n_words"], sizes["n_shapes"], sizes["n_affixes"]
    assert all(
        part.max() < top
        for part, top in zip(
            (codes[:, 0], codes[:, 1], codes[:, 2:]), tops, strict=True
        )
    )


def test_words_know_neither_case_nor_digits(vocabulary):
    assert len(set(code_of(vocabulary, 0, "Bank", "bank", "BANK"))) == 1
    assert len(set(code_of(vocabulary, 0, "1999", "2001"))) == 1
    assert code_of(vocabulary, 0, "Bank") != code_of(vocabulary, 0, "England")


def test_shapes_know_case_and_digits():
    vocabulary = Vocabulary(min_count=1).fit(
        ["Bank", "bank", "BANK", "d1", "x1", "a-b"]
    )
    small, also, title, capitals, digit, hyphen = code_of(
        vocabulary, 1, "bank", "did", "Lord", "LORDS", "d1", "a-b"
    )
    assert small == also
    assert len({small, title, capitals, digit, hyphen}) == 5
    assert code_of(vocabulary, 1, "Y") == [0]


def test_affixes_are_prefixes_and_suffixes_in_turn():
    vocabulary = Vocabulary(longest_affix=2, min_count=1).fit(["abc"])
    whole = vocabulary.encode(["abc"])[0, 2:]
    assert len(set(whole)) == 4
    assert (vocabulary.encode(["abX"])[0, 2:] == whole * [1, 0, 1, 0]).all()
    assert (vocabulary.encode(["Xbc"])[0, 2:] == whole * [0, 1, 0, 1]).all()


def test_what_is_rare_or_unknown_has_code_zero(vocabulary):
    assert code_of(vocabulary, 0, "Zürich", "of") == [0, vocabulary.words_["of"]]
    assert not vocabulary.encode(["Ωx"])[0, 2:].any()
    # "En", like England, begins one token only
    assert code_of(vocabulary, 4, "England") == [0]


def test_words_are_counted(vocabulary):
    counts = vocabulary.word_counts_
    assert counts[0] == 0
    assert counts.sum() == len(TOKENS)
    assert counts[vocabulary.words_["the"]] == 2


def test_the_order_of_tokens_does_not_matter(vocabulary):
    other = Vocabulary().fit(TOKENS[::-1])
    assert (other.encode(TOKENS) == vocabulary.encode(TOKENS)).all()


@pytest.mark.parametrize("token", ["", "\ud800", "x" * 500, "😀", "日本"])
def test_strange_tokens_have_codes(vocabulary, token):
    Vocabulary().fit([token, "a"]).encode([token])
    assert vocabulary.encode([token]).shape == (1, 10)


def test_pickle_encodes_identically(vocabulary):
    twin = pickle.loads(pickle.dumps(vocabulary))
    assert (twin.encode(TOKENS) == vocabulary.encode(TOKENS)).all()


def test_encode_needs_fit():
    with pytest.raises(NotFittedError, match="call fit first"):
        Vocabulary().encode(["a"])
