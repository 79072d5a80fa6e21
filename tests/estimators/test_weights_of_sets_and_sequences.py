"""Weights, confidences and soft labels of sets and of tag sequences, in a fit."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from sklearn.model_selection import KFold, cross_val_score

import skcrowd
from skcrowd import (
    CrowdClassifier,
    CrowdMultilabelClassifier,
    CrowdSequenceTagger,
    MultilabelAnnotations,
    SequenceAnnotations,
)
from skcrowd.annotations import Annotations
from skcrowd.annotations._join_cells import join_sequences, join_sets
from skcrowd.methods import LABEL_METHODS, SEQUENCE_METHODS
from skcrowd.metrics import get_scorer

N, N_ANNOTATORS, N_LABELS = 40, 5, 3
QUICK = {"max_epochs": 2, "random_state": 0}


def sets():
    """Sets of labels; confidences are higher for right decisions."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N, 4)).astype(np.float32)
    truth = X[:, :N_LABELS] > [0.0, 0.3, 0.6]
    is_wrong = rng.random((N, N_ANNOTATORS, N_LABELS)) < 0.25
    y = (truth[:, None] ^ is_wrong).astype(float)
    y[rng.random((N, N_ANNOTATORS)) < 0.3] = np.nan
    sure = 0.6 * ~is_wrong + rng.random(is_wrong.shape)
    return X, MultilabelAnnotations.from_indicators(y), sure


def sequences():
    """Tag sequences; confidences are higher for right tags."""
    rng = np.random.default_rng(1)
    lengths = rng.integers(2, 6, N)
    truth = np.array(["O", "B-X"])[rng.integers(2, size=lengths.sum())]
    tokens = (truth == "B-X")[:, None] + rng.normal(size=(len(truth), 3))
    is_wrong = rng.random((len(truth), N_ANNOTATORS)) < 0.25
    flat = np.where(is_wrong, "O", truth[:, None]).astype(object)
    asked = rng.random((N, N_ANNOTATORS)) < 0.7
    asked[:, 0] = True
    flat[~np.repeat(asked, lengths, axis=0)] = None
    X = np.split(tokens.astype(np.float32), np.cumsum(lengths)[:-1])
    sure = 0.6 * ~is_wrong + rng.random(is_wrong.shape)
    return X, SequenceAnnotations.from_flat(flat, lengths), sure


SORTS = {
    "sets": (CrowdMultilabelClassifier, *sets()),
    "sequences": (CrowdSequenceTagger, *sequences()),
}
METHODS = [("sets", name) for name in LABEL_METHODS]
METHODS += [("sequences", name) for name in SEQUENCE_METHODS]


def soft(sort, share=None):
    """The answers as distributions: certain, or with the share of the most probable."""
    _, _, y, sure = SORTS[sort]
    parts = y.decisions if sort == "sets" else y.tokens
    n_classes = len(parts.classes)
    if share is None:
        place = parts.item, parts.annotator
        if sort == "sets":
            row, label = np.divmod(parts.item, N_LABELS)
            place = row, parts.annotator, label
        share = 0.55 + 0.25 * sure[place]
    share = np.broadcast_to(share, len(parts.answer))[:, None]
    one_hot = np.eye(n_classes)[parts.answer]
    values = share * one_hot + (1 - share) * (1 - one_hot) / (n_classes - 1)
    dense = np.full((*parts.shape, n_classes), np.nan)
    dense[parts.item, parts.annotator] = values
    if sort == "sets":
        applies = dense[..., 1].reshape(N, N_LABELS, N_ANNOTATORS)
        return MultilabelAnnotations.from_soft_labels(applies.swapaxes(1, 2))
    return SequenceAnnotations.from_soft_labels(dense, y.lengths, classes=y.classes)


def proba(cls, X, y, **settings):
    model = cls(**{**QUICK, **settings}).fit(X, y)
    return np.concatenate(model.predict_proba(X))


@cache
def plain_proba(sort, method):
    """What a method learns from the answers alone."""
    cls, X, y, _ = SORTS[sort]
    return proba(cls, X, y, method=method)


