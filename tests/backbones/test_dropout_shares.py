import numpy as np

from skcrowd import CrowdClassifier
from skcrowd.backbones import MLP
from skcrowd.backbones._dropout import dropout_shares


def dropout_of(clf):
    """What the fitted network drops: of features, of hidden units."""
    layers = {type(m).__name__: m.p for m in clf.net_.module_.layers if hasattr(m, "p")}
    return clf.net_.module_.input_dropout.p, layers.get("Dropout", 0.0)


def test_more_features_an_item_are_dropped_more_often_up_to_a_limit():
    few, more, many = (dropout_shares(n, 1000) for n in (10, 100, 100_000))
    for name in ("dropout", "input_dropout"):
        assert 0 < few[name] < more[name] < many[name] <= 0.5


def test_weights_count_as_items(items, answers):
    X = items[0]
    single = CrowdClassifier(max_epochs=1, random_state=0).fit(X, answers)
    double = CrowdClassifier(max_epochs=1, random_state=0).fit(
        X, answers, sample_weight=np.full(len(X), 2)
    )
    shares = dropout_shares(X.shape[1], 60)
    assert dropout_of(single) == (shares["input_dropout"], shares["dropout"])
    assert dropout_of(double)[1] < dropout_of(single)[1]


def test_the_user_decides(items, answers):
    X = items[0]
    chosen = CrowdClassifier(max_epochs=1, module__dropout=0.0).fit(X, answers)
    assert dropout_of(chosen)[1] == 0
    own = CrowdClassifier(MLP, max_epochs=1).fit(X, answers)
    assert dropout_of(own) == (0, 0)


def test_very_little_is_nothing():
    assert dropout_shares(32, 100_000) == {"dropout": 0.0, "input_dropout": 0.0}
