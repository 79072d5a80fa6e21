"""One measurement in a process of its own: a task in JSON in, its numbers in JSON out.

Run by throughput.py; a process of its own keeps the peak memory of a contender apart
from everything else.
"""

import json
import resource
import sys
from time import perf_counter

import _contenders as contenders
import numpy as np
import torch

UNITS_A_MB = 2**20 if sys.platform == "darwin" else 2**10


def peak_mb():
    """Largest resident memory of this process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / UNITS_A_MB


def simulate(task):
    """Simulate the data that all contenders of a size share."""
    contenders.simulate(task["n_items"], task["n_annotators"], task["path"])
    return {}


def memory(task):
    """Peak memory of a short training, and how far it is above that of the imports."""
    make = contenders.CONTENDERS[task["contender"]]
    imported = peak_mb()
    data = contenders.load(task["path"])
    loaded = peak_mb()
    make(data)(2)
    return {"imported": imported, "loaded": loaded, "peak": peak_mb()}


def time(task):
    """Time a contender and the plain loop in turn."""
    data = contenders.load(task["path"])
    plain = contenders.CONTENDERS["plain loop"](data)
    rival = contenders.CONTENDERS[task["contender"]](data)
    rounds = []
    n_epochs = task["epochs"] + 1
    start = perf_counter()
    while len(rounds) < task["rounds"] and perf_counter() - start < task["budget"]:
        pair = [train(n_epochs).summary() for train in (plain, rival)]
        rounds.append(dict(zip(("plain", "rival"), pair, strict=True)))
    return {"rounds": rounds}


def predict(task):
    """Time ``predict_proba`` and the bare network over the same batches in turn."""
    data = contenders.load(task["path"])
    clf = contenders.classifier("crowd_layer", 1)
    clf.fit(data.X, data.sparse_answers)
    batch_size = clf.net_.get_params()["iterator_valid__batch_size"]
    X = data.X
    found, expected = clf.predict_proba(X), bare(clf.net_.module_, X, batch_size)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    rounds = []
    for _ in range(task["rounds"]):
        plain_seconds = seconds(bare, clf.net_.module_, X, batch_size)
        rounds.append({"plain": plain_seconds, "rival": seconds(clf.predict_proba, X)})
    return {"rounds": rounds, "batch_size": batch_size}


@torch.no_grad()
def bare(network, X, batch_size):
    """Probabilities from the network alone, batch by batch."""
    network.eval()
    batches = torch.as_tensor(X).split(batch_size)
    return torch.cat([network(batch).softmax(dim=1) for batch in batches]).numpy()


def seconds(function, *args):
    """Wall time of a call."""
    start = perf_counter()
    function(*args)
    return perf_counter() - start


def profile(task):
    """Profile a short training by Python function and by torch operator."""
    import cProfile
    import pstats

    from torch.profiler import ProfilerActivity
    from torch.profiler import profile as torch_profile

    train = contenders.CONTENDERS[task["contender"]](contenders.load(task["path"]))
    train(2)
    with cProfile.Profile() as by_function:
        train(task["epochs"])
    pstats.Stats(by_function).sort_stats("tottime").print_stats(40)
    with torch_profile(activities=[ProfilerActivity.CPU]) as by_operator:
        train(1)
    averages = by_operator.key_averages()
    print(averages.table(sort_by="self_cpu_time_total", row_limit=30))
    return {}


TASKS = {f.__name__: f for f in (simulate, memory, time, predict, profile)}

if __name__ == "__main__":
    what = json.loads(sys.argv[1])
    torch.set_num_threads(what["threads"])
    print(json.dumps(TASKS[what["task"]](what)))
