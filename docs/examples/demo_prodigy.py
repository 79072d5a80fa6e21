"""
Names in text, marked in Prodigy
================================

Three people marked names of people and places. A tagger learns from all of them, finds
names in new text, and ten sentences go back to Prodigy with its names filled in.
"""

import argparse
from pathlib import Path

import skcrowd
from skcrowd.io import read_prodigy, write_prodigy
from skcrowd.model_selection import cross_val_predict

EXPORT = Path(__file__).parent / "exports" / "names_prodigy.jsonl"


def main(folder):
    export = read_prodigy(EXPORT)
    print(export)
    X, y = export.tokens, export.annotations
    tagger = skcrowd.CrowdSequenceTagger(max_epochs=10, random_state=0).fit(X, y)
    proba = cross_val_predict(tagger, X, y, cv=3, method="predict_proba")
    print(skcrowd.report(tagger, X, y, path=folder / "report.html", pred_proba=proba))
    text = "Eve Lee met Bob in Oslo."
    for start, end, label in tagger.predict_spans([text], tokenizer=r"\w+|\S")[0]:
        print(f"{label}: {text[start:end]}")
    queue = tagger.next_queries(X, y, 10, pred_proba=proba)
    names = X.spans(tagger.inferred_tags_)
    write_prodigy(folder / "relabel.jsonl", export, queue, labels=names)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(), help="where to write")
    main(parser.parse_args().folder)
