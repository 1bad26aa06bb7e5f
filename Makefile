# Every command from a fresh clone: the virtual environment is made first, and renewed when a lock changes.
#   make demo    the whole desk on a page, without token or network     make check   format, lint, types, contracts, tests
#   make test    all tests                                              make bench   what we claim about speed
#   make faults  the long form of all fault tests, and its table in docs/faults.md: three quarters of an hour
#   make year    a simulated year of follow-ups, 80 cars a day: a quarter of an hour on two cores
#   make lock    renew the requirement locks from pyproject.toml        make clean   throw away what can be made again
#   make diagrams   draw the procedures anew from the code

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: demo test faults year check bench diagrams lock clean
.DELETE_ON_ERROR:

demo: .venv/run.stamp
	$(BIN)/python bot.py demo

# Tests wait (for processes, databases, a browser) more than they compute: three workers on two cores.
PYTEST := $(BIN)/pytest -n 3 --dist worksteal
LONG_TESTS := tests/faults tests/hostile tests/bot/channels tests/deploy tests/upgrade

test: .venv/dev.stamp
	$(PYTEST)

faults: .venv/dev.stamp
	rm -f .faults.jsonl
	FAULTS=long FAULT_FIGURES=$(CURDIR)/.faults.jsonl $(PYTEST) $(LONG_TESTS); \
		failed=$$?; $(BIN)/python -m tests.faults.report .faults.jsonl --write; exit $$failed

year: .venv/dev.stamp
	WHOLE_YEAR=1 $(BIN)/pytest -n 2 tests/service/test_follow_up_year.py

check: .venv/dev.stamp
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/mypy bot.py .ci/lock.py
	$(BIN)/lint-imports --no-logo
	$(PYTEST)

bench: .venv/dev.stamp
	$(BIN)/python -m benchmarks

diagrams: .venv/dev.stamp
	$(BIN)/python -m docs.diagrams

lock: .venv/dev.stamp
	$(BIN)/python .ci/lock.py

clean:
	rm -rf .venv .faults.jsonl .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .grimp_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'Python 3.11 or newer is needed. Name one that you have: make PYTHON=python3.12 …' >&2; exit 2; }
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.lock | .venv/bin/python
	$(PIP) -r requirements.lock
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/run.stamp
	$(PIP) -r requirements-dev.lock
	@touch $@
