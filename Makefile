# Two commands for everyone: `make demo` and `make test`. Both make their own environment first.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
OUT ?= demo-output
OLDEST ?= $(VENV)-oldest
EXTRAS = dask,xdf,acq,excel,skops,avro,h5,wfdb,live
# A worker a core, each with one thread; more wait for each other.
WORKERS = OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --dist worksteal
# Old packages beside new ones deprecate each other's calls.
WITH_OLD = -W ignore::DeprecationWarning -W ignore::FutureWarning

.PHONY: help demo bench test test-exhaustive test-oldest check docs check-docs clean FORCE
help:  ## Say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else \
	  "physio_vad needs Python 3.11 or newer, got %d.%d; try: make PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runs: setup.cfg pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.tests: setup.cfg pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	@touch $@ $(VENV)/.runs

$(VENV)/.bench: setup.cfg pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable ".[bench]"
	@touch $@ $(VENV)/.runs

demo: $(VENV)/.runs  ## Simulate 20 people, evaluate two models, predict a new person
	$(BIN)/physio-vad demo --out $(OUT)

test: $(VENV)/.tests check  ## Check style, spelling and types, run all tests
	$(WORKERS)

check: $(VENV)/.tests  ## Check style, spelling and types only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/mypy

$(VENV)/.docs: setup.cfg pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable ".[docs]"
	@touch $@ $(VENV)/.runs

$(VENV)/.check-docs: $(VENV)/.docs
	$(BIN)/python -m pip install --quiet --editable ".[check-docs]"
	@touch $@

docs: $(VENV)/.docs  ## Build the pages into docs/_build/html, warnings as errors, without network
	$(BIN)/sphinx-build -b html -n -W --keep-going docs docs/_build/html -d docs/_build/doctrees

check-docs: docs $(VENV)/.check-docs  ## Open every built page in Chromium: errors, width, accessibility
	$(BIN)/python docs/check_pages.py docs/_build/html

test-exhaustive: $(VENV)/.tests  ## Run what takes minutes each, such as a fault at every write of every command
	$(WORKERS) -m exhaustive

test-oldest: $(OLDEST)/.tests  ## Run all tests with the oldest versions that setup.cfg allows
	OMP_NUM_THREADS=1 $(OLDEST)/bin/python -m pytest $(WITH_OLD) --numprocesses auto --dist worksteal $(TESTS)

$(OLDEST)/.tests: setup.cfg pyproject.toml
	$(PYTHON) -m venv --clear $(OLDEST)
	$(OLDEST)/bin/python -m pip install --quiet uv
	$(OLDEST)/bin/uv pip install --quiet --python $(OLDEST)/bin/python --resolution lowest-direct \
	  --editable ".[$(EXTRAS)]"
	$(OLDEST)/bin/uv pip install --quiet --python $(OLDEST)/bin/python pytest pytest-xdist hypothesis \
	  numpydoc
	@touch $@

bench: $(VENV)/.bench  ## Measure speed and memory beside others, into bench-output/ (QUICK=1 for a look)
	$(BIN)/python benchmarks/run_all.py $(if $(QUICK),--quick)

docs/features.md: $(VENV)/.runs FORCE
	$(BIN)/python -c "from physio_vad.features.catalogue import catalogue_page; print(catalogue_page(), end='')" > $@

FORCE:

clean:  ## Remove the environment and everything made
	rm -rf $(VENV) $(OLDEST) $(OUT) *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis \
	  docs/_build docs/auto_* docs/reference/made docs/sg_execution_times.rst
