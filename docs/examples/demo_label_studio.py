"""
From Label Studio to a model and back
=====================================

Restaurant reviews, each judged by some of four people in Label Studio. What the export
says, a model, a report, and ten reviews to show again, with the consensus filled in.
"""

import argparse
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer

import skcrowd
from skcrowd.io import read_label_studio, write_label_studio
from skcrowd.model_selection import cross_val_predict

EXPORT = Path(__file__).parent / "exports" / "reviews_label_studio.json"


def main(folder):
    export = read_label_studio(EXPORT, data=True)
    print(export)
    X, y = TfidfVectorizer().fit_transform(export.texts), export.annotations
    clf = skcrowd.CrowdClassifier(max_epochs=40, random_state=0).fit(X, y)
    proba = cross_val_predict(clf, X, y, cv=3, method="predict_proba")
    print(skcrowd.report(clf, X, y, path=folder / "report.html", pred_proba=proba))
    quality = clf.label_quality(X, y, pred_proba=proba)
    queue = quality.sort_values("quality")[:10]
    label, sure = quality["consensus_label"], quality["consensus_probability"]
    path = folder / "relabel.json"
    write_label_studio(path, export, queue, labels=label, scores=sure)
    print(f"Import {path} into Label Studio.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(), help="where to write")
    main(parser.parse_args().folder)
