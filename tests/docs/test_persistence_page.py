"""The code in docs/guide/persistence.md runs as it stands."""

import re
import warnings
from pathlib import Path

from _data import Linear, small
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skcrowd
from skcrowd.persistence import _user_registry
from skcrowd.persistence._schema import ESTIMATORS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "persistence.md"


def test_every_python_block_runs(items, answers, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    plain, registering, own, piped, strict = blocks
    clf = small().fit(items[0], answers)
    own_clf = skcrowd.CrowdClassifier(Linear, max_epochs=2).fit(items[0], answers)

    def run(block, **names):
        names |= {"skcrowd": skcrowd, "make_pipeline": make_pipeline}
        exec(compile(block, str(PAGE), "exec"), names)
        return names

    assert repr(run(plain, clf=clf)["clf"]) == repr(clf)
    skcrowd.save(own_clf, "model.skcrowd")
    assert run(own, MyNet=Linear)["clf"].module is Linear
    X = items[0]
    monkeypatch.setattr(_user_registry, "_THINGS", {})
    given = {"X": X, "y": answers, "CrowdClassifier": skcrowd.CrowdClassifier}
    assert run(registering, MyNet=Linear, **given)["clf"].module is Linear
    monkeypatch.setattr(_user_registry, "_THINGS", {})
    given = {"X": X, "y": answers, "Y": answers, "StandardScaler": StandardScaler}
    given |= {"CrowdClassifier": skcrowd.CrowdClassifier}
    names = run(piped, **given)
    loaded, pipeline = names["loaded"], names["pipeline"]
    assert loaded is not pipeline
    assert (loaded.predict(X) == pipeline.predict(X)).all()
    with warnings.catch_warnings():
        run(strict, warnings=warnings)
        assert warnings.filters[0][2] is skcrowd.exceptions.CrowdVersionWarning


def test_every_field_is_in_the_table():
    page = PAGE.read_text()
    names = {"extras", "others"}.union(*ESTIMATORS.values())
    assert not {name for name in names if f"`{name}`" not in page}
