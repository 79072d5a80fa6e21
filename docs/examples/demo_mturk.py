"""
Batch results of Mechanical Turk
================================

Six workers judged reviews, four a review. Who is to be trusted, which answers look
wrong, and what to ask whom next.
"""

import argparse
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer

import skcrowd
from skcrowd.io import read_mturk, write_argilla
from skcrowd.model_selection import cross_val_predict

EXPORT = Path(__file__).parent / "exports" / "reviews_mturk.csv"


def main(folder):
    export = read_mturk(EXPORT, repeated="last", data=True)
    print(export)
    X, y = TfidfVectorizer().fit_transform(export.texts), export.annotations
    clf = skcrowd.CrowdClassifier(max_epochs=40, random_state=0).fit(X, y)
    proba = cross_val_predict(clf, X, y, cv=3, method="predict_proba")
    print(skcrowd.report(clf, X, y, path=folder / "report.html", pred_proba=proba))
    answers = clf.answer_quality(X, y, pred_proba=proba)
    write_argilla(folder / "check.json", export, answers[answers["looks_wrong"]])
    clf.next_queries(X, y, 20).to_csv(folder / "next.csv", index=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(), help="where to write")
    main(parser.parse_args().folder)
