"""
From an MTurk export to a model
===============================

Amazon Mechanical Turk writes a CSV file with one row for each assignment: who answered
which HIT, with the inputs as ``Input.…`` and the answers as ``Answer.…``. A long table
is all that :meth:`~skcrowd.Annotations.from_long` needs. The same steps read the
exports of other tools that write one row for each answer.
"""

from io import StringIO

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_iris

from skcrowd import Annotations, CrowdClassifier
from skcrowd.datasets import make_annotations
from skcrowd.metrics.agreement import krippendorff_alpha
from skcrowd.plots import AgreementDisplay

# %%
# A file as MTurk writes it
# -------------------------
# Here it is simulated: fourteen workers name the species of flowers.

iris = load_iris()
species = iris.target_names[iris.target].astype(str)
kinds = {"expert": 2, "average": 10, "random": 2}
answers = make_annotations(species, kinds, answers_per_item=4, random_state=0)
table = answers.annotations.to_long()
export = pd.DataFrame(
    {
        "HITId": [f"3X{i:04d}" for i in table["item"]],
        "AssignmentStatus": "Approved",
        "WorkerId": [f"A{r:02d}QK" for r in table["annotator"]],
        "WorkTimeInSeconds": 30,
        "Input.image": [f"flower_{i:03d}.jpg" for i in table["item"]],
        "Answer.species": table["label"],
    }
)
file = StringIO(export.sample(frac=1, random_state=0).to_csv(index=False))

# %%
# Read it
# -------
# ``item_ids`` lists the items in the order of the rows of ``X``, so the order of the
# file does not matter, and a name that is in one but not in the other is an error.

batch = pd.read_csv(file)
batch = batch[batch["AssignmentStatus"] == "Approved"]
images = [f"flower_{i:03d}.jpg" for i in range(len(iris.data))]
Y = Annotations.from_long(
    "Input.image", "WorkerId", "Answer.species", data=batch, item_ids=images
)
print(Y)

# %%
# Look before training
# --------------------
# How far do workers agree, beyond chance? Two of them do not agree with anybody.

print(f"Krippendorff's alpha {krippendorff_alpha(Y):.2f}")
AgreementDisplay.from_annotations(Y)
plt.show()

# %%
# Train, and write the labels back
# --------------------------------

clf = CrowdClassifier(random_state=0).fit(iris.data, Y)
report = clf.annotator_report()
print(report[["n_answers", "accuracy", "accuracy_low", "accuracy_high"]].round(2))

quality = clf.label_quality(iris.data, Y)
labels = quality.assign(image=images)
print(labels[["image", "consensus_label", "consensus_probability"]].head())
print(f"{np.mean(labels['consensus_label'] == species):.1%} of the labels are right.")
