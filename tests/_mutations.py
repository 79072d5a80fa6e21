"""Files that are wrong at random."""

import json
import random
import zipfile
from io import BytesIO

import numpy as np
from safetensors.numpy import load as load_weights
from safetensors.numpy import save as save_weights

TREE, WEIGHTS = "estimator.json", "weights.safetensors"
LARGE = 10**9
VALUES = [
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        2,
        7,
        LARGE,
        -LARGE,
        2**31,
        2**63,
        10**300,
        0.5,
        1e308,
    ),
    *(
        "",
        "a",
        "cpu",
        "cuda:99",
        "<f8",
        "<U50000000",
        "|O",
        "M8[ns]",
        "net",
        "a" * 10**4,
    ),
    *([], {}, [0], [[]], [LARGE], [LARGE, LARGE], {"a": 1}, {"$": 1}, {"$": "same"}),
    *({"$": "same", "id": n} for n in range(4)),
    {"$": "name", "name": "torch.nn.Linear"},
    {"$": "name", "name": "torch.float16"},
    {"$": "tuple", "items": [LARGE, LARGE]},
    {"$": "float", "value": "nan"},
]


def mutated(content, seed):
    """Return the bytes of a file of skcrowd.save, changed at random.

    Parameters
    ----------
    content : bytes
    seed : int
        The kind of change goes round with it.
    """
    rng = random.Random(seed)
    change = [_bytes, _json, _json, _json, _weights][seed % 5]
    return change(content, rng)


def _bytes(content, rng):
    """Cut it, or change, remove or repeat some bytes."""
    start = rng.randrange(len(content))
    stop = min(len(content), start + rng.choice([1, 4, 100]))
    kind = rng.randrange(4)
    if kind == 0:
        return content[:start]
    new = [rng.randbytes(stop - start), b"", content[start:stop] * 2][kind - 1]
    return content[:start] + new + content[stop:]


def _json(content, rng):
    """Change one to three values, keys or places of the tree."""
    tree, weights = _members(content)
    tree = json.loads(tree)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        holders = [*_holders(tree)]
        holder, key = rng.choice(holders)
        other, place = rng.choice(holders)
        kind = rng.randrange(5)
        if kind == 0:
            del holder[key]
        elif kind == 1 and isinstance(holder, dict):
            holder[rng.choice(["", "_x", "fit", "$", f"{key}_"])] = holder.pop(key)
        elif kind == 2:  # a copy: as JSON no part can hold itself
            holder[key] = json.loads(json.dumps(other[place]))
        elif kind == 3 and type(holder[key]) in (int, float):
            holder[key] = holder[key] * rng.choice([-1, 2, 10**9]) + rng.choice([0, 1])
        else:
            holder[key] = rng.choice(VALUES)
    return _file(json.dumps(tree), weights)


def _weights(content, rng):
    """Swap, drop, cut, reshape or convert tensors."""
    tree, weights = _members(content)
    arrays = load_weights(weights) or {"more": np.zeros(1)}
    first, second = rng.choices([*arrays], k=2)
    kind = rng.randrange(6)
    if kind == 0:
        arrays[first], arrays[second] = arrays[second], arrays[first]
    elif kind == 1:
        del arrays[first]
    elif kind == 2:
        arrays[first] = arrays[first][:-1] if arrays[first].ndim else np.zeros(2)
    elif kind == 3:
        arrays[first] = arrays[first].reshape(1, -1)
    elif kind == 4:
        dtype = rng.choice(["f2", "f4", "f8", "i1", "i4", "i8", "?"])
        arrays[first] = arrays[first].astype(dtype)
    else:
        shape = rng.choice([(0,), (0, 10**12), (10**12, 0, 3), (), (1,) * 40])
        arrays[first] = np.zeros(shape, arrays[first].dtype)
    return _file(tree, save_weights({k: np.array(v) for k, v in arrays.items()}))


def _holders(part):
    """Yield every dict or list of a tree, with each of its keys."""
    pairs = part.items() if isinstance(part, dict) else enumerate(part)
    for key, value in [*pairs]:
        yield part, key
        if isinstance(value, (dict, list)):
            yield from _holders(value)


def _members(content):
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return archive.read(TREE), archive.read(WEIGHTS)


def _file(tree, weights):
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(TREE, tree)
        archive.writestr(WEIGHTS, weights)
    return file.getvalue()
