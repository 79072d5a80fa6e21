"""From every sample export to a model, a report, and a queue of tasks."""

import json

import numpy as np
import pytest
from _export_samples import SAMPLES, UNREADABLE, options

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger, report
from skcrowd.io import read_answers, write_label_studio


def model_of(export):
    """An estimator for the kind of answers, and its X."""
    if export.tokens is not None:
        return CrowdSequenceTagger(max_epochs=2, random_state=0), export.tokens
    are_numbers = export.annotations.kind == "numbers"
    estimator = CrowdRegressor if are_numbers else CrowdClassifier
    X = np.arange(2 * len(export.items), dtype=np.float32).reshape(-1, 2)
    return estimator(max_epochs=2, random_state=0), X


# Of two or three items no interval of the agreement can be made.
@pytest.mark.filterwarnings("ignore::skcrowd.exceptions.CrowdWarning")
@pytest.mark.filterwarnings("ignore:All-NaN slice:RuntimeWarning")
@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in UNREADABLE])
def test_every_sample(samples, tmp_path, name):
    export = read_answers(samples / name, data=True, **options(name))
    model, X = model_of(export)
    model.fit(X, export.annotations)
    report(model, X, export.annotations, path=tmp_path / "report.html", cv="prefit")
    queue = model.next_queries(X, export.annotations, 2)
    if export.data or export.tokens is not None:
        path = write_label_studio(tmp_path / "tasks.json", export, queue)
        tasks = json.loads(path.read_text(encoding="utf-8"))
        assert {task["meta"]["item"] for task in tasks} <= set(export.items)
    assert (tmp_path / "report.html").exists()
