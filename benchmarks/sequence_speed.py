"""Time of training on sequences: CrowdSequenceTagger against a plain PyTorch loop.

Both train the same network on the same batches with the same Adam. The plain loop has
one soft label a token and no annotators; it is the yardstick.
"""

import argparse
from time import process_time

import numpy as np
import torch
from _common import (
    add_output,
    environment,
    environment_line,
    markdown_table,
    write_results,
)
from _conll_data import add_data, load, offered
from _sequence_contenders import PlainLoop, WholeSequences, fit

from skcrowd import CrowdSequenceTagger
from skcrowd.annotations import SequenceAnnotations

METHODS = ["majority_vote", "em", "crowd_layer", "confusion_layer", "sequence_em"]
QUICK_SENTENCES = 40
OLD_EPOCHS, LONG_EPOCHS = 60, 2  # of the settings of before: in a fit, and measured

COLUMNS = [
    "input",
    "method",
    "s an epoch",
    "x plain loop",
    "x plain loop, CPU time",
    "epochs in all",
    "passes in all",
    "s a fit",
    "fit x plain loop",
]

LONG_COLUMNS = ["network", "batch", "epochs", "CPU s an epoch", "CPU s a fit"]
LONG_CAPTION = """\
{n_documents} documents of {n_tokens} tokens, {n_features} features a token, one
annotator; `method="majority_vote"`. **whole sequences**: the settings of before, two
recurrent layers over whole documents, 16 in a batch, 60 epochs; its fit is the time of
{measured} epoch(s), times 60 / {measured}. **default**: all defaults.
Ratio: {ratio:.1f}.
"""
CAPTION = """\
{n_sentences} sentences of the CoNLL crowd, {n_annotators} annotators; network and
training with their defaults, batch {batch_size}, {epochs} epochs; methods with theirs,
but without epochs on the vote (`warm_epochs=0`); {threads} thread(s). Epochs of EM hold
an inference of the truth each.

- **s an epoch**: median wall time from the start of an epoch to the start of the next,
  over {rounds} round(s), the first epoch of each fit left out. For `sequence_em` epochs
  of the last network, which learns from all sentences.
- **x plain loop**: plain loop and tagger train in turn in one process; the median over
  the rounds of the ratio of their median epochs. The next column is the same with CPU
  time, which other load on the machine disturbs less.
- **epochs in all**, **passes in all**: epochs of all networks of a fit, those of folds
  included, and how many times the sentences pass through a network in training;
  networks of folds see a part of the sentences.
- **s a fit**: median wall time of `fit`, from lists to fitted attributes: checking,
  vocabulary, votes, inference, decoding.
- **fit x plain loop**: that over the time of a plain loop with as many passes, from
  the making of its network to the end of its last epoch. Its padded tensors, targets
  and batches are there before; its Adam is fused, as the tagger's.
"""


def main():
    """Run the table."""
    args = parse_arguments()
    torch.set_num_threads(args.threads)
    data = load(args.data, args.data_home, QUICK_SENTENCES if args.quick else None)
    results = []
    for name in offered(args.inputs, data):
        X, annotations = data.X_train[name], data.annotations
        clf, _ = fit("majority_vote", 1, X, annotations)
        plain = PlainLoop(clf, X, annotations)
        for method in args.methods:
            rounds = run_rounds(plain, method, X, annotations, args)
            result = {"input": name, "method": method, "rounds": rounds}
            results.append({**result, "batch_size": plain.batch_size})
            print(" | ".join(cells(results[-1], annotations)), flush=True)
    report(args, data.annotations, results, *long_documents(args))


