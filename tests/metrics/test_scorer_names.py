"""Scorers in scikit-learn's tools: by name, in searches, with metadata routing."""

import pickle

import numpy as np
import pytest
import sklearn
from _data import FORMS, small
from _sequence_data import ANSWERS, FEATURES, padded, quick
from sklearn.base import clone
from sklearn.exceptions import NotFittedError, UnsetMetadataPassedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import make_scorer
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    cross_val_score,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skcrowd import CrowdClassifier, CrowdRegressor
from skcrowd.metrics import (
    SCORERS,
    AnswerScorer,
    GoldScorer,
    get_scorer,
    get_scorer_names,
)
from skcrowd.metrics._scorer_names import agreement, consensus, gold_score

OURS = {k: s for k, s in SCORERS.items() if isinstance(s, AnswerScorer | GoldScorer)}
OF_ANSWERS = {k: s for k, s in OURS.items() if isinstance(s, AnswerScorer)}
GRID = {"max_epochs": [1, 6]}


@pytest.fixture(scope="module")
def clf(items, answers):
    return small(max_epochs=6).fit(items[0], answers)


def test_one_function_finds_all_scorers():
    assert set(SCORERS) | {"accuracy", "r2"} <= set(get_scorer_names())
    assert get_scorer_names() == sorted(get_scorer_names())
    for name in get_scorer_names():
        assert callable(get_scorer(name))
    assert get_scorer("accuracy")._score_func is sklearn.metrics.accuracy_score
    assert get_scorer(agreement) is agreement
    with pytest.raises(ValueError, match=r"'agrement' is the name of no scorer"):
        get_scorer("agrement")


def test_a_scorer_from_its_name_is_a_copy():
    with sklearn.config_context(enable_metadata_routing=True):
        wanted = get_scorer("agreement").set_score_request(sample_weight=True)
        assert wanted.get_metadata_routing().score.requests["sample_weight"] is True
        for scorer in (agreement, get_scorer("agreement")):
            requests = scorer.get_metadata_routing().score.requests
            assert requests["sample_weight"] is None


@pytest.mark.parametrize("name", OURS)
def test_scorers_are_pickled_and_cloned(name, clf, items, answers):
    with sklearn.config_context(enable_metadata_routing=True):
        scorer = get_scorer(name).set_score_request(sample_weight="w")
    gold = {"gold": items[1]} if isinstance(scorer, GoldScorer) else {}
    expected = scorer(clf, items[0], answers, **gold)
    for other in (pickle.loads(pickle.dumps(scorer)), clone(scorer)):
        assert other(clf, items[0], answers, **gold) == expected
        assert other.get_metadata_routing().score.requests["sample_weight"] == "w"


@pytest.fixture(scope="module")
def wrapped(items, answers):
    """A fitted pipeline, and what may be around it."""
    X = items[0]
    pipe = make_pipeline(StandardScaler(), small(max_epochs=3)).fit(X, answers)
    search = GridSearchCV(pipe, {"crowdclassifier__max_epochs": [3]}, cv=3)
    frozen = FrozenEstimator(pipe)
    return pipe, frozen, make_pipeline(frozen).fit(X), search.fit(X, answers)


@pytest.mark.parametrize("name", OF_ANSWERS)
def test_scorers_see_through_pipelines_searches_and_frozen(
    name, items, answers, wrapped
):
    X, scorer, pipe = items[0], SCORERS[name], wrapped[0]
    expected = scorer(pipe[-1], pipe[0].transform(X), answers)
    assert [scorer(model, X, answers) for model in wrapped] == [expected] * 4


def test_what_knows_no_annotators_is_refused(items, answers):
    X, truth = items
    plain = LogisticRegression().fit(X, truth)
    for estimator in (plain, make_pipeline(plain)):
        with pytest.raises(TypeError, match="LogisticRegression knows nothing"):
            agreement(estimator, X, answers)
    with pytest.raises(NotFittedError):
        agreement(GridSearchCV(small(), GRID), X, answers)
    with pytest.raises(NotFittedError):
        agreement(small(), X, answers)


def test_true_labels_are_no_answers(clf, items):
    with pytest.raises(ValueError, match="y"):
        agreement(clf, *items)


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_every_form_of_answers_gets_the_same_score(kind, items, answers, rated_items):
    X, y = (
        (items[0], answers)
        if kind is CrowdClassifier
        else (rated_items[0], rated_items[2])
    )
    model = small(kind=kind).fit(X, y)
    for name in ("agreement", "consensus", "item_log_likelihood"):
        forms = FORMS[kind](y)
        forms.pop("strings", None)
        assert len({SCORERS[name](model, X, form) for form in forms.values()}) == 1


def test_grid_search_by_a_scorer(items, answers):
    X = items[0]
    found = GridSearchCV(small(), GRID, cv=3, scoring=get_scorer("agreement"))
    found.fit(X, answers)
    for k, epochs in enumerate(GRID["max_epochs"]):
        clf = small(max_epochs=epochs)
        scores = cross_val_score(clf, X, answers, cv=3, scoring=agreement)
        assert found.cv_results_["mean_test_score"][k] == scores.mean()
    assert clone(found).scoring is not found.scoring
    assert found.score(X, answers) == agreement(found.best_estimator_, X, answers)


