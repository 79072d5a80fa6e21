"""``partial_fit`` and ``warm_start``: going on from an earlier fit."""

import numpy as np
import pandas as pd
import pytest
from _data import (
    EACH_SORT,
    EVERY_METHOD,
    METHODS,
    SORTS,
    blobs,
    crowd,
    predictions,
    rated,
    with_mlp,
)
from sklearn.exceptions import DataConversionWarning

from skcrowd import Annotations, CrowdClassifier, CrowdRegressor, load, save

# Whose annotators are trained with the network; the others begin with what the earlier
# fit says of the truth.
TRAINED = {
    "annot_mix",
    "conal",
    "confusion_layer",
    "crowd_layer",
    "doctor_net",
    "gaussian_layer",
    "geo_crowd_net",
    "mutual_information",
    "trace",
    "union_net",
}
each_sort = pytest.mark.parametrize(("kind", "name"), EACH_SORT)


@pytest.fixture(scope="module")
def streams():
    """For each estimator 300 items: X, truth, Annotations."""
    X, truth = blobs(300)
    labels = crowd(truth, {"average": 5}, answers_per_item=3).annotations
    X_rated, number, simulated = rated(300, 5, answers_per_item=3)
    return {
        CrowdClassifier: (X, truth, labels),
        CrowdRegressor: (X_rated, number, simulated.annotations),
    }


def parts(X, y, n_parts=3):
    """Cut the items into parts."""
    rows = np.array_split(np.arange(len(X)), n_parts)
    return [(X[part], y[part]) for part in rows]


def names(kind):
    return {"classes": [0, 1, 2]} if kind is CrowdClassifier else {}


def confident(kind, name, **parameters):
    return with_mlp(name, kind, batch_size=16, **parameters)


@each_sort
def test_parts_add_up_to_a_good_model(kind, name, streams):
    X, truth, y = streams[kind]
    model = confident(kind, name, lr=3e-2)
    for _ in range(2 if kind is CrowdClassifier else 4):
        for some in parts(X, y):
            model.partial_fit(*some, **names(kind))
    assert model.score(X, truth) > (0.85 if kind is CrowdClassifier else 0.5)
    assert model.n_iter_ == (6 if kind is CrowdClassifier else 12)


@each_sort
def test_each_call_is_one_pass(kind, name, streams):
    X, _, y = streams[kind]
    model = confident(kind, name).partial_fit(X, y, **names(kind))
    assert len(model.history_) == 1
    first = [w.detach().clone() for w in model.net_.module_.parameters()]
    model.partial_fit(X, y)
    apart = [
        float((now.detach() - before).abs().max())
        for now, before in zip(model.net_.module_.parameters(), first, strict=True)
        if now.shape == before.shape
    ]
    assert 0 < max(apart) < 1


@each_sort
def test_new_annotators_may_come(kind, name, streams):
    X, _, y = streams[kind]
    few, many = y[:150].select_annotators([0, 1, 2]), y[150:]
    model = confident(kind, name).partial_fit(X[:150], few, **names(kind))
    before = model.annotator_n_answers_
    model.partial_fit(X[150:], many)
    assert model.n_annotators_ == 5
    assert model.annotators_.tolist() == [0, 1, 2, 3, 4]
    n_answers = many.answers_per_annotator
    n_answers[:3] += before
    np.testing.assert_array_equal(model.annotator_n_answers_, n_answers)
    assert np.isfinite(model.annotator_confusion_).all()


def test_annotators_are_matched_by_name(streams):
    X, _, y = streams[CrowdClassifier]
    answers = y.to_dense()
    first = Annotations.from_dense(answers[:150, :3], annotator_names=["a", "b", "c"])
    second = Annotations.from_dense(answers[150:, [3, 1]], annotator_names=["d", "b"])
    model = confident(CrowdClassifier, "em").partial_fit(X[:150], first)
    model.partial_fit(X[150:], second)
    assert model.annotators_.tolist() == ["a", "b", "c", "d"]
    np.testing.assert_array_equal(
        model.annotator_n_answers_,
        np.append(first.answers_per_annotator, 0)
        + np.array([0, *second.answers_per_annotator[::-1][[0]], 0, 0])
        + np.array([0, 0, 0, second.answers_per_annotator[0]]),
    )


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_who_is_silent_in_a_part_stays_as_known(kind, streams):
    X, _, y = streams[kind]
    model = confident(kind, "em")
    for _ in range(3):
        for some in parts(X, y):
            model.partial_fit(*some, **names(kind))
    before = model.annotator_confusion_[0]
    silent = y[:60].select_annotators([1, 2, 3, 4])
    silent = Annotations.from_long(
        silent.item,
        silent.annotator + 1,
        silent.labels,
        n_items=60,
        annotator_ids=range(5),
        kind=silent.kind,
    )
    model.partial_fit(X[:60], silent)
    np.testing.assert_allclose(model.annotator_confusion_[0], before, atol=0.1)


