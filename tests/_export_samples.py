"""Samples in tests/io/samples: their formats, and the options they need."""

SAMPLES = {
    "label_studio_choices.json": "label_studio",
    "label_studio_min.json": "label_studio",
    "label_studio_spans.json": "label_studio",
    "prodigy_choice.jsonl": "prodigy",
    "prodigy_spans.jsonl": "prodigy",
    "prodigy_binary.jsonl": "prodigy",
    "argilla_0.jsonl": "argilla",
    "argilla_1.json": "argilla",
    "argilla_1_table.jsonl": "argilla",
    "argilla_2.jsonl": "argilla",
    "argilla_records.json": "argilla",
    "argilla_users.json": "argilla",
    "mturk_batch.csv": "mturk",
    "mturk_boxes.csv": "mturk",
    "mturk_elements.csv": "mturk",
    "mturk_radio.csv": "mturk",
    "toloka.tsv": "toloka",
    "toloka_times.tsv": "toloka",
    "potato_output": "potato",
    "potato_states": "potato",
    "potato_instances.tsv": "potato",
    "potato_export.csv": "potato",
    "potato_export.jsonl": "potato",
    "potato_output/ann/annotated_instances.jsonl": "potato",
    "doccano_users": "doccano",
    "doccano_csv": "doccano",
    "doccano_entities.jsonl": "doccano",
    "doccano_classes.jsonl": "doccano",
    "doccano_old_users.jsonl": "doccano",
    "cvat.xml": "cvat",
}
QUESTIONS = {
    "label_studio_choices.json": "mood",
    "argilla_1_table.jsonl": "mood",
    "argilla_2.jsonl": "mood",
    "mturk_radio.csv": "mood",
    "toloka.tsv": "animal",
    "toloka_times.tsv": "animal",
    "potato_output": "mood",
    "potato_instances.tsv": "mood",
    "potato_export.csv": "mood",
    "potato_export.jsonl": "mood",
}
LABELS = {"mturk_boxes.csv": "cat", "doccano_csv": "bad"}  # one of several
UNREADABLE = {"cvat.xml", "potato_output/ann/annotated_instances.jsonl"}


def options(name):
    """Options without which a sample has no single question."""
    if name in LABELS:
        return {"label": LABELS[name]}
    return {"question": QUESTIONS[name]} if name in QUESTIONS else {}
