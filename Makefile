# Two commands: `make demo` runs the main job, `make test` passes the tests.
# In an activated environment (venv or conda) they use it; elsewhere they make .venv.

PYTHON ?= python3
VENV := .venv

ifneq ($(VIRTUAL_ENV)$(CONDA_PREFIX),)
PY := python
READY := check-environment
else
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
endif

.PHONY: demo test lint check-environment

demo: $(READY)
	$(PY) docs/examples/demo_digits.py

test: $(READY) lint
	$(PY) -m pytest -n auto

lint: $(READY)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --constraint constraints.txt --editable ".[test]"
	touch $@

check-environment:
	@$(PY) -m pip install --quiet --constraint constraints.txt --editable ".[test]"
