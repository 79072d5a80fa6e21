"""CrowdMultilabelClassifier: sets of labels from several annotators."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from _data import SORTS
from scipy import sparse
from scipy.special import entr
from sklearn.base import clone, is_classifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags
from torch import nn

import skcrowd
from skcrowd import CrowdClassifier, CrowdMultilabelClassifier, MultilabelAnnotations
from skcrowd.annotations._multilabel_target import _known_indicators
from skcrowd.experimental import DoctorNet
from skcrowd.methods import KDCrowd
from skcrowd.metrics import get_scorer
from skcrowd.model_selection import cross_val_predict

N_ITEMS, N_LABELS = 200, 3
ERRORS = np.array([0.05, 0.1, 0.15, 0.2, 0.45])
QUICK = {"method": "em", "lr": 1e-2, "max_epochs": 15, "random_state": 0}


def crowd():
    """Labels that are signs of linear functions; every annotator answers half."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N_ITEMS, 4)).astype(np.float32)
    truth = (X @ rng.normal(size=(4, N_LABELS)) > [0.0, 0.5, 1.0]).astype(np.int64)
    flips = rng.random((N_ITEMS, len(ERRORS), N_LABELS)) < ERRORS[:, None]
    indicators = np.where(flips, 1 - truth[:, None], truth[:, None]).astype(float)
    indicators[rng.random((N_ITEMS, len(ERRORS))) < 0.5] = np.nan
    return X, indicators, truth


X, INDICATORS, TRUTH = crowd()
Y = MultilabelAnnotations.from_indicators(INDICATORS)


@pytest.fixture(scope="module")
def fitted():
    return CrowdMultilabelClassifier(**QUICK).fit(X, Y)


def test_predictions_are_indicators(fitted):
    predicted, proba = fitted.predict(X), fitted.predict_proba(X)
    assert predicted.shape == proba.shape == TRUTH.shape
    np.testing.assert_array_equal(predicted, proba > 0.5)
    assert (predicted == TRUTH).mean() > 0.9


def test_confusions_are_those_of_annotators_and_labels(fitted):
    confusion = fitted.annotator_confusion_
    assert confusion.shape == (len(ERRORS), N_LABELS, 2, 2)
    np.testing.assert_allclose(confusion.sum(axis=3), 1)
    right = confusion.diagonal(axis1=2, axis2=3).mean(axis=(1, 2))
    np.testing.assert_allclose(right, 1 - ERRORS, atol=0.1)


def test_an_annotator_may_be_good_at_one_label_and_bad_at_another():
    rng = np.random.default_rng(1)
    errors = np.array([[0.05, 0.5, 0.05], [0.5, 0.05, 0.05], [0.1] * 3, [0.1] * 3])
    flips = rng.random((N_ITEMS, *errors.shape)) < errors
    y = np.where(flips, 1 - TRUTH[:, None], TRUTH[:, None])
    model = CrowdMultilabelClassifier(**QUICK).fit(X, y)
    right = model.annotator_confusion_.diagonal(axis1=2, axis2=3).mean(axis=2)
    np.testing.assert_allclose(right, 1 - errors, atol=0.1)


def test_fitted_attributes(fitted):
    assert fitted.classes_.tolist() == [0, 1, 2]
    assert fitted.n_annotators_ == len(fitted.annotators_) == len(ERRORS)
    np.testing.assert_array_equal(fitted.annotator_n_answers_, Y.answers_per_annotator)
    np.testing.assert_allclose(fitted.class_prior_, TRUTH.mean(axis=0), atol=0.06)
    assert fitted.posterior_.shape == TRUTH.shape
    assert is_classifier(fitted)
    assert get_tags(fitted).classifier_tags.multi_label


@pytest.mark.parametrize("method", SORTS[CrowdClassifier])
def test_every_sort_of_method_for_labels_learns_sets(method):
    model = CrowdMultilabelClassifier(**{**QUICK, "method": method}).fit(X, Y)
    assert (model.predict(X) == TRUTH).mean() > 0.8
    assert np.isfinite(model.score(X, Y))


def test_the_empty_set_is_learned_from_and_missing_is_not():
    asked = [[set(), {"a"}] if x < 0 else [{"a"}, set()] for x in X[:, 0]]
    half = [[row[0], None] for row in asked]
    model = CrowdMultilabelClassifier(**QUICK).fit(X, half)
    assert model.annotator_n_answers_.tolist() == [N_ITEMS, 0]
    assert (model.predict(X)[:, 0] == (X[:, 0] >= 0)).mean() > 0.9


