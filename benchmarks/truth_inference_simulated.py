"""Does Consensus ever lose to the vote? On simulated crowds that mislead models.

Every family of crowds is drawn with several seeds; no true label is used but to score.
"""

import argparse
import warnings

import numpy as np
from _common import (
    add_output,
    environment,
    environment_line,
    markdown_table,
    mean_std,
    write_results,
)
from _truth_inference_simulated import SIMULATED
from sklearn.exceptions import ConvergenceWarning
from truth_inference import accuracy

from skcrowd.aggregation import LABEL_AGGREGATORS

NAMES = "majority_vote", "dawid_skene", "consensus"
CAPTION = """\
Share of right labels in percent, equally probable labels share; mean ± sample standard
deviation over {seeds} seeds. *difference*: of consensus from the vote on the same
answers, with its standard error. *worst*: the smallest of the seeds. *decided by*: the
model that consensus chose, with the number of seeds. Unless its name says otherwise a
crowd has 600 items, 20 annotators of accuracy .5 to .95, five answers an item and four
classes; `_truth_inference_simulated.py` has every family, a line each.
"""


def main():
    """Run every family and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds")
    parser.add_argument("--only", nargs="*", help="some families, by name")
    parser.add_argument("--quick", action="store_true", help="two families, one seed")
    add_output(parser)
    args = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    seeds = 1 if args.quick else args.seeds
    names = args.only or (["30 items", "one answer"] if args.quick else SIMULATED)
    results = {}
    for name in names:
        results[name] = measure(SIMULATED[name], seeds)
        print(name, results[name], flush=True)
    report(args, results, seeds)


def measure(make, seeds):
    """Return the accuracies of every aggregator, and what decided."""
    found = {name: [] for name in NAMES} | {"decided": []}
    for seed in range(seeds):
        crowd = make(seed)
        for name in NAMES:
            aggregator = LABEL_AGGREGATORS[name]().fit(crowd.annotations)
            right = accuracy(aggregator.predict_proba(), crowd.gold)
            found[name].append(right)
        found["decided"].append(aggregator.model_)
    return found


def report(args, results, seeds):
    """Write the table."""
    lines = []
    for family, found in results.items():
        difference = 100 * np.subtract(found["consensus"], found["majority_vote"])
        error = difference.std(ddof=1) / np.sqrt(seeds) if seeds > 1 else np.nan
        models = sorted(set(found["decided"]))
        decided = [f"{model} {found['decided'].count(model)}" for model in models]
        lines.append(
            [
                family,
                *(mean_std(found[name], 1, 100) for name in NAMES),
                f"{difference.mean():.1f} ± {error:.1f}",
                f"{difference.min():.1f}",
                ", ".join(decided),
            ]
        )
    columns = ["crowd", *NAMES, "difference", "worst", "decided by"]
    described = environment(args.threads)
    text = "\n\n".join(
        [
            "# Consensus and the vote on simulated crowds",
            CAPTION.format(seeds=seeds),
            markdown_table(columns, lines),
            environment_line(described),
        ]
    )
    raw = {"environment": described, "seeds": seeds, "results": results}
    write_results(args.output, "truth_inference_simulated", text, raw)


if __name__ == "__main__":
    main()
