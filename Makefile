# `make demo` and `make test` set up everything they need in .venv and leave the rest of the machine alone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SCENARIO ?= calm
PORT_BASE ?= 9713
CHAOS_SECONDS ?= 900
SOAK_SECONDS ?= 7200
SEED ?=
ARMED ?=
FUZZ_SECONDS ?= 60
TARGET ?= all
FUZZ := .cache/fuzz
FUZZ_STAMP := $(FUZZ)/.installed
COVERAGE := .cache/coverage.json
# Side by side, one more than the usual two cores, since the tests of running programs mostly wait.
WORKERS ?= 3
PYTEST := $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help setup tools monitoring demo test unit faults chaos chaos-short chaos-flatten soak fuzz lint types docs dashboards lock bench peers reload clean

help:  ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP)  ## Make .venv from the lock file

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Plimsoll needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

demo: $(STAMP) monitoring  ## Simulated exchange, exporter, enforcer, Prometheus, Alertmanager until Ctrl-C (SCENARIO=october-mirror, ARMED=1, PORT_BASE=9713)
	@$(BIN)/python -m tools.demo --scenario "$(SCENARIO)" --port-base "$(PORT_BASE)" --armed "$(ARMED)"

tools: $(STAMP)  ## Prometheus, Alertmanager, their checkers and Chromium in .cache/tools: from the PATH, else the distribution's packages
	@$(BIN)/python -m tools.programs

monitoring: $(STAMP)
	@$(BIN)/python -m tools.programs monitoring

test: $(STAMP) tools lint types  ## Everything that must pass: lint, types, contracts, tests and their coverage
	$(PYTEST) --cov --cov-report=term --cov-report=json:$(COVERAGE) -p tools.coverage_gate --coverage-gate=$(COVERAGE)

unit: $(STAMP) tools  ## The tests alone, without coverage and without five minutes of soak
	$(PYTEST) -q --deselect tests/stack/test_soak_short.py::test_five_minutes_of_calm

faults: $(STAMP) monitoring  ## Kill what watches, and blind an account for 5 minutes, in a breach; no time shortened, 10 minutes
	$(PYTEST) tests/stack/test_alert_faults_breach.py --faults-as-shipped --durations=0

chaos: $(STAMP) monitoring  ## The whole stack through random faults, 17 minutes; writes docs/chaos.md (CHAOS_SECONDS=900 SEED=11)
	PYTHONPATH=tests/support $(BIN)/python -m chaos --seconds $(CHAOS_SECONDS) $(if $(SEED),--seed $(SEED)) --write docs/chaos.md

soak: $(STAMP)  ## 20 calm accounts with frequent renewals: nothing may grow; writes docs/soak.md (SOAK_SECONDS=7200)
	PYTHONPATH=tests/support $(BIN)/python -m soak --seconds $(SOAK_SECONDS) --write docs/soak.md

chaos-short: $(STAMP) monitoring  ## The short form of chaos alone, which make test plays too: a minute
	$(PYTEST) tests/stack/test_chaos_short.py -q

chaos-flatten: $(STAMP)  ## Close 2,000 random accounts through random faults, 2 minutes (make test closes 120)
	PLIMSOLL_CHAOS=1000 $(PYTEST) tests/enforcer/test_flatten_chaos.py -q

fuzz: $(FUZZ_STAMP)  ## Fuzz everything that reads foreign input, 16 targets of a minute each (FUZZ_SECONDS=60 TARGET=all)
	PYTHONPATH=$(FUZZ) $(BIN)/python -m fuzz $(TARGET) --seconds $(FUZZ_SECONDS)

# Beside .venv, which stays as its lock file says.
$(FUZZ_STAMP): $(STAMP) requirements-fuzz.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --upgrade --target $(FUZZ) --requirement requirements-fuzz.lock
	@touch $@

lint: $(STAMP)  ## Ruff (rules and format) and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(STAMP)  ## mypy, strict
	$(BIN)/mypy

docs: $(STAMP)  ## Make anew what is generated: docs/metrics.md, the configuration's schema, the golden exposition
	$(BIN)/python tools/metrics_doc.py
	$(BIN)/python tools/config_schema.py
	PLIMSOLL_WRITE_GOLDEN=1 $(BIN)/python -m pytest -q tests/exporter/test_golden_exposition.py tests/enforcer/test_enforcer_metrics.py

dashboards: $(STAMP)  ## Write grafana/dashboards/*.json anew from tools/dashboards
	$(BIN)/python -m tools.dashboards

bench: $(STAMP) monitoring  ## Measure and write docs/performance.md, an hour (ROWS="exporter:20x10 weight:40x5")
	$(BIN)/python benchmarks/run.py --write docs/performance.md $(if $(ROWS),-- $(ROWS))
	$(if $(ROWS),,$(BIN)/python benchmarks/peers.py --write docs/performance.md)

peers: $(STAMP)  ## What users do today beside Plimsoll, at the same simulator: five minutes, into docs/performance.md
	$(BIN)/python benchmarks/peers.py --write docs/performance.md

lock: $(STAMP)  ## Pin all dependencies anew, with hashes
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --all-extras pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --all-extras --group dev pyproject.toml --output-file requirements-dev.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --group fuzz --output-file requirements-fuzz.lock
	echo 'hatchling>=1.27' | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --constraint requirements-dev.lock - --output-file requirements-build.lock

reload:  ## Compose: after adding or changing a secret of a channel, write Alertmanager's files anew and let it read them
	docker compose run --rm render
	docker compose kill --signal HUP alertmanager

clean:  ## Remove what make made
	rm -rf $(VENV) .cache .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache build dist data
