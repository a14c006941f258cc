# What there is to do with this checkout. Everything happens in a virtual environment of its own, made on the way.

VENV ?= .venv
export VENV PYTHON
BIN := $(VENV)/bin
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo demo-recording run test lint format screenshots bench

help: ## say what there is (the default)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: ## play the embedded incident; needs no network once it is installed
	@.ci/environment
	@$(BIN)/cockpit demo $(ARGS)

demo-recording: ## record the embedded incident again from real servers; takes half an hour
	@.ci/environment test
	@$(BIN)/python -m tests.shop.record_demo $(ARGS)

run: ## open the cockpit; make run ARGS="drill --json" runs a command
	@.ci/environment
	@$(BIN)/cockpit $(ARGS)

test: lint ## run everything that has to hold: linters, types, import contracts, tests
	@echo "==> Tests"
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

lint: ## ruff, mypy and the import contracts alone
	@.ci/environment test
	@echo "==> ruff check"
	@$(BIN)/ruff check .
	@echo "==> ruff format --check"
	@$(BIN)/ruff format --check .
	@echo "==> mypy"
	@$(BIN)/mypy
	@echo "==> import contracts"
	@$(BIN)/lint-imports

format: ## put the code into its one form
	@.ci/environment test
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

screenshots: ## make the pictures in screenshots/ from the app itself
	@.ci/environment test
	@$(BIN)/python -m tests.pictures $(ARGS)

bench: ## measure what can be measured without a terminal
	@.ci/environment test
	@$(BIN)/python -m tests.bench $(ARGS)
	@$(BIN)/python -m tests.bench.feed
	@$(BIN)/python -m tests.bench.exact_subway
	@$(BIN)/python -m tests.bench.exact_chain
