"""
Topics chosen in doccano
========================

Four people ticked the topics of reviews in doccano, several where several apply: sets
of labels. The export has a file for each user. In one command: ``skcrowd report
topics_doccano --text``.
"""

import argparse
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer

import skcrowd
from skcrowd.io import read_doccano, write_prodigy
from skcrowd.model_selection import cross_val_predict

EXPORT = Path(__file__).parent / "exports" / "topics_doccano"


def main(folder):
    export = read_doccano(EXPORT, data=["text"])
    print(export)
    X, y = TfidfVectorizer().fit_transform(export.texts), export.annotations
    clf = skcrowd.CrowdMultilabelClassifier(max_epochs=40, random_state=0).fit(X, y)
    proba = cross_val_predict(clf, X, y, cv=3, method="predict_proba")
    print(skcrowd.report(clf, X, y, path=folder / "report.html", pred_proba=proba))
    queue = clf.next_queries(X, y, 10, pred_proba=proba)
    write_prodigy(folder / "relabel.jsonl", export, queue, labels=clf.predict(X))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(), help="where to write")
    main(parser.parse_args().folder)
