# make demo and make test set up all that they need.  `make help` lists the rest.
PYTHON ?= python3
SHELL := /bin/bash
STACK ?= local
YEARS ?= 15
BIN := .venv/bin
# Tests wait for servers and engines for a third of their time: one more than there are cores.
WORKERS ?= 3
# Shared by all checkouts, so that a fresh clone is not checked from nothing.
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/aml-kit

# Set on some machines; without compiled modules everything that starts takes seconds more.
unexport PYTHONDONTWRITEBYTECODE

# An option of a benchmark is the make variable of its name in capitals.
upper = $(shell echo $(1) | tr a-z A-Z)
bench_option = $(if $($(call upper,$(1))),--$(1) $($(call upper,$(1))))

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint types imports pytest test-spark test-faults preflight rehearse pictures touched mutants bench-preview bench-policies bench-monitors bench-large bench-accuracy bench-alarms bench-together bench-estimates bench-jsonl kill up down requirements clean bench-store bench-simulate

help: ## what can be done here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

setup: ## install what is missing (the other targets call it)
	@$(PYTHON) environments/local/install.py

demo: setup ## the whole loop on fifty years of weather; YEARS=50 replays all
	@$(BIN)/python -m examples.rain.demo --years $(YEARS)

test: setup lint types imports pytest ## all checks and all tests; what CI runs

lint: setup ## ruff
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: setup ## mypy --strict
	@$(BIN)/mypy --cache-dir $(CACHE)/mypy
	@MYPYPATH=policies $(BIN)/mypy --cache-dir $(CACHE)/mypy-policies policies

imports: setup ## who may import whom
	@$(BIN)/lint-imports --no-cache

# In the order of their names the long ones (e2e) begin first; by their number of tests they would come last, alone.
pytest: setup
	@$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

