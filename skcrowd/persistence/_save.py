"""The functions save and load."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from skcrowd._sklearn_compat import REQUESTS
from skcrowd.estimators._versions import warn_of_version
from skcrowd.persistence._archive import read_file, write_file
from skcrowd.persistence._disk import as_path
from skcrowd.persistence._fitted_fields import (
    builder_of,
    fitted_attributes,
    fitted_fields,
    is_unnamed,
    kinds,
    readable,
    request_attributes,
    request_fields,
    table_of,
)
from skcrowd.persistence._schema import ESTIMATORS
from skcrowd.persistence._tree import Reader, Writer
from skcrowd.persistence._user_registry import registered_name, trusted_things

if TYPE_CHECKING:
    from pathlib import Path

    from skcrowd.estimators._crowd_estimator import CrowdEstimator


__all__ = ["load", "save"]

CLASSES: Any = tuple(ESTIMATORS)
NAMES = {cls.__name__: cls for cls in CLASSES}


def save(estimator: CrowdEstimator, path: Any) -> Path:
    """Save an estimator, fitted or not, in a file that is loaded without running code.

    The file is a zip archive of ``weights.safetensors``, which contains all arrays and
    weights, and ``estimator.json``, which contains the rest. Other programs can read
    both, and neither contains a pickle. Needs safetensors:
    ``pip install "skcrowd[safe]"``.

    Parameters
    ----------
    estimator : CrowdClassifier, CrowdMultilabelClassifier, CrowdRegressor, \
            CrowdSequenceTagger or aggregator
        An aggregator of :mod:`skcrowd.aggregation`, or an object of a registered
        subclass (:func:`skcrowd.persistence.register`).
    path : str, bytes or path-like
        The file, such as ``"model.skcrowd"``; no suffix is added. An existing file is
        replaced once the new one is complete, with the same mode and owner. A symbolic
        link is followed.

    Returns
    -------
    path : pathlib.Path
        The file.

    Raises
    ------
    TypeError
        If it is another estimator; if a parameter or attribute, which the error names,
        is of a class that is neither in skcrowd, ``torch.nn`` or ``torch.optim`` nor
        registered; or if `path` is not a path.
    OSError
        If the file cannot be written, for example on a full disk; an existing file is
        then unchanged.
    ValueError
        If `path` is a pipe, a device or a socket.

    See Also
    --------
    load : Load the estimator.
    skcrowd.persistence.register : For your own networks, methods and callbacks.

    Notes
    -----
    The loaded estimator has all parameters and fitted attributes, predicts the same
    bits, and can be cloned and fitted again. Networks (``module``) and callbacks that
    are not registered are not stored, and must be passed to ``load``. Of ``net_`` the
    weights and the state of the network's optimiser are stored, but not its callbacks,
    the penalties of its loss, nor the held-out items.

    Pipelines, and the contents of a file, are described in
    ``docs/guide/persistence.md``.

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
    unnamed = module if is_unnamed(module) else None
    writer = Writer(kinds(unnamed, builder_of(cls, module)))
    callbacks = params.get("callbacks") or []
    if callbacks and not all(map(_is_registered, callbacks)):
        params["callbacks"] = None
    not_fitted = {*params, "_routed", REQUESTS, *getattr(cls, "_unsaved", ())}
    fitted = {k: v for k, v in vars(estimator).items() if k not in not_fitted}
    tree = {
        "class": name,
        "params": {k: writer.node(v, k) for k, v in params.items()},
        "callbacks": [_name_of_callback(callback) for callback in callbacks],
        "requests": request_fields(vars(estimator)),
        "attributes": fitted_fields(cls, fitted, writer) if fitted else None,
    }
    write_file(path, tree, writer.tensors)
    return path


