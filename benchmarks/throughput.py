"""Time and memory of training: skcrowd against a plain PyTorch loop, and others.

Every contender trains the same network with the same batch size and Adam. The plain
loop has one label an item and no annotators; it is the yardstick.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from _common import (
    add_output,
    environment,
    environment_line,
    installed_version,
    markdown_table,
    write_results,
)

SIZES = [
    (10_000, 50),
    (100_000, 50),
    (100_000, 1_000),
    (10_000, 20_000),
    (100_000, 20_000),
    (1_000_000, 100_000),
]
PLAIN = "plain loop"
CONTENDERS = {
    PLAIN: "skcrowd",
    "skcrowd crowd_layer": "skcrowd",
    "skcrowd confusion_layer": "skcrowd",
    "skcrowd em": "skcrowd",
    "skcrowd regularized_em": "skcrowd",
    "skcrowd majority_vote": "skcrowd",
    "crowd-kit CrowdLayer": "crowd-kit",
    "scikit-activeml CrowdLayerClassifier": "scikit-activeml",
}
PEERS_UP_TO = 100_000  # items; beyond that they need hours
BUDGET = 60.0  # seconds after which a measurement starts no further round
QUICK_CONTENDERS = ["skcrowd crowd_layer"]
PREDICTION_SIZE = (100_000, 50)

COLUMNS = [
    "items x annotators",
    "trained by",
    "s an epoch",
    "x plain loop",
    "x plain loop, CPU time",
    "s around the epochs",
    "peak MB",
    "MB above imports",
]
PREDICTION_COLUMNS = ["items", "bare network s", "predict_proba s", "ratio"]

CAPTION = """\
10 classes, 32 features in float32, MLP 32-128-10, Adam, batch 256, 5 answers an item
(simulated crowd), {threads} thread(s). skcrowd reads the answers from a scipy sparse
matrix, and its epochs are epochs on the answers (`warm_epochs=0`); those of EM hold an
inference of the truth each. Other packages are not run beyond {peers:,} items.

- **s an epoch**: median wall time from the start of an epoch to the start of the next,
  over all rounds, the first epoch of each fit left out. There are up to {rounds} rounds
  of {epochs} epochs; none begins later than {budget:.0f} s after the first.
- **x plain loop**: the plain loop and the contender train in turn in one process; the
  median over the rounds of the ratio of their median epochs. The next column is the
  same with CPU time, which other load on the machine disturbs less.
- **s around the epochs**: the rest of a fit: reading the answers, votes, building and
  closing.
- **peak MB**: largest resident memory of a process of its own that loads the data and
  trains for two epochs; then how much of it came after the imports.
