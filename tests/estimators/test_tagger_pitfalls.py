"""What a user may trip over, and what the tagger says or does then."""

import numpy as np
import pytest
import torch
from _sequence_data import ANSWERS, FEATURES, Recurrent
from skorch.callbacks import Callback, LRScheduler
from torch import nn

from skcrowd import CrowdSequenceTagger
from skcrowd.annotations import SequenceAnnotations
from skcrowd.exceptions import CrowdWarning

X = [["Ann", "met", "Bob"], ["Bob", "left"]] * 3


def quick(**options):
    return CrowdSequenceTagger(random_state=0, max_epochs=2, **options)


def test_iob1_is_warned_of():
    y = [["I-P", "O", "I-P"], ["I-P", "B-P"]] * 3
    with pytest.warns(UserWarning, match="9 tags begin a span with I-.*only 3 with B-"):
        quick().fit(X, y)


def test_iob1_is_warned_of_among_annotators():
    y = [[["I-P", "O", "I-P"], None], [["I-P", "B-P"], ["I-P", "O"]]] * 3
    with pytest.warns(UserWarning, match="IOB1 is not supported"):
        quick(method="majority_vote").fit(X, y)


@pytest.mark.parametrize(
    "tags",
    [
        [["B-P", "I-P", "B-P"], ["I-P", "O"]],  # one slip
        [["I-P", "O", "I-P"], ["I-P", "O"]],  # IO: nothing begins with B-
        [["B-P", "I-P", "E-P"], ["S-P", "O"]],
    ],
)
def test_other_schemes_are_not_warned_of(tags):
    quick().fit(X, tags * 3)


def test_a_missing_tag_before_is_no_wrong_step():
    y = [[["", "I-P", "I-P"], ["B-P", "I-P", ""]], [["", "I-P"], ["", "I-P"]]] * 3
    quick(method="majority_vote").fit(X, y)


def test_given_transitions_are_the_users_own_affair():
    y = [["I-P", "O", "I-P"], ["I-P", "B-P"]] * 3
    clf = quick(transitions=np.ones((4, 3))).fit(X, y)
    assert clf.inferred_tags_[0].tolist() == y[0]


def test_a_tag_that_nearly_marks_a_span_is_warned_of():
    y = [["B-P", "I-P", "b-P"], ["O", "B-P"]] * 3
    with (
        pytest.warns(CrowdWarning, match="labels differ only in .*'B-P' and 'b-P'"),
        pytest.warns(UserWarning, match="most tags are span tags, but not 'b-P'"),
    ):
        quick().fit(X, y)


@pytest.mark.parametrize("fitted", ["O", "B-P"])
def test_the_tags_of_both_sides_decide_what_score_measures(fitted):
    clf = quick().fit(X, [[fitted] * 3, [fitted] * 2] * 3)
    gold = [["B-P", "O", "O"], ["B-P", "O"]] * 3
    expected = {"O": 0.0, "B-P": 0.4 * 2 / 1.4}[fitted]  # F1, not the share of tokens
    assert clf.score(X, gold) == pytest.approx(expected)


def test_score_without_a_span_anywhere_is_the_share_of_right_tokens():
    clf = quick().fit(X, [["O"] * 3, ["O"] * 2] * 3)
    assert clf.score(X, [["O"] * 3, ["O"] * 2] * 3) == 1


def test_padded_arrays_need_their_lengths_again():
    P, y = np.zeros((2, 3, 2)), [["a", "b", "a"], ["a"]]
    clf = quick().fit(P, y, lengths=[3, 1])
    with pytest.raises(ValueError, match="lengths are missing: X is padded"):
        clf.predict(P)
    assert [len(tags) for tags in clf.predict(P, lengths=[1, 2])] == [1, 2]
    assert [len(tags) for tags in clf.predict([P[0], P[1, :1]])] == [3, 1]


class RateWatch(Callback):
    def on_batch_begin(self, net, **kwargs):
        net.history.record("rate", net.optimizer_.param_groups[0]["lr"])


@pytest.mark.parametrize("named", [True, False])
def test_a_schedule_of_the_users_is_left_alone(named):
    step = LRScheduler("StepLR", step_size=1, gamma=0.1)
    callbacks = [("steps", step) if named else step, RateWatch()]
    clf = quick(lr=0.1, callbacks=callbacks).fit(X, [["a", "b", "a"], ["b", "a"]] * 3)
    np.testing.assert_allclose(clf.history_[:, "rate"], [0.1, 0.01])


