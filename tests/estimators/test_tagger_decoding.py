"""From probabilities of tags to the best path, against all paths tried in turn."""

from itertools import product

import numpy as np
import pytest
from _sequence_data import (
    ANSWERS,
    FEATURES,
    SEQUENCE_SORTS,
    TAGS,
    Echo,
    assert_same_tags,
    fitted,
    flat,
    tagger,
    take,
    whole,
)

from skcrowd.aggregation._sequence_chain import iob2_transitions

# Scores that the network below returns as they are, one column a tag.
RNG = np.random.default_rng(0)
SCORES = [2 * RNG.standard_normal((n, 5)) for n in (1, 2, 3, 4) * 6]
GOLD = [(TAGS * 2)[k % 5 :][: len(scores)] for k, scores in enumerate(SCORES)]


def echo(**parameters):
    """Fit a tagger whose network returns its features as scores."""
    settings = {"module": Echo, "max_epochs": 1, **parameters}
    return tagger("em", **settings).fit(SCORES, GOLD)


def best_path(proba, transitions):
    """Try all paths."""
    n_tokens, n_classes = proba.shape

    def worth(path):
        steps = zip((n_classes, *path), path, strict=False)
        return np.prod([transitions[step] for step in steps]) * np.prod(
            proba[range(n_tokens), path]
        )

    return max(product(range(n_classes), repeat=n_tokens), key=worth)


def assert_best_paths(clf, transitions):
    for proba, tags in zip(clf.predict_proba(SCORES), clf.predict(SCORES), strict=True):
        assert tags.tolist() == [TAGS[k] for k in best_path(proba, transitions)]


def violations(sequences, transitions=None):
    """Count steps of weight zero."""
    allowed = iob2_transitions(TAGS) if transitions is None else transitions > 0
    codes = [[5, *(TAGS.index(tag) for tag in tags)] for tags in sequences]
    return sum(not allowed[c[k], c[k + 1]] for c in codes for k in range(len(c) - 1))


def test_viterbi_finds_the_best_valid_path():
    clf = echo()
    assert_best_paths(clf, iob2_transitions(TAGS))
    assert violations(clf.predict(SCORES)) == 0


def test_argmax_takes_token_by_token():
    clf = echo(decode="argmax")
    expected = [[TAGS[k] for k in scores.argmax(axis=1)] for scores in SCORES]
    assert_same_tags(clf.predict(SCORES), expected)
    assert violations(expected) > 0


def random_transitions():
    """Weights of steps, not scaled, some of them 0."""
    rng = np.random.default_rng(1)
    return rng.uniform(0, 3, (6, 5)) * (rng.random((6, 5)) > 0.4) + np.eye(6, 5)


def test_given_transitions_weigh_the_steps():
    transitions = random_transitions()
    clf = echo(transitions=transitions)
    assert (clf.transitions_ == transitions).all()
    assert_best_paths(clf, transitions)
    assert violations(clf.predict(SCORES), transitions) == 0
    assert violations(clf.predict(SCORES)) > 0


@pytest.mark.parametrize("kind", [np.ndarray.tolist, np.float32, np.asfortranarray])
def test_transitions_in_any_container(kind):
    transitions = np.round(random_transitions(), 1)
    ours, theirs = echo(transitions=kind(transitions)), echo(transitions=transitions)
    assert_same_tags(ours.predict(SCORES), theirs.predict(SCORES))


def test_only_the_ratios_of_a_row_count():
    transitions = random_transitions()
    scaled = echo(transitions=100 * transitions).predict(SCORES)
    assert_same_tags(scaled, echo(transitions=transitions).predict(SCORES))


def test_boolean_transitions_forbid():
    transitions = random_transitions() > 0
    clf = echo(transitions=transitions)
    assert_best_paths(clf, transitions)


def test_transitions_stand_in_the_order_of_the_classes():
    order = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
    only = np.ones((6, 5))
    only[5] = [0, 0, 0, 1, 0]
    clf = echo(transitions=only, classes=order)
    assert {tags[0] for tags in clf.predict(SCORES)} == {"B-LOC"}


def test_argmax_does_without_transitions():
    never = np.ones((6, 5))
    never[:, 4] = 0
    clf = echo(transitions=never, decode="argmax")
    assert "O" in np.concatenate(clf.predict(SCORES))
    clf = echo(transitions=never)
    assert "O" not in np.concatenate(clf.predict(SCORES))


def test_learned_transitions_are_how_often_a_step_is_seen():
    X, y = [np.zeros((2, 2))] * 3, [["a", "b"]] * 3
    clf = tagger("em", module=Echo, transitions="learned", max_epochs=1).fit(X, y)
    # With one pseudo-count a row: 3.5 of 4 steps from a go to b, a half of the tokens.
    np.testing.assert_allclose(clf.transitions_, [[0.25, 1.75], [1, 1], [1.75, 0.25]])
    assert_same_tags(clf.predict(X), y)
    without = tagger("em", module=Echo, max_epochs=1).fit(X, y)
    assert_same_tags(without.predict(X), [["a", "a"]] * 3)


