# Everything runs from a fresh clone: each target sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: setup demo minsk test check bench local-data clean

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Truceline needs Python 3.11 or newer; set PYTHON=... to name one.")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,bench]'
	touch $(READY)

demo: $(READY)
	$(BIN)/truceline demo demo --no-serve

minsk: $(READY)
	$(BIN)/python examples/minsk/compare.py demo-minsk

test: $(READY)
	$(BIN)/python -m pytest -n auto

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/python -m benchmarks.fusion
	$(BIN)/python -m benchmarks.imports
	$(BIN)/python -m benchmarks.report

# Real data that may not ship: TRUCELINE_DATA names the folder that holds it.
local-data: $(READY)
	$(BIN)/python -m benchmarks.local_data

clean:
	rm -rf $(VENV) demo demo-minsk build
