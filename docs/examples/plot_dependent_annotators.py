"""
Two accounts, one person
========================

Ten people label items that differ in difficulty; one of them has two accounts and
copies nearly every answer. Agreement alone does not show it, because everybody agrees
on easy items. :func:`~skcrowd.metrics.annotator_dependence` explains agreement by skill
and difficulty, and names what is left.
"""

import matplotlib.pyplot as plt
import numpy as np

from skcrowd.metrics import annotator_dependence
from skcrowd.plots import AgreementDisplay, DependenceDisplay

rng = np.random.default_rng(1)
n_items, n_people = 300, 10
truth = rng.integers(4, size=n_items)
difficulty = rng.normal(0, 1.5, n_items)
skill = rng.normal(1.2, 0.4, n_people)
right = rng.random((n_items, n_people)) < 1 / (1 + np.exp(difficulty[:, None] - skill))
wrong = (truth[:, None] + rng.integers(1, 4, (n_items, n_people))) % 4
Y = np.where(right, truth[:, None], wrong)

Y = np.column_stack([Y, np.where(rng.random(n_items) < 0.95, Y[:, 2], Y[:, 5])])

# %%
# Agreement of every two
# ----------------------

AgreementDisplay.from_annotations(Y)
plt.show()

# %%
# What skill and difficulty do not explain
# ----------------------------------------

dependence = annotator_dependence(Y)
print(dependence)
print(dependence.to_frame().head(3))
DependenceDisplay.from_dependence(dependence)
plt.show()
