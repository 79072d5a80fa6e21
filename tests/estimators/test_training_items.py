"""Which samples a fitted estimator has learned from."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from skcrowd.estimators._training_items import is_training_item, item_hashes
from skcrowd.training import SequenceRows

X = np.random.default_rng(0).standard_normal((6, 4))


@pytest.mark.parametrize("form", [np.float32, np.float64, csr_array])
def test_rows_are_known_in_every_form(form):
    given = form(X) if form is csr_array else X.astype(form)
    known = np.unique(item_hashes(X[:3].astype(np.float32)))
    assert is_training_item(given, known).tolist() == [True] * 3 + [False] * 3


def test_sequences_are_known_by_their_tokens_in_order():
    known = np.unique(item_hashes(SequenceRows(X, np.array([2, 4]))))
    for tokens, lengths, expected in (
        (X.astype(np.float32), [2, 4], [True, True]),
        (X[[1, 0, 2, 3, 4, 5]], [2, 4], [False, True]),
        (X, [3, 3], [False, False]),
        (X, [2, 1, 3], [True, False, False]),
    ):
        rows = SequenceRows(tokens, np.array(lengths))
        assert is_training_item(rows, known).tolist() == expected


def test_codes_of_words_are_compared_as_they_are():
    words = SequenceRows(np.array([[1, 2], [3, 4]]), np.array([1, 1]))
    assert is_training_item(words, item_hashes(words)).all()


def test_where_nothing_is_known_every_sample_may_be_one():
    assert is_training_item(X, None).all()
