"""report: one HTML file about a crowd and a model."""

import re
from datetime import date
from html import escape, unescape
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import Any

from skcrowd.annotations._warn import warn
from skcrowd.inspection import insight
from skcrowd.reporting._elements import count
from skcrowd.reporting._facts import AUTO, Facts
from skcrowd.reporting._key_figures import Figure, summary
from skcrowd.reporting._page import page
from skcrowd.reporting._sections import SECTIONS

__all__ = ["CrowdReport", "report"]

PREDICTED = {"cv", "pred_proba", "prediction"}  # how items are, as options


class CrowdReport:
    """A report as one HTML file; made by :func:`report`.

    Notebooks display it; ``print`` writes its figures as text.

    Parameters
    ----------
    title : str
    figures : list of Figure
        Title, value and note of the figures at the top, values and notes as HTML.
    html : str
        The whole file. It holds its style and script itself, and loads nothing.
    """

    def __init__(self, title: str, figures: list[Figure], html: str) -> None:
        self.title = title
        self.figures = figures
        self.html = html

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the report to a file, in UTF-8.

        Parameters
        ----------
        path : str or path-like
            An existing file is replaced.

        Returns
        -------
        path : pathlib.Path
        """
        path = Path(path)
        path.write_text(self.html, encoding="utf-8")
        return path

    def _repr_html_(self) -> str:
        """Return a frame, so that the page's style and the notebook's stay apart."""
        page = escape(self.html, quote=True)
        style = "width:100%;height:50rem;border:1px solid #8884;border-radius:8px"
        name = escape(self.title, quote=True)
        return f'<iframe title="{name}" srcdoc="{page}" style="{style}"></iframe>'

    def __str__(self) -> str:
        titles = [figure.title for figure in self.figures]
        width = max(map(len, titles))
        lines = [
            f"  {figure.title:{width}}  {_plain(figure.value)}"
            + (f" ({_plain(figure.note)})" if figure.note else "")
            for figure in self.figures
        ]
        return "\n".join([self.title, *lines])

    def __repr__(self) -> str:
        return (
            f"<CrowdReport {self.title!r}, {count(len(self.html) / 1024)} KiB of HTML>"
        )


def _plain(html: str) -> str:
    return unescape(re.sub("<[^>]*>", "", html))


def report(
    model: Any,
    X: Any,
    y: Any,
    *,
    path: str | PathLike[str] | None = None,
    title: str = "Crowd report",
    level: float = 0.95,
    n_rows: int = 30,
    dependence: Any = "auto",
    **options: Any,
) -> CrowdReport:
    """Write a report on a crowd and its labels, as one HTML file for anybody to read.

    It says what needs attention, who to trust, how good the labels are, which labels
    and answers look wrong, what to ask next, how far annotators agree and who errs
    together. The file loads nothing from elsewhere, follows the
    reader's light or dark scheme, and can be read on a phone.

    Parameters
    ----------
    model : CrowdClassifier, CrowdMultilabelClassifier, CrowdRegressor, \
            CrowdSequenceTagger, CrowdRanker, Pipeline or search
        Fitted; of a pipeline or search the crowd estimator inside reports, on the `X`
        that the steps before it make.
    X : array-like
        The items, in the form of ``fit``.
    y : annotations in any form of ``fit``
        The answers.
    path : str or path-like, default=None
        Where the file is written, too; see :meth:`CrowdReport.save`.
    title : str, default="Crowd report"
    level : float, default=0.95
        Probability of the intervals.
    n_rows : int, default=30
        Most rows of the tables of items, answers and queries.
    dependence : AnnotatorDependence, "auto" or None, default="auto"
        Groups of annotators who err together: an object with ``group``, ``groups``,
        ``group_excess``, ``group_votes`` and ``effective_votes``. "auto" makes it by
        :func:`skcrowd.metrics.annotator_dependence` from labels, ratings and tags,
        where at least one pair of annotators can be tested. Where there are more than
        2**20 pairs of answers to the same item, every n-th item is taken (of tags every
        n-th sequence), as a fit does, and the page says of how many. None leaves it
        out.
    **options
        Keyword arguments of ``label_quality`` and ``answer_quality`` of the estimator.
        By default the items of ``fit`` are predicted by cross-fitting, which takes
        three further fits (``cv=3``); ``pred_proba`` (ratings: ``prediction``) of your
        own spares them, and ``cv="prefit"`` takes the fitted network, which is too
        certain of the items that it was trained on. That is the default where a single
        item has answers.

    Returns
    -------
    report : CrowdReport
        With ``save(path)`` and ``html``; notebooks display it.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the model is not fitted.
    TypeError
        If it holds no crowd estimator.
    ValueError
        If `level` or `n_rows` is out of range, `dependence` is another string, or `X`
        and `y` don't fit the model.

    Warns
    -----
    CrowdWarning
        If a single item has answers, so that it cannot be predicted by cross-fitting.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skcrowd import CrowdClassifier, report
    >>> from skcrowd.datasets import make_annotations
    >>> X, truth = load_iris(return_X_y=True)
    >>> kinds = {"expert": 2, "average": 3, "random": 1}
    >>> y = make_annotations(truth, kinds, random_state=0).annotations
    >>> clf = CrowdClassifier(max_epochs=10, random_state=0).fit(X, y)
    >>> print(report(clf, X, y, title="Iris"))
    Iris
      Items                    150 (6 answers each)
      Annotators               6 (900 answers)
      ...
    """
    if n_rows < 1:
        raise ValueError(f"n_rows={n_rows!r}; it must be an integer of 1 or more.")
    if isinstance(dependence, str) and dependence != AUTO:
        raise ValueError(
            f"dependence={dependence!r}; it must be 'auto', None or the result of "
            "skcrowd.metrics.annotator_dependence."
        )
    crowd = insight(model)
    padding = {k: v for k, v in options.items() if k == "lengths"}
    if not PREDICTED & options.keys() and crowd._n_answered(X, y, **padding) == 1:
        warn(
            "a single item has answers: it is judged by the model that learned from it "
            '(cv="prefit"), which is too certain of it',
            about="a single item",
        )
        options["cv"] = "prefit"
    facts = Facts(
        crowd,
        X,
        y,
        level=level,
        n_rows=n_rows,
        dependence=dependence,
        options=options,
    )
    figures = summary(facts)
    sections = [section for make in SECTIONS if (section := make(facts)) is not None]
    estimator = type(facts.crowd.estimator).__name__
    learner = getattr(facts.crowd.estimator, "classifier_", facts.crowd.estimator)
    method = str(learner.method)
    made = CrowdReport(
        title,
        figures,
        page(
            title,
            f"{estimator}, method {method}, {date.today().isoformat()}",
            figures,
            sections,
            f"Made by skcrowd {version('skcrowd')}.",
        ),
    )
    if path is not None:
        made.save(path)
    return made