@pytest.mark.parametrize("name", SORTS[CrowdClassifier])
def test_memory_counts_every_answer_once(name, streams):
    X, _, y = streams[CrowdClassifier]
    model = confident(CrowdClassifier, name)
    for some in parts(X, y):
        model.partial_fit(*some, **names(CrowdClassifier))
    n_counted = model._answer_counts.sum(axis=(1, 2))
    np.testing.assert_allclose(n_counted, y.answers_per_annotator)


@pytest.mark.parametrize("name", SORTS[CrowdRegressor])
def test_memory_sums_every_rating_once(name, streams):
    X, _, y = streams[CrowdRegressor]
    model = confident(CrowdRegressor, name)
    for some in parts(X, y):
        model.partial_fit(*some)
    dense = y.to_dense()
    moments = model._rating_moments
    np.testing.assert_allclose(moments[:, 0, 0], y.answers_per_annotator, rtol=1e-6)
    np.testing.assert_allclose(moments[:, 0, 2], np.nansum(dense, axis=0))
    np.testing.assert_allclose(moments[:, 2, 2], np.nansum(dense**2, axis=0))


def test_class_shares_are_those_of_all_parts(streams):
    X, _, y = streams[CrowdClassifier]
    model = confident(CrowdClassifier, "majority_vote")
    for some in parts(X, y):
        model.partial_fit(*some, classes=[0, 1, 2])
    whole = confident(CrowdClassifier, "majority_vote").fit(X, y)
    np.testing.assert_allclose(model.class_prior_, whole.class_prior_)


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_partial_fit_continues_from_a_fit(kind, streams):
    X, truth, y = streams[kind]
    model = confident(kind, "em", max_epochs=30).fit(X[:200], y[:200])
    before = model.score(X, truth)
    model.partial_fit(X[200:], y[200:])
    assert model.score(X, truth) > before - 0.05
    assert model.annotator_n_answers_.sum() == y.n_answers


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_the_truth_itself_comes_in_parts(kind, streams):
    X, truth, _ = streams[kind]
    model = confident(kind, "em")
    for _ in range(5):
        for some in parts(X, truth):
            model.partial_fit(*some, **names(kind))
    assert model.score(X, truth) > 0.5


@pytest.mark.parametrize(
    ("kind", "counts"),
    [(CrowdClassifier, "_answer_counts"), (CrowdRegressor, "_rating_moments")],
)
def test_a_fit_forgets_the_parts(kind, counts, streams):
    X, _, y = streams[kind]
    fresh = confident(kind, "em").fit(X, y)
    model = confident(kind, "em").partial_fit(X, y, **names(kind)).fit(X, y)
    np.testing.assert_allclose(getattr(model, counts), getattr(fresh, counts))
    np.testing.assert_array_equal(
        model.annotator_confusion_, fresh.annotator_confusion_
    )


def test_classes_are_needed_once(streams):
    X, _, y = streams[CrowdClassifier]
    answers = y.to_dense()
    model = confident(CrowdClassifier, "em")
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        model.partial_fit(X, answers)
    model.partial_fit(X, answers, classes=[0, 1, 2]).partial_fit(X, answers)
    with pytest.raises(ValueError, match="not the same as on the last call"):
        model.partial_fit(X, answers, classes=[0, 1])
    with pytest.raises(ValueError, match=r"label.* 7"):
        model.partial_fit(X, np.where(answers == 1, 7, answers))


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_parts_cannot_stop_early(kind, streams):
    X, _, y = streams[kind]
    with pytest.raises(ValueError, match="set early_stopping=False"):
        with_mlp(kind=kind, early_stopping=True).partial_fit(X, y, **names(kind))


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_parts_have_the_same_features(kind, streams):
    X, _, y = streams[kind]
    model = confident(kind, "em").partial_fit(X, y, **names(kind))
    with pytest.raises(ValueError, match="X has 2 features"):
        model.partial_fit(X[:, :2], y)