@pytest.mark.parametrize(("sort", "method"), METHODS)
def test_every_method_uses_them(sort, method):
    cls, X, y, sure = SORTS[sort]
    plain = plain_proba(sort, method)
    weighted = y.with_details(weight=1 + (sure > 0.8))
    assert np.abs(proba(cls, X, weighted, method=method) - plain).max() > 1e-5
    by_sure = proba(cls, X, y.with_details(confidence=sure), method=method)
    assert np.abs(by_sure - plain).max() > 1e-5
    stated = proba(cls, X, soft(sort), method=method)
    assert np.abs(stated - plain).max() > 1e-5


@pytest.mark.parametrize(("sort", "method"), METHODS)
def test_certain_distributions_are_plain_answers(sort, method):
    cls, X, y, _ = SORTS[sort]
    certain = soft(sort, 1.0)
    assert certain != y
    assert certain.without_details() == y
    found = proba(cls, X, certain, method=method)
    np.testing.assert_array_equal(found, plain_proba(sort, method))


@pytest.mark.parametrize("sort", SORTS)
def test_plain_forms_are_bit_equal(sort):
    cls, X, y, _ = SORTS[sort]
    expected = proba(cls, X, y)
    for details in ({"weight": np.ones(y.shape)}, {"confidence": np.ones(y.shape)}):
        found = proba(cls, X, y.with_details(**details))
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_weight_zero_is_not_asked(sort, early_stopping):
    cls, X, y, _ = SORTS[sort]
    kept = np.random.default_rng(2).random(y.shape) < 0.8
    kept[:, 0] = True
    weighted = y.with_details(weight=kept)
    if sort == "sets":
        indicators = np.where(kept[..., None], y.to_indicators(), np.nan)
        fewer = MultilabelAnnotations.from_indicators(indicators)
    else:
        fewer = y.select_answers(kept[y.pairs])
    settings = {"early_stopping": early_stopping}
    np.testing.assert_array_equal(
        proba(cls, X, weighted, **settings), proba(cls, X, fewer, **settings)
    )


