"""Contract of all aggregators of labels."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from skcrowd.aggregation import (
    CROWDLAB,
    EBCC,
    KOS,
    LABEL_AGGREGATORS,
    MACE,
    Consensus,
    DawidSkene,
    MajorityVote,
    OneCoin,
    OrdinalDawidSkene,
)
from skcrowd.aggregation.labels import _consensus
from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.datasets import make_annotations
from skcrowd.exceptions import CrowdWarning

LABELS = np.array(["ant", "bee", "cat"])
AGGREGATORS = [pytest.param(cls(), id=name) for name, cls in LABEL_AGGREGATORS.items()]
WITHOUT_FEATURES = [p for p in AGGREGATORS if p.id != "crowdlab"]
pytestmark = pytest.mark.filterwarnings("ignore:.*did not converge")


@pytest.fixture(scope="module")
def crowd():
    truth = np.arange(150) % 3
    kinds = {"expert": 3, "average": 6, "random": 1}
    drawn = make_annotations(truth, kinds, answers_per_item=5, random_state=0)
    dense = drawn.annotations.to_dense()
    y = np.where(dense >= 0, LABELS[dense], None)
    return y, LABELS[truth]


def proba_of(truth):
    return np.where(truth[:, None] == LABELS, 0.6, 0.2)


def fitted(aggregator, y, truth, **options):
    if isinstance(aggregator, CROWDLAB):
        options["pred_proba"] = proba_of(truth)
    return clone(aggregator).fit(y, **options)


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_labels_probabilities_and_attributes(aggregator, crowd):
    y, truth = crowd
    model = fitted(aggregator, y, truth)
    proba = model.predict_proba()
    assert proba.shape == (150, 3)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    assert (proba >= 0).all()
    assert (model.predict() == truth).mean() > 0.85
    assert model.classes_.tolist() == LABELS.tolist()
    assert model.annotators_.tolist() == list(range(10))
    assert model.n_iter_ >= 1
    assert isinstance(model.converged_, bool)
    if hasattr(model, "annotator_confusion_"):
        assert model.annotator_confusion_.shape == (10, 3, 3)
        np.testing.assert_allclose(model.annotator_confusion_.sum(axis=2), 1)
    else:
        assert model.annotator_skill_.shape == (10,)
        assert model.annotator_skill_.argmin() == 9


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_gold_is_kept_and_may_be_a_new_label(aggregator, crowd):
    y, truth = crowd
    gold = {0: "cat", 7: "ant"}
    model = fitted(aggregator, y, truth, gold=gold)
    assert model.predict()[[0, 7]].tolist() == ["cat", "ant"]
    assert model.predict_proba()[0].max() == pytest.approx(1)
    if not isinstance(aggregator, CROWDLAB):
        model = clone(aggregator).fit(y, gold={3: "dog"})
        assert model.classes_.tolist() == ["ant", "bee", "cat", "dog"]
        assert model.predict()[3] == "dog"


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_clone_and_pickle(aggregator, crowd):
    y, truth = crowd
    model = fitted(aggregator, y, truth)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(), model.predict_proba())
    assert not hasattr(clone(model), "posterior_")
    with pytest.raises(NotFittedError):
        clone(model).predict()


@pytest.mark.parametrize("aggregator", WITHOUT_FEATURES)
def test_order_of_annotators_does_not_matter(aggregator, crowd):
    y, _ = crowd
    order = np.random.default_rng(0).permutation(10)
    first, second = clone(aggregator).fit(y), clone(aggregator).fit(y[:, order])
    assert (first.predict() == second.predict()).mean() > 0.99
    name = "annotator_confusion_"
    name = name if hasattr(first, name) else "annotator_skill_"
    one, other = getattr(first, name)[order], getattr(second, name)
    np.testing.assert_allclose(one, other, atol=1e-2)


def small_crowd(seed):
    """Answers of five annotators to 40 items, some tied, some equal, many missing."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, 40)
    wrong = rng.integers(0, 3, (40, 5))
    y = np.where(rng.random((40, 5)) < 0.6, truth[:, None], wrong)
    y[rng.random(y.shape) < 0.3] = -1
    y[:2] = [0, 1, 2, 0, 1]
    return y, rng.permutation(40), rng.permutation(5)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "aggregator",
    [*WITHOUT_FEATURES, pytest.param(DawidSkene(n_init=3), id="dawid_skene_restarts")],
)
def test_order_of_items_and_annotators_changes_nothing(aggregator, seed):
    y, rows, columns = small_crowd(seed)
    first = clone(aggregator).fit(y)
    second = clone(aggregator).fit(y[rows][:, columns])
    expected = first.predict_proba()[rows]
    np.testing.assert_allclose(second.predict_proba(), expected, atol=1e-9)
    np.testing.assert_array_equal(second.predict(), first.predict()[rows])
    assert getattr(first, "model_", None) == getattr(second, "model_", None)