"""


def main():
    """Run the tables, or a profile."""
    args = parse_arguments()
    with TemporaryDirectory() as folder:
        if args.profile:
            profile(args, Path(folder))
        else:
            run_tables(args, Path(folder))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--sizes", nargs="*", type=as_size, default=SIZES, metavar="ITEMSxANNOTATORS"
    )
    parser.add_argument(
        "--contenders", nargs="*", choices=CONTENDERS, default=list(CONTENDERS)
    )
    parser.add_argument("--rounds", type=int, default=5, help="default: 5")
    parser.add_argument("--epochs", type=int, default=3, help="epochs timed in a round")
    parser.add_argument(
        "--profile",
        action="store_true",
        help="instead, print where the time of each contender goes",
    )
    parser.add_argument("--quick", action="store_true", help="one tiny size, one round")
    add_output(parser)
    args = parser.parse_args()
    if args.quick:
        args.sizes, args.rounds, args.epochs = [(600, 20)], 1, 1
        args.contenders = QUICK_CONTENDERS
    return args


def as_size(text):
    """Read ``100000x50``."""
    n_items, n_annotators = text.split("x")
    return int(n_items), int(n_annotators)


def run_tables(args, folder):
    """Measure everything and write it."""
    results = []
    for size in args.sizes:
        path = simulated(args, folder, size)
        for contender in available(args.contenders, size):
            results.append(measured(args, path, size, contender))
            print(" | ".join(training_cells(results[-1])), flush=True)
        path.unlink()
    size = args.sizes[0] if args.quick else PREDICTION_SIZE
    path = simulated(args, folder, size)
    prediction = child(args, "predict", path=str(path), rounds=4 * args.rounds)
    report(args, results, {"size": size, **prediction})


def profile(args, folder):
    """Print where the time goes."""
    for size in args.sizes:
        path = simulated(args, folder, size)
        for contender in available(args.contenders, size):
            print(f"\n=== {size_text(size)}, {contender}", flush=True)
            task = {"path": str(path), "contender": contender, "epochs": args.epochs}
            print(run_child(args, {"task": "profile", **task})[0])


def available(contenders, size):
    """Yield the contenders that can run at this size; print a note on the others."""
    for name in contenders:
        package = CONTENDERS[name]
        if not installed_version(package):
            print(f"{name}: left out, {package} is not installed", flush=True)
        elif package != "skcrowd" and size[0] > PEERS_UP_TO:
            print(f"{name}: left out at {size_text(size)}", flush=True)
        else:
            yield name


def simulated(args, folder, size):
    """Simulate the crowd of a size; return where it lies."""
    path = folder / f"{size_text(size)}.npz"
    if not path.exists():
        n_items, n_annotators = size
        child(
            args,
            "simulate",
            path=str(path),
            n_items=n_items,
            n_annotators=n_annotators,
        )
    return path


def measured(args, path, size, contender):
    """Memory and time of a contender; what went wrong where it could not run."""
    task = {"path": str(path), "contender": contender}
    result = {"size": size, "contender": contender}
    try:
        result["memory"] = child(args, "memory", **task)
        timing = {"rounds": args.rounds, "epochs": args.epochs, "budget": BUDGET}
        result["rounds"] = child(args, "time", **task, **timing)["rounds"]
    except subprocess.CalledProcessError as error:
        result["error"] = error.stderr.strip().splitlines()[-1]
    return result


def child(args, task, **details):
    """Run a task in a process of its own; return its numbers."""
    return json.loads(run_child(args, {"task": task, **details})[-1])


def run_child(args, task):
    """Return all that the child printed, and its last line."""
    task = json.dumps({"threads": args.threads, **task})
    script = Path(__file__).with_name("_measure.py")
    done = subprocess.run(
        [sys.executable, str(script), task], capture_output=True, text=True, check=True
    )
    return done.stdout, done.stdout.strip().splitlines()[-1]


def size_text(size):
    """Write a size as the command line takes it."""
    return f"{size[0]}x{size[1]}"


def training_cells(result):
    """Fill one line of the training table."""
    where = [size_text(result["size"]), result["contender"]]
    if "error" in result:
        return [*where, "-", "-", "-", "-", result["error"], "-"]
    memory, rounds = result["memory"], result["rounds"]
    epochs = [second for r in rounds for second in r["rival"]["wall"]]
    around = np.median([r["rival"]["around"] for r in rounds])
    return [
        *where,
        f"{np.median(epochs):.3f}",
        f"{ratio(rounds, 'wall'):.2f}",
        f"{ratio(rounds, 'cpu'):.2f}",
        f"{around:.2f}",
        f"{memory['peak']:.0f}",
        f"{memory['peak'] - memory['imported']:.0f}",
    ]


def ratio(rounds, clock):
    """Median over the rounds of contender / plain loop."""
    each = [np.median(r["rival"][clock]) / np.median(r["plain"][clock]) for r in rounds]
    return float(np.median(each))


def prediction_cells(prediction):
    """Fill the line of the prediction table."""
    rounds = prediction["rounds"]
    plain, rival = ([r[annotator] for r in rounds] for annotator in ("plain", "rival"))
    each = np.divide(rival, plain)
    seconds = [f"{np.median(values):.3f}" for values in (plain, rival)]
    return [str(prediction["size"][0]), *seconds, f"{np.median(each):.2f}"]


def report(args, results, prediction):
    """Write tables and raw numbers."""
    described = environment(args.threads)
    training = markdown_table(COLUMNS, [training_cells(r) for r in results])
    predicting = markdown_table(PREDICTION_COLUMNS, [prediction_cells(prediction)])
    caption = CAPTION.format(
        threads=args.threads,
        peers=PEERS_UP_TO,
        rounds=args.rounds,
        epochs=args.epochs,
        budget=BUDGET,
    )
    text = (
        f"# Throughput\n\n## Training\n\n{training}\n\n{caption}\n"
        f"## Prediction\n\n{predicting}\n\n`predict_proba` against the network alone "
        f"with softmax, over the same batches of {prediction['batch_size']}, in turn; "
        f"medians.\n\n{environment_line(described)}"
    )
    raw = {
        "environment": described,
        "training": results,
        "prediction": prediction,
    }
    write_results(args.output, "throughput", text, raw)


if __name__ == "__main__":
    main()