def load(
    path: Any,
    *,
    module: Any = None,
    callbacks: list[Any] | None = None,
    device: str | None = None,
    trusted: Sequence[Any] = (),
) -> CrowdEstimator:
    """Load an estimator that :func:`save` saved, without running code of the file.

    Parameters
    ----------
    path : str, bytes or path-like
        A regular file, or a symbolic link to one.
    module : torch.nn.Module class or instance, or callable, default=None
        The network, if the estimator had a network of a class that is not registered:
        this class, or an instance with the same architecture, which is copied.
    callbacks : list of skorch.callbacks.Callback, default=None
        The callbacks, if the estimator had callbacks that are not registered; ``[]`` to
        load it without them. They are used in the next ``fit``.
    device : str, default=None
        Device of the loaded estimator, such as ``"cpu"`` for one that was fitted on
        ``"cuda"``. None: the device it was fitted on.
    trusted : list of classes and functions, default=()
        Further classes and functions that the file may name, and that may be called
        with the parameters in it, in addition to those that are registered in this
        process (:func:`skcrowd.persistence.register`).

    Returns
    -------
    estimator : CrowdClassifier, CrowdMultilabelClassifier, CrowdRegressor, \
            CrowdSequenceTagger or aggregator

    Raises
    ------
    OSError
        If the file cannot be opened: FileNotFoundError, PermissionError,
        IsADirectoryError.
    TypeError
        If `path` is not a path, or `trusted` not a list of classes and functions.
    ValueError
        If the file is not a regular file, is damaged or inconsistent, or has a format
        that cannot be read; if it names classes other than those of skcrowd,
        ``torch.nn`` and ``torch.optim`` and trusted ones; or if `module` or `callbacks`
        are needed and missing, or passed and not needed.

    Warns
    -----
    CrowdVersionWarning
        If another version of skcrowd wrote the file.

    See Also
    --------
    save : With an example.
    skcrowd.persistence.register : Trust a class in all calls of this process.

    Notes
    -----
    Sizes in a file are compared with those of the stored arrays before objects are
    built, so that a file of kilobytes needs megabytes of memory at most.

    Examples
    --------
    >>> import tempfile
    >>> import skcrowd
    >>> clf = skcrowd.CrowdClassifier(max_epochs=2, random_state=0)
    >>> clf = clf.fit([[0.0], [1.0], [0.2], [0.9]], [[0, 0], [1, 1], [0, 1], [1, 1]])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = skcrowd.save(clf, f"{folder}/model.skcrowd")
    ...     again = skcrowd.load(path)
    >>> again.predict([[0.1]]) == clf.predict([[0.1]])
    array([ True])
    """
    path, things = as_path(path), trusted_things(trusted)
    tree, written_by, tensors, n_bytes = read_file(path)
    with readable(repr(os.fspath(path))):
        cls = _class_of(tree, things)
        nodes = dict(tree["params"])
        if callbacks is not None or nodes.get("callbacks") is None:
            _check_callbacks(tree["callbacks"], callbacks)
            if "net_" in table_of(cls):
                nodes["callbacks"] = None
        all_kinds = kinds(module, device=device)
        reader = Reader(all_kinds, tensors, n_bytes, things)
        estimator = cls(**{name: reader.value(node) for name, node in nodes.items()})
        vars(estimator).update(request_attributes(cls, tree["requests"]))
        if tree["attributes"] is not None:
            fitted = fitted_attributes(cls, tree["attributes"], reader)
            vars(estimator).update(fitted)
        given_network: Any = all_kinds[0]
        if module is not None and not given_network.is_used:
            raise ValueError(
                f"module={module!r} was passed, but the file needs no network; leave "
                "module out"
            )
    if callbacks is not None:
        estimator.callbacks = callbacks
    if device is not None:
        estimator.device = device
    warn_of_version(cls.__name__, written_by["skcrowd"], stacklevel=2)
    return estimator


def _class_of(tree: dict[str, Any], things: dict[str, Any]) -> type[Any]:
    """Return the class of the estimator in a tree."""
    name = tree["class"]
    cls = NAMES.get(name) or things.get(name)
    if not (isinstance(cls, type) and issubclass(cls, CLASSES)):
        raise ValueError(
            f"it holds a {name}, which is not an estimator of skcrowd. If it is your "
            "own subclass and you trust the file, pass load(path, trusted=[...]), or "
            "call skcrowd.persistence.register on it before"
        )
    return cls


def _without_name(callback: tuple[str, Any]) -> Any:
    """Return a callback without its name."""
    return callback[1] if isinstance(callback, tuple) else callback


def _is_registered(callback: tuple[str, Any]) -> str | None:
    callback = _without_name(callback)
    return registered_name(type(callback)) or registered_name(callback)


def _name_of_callback(callback: tuple[str, Any]) -> str:
    callback = _without_name(callback)
    return getattr(callback, "__name__", type(callback).__name__)


def _check_callbacks(names: list[Any], given: Any) -> None:
    if names and given is None:
        raise ValueError(
            f"the estimator had callbacks ({', '.join(names)}), which the file does "
            "not hold, as they are not registered; pass load(path, callbacks=[...]), "
            "or callbacks=[] to load it without them"
        )
    if given and not names:
        raise ValueError(
            "callbacks were passed, but the estimator had none; leave them out"
        )


def _not_saved(estimator: Any) -> str:
    first = [cls.__name__ for cls in CLASSES if "net_" in ESTIMATORS[cls]]
    listed = f"{', '.join(first)} or an aggregator"
    name = type(estimator).__name__
    if isinstance(estimator, CLASSES):
        return (
            f"save takes {listed}, got {name}, a subclass; call "
            f"skcrowd.persistence.register({name}) before, or use joblib."
        )
    return (
        f"save takes {listed}, got {name}. For a search save best_estimator_, for a "
        "pipeline its last step, or all of it with skops: see "
        "docs/guide/persistence.md."
    )
