"""Token accuracy and span scores of annotators, with intervals, on real tags.

No network: the truth is inferred from the tags alone. Gold tags only score.
"""

import argparse
from pathlib import Path

import numpy as np
from _common import (
    add_output,
    environment,
    environment_line,
    markdown_table,
    write_results,
)
from annotator_accuracy import ENOUGH, HEADS, LEVEL, SHARED, cells, compare, summary

from skcrowd.aggregation import dawid_skene, sequence_dawid_skene
from skcrowd.aggregation._tempered_posterior import tempered_posterior
from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.metrics._annotator_accuracy import accuracy_interval, right_answers
from skcrowd.metrics._span_accuracy import cluster_sums, design_effect, span_counts

SPANS = ("span_precision", "span_recall", "span_f1")
CAPTION = """\
# Scores of annotators who tag

CoNLL-2003 on Mechanical Turk, the first {n} training sentences; truth by
`sequence_dawid_skene` without a network, three iterations. Annotators with {enough}
marked spans and more. *Holds*: of 100 intervals of 95 %, how many hold the score by the
gold tags, mean width in brackets. *Error*: mean absolute error of the score.
"""


def main():
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=SHARED, help="folder of the file")
    parser.add_argument("--sentences", type=int, default=2500, help="at most")
    parser.add_argument("--quick", action="store_true", help="20 sentences")
    add_output(parser)
    args = parser.parse_args()
    n, enough = (20, 1) if args.quick else (args.sentences, ENOUGH)
    with np.load(args.data / "conll_mturk.npz", allow_pickle=False) as stored:
        lengths = stored["train_lengths"][:n].astype(int)
        gold = stored["train_gold"][: lengths.sum()].astype(int)
        tags = stored["train_annotations"][: lengths.sum()].astype(int)
        labels = stored["labels"].astype(str)
    results = measure(tags, gold, lengths, labels, enough)
    described = environment(args.threads)
    rows = [[name, len(found), *cells(found)] for name, found in results.items()]
    text = [
        CAPTION.format(n=n, enough=enough),
        markdown_table(["score", "annotators", *HEADS], rows),
        "",
        environment_line(described),
    ]
    found = {name: summary(rows) for name, rows in results.items() if rows}
    raw = {"results": found, "environment": described}
    write_results(args.output, "annotator_accuracy_tags", "\n".join(text), raw)


def measure(tags, gold, lengths, labels, least):
    """Return rows of every score, a dict for each annotator of `least` spans."""
    item, annotator = np.nonzero(tags >= 0)
    answer = tags[item, annotator]
    tokens = Annotations(item, annotator, answer, tags.shape, labels)
    sequences = SequenceAnnotations(tokens, lengths)
    start = dawid_skene(tokens).posterior
    inferred = sequence_dawid_skene(tokens, lengths, max_iter=3, tol=0, start=start)
    shares = inferred.posterior.mean(axis=0)
    log_prior = np.tile(np.log(shares), (len(gold), 1))
    calibrated = tempered_posterior(
        log_prior, tokens, shares, inferred.posterior
    ).posterior
    known = np.eye(len(labels))[gold]

    counts = span_counts(sequences, inferred.posterior, calibrated, inferred.tags)
    reported = counts.columns(LEVEL)
    true = span_counts(sequences, known, known, gold).columns(LEVEL)
    enough = counts.n_marked >= least
    n = tokens.answers_per_annotator
    right = right_answers(tokens, inferred.posterior, calibrated)
    accuracy = right.mean / np.maximum(n, 1)
    own = right_answers(tokens, known).mean / np.maximum(n, 1)
    row = np.repeat(np.arange(len(lengths)), lengths)[item]
    deviation = inferred.posterior[item, answer] - accuracy[annotator]
    effect = design_effect(cluster_sums(deviation, row * tags.shape[1] + annotator))
    interval = accuracy_interval(right.mean, right.doubt(), n, LEVEL, effect)
    results = {"accuracy": chosen(enough, n, accuracy, interval, own)}
    for name in SPANS:
        interval = reported[f"{name}_low"], reported[f"{name}_high"]
        results[name] = chosen(enough, n, reported[name], interval, true[name])
    return results


def chosen(rows, n, values, interval, true):
    """Compare the scores of some annotators with the true ones."""
    parts = n, values, *interval, true
    n, values, low, high, true = (part[rows] for part in parts)
    return compare(n, values, (low, high), true)


if __name__ == "__main__":
    main()
