"""
A stream of items and annotators
================================

Every week brings new items, and people come and go.
:meth:`~skcrowd.CrowdClassifier.partial_fit` takes the new part alone. Annotators are
known by name: their confusion matrices are those of everything that they have answered
so far.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skcrowd import CrowdClassifier
from skcrowd.datasets import make_annotations

X, truth = load_digits(return_X_y=True)
X, X_test, truth, truth_test = train_test_split(
    X.astype(np.float32), truth, test_size=0.3, random_state=0
)
people = {"expert": 2, "average": 8, "random": 2}
crowd = make_annotations(truth, people, answers_per_item=3, random_state=0)
table = pd.DataFrame(crowd.annotations.to_dense(missing=np.nan))
table.columns = [f"{kind} {r}" for r, kind in enumerate(crowd.kind)]

# %%
# Six weeks
# ---------
# In the first weeks only some of the people work.

clf = CrowdClassifier(lr=1e-2, batch_size=16, random_state=0)
weeks = np.array_split(np.arange(len(X)), 6)
accuracy, answers, n_people = [], [], []
for week, rows in enumerate(weeks):
    at_work = table.columns[: 6 + 2 * week]
    part = table.loc[rows, at_work]
    rows = rows[part.notna().any(axis=1)]
    clf.partial_fit(
        X[rows], part.loc[rows].reset_index(drop=True), classes=np.arange(10)
    )
    accuracy.append(clf.score(X_test, truth_test))
    answers.append(clf.annotator_n_answers_.sum())
    n_people.append(clf.n_annotators_)
    print(
        f"week {week + 1}: {n_people[-1]:2d} people, {answers[-1]:4d} answers, "
        f"accuracy {accuracy[-1]:.1%}"
    )

fig, ax = plt.subplots(layout="constrained", figsize=(6, 3.2))
ax.plot(answers, accuracy, marker="o", color="#0a7d91")
for x, y, n in zip(answers, accuracy, n_people, strict=True):
    ax.annotate(
        f"{n} people",
        (x, y),
        xytext=(0, 7),
        textcoords="offset points",
        ha="center",
        size=8,
    )
ax.set_xlabel("answers so far")
ax.set_ylabel("accuracy on other items")
ax.margins(0.12)
plt.show()
