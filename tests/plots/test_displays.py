"""Displays: what they draw, of which models, and what they refuse."""

import sys
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from _data import small
from numpy.testing import assert_allclose
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.annotations import Annotations, SequenceAnnotations, check_annotations
from skcrowd.datasets import annotator_confusions
from skcrowd.plots import (
    AgreementDisplay,
    AnnotatorAccuracyDisplay,
    AnnotatorBiasDisplay,
    AnnotatorConfusionDisplay,
    DependenceDisplay,
    LabelQualityDisplay,
    TrainingHistoryDisplay,
)

SENTENCES = [["Ann", "met", "Bob"], ["Tim", "slept"]] * 6
TAGS = [[["P", "O", "P"]] * 2, [["P", "O"], ["O", "O"]]] * 6


@pytest.fixture(autouse=True)
def _closed_figures():
    with mpl.rc_context({"backend": "agg"}):
        yield
        plt.close("all")


@pytest.fixture(scope="module")
def models(items, answers, rated_items):
    """A pipeline of each kind with its X and y."""
    regressor = small("em", CrowdRegressor, early_stopping=True)
    tagger = CrowdSequenceTagger(max_epochs=2, random_state=0)
    models = {
        "labels": (StandardScaler(), small("em", CrowdClassifier), items[0], answers),
        "numbers": (StandardScaler(), regressor, *rated_items[::2]),
        "tags": (FunctionTransformer(), tagger, SENTENCES, TAGS),
    }
    return {
        name: (make_pipeline(scaler, estimator).fit(X, y), X, y)
        for name, (scaler, estimator, X, y) in models.items()
    }


