# The two commands: `make demo` and `make test`. Everything they need is installed into .venv from requirements.lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export DAGSTER_DISABLE_TELEMETRY := 1
export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

.PHONY: demo test oracle attacks lint types examples install lock clean

demo: $(STAMP)  ## write the sample organisation, refresh it through Dagster, show what came out
	@$(BIN)/workledger demo --folder demo

test: $(STAMP) lint types  ## everything that CI runs
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations=12

oracle: $(STAMP)  ## compare N random organisations with a plain reading of the definitions: make oracle N=200
	@$(BIN)/python -m tests.oracle.run $(or $(N),200)

attacks: $(STAMP)  ## attack what a small organisation publishes: what was tried, and what got through
	@$(BIN)/python -m tests.attacks.run

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(STAMP)
	@$(BIN)/mypy

examples: $(STAMP)  ## map every file of a folder of real exports, or say why one cannot be: make examples DIR=...
	@$(BIN)/python tests/formats/map_examples.py "$(DIR)"

install: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@echo "Installing the locked environment ..."
	@$(BIN)/uv pip sync --compile-bytecode --quiet --require-hashes --python $(BIN)/python requirements.lock
	@$(BIN)/uv pip install --quiet --no-deps --python $(BIN)/python --editable .
	@touch $@

lock: ## resolve pyproject.toml again; pins and reasons are in docs/decisions.md
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		--extra dev pyproject.toml --output-file requirements.lock

clean:
	rm -rf demo dbt_project/target .mypy_cache .ruff_cache .pytest_cache

.PHONY: mutants
mutants: $(STAMP)  ## break each rule of the conformed model on purpose, and see that the oracle notices
	@$(BIN)/python -m tests.mutants.run

.PHONY: contracts
contracts: $(STAMP)  ## write the published tables' contracts again and say what changed for readers
	@$(BIN)/python -m orchestration.published_contracts

.PHONY: fuzz
fuzz: $(STAMP)  ## mutate N exports of the shipped formats and look what becomes of them: make fuzz N=100000
	@$(BIN)/python -m tests.fuzz.run $(or $(N),10000)

.PHONY: fuzz-readers
fuzz-readers: $(STAMP)  ## let a coverage-guided fuzzer think up bytes for the readers of text, workbooks, logs and calendars: make fuzz-readers SECONDS=600
	@$(BIN)/python -m tests.fuzz.readers --seconds $(or $(SECONDS),600)

.PHONY: faults
faults: $(STAMP)  ## disturb N refreshes, readers reading all the while, and count what is lost or doubled: make faults N=200
	@$(BIN)/python -m tests.faults.run $(or $(N),200)

.PHONY: bench-mapping
bench-mapping: $(STAMP)  ## time the way from a CSV of MEGABYTES to stream rows, against SQL written by hand and a plain copy
	@$(BIN)/python -m tests.benchmarks.mapping --megabytes $(or $(MEGABYTES),1000)

.PHONY: detection
detection: $(STAMP)  ## plant faults in N made-up organisations: what the gap rules find, by size, and what they raise for nothing
	@$(BIN)/python -m tests.detection.run $(or $(N),30)

.PHONY: latency
latency: $(STAMP)  ## from the arrival of an export to the version that holds it, over a simulated week with the sensor on
	@$(BIN)/python -m tests.benchmarks.latency

.PHONY: bench
bench: $(STAMP)  ## a whole refresh of SIZE time entries (1m, 20m, 100m) against one script written by hand
	@$(BIN)/python -m tests.benchmarks.scale.run $(or $(SIZE),1m)
