"""Classifiers of scikit-learn trained on one inferred label an item."""

import numpy as np
from scipy import sparse
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, StandardScaler

from skcrowd.aggregation import dawid_skene, majority_vote

MODELS = ("logistic", "forest", "boosting")
LABELS = {
    "vote": majority_vote,
    "Dawid-Skene": lambda answers: dawid_skene(answers).posterior,
}
MOST_BOOSTED = 50  # classes
YARDSTICKS = [f"{model}, {labels}" for labels in LABELS for model in MODELS]


def yardstick(name, task, seed):
    """Fit a yardstick; return the predictions of the items that score.

    Ties of the vote are broken at random. Boosting takes no sparse features, and very
    long for many classes: its predictions are None there.
    """
    model, labels = name.split(", ")
    shares = LABELS[labels](task.Y)
    noise = np.random.RandomState(seed).random_sample(shares.shape)
    y = (shares + 1e-9 * noise).argmax(axis=1)
    classes = task.Y.classes
    is_slow = sparse.issparse(task.X) or len(classes) > MOST_BOOSTED
    if is_slow and model == "boosting":
        return None
    if len(np.unique(y)) == 1:
        return np.full(len(task.z_judge), classes[y[0]])
    classifier = _model(model, seed, sparse.issparse(task.X))
    return classifier.fit(task.X, classes[y]).predict(task.X_judge)


def _model(name, seed, is_sparse):
    if name == "forest":
        return RandomForestClassifier(random_state=seed)
    if name == "boosting":
        return HistGradientBoostingClassifier(random_state=seed)
    scaler = MaxAbsScaler() if is_sparse else StandardScaler()
    return make_pipeline(scaler, LogisticRegression(max_iter=500))
