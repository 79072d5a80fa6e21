"""The rule of Consensus, chosen without the crowd that it is measured on.

For each public crowd with true labels the constants of the rule are chosen by the mean
accuracy on all the other crowds, and the crowd that was left out is scored.
"""

import argparse
import itertools
import warnings
from pathlib import Path

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
RULES = list(
    itertools.product(PSEUDO_COUNTS, VOTE_SHARES, LEAST_DIFFERENCE, STANDARD_ERRORS)
)
DEFAULT = 3.0, rule.VOTE_SHARE, -rule.STANDARD_ERRORS, rule.STANDARD_ERRORS
MOST_BELOW = 0.005  # of the vote, on the crowds that choose
CAPTION = """\
Share of right labels in percent. For each crowd, the constants of `Consensus` with the
best mean on all other crowds (among those that lose at most half a point to the vote on
the fewest of them), and the accuracy that they give on the crowd itself, *left out*.
Two names of one crowd are left out together. *rule*: pseudo-counts; share of the votes;
least gain of Dawid-Skene over annotators alike, and of EBCC over independent ones, in
standard errors, by held-out answers. {n_rules} rules. *default*: the constants of the
package, {default}. The mean and the difference from the vote are over the {n_eleven}
crowds of truth_inference.npz.
"""


def main():
    """Measure all rules on all crowds and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with truth_inference.npz")
    parser.add_argument("--quick", action="store_true", help="small crowds only")
    add_output(parser)
    args = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    scores, votes, eleven = {}, {}, []
    for crowd in load_crowds(args.data):
        large = args.quick and crowd.annotations.n_answers > 3000
        if crowd.name in LATER or large:
            continue
        votes[crowd.name], scores[crowd.name] = measure(crowd)
        if crowd.is_of_eleven:
            eleven.append(crowd.name)
        print(crowd.name, flush=True)
    report(args, scores, votes, eleven)


def measure(crowd):
    """Return the accuracy of the vote, and of every rule."""
    model, answers = Consensus(), Answers(crowd.annotations)
    groups = read_groups(crowd.annotations, "auto")
    distinct = rule._without_copies(answers, groups)
    limit, rule.STANDARD_ERRORS = rule.STANDARD_ERRORS, -np.inf
    together, _, gain = model._compare(distinct)
    rule.STANDARD_ERRORS = limit
    weight = None if groups is None else groups.answer_weights(crowd.annotations)
    votes = rule.discounted_votes(crowd.annotations, answers.votes, weight)
    fits = {}
    for pseudo_counts in PSEUDO_COUNTS:
        one = Consensus(pseudo_counts=pseudo_counts)
        posterior = one._dawid_skene(answers, groups=groups).posterior
        fits[pseudo_counts] = posterior, one._difference(distinct)
    found = []
    for pseudo_counts, share, least, standard_errors in RULES:
        posterior, difference = fits[pseudo_counts]
        if together is not None and gain > standard_errors:
            decided = together.posterior
        elif difference < least:
            decided = votes
        else:
            decided = (1 - share) * posterior + share * votes
        found.append(accuracy(decided, crowd.gold))
    return accuracy(answers.votes, crowd.gold), np.array(found)


def choose(names, scores, votes):
    """Return the number of the best rule on some crowds."""
    table = np.array([scores[name] for name in names])
    below = table - np.array([votes[name] for name in names])[:, None] < -MOST_BELOW
    n_below = below.sum(axis=0)
    mean = np.where(n_below == n_below.min(), table.mean(axis=0), -1)
    best = np.flatnonzero(mean >= mean.max() - 1e-12)
    default = RULES.index(DEFAULT)
    return default if default in best else int(best[0])


def report(args, scores, votes, eleven):
    """Write the table."""
    names, default = list(scores), RULES.index(DEFAULT)
    chosen, lines = {}, []
    for name in names:
        others = [n for n in names if n not in (name, SAME.get(name))]
        chosen[name] = choose(others, scores, votes) if others else default
        own = scores[name][chosen[name]]
        described_rule = "; ".join(f"{value:g}" for value in RULES[chosen[name]])
        cells = [votes[name], scores[name][default], own]
        lines.append([name, *(f"{100 * v:.1f}" for v in cells), described_rule])
    columns = ["crowd", "vote", "default", "left out", "rule"]
    if eleven:
        vote = np.array([votes[n] for n in eleven])
        fixed = np.array([scores[n][default] for n in eleven])
        own = np.array([scores[n][chosen[n]] for n in eleven])
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
        "accuracy": {name: found.tolist() for name, found in scores.items()},
        "vote": votes,
        "chosen": chosen,
    }
    write_results(args.output, "truth_inference_left_out", text, raw)


if __name__ == "__main__":
    main()
