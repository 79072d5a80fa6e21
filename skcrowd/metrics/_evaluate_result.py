"""The result of evaluating a model, or two, by the answers of a crowd."""

from dataclasses import asdict, dataclass

__all__ = ["ModelEvaluation"]


@dataclass(frozen=True)
class ModelEvaluation:
    """Estimate of a model's quality, or of the difference of two, with an interval.

    :func:`skcrowd.metrics.evaluate` returns it.

    Attributes
    ----------
    measure : {"accuracy", "r2", "span_f1"}
        What is estimated.
    estimate : float
        Point estimate; of two models, the first less the second.
    low, high : float
        Ends of the interval.
    level : float
        Nominal coverage of the interval, between 0 and 1.
    method : {"answers", "gold"}
        "answers": from the answers alone. "gold": prediction-powered inference, from
        the gold labels with the answers as surrogate.
    is_difference : bool
        Whether two models are compared.
    is_reliable : bool
        False if the answers alone cannot support the interval, for the reasons in
        `notes`. True with ``method="answers"`` means that no sign was found against
        the assumptions, not that they hold. Always True with ``method="gold"``, which
        assumes nothing of the crowd.
    n_items : int
        Number of items, or sequences.
    n_gold : int
        Number of items, or sequences, with gold labels.
    answers_only : ModelEvaluation or None
        With ``method="gold"``, the evaluation without the gold labels. Compare the
        two: `notes` say whether they contradict each other.
    notes : tuple of str
        What to know before the numbers are used.
    """

    measure: str
    estimate: float
    low: float
    high: float
    level: float
    method: str
    is_difference: bool
    is_reliable: bool
    n_items: int
    n_gold: int = 0
    answers_only: "ModelEvaluation | None" = None
    notes: tuple[str, ...] = ()

    def to_dict(self):
        """Return all fields as a dict of plain values.

        Returns
        -------
        fields : dict from str to value
            `answers_only` as a dict, too; `notes` as a list.
        """
        fields = asdict(self)
        fields["notes"] = list(self.notes)
        if self.answers_only is not None:
            fields["answers_only"] = self.answers_only.to_dict()
        return fields

    def __repr__(self):
        name = f"difference in {self.measure}" if self.is_difference else self.measure
        sign = "+" if self.is_difference else ""
        source = "the answers alone"
        if self.method == "gold":
            source = f"{self.n_gold} gold labels and the answers"
        lines = [
            f"ModelEvaluation: {name} {self.estimate:{sign}.3f}, {self.level:.0%} "
            f"interval {self.low:{sign}.3f} to {self.high:{sign}.3f}",
            f"  from {source}, {self.n_items} items"
            + ("" if self.is_reliable else "; NOT RELIABLE"),
            *(f"  - {note}" for note in self.notes),
        ]
        return "\n".join(lines)