class WithMask(nn.Module):
    """Second parameters that are no lengths, as of many torch modules."""

    def __init__(self, n_features, n_classes):
        super().__init__()
        self.layer = nn.Linear(n_features, n_classes)

    def forward(self, X, mask=None):
        assert mask is None
        return self.layer(X)


class WithDefault(Recurrent):
    def forward(self, X, lengths=None):
        assert lengths is not None
        return super().forward(X, lengths)


@pytest.mark.parametrize("module", [WithMask, WithDefault])
def test_only_what_is_meant_as_lengths_gets_them(module):
    clf = quick(module=module).fit(FEATURES, ANSWERS)
    assert len(clf.predict(FEATURES)) == len(FEATURES)


class WordEmbedding(nn.Module):
    """A network for token lists of a user's own."""

    def __init__(self, n_words, n_classes):
        super().__init__()
        self.words = nn.Embedding(n_words, 4)
        self.layer = nn.Linear(4, n_classes)

    def forward(self, X):
        assert X.dtype == torch.int32
        return self.layer(self.words(X[..., 0].long()))


def test_a_network_of_the_users_for_tokens():
    y = [["a", "b", "c"], ["c", "b"]] * 3
    clf = CrowdSequenceTagger(WordEmbedding, lr=0.1, random_state=0).fit(X, y)
    assert [tags.tolist() for tags in clf.predict(X[:2])] == [list(t) for t in y[:2]]


def test_a_network_that_wants_features_of_tokens_is_told_what_there_is():
    with pytest.raises(ValueError, match=r"Recurrent asks for n_features.*n_words"):
        quick(module=Recurrent).fit(X, [["a", "b", "a"], ["b", "a"]] * 3)


def test_words_that_nothing_is_learned_from_are_unknown():
    cells = [[["a", "b", "a"], None], [None, None], [None, ["a", "b", "a"]]]
    texts = [X[0], ["Zoe", "left"], ["Tim", "met", "Ann"]]
    y = SequenceAnnotations.from_cells(cells, lengths=[3, 2, 3])
    words = quick().fit(texts, y, sample_weight=[1, 1, 0]).vocabulary_.words_
    assert set(words) == {"ann", "met", "bob"}


def test_words_held_out_by_early_stopping_are_unknown():
    texts = [[f"word{letter}"] for letter in "abcdefghij"]
    y = [[["a"], ["b"]]] * 10
    clf = quick(early_stopping=True, validation_fraction=0.3).fit(texts, y)
    assert len(clf.vocabulary_.words_) == 7


@pytest.mark.parametrize("method", ["sequence_em", "majority_vote"])
def test_no_sequence_ends_in_an_open_bioes_span(method):
    y = [["O", "O", "B-P"], ["B-P", "E-P"], ["S-P"]] * 4
    texts = [["a", "b", "c"], ["c", "d"], ["c"]] * 4
    cells = [[tags, tags] for tags in y]
    clf = CrowdSequenceTagger(method=method, random_state=0, max_epochs=40, lr=0.05)
    clf.fit(texts, cells)
    for tags in [*clf.predict(texts), *clf.inferred_tags_]:
        assert tags[-1] != "B-P"
    free = clf.classes_[clf.predict_proba(texts)[0][-1].argmax()]
    assert free == "B-P" or method == "sequence_em"


def test_a_fit_that_is_refused_leaves_the_old_one_usable():
    clf = quick().fit(X, [["a", "b", "a"], ["b", "a"]] * 3)
    before = clf.predict_proba(X)
    with pytest.raises(ValueError, match="tag"):
        clf.fit(FEATURES, [["a"]] * len(FEATURES))
    for ours, theirs in zip(clf.predict_proba(X), before, strict=True):
        assert (ours == theirs).all()


def test_lists_of_single_numbers_are_no_sequences():
    with pytest.raises(ValueError, match=r"sequences of single numbers.*2, 3"):
        quick().fit([[1, 2, 3], [3, 4]], [["a"] * 3, ["b"] * 2])


def test_gold_made_annotations_are_one_annotator():
    clf = CrowdSequenceTagger(random_state=0, max_epochs=20).fit(FEATURES, ANSWERS)
    gold = [tags.tolist() for tags in clf.predict(FEATURES)]
    assert clf.score(FEATURES, gold) == 1
    with pytest.raises(ValueError, match="y has 1 annotators"):
        clf.score(FEATURES, SequenceAnnotations.from_gold(gold))
