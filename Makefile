# Two commands: `make demo` runs the main job, `make test` passes the tests.
# In an activated environment (venv or conda) they use it; elsewhere they make .venv.
# test-oldest and test-newest run the tests on the ends of the range of versions, in
# environments of their own; without a CPU wheel at hand pip fetches the CUDA build.

PYTHON ?= python3
VENV := .venv

ifneq ($(VIRTUAL_ENV)$(CONDA_PREFIX),)
PY := python
READY := check-environment
else
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
endif

.PHONY: demo test test-oldest test-newest lint check-environment

demo: $(READY)
	$(PY) docs/examples/demo_digits.py

test: $(READY) lint
	$(PY) -m pytest -n auto --dist worksteal

test-oldest test-newest: test-%: .venv-%/.ready
	.venv-$*/bin/python -m pytest -n auto --dist worksteal

.venv-%/.ready: pyproject.toml constraints-%.txt
	$(PYTHON) -m venv .venv-$*
	.venv-$*/bin/python -m pip install --quiet --constraint constraints-$*.txt \
		--editable ".[test]"
	touch $@

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
