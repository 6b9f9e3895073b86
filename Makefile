# The commands of the project. PYTHON selects the interpreter: make test PYTHON=python3.13
PYTHON ?= python3
TEST_VENV ?= .venv-test
DEMO_VENV ?= .venv-demo
STEPS ?=
CARGO_PROFILE ?= dev

# A free-threaded Python (3.13t, 3.14t), if there is one: make test runs everything on it as well.
PARACELL_FREETHREADED ?=

# Every interpreter that is found, each with a venv of its own.
PYTHONS ?= $(foreach v,3.10 3.11 3.12 3.13 3.14,$(shell python$(v) -c 'print("python$(v)")' 2>/dev/null))

.PHONY: help demo test test-all coverage-of-cells bench notebooks screenshots clean

help:
	@echo "make demo        build paracell, install it into $(DEMO_VENV), run a notebook and show what was gained"
	@echo "make test        every check (make test STEPS='ruff python' for some); PYTHON=... selects the interpreter"
	@echo "                 PARACELL_FREETHREADED=python3.14t runs them on that one, too"
	@echo "make test-all    the same with every Python from 3.10 on that is found; PYTHONS='python3.12 ...' selects"
	@echo "make coverage-of-cells  which of the loops that people write run in parallel, and why the others do not"
	@echo "make bench       measure everything, beside multiprocessing, joblib and ipykernel, and write it into README.md and docs/\n                  (ten minutes; MEASURES=items,scaling prints some)"
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
	@[ -z "$(PARACELL_FREETHREADED)" ] || \
		$(MAKE) --no-print-directory test PYTHON="$(PARACELL_FREETHREADED)" TEST_VENV=$(TEST_VENV)-free-threaded \
			PARACELL_FREETHREADED=

test-all:
	@for python in $(PYTHONS); do \
		echo "== $$python"; \
		$(MAKE) --no-print-directory test PYTHON=$$python TEST_VENV=$(TEST_VENV)-$$python || failed="$$failed $$python"; \
	done; [ -z "$$failed" ] || { echo "failed with:$$failed" >&2; exit 1; }

coverage-of-cells:
	@tools/system.sh $(PYTHON) test
	@tools/venv.sh $(PYTHON) $(TEST_VENV) $(CARGO_PROFILE) test
	@$(TEST_VENV)/bin/python tools/coverage_of_cells.py

bench:
	@tools/system.sh $(PYTHON) build
	@tools/venv.sh $(PYTHON) $(DEMO_VENV) release demo bench
	@$(DEMO_VENV)/bin/python -m bench $(if $(MEASURES),--only $(MEASURES))

notebooks:
	@tools/system.sh $(PYTHON) build
	@tools/venv.sh $(PYTHON) $(DEMO_VENV) release demo notebooks
	@$(DEMO_VENV)/bin/python tools/save_notebooks.py

screenshots:
	@tools/system.sh $(PYTHON) test
	@tools/venv.sh $(PYTHON) $(TEST_VENV) $(CARGO_PROFILE) test
	@SCREENSHOTS=docs/images $(TEST_VENV)/bin/python -m pytest -q tests/browser

clean:
	rm -rf target $(TEST_VENV) $(TEST_VENV)-* $(DEMO_VENV) tests/artifacts
