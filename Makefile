# Everything runs from a fresh clone: each target sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
BUILT := src/truceline/web/built
NPM := frontend/npm $(CURDIR)/$(BIN)/python

.PHONY: setup console demo minsk paris exercise test check bench bench-service local-data fuzz clean

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Truceline needs Python 3.11 or newer; set PYTHON=... to name one.")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,bench,console]'
	touch $(READY)

# The console's islands and base map. Without them the service draws its map itself.
console: $(BUILT)/islands.ready $(BUILT)/base.ready

frontend/node_modules/ready: $(READY) frontend/package.json frontend/package-lock.json
	$(NPM) ci --silent --ignore-scripts
	touch $@

$(BUILT)/islands.ready: frontend/node_modules/ready frontend/vite.config.ts frontend/tsconfig.json $(wildcard frontend/src/* frontend/test/*)
	$(NPM) run --silent check
	$(NPM) test --silent
	$(NPM) run --silent build
	touch $@

$(BUILT)/base.ready: frontend/node_modules/ready $(wildcard basemap/*.py)
	$(BIN)/python -m basemap.pack frontend/node_modules $(BUILT)/base.pmtiles
	touch $@

demo: $(READY)
	$(MAKE) console || echo "The console was not built; its map is the drawn one."
	$(BIN)/truceline demo demo

minsk: $(READY)
	$(BIN)/python examples/minsk/compare.py demo-minsk

# EXERCISE: from the Paris Declaration to a made-up ceasefire, findings, obligations and their audit.
paris: $(READY)
	$(BIN)/python examples/paris-exercise/scenario.py demo-paris

# EXERCISE: thirty made-up days under the pack paris-2026, served for training.
exercise: $(READY)
	$(MAKE) console || echo "The console was not built; its map is the drawn one."
	$(BIN)/truceline exercise packs/paris-2026 demo-exercise --serve

# Tests use a real browser, PostgreSQL, Go and openssl; .ci/tools installs what is missing where it may.
test: $(READY) console
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
bench-service: $(READY) console
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[peers]'
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
	rm -rf $(VENV) $(BUILT) frontend/node_modules demo demo-minsk demo-paris demo-paris-* demo-exercise build
