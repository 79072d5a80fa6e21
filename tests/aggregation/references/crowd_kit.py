"""Write the results of crowd-kit on two small crowds, with which ours are compared.

Needs ``pip install crowd-kit "scikit-learn<1.7"``; the tests need only the file::

    python tests/aggregation/references/crowd_kit.py
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_suffix(".json")
ROUNDS = 30  # of EM, exactly
NEVER = -1e9  # a tolerance that no gain falls below


def draw(n_classes, seed, n_items=40, n_annotators=8):
    """Draw answers without a tie; right with a probability of each annotator.

    All answer the first item, and classes are numbered as they appear: crowd-kit's MACE
    takes the order of appearance and the sorted one for the same.
    """
    rng = np.random.default_rng(seed)
    truth = rng.integers(n_classes, size=n_items)
    accuracy = np.linspace(0.45, 0.9, n_annotators)
    y = np.where(
        rng.random((n_items, n_annotators)) < accuracy,
        truth[:, None],
        rng.integers(n_classes, size=(n_items, n_annotators)),
    )
    y[1:][rng.random((n_items - 1, n_annotators)) < 0.2] = -1
    appears = [np.flatnonzero(y.ravel() == k)[0] for k in range(n_classes)]
    y = np.where(y < 0, -1, np.argsort(np.argsort(appears))[y])
    counts = np.sort((y[:, :, None] == np.arange(n_classes)).sum(axis=1), axis=1)
    is_kept = counts[:, -1] > counts[:, -2]
    is_kept[0] = True
    return y[is_kept]


def compare(n_items=8, n_comparisons=300, seed=0):
    """Draw pairs of winner and loser, and who says so."""
    rng = np.random.default_rng(seed)
    score = np.linspace(-1.5, 1.5, n_items)
    first = rng.integers(n_items, size=n_comparisons)
    second = (first + rng.integers(1, n_items, n_comparisons)) % n_items
    wins = rng.random(n_comparisons) < 1 / (1 + np.exp(score[second] - score[first]))
    annotator = rng.integers(4, size=n_comparisons)
    wins[annotator == 3] = rng.random(np.count_nonzero(annotator == 3)) < 0.5
    pairs = np.where(wins, [first, second], [second, first])
    return pairs.T, annotator


def main():
    """Run the aggregators and write the file."""
    three, two = draw(3, 0), draw(2, 1)
    pairs, annotator = compare()
    content = {
        "version": f"crowd-kit {version('crowd-kit')}",
        "rounds": ROUNDS,
        "three": three.tolist(),
        "two": two.tolist(),
        "pairs": pairs.tolist(),
        "who_compared": annotator.tolist(),
        "results": {**of_labels(three), **of_two(two), **of_pairs(pairs, annotator)},
    }
    text = json.dumps(content).replace('", "', '",\n"').replace('], "', '],\n"')
    FILE.write_text(text.replace('}, "', '},\n"') + "\n", encoding="utf-8")


def table(y):
    """Return the answers as crowd-kit has them."""
    import pandas as pd

    task, worker = np.nonzero(y >= 0)
    return pd.DataFrame({"task": task, "worker": worker, "label": y[task, worker]})


def of_labels(y):
    """Run the aggregators of labels."""
    from crowdkit import aggregation as ck

    data = table(y)
    models = {
        "vote": ck.MajorityVote(),
        "wawa": ck.Wawa(),
        "zero_based_skill": ck.ZeroBasedSkill(),
        "dawid_skene": ck.DawidSkene(n_iter=ROUNDS, tol=NEVER),
        "one_coin": ck.OneCoinDawidSkene(n_iter=ROUNDS, tol=NEVER),
        "glad": ck.GLAD(),
        "mace": ck.MACE(n_iter=300, n_restarts=1),
    }
    results = {}
    for name, model in models.items():
        proba = model.fit_predict_proba(data).sort_index(axis=0).sort_index(axis=1)
        results[name] = {"proba": proba.to_numpy().tolist()}
        for attribute in ("skills_", "alphas_"):
            values = getattr(model, attribute, None)
            if values is not None:
                results[name]["skill"] = values.sort_index().tolist()
    errors = models["dawid_skene"].errors_.sort_index(axis=0).sort_index(axis=1)
    confusion = errors.to_numpy().reshape(y.shape[1], 3, 3).transpose(0, 2, 1)
    results["dawid_skene"]["confusion"] = confusion.tolist()
    mmsr = ck.MMSR().fit(data)
    results["mmsr"] = {
        "skill": mmsr.skills_.sort_index().tolist(),
        "labels": mmsr.predict(data).sort_index().tolist(),
    }
    return results


def of_two(y):
    """Run what infers two classes alone."""
    from crowdkit.aggregation import KOS

    return {"kos": {"labels": KOS().fit_predict(table(y)).sort_index().tolist()}}


def of_pairs(pairs, annotator):
    """Run the aggregators of comparisons."""
    import pandas as pd
    from crowdkit.aggregation import BradleyTerry, NoisyBradleyTerry

    columns = {"left": pairs[:, 0], "right": pairs[:, 1], "label": pairs[:, 0]}
    data = pd.DataFrame({**columns, "worker": annotator})
    # with a tolerance above 0 it ends in the second round, compared with itself
    plain = BradleyTerry(n_iter=5000, tol=0).fit_predict(data)
    noisy = NoisyBradleyTerry().fit_predict(data)
    return {
        "bradley_terry": {"score": plain.sort_index().tolist()},
        "noisy_bradley_terry": {"score": noisy.sort_index().tolist()},
    }


if __name__ == "__main__":
    main()