SPARK = $(CACHE)/spark/$(shell sha256sum requirements-spark.txt | cut -c1-16)
test-spark: setup ## the tests of --engine spark, on a real Spark of this machine (needs Java 17; installs 430 MB the first time)
	@[ -d $(SPARK) ] || ($(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --target $(SPARK).part -r requirements-spark.txt && mv $(SPARK).part $(SPARK))
	@PYTHONPATH=$(SPARK) $(BIN)/pytest -q -m spark tests/mlops/test_monitor_spark.py

preflight: setup ## what would fail, before it costs anything; STACK=dev, STACK=path/Pulumi.mine.yaml, ON=local
ifeq ($(or $(ON),$(if $(filter local,$(STACK)),local,azure)),local)
	@$(BIN)/local-azure up
	@$(BIN)/local-azure run -- python -m infra.preflight $(STACK) $(ARGS)
else
	@$(BIN)/python -m infra.preflight $(STACK) $(ARGS)
endif

rehearse: setup ## a stack's whole life on a throw-away local environment; STACK=name, scenario or file, FULL=1, OUTPUT=json
	@$(BIN)/python -m environments.rehearsal $(STACK) $(if $(FULL),--full) $(if $(OUTPUT),--output $(OUTPUT))

bench-preview: setup ## a preview of the whole platform beside a bare program of the same resources; STACK=scenario
	@$(BIN)/python -m benchmarks.preview $(if $(filter local,$(STACK)),regulated,$(STACK))

bench-policies: setup ## what the policy pack costs, beside the bare SDK: a resource, a start, a state of 5,000 resources
	@PYTHONPATH=policies $(BIN)/python -m benchmarks.policies

bench-monitors: setup ## what monitors cost beside decoding the same files; ROUNDS=7, ROWS, LONG, PEERS=1, LIMIT=600, CURVE=1, MOST
	@$(BIN)/python -m benchmarks.monitors $(foreach option,rows long rounds limit most,$(call bench_option,$(option))) $(if $(PEERS),--peers) $(if $(CURVE),--curve)

bench-large: setup ## files larger than the memory, one of each form, written, counted and deleted; GIGABYTES=10, MEMORY=2
	@$(BIN)/python -m benchmarks.monitors.large $(foreach option,gigabytes memory,$(call bench_option,$(option)))

bench-jsonl: setup ## JSON lines to parquet and counts, beside DuckDB, Polars and pyarrow; ROWS=100000, ROUNDS=5
	@$(BIN)/python -m benchmarks.monitors.jsonl $(foreach option,rows rounds,$(call bench_option,$(option)))

bench-estimates: setup ## performance estimated without labels, beside the truth and beside no change; DRAWS=200, WRITE=1 prints mlops/monitors/ESTIMATES.md again
	@$(BIN)/python -m benchmarks.estimates $(foreach option,draws,$(call bench_option,$(option))) $(if $(WRITE),--write)

bench-accuracy: setup ## distances from counts against exact ones by sorting; WRITE=1 prints mlops/monitors/ACCURACY.md again
	@$(BIN)/python -m benchmarks.monitors.accuracy $(if $(WRITE),--write)

bench-alarms: setup ## how often a limit of 1 % fires without drift and with it; DRAWS=2000, POWER=100, WRITE=1 prints mlops/monitors/ALARMS.md again
	@$(BIN)/python -m benchmarks.monitors.alarms $(foreach option,draws power,$(call bench_option,$(option))) $(if $(WRITE),--write)

kill: setup ## controllers are killed with signal 9 at random, on SQLite and PostgreSQL in turn; MINUTES=10, SEED=…
	@$(BIN)/python -m tests.mlops.flows.kill_minutes $(foreach option,minutes seed,$(call bench_option,$(option)))

bench-simulate: setup ## a simulated year: seconds of one core, and how memory grows with simulated time; ROUNDS=3
	@$(BIN)/python -m benchmarks.simulate $(foreach option,rounds,$(call bench_option,$(option)))

bench-store: setup ## the loop's memory beside the bare databases: idle looks, durable decisions, several workers; ROUNDS=5
	@$(BIN)/python -m benchmarks.store $(foreach option,rounds,$(call bench_option,$(option)))

bench-together: setup ## how often multivariate drift speaks without drift and with it; DRAWS=1000, POWER=50, WRITE=1 prints mlops/monitors/TOGETHER.md again
	@$(BIN)/python -m benchmarks.monitors.together $(foreach option,draws power,$(call bench_option,$(option))) $(if $(WRITE),--write)

pictures: setup ## draw docs/environments/*.svg again from what the program declares
	@$(BIN)/python -m tests.infra.pictures

test-faults: setup ## every fault of Azure at every request of every call of the loop, on the local environment (minutes)
	@$(BIN)/pytest -q -m faults tests/mlops/backends/test_faults.py

mutants: setup ## plant bugs in a copy of the loop; each must be found by a test (minutes); NAMES="…" for some
	@$(BIN)/python -m tests.mutants $(NAMES)

touched: setup ## write down what each setting of a scenario touches (minutes); STACK=scenario, else all four
	@$(BIN)/python -m tests.infra.touched $(filter-out local,$(STACK))

up: setup ## start the local environment and build the platform on it
	@$(BIN)/local-azure up
	@$(BIN)/local-azure run -- pulumi up -s $(STACK) --yes --policy-pack policies

down: setup ## take the platform down and stop the local environment
	@$(BIN)/local-azure run -- pulumi destroy -s $(STACK) --yes
	@$(BIN)/local-azure down

requirements: setup ## compile requirements.in into requirements.txt, with hashes; requirements-spark.in likewise
	@for name in requirements requirements-spark; do $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 $$name.in -o $$name.txt || exit 1; done

clean: ## remove what set-up and the local environment left in this folder
	@if [ -x $(BIN)/local-azure ]; then $(BIN)/local-azure down; fi
	@rm -rf .venv .local-azure .mypy_cache .ruff_cache .pytest_cache .hypothesis
