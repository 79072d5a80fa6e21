"""A loaded estimator is the one that was saved."""

import numpy as np
import pandas as pd
import pytest
import torch
from _data import EVERY_METHOD, assert_same_fit, everything, small
from _persistence import again, assert_alike, assert_same_attributes
from _sequence_data import ANSWERS, FORMS, padded, tagger
from sklearn import config_context
from sklearn.base import clone
from skorch.callbacks import EpochScoring, EpochTimer

import skcrowd
from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.backbones import RecurrentTagger
from skcrowd.experimental import Mixup
from skcrowd.methods import EM, KDCrowd


def annotators_predicted(estimator, X):
    is_regressor = isinstance(estimator, CrowdRegressor)
    name = "predict_annotator" if is_regressor else "predict_annotator_proba"
    return getattr(estimator, name)(X)


@pytest.mark.parametrize(("kind", "name"), EVERY_METHOD)
def test_every_method(kind, name, data, tmp_path):
    X, y = data
    estimator = small(name, kind, early_stopping=True).fit(X, y)
    twin = again(estimator, tmp_path)
    assert_same_attributes(twin, estimator)
    assert (twin.predict(X) == estimator.predict(X)).all()
    assert (everything(twin, X) == everything(estimator, X)).all()
    assert_alike(annotators_predicted(twin, X), annotators_predicted(estimator, X))
    assert twin.score(X, y) == estimator.score(X, y)
    assert repr(twin) == repr(estimator)
    assert repr(clone(twin)) == repr(clone(estimator))
    assert_same_fit(twin.fit(X, y), estimator)


@pytest.mark.parametrize("name", CrowdSequenceTagger._known_methods)
def test_every_method_for_sequences(name, tmp_path):
    X = FORMS["tokens" if name in ("sequence_em", "conal", "em") else "features"]
    estimator = tagger(name, RecurrentTagger, module__hidden=8).fit(X, ANSWERS)
    twin = again(estimator, tmp_path)
    assert_same_attributes(twin, estimator)
    for output in ("predict", "predict_proba", "predict_annotator_proba"):
        assert_alike(getattr(twin, output)(X), getattr(estimator, output)(X))
    assert twin.score(X, ANSWERS) == estimator.score(X, ANSWERS)


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor, CrowdSequenceTagger])
def test_unfitted(kind, tmp_path):
    estimator = kind(
        method=kind().method,
        optimizer=torch.optim.SGD,
        module__hidden=(8, 4),
        optimizer__momentum=0.9,
        random_state=np.random.RandomState(3),
        device=torch.device("cpu"),
        callbacks=[],
    )
    twin = again(estimator, tmp_path)
    assert_same_attributes(twin, estimator)
    assert twin.random_state.randint(1000) == estimator.random_state.randint(1000)
    assert list(twin.get_params()) == list(estimator.get_params())


def test_nested_methods(tmp_path, items, answers):
    method = KDCrowd(teacher=EM(pseudo_counts=1.0), n_teachers=2, robust=Mixup())
    estimator = small(method, random_state=5).fit(items[0], answers)
    twin = again(estimator, tmp_path)
    assert_same_attributes(twin, estimator)
    assert twin.get_params()["method__teacher__pseudo_counts"] == 1.0
    assert twin.teacher_ is twin.teachers_[0]
    assert twin.history_ is twin.net_.history
    assert twin.student_.net.forward(items[0]).shape == (60, 3)


@pytest.mark.parametrize("robust", ["co_teaching", "small_loss", "early_learning"])
def test_two_networks_in_one(robust, tmp_path, items, answers):
    X = items[0]
    estimator = small(KDCrowd(robust=robust)).fit(X, answers)
    twin = again(estimator, tmp_path)
    assert_same_attributes(twin, estimator)
    assert (twin.predict_proba(X) == estimator.predict_proba(X)).all()


def test_names_and_classes_of_any_type(tmp_path, items, answers):
    X = pd.DataFrame(items[0], columns=["a", "b", "c"])
    names = ["Ann", 7, ("Bob", 2), 1.5, "Zoë"]
    y = pd.DataFrame(np.array(["", "x", "yy", "z"])[answers + 1])
    y.columns = pd.Index(names, tupleize_cols=False)
    estimator = small(classes=np.array(["z", "yy", "x", "w"])).fit(X, y)
    twin = again(estimator, tmp_path)
    assert_same_attributes(twin, estimator)
    assert twin.annotators_.tolist() == names
    assert twin.classes_.tolist() == ["w", "x", "yy", "z"]
    assert (twin.predict(X) == estimator.predict(X)).all()
    score = twin.score(X, y[names[::-1]])
    assert score == pytest.approx(estimator.score(X, y))
    with pytest.raises(ValueError, match="feature names"):
        twin.predict(X[["c", "b", "a"]])


