"""
From a Label Studio export to a model and back
==============================================

Reviews of restaurants, labelled by four people in Label Studio. The export is read, a
model is trained, and the ten reviews whose labels are least certain become tasks for
Label Studio again, with the consensus filled in.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
from sklearn.feature_extraction.text import TfidfVectorizer

from skcrowd import CrowdClassifier
from skcrowd.io import read_label_studio, write_label_studio
from skcrowd.model_selection import cross_val_predict
from skcrowd.plots import AnnotatorAccuracyDisplay, LabelQualityDisplay

folder = Path("exports")  # beside this script
export = read_label_studio(folder / "reviews_label_studio.json", data=True)
print(export)

# %%
# A model, and the quality of the labels
# --------------------------------------

X, y = TfidfVectorizer().fit_transform(export.texts), export.annotations
clf = CrowdClassifier(max_epochs=40, random_state=0).fit(X, y)
proba = cross_val_predict(clf, X, y, cv=3, method="predict_proba")
quality = clf.label_quality(X, y, pred_proba=proba)
LabelQualityDisplay.from_quality(quality)
AnnotatorAccuracyDisplay.from_estimator(clf)
plt.show()

# %%
# Tasks for the second round
# --------------------------

queue = quality.sort_values("quality")[:10]
with TemporaryDirectory() as scratch:
    tasks = Path(scratch) / "relabel.json"
    write_label_studio(
        tasks,
        export,
        queue,
        labels=quality["consensus_label"],
        scores=quality["consensus_probability"],
    )
    first = json.loads(tasks.read_text(encoding="utf-8"))[0]
print(json.dumps(first, indent=1)[:500])
