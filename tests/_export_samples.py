"""Samples in tests/io/samples: their formats, and the options they need."""

SAMPLES = {
    "label_studio_choices.json": "label_studio",
    "label_studio_min.json": "label_studio",
    "label_studio_spans.json": "label_studio",
    "prodigy_choice.jsonl": "prodigy",
    "prodigy_spans.jsonl": "prodigy",
    "prodigy_binary.jsonl": "prodigy",
    "argilla_1.json": "argilla",
    "argilla_2.jsonl": "argilla",
    "argilla_records.json": "argilla",
    "argilla_users.json": "argilla",
    "mturk_batch.csv": "mturk",
    "mturk_boxes.csv": "mturk",
    "mturk_elements.csv": "mturk",
    "toloka.tsv": "toloka",
    "potato_output": "potato",
    "potato_states": "potato",
    "potato_output/ann/annotated_instances.jsonl": "potato",
    "doccano_users": "doccano",
    "doccano_entities.jsonl": "doccano",
    "doccano_classes.jsonl": "doccano",
    "doccano_old_users.jsonl": "doccano",
    "cvat.xml": "cvat",
}
QUESTIONS = {
    "label_studio_choices.json": "mood",
    "argilla_2.jsonl": "mood",
    "toloka.tsv": "animal",
    "potato_output": "mood",
}
UNREADABLE = {"cvat.xml", "potato_output/ann/annotated_instances.jsonl"}


def options(name):
    """Options without which a sample has no single question."""
    if name == "mturk_boxes.csv":
        return {"label": "cat"}
    return {"question": QUESTIONS[name]} if name in QUESTIONS else {}