@pytest.mark.parametrize(
    "y", [INDICATORS, Y.to_cells(), pd.DataFrame(Y.to_cells()), Y.to_cells().tolist()]
)
def test_all_forms_of_answers_are_the_same(fitted, y):
    model = CrowdMultilabelClassifier(**QUICK).fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X), fitted.predict_proba(X))


@pytest.mark.parametrize(
    "y", [TRUTH, sparse.csr_array(TRUTH), [set(np.flatnonzero(row)) for row in TRUTH]]
)
def test_true_labels_are_learned_as_everywhere_in_scikit_learn(y):
    model = CrowdMultilabelClassifier(**QUICK).fit(X, y)
    assert model.score(X, y) > 0.85
    assert model.n_annotators_ == 1


def test_names_of_labels_and_annotators():
    names = ["x", "y", "z"]
    y = MultilabelAnnotations.from_indicators(
        INDICATORS, classes=names, annotator_names=[*"abcde"]
    )
    model = CrowdMultilabelClassifier(classes=["z", "x", "y"], **QUICK).fit(X, y)
    assert model.classes_.tolist() == ["z", "x", "y"]
    assert model.annotators_.tolist() == [*"abcde"]
    assert (model.predict(X) == TRUTH[:, [2, 0, 1]]).mean() > 0.9
    reordered = y.select_annotators([4, 0, 2, 1, 3])
    assert model.score(X, reordered) == pytest.approx(model.score(X, y))


def test_gold_is_the_truth():
    wrong = 1 - TRUTH[:5]
    sets = [set(np.flatnonzero(row)) for row in wrong]
    as_list = [*sets, *[None] * (N_ITEMS - 5)]
    as_matrix = np.full(TRUTH.shape, np.nan)
    as_matrix[:5] = wrong
    found = [
        CrowdMultilabelClassifier(**QUICK).fit(X, Y, gold=gold).posterior_
        for gold in (as_list, as_matrix, dict(enumerate(sets)))
    ]
    np.testing.assert_array_equal(found[0][:5], wrong)
    for other in found[1:]:
        np.testing.assert_array_equal(other, found[0])


def test_items_of_weight_zero_are_left_out(fitted):
    weight = np.ones(N_ITEMS)
    weight[:50] = 0
    model = CrowdMultilabelClassifier(**QUICK).fit(X, Y, sample_weight=weight)
    other = CrowdMultilabelClassifier(**QUICK).fit(X[50:], Y[50:])
    np.testing.assert_array_equal(model.predict_proba(X), other.predict_proba(X))
    assert np.isnan(model.posterior_[:50]).all()
    np.testing.assert_array_equal(model.posterior_[50:], other.posterior_)


def test_weights_are_repetition_and_order_is_nothing(fitted):
    order = np.random.default_rng(0).permutation(N_ITEMS)
    shuffled = CrowdMultilabelClassifier(**QUICK).fit(X[order], Y[order])
    np.testing.assert_array_equal(shuffled.predict_proba(X), fitted.predict_proba(X))
    twice = MultilabelAnnotations.from_indicators(np.concatenate([INDICATORS] * 2))
    repeated = CrowdMultilabelClassifier(batch_size=64, **QUICK)
    weighted = clone(repeated).fit(X, Y, sample_weight=np.full(N_ITEMS, 2.0))
    repeated.fit(np.concatenate([X, X]), twice)
    np.testing.assert_array_equal(repeated.predict_proba(X), weighted.predict_proba(X))


def test_early_stopping_holds_out_items():
    model = CrowdMultilabelClassifier(
        early_stopping=True, n_iter_no_change=2, **{**QUICK, "max_epochs": 60}
    ).fit(X, Y)
    assert model.n_iter_ < 60
    assert (model.predict(X) == TRUTH).mean() > 0.85


