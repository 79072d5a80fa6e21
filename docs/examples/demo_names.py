"""
Names in sentences, from people who miss some
=============================================

Sixteen simulated people mark persons and places in sentences, three a sentence. Some
read carefully, some skip every second name, some confuse persons with places.
`CrowdSequenceTagger` infers what the sentences really hold, and a network learns from
that to tag others.
"""

import argparse

import numpy as np

from skcrowd import CrowdSequenceTagger
from skcrowd.datasets import make_annotations
from skcrowd.metrics import span_scores

CROWD = {"expert": 3, "average": 6, "careless": 4, "confused": 2, "spammer": 1}
FIRST = ["Ann", "Bob", "Carla", "Dan", "Eve", "Finn", "Gita", "Hugo", "Ida", "Jo"]
LAST = ["Archer", "Baker", "Cole", "Dunn", "Ellis", "Frost", "Grant", "Hill", "Jones"]
PLACES = ["Berlin", "Cairo", "Delhi", "Essen", "Faro", "Genoa", "Hanoi", "Jena", "Lima"]
CITIES = [("New", "York"), ("San", "Juan"), ("Cape", "Town")]
SENTENCES = [
    "{person} met {person} in {place} .",
    "In {place} , {person} spoke of peace .",
    "The train from {place} to {place} was late .",
    "{person} said that {person} had left {place} .",
    "Rain fell on {place} all week .",
    "Nobody knew why {person} sold the house .",
]


def main(seed=0, quick=False):
    rng = np.random.default_rng(seed)
    X, truth = write(80 if quick else 120, rng)
    X_test, truth_test = write(120, rng)
    crowd = make_annotations(
        truth, CROWD, kind="sequences", answers_per_item=3, random_state=seed
    )
    options = {"max_epochs": 10, "lr": 1e-2} if quick else {}
    vote = CrowdSequenceTagger(method="majority_vote", random_state=seed, **options)
    tagger = CrowdSequenceTagger(random_state=seed, **options)
    for name, clf in {"majority vote": vote, "sequence EM": tagger}.items():
        clf.fit(X, crowd.annotations)
        inferred = span_scores(truth, clf.inferred_tags_)
        test = span_scores(truth_test, clf.predict(X_test))
        print(f"{name}: F1 of training tags {inferred.f1:.3f}, others {test.f1:.3f}")
    print("\nshare of the names' tokens that each tags right, estimated without truth:")
    shares = right_in_names(tagger)
    for number in np.argsort(-shares):
        print(f"{number:3d} {crowd.kind[number]:10s} {shares[number]:.2f}")


def write(n_sentences, rng):
    """Write sentences and their tags, in IOB2."""
    X, tags = [], []
    for template in rng.choice(SENTENCES, n_sentences):
        parts = [fill(word, rng) for word in template.split()]
        X.append([word for words, _ in parts for word in words])
        tags.append([tag for _, own in parts for tag in own])
    return X, tags


def fill(word, rng):
    """Replace a slot by a name; return words and their tags."""
    if word == "{person}":
        words = [rng.choice(FIRST), *rng.choice(LAST, rng.integers(0, 2))]
    elif word == "{place}" and rng.random() < 0.2:
        words = CITIES[rng.integers(len(CITIES))]
    elif word == "{place}":
        words = [rng.choice(PLACES)]
    else:
        return [word], ["O"]
    kind = "PER" if word == "{person}" else "LOC"
    return [str(w) for w in words], [f"B-{kind}"] + [f"I-{kind}"] * (len(words) - 1)


def right_in_names(tagger):
    """Share of the names' tokens that each annotator tags right."""
    names = tagger.classes_ != "O"
    right = np.diagonal(tagger.annotator_confusion_, axis1=1, axis2=2)[:, names]
    return np.average(right, axis=1, weights=tagger.class_prior_[names])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer items and epochs")
    main(**vars(parser.parse_args()))