def names_of(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


@pytest.mark.parametrize("name", ["labels", "numbers", "tags"])
def test_displays_of_every_estimator_in_a_pipeline(models, name):
    pipeline, X, y = models[name]
    report = pipeline[-1].annotator_report()
    accuracy = AnnotatorAccuracyDisplay.from_estimator(pipeline)
    measure = "correlation" if name == "numbers" else "accuracy"
    assert accuracy.ax_.get_xlabel() == measure
    assert_allclose(accuracy.ax_.lines[0].get_xdata(), sorted(report[measure])[::-1])
    quality = LabelQualityDisplay.from_estimator(pipeline, X, y)
    table = pipeline[-1].label_quality(pipeline[0].transform(X), y)
    drawn = sum(patch.get_height() for patch in quality.ax_.patches)
    assert drawn == len(table)
    if name != "numbers":
        expected = (1 - table["consensus_probability"]).sum()
        assert quality.expected_wrong_ == pytest.approx(expected)
    history = TrainingHistoryDisplay.from_estimator(pipeline)
    losses = [epoch["train_loss"] for epoch in pipeline[-1].history_]
    assert_allclose(history.ax_.lines[0].get_ydata(), losses)
    assert len(history.ax_.lines) == 1 + (name == "numbers")
    for display in (accuracy, quality, history):
        assert display.figure_.number in plt.get_fignums()


@pytest.mark.parametrize("name", ["labels", "tags"])
def test_confusions_of_a_pipeline_and_a_search(models, name):
    pipeline, X, y = models[name]
    display = AnnotatorConfusionDisplay.from_estimator(pipeline, max_annotators=2)
    confusion = pipeline[-1].annotator_confusion_
    for axes, row in zip(display.axes_, display.order_[:2], strict=True):
        assert_allclose(axes.images[0].get_array(), confusion[row])
    if name == "labels":
        search = GridSearchCV(
            pipeline, {"standardscaler__with_std": [True]}, cv=KFold(2)
        )
        best = AnnotatorConfusionDisplay.from_estimator(search.fit(X, y))
        assert len(best.axes_) == len(confusion)


def test_confusions_of_the_least_informative_come_first():
    confusion, kind = annotator_confusions(
        {"expert": 24, "random": 2}, 3, random_state=0
    )
    display = AnnotatorConfusionDisplay(confusion).plot()
    first = {int(row) for row in display.order_[:2]}
    assert first == set(np.flatnonzero(np.asarray(kind) == "random"))
    assert len(display.axes_) == 20
    assert "20 least informative of 26" in display.figure_.get_suptitle()


def test_confusions_with_unknown_rows_come_last():
    confusion, _ = annotator_confusions({"random": 1, "expert": 1}, 3, random_state=0)
    unknown = np.full((1, 3, 3), np.nan)
    display = AnnotatorConfusionDisplay(np.concatenate([unknown, confusion])).plot()
    assert display.order_[-1] == 0


def test_confusions_divide_given_axes():
    confusion, _ = annotator_confusions(5, 3, random_state=0)
    figure, (left, right) = plt.subplots(1, 2)
    display = AnnotatorConfusionDisplay(confusion).plot(ax=right, max_annotators=4)
    figure.canvas.draw()
    assert display.figure_ is figure
    boxes = [axes.get_position() for axes in display.axes_]
    assert all(box.x0 > left.get_position().x1 for box in boxes)
    free = figure.add_axes((0, 0, 1, 1))
    with pytest.raises(ValueError, match="no place in a grid"):
        AnnotatorConfusionDisplay(confusion).plot(ax=free)


def test_ratings_have_no_confusions_and_labels_no_offsets(models):
    with pytest.raises(TypeError, match="AnnotatorBiasDisplay"):
        AnnotatorConfusionDisplay.from_estimator(models["numbers"][0])
    with pytest.raises(TypeError, match="AnnotatorConfusionDisplay"):
        AnnotatorBiasDisplay.from_estimator(models["labels"][0])


def test_offsets_are_sorted_and_have_their_intervals(models):
    pipeline, *_ = models["numbers"]
    report = pipeline[-1].annotator_report(level=0.5)
    display = AnnotatorBiasDisplay.from_estimator(pipeline, level=0.5)
    offset = report["offset"].to_numpy()[display.order_]
    assert (np.diff(offset) <= 0).all()
    assert_allclose(display.ax_.lines[0].get_xdata(), offset)
    noise, interval = display.ax_.collections
    for drawn, low, high in (
        (noise, report["offset"] - report["noise_std"], None),
        (interval, report["offset_low"], report["offset_high"]),
    ):
        ends = np.array([segment[:, 0] for segment in drawn.get_segments()])
        assert_allclose(ends[:, 0], low.to_numpy()[display.order_])
        if high is not None:
            assert_allclose(ends[:, 1], high.to_numpy()[display.order_])


def test_accuracies_that_are_unknown_come_last():
    display = AnnotatorAccuracyDisplay(
        [np.nan, 0.5, 0.9], [0, 0.3, 0.8], [1, 0.7, 1], annotator_names=list("abc")
    ).plot()
    assert names_of(display.ax_.yaxis) == ["c", "b", "a"]
    display.figure_.canvas.draw()


def test_five_hundred_annotators_are_drawn_without_their_names():
    value = np.linspace(0.2, 0.8, 500)
    display = AnnotatorAccuracyDisplay(value, value - 0.1, value + 0.1).plot()
    assert names_of(display.ax_.yaxis) == []
    assert display.figure_.get_size_inches()[1] < 12
    matrix = AgreementDisplay(np.ones((500, 500))).plot()
    assert names_of(matrix.ax_.xaxis) == []


def test_long_names_are_cut():
    display = AgreementDisplay(np.eye(2), annotator_names=["x" * 99, "y"]).plot()
    assert names_of(display.ax_.xaxis) == ["x" * 23 + "…", "y"]


def test_pairwise_agreement_of_labels(answers):
    display = AgreementDisplay.from_annotations(answers)
    for first in range(5):
        for second in range(5):
            both = (answers[:, first] >= 0) & (answers[:, second] >= 0)
            same = (answers[:, first] == answers[:, second])[both].mean()
            assert display.agreement[first, second] == pytest.approx(same)
    assert_allclose(display.ax_.images[0].get_array(), display.agreement)


def test_pairwise_agreement_of_ratings_is_their_correlation(rated_items):
    y = rated_items[2]
    display = AgreementDisplay.from_annotations(y + 1e4, kind="numbers")
    both = np.isfinite(y[:, :2]).all(axis=1)
    expected = np.corrcoef(y[both, 0], y[both, 1])[0, 1]
    assert display.agreement[0, 1] == pytest.approx(expected, abs=1e-6)
    assert "correlation" in display.measure
    container = check_annotations(y, kind="numbers")
    same = AgreementDisplay.from_annotations(container)
    assert_allclose(same.agreement, display.agreement, atol=1e-6)


def test_agreement_where_it_is_not_defined():
    apart = Annotations.from_dense([["a", None], [None, "b"]])
    display = AgreementDisplay.from_annotations(apart)
    assert np.isnan(display.agreement[0, 1])
    constant = [[1.0, 2.0], [1.0, 3.0]]
    display = AgreementDisplay.from_annotations(constant, kind="numbers")
    assert np.isnan(display.agreement[0, 1])


def test_agreement_of_tag_sequences_counts_tokens():
    tags = SequenceAnnotations.from_cells(TAGS)
    display = AgreementDisplay.from_annotations(tags)
    assert display.agreement[0, 1] == pytest.approx(4 / 5)


def test_dependence_puts_groups_side_by_side():
    dependence = SimpleNamespace(
        annotator_names=np.array(["a", "b", "c", "d"]),
        first=np.array([0, 0, 1]),
        second=np.array([1, 3, 2]),
        excess=np.array([0.1, 0.9, -0.2]),
        group=np.array([0, -1, -1, 0]),
    )
    display = DependenceDisplay.from_dependence(dependence)
    assert names_of(display.ax_.xaxis) == ["a", "d", "b", "c"]
    drawn = display.ax_.images[0].get_array()
    assert drawn[0, 1] == drawn[1, 0] == 0.9
    frame = display.ax_.patches[0]
    assert (frame.get_x(), frame.get_width()) == (-0.5, 2)


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: AnnotatorAccuracyDisplay([0.5], [0.1, 0.2], [0.9]).plot(), "2 and 1"),
        (lambda: AnnotatorBiasDisplay([0.5], [0.1, 0.2]).plot(), "1 offsets, 2"),
        (lambda: AgreementDisplay(np.ones((2, 3))).plot(), "shape"),
        (lambda: DependenceDisplay(np.ones((2, 2)), [0]).plot(), "shape"),
        (lambda: LabelQualityDisplay([0.5]).plot(kind="pie"), "'sorted'"),
    ],
)
def test_bad_values_are_refused(draw, words):
    with pytest.raises(ValueError, match=words):
        draw()


