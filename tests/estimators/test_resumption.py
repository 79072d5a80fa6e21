"""``Resumption``: whether and how a fit continues the last one of its estimator."""

import pytest
from _data import blobs, crowd, small
from torch import nn

from skcrowd.estimators._resumption import Resumption, network_to_resume


@pytest.fixture(scope="module")
def fitted():
    X, truth = blobs(30)
    return small(max_epochs=1).fit(X, crowd(truth, 3).annotations)


@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize("is_part", [False, True])
def test_an_earlier_fit_is_continued_by_parts_and_warm_starts(
    fitted, warm_start, is_part
):
    before = fitted.warm_start
    fitted.set_params(warm_start=warm_start)
    how = Resumption.of(fitted, is_part=is_part)
    fitted.set_params(warm_start=before)
    assert how.resumes == (warm_start or is_part)
    assert how.adds == is_part
    assert how.previous is (fitted if how.resumes else None)


@pytest.mark.parametrize("is_part", [False, True])
def test_without_an_earlier_fit_there_is_nothing_to_continue(is_part):
    how = Resumption.of(small(warm_start=True), is_part=is_part)
    assert not how.resumes
    assert not how.adds
    how.check_target(is_truth=True)


def test_the_truth_does_not_follow_on_answers(fitted):
    how = Resumption.of(fitted, is_part=True)
    how.check_target(is_truth=False)
    with pytest.raises(ValueError, match="pass true values as gold"):
        how.check_target(is_truth=True)


def test_the_network_of_the_user_is_found_in_what_methods_wrap_it_in():
    own = nn.Linear(1, 1)
    inner, outer = nn.Sequential(own), nn.Sequential()
    inner.to_resume = own
    outer.to_resume = inner
    assert network_to_resume(own) is own
    assert network_to_resume(outer) is own
