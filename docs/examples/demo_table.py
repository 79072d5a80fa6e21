"""
A spreadsheet of answers
========================

A long table, a row for each answer: CSV, a spreadsheet, Parquet, a DataFrame or tuples.
In one command: ``skcrowd report reviews_table.csv --item review --answer mood --text``.
"""

import argparse
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer

import skcrowd
from skcrowd.io import read_table, write_label_studio
from skcrowd.model_selection import cross_val_predict

EXPORT = Path(__file__).parent / "exports" / "reviews_table.csv"


def main(folder):
    export = read_table(EXPORT, item="review", answer="mood", data=["text"])
    print(export)
    X, y = TfidfVectorizer().fit_transform(export.texts), export.annotations
    clf = skcrowd.CrowdClassifier(max_epochs=40, random_state=0).fit(X, y)
    proba = cross_val_predict(clf, X, y, cv=3, method="predict_proba")
    print(skcrowd.report(clf, X, y, path=folder / "report.html", pred_proba=proba))
    queue = clf.next_queries(X, y, 10, pred_proba=proba)
    write_label_studio(folder / "relabel.json", export, queue, labels=clf.predict(X))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(), help="where to write")
    main(parser.parse_args().folder)