def test_tables_of_another_kind_are_refused(models):
    pipeline, X, y = models["labels"]
    report = pipeline[-1].annotator_report()
    with pytest.raises(ValueError, match="label_quality"):
        LabelQualityDisplay.from_quality(report)
    quality = pipeline[-1].label_quality(pipeline[0].transform(X), y)
    with pytest.raises(ValueError, match="annotator_report"):
        AnnotatorAccuracyDisplay.from_report(quality)


def test_sorted_quality_and_given_axes():
    _, ax = plt.subplots()
    display = LabelQualityDisplay([0.9, 0.5]).plot(kind="sorted", ax=ax)
    assert display.ax_ is ax
    assert_allclose(ax.lines[0].get_ydata(), [0.5, 0.9])


def test_without_matplotlib_the_error_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    confusion, _ = annotator_confusions(2, 3, random_state=0)
    for display in (
        AnnotatorConfusionDisplay(confusion),
        AgreementDisplay(np.eye(2)),
        DependenceDisplay(np.eye(2), [0, 1]),
        LabelQualityDisplay([0.5]),
    ):
        with pytest.raises(ImportError, match=r"skcrowd\[plot\]"):
            display.plot()


@pytest.mark.parametrize("name", ["$x_{$", "a$b$", "<b>&", "_hidden"])
def test_names_are_written_as_they_are(name):
    names = [name, "other"]
    accuracies = AnnotatorAccuracyDisplay(
        [0.9, 0.8], [0.8, 0.7], [1.0, 0.9], annotator_names=names
    ).plot()
    agreement = AgreementDisplay(np.eye(2), annotator_names=names).plot()
    confusion = AnnotatorConfusionDisplay(
        np.stack([np.eye(2)] * 2), class_names=names, annotator_names=names
    ).plot()
    axes = [accuracies.ax_.yaxis, agreement.ax_.xaxis, agreement.ax_.yaxis]
    axes += [confusion.axes_[0].xaxis, confusion.axes_[0].yaxis]
    labels = [label for axis in axes for label in axis.get_ticklabels()]
    labels += [panel.title for panel in confusion.axes_]
    for display in (accuracies, agreement, confusion):
        display.figure_.canvas.draw()
    written = [label for label in labels if label.get_text() == name]
    assert len(written) == 6
    assert not any(label.get_parse_math() for label in written)
