"""The rule of Consensus, chosen without the crowd that it is measured on.

For each public crowd with true labels the constants of the rule are chosen by the mean
accuracy on all the other crowds, and the crowd that was left out is scored.
"""

import argparse
import itertools
import json
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from _common import (
    add_output,
    environment,
    environment_line,
    markdown_table,
    write_results,
)
from _truth_inference_data import load_crowds
from sklearn.exceptions import ConvergenceWarning
from truth_inference import accuracy

from skcrowd.aggregation import Consensus
from skcrowd.aggregation._annotator_groups import read_groups
from skcrowd.aggregation.labels import _consensus as rule
from skcrowd.aggregation.labels._label_inference import Answers

SAME = {"bluebird": "d_Duck_Identification", "d_Duck_Identification": "bluebird"}
LATER = {"cifar10n", "adult_ordinal"}  # too large, and s5_AdultContent again
PSEUDO_COUNTS = 1.0, 3.0, 10.0
VOTE_SHARES = 0.25, 0.5, 0.75
LEAST_DIFFERENCE = -np.inf, -4.0, -2.0, 0.0, 2.0
STANDARD_ERRORS = 0.0, 2.0, 4.0, np.inf
VERY_STRONG = 0.0, 5.0, 20.0
COPIES = 0.5, 0.75, np.inf


class Rule(NamedTuple):
    """Constants of `Consensus`; see the caption."""

    pseudo_counts: float
    vote_share: float
    least_difference: float
    standard_errors: float
    very_strong: float
    copies: float


RULES = [
    Rule(*values)
    for values in itertools.product(
        PSEUDO_COUNTS,
        VOTE_SHARES,
        LEAST_DIFFERENCE,
        STANDARD_ERRORS,
        VERY_STRONG,
        COPIES,
    )
]
DEFAULT = Rule(
    Consensus().pseudo_counts,
    rule.VOTE_SHARE,
    -rule.STANDARD_ERRORS,
    rule.STANDARD_ERRORS,
    rule.VERY_STRONG,
    rule.COPIES,
)
MOST_BELOW = 0.005  # of the vote, on the crowds that choose
CAPTION = """\
Share of right labels in percent. For each crowd, the constants of `Consensus` with the
best mean on all other crowds (among those that lose at most half a point to the vote on
the fewest of them), and the accuracy that they give on the crowd itself, *left out*; of
several that are equally good on the other crowds, the mean. Two names of one crowd are
left out together. *rule*: the first of the best; pseudo-counts; share of the votes;
least gain of Dawid-Skene over annotators alike, and of EBCC over independent ones, in
standard errors, by held-out answers; least log Bayes factor of EBCC; excess agreement
of copies. {n_rules} rules. *default*: the constants of the package,
{default}. The mean and the difference from the vote are over
the {n_eleven} crowds of truth_inference.npz. What the rule consists of, these models
and comparisons, was found on the same crowds.
"""


