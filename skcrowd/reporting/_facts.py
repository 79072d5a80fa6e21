"""What a report is made of: the tables of the insight methods, each made once."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.inspection import CrowdInsight
from skcrowd.metrics import annotator_dependence, answer_times
from skcrowd.metrics._some_answers import MOST_PAIRS, some_answers
from skcrowd.metrics.agreement import krippendorff_alpha
from skcrowd.reporting._elements import count
from skcrowd.reporting._label_sets import answers_as_decisions, items_as_questions

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AUTO", "Facts", "Words"]

AUTO = "auto"

RESAMPLES = 200


class Words(NamedTuple):
    """What the things are called that were answered."""

    item: str
    label: str
    answer: str


WORDS = {
    "labels": Words("item", "label", "answer"),
    "numbers": Words("item", "rating", "rating"),
    "tags": Words("token", "tag", "tag"),
    "sets": Words("question", "label", "decision"),
    "pairs": Words("pair", "preference", "answer"),
}


class Facts:
    """Tables about a crowd, made when a section first reads them.

    Parameters
    ----------
    crowd : CrowdInsight
    X : array-like
    y : annotations
    level : float
        Probability of the intervals.
    n_rows : int
        Most rows of the tables of items, answers and queries.
    dependence : AnnotatorDependence, "auto" or None
    options : dict
        Keyword arguments of ``label_quality`` and ``answer_quality``.
    """

    def __init__(
        self,
        crowd: CrowdInsight,
        X: Any,
        y: Any,
        *,
        level: float,
        n_rows: int,
        dependence: Any,
        options: dict[str, Any],
    ) -> None:
        self.crowd = crowd
        self.level = level
        self.n_rows = n_rows
        self._dependence = dependence
        self.options = options
        self._X, self._y = X, y

    @cached_property
    def annotators(self) -> "pd.DataFrame":
        """Report on annotators, with their times and unsure answers if `y` has them."""
        report = self.crowd.annotator_report(level=self.level)
        details = getattr(self._y, "details", None)
        if details is None:
            return report
        if details.time is not None:
            truth = None
            if self.kind == "labels" and len(self.items) == self._y.n_items:
                truth = self.items["consensus_label"].to_numpy()
            times = answer_times(self._y, truth)
            report = report.drop(columns="median_time", errors="ignore")
            report = report.join(times.drop(columns="other_agreement"))
        if details.unsure is not None:
            n_unsure = self._y.summary()["n_unsure"]
            report["n_unsure"] = n_unsure.reindex(report.index).fillna(0).astype(int)
        return report

    @cached_property
    def predictions(self) -> dict[str, Any]:
        """Options of the quality methods, with predictions made once for all of them.

        Without this each method would fit the clones of a cross-validation anew.
        """
        options = dict(self.options)
        is_given = any(options.get(k) is not None for k in ("pred_proba", "prediction"))
        if is_given or self.is_in_sample:
            return options
        cv = options.pop("cv", 3)
        padding = {k: v for k, v in options.items() if k == "lengths"}
        predicted = self.crowd._predict_out_of_sample(self._X, self._y, cv, **padding)
        return options | predicted

    @cached_property
    def items(self) -> "pd.DataFrame":
        """Quality of labels, with the words of a text in the column ``token``."""
        items = self.crowd.label_quality(self._X, self._y, **self.predictions)
        if "applies" in items:
            return items_as_questions(items)
        tokens = _tokens(self._X, len(items))
        return items if tokens is None else items.assign(token=tokens)

    @cached_property
    def answers(self) -> "pd.DataFrame":
        """Quality of answers, with the row of the item in the column ``row``."""
        answers = self.crowd.answer_quality(self._X, self._y, **self.predictions)
        if "ticked" in answers:
            answers = answers_as_decisions(answers)
        n_answers = self.items["n_answers"].to_numpy()
        answers = answers.assign(row=np.repeat(np.arange(len(n_answers)), n_answers))
        if "token" in self.items:
            answers["token"] = self.items["token"].to_numpy()[answers["row"]]
        return answers

    @cached_property
    def queries(self) -> "pd.DataFrame":
        """Queries to ask next, the most useful first."""
        known = "pred_proba", "lengths"  # of ratings the gain depends on neither
        options = {k: v for k, v in self.predictions.items() if k in known}
        return self.crowd.next_queries(self._X, self._y, self.n_rows, **options)

    @cached_property
    def annotations(self) -> Annotations:
        """Answers, of sequences to their tokens."""
        answers, is_rating = self.answers, self.kind == "numbers"
        given = {"numbers": "rating", "sets": "ticked"}.get(self.kind, "label")
        classes = None if is_rating else self.crowd.estimator.classes_
        annotations: Annotations = Annotations.from_long(
            answers["row"].to_numpy(),
            answers["annotator"].to_numpy(),
            answers[given].to_numpy(),
            n_items=len(self.items),
            annotator_ids=self.annotators.index.to_numpy(),
            missing_label=None,
            kind="numbers" if is_rating else "labels",
            classes=[False, True] if self.kind == "sets" else classes,
        )
        return annotations

    @cached_property
    def dependence(self) -> Any:
        """Who errs together; None where it is left out or no pair can be tested."""
        if not isinstance(self._dependence, str):
            return self._dependence
        if self.kind not in ("labels", "numbers", "tags"):
            return None
        found = annotator_dependence(self.compared)
        return found if np.isfinite(found.excess).any() else None

    @cached_property
    def compared(self) -> Annotations | SequenceAnnotations:
        """Answers in which is searched who errs together; of many a part."""
        return some_answers(self._whole, MOST_PAIRS)

    @property
    def share_compared(self) -> str | None:
        """Of how many items these are; None where of all, or nothing was searched."""
        is_searched = isinstance(self._dependence, str) and self.dependence is not None
        if not is_searched or self.compared is self._whole:
            return None
        noun = "sequences" if self.kind == "tags" else "items"
        return f"{count(len(self.compared))} of {count(len(self._whole))} {noun}"

    @cached_property
    def _whole(self) -> Annotations | SequenceAnnotations:
        """Answers, tags by sequence."""
        if self.kind != "tags":
            return self.annotations
        sizes: Any = self.items.groupby(level=0, sort=False).size()
        return SequenceAnnotations(self.annotations, sizes.to_numpy(np.int64))

    @cached_property
    def alpha(self) -> Any:
        """Krippendorff's alpha with its interval; None if no item has two answers."""
        if self.annotations.answers_per_item.max(initial=0) < 2:
            return None
        annotations, level = self.annotations, "nominal"
        if self.kind == "numbers":
            level = "interval"
        elif self.is_ordinal:
            annotations = annotations.with_classes(self.crowd.estimator.class_order_)
            level = "ordinal"
        return krippendorff_alpha(
            annotations,
            level=level,
            confidence_level=self.level,
            n_resamples=RESAMPLES,
            random_state=0,
        )

    @property
    def is_ordinal(self) -> bool:
        """Whether an answer is a label of an order."""
        return self.kind == "labels" and hasattr(self.crowd.estimator, "class_order_")

    @cached_property
    def kind(self) -> str:
        """What an answer is: "labels", "numbers", "tags", "sets" or "pairs"."""
        if hasattr(self.crowd.estimator, "score_items"):
            return "pairs"
        if "applies" in self.items:
            return "sets"
        if "consensus_probability" not in self.items:
            return "numbers"
        return "tags" if self.items.index.nlevels > 1 else "labels"

    @property
    def words(self) -> Words:
        """What the things are called."""
        return WORDS[self.kind]

    @property
    def measure(self) -> str:
        """Column of the report that ranks the annotators."""
        known = ("f1",) if self.kind == "sets" else ("accuracy",)
        return next((name for name in known if name in self.annotators), "correlation")

    @property
    def is_in_sample(self) -> bool:
        """Whether the network that rates the items may have seen their answers."""
        return isinstance(self.options.get("cv"), str)

    @cached_property
    def scores(self) -> "pd.DataFrame | None":
        """Items that were compared, the best first; None where answers are no pairs."""
        import pandas as pd

        y = self._y
        if self.kind != "pairs" or not hasattr(y, "item_names"):
            return None
        n = np.bincount(np.concatenate([y.first, y.second]), minlength=y.n_items)
        columns = {"item": y.item_names, "n": n}
        scores = pd.DataFrame(columns).assign(score=self.crowd.score_items(self._X))
        scores = scores.sort_values("score", ascending=False, kind="stable")
        return scores.assign(rank=np.arange(1, len(scores) + 1))

    @cached_property
    def expected_wrong(self) -> float:
        """Expected number of wrong labels of the consensus; NaN for ratings."""
        if self.kind == "numbers":
            return float("nan")
        return float((1 - self.items["consensus_probability"]).sum())


def _tokens(X: Any, n_tokens: int) -> list[str] | None:
    """Return the words of sentences; None where X is something else."""
    if not isinstance(X, list) or not all(isinstance(row, list | tuple) for row in X):
        return None
    tokens = [token for row in X for token in row]
    if len(tokens) != n_tokens or not all(isinstance(t, str) for t in tokens):
        return None
    return tokens
