# The commands of the project. PYTHON selects the interpreter: make test PYTHON=python3.13
PYTHON ?= python3
TEST_VENV ?= .venv-test
DEMO_VENV ?= .venv-demo
STEPS ?=
CARGO_PROFILE ?= dev

.PHONY: help demo test coverage-of-cells bench notebooks screenshots clean

help:
	@echo "make demo        build paracell, install it into $(DEMO_VENV), run a notebook and show what was gained"
	@echo "make test        every check (make test STEPS='ruff python' for some); PYTHON=... selects the interpreter"
	@echo "make coverage-of-cells  which of the loops that people write run in parallel, and why the others do not"
	@echo "make bench       the same loops beside multiprocessing and joblib, as a table"
	@echo "make notebooks   execute notebooks/ again and save their outputs"
	@echo "make screenshots take docs/images/ again, in a real JupyterLab"

demo:
	@tools/system.sh $(PYTHON) build
	@tools/venv.sh $(PYTHON) $(DEMO_VENV) release demo
	@$(DEMO_VENV)/bin/python tools/demo.py notebooks/text.ipynb

test:
	@tools/system.sh $(PYTHON) test
	@tools/venv.sh $(PYTHON) $(TEST_VENV) $(CARGO_PROFILE) test
	@$(TEST_VENV)/bin/python tools/test.py $(STEPS)

coverage-of-cells:
	@tools/system.sh $(PYTHON) test
	@tools/venv.sh $(PYTHON) $(TEST_VENV) $(CARGO_PROFILE) test
	@$(TEST_VENV)/bin/python tools/coverage_of_cells.py

bench:
	@tools/system.sh $(PYTHON) build
	@tools/venv.sh $(PYTHON) $(DEMO_VENV) release demo bench
	@$(DEMO_VENV)/bin/python bench/run.py
	@$(DEMO_VENV)/bin/python bench/overhead.py || true

notebooks:
	@tools/system.sh $(PYTHON) build
	@tools/venv.sh $(PYTHON) $(DEMO_VENV) release demo notebooks
	@$(DEMO_VENV)/bin/python tools/save_notebooks.py

screenshots:
	@tools/system.sh $(PYTHON) test
	@tools/venv.sh $(PYTHON) $(TEST_VENV) $(CARGO_PROFILE) test
	@SCREENSHOTS=docs/images $(TEST_VENV)/bin/python -m pytest -q tests/browser

clean:
	rm -rf target $(TEST_VENV) $(DEMO_VENV) tests/artifacts