@pytest.mark.parametrize("form", ["beside", "soft"])
@pytest.mark.parametrize("sort", SORTS)
def test_the_order_of_rows_and_annotators_is_nothing(sort, form):
    cls, X, y, sure = SORTS[sort]
    y = y.with_details(weight=1 + (sure > 0.8), confidence=sure)
    if form == "soft":
        y = soft(sort)
    order = np.random.default_rng(3).permutation(N)
    moved = y[order].select_annotators([3, 1, 4, 0, 2])
    rows = [X[k] for k in order]
    a, b = cls(**QUICK).fit(X, y), cls(**QUICK).fit(rows, moved)
    for one, other in zip(a.predict_proba(X), b.predict_proba(X), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


@pytest.mark.parametrize("sort", SORTS)
def test_equal_rows_with_other_distributions_are_not_one(sort):
    cls, X, _, _ = SORTS[sort]
    join = join_sets if sort == "sets" else join_sequences
    doubtful, certain = soft(sort), soft(sort, 1.0)
    twice = [*X, *X]
    mixed, same = (
        proba(cls, twice, join(certain, second)[0], method="crowd_layer")
        for second in (doubtful, certain)
    )
    assert np.abs(mixed - same).max() > 1e-5


@pytest.mark.slow
@pytest.mark.parametrize("form", ["beside", "soft"])
@pytest.mark.parametrize("sort", SORTS)
def test_reports_searches_and_files_take_them(sort, form, tmp_path):
    cls, X, y, sure = SORTS[sort]
    if form == "soft":
        y = soft(sort)
    y = y.with_details(weight=1 + (sure > 0.8), confidence=sure)
    model = cls(**QUICK).fit(X, y)
    path = tmp_path / "model"
    skcrowd.save(model, path)
    again = skcrowd.load(path)
    left, right = model.annotator_report(), again.annotator_report()
    assert left.equals(right)
    for use in (model.label_quality, model.answer_quality):
        assert not use(X, y).isna().all(axis=None)
    assert len(model.next_queries(X, y, 3)) == 3
    skcrowd.report(model, X, y, path=tmp_path / "report.html", cv="prefit")
    scores = cross_val_score(
        cls(**QUICK), X, y, cv=KFold(2), scoring=get_scorer("agreement")
    )
    assert np.isfinite(scores).all()
    plain = model.evaluate_answers(X, y.without_details())
    weights = y.decisions.weight if sort == "sets" else y.tokens.weight
    expected = np.average(plain.log_likelihood, weights=weights)
    np.testing.assert_allclose(model.score(X, y), expected)


def test_a_report_of_sets_weighs_ticks():
    _, X, y, sure = SORTS["sets"]
    many = y.with_details(weight=np.full(y.shape, 3.0))
    half = y.with_details(weight=1 + (sure > 0.8))
    model = CrowdMultilabelClassifier(method="em", **QUICK)
    posterior = model.fit(X, half).posterior_
    report = model.annotator_report()
    d = half.decisions
    row, label = np.divmod(d.item, N_LABELS)
    applies = posterior[row, label]
    for annotator in range(N_ANNOTATORS):
        mine = (d.annotator == annotator) & (d.answer == 1)
        precision = np.average(applies[mine], weights=d.weight[mine])
        np.testing.assert_allclose(report.loc[annotator, "precision"], precision)
        assert report.loc[annotator, "n_ticked"] == mine.sum()
        of_true = d.weight * applies * (d.annotator == annotator)
        recall = of_true[d.answer == 1].sum() / of_true.sum()
        np.testing.assert_allclose(report.loc[annotator, "recall"], recall)
    by_label = model.annotator_report(by_label=True)
    assert (
        by_label["n_answers"].tolist()
        == np.repeat(report["n_answers"], N_LABELS).tolist()
    )
    from skcrowd.metrics._tick_accuracy import tick_counts

    pairs = [a.decisions for a in (y, many)]
    flat = np.column_stack([1 - posterior.ravel(), posterior.ravel()])
    pairs = [
        Annotations(
            *(a.item, a.annotator * N_LABELS + a.item % N_LABELS, a.answer),
            (a.n_items, N_ANNOTATORS * N_LABELS),
            a.classes,
            details=a.details,
        )
        for a in pairs
    ]
    for by_label in (False, True):
        plain, thrice = (
            tick_counts(a, flat, flat, N_LABELS).columns(0.95, by_label=by_label)
            for a in pairs
        )
        for name, values in plain.items():
            np.testing.assert_allclose(thrice[name], values, err_msg=name)


def test_a_part_keeps_the_weights_of_annotators_in_another_order():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N, 3)).astype(np.float32)
    truth = (X[:, 0] > 0).astype(int)
    y = np.where(rng.random((N, 4)) < 0.8, truth[:, None], 1 - truth[:, None])
    names = np.array(["ann", "bo", "cy", "di"])
    weight = rng.uniform(0.1, 5, y.shape)
    parts = []
    for order in (np.arange(4), np.array([2, 0, 3, 1])):
        first = Annotations.from_dense(y[:20], annotator_names=names)
        second = Annotations.from_dense(
            y[20:, order], annotator_names=names[order], weight=weight[20:, order]
        )
        clf = CrowdClassifier(max_epochs=2, random_state=0, method="em").fit(
            X[:20], first
        )
        clf.partial_fit(X[20:], second)
        parts.append(clf.predict_proba(X))
    np.testing.assert_allclose(*parts, atol=1e-6)


def test_parts_of_soft_tags():
    cls, X, _, _ = SORTS["sequences"]
    y, order = soft("sequences"), [3, 1, 4, 0, 2]
    names = ["ann", "bo", "cy", "di", "ed"]
    tokens = replace(y.tokens, annotator_names=names)
    y = replace(y, tokens=tokens)
    parts = []
    for second in (y[20:], y[20:].select_annotators(order)):
        tagger = cls(method="em", **QUICK).fit(X[:20], y[:20])
        tagger.partial_fit(X[20:], second)
        parts.append(np.concatenate(tagger.predict_proba(X)))
    np.testing.assert_allclose(*parts, atol=1e-6)
    hard = cls(method="em", **QUICK).fit(X[:20], y[:20])
    hard.partial_fit(X[20:], y[20:].without_details())
    found = np.concatenate(hard.predict_proba(X))
    assert np.abs(found - parts[0]).max() > 1e-5