def test_score_is_subset_accuracy_or_likelihood_of_answers(fitted):
    right = (fitted.predict(X) == TRUTH).all(axis=1)
    assert fitted.score(X, TRUTH) == pytest.approx(right.mean())
    weight = np.arange(N_ITEMS)
    assert fitted.score(X, TRUTH, weight) == pytest.approx(
        np.average(right, weights=weight)
    )
    proba, confusion = fitted.predict_proba(X), fitted.annotator_confusion_
    item, annotator, label = np.nonzero(~np.isnan(INDICATORS))
    answer = INDICATORS[item, annotator, label].astype(int)
    p = proba[item, label]
    both = confusion[annotator, label, :, answer]
    expected = np.log((1 - p) * both[:, 0] + p * both[:, 1]).mean()
    assert fitted.score(X, Y) == pytest.approx(expected, rel=1e-5)
    assert get_scorer("answer_log_likelihood")(fitted, X, Y) == fitted.score(X, Y)


def test_tools_of_scikit_learn_take_the_container():
    model = make_pipeline(StandardScaler(), CrowdMultilabelClassifier(**QUICK))
    assert (cross_val_score(model, X, Y, cv=2) < 0).all()
    grid = {"crowdmultilabelclassifier__lr": [1e-5, 1e-2]}
    search = GridSearchCV(model, grid, cv=2).fit(X, Y)
    assert search.best_params_ == {"crowdmultilabelclassifier__lr": 1e-2}
    assert search.score(X, TRUTH) > 0.5


def test_cross_val_predict_of_skcrowd_takes_the_container():
    model = CrowdMultilabelClassifier(**QUICK)
    proba = cross_val_predict(model, X, Y, cv=2, method="predict_proba")
    assert ((proba > 0.5) == TRUTH).mean() > 0.8


def test_clones_and_pickles(fitted):
    again = clone(fitted).fit(X, Y)
    np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))
    loaded = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(loaded.predict_proba(X), fitted.predict_proba(X))


@pytest.mark.parametrize("method", ["regularized_em", "crowd_layer", "conal"])
def test_saving_and_loading(tmp_path, method):
    model = CrowdMultilabelClassifier(**{**QUICK, "method": method}).fit(X, Y)
    loaded = skcrowd.load(skcrowd.save(model, tmp_path / "model.skcrowd"))
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    assert loaded.score(X, Y) == model.score(X, Y)
    pd.testing.assert_frame_equal(loaded.annotator_report(), model.annotator_report())
    again = loaded.fit(X, Y)
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


class Network(nn.Module):
    """A linear layer."""

    def __init__(self, n_features, n_labels):
        super().__init__()
        self.layer = nn.Linear(n_features, n_labels)

    def forward(self, X):
        return self.layer(X)


class TooFew(Network):
    def forward(self, X):
        return self.layer(X)[:, 1:]


class Softmax(Network):
    def forward(self, X):
        return self.layer(X).softmax(dim=1)


def test_a_network_of_ones_own():
    model = CrowdMultilabelClassifier(Network, **{**QUICK, "lr": 0.1}).fit(X, Y)
    assert (model.predict(X) == TRUTH).mean() > 0.9
    with torch.no_grad():
        logits = model.net_.module_(torch.as_tensor(X)).double()
    np.testing.assert_allclose(model.predict_proba(X), logits.sigmoid(), rtol=1e-6)


@pytest.mark.parametrize(
    ("module", "message"),
    [(TooFew, "one score a label, shape \\(n_batch, 3\\)"), (Softmax, "softmax")],
)
def test_networks_that_return_something_else_are_refused(module, message):
    with pytest.raises(ValueError, match=message):
        CrowdMultilabelClassifier(module, **QUICK).fit(X, Y)


@pytest.mark.parametrize(
    "convert",
    [sparse.csr_matrix, pd.DataFrame, lambda X: X.reshape(-1, 2, 2), np.float64],
)
def test_other_forms_of_features(convert):
    model = CrowdMultilabelClassifier(**QUICK).fit(convert(X), Y)
    assert (model.predict(convert(X)) == TRUTH).mean() > 0.9


def test_a_dict_of_features():
    class TwoParts(nn.Module):
        def __init__(self, n_labels):
            super().__init__()
            self.left, self.right = nn.Linear(2, n_labels), nn.Linear(2, n_labels)

        def forward(self, left, right):
            return self.left(left) + self.right(right)

    parts = {"left": X[:, :2], "right": X[:, 2:]}
    model = CrowdMultilabelClassifier(TwoParts, **{**QUICK, "lr": 0.1}).fit(parts, Y)
    assert (model.predict(parts) == TRUTH).mean() > 0.9


