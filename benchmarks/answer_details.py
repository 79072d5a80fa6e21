"""What is said beside sets of labels and tag sequences, against ignoring it.

Soft labels, weights and confidences of simulated annotators, some of which say nothing.
True labels only score.
"""

import argparse
import warnings

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
from _detail_crowds import (
    DRAW,
    HURRIED,
    HURRIED_WEIGHT,
    PER_ITEM,
    SETS,
    SHARPNESS,
    TAGS,
)
from sklearn.metrics import f1_score

from skcrowd import CrowdMultilabelClassifier, CrowdSequenceTagger
from skcrowd.aggregation import (
    MultiLabelDawidSkene,
    SequenceDawidSkene,
    TokenDawidSkene,
    TokenMajorityVote,
)
from skcrowd.exceptions import CrowdWarning
from skcrowd.metrics import span_f1_score

CAPTION = """\
{score}, in %, mean ± sample standard deviation over {seeds} seeds. {items} items are
answered, each by {per_item} of {annotators} annotators. Aggregators are scored on
these, estimators on as many others; their settings are the defaults, but for the method
named. The sharpness of an answer is exp(N({sharpness}, 0.3) by annotator + N(0, 0.4) by
answer), times 0.3 where it is given in a hurry, as {hurried:.0%} are; with it the
annotator sees each label or tag, plus N(0, 1). "as confidence": the answers are the
most probable ones, and their probabilities their confidences. The last column is the
mean gain of what is used over what is ignored ± the standard deviation of the gain.
"""
STATED = {
    "soft labels, honest": "the probabilities that follow from what is seen",
    "soft labels, over-sure": "these with log-odds times 3",
    "soft labels, under-sure": "these with log-odds times 0.4",
    "soft labels, mixed": "each annotator one of these three",
    "soft labels, drawn at random": "the same most probable answers, with "
    "probabilities that say nothing, from even to certain",
    "soft labels, drawn, always sure": "the same, from 0.6 of the way to certain",
    "weights": f"{HURRIED_WEIGHT} of an answer in a hurry, 1 of the others",
    "confidence": "1 to 5 stars for an answer, by its sharpness",
    "at random": "weights or confidences as above, in random order",
}


AGGREGATORS = {
    "sets": {"MultiLabelDawidSkene": MultiLabelDawidSkene},
    "tags": {
        "TokenMajorityVote": TokenMajorityVote,
        "TokenDawidSkene": TokenDawidSkene,
        "SequenceDawidSkene": SequenceDawidSkene,
    },
}
ESTIMATORS = {
    "sets": (CrowdMultilabelClassifier, ("em", "crowd_layer")),
    "tags": (CrowdSequenceTagger, ("sequence_em",)),
}
LEARNED = (
    "soft labels, mixed",
    "soft labels, drawn at random",
    "weights",
    "weights, at random",
    "confidence",
    "confidence, at random",
)
SCORES = {
    "sets": lambda truth, found: f1_score(truth, found, average="micro"),
    "tags": span_f1_score,
}
SIZES = {"sets": SETS, "tags": TAGS}
TITLES = {
    "sets": "Sets of labels: F1 over all pairs of item and label",
    "tags": "Tag sequences: F1 of spans",
}


def measure(sort, n_items, seeds, options):
    """Return scores by what is stated and who uses it.

    Parameters
    ----------
    sort : {"sets", "tags"}
    n_items : int
        How many are answered.
    seeds : int
    options : dict
        Further settings of estimators.

    Returns
    -------
    cells : dict of (str, str) to list of list of float
        For each seed the scores of ignoring, as confidence, and used.
    """
    cells = {}
    cls, methods = ESTIMATORS[sort]
    for seed in range(seeds):
        crowd = DRAW[sort](np.random.default_rng(seed), n_items)

        def aggregate(answers, annotator, crowd=crowd):
            found = AGGREGATORS[sort][annotator]().fit(answers).predict()
            return 100 * float(SCORES[sort](crowd.truth[0], found))

        def learn(answers, method, crowd=crowd, seed=seed):
            model = cls(method=method, random_state=seed, **options)
            found = model.fit(crowd.X[0], answers).predict(crowd.X[1])
            return 100 * float(SCORES[sort](crowd.truth[1], found))

        users = [
            (aggregate, annotator, list(crowd.stated))
            for annotator in AGGREGATORS[sort]
        ]
        users += [(learn, method, LEARNED) for method in methods]
        for use, annotator, names in users:
            ignored = use(crowd.plain, annotator)
            for name in names:
                used = [use(answers, annotator) for answers in crowd.stated[name]]
                cells.setdefault((name, annotator), []).append([ignored, *used])
        print(f"{sort}, seed {seed} done", flush=True)
    return cells


def row(stated, annotator, values):
    """Write a row: each use, and the gain of the last over the first."""
    values = np.array(values)
    gain = (values[:, -1] - values[:, 0]).tolist()
    ignored, *uses = [mean_std(column.tolist(), 1) for column in values.T]
    uses = uses if len(uses) == 2 else ["", *uses]
    text = mean_std(gain, 1)
    return [
        stated,
        annotator,
        ignored,
        *uses,
        text if np.mean(gain) < 0 else f"+{text}",
    ]


def table(sort, cells, n_items, seeds):
    """Write the table of sets, or of tags."""
    caption = CAPTION.format(
        score=TITLES[sort].split(": ")[1],
        seeds=seeds,
        items=n_items,
        per_item=PER_ITEM,
        annotators=SIZES[sort]["annotators"],
        sharpness=SHARPNESS[sort],
        hurried=HURRIED,
    )
    order = list(dict.fromkeys(name for name, _ in cells))
    rows = [
        row(*key, values)
        for key, values in sorted(cells.items(), key=lambda c: order.index(c[0][0]))
    ]
    columns = ["what is stated", "who", "ignored", "as confidence", "used", "gain"]
    return f"## {TITLES[sort]}\n\n{caption}\n{markdown_table(columns, rows)}"


def main():
    """Measure, print and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="crowds a table")
    parser.add_argument("--epochs", type=int, help="of a network, not the default")
    parser.add_argument("--quick", action="store_true", help="40 items, two epochs")
    add_output(parser)
    args = parser.parse_args()
    if args.quick:
        args.seeds, args.epochs = 1, 2
    torch.set_num_threads(args.threads)
    warnings.simplefilter("ignore", CrowdWarning)  # of annotators who seem to guess
    options = {} if args.epochs is None else {"max_epochs": args.epochs}
    sizes = {sort: 40 if args.quick else SIZES[sort]["items"] for sort in DRAW}
    results = {s: measure(s, n, args.seeds, options) for s, n in sizes.items()}
    parts = ["# What is said beside sets of labels and tag sequences"]
    parts += [
        table(sort, cells, sizes[sort], args.seeds) for sort, cells in results.items()
    ]
    parts.append("\n".join(f"- {name}: {text}" for name, text in STATED.items()))
    parts.append(environment_line(environment(args.threads)))
    raw = {
        sort: {" / ".join(key): values for key, values in cells.items()}
        for sort, cells in results.items()
    }
    raw["environment"] = environment(args.threads)
    write_results(args.output, "answer_details", "\n\n".join(parts), raw)


if __name__ == "__main__":
    main()
