"""
Stars given in Potato
=====================

Four people rated reviews on a scale of one to five in Potato, whose output has a folder
for each. Offsets and noise of the annotators are estimated with the model. In one
command: ``skcrowd report stars_potato --text``.
"""

import argparse
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer

import skcrowd
from skcrowd.io import read_potato, write_label_studio
from skcrowd.model_selection import cross_val_predict

EXPORT = Path(__file__).parent / "exports" / "stars_potato"


def main(folder):
    export = read_potato(EXPORT, data=["text"])
    print(export)
    X, y = TfidfVectorizer().fit_transform(export.texts), export.annotations
    reg = skcrowd.CrowdRegressor(max_epochs=40, random_state=0).fit(X, y)
    predicted = cross_val_predict(reg, X, y, cv=3)
    print(skcrowd.report(reg, X, y, path=folder / "report.html", prediction=predicted))
    quality = reg.label_quality(X, y, prediction=predicted)
    stars, queue = quality["consensus"], quality.nlargest(10, "std")
    write_label_studio(folder / "relabel.json", export, queue, labels=stars)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(), help="where to write")
    main(parser.parse_args().folder)
