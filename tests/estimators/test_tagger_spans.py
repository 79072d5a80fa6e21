"""Character spans in, character spans out."""

import copy
import pickle

import numpy as np
import pytest
from _sequence_data import ANSWERS, TOKENS

import skcrowd
from skcrowd import CrowdSequenceTagger, SequenceAnnotations
from skcrowd.annotations import RegexTokenizer, TokenizedTexts

TEXTS = ["Ann met Bob.", "Bob slept.", "\U0001f600 Tim left Ann.", "It rained."] * 6
NAMES = "Ann", "Bob", "Tim"


def spans_of(text):
    places = sorted((text.find(name), name) for name in NAMES if name in text)
    return [(start, start + len(name), "PER") for start, name in places]


def fitted(texts=TEXTS, tokenizer=None, **params):
    X = TokenizedTexts(texts, tokenizer)
    rows = [{annotator: spans_of(text) for annotator in "xy"} for text in texts]
    y = SequenceAnnotations.from_spans(X, rows)
    return CrowdSequenceTagger(max_epochs=20, random_state=0, **params).fit(X, y)


@pytest.fixture(scope="module")
def tagger():
    return fitted()


def test_spans_of_other_texts(tagger):
    texts = ["\U0001f600\U0001f600 Bob met Tim!", " \n", "It rained.", "Ann"]
    assert tagger.predict_spans(texts) == [spans_of(text) for text in texts]
    assert tagger.predict_spans([]) == []


def test_predicted_spans_are_the_predicted_tags(tagger):
    X = TokenizedTexts(TEXTS)
    assert tagger.predict_spans(X) == X.spans(tagger.predict(X))
    assert tagger.predict_spans(TEXTS) == tagger.predict_spans(X)


def test_the_tokenizer_is_remembered(tmp_path):
    tagger = fitted(tokenizer=r"\w+")
    assert tagger.tokenizer_ == RegexTokenizer(r"\w+")
    copies = [
        copy.deepcopy(tagger),
        pickle.loads(pickle.dumps(tagger)),
        skcrowd.load(skcrowd.save(tagger, tmp_path / "tagger.skcrowd")),
    ]
    for twin in copies:
        assert twin.tokenizer_ == tagger.tokenizer_
        assert twin.predict_spans(TEXTS) == tagger.predict_spans(TEXTS)


def test_other_tokenizers_are_passed_again(tagger):
    split = fitted(tokenizer=lambda text: text.replace(".", " .").split())
    assert not hasattr(split, "tokenizer_")
    with pytest.raises(ValueError, match="pass tokenizer="):
        split.predict_spans(TEXTS)
    X = TokenizedTexts(TEXTS)
    given = split.predict_spans(TEXTS, tokenizer=RegexTokenizer())
    assert given == X.spans(split.predict(X))
    with pytest.raises(ValueError, match="tokenized already"):
        tagger.predict_spans(TokenizedTexts(TEXTS), tokenizer=r"\S+")


def test_a_new_fit_forgets(tagger):
    again = copy.deepcopy(tagger)
    again.fit(list(map(list, TOKENS)), ANSWERS)
    assert not hasattr(again, "tokenizer_")


def test_features_and_other_tags_have_no_spans():
    X = [np.ones((2, 3)), np.zeros((1, 3))]
    y = [[["B", "O"], ["B", "O"]], [["O"], ["B"]]]
    tagger = CrowdSequenceTagger(max_epochs=1).fit(X, y)
    with pytest.raises(ValueError, match="it had features"):
        tagger.predict_spans(["Ann"])
    words = CrowdSequenceTagger(max_epochs=1)
    words.fit([["a", "b"], ["a"]], [[["N", "V"], ["N", "N"]], [["V"], ["N"]]])
    with pytest.raises(ValueError, match=r"needs lists of tokens and tags.*'N', 'V'"):
        words.predict_spans(["a"])
