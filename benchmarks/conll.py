"""How right networks are that learned to tag from a real crowd: names in news.

Every row trains on the tags that 47 people gave to the 5973 training sentences and is
judged on the gold tags of the 3453 test sentences, with the defaults of the package;
nothing is chosen here.
"""

import argparse
from time import perf_counter

import numpy as np
import torch
from _common import (
    add_output,
    environment,
    environment_line,
    markdown_table,
    mean_std,
    write_results,
)
from _conll_data import add_data, load, offered

from skcrowd import CrowdSequenceTagger
from skcrowd.aggregation import dawid_skene, majority_vote, sequence_dawid_skene
from skcrowd.metrics import span_scores

GOLD, DEFAULT, ARGMAX = "gold tags", "sequence EM", "sequence EM, decode argmax"
CONTENDERS = {
    GOLD: {},
    "majority vote": {"method": "majority_vote"},
    "token Dawid-Skene": {"method": "dawid_skene"},
    "sequence truth, then train": {"method": "sequence_em", "method__n_rounds": 0},
    "EM": {"method": "em"},
    "EM, 5 epochs a round": {"method": "em", "method__epochs_per_round": 5},
    "crowd layer MW": {"method": "crowd_layer"},
    "crowd layer MW, no warm start": {
        "method": "crowd_layer",
        "method__warm_epochs": 0,
    },
    "confusion layer": {"method": "confusion_layer"},
    DEFAULT: {"method": "sequence_em"},
    "sequence EM, 2 rounds": {"method": "sequence_em", "method__n_rounds": 2},
}
QUICK_SENTENCES = 40

SPANS = ["precision", "recall", "f1"]
COLUMNS = [
    "row",
    *[f"test {name}" for name in ("precision", "recall", "F1")],
    "worst seed",
    "collapsed",
    *[f"inferred {name}" for name in ("precision", "recall", "F1")],
    "s a fit",
]
AGGREGATION_COLUMNS = ["training tags by", "precision", "recall", "F1", "s"]

# Networks: the authors' notebooks, github.com/fmpr/CrowdLayer, one run. Inferred tags:
# Simpson & Gurevych, EMNLP 2019.
PUBLISHED_COLUMNS = ["published", "precision", "recall", "F1"]
PUBLISHED = [
    ["test: majority vote [1]", 64.5, 44.5, 52.7],
    ["test: crowd layer MW [1]", 65.2, 59.3, 62.1],
    ["test: gold tags [1]", 70.3, 72.5, 71.4],
    ["inferred: majority vote [2]", "-", "-", 65.4],
    ["inferred: token Dawid-Skene [2]", "-", "-", 74.4],
    ["inferred: HMM-crowd [2]", "-", "-", 74.2],
    ["inferred: BSC-seq [2]", "-", "-", 77.4],
]

X_IS = {
    "minilm": """\
X: frozen MiniLM embeddings of the tokens (uncased), 64 principal components, and 8
features of word shape: all capitals, first letter capital, mixed case, digit, hyphen,
no letter or digit, first of the sentence, capital but not first.""",
    "tokens": "X: lists of tokens as they are written.",
}
CAPTION = """\
Spans that match exactly, %. Mean ± sample standard deviation over the seed(s) {seeds}.
Network and training are the defaults of `CrowdSequenceTagger`{epochs}; each method
has its own defaults unless the row says otherwise. `decode` is "viterbi" but in the row
that says argmax; that row reads the probabilities of the fits above it.

{x}

- **test**: `predict` against the gold tags of the test sentences.
- **worst seed**: the lowest test F1 of a seed.
- **collapsed**: seeds with a test F1 below half of the row's median.
- **inferred**: `inferred_tags_` of the training sentences against their gold tags.
- **s a fit**: median wall time of a fit, on a machine that may have other work.

Training and test gold tags only score, but in the row that learns from the gold tags of
the training sentences; the dev sentences are not used.
"""
PUBLISHED_CAPTION = """\
Other networks and features than above: compare the differences between rows.
[1] Rodrigues and Pereira, AAAI 2018: their notebooks, one run. [2] Simpson and
Gurevych, EMNLP 2019, draft.
"""


def main():
    """Run one table for every input."""
    args = parse_arguments()
    torch.set_num_threads(args.threads)
    data = load(args.data, args.data_home, QUICK_SENTENCES if args.quick else None)
    aggregated = aggregate(data)
    for name in offered(args.inputs, data):
        results = []
        for contender in args.contenders:
            for result in run_contender(contender, data, name, args):
                results.append(result)
                print(" | ".join(cells(result)), flush=True)
        report(args, name, results, aggregated)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument(
        "--contenders",
        nargs="*",
        choices=CONTENDERS,
        default=list(CONTENDERS),
        help="rows to run (default: all)",
    )
    parser.add_argument("--epochs", type=int, help="instead of the default")
    parser.add_argument(
        "--quick", action="store_true", help="a few sentences, one seed, one epoch"
    )
    add_data(parser)
    add_output(parser)
    args = parser.parse_args()
    if args.quick:
        args.seeds, args.epochs = [0], 1
    return args


