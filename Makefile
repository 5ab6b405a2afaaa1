# make lab         set up .venv, print the example's answer, open the lab
# make app         set up .venv, open the calculator as a page without code
# make test        set up .venv, then linters, types, tests and notebooks
# make setup       only set up .venv, again when the lock changed
# make notebooks   run the notebooks again and keep their outputs
# make bench       time the calculator, and its panel in a browser where there is one
# make bench-cohorts  time the walk of a cohort beside other ways, up to ten million lines
# make docs        build the documentation site in site/; any warning stops it
# make vendor      fetch what a shared page carries (npm packages, pinned by hash)
# make bite        plant wrong rules in a copy of the package and see that a test catches each
# make fuzz        send 100,000 malformed inputs into every way in
# make faults      kill the work 200 times, fill the disk, load it
# make mutants     change one sign or number of the money modules at a time and see that a test fails
# make lock        write requirements.lock again (UPGRADE=1 takes newer versions)
# make clean       remove everything that git does not hold and make can make again

PYTHON ?= python3
UPGRADE ?=
UV_VERSION := 0.13.9

VENV := .venv
LOCK_VENV := .lock-venv
PROGRAMS := $(if $(filter Windows_NT,$(OS)),Scripts,bin)
BIN := $(VENV)/$(PROGRAMS)

LOCKED := $(VENV)/.locked
INSTALLED := $(VENV)/.installed

SHELL := /bin/sh
.SHELLFLAGS := -ec
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := lab
.PHONY: lab setup vendor test lint notebooks bench lock clean

lab: setup
	"$(BIN)/ketacost" run readme-patient
	"$(BIN)/ketacost" lab

.PHONY: app
app: setup
	"$(BIN)/ketacost" app

setup: $(INSTALLED)
	@"$(BIN)/ketacost" fetch --try

vendor: $(INSTALLED)
	"$(BIN)/ketacost" fetch

$(LOCKED): requirements.lock
	@"$(PYTHON)" -c 'import sys; v = sys.version_info[:2]; sys.exit(None if v >= (3, 11) else "ketacost needs Python 3.11 or newer; this is %d.%d. Try: make PYTHON=python3.11" % v)'
	@echo "Setting up $(VENV): some minutes, once"
	@"$(PYTHON)" -m venv --clear "$(VENV)"
	@"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch "$@"

$(INSTALLED): $(LOCKED) pyproject.toml
	@"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch "$@"

lint: setup
	"$(BIN)/ruff" check
	"$(BIN)/mypy"

# What fails in one part skips nothing of another. Three parts run beside the others, since a browser is often waited for;
# what they say is printed last.
ONE := $(wildcard tests/browser/test_[a-m]*.py)
TWO := $(wildcard tests/browser/test_[n-z]*.py)
THREE := tests/analysis tests/estimate tests/laws tests/reports

test: setup
	@said="$$(mktemp -d)"; \
	"$(BIN)/pytest" $(ONE) > "$$said/1" 2>&1 & one=$$!; \
	"$(BIN)/pytest" $(TWO) > "$$said/2" 2>&1 & two=$$!; \
	"$(BIN)/pytest" $(THREE) > "$$said/3" 2>&1 & three=$$!; \
	trap 'kill $$one $$two $$three 2> /dev/null || :; rm -rf "$$said"' EXIT; trap 'exit 130' INT TERM; \
	echo "Lint and types"; \
	"$(BIN)/ruff" check || failed=1; \
	"$(BIN)/mypy" || failed=1; \
	echo "Tests"; \
	"$(BIN)/pytest" tests $(addprefix --ignore=,tests/browser $(THREE)) || failed=1; \
	echo "Notebooks"; \
	"$(BIN)/pytest" --nbval --nbval-current-env notebooks || failed=1; \
	wait $$one || failed=1; wait $$two || failed=1; wait $$three || failed=1; \
	echo "Beside them: $(ONE)"; cat "$$said/1"; \
	echo "Beside them: $(TWO)"; cat "$$said/2"; \
	echo "Beside them: $(THREE)"; cat "$$said/3"; \
	exit $${failed:-0}

notebooks: setup
	"$(BIN)/python" tools/execute_notebooks.py

bench: setup
	"$(BIN)/python" benchmarks/core.py
	"$(BIN)/python" benchmarks/browser.py

.PHONY: bench-cohorts
bench-cohorts: setup
	"$(BIN)/python" benchmarks/cohorts.py

.PHONY: stress
stress: setup
	"$(BIN)/python" tools/stress.py
	"$(BIN)/python" tools/stress_cohorts.py

.PHONY: docs
docs: setup
	"$(BIN)/python" tools/build_docs.py

.PHONY: bite
bite: setup
	"$(BIN)/python" tools/planted_errors.py

.PHONY: fuzz faults mutants
fuzz: setup
	"$(BIN)/python" tools/fuzz.py

faults: setup
	"$(BIN)/python" tools/faults.py

mutants: setup
	"$(BIN)/python" tools/mutants.py

# The lock names neither an index nor a host nor a path: it says what to take, not where from.
lock:
	"$(PYTHON)" -m venv --clear "$(LOCK_VENV)"
	"$(LOCK_VENV)/$(PROGRAMS)/python" -m pip install --quiet "uv==$(UV_VERSION)"
	"$(LOCK_VENV)/$(PROGRAMS)/uv" pip compile --quiet --universal --python-version 3.11 \
		--group test --group build --group docs --extra cohorts --generate-hashes --no-header --no-emit-index-url \
		$(if $(UPGRADE),--upgrade) pyproject.toml --output-file requirements.lock
	rm -rf "$(LOCK_VENV)"

clean:
	rm -rf "$(VENV)" "$(LOCK_VENV)" ketacost/vendor build dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name .git -prune -o -type d \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +
