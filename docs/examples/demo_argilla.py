"""
Responses of Argilla
====================

Responses to one question, flattened by ``to_datasets``. The records that are least
certain go back with the consensus as suggestion. In one command: ``skcrowd report
reviews_argilla.jsonl --text``.
"""

import argparse
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer

import skcrowd
from skcrowd.io import read_argilla, write_argilla
from skcrowd.model_selection import cross_val_predict

EXPORT = Path(__file__).parent / "exports" / "reviews_argilla.jsonl"


def main(folder):
    export = read_argilla(EXPORT, data=["text"])
    print(export)
    X, y = TfidfVectorizer().fit_transform(export.texts), export.annotations
    clf = skcrowd.CrowdClassifier(max_epochs=40, random_state=0).fit(X, y)
    proba = cross_val_predict(clf, X, y, cv=3, method="predict_proba")
    print(skcrowd.report(clf, X, y, path=folder / "report.html", pred_proba=proba))
    quality = clf.label_quality(X, y, pred_proba=proba)
    label, queue = quality["consensus_label"], quality.nsmallest(10, "quality")
    write_argilla(folder / "relabel.json", export, queue, labels=label)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(), help="where to write")
    main(parser.parse_args().folder)
