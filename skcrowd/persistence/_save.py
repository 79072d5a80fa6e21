"""The functions save and load."""

import os
from typing import Any

from skcrowd.estimators._versions import warn_of_version
from skcrowd.persistence._archive import read_file, write_file
from skcrowd.persistence._disk import as_path
from skcrowd.persistence._fitted_fields import (
    REQUESTS,
    builder_of,
    fitted_attributes,
    fitted_fields,
    is_unnamed,
    kinds,
    readable,
    request_attributes,
    request_fields,
)
from skcrowd.persistence._registry import registered_name, trusted_things
from skcrowd.persistence._schema import ESTIMATORS
from skcrowd.persistence._tree import Reader, Writer

__all__ = ["load", "save"]

CLASSES: Any = tuple(ESTIMATORS)
NAMES = {cls.__name__: cls for cls in CLASSES}


def save(estimator, path):
    """Save an estimator, fitted or not, in a file that loads without running code.

    The file is a zip archive of ``weights.safetensors``, all arrays and weights, and
    ``estimator.json``, the rest; other programs can read both. There is no pickle in
    it. Needs safetensors: ``pip install "skcrowd[safe]"``.

    Parameters
    ----------
    estimator : CrowdClassifier, CrowdRegressor or CrowdSequenceTagger
        Or an object of a subclass that is registered
        (:func:`skcrowd.persistence.register`).
    path : str, bytes or path-like
        The file, such as ``"model.skcrowd"``; no suffix is added. One that is there is
        replaced once the new one is complete, and keeps its mode and owner. Through a
        symbolic link, what it leads to is replaced.

    Returns
    -------
    path : pathlib.Path
        The file.

    Raises
    ------
    TypeError
        If it is another estimator, or holds something that has no name in skcrowd,
        ``torch.nn`` or ``torch.optim`` and is not registered; the error says which
        parameter. Or if `path` is no path.
    OSError
        If the file cannot be written, as when the disk is full; an old one is as it
        was.
    ValueError
        If a pipe, a device or a socket is there.

    See Also
    --------
    load : Load it again.
    skcrowd.persistence.register : For your own networks, methods and callbacks.

    Notes
    -----
    The loaded estimator has all parameters and fitted attributes, predicts the same
    bits, and can be cloned and fitted again. What a file cannot hold, ``load`` must be
    given again: networks (``module``) and callbacks that are not registered. Of
    ``net_`` the weights and the state of the network's optimiser are kept, but not its
    callbacks, the penalties of its loss, nor which items it held out.

    For pipelines, and for what a file holds, see ``docs/persistence.md``.

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
    path, cls = as_path(path), type(estimator)
    name = cls.__name__ if cls in ESTIMATORS else registered_name(cls)
    if name is None or not isinstance(estimator, CLASSES):
        raise TypeError(_not_saved(estimator))
    params = estimator.get_params(deep=False)
    module = params.get("module")
    given = module if is_unnamed(module) else None
    writer = Writer(kinds(given, builder_of(cls, module)))
    callbacks = params.get("callbacks") or []
    if callbacks and not all(map(_is_registered, callbacks)):
        params["callbacks"] = None
    known = {*params, "_routed", REQUESTS}
    fitted = {k: v for k, v in vars(estimator).items() if k not in known}
    tree = {
        "class": name,
        "params": {k: writer.node(v, k) for k, v in params.items()},
        "callbacks": [_name_of_callback(callback) for callback in callbacks],
        "requests": request_fields(vars(estimator)),
        "attributes": fitted_fields(cls, fitted, writer) if fitted else None,
    }
    write_file(path, tree, writer.tensors)
    return path


def load(path, *, module=None, callbacks=None, device=None, trusted=()):
    """Load an estimator that :func:`save` saved, without running code of the file.

    Parameters
    ----------
    path : str, bytes or path-like
        A regular file, or a symbolic link to one.
    module : torch.nn.Module class or instance, or callable, default=None
        Your own network, where the estimator had one that is not registered: the class,
        or an instance built like the one it had, which is copied.
    callbacks : list of skorch.callbacks.Callback, default=None
        The callbacks, where the estimator had some that are not registered; ``[]`` to
        go without. They run in the next ``fit``.
    device : str, default=None
        Where torch computes from now on, such as ``"cpu"`` for an estimator that was
        fitted on ``"cuda"``. None: where it did.
    trusted : list of classes and functions, default=()
        Your own that the file may name and that may be called with the parameters in
        it, beside those that :func:`skcrowd.persistence.register` has taken in this
        process.

    Returns
    -------
    estimator : CrowdClassifier, CrowdRegressor or CrowdSequenceTagger

    Raises
    ------
    OSError
        If the file cannot be opened: FileNotFoundError, PermissionError,
        IsADirectoryError.
    TypeError
        If `path` is no path, or `trusted` no list of classes and functions.
    ValueError
        If it is no regular file, is damaged, of a format that cannot be read, or
        holds what does not fit together; if it names anything but the classes of
        skcrowd, ``torch.nn`` and ``torch.optim`` and those trusted; or if `module` or
        `callbacks` are needed and missing, or given and not needed.

    Warns
    -----
    CrowdVersionWarning
        If another version of skcrowd wrote the file.

    See Also
    --------
    save : With an example.
    skcrowd.persistence.register : Trust a class in the whole process.

    Notes
    -----
    Sizes in a file are compared with what is stored before anything is built, so one
    of kilobytes takes megabytes of memory at most.
    """
    path, things = as_path(path), trusted_things(trusted)
    tree, written_by, tensors, n_bytes = read_file(path)
    with readable(repr(os.fspath(path))):
        cls = _class_of(tree, things)
        nodes = dict(tree["params"])
        if callbacks is not None or nodes.get("callbacks") is None:
            _check_callbacks(tree["callbacks"], callbacks)
            nodes["callbacks"] = None
        known = kinds(module, device=device)
        reader = Reader(known, tensors, n_bytes, things)
        estimator = cls(**{name: reader.value(node) for name, node in nodes.items()})
        vars(estimator).update(request_attributes(cls, tree["requests"]))
        if tree["attributes"] is not None:
            fitted = fitted_attributes(cls, tree["attributes"], reader)
            vars(estimator).update(fitted)
        if module is not None and not known[0].is_used:
            raise ValueError(
                f"module={module!r} was given, but it holds no network of your own; "
                "leave module out"
            )
    if callbacks is not None:
        estimator.callbacks = callbacks
    if device is not None:
        estimator.device = device
    warn_of_version(cls.__name__, written_by["skcrowd"], stacklevel=2)
    return estimator


def _class_of(tree, things):
    """Return the class of the estimator in a tree."""
    name = tree["class"]
    cls = NAMES.get(name) or things.get(name)
    if not (isinstance(cls, type) and issubclass(cls, CLASSES)):
        raise ValueError(
            f"it holds a {name}, which is no estimator of skcrowd. If it is a subclass "
            "of your own and you trust the file, pass load(path, trusted=[...]), or "
            "call skcrowd.persistence.register on it before"
        )
    return cls


def _bare(callback):
    """Return a callback without its name."""
    return callback[1] if isinstance(callback, tuple) else callback


def _is_registered(callback):
    callback = _bare(callback)
    return registered_name(type(callback)) or registered_name(callback)


def _name_of_callback(callback):
    callback = _bare(callback)
    return getattr(callback, "__name__", type(callback).__name__)


def _check_callbacks(names, given):
    if names and given is None:
        raise ValueError(
            f"the estimator had callbacks ({', '.join(names)}), which the file does "
            "not hold, as they are not registered; pass load(path, callbacks=[...]), "
            "or callbacks=[] to go without"
        )
    if given and not names:
        raise ValueError("callbacks were given, but the estimator had none; leave them")


def _not_saved(estimator):
    listed, name = " or ".join(NAMES), type(estimator).__name__
    if isinstance(estimator, CLASSES):
        return (
            f"save takes {listed}, got {name}, a subclass; call "
            f"skcrowd.persistence.register({name}) before, or use joblib."
        )
    return (
        f"save takes {listed}, got {name}. Of a search save best_estimator_, of a "
        "pipeline the last step, or the whole with skops: see docs/persistence.md."
    )
