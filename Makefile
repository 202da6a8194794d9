# Two commands do everything: `make demo` and `make test`. Both make their own environment in .venv.
PYTHON ?= python3
BIN := .venv/bin
OUT := out

.PHONY: demo test test-fast test-more lint bench shown vectors lock clean

demo: .venv/run
	@$(BIN)/python examples/demo.py $(OUT)

test: .venv/dev
	@./tests/install-servers
	$(BIN)/python -m pytest -n 2 --dist loadscope -m "not slow"

test-fast: .venv/dev
	$(BIN)/python -m pytest -n 2 --dist loadscope -m "not slow" tests/unit

test-more: .venv/dev
	@./tests/install-servers
	$(BIN)/python -m pytest -n 2 --dist loadscope
	$(BIN)/python -m tests.mutation.run

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: .venv/dev
	@./tests/install-servers
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/scale.py
	$(BIN)/python benchmarks/rejudge.py
	$(BIN)/python benchmarks/directory.py
	$(BIN)/python benchmarks/openemr.py
	$(BIN)/python benchmarks/aws.py
	$(BIN)/python benchmarks/escalation.py
	@echo "Against cloudsplaining and PMapper: $(BIN)/python benchmarks/aws.py --peer installs them into .venv/peers;"
	@echo "the agreement with iam-simulate: make vectors (needs node and npm)"

shown: .venv/dev
	$(BIN)/python examples/shown.py

vectors: .venv/dev
	$(BIN)/python tests/vectors/generate.py
	$(BIN)/python tests/vectors/cloudsplaining.py

lock:
	./requirements/lock

.venv/run: requirements/run.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: requirements/dev.txt .venv/run
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

clean:
	rm -rf .venv $(OUT)
