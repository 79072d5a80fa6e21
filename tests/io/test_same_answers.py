"""The same answers, written as each tool writes them, are read as the same."""

import csv
import io
import json
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrowd.io import FORMATS

LABELS = ["good", "bad \U0001f600", 'so, "so"', "e\u0301\tx"]
ANSWERS = st.dictionaries(
    st.tuples(st.sampled_from(["i1", "i2", "i3"]), st.sampled_from(["ann", "bob"])),
    st.sampled_from(LABELS),
    min_size=1,
)


def by_item(answers):
    """Yield each item and the list of (annotator, label)."""
    for item, group in groupby(sorted(answers.items()), key=lambda pair: pair[0][0]):
        yield item, [(annotator, label) for (_, annotator), label in group]


def label_studio(answers):
    control = {"from_name": "q", "to_name": "text", "type": "choices"}
    return [
        {
            "id": item,
            "data": {"text": item},
            "annotations": [
                {
                    "completed_by": annotator,
                    "result": [control | {"value": {"choices": [label]}}],
                }
                for annotator, label in given
            ],
        }
        for item, given in by_item(answers)
    ]


def label_studio_min(answers):
    return [
        {
            "text": item,
            "id": item,
            "q": label,
            "annotator": annotator,
            "annotation_id": 1,
        }
        for (item, annotator), label in answers.items()
    ]


def prodigy(answers):
    return [
        {
            "text": item,
            "_input_hash": item,
            "accept": [label],
            "answer": "accept",
            "_annotator_id": annotator,
        }
        for (item, annotator), label in answers.items()
    ]


def argilla(answers):
    return [
        {
            "id": item,
            "text": item,
            "q.responses": [label for _, label in given],
            "q.responses.users": [annotator for annotator, _ in given],
        }
        for item, given in by_item(answers)
    ]


def argilla_1(answers):
    return [
        {
            "id": item,
            "text": item,
            "q": [{"user_id": annotator, "value": label} for annotator, label in given],
        }
        for item, given in by_item(answers)
    ]


def doccano(answers):
    return [
        {"id": item, "text": item, "label": [label], "username": annotator}
        for (item, annotator), label in answers.items()
    ]


def potato(answers):
    return [
        {"id": item, "label_annotations": {"q": {label: "1"}}, "user": annotator}
        for (item, annotator), label in answers.items()
    ]


def mturk(answers):
    return [
        {"HITId": item, "WorkerId": annotator, "Input.text": item, "Answer.q": label}
        for (item, annotator), label in answers.items()
    ]


def toloka(answers):
    return [
        {"INPUT:text": item, "OUTPUT:q": label, "ASSIGNMENT:worker_id": annotator}
        for (item, annotator), label in answers.items()
    ]


def table(answers):
    return [
        {"item": item, "annotator": annotator, "label": label}
        for (item, annotator), label in answers.items()
    ]


RECORDS = {
    "label_studio": [label_studio, label_studio_min],
    "prodigy": [prodigy],
    "argilla": [argilla, argilla_1],
    "doccano": [doccano],
    "potato": [potato],
    "mturk": [mturk],
    "toloka": [toloka],
    "table": [table],
}
TEXTS = {"mturk": ",", "toloka": "\t"}  # read from files only
CASES = [(name, write) for name, writers in RECORDS.items() for write in writers]


def as_file(records, delimiter, path):
    """Write records as a CSV or TSV file."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(records[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(records)
    path.write_bytes(out.getvalue().encode("utf-8"))
    return path


def test_every_format_is_here():
    assert set(RECORDS) == set(FORMATS) - {"cvat", "zip", "ground_truth", "appen_json"}


@pytest.mark.parametrize(("name", "write"), CASES)
def test_same_answers(name, write, tmp_path_factory):
    folder = tmp_path_factory.mktemp(name)

    @given(ANSWERS)
    def is_read(answers):
        records = write(answers)
        source = json.loads(json.dumps(records))
        if name in TEXTS:
            source = as_file(records, TEXTS[name], folder / "export.csv")
        export = FORMATS[name].read(source)
        found = {
            (item, annotator): label
            for item, row in zip(export.items, export.annotations, strict=True)
            for annotator, label in row.items()
        }
        assert found == answers
        assert not export.left_out

    is_read()
