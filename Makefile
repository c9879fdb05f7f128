# Each target sets up its own .venv from nothing but Python >= 3.11 and pip.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
STAMP := $(VENV)/.installed

.PHONY: demo test lint types docs bench constraints clean

# Pinned and hashed, so that what is tested is what was tested before.
$(STAMP): pyproject.toml .ci/constraints.txt
	@echo "setting up $(VENV) (about two minutes the first time)"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes --no-deps --only-binary :all: -r .ci/constraints.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: $(STAMP)  ## train, then see who will come to Istanbul, and why
	$(BIN)/attend-ml train climatology party-history last-statement champion
	$(BIN)/attend-ml predict istanbul-2025-05-15 --party RUS --as-of 2025-05-12
	$(BIN)/attend-ml predict istanbul-2025-05-15 --party RUS --as-of 2025-05-13
	$(BIN)/attend-ml predict istanbul-2025-05-15 --party RUS --as-of 2025-05-14

test: $(STAMP)  ## all tests, with branch coverage
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --cov --cov-report=term --cov-fail-under=90

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

docs: $(STAMP)  ## run the commands shown in README and docs, and put in what they print
	$(BIN)/python docs/refresh.py

bench: $(STAMP)  ## speed as ratios, each against its bound
	for name in imports predict vectors; do $(BIN)/python experiments/benchmarks/$$name.py || exit 1; done

constraints:  ## pin everything anew (needs uv)
	UV_CUSTOM_COMPILE_COMMAND="make constraints" uv pip compile pyproject.toml --extra dev --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --quiet --upgrade --output-file .ci/constraints.txt

clean:
	rm -rf $(VENV)
