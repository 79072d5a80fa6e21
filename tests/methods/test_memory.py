"""What does not fit is said before training, with a way out."""

import numpy as np
import pytest
from _data import small, small_method

from skcrowd import CrowdClassifier, CrowdSequenceTagger
from skcrowd.aggregation import sequence_dawid_skene
from skcrowd.annotations import SequenceAnnotations, _memory
from skcrowd.methods import LABEL_METHODS, SEQUENCE_METHODS, KDCrowd
from skcrowd.training import NetFactory

GB = 10**9


@pytest.fixture
def memory(monkeypatch):
    """Set how much memory there is; no network may be built."""

    def build(self, *args, **kwargs):
        raise AssertionError("a network was built")

    def set_to(n_bytes):
        monkeypatch.setattr(_memory, "available_memory", lambda: n_bytes)

    monkeypatch.setattr(NetFactory, "build", build)
    return set_to


def long_crowd(n_annotators, n_classes, n_items=30):
    """Few answers of many annotators who choose among many classes."""
    from skcrowd.annotations import Annotations

    item = np.arange(n_items)
    return Annotations.from_long(
        item,
        item % n_annotators,
        item % n_classes,
        annotator_ids=range(n_annotators),
        classes=range(n_classes),
    )


def problem_of(estimator, X, y, monkeypatch):
    """Return the problem that a fit poses."""
    checked = []
    with monkeypatch.context() as patch:
        patch.setattr(type(estimator.method), "learn", lambda _, p: checked.append(p))
        with pytest.raises(TypeError, match="returned None"):
            estimator.fit(X, y)
    return checked[0]


@pytest.mark.parametrize("name", LABEL_METHODS)
def test_every_method_says_its_sizes_before_training(name, items, answers, memory):
    memory(1500)  # the shares of the votes fit
    message = (
        r"for 60 items, 5 annotators and 3 classes would take about .* of memory, of "
        r"which 0\.0 MB are available; .*merge classes"
    )
    with pytest.raises(ValueError, match=message):
        small(name).fit(items[0], answers)


@pytest.mark.parametrize(
    "name", ["crowd_layer", "confusion_layer", "trace", "union_net", "conal", "max_mig"]
)
def test_tables_that_are_trained_are_too_large_where_counts_are_not(
    name, memory, monkeypatch
):
    y, X = long_crowd(300, 1000), np.zeros((30, 2))
    memory(4 * GB)
    with pytest.raises(ValueError, match='use method="regularized_em" or "em"'):
        small(name).fit(X, y)
    for lean in ("regularized_em", "em", "dawid_skene", "majority_vote"):
        with pytest.raises(AssertionError, match="a network was built"):
            small(lean).fit(X, y)


def test_a_crowd_layer_has_a_smaller_connection(memory):
    y, X = long_crowd(300, 1000), np.zeros((30, 2))
    memory(4 * GB)
    with pytest.raises(ValueError, match='method__connection="VW" or "VB"'):
        small("crowd_layer").fit(X, y)
    with pytest.raises(AssertionError, match="a network was built"):
        small("crowd_layer", method__connection="VW").fit(X, y)


@pytest.mark.parametrize("name", LABEL_METHODS)
def test_the_parameters_counted_are_those_trained(name, items, answers):
    method = small_method(name)
    model, further = method.annotator_sizes()
    trained = small(method, max_epochs=1).fit(items[0], answers).annotator_model_
    if trained.needs_features:
        further = {**further, "n_features": 8}
    expected = sum(table.numel() for table in trained.parameters())
    assert isinstance(trained, model)
    assert model.parameters_needed(5, 3, **further) == expected


@pytest.mark.parametrize("name", LABEL_METHODS)
def test_the_estimate_grows_with_every_size(name, items, answers, monkeypatch):
    y = long_crowd(5, 3, 60)
    crowds = [y, long_crowd(5, 3, 600), long_crowd(50, 3, 60), long_crowd(5, 30, 60)]
    needed = []
    for crowd in crowds:
        X = np.zeros((len(crowd), 2))
        estimator = small(small_method(name))
        context = problem_of(estimator, X, crowd, monkeypatch)
        needed.append(estimator.method.bytes_needed(context))
    assert min(needed[1:]) > needed[0]


def test_what_is_known_of_annotators_counts_where_tables_are_trained(monkeypatch):
    X, y = np.zeros((30, 2)), long_crowd(5, 10)
    needed = []
    for prior in (None, np.full(5, 0.9)):
        estimator = small(small_method("crowd_layer"), annotator_prior=prior)
        with monkeypatch.context() as patch:
            patch.setattr(_memory, "LARGE", 0)
            context = problem_of(estimator, X, y, patch)
            needed.append(estimator.method.bytes_needed(context))
    assert needed[1] > needed[0]


def test_a_pupil_needs_what_its_teacher_needs(monkeypatch):
    X, y = np.zeros((30, 2)), long_crowd(5, 10)
    needed = []
    for method in (
        KDCrowd("em"),
        KDCrowd("confusion_layer"),
        KDCrowd("em", 1, 1, True),
    ):
        context = problem_of(small(method), X, y, monkeypatch)
        needed.append(method.bytes_needed(context))
    assert needed[1] > needed[0] < needed[2]


def tags():
    sentences = [[["O", "B-X", "I-X"], ["O", "O", "B-X"]], [["O", "O"], None]]
    return SequenceAnnotations.from_cells(sentences)


@pytest.mark.parametrize("name", SEQUENCE_METHODS)
def test_taggers_say_it_too(name, memory):
    tagger = CrowdSequenceTagger(method=name, max_epochs=1)
    memory(1000)
    with pytest.raises(
        ValueError, match="for 5 items, 2 annotators and 3 classes would"
    ):
        tagger.fit([["a", "b", "c"], ["d", "e"]], tags())


def test_answers_in_context_need_a_table_for_every_answer_before(memory):
    tagger = CrowdSequenceTagger(method="sequence_em", max_epochs=1)
    n_classes, n_tokens = 60, 120
    labels = [f"{k:02}" for k in range(n_classes)]
    y = SequenceAnnotations.from_cells([[(2 * labels), (2 * labels)]])
    X = [[str(k) for k in range(n_tokens)]]
    memory(GB // 50)
    with pytest.raises(ValueError, match='method="em" or "regularized_em"'):
        tagger.fit(X, y)
    with pytest.raises(AssertionError, match="a network was built"):
        tagger.set_params(method="em").fit(X, y)


def test_the_aggregation_of_sequences_says_it(memory):
    memory(1000)
    with pytest.raises(
        ValueError, match=r"2 annotators who choose of 3 classes .* set "
    ):
        sequence_dawid_skene(tags())


def test_all_answers_of_all_annotators_are_refused(items, answers, monkeypatch):
    clf = CrowdClassifier(max_epochs=1).fit(items[0], answers)
    monkeypatch.setattr(_memory, "available_memory", lambda: 1000)
    with pytest.raises(ValueError, match="5 annotators to 60 items, one of 3 classes"):
        clf.predict_annotator_proba(items[0])
    clf.predict_proba(items[0])
