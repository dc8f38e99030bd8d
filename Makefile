# One command per job; CI calls the same ones. `make help` lists them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export PYO3_PYTHON := $(abspath $(BIN)/python)
export LITELLM_LOCAL_MODEL_COST_MAP := True
# All rows are there: collecting the other tests would take longer than many rows. Hypothesis's plugin imports all of
# Hypothesis when it sums up, in each helper too.
SUITE  := -o testpaths=pytest_fastllm/suite -p no:hypothesispytest

RUST_SOURCES := Cargo.toml $(wildcard Cargo.lock) $(shell find accel -type f -not -path '*/target/*' 2>/dev/null)

.PHONY: help compare test lint fuzz sanitize format build baselines page peers litellm-matrix selftest docs clean
.DEFAULT_GOAL := help

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.packages: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -c 'import sys; assert sys.version_info >= (3, 10), "Python 3.10 or newer is needed: make PYTHON=..."'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt maturin --group test --group lint
	touch $@

$(VENV)/.extension: $(VENV)/.packages $(RUST_SOURCES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --no-build-isolation --editable '.[proxy]'
	touch $@

build: $(VENV)/.extension  ## make .venv with everything in it and the extension, optimised

compare: build  ## measure the bundled suite and judge it against baselines.json
	$(BIN)/pytest $(SUITE) --fastllm-compare --fastllm-json fastllm-results.json

test: build  ## run the Python tests
	$(BIN)/pytest

lint: build  ## check style, types, the stub, and the Rust crate with its tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest pytest_fastllm._accel
	cargo fmt --check
	cargo clippy --quiet --all-targets -- -D warnings
	cargo test --quiet

fuzz:  ## fuzz the Rust components, a minute each (SECONDS=60, TARGETS=all); needs a C++ compiler
	$(PYTHON) accel/tools/fuzz.py --seconds $(or $(SECONDS),60) $(TARGETS)

sanitize: build  ## run the Rust tests and the tests of the border (TESTS="...") under AddressSanitizer (gcc's)
	$(BIN)/python accel/tools/sanitize.py $(TESTS)

format: build  ## format the Python and Rust sources
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	cargo fmt

baselines: build  ## measure and store bounds for this machine
	$(BIN)/pytest $(SUITE) --fastllm-compare --fastllm-update

page: build  ## write docs/benchmarks.md from the last results of `make compare`
	$(BIN)/python -m benchmarks.page

# A venv of its own: what the other packages need stays out of the one that tests run in.
peers:  ## measure other token counters beside ours, 10 minutes (QUICK=1: one); writes docs/peers.md
	$(MAKE) VENV=.venv-peers build
	.venv-peers/bin/python -m benchmarks.peers.install
	.venv-peers/bin/python -m benchmarks.peers $(if $(QUICK),--quick)

litellm-matrix: build  ## test the seams on each known LiteLLM version (TESTS_ONLY=1: untimed); writes docs/litellm-matrix.md
	$(BIN)/python -m benchmarks.litellm_matrix $(if $(TESTS_ONLY),--tests-only) $(VERSIONS)

selftest: build  ## how often this machine cries wolf, and the smallest change it sees
	$(BIN)/pytest-fastllm selftest --seconds $(or $(SECONDS),300) > fastllm-selftest.txt; status=$$?; cat fastllm-selftest.txt; exit $$status

docs: build  ## put the last results of `make compare` and `make selftest` into the README
	$(BIN)/python -m benchmarks.readme

clean:  ## remove what the other commands made
	rm -rf $(VENV) .venv-peers target fastllm-results.json fastllm-selftest.txt fastllm-profiles