def test_padded_sequences_and_learned_transitions(tmp_path):
    X, lengths = padded(FORMS["features"])
    estimator = tagger("em", transitions="learned")
    estimator.fit(X, ANSWERS, lengths=lengths)
    twin = again(estimator, tmp_path)
    assert_same_attributes(twin, estimator)
    ours, theirs = (e.predict(X, lengths=lengths) for e in (twin, estimator))
    assert_alike(ours, theirs)


def test_sparse_features_and_precisions(tmp_path, items, answers):
    for X in (items[0].astype(np.float32), items[0], items[0].astype(int)):
        estimator = small().fit(X, answers)
        twin = again(estimator, tmp_path)
        assert twin.net_.dtype is estimator.net_.dtype
        assert (twin.predict_proba(X) == estimator.predict_proba(X)).all()


def test_items_without_weight_keep_their_nan(tmp_path, items, answers):
    weight = np.ones(60)
    weight[:5] = 0
    estimator = small().fit(items[0], answers, sample_weight=weight)
    twin = again(estimator, tmp_path)
    assert np.isnan(twin.posterior_[:5]).all()
    assert_same_attributes(twin, estimator)


def test_requests_for_metadata(tmp_path):
    with config_context(enable_metadata_routing=True):
        estimator = CrowdClassifier().set_fit_request(sample_weight=True)
        twin = again(estimator, tmp_path)
        assert repr(twin.get_metadata_routing()) == repr(
            estimator.get_metadata_routing()
        )


def test_training_continues(tmp_path, items, answers):
    """The network's optimiser goes on where it stopped."""
    X = items[0].astype(np.float32)
    estimator = small("majority_vote").fit(X, answers)
    twin = again(estimator, tmp_path)
    assert_alike(
        twin.net_.optimizer_.state_dict()["state"],
        estimator.net_.optimizer_.state_dict()["state"],
    )
    assert twin.net_.criterion is twin.net_.criterion_


@pytest.mark.parametrize(("kind", "name"), EVERY_METHOD)
def test_a_loaded_estimator_continues_like_the_saved_one(kind, name, data, tmp_path):
    estimator = small(name, kind, max_epochs=2).fit(*data)
    twin = again(estimator, tmp_path)
    for either in (estimator, twin):
        either.partial_fit(*data)
    assert (everything(twin, data[0]) == everything(estimator, data[0])).all()
    assert_same_attributes(again(twin, tmp_path), twin)


def test_loading_draws_nothing_from_the_callers_generator(tmp_path, items, answers):
    estimator = small().fit(items[0], answers)
    before = torch.get_rng_state()
    again(estimator, tmp_path)
    assert torch.equal(before, torch.get_rng_state())


def test_callbacks_are_given_again(tmp_path, items, answers):
    callbacks = [
        EpochTimer(),
        ("judge", EpochScoring(lambda *_: 0.0, name="zero", on_train=True)),
    ]
    estimator = small(callbacks=callbacks).fit(items[0], answers)
    with pytest.raises(
        ValueError, match=r"callbacks \(EpochTimer, EpochScoring\).*=\["
    ):
        again(estimator, tmp_path)
    assert again(estimator, tmp_path, callbacks=callbacks).callbacks is callbacks
    without = again(estimator, tmp_path, callbacks=[])
    assert without.callbacks == []
    assert (without.predict(items[0]) == estimator.predict(items[0])).all()
    with pytest.raises(ValueError, match="had none"):
        again(small(), tmp_path, callbacks=callbacks)


def test_a_file_there_stays_if_saving_fails(tmp_path, items, answers):
    path = tmp_path / "model.skcrowd"
    skcrowd.save(small(max_epochs=3), path)
    with pytest.raises(TypeError, match="optimizer"):
        skcrowd.save(small(optimizer=lambda *_: None), path)
    assert skcrowd.load(str(path)).max_epochs == 3
    skcrowd.save(small(max_epochs=5), str(path))
    assert skcrowd.load(path).max_epochs == 5
    assert [file.name for file in tmp_path.iterdir()] == ["model.skcrowd"]
