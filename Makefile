# Every target does all of its own set-up, in .venv. A bare machine needs Python 3.11 or newer, make and git.
#
#   make mnist    train on the real handwritten digits and report     ARGS="--epochs 1" reaches `lamina train mnist`
#   make test     all tests and all examples in the docstrings        ARGS="-m 'not slow'" reaches pytest
#   make lint     ruff (rules and format) and mypy                    make format   lets ruff repair what it can
#   make bench    time and memory beside PyTorch and Keras            ARGS reaches benchmarks/run.py
#   make peers    the same numbers as Keras, PyTorch and transformers, in environments of their own; with XLA's default flags, unlike `test`
#   make chaos    kill training again and again, and see it end as if nothing had been   ARGS="--kills 20"
#   make fuzz     read a hundred thousand damaged files                 ARGS="--count 2000 --seed 7"
#   make clean    remove .venv, the environments of the peers, caches and builds; runs/ stays
#
# PYTHON=/path/to/python3 chooses the interpreter, CONSTRAINTS=constraints/lowest.txt the oldest versions supported
# (after `make clean`).

SHELL := /bin/sh
CONSTRAINTS ?= constraints/ci.txt
PYTHON ?=
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
WORKERS := --numprocesses auto --maxprocesses 4 --dist worksteal
INSTALL := $(BIN)/python -m pip --disable-pip-version-check install -qq --constraint "$(CONSTRAINTS)" --editable

.PHONY: mnist test lint format bench peers chaos fuzz clean
.DEFAULT_GOAL := mnist

mnist: $(VENV)/.run $(VENV)/.kernels
	@$(BIN)/lamina train mnist $(ARGS)

test: $(VENV)/.dev $(VENV)/.kernels
	@$(BIN)/python -m pytest $(WORKERS) $(ARGS)

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/.run $(VENV)/.kernels
	@$(BIN)/python benchmarks/run.py $(ARGS)

peers: $(VENV)/.dev $(VENV)/.kernels
	@$(BIN)/python benchmarks/environments.py keras-jax torch transformers
	@XLA_FLAGS="$(XLA_FLAGS)" $(BIN)/python -m pytest $(WORKERS) tests/peers tests/zoo/gpt/test_folder.py tests/zoo/bert $(ARGS)

chaos: $(VENV)/.dev $(VENV)/.kernels
	@$(BIN)/python tests/chaos/chaos.py $(ARGS)

fuzz: $(VENV)/.dev
	@$(BIN)/python tests/models/fuzz.py $(ARGS)

clean:
	rm -rf $(VENV) benchmarks/.envs src/lamina/native/compiled build dist .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What a user needs, and what a contributor needs on top of it. The stamps are newer than all they were made from.
$(VENV)/.run: pyproject.toml $(CONSTRAINTS)
	@$(make_venv)
	@echo "Installing Lamina into $(VENV) ..."
	@$(INSTALL) .
	@touch $@

$(VENV)/.dev: pyproject.toml $(CONSTRAINTS)
	@$(make_venv)
	@echo "Installing Lamina and its development tools into $(VENV) ..."
	@$(INSTALL) '.[dev]'
	@touch $@ $(VENV)/.run

# Machine code for this processor, where there is a C++ compiler; without one the plain forms serve.
$(VENV)/.kernels: $(wildcard src/lamina/native/*.cc src/lamina/native/*.h) | $(VENV)/.run
	@$(BIN)/lamina compile-kernels --optional
	@touch $@

# An interpreter counts only if it runs (a version manager's shim may exist and fail), is new enough, and can make
# environments (Debian ships `ensurepip` in the package python3-venv).
version := import ensurepip, platform, sys, venv; print(platform.python_version() if sys.version_info >= (3, 11) else '')

define make_venv
if "$(BIN)/python" -m pip --version >/dev/null 2>&1; then exit 0; fi; \
for python in $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3); do \
	version=$$("$$python" -c "$(version)" 2>/dev/null) || continue; \
	if [ -n "$$version" ]; then \
		echo "Making $(VENV) with Python $$version"; exec "$$python" -m venv --clear $(VENV); \
	fi; \
done; \
echo "make: no usable Python >= 3.11 found$(if $(PYTHON), at $(PYTHON))." >&2; \
echo "Install one (on Debian and Ubuntu also python3-venv), or name it: make PYTHON=/path/to/python3 $(MAKECMDGOALS)" >&2; \
exit 1
endef
