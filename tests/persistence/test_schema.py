"""What a format is: changed only by decision.

``format_2.json`` lists all that files of format 2 are made of. Where it differs, either
the change was not meant, or `FORMAT` rises and a new list is written::

    PYTHONPATH=tests python tests/persistence/test_schema.py
"""

import json
import sys
from pathlib import Path

import pytest
from _data import small
from torch import nn

import skcrowd
from skcrowd import CrowdClassifier, CrowdSequenceTagger, annotators
from skcrowd.annotators import AnnotatorModel
from skcrowd.backbones import MLP, RecurrentTagger, TabularNet
from skcrowd.methods import EM
from skcrowd.persistence._all_kinds import kinds
from skcrowd.persistence._archive import FORMAT
from skcrowd.persistence._nameable import fixed_things
from skcrowd.persistence._schema import ESTIMATORS, RECORDS
from skcrowd.persistence._tree import Reader, Writer

PINNED = Path(__file__).with_name(f"format_{FORMAT}.json")
TOKENS = {"n_words": 2, "n_shapes": 2, "n_affixes": 2, "n_codes": 4}
NETWORKS = {
    "MLP": MLP(2, 3, hidden=(4,)),
    "TabularNet": TabularNet(2, 3, (4,), gate_decay=0.1, edges=[[0, 1], [0, 1]]),
    "RecurrentTagger": RecurrentTagger(3, 2, n_layers=1),
    "RecurrentTagger of tokens": RecurrentTagger(3, n_layers=1, **TOKENS),
}


def described(fields):
    """Say what the axes of each field are, and "?" of what may be missing."""
    return {
        name: " ".join(field.axes or ()) + "?" * field.is_optional
        for name, field in fields.items()
    }


def schema():
    """Return all that files are made of."""
    named = sorted(name for name in fixed_things() if name.startswith("skcrowd."))
    return {
        "kinds": sorted(kind.tag for kind in kinds()),
        "names": named,
        "estimators": {cls.__name__: described(f) for cls, f in ESTIMATORS.items()},
        "records": {name: described(fields) for name, (_, fields) in RECORDS.items()},
        "weights": {name: [*net.state_dict()] for name, net in NETWORKS.items()},
    }


def test_the_format_is_what_it_was():
    pinned = json.loads(PINNED.read_text(encoding="utf-8"))
    found = schema()
    assert list(found) == list(pinned)
    for part, expected in pinned.items():
        assert found[part] == expected, part


def test_every_annotator_model_has_a_table():
    public = [getattr(annotators, name) for name in annotators.__all__]
    models = {cls for cls in public if isinstance(cls, type)}
    bases = {AnnotatorModel, annotators.LabelModel, annotators.NumberModel}
    assert models - bases <= {cls for cls, _ in RECORDS.values()}


@pytest.mark.parametrize("name", RECORDS)
def test_no_attribute_is_stored_twice(name):
    _, fields = RECORDS[name]
    attributes = [field.attribute for field in fields.values()]
    assert len(set(attributes)) == len(attributes)


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_networks_of_skcrowd_as_objects(network):
    known = kinds()
    writer = Writer(known)
    node = json.loads(json.dumps(writer.node(network, "here")))
    twin = Reader(known, writer.tensors, 10**6, {}).value(node)
    assert type(twin) is type(network)
    assert repr(twin) == repr(network)
    assert isinstance(twin, nn.Module)
    assert [*twin.state_dict()] == [*network.state_dict()]


def test_attributes_that_no_table_names_are_refused(items, answers, tmp_path):
    estimator = small().fit(items[0], answers)
    estimator.mine_ = [1, 2]
    twin = skcrowd.load(skcrowd.save(estimator, tmp_path / "model"))
    assert twin.mine_ == [1, 2]
    estimator._hidden = 3
    with pytest.raises(TypeError, match="no place for _hidden of a CrowdClassifier"):
        skcrowd.save(estimator, tmp_path / "model")
    del estimator._hidden
    estimator.annotator_model_.more = 3
    with pytest.raises(TypeError, match="no place for more of a FixedConfusion"):
        skcrowd.save(estimator, tmp_path / "model")
    del estimator.annotator_model_.more
    del estimator.class_prior_
    with pytest.raises(TypeError, match=r"has no class_prior_; files need it"):
        skcrowd.save(estimator, tmp_path / "model")


def test_unfitted_estimators_have_parameters_alone(tmp_path):
    for estimator in (CrowdClassifier(method=EM()), CrowdSequenceTagger()):
        twin = skcrowd.load(skcrowd.save(estimator, tmp_path / "model"))
        assert vars(twin).keys() == vars(estimator).keys()


if __name__ == "__main__":
    text = json.dumps(schema(), indent=1, ensure_ascii=False)
    PINNED.write_text(text + "\n", encoding="utf-8")
    sys.exit(0)