@pytest.mark.parametrize(
    "method",
    [DoctorNet(), KDCrowd(robust="co_teaching"), KDCrowd(robust="mixup")],
)
def test_methods_that_need_one_label_an_item_are_refused(method):
    with pytest.raises(ValueError, match=r"sets of labels|several labels"):
        CrowdMultilabelClassifier(**{**QUICK, "method": method}).fit(X, Y)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.arange(N_ITEMS), "true labels an indicator matrix"),
        (Y[1:], "inconsistent numbers of samples"),
        (INDICATORS[:, 0], "not all 0 or 1"),
    ],
)
def test_other_targets_are_refused(y, message):
    with pytest.raises(ValueError, match=message):
        CrowdMultilabelClassifier(**QUICK).fit(X, y)


def test_input_that_does_not_fit_is_refused(fitted):
    model = CrowdMultilabelClassifier(**QUICK)
    with pytest.raises(ValueError, match="gold has 2 rows"):
        model.fit(X, Y, gold=[{0}, None])
    with pytest.raises(ValueError, match="gold was given with"):
        model.fit(X, TRUTH, gold={0: {1}})
    with pytest.raises(ValueError, match="holds no answer at all for the items"):
        model.fit(X, Y, sample_weight=Y.answers_per_item == 0)
    with pytest.raises(ValueError, match="which are true labels"):
        fitted.evaluate_answers(X, TRUTH)
    with pytest.raises(ValueError, match="4 annotators"):
        fitted.score(X, INDICATORS[:, :4])


def test_predictions_that_are_not_finite_name_the_row():
    model = CrowdMultilabelClassifier(Network, **{**QUICK, "lr": 10.0}).fit(X, Y)
    huge = np.stack([X[0], np.full(4, 3e38, dtype=np.float32)])
    with pytest.raises(ValueError, match="row 1 of X \\(1 of 2 rows\\)"):
        model.predict(huge)


def test_checkpoints_change_nothing(tmp_path, fitted):
    model = CrowdMultilabelClassifier(checkpoint=tmp_path / "fit", **QUICK).fit(X, Y)
    np.testing.assert_array_equal(model.predict_proba(X), fitted.predict_proba(X))


def test_annotator_report(fitted):
    report = fitted.annotator_report()
    assert report.index.tolist() == [0, 1, 2, 3, 4]
    assert report["n_answers"].tolist() == Y.answers_per_annotator.tolist()
    ticks = np.nansum(INDICATORS, axis=(0, 2))
    np.testing.assert_array_equal(report["n_ticked"], ticks)
    right = np.nansum(INDICATORS * TRUTH[:, None], axis=(0, 2))
    true = (~np.isnan(INDICATORS) * TRUTH[:, None]).sum(axis=(0, 2))
    for name, value in {
        "precision": right / ticks,
        "recall": right / true,
        "f1": 2 * right / (ticks + true),
    }.items():
        np.testing.assert_allclose(report[name], value, atol=0.12)
        low, high = report[f"{name}_low"], report[f"{name}_high"]
        assert ((low <= report[name]) & (report[name] <= high)).all()
        assert ((low <= value) & (value <= high)).all()


def test_annotator_report_by_label(fitted):
    report = fitted.annotator_report(by_label=True)
    assert report.index.names == ["annotator", "label"]
    assert len(report) == len(ERRORS) * N_LABELS
    ticks = np.nansum(INDICATORS, axis=0).ravel()
    np.testing.assert_array_equal(report["n_ticked"], ticks)
    in_all = report.groupby("annotator")["n_ticked"].sum()
    np.testing.assert_array_equal(in_all, fitted.annotator_report()["n_ticked"])


def test_label_quality(fitted):
    quality = fitted.label_quality(X, Y)
    assert quality.index.names == ["item", "label"]
    assert (quality["applies"] == TRUTH.ravel()).mean() > 0.9
    np.testing.assert_array_equal(
        quality["n_ticked"], np.nansum(INDICATORS, axis=1).ravel()
    )


def test_label_quality_in_sample_is_the_posterior_of_em():
    model = CrowdMultilabelClassifier(**QUICK).fit(X, Y)
    quality = model.label_quality(X, Y, cv="prefit")
    np.testing.assert_allclose(
        quality["probability"], model.posterior_.ravel(), atol=1e-6
    )


def test_label_quality_of_new_items(fitted):
    new = CrowdMultilabelClassifier(**QUICK).fit(X[:150], Y[:150])
    quality = new.label_quality(X[150:], Y[150:])
    assert (quality["applies"] == TRUTH[150:].ravel()).mean() > 0.85


