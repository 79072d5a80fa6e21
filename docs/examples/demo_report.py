"""
A page about a crowd
====================

Twelve simulated people label flowers; two of them guess. The report says who they are,
which labels look wrong, and what to ask next.
"""

import argparse

from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skcrowd
from skcrowd.datasets import make_annotations
from skcrowd.model_selection import cross_val_predict

CROWD = {"expert": 2, "average": 8, "random": 2}


def main(path, seed=0):
    X, truth = load_iris(return_X_y=True)
    y = make_annotations(truth, CROWD, answers_per_item=4, random_state=seed)
    clf = skcrowd.CrowdClassifier(random_state=seed)
    model = make_pipeline(StandardScaler(), clf).fit(X, y.annotations)
    proba = cross_val_predict(model, X, y.annotations, method="predict_proba")
    report = skcrowd.report(
        model, X, y.annotations, path=path, title="Flowers", pred_proba=proba
    )
    print(report)
    print(f"\nOpen {path} in a browser.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--path", default="crowd_report.html", help="file to write")
    main(parser.parse_args().path)
