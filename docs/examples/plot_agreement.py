"""
How far do annotators agree?
============================

Percent agreement is high where one class is frequent, whatever people do. The
coefficients of agreement take chance into account, each in its own way. All of them are
computed here for two crowds with the same share of right answers, on even and on uneven
classes.
"""

import matplotlib.pyplot as plt
import numpy as np

from skcrowd.datasets import make_annotations
from skcrowd.metrics.agreement import (
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)

rng = np.random.default_rng(0)
accuracy = 0.85
confusion = np.array([[accuracy, 1 - accuracy], [1 - accuracy, accuracy]])
crowds = {
    "even classes": rng.random(300) < 0.5,
    "one class in twenty": rng.random(300) < 0.05,
}
answers = {
    name: make_annotations(
        truth.astype(int), np.array([confusion] * 6), classes=[0, 1], random_state=0
    ).annotations
    for name, truth in crowds.items()
}
measures = {
    "percent agreement": percent_agreement,
    "Krippendorff's alpha": krippendorff_alpha,
    "Fleiss' kappa": fleiss_kappa,
    "Gwet's AC1": gwet_ac1,
}

# %%

fig, ax = plt.subplots(layout="constrained", figsize=(6, 3.4))
for shift, (crowd, Y) in zip((-0.15, 0.15), answers.items(), strict=True):
    values = {name: measure(Y) for name, measure in measures.items()}
    print(crowd, {name: round(float(v), 2) for name, v in values.items()})
    ax.barh(
        np.arange(len(measures)) + shift,
        list(values.values()),
        height=0.28,
        label=crowd,
    )
ax.set_yticks(range(len(measures)), list(measures))
ax.invert_yaxis()
ax.set_xlabel("agreement")
ax.legend()
plt.show()
