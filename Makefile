# Everything a fresh clone needs: `make demo` shows the main job, `make test` proves it. Both do their own set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
# Where the environment forbids compiled files, every worker and every command that a test starts compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup tools engine actionlint cdk demo demo-netns test lint types unit live bench golden clean

help:  ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

$(BIN)/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "iacdrift needs Python 3.11 or newer; $(PYTHON) is older: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "$(PYTHON) can't make virtual environments: install its venv package (Debian: apt-get install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
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

cdk: $(BIN)/.ready  ## the environments with CDKTF and with CDK Terrain for the tests, built once into the user's cache (needs Node)
	@$(BIN)/python tools/cdk-environment cdktf >/dev/null & other=$$!; \
	  $(BIN)/python tools/cdk-environment cdktn >/dev/null && wait $$other

test: setup $(if $(CI),engine cdk actionlint) lint types unit live  ## all of it: style, types, tests in parallel, then tests that send packets

lint: $(BIN)/.ready
	$(BIN)/ruff check iacdrift tests examples benchmarks
	$(BIN)/ruff format --check iacdrift tests examples benchmarks

types: $(BIN)/.ready
	$(BIN)/mypy

unit: setup  ## the tests that send no packets
	$(BIN)/pytest -q -n $(WORKERS) --dist worksteal -m 'not live' $(PYTEST_ARGS)

live: setup  ## the tests that send packets to loopback and to namespaces of their own, one after the other where time matters
	$(BIN)/pytest -q -m 'live and not untimed' $(PYTEST_ARGS)
	$(BIN)/pytest -q -m 'live and untimed' -n $(WORKERS) --dist loadgroup $(PYTEST_ARGS)

bench: setup  ## speed and memory, written to docs/benchmarks.md; as root with the scans in namespaces
	$(BIN)/python -m benchmarks $(BENCH_ARGS)

golden: $(BIN)/.ready  ## writes tests/golden anew; review the difference
	$(BIN)/pytest -q -m 'not live' --update-golden tests/outputs

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