@pytest.mark.parametrize("aggregator", [Consensus(), EBCC(), MACE(), KOS()])
def test_what_is_known_tells_equal_annotators_and_items_apart(aggregator):
    y, rows, columns = small_crowd(0)
    y = np.column_stack([y, y[:, 0]])
    columns = np.append(columns, 5)[::-1]
    gold = np.where(np.arange(40) % 3, -1, 1)
    prior = np.array([(0.9, 5), (0.5, 5), (0.6, 9), (0.7, 9), (0.8, 9), (0.2, 9)])
    first, second = clone(aggregator), clone(aggregator)
    if hasattr(aggregator, "annotator_prior"):
        first.annotator_prior, second.annotator_prior = prior, prior[columns]
    first.fit(y, gold=gold)
    second.fit(y[rows][:, columns], gold=gold[rows])
    expected = first.predict_proba()[rows]
    np.testing.assert_allclose(second.predict_proba(), expected, atol=1e-9)


@pytest.mark.parametrize("seed", [0, 6])
def test_order_of_copies_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    truth, wrong = rng.integers(0, 3, 200), rng.integers(0, 3, (200, 8))
    y = np.where(rng.random((200, 8)) < 0.6, truth[:, None], wrong)
    is_copied = rng.random((200, 2)) < 0.9
    y[:, 1:3] = np.where(is_copied, y[:, :1], y[:, 1:3])
    y[rng.random(y.shape) < 0.2] = -1
    rows, columns = rng.permutation(200), rng.permutation(8)
    first, second = Consensus().fit(y), Consensus().fit(y[rows][:, columns])
    assert len(first.group_excess_) == 1
    assert first.difference_score_ == pytest.approx(second.difference_score_)
    np.testing.assert_allclose(first.posterior_[rows], second.posterior_, atol=1e-9)


def test_some_items_are_compared_whatever_their_order(monkeypatch):
    monkeypatch.setattr(_consensus, "MOST_COMPARED", 60)
    y, rows, columns = small_crowd(0)
    model = Consensus()
    score = clone(model).fit(y).difference_score_
    assert clone(model).fit(y[rows][:, columns]).difference_score_ == pytest.approx(
        score
    )


def test_ties_of_equal_items_are_broken_both_ways():
    y = np.tile(["ant", "bee"], (200, 1))
    assert 60 < (MajorityVote().fit(y).predict() == "bee").sum() < 140
    seeds = [MajorityVote(random_state=k).fit(y[:1]).predict()[0] for k in range(50)]
    assert set(seeds) == {"ant", "bee"}


@pytest.mark.parametrize("aggregator", WITHOUT_FEATURES)
def test_same_result_in_every_form(aggregator, crowd):
    y, _ = crowd
    expected = clone(aggregator).fit(y).predict_proba()
    frame = pd.DataFrame(y, columns=[f"w{k}" for k in range(10)])
    model = clone(aggregator).fit(frame)
    np.testing.assert_array_equal(model.predict_proba(), expected)
    assert model.annotators_[0] == "w0"
    model = clone(aggregator).fit(Annotations.from_dense(y))
    np.testing.assert_array_equal(model.predict_proba(), expected)


@pytest.mark.parametrize("aggregator", WITHOUT_FEATURES)
def test_predict_other_items(aggregator, crowd):
    y, truth = crowd
    model = clone(aggregator).fit(y[:100])
    assert (model.predict(y[100:]) == truth[100:]).mean() > 0.85
    frame = pd.DataFrame([["ant", "bee"]], columns=[0, "stranger"])
    with pytest.raises(ValueError, match="stranger"):
        model.predict(frame)
    with pytest.raises(ValueError, match="dog"):
        model.predict([["dog"] + [None] * 9])


@pytest.mark.parametrize("aggregator", WITHOUT_FEATURES)
def test_partial_fit_has_all_answers(aggregator, crowd):
    y, _ = crowd
    whole = clone(aggregator).fit(y)
    part = clone(aggregator).partial_fit(y[:100]).partial_fit(y[100:])
    assert part.predict().shape == (150,)
    assert (part.predict() == whole.predict()).mean() > 0.98


