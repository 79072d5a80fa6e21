"""
Results of a Toloka pool
========================

Workers judged reviews; the answers of control tasks are known, and the model is told
them. In one command: ``skcrowd report reviews_toloka.tsv --text``.
"""

import argparse
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer

import skcrowd
from skcrowd.io import read_toloka
from skcrowd.model_selection import cross_val_predict

EXPORT = Path(__file__).parent / "exports" / "reviews_toloka.tsv"


def main(folder):
    export = read_toloka(EXPORT, data=["text"])
    print(export)
    X, y = TfidfVectorizer().fit_transform(export.texts), export.annotations
    clf = skcrowd.CrowdClassifier(max_epochs=40, random_state=0)
    clf.fit(X, y, gold=export.gold)
    proba = cross_val_predict(clf, X, y, cv=3, method="predict_proba")
    print(skcrowd.report(clf, X, y, path=folder / "report.html", pred_proba=proba))
    clf.next_queries(X, y, 20).to_csv(folder / "next.csv", index=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(), help="where to write")
    main(parser.parse_args().folder)