def run_contender(contender, data, name, args):
    """Fit with every seed; return a row, or two where decoding is compared."""
    rows = {contender: []}
    for seed in args.seeds:
        clf, seconds = fit(contender, data, name, seed, args.epochs)
        decoded = clf.predict(data.X_test[name]), clf.inferred_tags_
        tags = {contender: decoded}
        if contender == DEFAULT:
            tags[ARGMAX] = best_tokens(clf, data.X_test[name])
        for row, (predicted, inferred) in tags.items():
            inferred = None if contender == GOLD else inferred
            run = {"seed": seed, **scored(data, predicted, inferred)}
            rows.setdefault(row, []).append({**run, "seconds": seconds})
    return [{"row": row, "runs": runs, **collapse(runs)} for row, runs in rows.items()]


def fit(contender, data, name, seed, epochs):
    """Fit once; return the tagger and the seconds it took."""
    options = dict(CONTENDERS[contender])
    if epochs:
        options["max_epochs"] = epochs
    clf = CrowdSequenceTagger(
        **options, classes=data.annotations.classes, random_state=seed
    )
    y = data.gold_train if contender == GOLD else data.annotations
    start = perf_counter()
    clf.fit(data.X_train[name], y)
    return clf, perf_counter() - start


def best_tokens(clf, X):
    """Tags token by token, of X and of the training sentences."""
    return [
        [clf.classes_[proba.argmax(axis=1)] for proba in sentences]
        for sentences in (clf.predict_proba(X), clf.posterior_)
    ]


def scored(data, predicted, inferred):
    """Precision, recall and F1 of the spans on test, and of the inferred ones."""
    test = span_scores(data.gold_test, predicted)._asdict()
    if inferred is None:
        return {"test": test, "inferred": None}
    return {
        "test": test,
        "inferred": span_scores(data.gold_train, inferred)._asdict(),
    }


def collapse(runs):
    """Median test F1, and the seeds that reached less than half of it."""
    f1 = [run["test"]["f1"] for run in runs]
    median = float(np.median(f1))
    collapsed = [run["seed"] for run in runs if run["test"]["f1"] < median / 2]
    return {"median_f1": median, "collapsed_seeds": collapsed}


def aggregate(data):
    """Score the training tags that are inferred without a network."""
    annotations = data.annotations

    def tags(proba):
        return proba.argmax(axis=1)

    infer = {
        "majority vote": lambda: tags(majority_vote(annotations.tokens)),
        "dawid_skene": lambda: tags(dawid_skene(annotations.tokens).posterior),
        "sequence_dawid_skene": lambda: sequence_dawid_skene(annotations).tags,
        "sequence_dawid_skene, single_spans": lambda: (
            sequence_dawid_skene(annotations, single_spans=True).tags
        ),
    }
    results = []
    for name, function in infer.items():
        start = perf_counter()
        codes = function()
        seconds = perf_counter() - start
        inferred = annotations.split(annotations.classes[codes])
        scores = span_scores(data.gold_train, inferred)._asdict()
        results.append({"row": name, **scores, "seconds": seconds})
    return results


def cells(result):
    """One line of the table."""
    runs = result["runs"]
    f1 = [run["test"]["f1"] for run in runs]
    return [
        result["row"],
        *spans_cells(runs, "test"),
        f"{100 * min(f1):.1f}",
        str(len(result["collapsed_seeds"])),
        *spans_cells(runs, "inferred"),
        f"{np.median([run['seconds'] for run in runs]):.1f}",
    ]


def spans_cells(runs, of):
    """Precision, recall and F1, %."""
    return [
        mean_std([run[of][name] if run[of] else None for run in runs], 1, 100)
        for name in SPANS
    ]


def aggregation_cells(result):
    """One line of the table without networks."""
    percent = [f"{100 * result[name]:.1f}" for name in SPANS]
    return [result["row"], *percent, f"{result['seconds']:.1f}"]


def report(args, name, results, aggregated):
    """Write tables and raw numbers of one input."""
    described = environment(args.threads)
    caption = CAPTION.format(
        seeds=", ".join(map(str, args.seeds)),
        x=X_IS[name],
        epochs=f", {args.epochs} epoch(s)" if args.epochs else "",
    )
    table = markdown_table(COLUMNS, [cells(result) for result in results])
    without = markdown_table(
        AGGREGATION_COLUMNS, [aggregation_cells(result) for result in aggregated]
    )
    published = markdown_table(PUBLISHED_COLUMNS, PUBLISHED)
    text = (
        f"# Names in news, {name}\n\n{table}\n\n{caption}\n"
        f"## Without a network\n\n{without}\n\n"
        f"## Published\n\n{published}\n\n{PUBLISHED_CAPTION}\n"
        f"{environment_line(described)}"
    )
    raw = {
        "environment": described,
        "input": name,
        "seeds": args.seeds,
        "results": results,
        "without_network": aggregated,
    }
    write_results(args.output, f"conll_{name}", text, raw)


if __name__ == "__main__":
    main()