def test_many_scores_at_once(items, answers):
    scoring = {name: get_scorer(name) for name in OF_ANSWERS}
    quick, data = small(max_epochs=1), (items[0], answers)
    found = cross_validate(quick, *data, cv=2, scoring=scoring)
    for name in OF_ANSWERS:
        alone = cross_val_score(quick, *data, cv=2, scoring=SCORERS[name])
        assert found[f"test_{name}"].tolist() == alone.tolist()
    search = GridSearchCV(small(), GRID, cv=3, scoring=scoring, refit="consensus")
    search.fit(items[0], answers)
    assert np.isfinite(search.cv_results_["mean_test_answer_information"]).all()


def test_beside_a_scorer_of_scikit_learn(items, answers):
    confident = make_scorer(
        lambda y, proba: proba.max(axis=1).mean(), response_method="predict_proba"
    )
    scoring = {"sure": confident, "agreement": agreement}
    found = cross_validate(small(), items[0], answers, cv=3, scoring=scoring)
    assert found["test_sure"].min() > 1 / 3


def test_the_default_score_is_structured_agreement(items, answers):
    ours = cross_val_score(small(), items[0], answers, cv=3)
    named = cross_val_score(
        small(), items[0], answers, cv=3, scoring=get_scorer("structured_agreement")
    )
    assert ours.tolist() == named.tolist()


def test_weights_reach_the_scorer_without_routing(items, answers):
    weight = np.random.default_rng(0).integers(1, 4, 60)
    search = GridSearchCV(small(), {"lr": [1e-2]}, cv=KFold(2), scoring=agreement)
    search.fit(items[0], answers, sample_weight=weight)
    for k, (train, test) in enumerate(KFold(2).split(items[0])):
        clf = small().fit(items[0][train], answers[train], weight[train])
        expected = agreement(clf, items[0][test], answers[test], weight[test])
        assert search.cv_results_[f"split{k}_test_score"][0] == expected


def test_weights_are_routed(items, answers):
    weight = np.random.default_rng(0).integers(1, 4, 60)
    with sklearn.config_context(enable_metadata_routing=True):
        clf = small().set_fit_request(sample_weight=True)
        options = {"cv": KFold(2), "params": {"sample_weight": weight}}
        weighted = get_scorer("consensus").set_score_request(sample_weight=True)
        scores = cross_val_score(clf, items[0], answers, scoring=weighted, **options)
        with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
            cross_val_score(clf, items[0], answers, scoring=consensus, **options)
    for score, (train, test) in zip(scores, KFold(2).split(items[0]), strict=True):
        fitted = small().fit(items[0][train], answers[train], weight[train])
        assert score == consensus(fitted, items[0][test], answers[test], weight[test])


def test_requests_need_routing_and_known_names():
    with pytest.raises(RuntimeError, match="enable_metadata_routing"):
        get_scorer("agreement").set_score_request(sample_weight=True)
    routing = sklearn.config_context(enable_metadata_routing=True)
    with routing, pytest.raises(TypeError, match="takes no gold"):
        get_scorer("agreement").set_score_request(gold=True)


def test_gold_is_routed_through_a_search(items, answers):
    X, truth = items
    gold = np.where(np.arange(60) % 3 == 0, truth, -1)
    with sklearn.config_context(enable_metadata_routing=True):
        clf = Unaware(**small().get_params())
        search = GridSearchCV(clf, GRID, cv=KFold(2), scoring=get_scorer("gold_score"))
        search.fit(X, answers, gold=gold)
        both = {"agreement": agreement, "gold": get_scorer("corrected_consensus")}
        many = cross_validate(clf, X, answers, scoring=both, params={"gold": gold})
    assert np.isfinite(many["test_gold"]).all()
    for k, (train, test) in enumerate(KFold(2).split(X)):
        for j, epochs in enumerate(GRID["max_epochs"]):
            fitted = small(max_epochs=epochs).fit(X[train], answers[train])
            expected = gold_score(fitted, X[test], answers[test], gold=gold[test])
            assert search.cv_results_[f"split{k}_test_score"][j] == expected


class Unaware(CrowdClassifier):
    """Does not learn from true labels that are there to score."""

    __metadata_request__fit = {"gold": False}


def test_lengths_are_routed():
    X, lengths = padded(FEATURES, garbage=np.nan)
    with sklearn.config_context(enable_metadata_routing=True):
        clf = quick().set_fit_request(lengths=True)
        scorer = get_scorer("agreement").set_score_request(lengths=True)
        params = {"lengths": lengths}
        ours = cross_val_score(clf, X, ANSWERS, cv=3, scoring=scorer, params=params)
    plain = cross_val_score(quick(), FEATURES, ANSWERS, cv=3, scoring=agreement)
    assert ours.tolist() == plain.tolist()