def test_partial_fit_joins_items_and_annotators_by_name():
    first = [("i1", "ann", "x"), ("i1", "bob", "x"), ("i2", "ann", "z")]
    second = [("i2", "cy", "y"), ("i2", "dan", "y"), ("i3", "ann", "x")]
    tables = [
        Annotations.from_long(*zip(*rows, strict=True)) for rows in (first, second)
    ]
    model = MajorityVote().partial_fit(tables[0]).partial_fit(tables[1])
    assert model.item_names_.tolist() == ["i1", "i2", "i3"]
    assert model.annotators_.tolist() == ["ann", "bob", "cy", "dan"]
    assert model.predict().tolist() == ["x", "y", "x"]
    with pytest.raises(ValueError, match="'ann' answered item 'i1' before"):
        model.partial_fit(tables[0])


def test_ties_are_broken_by_the_seed():
    y = [[0, 1, -1], [0, -1, 1]] * 30
    labels = MajorityVote(random_state=0).fit_predict(y)
    assert 10 < labels.sum() < 50
    np.testing.assert_array_equal(labels, MajorityVote(random_state=0).fit_predict(y))
    assert (labels != MajorityVote(random_state=1).fit_predict(y)).any()


def test_weights_of_votes():
    y = [[0, 1, 1], [1, 0, 0]]
    assert MajorityVote(weights=[3, 1, 1]).fit_predict(y).tolist() == [0, 1]
    assert MajorityVote(weights={0: 3}).fit_predict(y).tolist() == [0, 1]
    assert MajorityVote(weights=pd.Series({0: 3})).fit_predict(y).tolist() == [0, 1]
    for wrong in ([1, 2], [-1, 1, 1], {"nobody": 2}):
        with pytest.raises(ValueError, match="weights"):
            MajorityVote(weights=wrong).fit(y)
    twice = pd.Series([1.0, 3.0], index=[0, 0])
    with pytest.raises(ValueError, match="weights has several rows for 0"):
        MajorityVote(weights=twice).fit(y)


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_no_answer_is_refused(aggregator):
    with pytest.raises(ValueError, match="no answer"):
        clone(aggregator).fit(np.full((3, 2), np.nan))


@pytest.mark.parametrize("aggregator", WITHOUT_FEATURES)
def test_extremes(aggregator):
    alike = [["a", "a"], ["a", None], ["a", "a"]]
    assert clone(aggregator).fit(alike).predict().tolist() == ["a"] * 3
    some_without = [[0, 0], [1, 1], [-1, -1], [0, 1]]
    proba = clone(aggregator).fit(some_without).predict_proba()
    assert np.isfinite(proba).all()
    single = [[0, -1, -1], [-1, 1, -1], [-1, -1, 0]]
    assert clone(aggregator).fit(single).predict().shape == (3,)


def test_tag_sequences_are_refused():
    tags = SequenceAnnotations.from_cells([[["O", "B-X"], ["O", "O"]]])
    with pytest.raises(TypeError, match="use skcrowd"):
        Consensus().fit(tags)


def test_convergence_warning(crowd):
    y, _ = crowd
    with pytest.warns(ConvergenceWarning, match="OneCoin did not converge"):
        OneCoin(max_iter=1).fit(y)


@pytest.mark.parametrize(
    "aggregator", [p for p in AGGREGATORS if "max_iter" in p.values[0].get_params()]
)
def test_parameters_are_checked(aggregator, crowd):
    with pytest.raises(ValueError, match="max_iter"):
        clone(aggregator).set_params(max_iter=0).fit(crowd[0])


WITH_PRIOR = [p for p in AGGREGATORS if "annotator_prior" in p.values[0].get_params()]


def test_models_of_annotators_have_a_prior():
    averages = {"majority_vote", "wawa", "zero_based_skill", "crowdlab"}
    spectral = {"kos", "mmsr"}
    without = set(LABEL_AGGREGATORS) - {p.id for p in WITH_PRIOR}
    assert without == averages | spectral


