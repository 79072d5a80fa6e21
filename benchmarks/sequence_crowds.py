"""How right the default tagger is beside vote and Dawid-Skene, on many crowds.

Vote, token Dawid-Skene and ``CrowdSequenceTagger()`` with all its defaults, on crowds
with different habits and on two real ones. Nothing is chosen here, and true tags only
score.
"""

import argparse
from pathlib import Path
from time import process_time

import numpy as np
import torch
from _common import (
    add_output,
    environment,
    environment_line,
    markdown_table,
    matches,
    mean_std,
    write_results,
)
from _sequence_crowds import REAL, SIMULATED, real, simulated

from skcrowd import CrowdSequenceTagger
from skcrowd.aggregation import dawid_skene, majority_vote
from skcrowd.annotations._span_tags import is_span_scheme
from skcrowd.metrics import span_f1_score

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
VOTE, TOKENS, DEFAULT = "vote", "token Dawid-Skene", "sequence_em"
COLUMNS = [
    "crowd",
    *(f"{m}, {w}" for w in ("tokens", "spans") for m in (VOTE, TOKENS, DEFAULT)),
    "test, vote",
    "test, sequence_em",
    "network_weight_",
    "CPU s a fit",
]
CAPTION = """\
Inferred tags of the training sequences against the true ones, and test: spans that
match exactly. Mean ± sample standard deviation over the seed(s) {seeds}, %. A seed is
another crowd; of the two real crowds another network. Where tags mark no spans, all are
the share of right tokens.

- **tokens**: F1 of right tags of tokens in a span.
- **spans**: F1 of spans that match exactly.
- **test, vote**: the same network trained on the vote. PICO has no test documents; half
  of its abstracts have true tags.
- **network_weight_**: median weight that the answers gave to the networks.
"""


def main():
    """Run the table."""
    args = parse_arguments()
    torch.set_num_threads(args.threads)
    results = []
    for name in [*SIMULATED, *REAL]:
        if not matches(name, args.crowds):
            continue
        runs = [run for seed in args.seeds if (run := measure(name, seed, args))]
        if not runs:
            print(f"{name}: left out, its file is not there", flush=True)
            continue
        results.append({"crowd": name, "runs": runs})
        print(" | ".join(cells(results[-1])), flush=True)
    report(args, results)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument("--crowds", nargs="*", help="crowds whose name contains a text")
    parser.add_argument("--no-vote", action="store_true", help="train on no vote")
    parser.add_argument("--data", type=Path, default=BESIDE, help="of the real crowds")
    parser.add_argument("--quick", action="store_true", help="tiny crowds, one epoch")
    add_output(parser)
    args = parser.parse_args()
    if args.quick:
        args.seeds = [0]
    return args


def measure(name, seed, args):
    """Score the inferred and predicted tags of a crowd."""
    if name in SIMULATED:
        data = simulated(name, seed, 24 if args.quick else 300)
    else:
        data = None if args.quick else real(name, args.data)
    if data is None:
        return None
    annotations = data.annotations
    options = {"random_state": seed, "classes": annotations.classes}
    if args.quick:
        options["max_epochs"] = 1
    start = process_time()
    clf = CrowdSequenceTagger(**options).fit(data.X_train, annotations)
    seconds = process_time() - start
    inferred = {
        VOTE: majority_vote(annotations.tokens).argmax(axis=1),
        TOKENS: dawid_skene(annotations.tokens).posterior.argmax(axis=1),
    }
    inferred = {
        method: annotations.split(annotations.classes[codes])
        for method, codes in inferred.items()
    }
    inferred[DEFAULT] = clf.inferred_tags_
    run = {"seed": seed, "seconds": seconds, "network_weight": clf.network_weight_}
    run["inferred"] = {m: scores(data.gold_train, tags) for m, tags in inferred.items()}
    run["test"] = {VOTE: None, DEFAULT: None}
    if data.X_test is not None:
        run["test"][DEFAULT] = scores(data.gold_test, clf.predict(data.X_test))[1]
        if not args.no_vote:
            vote = CrowdSequenceTagger(method="majority_vote", **options)
            tags = vote.fit(data.X_train, annotations).predict(data.X_test)
            run["test"][VOTE] = scores(data.gold_test, tags)[1]
    return run


def scores(gold, tags):
    """F1 of tokens in spans and of spans; twice the accuracy where there are none."""
    tags = tags[: len(gold)]
    true, found = np.concatenate(gold), np.concatenate(tags)
    if not is_span_scheme(np.unique(true)):
        accuracy = float(np.mean(true == found))
        return accuracy, accuracy
    right = np.sum((true == found) & (true != "O"))
    of_tokens = 2 * right / (np.sum(true != "O") + np.sum(found != "O"))
    return float(of_tokens), float(span_f1_score(gold, tags))


def cells(result):
    """One line of the table."""
    runs = result["runs"]
    inferred = [
        mean_std([run["inferred"][method][which] for run in runs], 1, 100)
        for which in (0, 1)
        for method in (VOTE, TOKENS, DEFAULT)
    ]
    test = [mean_std([run["test"][m] for run in runs], 1, 100) for m in (VOTE, DEFAULT)]
    weight = np.median([run["network_weight"] for run in runs])
    seconds = np.median([run["seconds"] for run in runs])
    return [result["crowd"], *inferred, *test, f"{weight:.2g}", f"{seconds:.0f}"]


def report(args, results):
    """Write table and raw numbers."""
    described = environment(args.threads)
    table = markdown_table(COLUMNS, [cells(result) for result in results])
    caption = CAPTION.format(seeds=", ".join(map(str, args.seeds)))
    foot = environment_line(described)
    text = f"# Taggers on crowds of many sorts\n\n{table}\n\n{caption}\n{foot}"
    raw = {"environment": described, "seeds": args.seeds, "results": results}
    write_results(args.output, "sequence_crowds", text, raw)


if __name__ == "__main__":
    main()