@each_sort
def test_a_warm_start_continues(kind, name, streams):
    X, y = streams[kind][0][:90], streams[kind][2][:90]
    cold, warm = (
        confident(kind, name, warm_start=flag, max_epochs=4) for flag in (False, True)
    )
    cold.fit(X, y).fit(X, y)
    once = float(warm.fit(X, y).history_[-1, "train_loss"])
    first = float(warm.fit(X, y).history_[0, "train_loss"])
    begun = float(cold.history_[0, "train_loss"])
    assert abs(first - once) < abs(begun - once) or first < begun
    assert warm.n_iter_ == 4


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind, name in EVERY_METHOD if name in TRAINED],
)
def test_a_warm_start_takes_over_trained_annotators(kind, name, streams):
    X, y = streams[kind][0][:150], streams[kind][2][:150]
    model = confident(kind, name, warm_start=True, max_epochs=10, random_state=0)
    model.fit(X, y)
    before = model.annotator_confusion_
    model.set_params(max_epochs=1, lr=1e-9).fit(X, y)
    np.testing.assert_allclose(model.annotator_confusion_, before, atol=0.25)


def test_a_warm_start_needs_the_same_labels(streams):
    X, _, y = streams[CrowdClassifier]
    answers = y.to_dense()
    model = confident(CrowdClassifier, "em", warm_start=True).fit(X, answers)
    model.fit(X[:200], np.where(answers[:200] == 2, -1, answers[:200]))
    assert model.classes_.tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match=r"label.* 9"):
        model.fit(X, np.where(answers == 1, 9, answers))


def test_a_new_learning_rate_counts_in_the_next_part(streams):
    X, _, y = streams[CrowdClassifier]
    model = confident(CrowdClassifier, "em").partial_fit(X, y, classes=[0, 1, 2])
    model.set_params(lr=0.5).partial_fit(X, y)
    assert model.net_.optimizer_.param_groups[0]["lr"] == 0.5


def test_the_optimizer_remembers(streams):
    X, _, y = streams[CrowdClassifier]
    model = confident(CrowdClassifier, "em")
    steps = []
    for _ in range(2):
        model.partial_fit(X, y, classes=[0, 1, 2])
        state = model.net_.optimizer_.state_dict()["state"]
        steps.append(float(state[0]["step"]))
    assert steps[1] == 2 * steps[0]


@pytest.mark.parametrize("robust", ["co_teaching", "mixup"])
def test_two_networks_go_on_as_one(robust, streams):
    X, truth, y = streams[CrowdClassifier]
    model = confident(CrowdClassifier, "kd_crowd", method__robust=robust)
    for _ in range(4):
        for some in parts(X, y):
            model.partial_fit(*some, **names(CrowdClassifier))
    assert model.score(X, truth) > 0.8


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_a_loaded_model_continues(kind, streams, tmp_path):
    X, _, y = streams[kind]
    model = confident(kind, "em")
    for some in parts(X, y):
        model.partial_fit(*some, **names(kind))
    twin = load(save(model, tmp_path / "model.skcrowd"))
    for either in (model, twin):
        either.partial_fit(X, y)
    np.testing.assert_array_equal(predictions(twin, X), predictions(model, X))
    np.testing.assert_array_equal(twin.annotator_confusion_, model.annotator_confusion_)


@pytest.mark.parametrize("name", SORTS[CrowdRegressor])
def test_what_a_fit_knew_of_annotators_is_kept(name):
    X, _, simulated = rated(400, 4)
    y = simulated.annotations.to_dense() + np.array([3.0, -1.0, -1.0, -1.0])
    model = with_mlp(name, CrowdRegressor, max_epochs=20, lr=3e-2).fit(X, y)
    before = model.annotator_bias_, model.annotator_noise_std_
    model.partial_fit(X[:40], y[:40])
    np.testing.assert_allclose(model.annotator_bias_, before[0], atol=0.5)
    np.testing.assert_allclose(model.annotator_noise_std_, before[1], atol=0.5)


@pytest.mark.parametrize(
    "name", [name for name in SORTS[CrowdRegressor] if name != "mean"]
)
def test_parts_without_gold_keep_what_gold_told(name):
    X, truth, simulated = rated(400, 4)
    y, gold = simulated.annotations.to_dense() - 5, np.full(400, np.nan)
    gold[:100] = truth[:100]
    model = with_mlp(name, CrowdRegressor, max_epochs=20, lr=3e-2).fit(X, y, gold=gold)
    before = model.predict(X).mean()
    assert before == pytest.approx(truth.mean(), abs=1)
    for _ in range(5):
        model.partial_fit(X[200:], y[200:])
    assert model.predict(X).mean() == pytest.approx(before, abs=0.7)


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_answers_do_not_follow_on_the_truth(kind, streams):
    X, truth, y = streams[kind]
    model = confident(kind, "em").partial_fit(X, truth, **names(kind))
    with pytest.raises(ValueError, match="pass true values as gold"):
        model.partial_fit(X, y)
    model = confident(kind, "em", warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match="pass true values as gold"):
        model.fit(X, truth)


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_the_precision_is_that_of_the_network(kind, streams):
    X, _, y = streams[kind]
    single = X.astype(np.float32)
    model = confident(kind, "em")
    for _ in range(7):
        model.partial_fit(single, y, **names(kind))
    model.partial_fit(X.astype(np.float64), y)
    assert model.predict(X).shape == (300,)
    warm = confident(kind, "em", warm_start=True).fit(single, y)
    assert np.isfinite(warm.fit(X.astype(np.float64), y).score(X, y))