@pytest.mark.parametrize("aggregator", WITH_PRIOR)
def test_annotator_prior_decides_a_tie(aggregator):
    y = [["a", "b"], ["b", "a"]] * 3
    for prior, expected in (
        ({0: (0.95, 100), 1: (0.5, 100)}, ["a", "b"] * 3),
        ({0: (0.5, 100), 1: (0.95, 100)}, ["b", "a"] * 3),
    ):
        model = clone(aggregator).set_params(annotator_prior=prior).fit(y)
        assert model.predict().tolist() == expected


@pytest.mark.parametrize("aggregator", WITH_PRIOR)
def test_a_prior_of_nobody_is_said_unless_annotators_may_still_come(aggregator):
    y = [["a", "b"], ["b", "b"]] * 3
    prior = pd.Series({0: 0.9, "O": 0.8})
    model = clone(aggregator).set_params(annotator_prior=prior)
    with pytest.warns(CrowdWarning, match="holds 'O', who gave no answer in y"):
        model.fit(y)
    clone(model).partial_fit(y)  # no warning


def test_further_starts_do_not_lower_the_likelihood(crowd):
    y, _ = crowd
    one, many = DawidSkene().fit(y), DawidSkene(n_init=4).fit(y)
    assert many.log_likelihood_ >= one.log_likelihood_


def test_consensus_counts_copies_once():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 300)
    right = rng.uniform(size=(300, 10)) < np.array([0.5] + [0.75] * 9)
    y = np.where(
        right, truth[:, None], (truth[:, None] + rng.integers(1, 3, (300, 10))) % 3
    )
    y[:, 1:4] = y[:, :1]
    model = Consensus().fit(y)
    assert model.annotator_groups_.tolist() == [0] * 4 + [-1] * 6
    assert (model.predict() == truth).mean() > 0.9
    assert (Consensus(annotator_groups=None).fit_predict(y) == truth).mean() < 0.7
    np.testing.assert_allclose(model.predict_proba(y), model.posterior_, atol=1e-3)


def test_consensus_votes_where_annotators_are_alike():
    rng = np.random.default_rng(0)
    truth = np.arange(120) % 4
    other = (truth[:, None] + rng.integers(1, 4, (120, 30))) % 4
    y = np.where(rng.uniform(size=other.shape) < 0.5, truth[:, None], other)
    y[rng.uniform(size=y.shape) < 0.8] = -1
    model = Consensus().fit(y)
    assert model.difference_score_ < -2
    assert model.model_ == "majority_vote"
    shares = MajorityVote().fit(y)
    np.testing.assert_allclose(model.predict_proba(), shares.predict_proba())
    np.testing.assert_allclose(model.predict_proba(y), shares.predict_proba())


def test_consensus_compares_models():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 600)
    misleads = rng.uniform(size=(600, 1)) < 0.3
    accuracy = np.where(misleads, [0.1] * 3 + [0.8] * 5, [0.95] * 3 + [0.8] * 5)
    right = rng.uniform(size=(600, 8)) < accuracy
    together = np.where(right, truth[:, None], 1 - truth[:, None])
    right = rng.uniform(size=(600, 8)) < np.linspace(0.6, 0.95, 8)
    apart = np.where(right, truth[:, None], 1 - truth[:, None])
    model = Consensus().fit(together)
    assert model.errs_together_
    assert model.held_out_score_ > 2
    np.testing.assert_allclose(
        model.predict_proba(together[:50]), model.predict_proba()[:50], atol=1e-2
    )
    model = Consensus().fit(apart)
    assert not model.errs_together_
    assert model.model_ == "dawid_skene"
    assert model.log_bayes_factor_ < 0
    expected = DawidSkene().fit(apart).predict_proba()
    expected = (expected + MajorityVote().fit(apart).predict_proba()) / 2
    np.testing.assert_allclose(model.predict_proba(), expected)


def test_crowdlab_finds_columns_by_their_names(crowd):
    y, truth = crowd
    table = pd.DataFrame(proba_of(truth), columns=LABELS)
    expected = CROWDLAB().fit(y, pred_proba=table.to_numpy()).predict_proba()
    found = CROWDLAB().fit(y, pred_proba=table[["cat", "ant", "bee"]]).predict_proba()
    np.testing.assert_array_equal(found, expected)
    with pytest.raises(ValueError, match=r"has the columns .* name each column"):
        CROWDLAB().fit(y, pred_proba=table.rename(columns={"ant": "emu"}))


