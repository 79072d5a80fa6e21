import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import Ridge
from sklearn.model_selection import LeaveOneGroupOut, LeaveOneOut, cross_val_predict

from skcrowd.backbones._ridge import PENALTIES, fit_kernel_ridge, fit_ridge


def problem(n_items, n_features, noise=1.0):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_items, n_features))
    Y = X[:, :2] @ rng.standard_normal((2, 3)) + noise * rng.standard_normal(
        (n_items, 3)
    )
    return X, Y


@pytest.mark.parametrize("n_features", [5, 60])
def test_the_error_is_that_of_items_left_out(n_features):
    X, Y = problem(40, n_features)
    fit = fit_ridge(X, Y, np.ones(40))
    errors = []
    for penalty in PENALTIES:
        ridge = Ridge(alpha=40 * penalty)
        left_out = cross_val_predict(ridge, X, Y, cv=LeaveOneOut())
        errors.append(((Y - left_out) ** 2).sum() / ((Y - Y.mean(axis=0)) ** 2).sum())
    # leverages of the whole fit are exact but for the mean of the features
    chosen = int(np.flatnonzero(fit.penalty == PENALTIES)[0])
    assert fit.error == pytest.approx(errors[chosen], rel=0.02)
    assert errors[chosen] < 1.05 * min(errors)


@pytest.mark.parametrize("n_features", [5, 60])
def test_groups_are_left_out_as_a_whole(n_features):
    X, Y = problem(40, n_features)
    X, Y = X - X.mean(axis=0), Y - Y.mean(axis=0)
    group = np.arange(40) % 8
    groups = [np.flatnonzero(group == k) for k in range(8)]
    fit = fit_ridge(X, Y, np.ones(40), groups)
    # the intercept is a column that is hardly penalised, the same in all folds
    with_ones = np.column_stack([X, np.full(40, 1e4)])
    ridge = Ridge(alpha=40 * fit.penalty, fit_intercept=False)
    folds = LeaveOneGroupOut()
    left_out = cross_val_predict(ridge, with_ones, Y, groups=group, cv=folds)
    assert fit.error == pytest.approx(((Y - left_out) ** 2).sum() / (Y**2).sum())


def test_groups_of_one_item_are_the_items():
    X, Y = problem(40, 5)
    weight = np.random.default_rng(1).uniform(0.5, 2, 40)
    single = [np.array([k]) for k in range(40)]
    plain, grouped = (fit_ridge(X, Y, weight, groups) for groups in (None, single))
    assert grouped.penalty == plain.penalty
    assert grouped.error == pytest.approx(plain.error)


def test_items_of_several_groups_count_once():
    X, Y = problem(40, 5)
    groups = [np.arange(k, k + 10) for k in range(0, 40, 10)]
    once, twice = (fit_ridge(X, Y, np.ones(40), g) for g in (groups, 2 * groups))
    assert twice.error == pytest.approx(once.error)


@pytest.mark.parametrize("n_features", [5, 60])
def test_forms_and_weights_agree(n_features):
    X, Y = problem(40, n_features)
    X[np.abs(X) < 0.5] = 0
    weight = np.random.default_rng(1).uniform(0.5, 2, 40)
    dense, sparse = (fit_ridge(form, Y, weight) for form in (X, csr_matrix(X)))
    assert dense.penalty == sparse.penalty
    np.testing.assert_allclose(dense.error, sparse.error)
    np.testing.assert_allclose(dense.importance, sparse.importance)


def test_a_kernel_of_features_gives_the_fit_on_the_features():
    X, Y = problem(40, 60)
    weight = np.random.default_rng(1).uniform(0.5, 2, 40)
    fit, of_kernel = fit_ridge(X, Y, weight), fit_kernel_ridge(X @ X.T, Y, weight)
    assert of_kernel.penalty == fit.penalty
    assert of_kernel.error == pytest.approx(fit.error)


def test_noise_asks_for_a_stronger_penalty():
    weak, strong = (
        fit_ridge(*problem(80, 10, noise), np.ones(80)) for noise in (0.1, 10)
    )
    assert weak.penalty < strong.penalty
    assert weak.error < 0.1 < 0.8 < strong.error


def test_features_with_effects_are_important():
    fit = fit_ridge(*problem(200, 10), np.ones(200))
    assert fit.importance[:2].min() > 3 * fit.importance[2:].max()
    assert (fit.importance**2).mean() == pytest.approx(1)


@pytest.mark.parametrize("factor", [1e-150, 1.0, 1e150])
def test_the_unit_of_the_targets_has_no_effect(factor):
    X, Y = problem(40, 5)
    plain, other = (fit_ridge(X, f * Y, np.ones(40)) for f in (1, factor))
    assert plain.penalty == other.penalty
    assert plain.error == pytest.approx(other.error)


@pytest.mark.parametrize("X", [np.zeros((4, 3)), csr_matrix((4, 3)), np.ones((1, 3))])
@pytest.mark.parametrize("constant", [True, False])
def test_nothing_to_learn(X, constant):
    Y = np.zeros((X.shape[0], 2)) if constant else np.eye(4, 2)[: X.shape[0]]
    fit = fit_ridge(X, Y, np.ones(X.shape[0]))
    assert np.isfinite(fit.error)
    assert np.isfinite(fit.importance).all()
