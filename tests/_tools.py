"""scikit-learn's tools as functions of an estimator, X, y and ``cv``.

Each returns numbers or labels that are the same for the same answers in any form.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from sklearn import calibration, ensemble, model_selection, multiclass, multioutput
from sklearn.base import clone, is_classifier
from sklearn.compose import TransformedTargetRegressor
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import SequentialFeatureSelector
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier

RATES = {"lr": [1e-1, 1e-2]}
STRICT = {"error_score": "raise"}


class Tool(NamedTuple):
    """A tool, and what to do where it refuses answers.

    Attributes
    ----------
    run : callable (estimator, X, y, cv) -> ndarray
    instead : str
        For the docs; empty where the tool takes answers.
    """

    run: Callable
    instead: str = ""


def flat(predicted):
    """Return predictions as one array, those of sequences token after token."""
    return np.concatenate(predicted) if isinstance(predicted, list) else predicted


def pipeline(estimator, X, y, cv):
    scaler = "passthrough" if isinstance(X, list) else StandardScaler()
    return flat(make_pipeline(scaler, estimator).fit(X, y).predict(X))


def frozen(estimator, X, y, cv):
    return flat(FrozenEstimator(clone(estimator).fit(X, y)).fit(X, y).predict(X))


def cross_val_score(estimator, X, y, cv):
    return model_selection.cross_val_score(estimator, X, y, cv=cv, **STRICT)


def cross_validate(estimator, X, y, cv):
    found = model_selection.cross_validate(
        estimator, X, y, cv=cv, return_train_score=True, **STRICT
    )
    return np.stack([found["test_score"], found["train_score"]])


def cross_val_predict(estimator, X, y, cv):
    return model_selection.cross_val_predict(estimator, X, y, cv=cv)


def cross_val_proba(estimator, X, y, cv):
    return model_selection.cross_val_predict(
        estimator, X, y, cv=cv, method="predict_proba"
    )


def learning_curve(estimator, X, y, cv):
    found = model_selection.learning_curve(
        estimator,
        X,
        y,
        cv=cv,
        train_sizes=[0.6, 1.0],
        shuffle=True,
        random_state=0,
        **STRICT,
    )
    return np.stack(found[1:3])


def learning_curve_display(estimator, X, y, cv):
    pyplot = screenless_pyplot()
    shown = model_selection.LearningCurveDisplay.from_estimator(
        estimator, X, y, cv=cv, train_sizes=[0.6, 1.0]
    )
    pyplot.close(shown.figure_)
    return shown.test_scores


def screenless_pyplot():
    """Return pyplot without a screen."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    return pyplot


def validation_curve(estimator, X, y, cv):
    return model_selection.validation_curve(
        estimator, X, y, param_name="lr", param_range=RATES["lr"], cv=cv, **STRICT
    )[1]


def permutation_test_score(estimator, X, y, cv):
    found = model_selection.permutation_test_score(
        estimator, X, y, cv=cv, n_permutations=2, random_state=0
    )
    return np.append(found[1], found[0])


def searched(search, X, y):
    search.fit(X, y)
    best = search.best_estimator_
    predicted = best.predict_proba(X) if hasattr(best, "classes_") else best.predict(X)
    return search.cv_results_["mean_test_score"], flat(predicted)


def grid_search(estimator, X, y, cv):
    search = model_selection.GridSearchCV(estimator, RATES, cv=cv, **STRICT)
    return searched(search, X, y)


def randomized_search(estimator, X, y, cv):
    search = model_selection.RandomizedSearchCV(
        estimator, RATES, n_iter=2, cv=cv, random_state=0, **STRICT
    )
    return searched(search, X, y)


def halving(estimator, X, y, cv, kind=model_selection.HalvingGridSearchCV, **options):
    search = kind(
        estimator, RATES, factor=2, cv=cv, random_state=0, **STRICT, **options
    )
    return searched(search, X, y)


def halving_grid_search(estimator, X, y, cv):
    return halving(estimator, X, y, cv)


def halving_of_given_size(estimator, X, y, cv):
    return halving(estimator, X, y, cv, min_resources=15)


def halving_of_epochs(estimator, X, y, cv):
    return halving(estimator, X, y, cv, resource="max_epochs", max_resources=2)


def halving_random_search(estimator, X, y, cv):
    kind = model_selection.HalvingRandomSearchCV
    options = {"n_candidates": 2, "min_resources": 15}
    return halving(estimator, X, y, cv, kind, **options)


def importance(estimator, X, y, cv):
    fitted = clone(estimator).fit(X, y)
    return permutation_importance(fitted, X, y, n_repeats=2, random_state=0).importances


def dependence(estimator, X, y, cv):
    fitted = clone(estimator).fit(X, y)
    return partial_dependence(fitted, X, [0], grid_resolution=3)["average"]


def feature_selection(estimator, X, y, cv):
    selector = SequentialFeatureSelector(estimator, n_features_to_select=1, cv=cv)
    return selector.fit(X, y).get_support()


def meta(classifier, regressor=None):
    """Return a tool that wraps the estimator: fit, then predict."""

    def run(estimator, X, y, cv):
        wrap = (
            classifier if regressor is None or is_classifier(estimator) else regressor
        )
        return flat(wrap(estimator, cv).fit(X, y).predict(X))

    return run


