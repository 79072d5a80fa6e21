"""
Names in sentences, from people who miss some
=============================================

Sixteen simulated people mark persons and places, three of them each sentence. Some read
carefully, some skip every second name, some confuse persons with places.
:class:`~skcrowd.CrowdSequenceTagger` infers the true spans, and a network learns to tag
other sentences.
"""

import matplotlib.pyplot as plt
import numpy as np

from skcrowd import CrowdSequenceTagger
from skcrowd.datasets import make_annotations
from skcrowd.metrics import span_scores

FIRST = ["Ann", "Bob", "Carla", "Dan", "Eve", "Finn", "Gita", "Hugo", "Ida", "Jo"]
LAST = ["Archer", "Baker", "Cole", "Dunn", "Ellis", "Frost", "Grant", "Hill", "Jones"]
PLACES = ["Berlin", "Cairo", "Delhi", "Essen", "Faro", "Genoa", "Hanoi", "Jena", "Lima"]
SENTENCES = [
    "{person} met {person} in {place} .",
    "In {place} , {person} spoke of peace .",
    "The train from {place} to {place} was late .",
    "{person} said that {person} had left {place} .",
    "Rain fell on {place} all week .",
    "Nobody knew why {person} sold the house .",
]


def fill(word, rng):
    """Replace a slot by a name, and return words and tags."""
    if word == "{person}":
        words = [rng.choice(FIRST), *rng.choice(LAST, rng.integers(0, 2))]
        return [str(w) for w in words], ["B-PER"] + ["I-PER"] * (len(words) - 1)
    if word == "{place}":
        return [str(rng.choice(PLACES))], ["B-LOC"]
    return [word], ["O"]


def write(n_sentences, rng):
    """Write sentences and their true tags, in IOB2."""
    X, tags = [], []
    for template in rng.choice(SENTENCES, n_sentences):
        parts = [fill(word, rng) for word in template.split()]
        X.append([word for words, _ in parts for word in words])
        tags.append([tag for _, own in parts for tag in own])
    return X, tags


rng = np.random.default_rng(0)
X, truth = write(100, rng)
X_test, truth_test = write(100, rng)
kinds = {"expert": 3, "average": 6, "careless": 4, "confused": 2, "spammer": 1}
crowd = make_annotations(
    truth, kinds, kind="sequences", answers_per_item=3, random_state=0
)
print(" ".join(X[0]))
for annotator, tags in crowd.annotations[0].items():
    print(f"{annotator:2d} {crowd.kind[annotator]:9s}", *tags)

# %%
# Vote and model
# --------------

scores = {}
for name, method in {"majority vote": "majority_vote", "sequence EM": None}.items():
    chosen = {} if method is None else {"method": method}
    tagger = CrowdSequenceTagger(**chosen, max_epochs=10, random_state=0)
    tagger.fit(X, crowd.annotations)
    scores[name] = (
        span_scores(truth, tagger.inferred_tags_).f1,
        span_scores(truth_test, tagger.predict(X_test)).f1,
    )
    print(
        f"{name:14s} F1: inferred {scores[name][0]:.2f}, others {scores[name][1]:.2f}"
    )

fig, ax = plt.subplots(layout="constrained", figsize=(6, 3))
places = np.arange(2)
for shift, (name, values) in zip((-0.2, 0.2), scores.items(), strict=True):
    ax.bar(places + shift, values, width=0.38, label=name)
ax.set_xticks(places, ["inferred training tags", "other sentences"])
ax.set_ylabel("span F1")
ax.legend()
plt.show()

# %%
# Who finds the names
# -------------------
# The share of the names' tokens that each annotator tags right, estimated without any
# true tag.

is_name = tagger.classes_ != "O"
right = np.diagonal(tagger.annotator_confusion_, axis1=1, axis2=2)[:, is_name]
share = np.average(right, axis=1, weights=tagger.class_prior_[is_name])
for r in np.argsort(-share):
    print(f"{r:2d} {crowd.kind[r]:9s} {share[r]:.2f}")
