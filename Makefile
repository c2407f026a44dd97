# Needs nothing but make and Python >= 3.11 with its venv module: everything else goes into .venv.

PYTHON ?= python3
export ONCE

BIN := .venv/bin
INSTALLED := .venv/.installed
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input install --no-build-isolation

.DEFAULT_GOAL := help
.PHONY: help venv demo test check bench chaos clean

help:  ## show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(MAKEFILE_LIST)

venv: $(INSTALLED)  ## install the service and its tools into .venv, at the versions in requirements.lock

demo: $(INSTALLED)  ## run the whole service on a small site, in .demo, until Ctrl-C (ONCE=1: look at it and end)
	@$(BIN)/python config/demo/demo.py

test: $(INSTALLED)  ## run all tests
	@$(BIN)/python -m pytest --quiet --numprocesses auto --dist worksteal

check: $(INSTALLED)  ## check style, types and the direction of imports
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(INSTALLED)  ## measure how fast it is
	@$(BIN)/python -m tests.bench

chaos: $(INSTALLED)  ## kill the service again and again while it sends to servers that misbehave (some minutes)
	@$(BIN)/python -m tests.chaos

clean:  ## delete .venv, .demo, caches and what builds made
	@rm -rf .venv .demo .bench build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -prune -exec rm -rf {} +

# feedgen comes as a source: its build tools go first, as pip checks hashes only of what it need not fetch to build.
$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer with its venv module is needed, and $(PYTHON) is not that: install python3 and python3-venv, or name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@echo "Installing into .venv: about a minute …"
	@awk '/^[a-z]/ { wanted = /^(packaging|setuptools|wheel)==/ } wanted' requirements.lock | $(PIP) --no-deps --require-hashes --requirement /dev/stdin
	@$(PIP) --require-hashes --requirement requirements.lock
	@$(PIP) --no-deps --editable .
	@touch $@
