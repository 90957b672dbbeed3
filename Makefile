# Every command of the house. `make` lists them.
VENV   ?= .venv
PYTHON ?= python3
BIN    := $(VENV)/bin

.PHONY: help setup demo serve test test-house check lint fix docs bench accuracy lock clean

help:  ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/.ready: requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

setup: $(BIN)/.ready  ## make the virtual environment

demo: setup  ## judge a real cell and a simulated fleet, put them on record, sign a passport
	$(BIN)/batteryloop demo

serve: setup  ## serve what `make demo` put on record, in the browser
	$(BIN)/batteryloop serve --record demo-output/record.sqlite --lake demo-output/lake --keys demo-output/keys

test: setup  ## run every test
	$(BIN)/pytest -n 2 --dist worksteal

lint: setup  ## format, ruff, mypy, import contracts, unit names, file sizes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/unit_names.py
	$(BIN)/python tools/file_sizes.py

test-house: setup  ## run the tests of the house rules alone
	$(BIN)/pytest -q tests/house

check: lint docs test  ## everything a commit must pass

fix: setup  ## put right what can be put right by machine
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: setup  ## build the manual into site/, warnings are errors
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: setup  ## print every figure of speed, as ratios
	$(BIN)/python -m benchmarks

accuracy: setup  ## measure every claim anew and write the page that states them
	$(BIN)/python -m benchmarks.accuracy

lock: setup  ## lock the dependencies anew, hashed, without addresses
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --group dev --extra aas --extra delta --extra postgres pyproject.toml -o requirements/dev.txt

clean:  ## remove what can be made again
	rm -rf $(VENV) site build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