def long_documents(args):
    """Time both settings on long documents; return cells of a table, and a caption."""
    n_documents, n_tokens, n_features = (4, 80, 8) if args.quick else (195, 300, 72)
    rng = np.random.default_rng(0)
    shape = n_documents, n_tokens, n_features
    X = list(rng.standard_normal(shape, dtype=np.float32))
    tags = rng.choice(["B", "I", "O"], shape[:2], p=[0.01, 0.09, 0.9])
    previous = np.insert(tags[:, :-1], 0, "O", axis=1)
    tags[(tags == "I") & (previous == "O")] = "B"  # which is IOB2
    y = SequenceAnnotations.from_flat(tags.reshape(-1, 1), [n_tokens] * n_documents)
    before = {"module": WholeSequences, "batch_size": 16, "max_epochs": LONG_EPOCHS}
    rows = []
    for name, options in {"whole sequences": before, "default": {}}.items():
        clf = CrowdSequenceTagger(method="majority_vote", random_state=0, **options)
        start = process_time()
        clf.fit(X, y)
        seconds = process_time() - start
        n_epochs = OLD_EPOCHS if options else clf.n_iter_
        an_epoch = seconds / clf.n_iter_
        rows.append(
            [name, clf.net_.batch_size, n_epochs, an_epoch, an_epoch * n_epochs]
        )
    caption = LONG_CAPTION.format(
        n_documents=n_documents,
        n_tokens=n_tokens,
        n_features=n_features,
        measured=LONG_EPOCHS,
        ratio=rows[0][-1] / rows[1][-1],
    )
    return rows, caption


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--methods", nargs="*", choices=METHODS, default=METHODS)
    parser.add_argument("--rounds", type=int, default=3, help="default: 3")
    parser.add_argument("--epochs", type=int, default=12, help="of a fit; default: 12")
    parser.add_argument(
        "--quick", action="store_true", help="a few sentences, one round"
    )
    add_data(parser)
    add_output(parser)
    args = parser.parse_args()
    if args.quick:
        args.rounds, args.epochs = 1, 2
    return args


def run_rounds(plain, method, X, annotations, args):
    """Time the plain loop and a tagger in turn."""
    rounds = []
    for _ in range(args.rounds):
        by_hand = plain.train(args.epochs)
        _, run = fit(method, args.epochs, X, annotations)
        rounds.append({"plain": by_hand, "rival": run})
    return rounds


def cells(result, annotations):
    """One line of the table."""
    rounds = result["rounds"]
    rivals = [r["rival"] for r in rounds]
    epochs = [second for rival in rivals for second in rival["wall"]]
    return [
        result["input"],
        result["method"],
        f"{np.median(epochs):.2f}",
        f"{epoch_ratio(rounds, 'wall'):.2f}",
        f"{epoch_ratio(rounds, 'cpu'):.2f}",
        str(rivals[0]["n_epochs"]),
        f"{rivals[0]['n_passes'] / len(annotations):.1f}",
        f"{np.median([rival['total'] for rival in rivals]):.1f}",
        f"{np.median([fit_ratio(**r) for r in rounds]):.2f}",
    ]


def epoch_ratio(rounds, clock):
    """Median over the rounds of tagger / plain loop."""
    each = [np.median(r["rival"][clock]) / np.median(r["plain"][clock]) for r in rounds]
    return float(np.median(each))


def fit_ratio(plain, rival):
    """Whole fit / plain loop with as many passes over the sentences."""
    return rival["total"] / (plain["total"] * rival["n_passes"] / plain["n_passes"])


def report(args, annotations, results, long_rows, long_caption):
    """Write the tables and raw numbers."""
    described = environment(args.threads)
    table = markdown_table(COLUMNS, [cells(result, annotations) for result in results])
    caption = CAPTION.format(
        n_sentences=len(annotations),
        n_annotators=annotations.n_annotators,
        batch_size=" or ".join({str(result["batch_size"]) for result in results}),
        epochs=args.epochs,
        rounds=args.rounds,
        threads=args.threads,
    )
    long = markdown_table(
        LONG_COLUMNS,
        [[*map(str, row[:3]), *(f"{v:.1f}" for v in row[3:])] for row in long_rows],
    )
    foot = environment_line(described)
    text = (
        f"# Speed on sequences\n\n{table}\n\n{caption}\n## Long documents\n\n{long}\n\n"
        f"{long_caption}\n{foot}"
    )
    raw = {"environment": described, "results": results, "long": long_rows}
    write_results(args.output, "sequence_speed", text, raw)


if __name__ == "__main__":
    main()