def main():
    """Measure all rules on all crowds and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with truth_inference.npz")
    parser.add_argument(
        "--cache", type=Path, help="folder to keep each crowd's results"
    )
    parser.add_argument("--quick", action="store_true", help="small crowds only")
    add_output(parser)
    args = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    scores, votes, eleven = {}, {}, []
    for crowd in load_crowds(args.data):
        large = args.quick and crowd.annotations.n_answers > 3000
        if crowd.name in LATER or large:
            continue
        votes[crowd.name], scores[crowd.name] = cached(crowd, args.cache)
        if crowd.is_of_eleven:
            eleven.append(crowd.name)
        print(crowd.name, flush=True)
    report(args, scores, votes, eleven)


def cached(crowd, folder):
    """Return what was measured on a crowd, from a file if it has the same rules."""
    if folder is None:
        return measure(crowd)
    path, rules = folder / f"{crowd.name}.json", [[*map(str, one)] for one in RULES]
    if path.exists():
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["rules"] == rules:
            return stored["vote"], np.array(stored["accuracy"])
    vote, found = measure(crowd)
    folder.mkdir(parents=True, exist_ok=True)
    content = {"rules": rules, "vote": vote, "accuracy": found.tolist()}
    path.write_text(json.dumps(content), encoding="utf-8")
    return vote, found


@contextmanager
def constants(**values):
    """Give the rule other constants."""
    before = {name: getattr(rule, name) for name in values}
    try:
        for name, value in values.items():
            setattr(rule, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(rule, name, value)


class Compared(NamedTuple):
    """The models on a crowd whose copies count once.

    Attributes
    ----------
    together : float
        Accuracy of EBCC; NaN where its tables would be too large.
    log_bayes_factor, gain : float
    difference : dict
        Of pseudo-counts, the gain of Dawid-Skene over annotators alike.
    """

    together: float
    log_bayes_factor: float
    gain: float
    difference: dict


def measure(crowd):
    """Return the accuracy of the vote, and of every rule."""
    answers = Answers(crowd.annotations)
    groups = read_groups(crowd.annotations, "auto")
    weight = None if groups is None else groups.answer_weights(crowd.annotations)
    votes = rule.discounted_votes(crowd.annotations, answers.votes, weight)
    alone = accuracy(votes, crowd.gold)
    mixed = {}
    for pseudo_counts in PSEUDO_COUNTS:
        one = Consensus(pseudo_counts=pseudo_counts)
        posterior = one._dawid_skene(answers, groups=groups).posterior
        for share in VOTE_SHARES:
            decided = (1 - share) * posterior + share * votes
            mixed[pseudo_counts, share] = accuracy(decided, crowd.gold)
    compared, by_size = {}, {}
    for copies in COPIES:
        with constants(COPIES=copies):
            distinct = rule._without_copies(answers, groups, answers.keys.annotators)
        size = distinct.annotations.n_answers  # fewer copies, fewer answers
        if size not in by_size:
            by_size[size] = compare(distinct, crowd.gold)
        compared[copies] = by_size[size]
    found = [decide(one, compared[one.copies], alone, mixed) for one in RULES]
    return accuracy(answers.votes, crowd.gold), np.array(found)


def compare(distinct, gold):
    """Fit and compare the models, whatever their evidence."""
    with constants(STANDARD_ERRORS=-np.inf, VERY_STRONG=-np.inf):
        together, log_bayes_factor, gain = Consensus()._compare(distinct)
    difference = {
        pseudo_counts: Consensus(pseudo_counts=pseudo_counts)._difference(distinct)
        for pseudo_counts in PSEUDO_COUNTS
    }
    right = np.nan if together is None else accuracy(together.posterior, gold)
    return Compared(right, log_bayes_factor, gain, difference)


def decide(one, compared, alone, mixed):
    """Return the accuracy of what a rule takes; an unknown gain, NaN, decides nothing.

    Parameters
    ----------
    one : Rule
    compared : Compared
    alone : float
        Accuracy of the votes.
    mixed : dict
        Of pseudo-counts and the share of the votes, the accuracy of their mean.
    """
    is_strong = compared.log_bayes_factor > one.very_strong
    if is_strong and compared.gain > one.standard_errors:
        return compared.together
    if compared.difference[one.pseudo_counts] < one.least_difference:
        return alone
    return mixed[one.pseudo_counts, one.vote_share]


def choose(names, scores, votes):
    """Return the numbers of the rules that are best on some crowds."""
    table = np.array([scores[name] for name in names])
    below = table - np.array([votes[name] for name in names])[:, None] < -MOST_BELOW
    n_below = below.sum(axis=0)
    mean = np.where(n_below == n_below.min(), table.mean(axis=0), -1)
    return np.flatnonzero(mean >= mean.max() - 1e-12)


def report(args, scores, votes, eleven):
    """Write the table."""
    names, default = list(scores), RULES.index(DEFAULT)
    chosen, left_out, lines = {}, {}, []
    for name in names:
        others = [n for n in names if n not in (name, SAME.get(name))]
        best = choose(others, scores, votes) if others else np.array([default])
        chosen[name] = best.tolist()
        left_out[name] = float(scores[name][best].mean())
        described_rule = "; ".join(f"{value:g}" for value in RULES[best[0]])
        if len(best) > 1:
            described_rule += f" and {len(best) - 1} more"
        cells = [votes[name], scores[name][default], left_out[name]]
        lines.append([name, *(f"{100 * v:.1f}" for v in cells), described_rule])
    columns = ["crowd", "vote", "default", "left out", "rule"]
    if eleven:
        vote = np.array([votes[n] for n in eleven])
        fixed = np.array([scores[n][default] for n in eleven])
        own = np.array([left_out[n] for n in eleven])
        means = [f"{100 * part.mean():.1f}" for part in (vote, fixed, own)]
        lines.append([f"mean of {len(eleven)}", *means, ""])
        worst = [f"{100 * (part - vote).min():.1f}" for part in (vote, fixed, own)]
        lines.append(["smallest difference from the vote", *worst, ""])
    described = environment(args.threads)
    caption = CAPTION.format(
        n_rules=len(RULES),
        default="; ".join(f"{value:g}" for value in DEFAULT),
        n_eleven=len(eleven),
    )
    text = "\n\n".join(
        [
            "# The rule of Consensus, one crowd left out",
            caption,
            markdown_table(columns, lines),
            environment_line(described),
        ]
    )
    raw = {
        "environment": described,
        "rules": [[str(value) for value in one] for one in RULES],
        "accuracy": {
            name: np.round(found, 6).tolist() for name, found in scores.items()
        },
        "default": default,
        "vote": votes,
        "chosen": chosen,
        "left_out": left_out,
    }
    write_results(args.output, "truth_inference_left_out", text, raw)


if __name__ == "__main__":
    main()