def test_crowdlab_needs_probabilities(crowd):
    y, truth = crowd
    with pytest.raises(ValueError, match="needs pred_proba"):
        CROWDLAB().fit(y)
    with pytest.raises(ValueError, match="shape"):
        CROWDLAB().fit(y, pred_proba=proba_of(truth)[1:])
    with pytest.raises(ValueError, match="sum to 1"):
        CROWDLAB().fit(y, pred_proba=2 * proba_of(truth))
    model = CROWDLAB().fit(y, pred_proba=proba_of(truth))
    with pytest.raises(ValueError, match="items of fit alone"):
        model.predict(y)
    with pytest.raises(ValueError, match="call fit"):
        model.partial_fit(y)


def stars(seed):
    """Simulate stars from 1 to 5 by annotators with biases and thresholds."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(1, 6, 400)
    bias, noise = rng.normal(0, 0.5, 30), np.exp(rng.normal(-0.4, 0.5, 30))
    latent = truth[:, None] + bias + noise * rng.normal(size=(400, 30))
    y = np.clip(np.rint(latent), 1, 5).astype(int)
    hidden = rng.uniform(size=y.shape).argsort(axis=1) >= 4
    return np.where(hidden, -1, y), truth, bias


def test_ordinal_labels_have_smaller_errors():
    errors, right = {}, {}
    for seed in range(3):
        y, truth, _ = stars(seed)
        for cls in (MajorityVote, DawidSkene, Consensus, OrdinalDawidSkene):
            predicted = cls().fit_predict(y)
            error = np.abs(predicted - truth).mean()
            errors[cls] = errors.get(cls, 0) + error
            right[cls] = right.get(cls, 0) + (predicted == truth).mean()
    assert min(errors, key=errors.get) is OrdinalDawidSkene
    assert max(right, key=right.get) is OrdinalDawidSkene


def test_ordinal_labels_show_biases():
    y, _, bias = stars(0)
    model = OrdinalDawidSkene().fit(y)
    assert np.corrcoef(model.annotator_bias_, bias)[0, 1] > 0.8


def test_order_of_ordinal_labels():
    y, _, _ = stars(0)
    names = np.array(["none", "poor", "fair", "good", "great", "best"])
    as_text = np.where(y > 0, names[y], None)
    expected = OrdinalDawidSkene().fit(y)
    model = OrdinalDawidSkene(order=names[1:]).fit(as_text)
    assert (model.predict() == names[expected.predict()]).all()
    for order in (names[1:5], names[[1, 2, 3, 3, 4]]):
        with pytest.raises(ValueError, match="list every label once"):
            OrdinalDawidSkene(order=order).fit(as_text)


@pytest.mark.parametrize("aggregator", WITHOUT_FEATURES)
def test_gold_of_parts_keeps_its_labels_where_classes_are_not_sorted(aggregator):
    stars = pd.CategoricalDtype(["poor", "fair", "good"], ordered=True)
    cells = [["good"] * 3, ["poor"] * 3, ["fair"] * 3, ["poor", "poor", "fair"]]
    y = Annotations.from_dense(pd.DataFrame(cells * 2, dtype=stars))
    gold = {0: "good", 3: "fair", 4: "good", 7: "poor"}
    parts = clone(aggregator).fit(y[:4], gold={0: "good", 3: "fair"})
    parts.partial_fit(y[4:], gold={0: "good", 3: "poor"})
    assert parts._answers.gold.tolist() == [2, -1, -1, 1, 2, -1, -1, 0]
    assert parts._answers.annotations.ordered
    expected = clone(aggregator).fit(y, gold=gold).predict_proba()
    np.testing.assert_allclose(parts.predict_proba(), expected, atol=0.02)


def test_further_labels_need_a_place_in_an_order():
    y = Annotations.from_dense([["poor", "good"], ["fair", "fair"]])
    y = y.with_classes(["poor", "fair", "good"], ordered=True)
    gold = {0: "excellent"}
    with pytest.raises(ValueError, match=r"the place of \['excellent'\] among"):
        OrdinalDawidSkene().fit(y, gold=gold)
    fitted = OrdinalDawidSkene().fit(y)
    with pytest.raises(ValueError, match=r"the place of \['excellent'\] among"):
        fitted.partial_fit([["excellent", "good"]])
    order = [*y.classes, "excellent"]
    said = OrdinalDawidSkene(order=order).fit(y, gold=gold)
    placed = OrdinalDawidSkene().fit(y.with_classes(order), gold=gold)
    np.testing.assert_allclose(
        said.predict_proba(), placed.predict_proba()[:, [3, 1, 2, 0]]
    )
