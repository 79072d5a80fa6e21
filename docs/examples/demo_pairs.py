"""
Which review is better
======================

A table of preferences between two reviews. A network learns to score single reviews,
also those that nobody compared. In one command: ``skcrowd report reviews_pairs.csv
--text``.
"""

import argparse
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer

import skcrowd
from skcrowd.io import read_table

EXPORT = Path(__file__).parent / "exports" / "reviews_pairs.csv"
CLASSIFIER = skcrowd.CrowdClassifier(
    method="confusion_layer", max_epochs=40, random_state=0
)


def main(folder):
    export = read_table(EXPORT, data=True)
    print(export)
    X, y = TfidfVectorizer().fit_transform(export.texts), export.annotations
    ranker = skcrowd.CrowdRanker(CLASSIFIER).fit(X, y)
    print(skcrowd.report(ranker, X, y, path=folder / "report.html"))
    ranker.next_queries(X, y, 10).to_csv(folder / "next.csv", index=False)
    print(export.texts[ranker.rank(X)[0]])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(), help="where to write")
    main(parser.parse_args().folder)