def test_answer_quality(fitted):
    proba = TRUTH.astype(float)
    answers = fitted.answer_quality(X, Y, pred_proba=proba)
    wrong = TRUTH[:, None] != INDICATORS
    wrong = wrong.transpose(0, 2, 1)[~np.isnan(INDICATORS).transpose(0, 2, 1)]
    np.testing.assert_array_equal(answers["looks_wrong"], wrong)
    ticked = INDICATORS[answers["item"], answers["annotator"], answers["label"]]
    np.testing.assert_array_equal(answers["ticked"], ticked == 1)
    assert not fitted.answer_quality(X, Y, pred_proba=proba, threshold=0.0)[
        "looks_wrong"
    ].any()
    for name in ("label_quality", "answer_quality"):
        with pytest.raises(ValueError, match=r"pred_proba has shape \(5, 3\)"):
            getattr(fitted, name)(X, Y, pred_proba=proba[:5])


def test_next_queries_are_the_sum_over_labels(fitted):
    queries = fitted.next_queries(X, Y, 8)
    asked = INDICATORS[queries["item"], queries["annotator"], 0]
    assert np.isnan(asked).all()
    assert queries["item"].is_unique
    assert queries["expected_gain"].is_monotonic_decreasing
    (gain,) = fitted.next_queries(X[:1], None, 1, annotators=[0])["expected_gain"]
    p = fitted.predict_proba(X[:1])[0]
    truth = np.stack([1 - p, p], axis=1)
    joint = truth[:, :, None] * fitted.annotator_confusion_[0]
    said = joint.sum(axis=1)
    expected = entr(said).sum() + entr(truth).sum() - entr(joint).sum()
    assert gain == pytest.approx(expected, rel=1e-4)
    again = fitted.next_queries(X[:3], None, 6, max_per_item=2, max_per_annotator=None)
    assert again["item"].value_counts().eq(2).all()


def test_the_html_lists_the_annotators(fitted):
    html = fitted._repr_html_()
    assert "5 annotators" in html
    assert "labels ticked" in html


@pytest.fixture(scope="module")
def named():
    """A model whose labels have names, and the labels that it predicts."""
    y = pd.DataFrame(TRUTH, columns=["ape", "bee", "cat"])
    model = CrowdMultilabelClassifier(**QUICK, classes=list(y.columns)).fit(X, y)
    return model, pd.DataFrame(model.predict(X), columns=model.classes_)


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_columns_of_a_table_of_true_labels_are_matched_by_name(named, library):
    model, predicted = named
    table = predicted[["cat", "ape", "bee"]]
    if library == "polars":
        table = pl.from_pandas(table)
    elif library == "pyarrow":
        table = pa.Table.from_pandas(table)
    assert model.score(X, table) == 1
    assert model.score(X, predicted.to_numpy()) == 1
    assert model.score(X, pd.DataFrame(predicted.to_numpy())) == 1
    again = clone(model).fit(X, table)
    other = clone(model).fit(X, predicted)
    np.testing.assert_array_equal(again.predict_proba(X), other.predict_proba(X))


def test_a_table_of_other_labels_is_refused(named):
    model, predicted = named
    wrong = {
        r"leave out \['dog'\]": predicted.assign(dog=0),
        r"add columns for \['bee'\]": predicted.rename(columns={"bee": "dog"}),
        r"add columns for \['cat'\]": predicted[["ape", "bee"]],
        "some of one name": predicted[["ape", "bee", "cat", "cat"]],
    }
    for message, table in wrong.items():
        with pytest.raises(ValueError, match=message):
            model.score(X, table)
        with pytest.raises(ValueError, match=message):
            clone(model).fit(X, table)


@pytest.mark.parametrize("n_labels", [2, 3])
def test_columns_named_by_numbers_that_are_labels_are_those_labels(n_labels):
    classes = list(range(n_labels))[::-1]
    gold = pd.DataFrame(np.eye(n_labels, dtype=int)[:, :n_labels])
    known = _known_indicators(gold, np.array(classes))
    np.testing.assert_array_equal(known, gold.to_numpy()[:, classes])
    named = np.array(["ape", "bee", "cat"])[:n_labels]
    np.testing.assert_array_equal(_known_indicators(gold, named), gold)


