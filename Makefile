# Everything runs from a fresh clone: each target sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: setup demo minsk paris exercise test check bench bench-service local-data fuzz clean

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Truceline needs Python 3.11 or newer; set PYTHON=... to name one.")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,bench]'
	touch $(READY)

demo: $(READY)
	$(BIN)/truceline demo demo

minsk: $(READY)
	$(BIN)/python examples/minsk/compare.py demo-minsk

# EXERCISE: from the Paris Declaration to a made-up ceasefire, findings, obligations and their audit.
paris: $(READY)
	$(BIN)/python examples/paris-exercise/scenario.py demo-paris

# EXERCISE: thirty made-up days under the pack paris-2026, served for training.
exercise: $(READY)
	$(BIN)/truceline exercise packs/paris-2026 demo-exercise --serve

# Tests use a real browser, PostgreSQL, Go and openssl; .ci/tools installs what is missing where it may.
test: $(READY)
	.ci/tools
	$(BIN)/python -m pytest -n auto

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/python -m benchmarks.fusion
	$(BIN)/python -m benchmarks.imports
	$(BIN)/python -m benchmarks.evidence
	$(BIN)/python -m benchmarks.audit
	$(BIN)/python -m benchmarks.report

# The service under a crowd: 1.5 million incidents, 200 requests a second; takes some minutes.
bench-service: $(READY)
	$(BIN)/python -m benchmarks.service

# Real data that may not ship: TRUCELINE_DATA names the folder that holds it.
local-data: $(READY)
	$(BIN)/python -m benchmarks.local_data

# Coverage-guided fuzzing of the parsers of evidence; RUNS=0 goes on until stopped.
RUNS ?= 200000
fuzz: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[fuzz]'
	$(BIN)/python -m fuzz.parsers -runs=$(RUNS) -max_len=4096

clean:
	rm -rf $(VENV) demo demo-minsk demo-paris demo-paris-* demo-exercise build
