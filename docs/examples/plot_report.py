"""
A report for everybody
======================

:func:`skcrowd.report` writes one HTML file that needs nothing else: whom to trust, how
good the labels are, which look wrong, and what to ask next. It is for the people who
run a labelling project, who need not know Python. The page below is the report itself.
"""

from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skcrowd
from skcrowd.datasets import make_annotations
from skcrowd.model_selection import cross_val_predict
from skcrowd.plots import LabelQualityDisplay

X, truth = load_iris(return_X_y=True)
kinds = {"expert": 2, "average": 8, "random": 2}
Y = make_annotations(truth, kinds, answers_per_item=4, random_state=0).annotations
model = make_pipeline(StandardScaler(), skcrowd.CrowdClassifier(random_state=0))
model.fit(X, Y)
proba = cross_val_predict(model, X, Y, cv=3, method="predict_proba")
report = skcrowd.report(model, X, Y, title="Flowers", pred_proba=proba)
report

# %%
# The main figures as text, and as a picture
# ------------------------------------------
# ``path="flowers.html"`` writes the file.

print(report)
quality = skcrowd.insight(model).label_quality(X, Y, pred_proba=proba)
LabelQualityDisplay.from_quality(quality)
