"""plot_confusions: small multiples of the annotators' confusion matrices."""

import io
import sys
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from skcrowd.datasets import annotator_confusions
from skcrowd.plots import plot_confusions


def confusions(n_annotators, n_classes):
    return annotator_confusions(n_annotators, n_classes, random_state=0)[0]


def panels(figure):
    """The panels without the colour bar, in order."""
    return [axes for axes in figure.axes if axes.images]


def words(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


@pytest.mark.parametrize(
    "shape", [(20, 10), (3, 2), (1, 2), (1, 1), (19, 12), (2, 150)]
)
def test_it_renders_without_pyplot_and_without_warnings(shape):
    n_annotators, n_classes = shape
    if n_classes == 1:
        confusion = np.ones((1, 1, 1))
    else:
        confusion = confusions(n_annotators, n_classes)
    names = [f"some class {i}" for i in range(n_classes)]
    figure = plot_confusions(confusion, class_names=names)
    figure.savefig(io.BytesIO(), dpi=40)
    assert isinstance(figure, Figure)
    assert len(panels(figure)) == n_annotators
    assert plt.get_fignums() == []


def test_every_panel_shows_its_matrix_on_one_scale():
    confusion = confusions(5, 6)
    drawn = panels(plot_confusions(confusion, cmap="magma"))
    for axes, matrix in zip(drawn, confusion, strict=True):
        image = axes.images[0]
        np.testing.assert_allclose(image.get_array(), matrix)
        assert image.get_clim() == (0.0, 1.0)
        assert image.get_cmap().name == "magma"


def test_names_and_titles():
    confusion = confusions(3, 2)
    figure = plot_confusions(
        confusion, class_names=["ill", "well"], annotator_names=["ann", 7, "cy"]
    )
    first, *others = panels(figure)
    titles = [axes.get_title() for axes in panels(figure)]
    assert titles == ["ann", "annotator 7", "cy"]
    assert words(first.yaxis) == ["ill", "well"]
    assert all(words(axes.yaxis) == [] for axes in others)
    assert words(others[-1].xaxis) == ["ill", "well"]
    figure = plot_confusions(confusion, annotator_names=list("abc"), titles=list("xyz"))
    assert [axes.get_title() for axes in panels(figure)] == ["x", "y", "z"]


def test_class_names_stand_at_the_edges_of_the_grid():
    drawn = panels(plot_confusions(confusions(5, 3), n_columns=2))
    assert [bool(words(axes.yaxis)) for axes in drawn] == [True, False] * 2 + [True]
    assert [bool(words(axes.xaxis)) for axes in drawn] == [False] * 4 + [True]


def test_many_class_names_are_thinned_out_and_long_ones_cut():
    names = [f"{i} {'long' * 10}" for i in range(30)]
    axes = panels(plot_confusions(confusions(1, 30), class_names=names))[0]
    shown = words(axes.xaxis)
    assert len(shown) == 10
    assert max(map(len, shown)) == 14
    assert [name.split()[0] for name in shown] == [str(i) for i in range(0, 30, 3)]


def test_numbers_stand_in_large_cells_only():
    small = panels(plot_confusions([[[0.25, 0.75], [0.0, 1.0]]]))[0]
    assert [text.get_text() for text in small.texts] == ["0.25", "0.75", "0.00", "1.00"]
    assert small.texts[2].get_color() == "black"
    assert small.texts[3].get_color() == "white"
    assert not panels(plot_confusions(confusions(1, 10)))[0].texts


def test_rows_without_data_are_grey():
    figure = plot_confusions([[[np.nan, np.nan], [0.5, 0.5]]])
    image = panels(figure)[0].images[0]
    colors = image.to_rgba(image.get_array())
    np.testing.assert_allclose(colors[0], [to_rgba("0.85")] * 2, atol=0.01)
    assert len(panels(figure)[0].texts) == 2


def test_more_annotators_than_room_are_announced():
    confusion = confusions(30, 3)
    figure = plot_confusions(confusion)
    assert len(panels(figure)) == 20
    assert figure.get_suptitle() == "The first 20 of 30 annotators"
    figure = plot_confusions(confusion, max_annotators=30)
    assert len(panels(figure)) == 30
    assert figure.get_suptitle() == ""


def test_n_columns_shapes_the_grid():
    figure = plot_confusions(confusions(6, 3), n_columns=2)
    spec = panels(figure)[0].get_subplotspec().get_gridspec()
    assert (spec.nrows, spec.ncols) == (3, 2)


def test_an_estimator_names_itself():
    estimator = SimpleNamespace(
        annotator_confusion_=confusions(2, 2),
        classes_=np.array(["no", "yes"]),
        annotators_=np.array(["ann", "bob"], dtype=object),
    )
    drawn = panels(plot_confusions(estimator))
    assert [axes.get_title() for axes in drawn] == ["ann", "bob"]
    assert words(drawn[0].yaxis) == ["no", "yes"]
    drawn = panels(plot_confusions(estimator, class_names=["0", "1"]))
    assert words(drawn[0].yaxis) == ["0", "1"]


@pytest.mark.parametrize(
    ("confusion", "options", "error", "message"),
    [
        (object(), {}, TypeError, "confusion is a object; pass an array"),
        (np.eye(2), {}, ValueError, r"shape \(2, 2\).*Put a single matrix into a list"),
        (np.ones((1, 2, 3)), {}, ValueError, r"shape \(1, 2, 3\)"),
        (np.empty((0, 2, 2)), {}, ValueError, "empty"),
        ([[[3, 0], [1, 2]]], {}, ValueError, "holds 3.0.*Divide counts"),
        ([np.eye(2)], {"class_names": ["a"]}, ValueError, "class_names holds 1 .* 2"),
        ([np.eye(2)], {"annotator_names": "ab"}, ValueError, "annotator_names holds 2"),
        ([np.eye(2)], {"titles": []}, ValueError, "titles holds 0"),
        ([np.eye(2)], {"max_annotators": 0}, ValueError, "max_annotators=0"),
        ([np.eye(2)], {"n_columns": 0}, ValueError, "n_columns=0"),
    ],
)
def test_wrong_input_is_refused(confusion, options, error, message):
    with pytest.raises(error, match=message):
        plot_confusions(confusion, **options)


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r'pip install "skcrowd\[plot\]"'):
        plot_confusions([np.eye(2)])