def test_numbers_that_name_annotators_are_no_positions(streams):
    X, _, y = streams[CrowdClassifier]
    frame = pd.DataFrame(y.to_dense())
    model = confident(CrowdClassifier, "em")
    model.partial_fit(X[:150], frame[[0, 2, 3]][:150], classes=[0, 1, 2])
    model.partial_fit(X[150:], frame[[0, 1]][150:])
    assert model.annotators_.tolist() == [0, 2, 3, 1]
    answered = frame.to_numpy() >= 0
    expected = [
        answered[:, 0].sum(),
        answered[:150, 2].sum(),
        answered[:150, 3].sum(),
        answered[150:, 1].sum(),
    ]
    assert model.annotator_n_answers_.tolist() == expected


@pytest.mark.parametrize("name", ["crowd_layer", "annot_mix", "em"])
def test_a_prior_of_who_comes_later_counts(name, streams):
    X, _, y = streams[CrowdClassifier]
    few = y[:150].select_annotators([0, 1])
    fits = [
        confident(CrowdClassifier, name, annotator_prior=prior)
        .partial_fit(X[:150], few)
        .partial_fit(X[150:], y[150:])
        for prior in (None, {4: (0.99, 5000)})
    ]
    plain, told = (np.trace(fit.annotator_confusion_[4]) for fit in fits)
    assert told > plain


def test_a_warm_start_with_other_classes_is_an_error(streams):
    X, _, y = streams[CrowdClassifier]
    model = confident(CrowdClassifier, "em", warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match="differs from that of the fit to resume"):
        model.set_params(classes=[0, 1, 2, 3]).fit(X, y)


def test_weights_count_in_what_a_fit_remembers(streams):
    X, _, y = streams[CrowdClassifier]
    model = confident(CrowdClassifier, "em").fit(X, y, np.full(300, 3.0))
    assert model._answer_counts.sum() == pytest.approx(3 * y.n_answers)


def columns(y, names):
    """Every form of a single column of answers, none missing."""
    return {
        "array": y[:, None],
        "list": y[:, None].tolist(),
        "frame": pd.DataFrame({names[1]: y}),
        "unnamed frame": pd.DataFrame(y),
        "annotations": Annotations.from_dense(
            y[:, None], kind="numbers" if y.dtype.kind == "f" else "labels"
        ),
    }


@pytest.mark.parametrize("form", columns(np.zeros(1), "ab"))
@pytest.mark.parametrize("call", ["partial_fit", "fit"])
@pytest.mark.parametrize("kind", METHODS)
def test_a_part_of_one_annotator_is_answers_after_answers(kind, call, form, streams):
    X, truth, y = streams[kind]
    annotator = ["ann", "bob", "cy", "dan", "eve"]
    first = pd.DataFrame(y.to_dense(), columns=annotator)
    first = first.where(first != -1) if kind is CrowdClassifier else first
    model = with_mlp("em", kind, warm_start=True, max_epochs=1)
    given = names(kind) if call == "partial_fit" else {}
    getattr(model, call)(X, first, **given)
    part = columns(truth, annotator)[form]
    getattr(model, call)(X, part)
    bob = 1 if form == "frame" else 0
    before = y.answers_per_annotator
    if call == "fit":
        assert model.n_annotators_ == 1
        assert model.annotator_n_answers_.tolist() == [len(X)]
    else:
        assert model.annotators_.tolist() == annotator
        wanted = before + len(X) * (np.arange(5) == bob)
        assert model.annotator_n_answers_.tolist() == wanted.tolist()


@pytest.mark.parametrize("kind", METHODS)
def test_a_column_is_the_truth_where_nothing_else_is_known(kind, streams):
    X, truth, _ = streams[kind]
    model = with_mlp("em", kind)
    for _ in range(2):
        with pytest.warns(DataConversionWarning, match="read as the true labels"):
            model.partial_fit(X, truth[:, None], **names(kind))
    assert model.n_annotators_ == 1
    assert model._is_truth_given