def test_gold_with_two_columns_of_one_name_is_refused():
    gold = pd.DataFrame(TRUTH, columns=["ape", "ape", "bee"])
    answers = MultilabelAnnotations.from_indicators(
        INDICATORS, classes=["ape", "bee", "cat"]
    )
    with pytest.raises(ValueError, match=r"gold has the columns .* some of one name"):
        CrowdMultilabelClassifier(**QUICK).fit(X, answers, gold=gold)


@pytest.mark.parametrize("ticked", [0, 1])
@pytest.mark.parametrize("method", ["em", "regularized_em"])
def test_where_everybody_says_the_same_of_all_labels(method, ticked):
    X = np.random.default_rng(0).normal(size=(40, 3))
    Y = np.full((40, 3, 4), ticked)
    clf = CrowdMultilabelClassifier(method=method, max_epochs=20, random_state=0)
    clf.fit(X, Y)
    np.testing.assert_array_equal(clf.posterior_, ticked)
    report = clf.annotator_report()
    assert (report["accuracy"] == 1).all()
    for name in ("recall", "f1") if ticked == 0 else ():
        assert report[name].isna().all()
        assert (report[f"{name}_low"] == 0).all()
        assert (report[f"{name}_high"] == 1).all()
    for name in ("precision", "recall", "f1") if ticked else ():
        assert (report[f"{name}_low"] > 0.95).all()
    for cv in ("prefit", 2):
        quality = clf.label_quality(X, Y, cv=cv)
        assert (quality["applies"] == bool(ticked)).all()
        assert (np.abs(quality["probability"] - ticked) < 0.05).all()
        assert (quality["quality"] > 0.7).all()


def test_given_probabilities_are_found_by_the_names_of_labels():
    X = np.random.default_rng(0).normal(size=(30, 2))
    Y = np.repeat(X[:, None] > 0, 3, axis=1)
    labels = ["cat", "dog"]
    clf = CrowdMultilabelClassifier(classes=labels, max_epochs=2, random_state=0)
    clf.fit(X, Y)
    table = pd.DataFrame(clf.predict_proba(X), columns=labels)
    expected, found = (
        clf.label_quality(X, Y, pred_proba=given)
        for given in (table.to_numpy(), table[["dog", "cat"]])
    )
    pd.testing.assert_frame_equal(expected, found)
    with pytest.raises(ValueError, match=r"has the columns .* name each column"):
        clf.label_quality(X, Y, pred_proba=table.rename(columns={"cat": "owl"}))


def test_true_labels_may_be_called_as_columns_of_a_long_table():
    names = ["document", "judge", "vote"]
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 3)).astype(np.float32)
    truth = pd.DataFrame((X > 0).astype(int), columns=names)
    model = CrowdMultilabelClassifier(**QUICK).fit(X, truth)
    assert model.classes_.tolist() == names
    swapped = truth[names[::-1]]
    assert model.score(X, swapped) == model.score(X, truth)
    expected = CrowdMultilabelClassifier(classes=names, **QUICK).fit(X, swapped)
    np.testing.assert_array_equal(model.predict_proba(X), expected.predict_proba(X))


@pytest.mark.parametrize(
    ("known", "words"),
    [("ape", r"gold holds the single label 'ape' at row 3.*\['ape'\]"),
     (np.str_("ape"), r"the single label 'ape' at row 3.* write \['ape'\]\.$"),
     ("ape;bee", r"the text 'ape;bee' at row 3.* write \['ape', 'bee'\]: split .*';'"),
     ("yak", r"the text 'yak' at row 3.*; pass classes= .*and write a list of labels"),
     (["yak"], "gold holds the label 'yak' at row 3, which is not among .* classes="),
     ([np.str_("yak")], "gold holds the label 'yak' at row 3")],
)  # fmt: skip
def test_gold_is_named_where_it_is_wrong(known, words):
    y = [[["ape"], ["ape", "bee"]]] * len(X)
    with pytest.raises(ValueError, match=words):
        CrowdMultilabelClassifier(**QUICK).fit(X, y, gold={3: known})


@pytest.mark.parametrize("known", ["1", ["1"]])
def test_gold_of_another_type_is_to_be_converted(known):
    y = [[[1], [1, 2]]] * len(X)
    with pytest.raises(ValueError, match=r"'1' at row 3.* write 1, which is of"):
        CrowdMultilabelClassifier(**QUICK).fit(X, y, gold={3: known})
