# Two commands do everything: `make demo` and `make test`. Both make their own environment in .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
OUT := out
# More than cores: many tests wait for servers and processes.
WORKERS ?= 6
# Where the surroundings forbid to keep bytecode, every process would compile everything anew: half of what collecting takes.
unexport PYTHONDONTWRITEBYTECODE
# `make test COVERAGE=1` notes which lines and branches the tests reach; `make coverage` shows it.
# Two threads that start at once can hinder each other's tracing: that is a fault of the tracing, and of no test.
TRACED := --cov --cov-report= -W "ignore:Exception ignored in thread started by:pytest.PytestUnraisableExceptionWarning"
COVERED := $(if $(COVERAGE),$(TRACED))

.PHONY: demo test test-fast test-more coverage lint bench shown vectors lock clean

demo: $(VENV)/run
	@$(BIN)/python examples/demo.py $(OUT)

test: $(VENV)/dev
	@./tests/install-servers
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder -m "not slow" $(COVERED)

test-fast: $(VENV)/dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder -m "not slow" tests/unit

test-more: $(VENV)/dev
	@./tests/install-servers
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(COVERED)
	$(BIN)/python -m tests.mutation.run

coverage: $(VENV)/dev
	@$(BIN)/python -m tests.least_covered

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(VENV)/dev
	@./tests/install-servers
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/scale.py
	$(BIN)/python benchmarks/rejudge.py
	$(BIN)/python benchmarks/directory.py
	$(BIN)/python benchmarks/instants.py
	$(BIN)/python benchmarks/check_one.py
	$(BIN)/python benchmarks/openemr.py
	$(BIN)/python benchmarks/aws.py
	$(BIN)/python benchmarks/escalation.py
	@echo "Against cloudsplaining and PMapper: $(BIN)/python benchmarks/aws.py --peer installs them into .venv/peers;"
	@echo "the agreement with iam-simulate: make vectors (needs node and npm)"

shown: $(VENV)/dev
	$(BIN)/python examples/tables.py
	$(BIN)/python examples/shown.py

vectors: $(VENV)/dev
	$(BIN)/python tests/vectors/generate.py
	$(BIN)/python tests/vectors/cloudsplaining.py

lock:
	./requirements/lock

$(VENV)/run: requirements/run.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev: requirements/dev.txt $(VENV)/run
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

clean:
	rm -rf $(VENV) $(OUT)