def two(estimator):
    return [("a", estimator), ("b", clone(estimator).set_params(random_state=1))]


voting = meta(
    lambda estimator, cv: ensemble.VotingClassifier(two(estimator)),
    lambda estimator, cv: ensemble.VotingRegressor(two(estimator)),
)
stacking = meta(
    lambda estimator, cv: ensemble.StackingClassifier(two(estimator), cv=cv),
    lambda estimator, cv: ensemble.StackingRegressor(two(estimator), cv=cv),
)
bagging = meta(
    lambda estimator, cv: ensemble.BaggingClassifier(
        estimator, n_estimators=2, random_state=0
    ),
    lambda estimator, cv: ensemble.BaggingRegressor(
        estimator, n_estimators=2, random_state=0
    ),
)
boosting = meta(
    lambda estimator, cv: ensemble.AdaBoostClassifier(
        estimator, n_estimators=2, random_state=0
    ),
    lambda estimator, cv: ensemble.AdaBoostRegressor(
        estimator, n_estimators=2, random_state=0
    ),
)
calibrated = meta(
    lambda estimator, cv: calibration.CalibratedClassifierCV(estimator, cv=cv)
)
tuned_threshold = meta(
    lambda estimator, cv: model_selection.TunedThresholdClassifierCV(estimator, cv=cv)
)
fixed_threshold = meta(
    lambda estimator, cv: model_selection.FixedThresholdClassifier(
        estimator, threshold=0.3
    )
)
one_vs_rest = meta(lambda estimator, cv: multiclass.OneVsRestClassifier(estimator))
one_vs_one = meta(lambda estimator, cv: multiclass.OneVsOneClassifier(estimator))
output_code = meta(
    lambda estimator, cv: multiclass.OutputCodeClassifier(estimator, random_state=0)
)
multi_output = meta(
    lambda estimator, cv: multioutput.MultiOutputClassifier(estimator),
    lambda estimator, cv: multioutput.MultiOutputRegressor(estimator),
)
chain = meta(
    lambda estimator, cv: multioutput.ClassifierChain(estimator, random_state=0),
    lambda estimator, cv: multioutput.RegressorChain(estimator, random_state=0),
)
self_training = meta(
    lambda estimator, cv: SelfTrainingClassifier(estimator, max_iter=1)
)
transformed_target = meta(
    lambda estimator, cv: TransformedTargetRegressor(
        estimator, func=np.sinh, inverse_func=np.arcsinh
    )
)

AVERAGE = "average fitted members: see [below](#ensembles)"
TRUTH = "fit it with true labels: see [below](#fitted-estimators-in-other-tools)"
SPLITS = "`cross_val_predict` of [`skcrowd.model_selection`](#probabilities-in-folds)"

TOOLS = {
    "Pipeline": Tool(pipeline),
    "FrozenEstimator": Tool(frozen),
    "cross_validate": Tool(cross_validate),
    "cross_val_score": Tool(cross_val_score),
    "cross_val_predict": Tool(cross_val_predict, SPLITS),
    "cross_val_predict, method='predict_proba'": Tool(cross_val_proba, SPLITS),
    "learning_curve": Tool(learning_curve),
    "LearningCurveDisplay": Tool(learning_curve_display),
    "validation_curve": Tool(validation_curve),
    "permutation_test_score": Tool(permutation_test_score),
    "GridSearchCV": Tool(grid_search),
    "RandomizedSearchCV": Tool(randomized_search),
    "HalvingGridSearchCV": Tool(halving_grid_search, "give `min_resources` a number"),
    "HalvingGridSearchCV, min_resources=15": Tool(halving_of_given_size),
    "HalvingGridSearchCV, resource='max_epochs'": Tool(halving_of_epochs),
    "HalvingRandomSearchCV, min_resources=15": Tool(halving_random_search),
    "permutation_importance": Tool(importance),
    "partial_dependence": Tool(dependence),
    "SequentialFeatureSelector": Tool(feature_selection),
    "CalibratedClassifierCV": Tool(calibrated, TRUTH),
    "TunedThresholdClassifierCV": Tool(tuned_threshold, TRUTH),
    "FixedThresholdClassifier": Tool(fixed_threshold, TRUTH),
    "VotingClassifier, VotingRegressor": Tool(voting, AVERAGE),
    "StackingClassifier, StackingRegressor": Tool(stacking, TRUTH),
    "BaggingClassifier, BaggingRegressor": Tool(bagging, AVERAGE),
    "AdaBoostClassifier, AdaBoostRegressor": Tool(boosting, AVERAGE),
    "OneVsRestClassifier": Tool(one_vs_rest, "not needed: networks take many classes"),
    "OneVsOneClassifier": Tool(one_vs_one, "not needed: networks take many classes"),
    "OutputCodeClassifier": Tool(output_code, "not needed: networks take many classes"),
    "MultiOutputClassifier, MultiOutputRegressor": Tool(
        multi_output, "never: it learns one model an annotator"
    ),
    "ClassifierChain, RegressorChain": Tool(
        chain, "never: it learns one model an annotator"
    ),
    "SelfTrainingClassifier": Tool(
        self_training, "not needed: the methods learn from items without answers"
    ),
    "TransformedTargetRegressor": Tool(
        transformed_target, "transform the ratings: see [below](#transformed-ratings)"
    ),
}
