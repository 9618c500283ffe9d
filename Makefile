# Everything a fresh clone needs: `make demo` shows the main job, `make test` proves it. Both do their own set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 3
# Where the environment forbids compiled files, every worker and every command that a test starts compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup tools engine actionlint cdk demo demo-netns test lint types unit live together timed bench golden clean

help:  ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

$(BIN)/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "iacdrift needs Python 3.11 or newer; $(PYTHON) is older: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "$(PYTHON) can't make virtual environments: install its venv package (Debian: apt-get install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@# Python compiles what is imported; compiling all that these packages hold takes longer than fetching them.
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --editable '.[dev]'
	@touch $@

setup: $(BIN)/.ready tools  ## the virtual environment with everything in it, and Nmap

tools:  ## Nmap, nftables and iproute2 from the system's package manager, where they are missing
	@sh .ci/tools

engine:  ## a Pulumi engine for the tests: the one on PATH, or one built once into the user's cache (needs Go)
	@sh tools/pulumi-engine

actionlint:  ## what checks the workflows that init writes: the one on PATH, or one built once into the user's cache (needs Go)
	@sh tools/actionlint >/dev/null

demo: setup  ## a sample stack, real listeners on loopback, a real scan, a drift report
	$(BIN)/iacdrift demo

demo-netns: setup  ## the same as root, in network namespaces with a real packet filter
	$(BIN)/iacdrift demo --netns

cdk:  ## the environments with CDKTF and with CDK Terrain for the tests, built once into the user's cache (needs Node)
	@$(PYTHON) tools/cdk-environment cdktf >/dev/null & other=$$!; \
	  $(PYTHON) tools/cdk-environment cdktn >/dev/null && wait $$other

test:  ## all of it: style, types, the tests that time nothing beside each other, then the others one by one
	@$(MAKE) --no-print-directory -j4 setup $(if $(CI),engine cdk actionlint)
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory -j2 types together
	@$(MAKE) --no-print-directory timed

lint: $(BIN)/.ready
	$(BIN)/ruff check iacdrift tests examples benchmarks
	$(BIN)/ruff format --check iacdrift tests examples benchmarks

types: $(BIN)/.ready
	$(BIN)/mypy

unit: setup  ## the tests that send no packets
	$(BIN)/pytest -q -n $(WORKERS) --dist worksteal -m 'not live' $(PYTEST_ARGS)

live: setup  ## the tests that send packets to loopback and to namespaces of their own, one after the other where time matters
	$(BIN)/pytest -q -m 'live and untimed' -n $(WORKERS) --dist loadgroup $(PYTEST_ARGS)
	@$(MAKE) --no-print-directory timed

together: setup  ## the tests to which it makes no difference what runs beside them
	$(BIN)/pytest -q -m 'not live or untimed' -n $(WORKERS) --dist loadgroup $(PYTEST_ARGS)

timed: setup  ## the tests that measure rates, losses and times: one by one, beside nothing else
	$(BIN)/pytest -q -m 'live and not untimed' $(PYTEST_ARGS)

bench: setup  ## speed and memory, written to docs/benchmarks.md; as root with the scans in namespaces
	$(BIN)/python -m benchmarks $(BENCH_ARGS)

golden: $(BIN)/.ready  ## writes tests/golden anew; review the difference
	$(BIN)/pytest -q -m 'not live' --update-golden tests/outputs

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
