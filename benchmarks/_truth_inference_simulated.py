"""Simulated crowds that mislead models of annotators, and some that do not."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from skcrowd.annotations import Annotations

__all__ = ["SIMULATED", "Simulated"]


@dataclass
class Simulated:
    """Answers, and the truth of every item.

    Parameters
    ----------
    annotations : Annotations
    gold : int64 ndarray of shape (n_items,)
    """

    annotations: Annotations
    gold: np.ndarray


def crowd(
    seed,
    n_items=600,
    n_annotators=20,
    per_item=5,
    accuracy=(0.5, 0.95),
    shares=(0.25, 0.25, 0.25, 0.25),
    change=None,
):
    """Draw answers that are right with a probability of each annotator.

    Parameters
    ----------
    seed : int
    n_items, n_annotators, per_item : int
        `per_item` annotators at random answer an item.
    accuracy : tuple (low, high)
        Of the annotators, drawn uniformly.
    shares : tuple
        Of the classes.
    change : callable, default=None
        Gets the dense answers of all annotators to all items, the truth and the random
        generator, and changes the answers.
    """
    rng, n_classes = np.random.default_rng(seed), len(shares)
    truth = rng.choice(n_classes, size=n_items, p=shares)
    is_right = rng.random((n_items, n_annotators)) < rng.uniform(
        *accuracy, n_annotators
    )
    other = truth[:, None] + rng.integers(1, n_classes, is_right.shape)
    answers = np.where(is_right, truth[:, None], other % n_classes)
    asked = rng.random(answers.shape).argsort(axis=1) < per_item
    if change is not None:
        change(answers, asked, truth, rng)
    item, annotator = np.nonzero(asked)
    answer, shape = answers[item, annotator], answers.shape
    annotations = Annotations(item, annotator, answer, shape, np.arange(n_classes))
    return Simulated(annotations, truth)


def mislead(answers, asked, truth, rng, *, share, followers):
    """Let most annotators give the same wrong answer to some of the items."""
    n_classes = answers.max() + 1
    rows = np.flatnonzero(rng.random(len(truth)) < share)
    wrong = (truth[rows] + rng.integers(1, n_classes, len(rows))) % n_classes
    follows = rng.random((len(rows), answers.shape[1])) < followers
    answers[rows] = np.where(follows, wrong[:, None], answers[rows])


def mislead_class(answers, asked, truth, rng, *, share, n_followers):
    """Let some annotators always take one class for the next, on a type of items."""
    rows = np.flatnonzero((truth == 0) & (rng.random(len(truth)) < share))
    answers[np.ix_(rows, np.arange(n_followers))] = 1


def guesser(answers, asked, truth, rng, *, share):
    """Let one annotator answer all items at random: this share of all answers."""
    asked[:, 0] = True
    answers[:, 0] = rng.integers(answers.max() + 1, size=len(truth))
    item, annotator = np.nonzero(asked[:, 1:])
    n_kept = int((1 - share) / share * len(truth))
    left_out = rng.permutation(len(item))[n_kept:]
    asked[item[left_out], annotator[left_out] + 1] = False


def copy(answers, asked, truth, rng, *, n_copies, accuracy):
    """Let some annotators copy from one who is often wrong."""
    is_right = rng.random(len(truth)) < accuracy
    n_classes = answers.max() + 1
    other = (truth + rng.integers(1, n_classes, len(truth))) % n_classes
    answers[:, :n_copies] = np.where(is_right, truth, other)[:, None]


def spam(answers, asked, truth, rng, *, n_spammers):
    """Let some annotators always answer one class, each their own."""
    n_classes = answers.max() + 1
    answers[:, :n_spammers] = rng.integers(n_classes, size=n_spammers)


def err_by_difficulty(answers, asked, truth, rng):
    """Make the items of uneven difficulty, with a class that each suggests."""
    n_classes = answers.max() + 1
    difficulty = rng.normal(0, 1.5, (len(truth), 1))
    log_odds = rng.normal(1.2, 0.5, answers.shape[1]) - difficulty
    suggested = (truth + rng.integers(1, n_classes, len(truth))) % n_classes
    is_right = rng.random(answers.shape) < 1 / (1 + np.exp(-log_odds))
    wrong = np.where(rng.random(answers.shape) < 0.5, suggested[:, None], answers)
    answers[:] = np.where(is_right, truth[:, None], wrong)


TWO, RARE = (0.5, 0.5), (0.95, 0.05)
VERY_RARE, TEN = (0.99, 0.01), (0.1,) * 10
SIMULATED = {
    "independent": crowd,
    "two classes": partial(crowd, shares=TWO),
    "ten classes": partial(crowd, shares=TEN, n_items=1000),
    "poor": partial(crowd, accuracy=(0.3, 0.6)),
    "two misled, 20 %": partial(
        crowd, shares=TWO, change=partial(mislead, share=0.2, followers=0.8)
    ),
    "two misled, all annotate": partial(
        crowd,
        shares=TWO,
        n_annotators=9,
        per_item=9,
        change=partial(mislead, share=0.25, followers=0.9),
    ),
    "four misled, 20 %": partial(
        crowd, change=partial(mislead, share=0.2, followers=0.8)
    ),
    "four misled, all annotate": partial(
        crowd,
        n_annotators=9,
        per_item=9,
        change=partial(mislead, share=0.25, followers=0.9),
    ),
    "majority errs on a type": partial(
        crowd,
        n_annotators=9,
        per_item=9,
        change=partial(mislead_class, share=0.5, n_followers=6),
    ),
    "minority errs on a type": partial(
        crowd,
        n_annotators=9,
        per_item=9,
        shares=TWO,
        change=partial(mislead_class, share=0.5, n_followers=4),
    ),
    "difficulty": partial(crowd, change=err_by_difficulty),
    "difficulty, two": partial(crowd, shares=TWO, change=err_by_difficulty),
    "difficulty, all annotate": partial(
        crowd, shares=TWO, n_annotators=10, per_item=10, change=err_by_difficulty
    ),
    "guesser 50 %": partial(crowd, change=partial(guesser, share=0.5)),
    "guesser 70 %": partial(crowd, change=partial(guesser, share=0.7)),
    "guesser 80 %": partial(crowd, change=partial(guesser, share=0.8)),
    "guesser 70 %, two": partial(crowd, shares=TWO, change=partial(guesser, share=0.7)),
    "4 of 10 copies": partial(
        crowd,
        n_annotators=10,
        per_item=10,
        change=partial(copy, n_copies=4, accuracy=0.5),
    ),
    "6 of 10 copies": partial(
        crowd,
        n_annotators=10,
        per_item=10,
        change=partial(copy, n_copies=6, accuracy=0.5),
    ),
    "10 of 20 copies, sparse": partial(
        crowd, change=partial(copy, n_copies=10, accuracy=0.5)
    ),
    "spammers": partial(crowd, change=partial(spam, n_spammers=8)),
    "spammers, two": partial(crowd, shares=TWO, change=partial(spam, n_spammers=8)),
    "5 % rare": partial(crowd, shares=RARE),
    "5 % rare, three": partial(crowd, shares=RARE, per_item=3),
    "1 % rare": partial(crowd, shares=VERY_RARE, accuracy=(0.7, 0.98), n_items=1000),
    "one answer": partial(crowd, per_item=1),
    "one answer, two": partial(crowd, per_item=1, shares=TWO),
    "two answers": partial(crowd, per_item=2),
    "two answers, two": partial(crowd, per_item=2, shares=TWO),
    "two answers, ten": partial(crowd, per_item=2, shares=TEN),
    "3 annotators": partial(crowd, n_annotators=3, per_item=3),
    "3 annotators, two": partial(crowd, n_annotators=3, per_item=3, shares=TWO),
    "3 annotators, rare": partial(crowd, n_annotators=3, per_item=3, shares=RARE),
    "3 annotators, 50 items": partial(crowd, n_items=50, n_annotators=3, per_item=3),
    "30 items": partial(crowd, n_items=30),
    "two annotators": partial(crowd, n_annotators=2, per_item=2),
    "few each": partial(crowd, n_items=200, n_annotators=300, per_item=4),
    "few each, two": partial(
        crowd, n_items=200, n_annotators=300, per_item=4, shares=TWO
    ),
    "alike": partial(crowd, accuracy=(0.7, 0.7)),
    "alike, two": partial(crowd, accuracy=(0.7, 0.7), shares=TWO),
    "alike, uneven": partial(crowd, accuracy=(0.7, 0.7), shares=(0.7, 0.1, 0.1, 0.1)),
    "chance": partial(crowd, accuracy=(0.25, 0.25)),
}
