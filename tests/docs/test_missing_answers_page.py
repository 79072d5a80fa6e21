"""What docs/guide/missing_answers.md shows, runs."""

import re
import warnings
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "missing_answers.md"


def test_the_example_runs():
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    with warnings.catch_warnings():
        exec(code, {})