def test_learned_transitions_count_weights():
    X, y = [np.zeros((2, 2))] * 2, [["a", "b"], ["b", "b"]]
    clf = tagger("em", module=Echo, transitions="learned", max_epochs=1)
    weighted = clf.fit(X, y, sample_weight=[3, 1]).transitions_
    repeated = clf.fit([*X, *X], [*y[:1] * 3, *y[1:]]).transitions_
    np.testing.assert_allclose(weighted, repeated)


def test_learned_transitions_stay_valid():
    clf = echo(transitions="learned")
    assert ((clf.transitions_ > 0) == iob2_transitions(TAGS)).all()
    assert len(np.unique(clf.transitions_)) > 2
    assert_best_paths(clf, clf.transitions_)


@pytest.mark.parametrize("name", SEQUENCE_SORTS)
def test_learned_transitions_come_from_the_inferred_tags(name):
    clf = tagger(name, transitions="learned").fit(FEATURES, ANSWERS)
    steps = np.zeros((6, 5))
    for tags in clf.inferred_tags_:
        codes = [5, *(TAGS.index(tag) for tag in tags)]
        np.add.at(steps, (codes[:-1], codes[1:]), 1)
    allowed = iob2_transitions(TAGS)
    shares = (steps.sum(axis=0) + 1) / (steps.sum() + 5)
    expected = (steps + shares) * allowed
    expected /= expected.sum(axis=1, keepdims=True) * shares
    np.testing.assert_allclose(clf.transitions_, expected)


@pytest.mark.parametrize("name", SEQUENCE_SORTS)
def test_no_inferred_tag_takes_a_step_that_is_forbidden(name):
    never = iob2_transitions(TAGS).astype(float)
    never[5, TAGS.index("B-PER")] = 0  # no sentence begins with a person
    epochs = {"doctor_net": 10, "crowd_layer": 15}  # until they find names
    longer = {"max_epochs": epochs[name], "lr": 0.1} if name in epochs else {}
    clf = tagger(name, transitions=never, **longer).fit(FEATURES, ANSWERS)
    assert violations(clf.inferred_tags_, never) == 0
    assert violations(clf.predict(FEATURES), never) == 0
    free = tagger(name, **longer).fit(FEATURES, ANSWERS) if longer else fitted(name)
    assert violations(free.inferred_tags_, never) > 0


@pytest.mark.parametrize("name", sorted(set(SEQUENCE_SORTS) - {"crowd_layer"}))
def test_inferred_tags_are_the_most_probable_by_argmax(name):
    clf = tagger(name, decode="argmax").fit(FEATURES, ANSWERS)
    expected = clf.classes_[flat(clf.posterior_).argmax(axis=1)]
    assert (flat(clf.inferred_tags_) == expected).all()


@pytest.mark.parametrize("name", SEQUENCE_SORTS)
def test_decoding_changes_no_probability(name):
    given = tagger(name, transitions=np.ones((6, 5)))
    for clf in (given, tagger(name, decode="argmax", transitions=np.ones((6, 5)))):
        clf.fit(FEATURES[:12], ANSWERS[:12])
    ours, theirs = given.predict_proba(FEATURES), clf.predict_proba(FEATURES)
    np.testing.assert_array_equal(flat(ours), flat(theirs))
    expected = clf.classes_[flat(theirs).argmax(axis=1)]
    assert (flat(given.predict(FEATURES)) == expected).all()
    assert (flat(clf.predict(FEATURES)) == expected).all()


def test_other_tags_know_no_forbidden_step():
    y = [["noun", "verb", "det", "noun"][: len(scores)] for scores in SCORES]
    clf = tagger("em", module=Echo, max_epochs=1)
    X = [scores[:, :3] for scores in SCORES]
    clf.fit(X, y)
    assert (clf.transitions_ == 1).all()
    expected = [clf.classes_[scores.argmax(axis=1)] for scores in X]
    assert_same_tags(clf.predict(X), expected)


def test_certain_probabilities_that_no_valid_path_has():
    X = [np.array([[0.0, 0.0, 0.0, 900.0, 0.0]] * n) for n in (1, 2, 3)] * 2
    clf = echo()
    assert clf.predict_proba(X)[0][0, 3] == 1
    assert violations(clf.predict(X)) == 0


def test_a_path_through_one_sequence_knows_nothing_of_the_next():
    clf = whole().fit(FEATURES, ANSWERS)
    for order in (range(24), range(23, -1, -1)):
        together = clf.predict(take(FEATURES, order))
        alone = [clf.predict([FEATURES[k]])[0] for k in order]
        assert_same_tags(together, alone)
