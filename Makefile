# Two commands: `make demo` runs the main job, `make test` passes the tests.
# In an activated environment (venv or conda) they use it; elsewhere they make .venv.
# test-oldest and test-newest run the tests on the ends of the range of versions, in
# environments of their own; without a CPU wheel at hand pip fetches the CUDA build.

PYTHON ?= python3
VENV := .venv

ifneq ($(VIRTUAL_ENV)$(CONDA_PREFIX),)
PY := python
READY := check-environment
DOCS_READY := check-docs-environment
else
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
DOCS_READY := $(VENV)/.docs-ready
endif

# Where this is set, every process of the tests compiles all it imports once more, and
# pytest rewrites the assertions of every test file in each worker.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-quick test-oldest test-newest lint docs test-docs bench-quick \
	coverage wheel check-environment check-docs-environment

demo: $(READY)
	$(PY) docs/examples/demo_digits.py

test: $(READY) lint
	$(PY) -m pytest -n auto --dist worksteal

# All tests but those marked slow (about 2 s or more each), and no lint.
test-quick: $(READY)
	$(PY) -m pytest -n auto --dist worksteal -m "not slow"

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
	$(PY) -m mypy -n 2

# The site, in docs/_build/html, without the network. A warning is an error.
docs: $(DOCS_READY)
	$(PY) -m sphinx -b html -W --keep-going -j auto docs docs/_build/html

# Every page of the built site in a headless browser: links, console, width.
test-docs: docs
	$(PY) -m pytest docs/_tests -q

# Every script of benchmarks/ for a moment; the tables go to a scratch folder.
bench-quick: $(READY)
	$(PY) -m pytest tests/benchmarks -q

coverage: $(READY)
	$(PY) -m pip install --quiet --constraint constraints.txt coverage
	$(PY) -m coverage run -m pytest -m "not slow" -q
	$(PY) -m coverage combine
	$(PY) -m coverage report

# Wheel and sdist in dist/.
wheel: $(READY)
	$(PY) -m pip install --quiet --constraint constraints.txt build
	$(PY) -m build

$(VENV)/.docs-ready: $(VENV)/.ready
	$(PY) -m pip install --quiet --constraint constraints.txt --editable ".[docs]"
	touch $@

check-docs-environment:
	@$(PY) -m pip install --quiet --constraint constraints.txt --editable ".[docs,test]"

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --constraint constraints.txt --editable ".[test]"
	touch $@

check-environment:
	@$(PY) -m pip install --quiet --constraint constraints.txt --editable ".[test]"
