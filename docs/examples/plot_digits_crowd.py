"""
Digits, labelled by twenty people
=================================

Scikit-learn's handwritten digits are labelled by a simulated crowd: experts, average
people, people who mistake one digit for another, spammers, and one who answers wrongly
on purpose. Every image has three answers. A network that learns the answers themselves
reads new digits better than one that learns the majority vote, and it estimates the
confusion matrix of every annotator on the way.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skcrowd import CrowdClassifier
from skcrowd.datasets import make_annotations
from skcrowd.plots import AnnotatorAccuracyDisplay, AnnotatorConfusionDisplay

X, truth = load_digits(return_X_y=True)
X, X_test, truth, truth_test = train_test_split(
    X.astype(np.float32), truth, test_size=0.4, stratify=truth, random_state=0
)
kinds = {
    "expert": 3,
    "average": 8,
    "biased": 4,
    "one_class_spammer": 2,
    "random": 2,
    "adversarial": 1,
}
crowd = make_annotations(truth, kinds, answers_per_item=3, random_state=0)
print(crowd.annotations)
print(f"{crowd.share_right:.0%} of the answers are right.")

# %%
# Learn from the vote, and from the answers
# -----------------------------------------
# The true labels of the test images are only used to compare.

Y = crowd.annotations
vote = CrowdClassifier(method="majority_vote", random_state=0).fit(X, Y)
clf = CrowdClassifier(random_state=0).fit(X, Y)
print(f"trained on the vote:    {vote.score(X_test, truth_test):.1%}")
print(f"trained on the answers: {clf.score(X_test, truth_test):.1%}")

# %%
# Whom to trust
# -------------
# The accuracy of each annotator, estimated without a true label, with a 95 % interval.

AnnotatorAccuracyDisplay.from_estimator(clf)
print(clf.annotator_report()[["n_answers", "accuracy", "worst_confusion"]].head())

# %%
# Who mistakes what
# -----------------
# Row: the true digit. Column: the answer. The least informative annotators come first.

AnnotatorConfusionDisplay.from_estimator(clf)
plt.show()
