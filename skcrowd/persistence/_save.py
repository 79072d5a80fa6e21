"""save and load."""

import os
from contextlib import contextmanager

from skcrowd.estimators import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.estimators._versions import warn_of_version
from skcrowd.persistence._file import read_file, write_file
from skcrowd.persistence._names import name_of, thing_named
from skcrowd.persistence._nets import Net
from skcrowd.persistence._objects import NamedTuple, Network, Object, OwnNetwork
from skcrowd.persistence._tree import Reader, Writer
from skcrowd.persistence._values import VALUES

__all__ = ["kinds", "load", "readable", "save", "unnamed"]

ESTIMATORS = (CrowdClassifier, CrowdRegressor, CrowdSequenceTagger)


def save(estimator, path):
    """Save an estimator, fitted or not, in a file that loads without running code.

    The file is a zip archive of ``weights.safetensors``, all arrays and weights, and
    ``estimator.json``, the rest; other programs can read both. There is no pickle in
    it. Needs safetensors: ``pip install "skcrowd[safe]"``.

    Parameters
    ----------
    estimator : CrowdClassifier, CrowdRegressor or CrowdSequenceTagger
    path : str or path-like
        The file, such as ``"model.skcrowd"``. One that is there is replaced once the
        new one is complete.

    Returns
    -------
    path : pathlib.Path
        The file.

    Raises
    ------
    TypeError
        If it is another estimator, or holds something that has no name in skcrowd,
        ``torch.nn`` or ``torch.optim``; the error says which parameter.

    See Also
    --------
    load : Load it again.

    Notes
    -----
    The loaded estimator has all parameters and fitted attributes, predicts the same
    bits, and can be cloned and fitted again. What a file cannot hold, ``load`` must be
    given again: your own network class (``module``) and callbacks. Of ``net_`` the
    weights and the state of the network's optimiser are kept, but not its callbacks,
    nor which items it held out.

    For pipelines, and your own subclasses and methods, see ``docs/persistence.md``.

    Examples
    --------
    >>> import tempfile, skcrowd
    >>> from pathlib import Path
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [[0, 0], [0, -1], [1, 0], [1, 1]]
    >>> clf = skcrowd.CrowdClassifier(max_epochs=2, random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = skcrowd.save(clf, Path(folder) / "model.skcrowd")
    ...     twin = skcrowd.load(path)
    >>> bool((twin.predict_proba(X) == clf.predict_proba(X)).all())
    True
    """
    if type(estimator) not in ESTIMATORS:
        raise TypeError(
            f"save takes {_listed(ESTIMATORS)}, got {type(estimator).__name__}. Of a "
            "search save best_estimator_, of a pipeline the last step, or the whole "
            "with skops: see docs/persistence.md; use joblib for your own subclasses."
        )
    writer = Writer(kinds(unnamed(estimator.module)))
    attributes = Object().attributes(estimator)
    if estimator.callbacks:
        attributes["callbacks"] = None
    tree = {
        "class": name_of(type(estimator)),
        "attributes": {k: writer.node(v, k) for k, v in attributes.items()},
        "callbacks": [_name_of_callback(c) for c in estimator.callbacks or []],
    }
    return write_file(path, tree, writer.tensors)


def load(path, *, module=None, callbacks=None, device=None):
    """Load an estimator that :func:`save` saved, without running code of the file.

    Parameters
    ----------
    path : str or path-like
    module : torch.nn.Module class or instance, or callable, default=None
        Your own network, where the estimator had one: the class, or an instance built
        like the one it had, which is copied.
    callbacks : list of skorch.callbacks.Callback, default=None
        The callbacks, where the estimator had some; ``[]`` to go without. They run in
        the next ``fit``.
    device : str, default=None
        Where torch computes from now on, such as ``"cpu"`` for an estimator that was
        fitted on ``"cuda"``. None: where it did.

    Returns
    -------
    estimator : CrowdClassifier, CrowdRegressor or CrowdSequenceTagger

    Raises
    ------
    ValueError
        If the file is damaged or of a newer format, names anything but the classes of
        skcrowd, ``torch.nn`` and ``torch.optim``, or if ``module`` or ``callbacks`` are
        needed and missing, or given and not needed.

    Warns
    -----
    CrowdVersionWarning
        If another version of skcrowd wrote the file.

    See Also
    --------
    save : With an example.
    """
    tree, written_by, tensors = read_file(path)
    known = kinds(module, device)
    with readable(repr(os.fspath(path))):
        cls = _class_of(tree)
        _check_callbacks(tree["callbacks"], callbacks)
        attributes = Reader(known, tensors).value(tree["attributes"])
        if module is not None and not known[0].is_used:
            raise ValueError(
                f"module={module!r} was given, but it holds no network of your own; "
                "leave module out"
            )
        original = written_by["skcrowd"]
    estimator = cls.__new__(cls)
    vars(estimator).update(attributes)
    if callbacks is not None:
        estimator.callbacks = callbacks
    if device is not None:
        estimator.device = device
    warn_of_version(cls.__name__, original, stacklevel=2)
    return estimator


@contextmanager
def readable(name):
    """Name what is read in what is wrong with it."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{name} cannot be loaded: {error}.") from error
    except (KeyError, TypeError, AttributeError, IndexError, RuntimeError) as error:
        raise ValueError(
            f"{name} cannot be loaded: its content does not fit together "
            f"({type(error).__name__}: {error})."
        ) from error


def _class_of(tree):
    cls = thing_named(tree["class"])
    if cls not in ESTIMATORS:
        raise ValueError(f"it holds a {tree['class']}, no estimator of skcrowd")
    return cls


def kinds(module, device=None):
    """Return all kinds, that of the user's own network first."""
    own = OwnNetwork(module)
    return (own, *VALUES, Net(own, device), NamedTuple(), Network(), Object())


def unnamed(module):
    """Return a network that no name of the list tells; None if one does."""
    is_named = name_of(module) is not None or Network().takes(module)
    return None if is_named else module


def _name_of_callback(callback):
    """Name a callback, which may be a pair of name and object."""
    named = callback[1] if isinstance(callback, tuple) else callback
    return getattr(named, "__name__", type(named).__name__)


def _check_callbacks(names, given):
    if names and given is None:
        raise ValueError(
            f"the estimator had callbacks ({', '.join(names)}), which a file cannot "
            "hold; pass load(path, callbacks=[...]), or callbacks=[] to go without"
        )
    if given and not names:
        raise ValueError("callbacks were given, but the estimator had none; leave them")


def _listed(classes):
    return " or ".join(cls.__name__ for cls in classes)
