"""Some of the random cases of `_fuzz`; ``python -m _fuzz`` runs many."""

import pytest
from _fuzz.cases import run_case

CASES = 30


# What looks like a mistake is drawn on purpose.
@pytest.mark.filterwarnings("ignore::skcrowd.exceptions.CrowdWarning")
@pytest.mark.parametrize("seed", range(3))
def test_no_case_ends_badly(seed):
    found = {}
    for number in range(CASES):
        name, findings = run_case(seed, number)
        if findings:
            found[f"case {number}, {name}"] = findings
    assert not found
