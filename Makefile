# Every task of the project; `make help` lists them.
PYTHON ?= python3
BIN = .venv/bin
SETUP = .venv/installed

.PHONY: help demo test lint bench hostile fuzz browsers screenshots illustrations docs messages lock audit sbom

help: ## List the tasks
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(SETUP): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: $(SETUP) ## Run Reflect and a small demo campus that launches it
	$(BIN)/reflect demo

test: $(SETUP) lint audit ## Install everything, the browser and PostgreSQL included, and run all checks
	sh tests/install-services.sh
	@# Files in the order of tests/conftest.py, which knows the slow ones.
	@# A second try for whom a moment of the machine failed; it is named, and more than a few fail the run.
	PYTHONHASHSEED=0 $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder --reruns 1 -p tests.second_tries

lint: $(SETUP) ## Style, types and the house's floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: $(SETUP) ## Ask whether a dependency has a known vulnerability
	$(BIN)/python -m tests.audit

sbom: $(SETUP) ## Write sbom.json: what Reflect consists of when it runs (CycloneDX)
	$(BIN)/python -m tests.sbom sbom.json

bench: $(SETUP) ## Measure against peers in one run (see benchmarks/README.md)
	sh benchmarks/run.sh

hostile: $(SETUP) ## Send 100,000 hostile launches to a server and say what became of it (minutes)
	REFLECT_HOSTILE=100000 $(BIN)/pytest -s tests/faults/test_hostile.py

fuzz: $(SETUP) ## Try every address with 300 requests of chance (many minutes)
	REFLECT_FUZZ=300 $(BIN)/pytest tests/faults/test_fuzz.py

browsers: $(SETUP) ## Write the table of browsers anew (docs/browsers.md)
	$(BIN)/python -m tests.browser.table

screenshots: $(SETUP) ## Take pictures of every page in every size and theme; once each with LANGUAGE_TAG=ar
	$(BIN)/python -m tests.browser.screenshots $(if $(LANGUAGE_TAG),--language $(LANGUAGE_TAG))

illustrations: $(SETUP) ## Take the pictures of the documentation anew
	$(BIN)/python -m tests.browser.illustrations

docs: $(SETUP) ## Build the documentation into site/; a broken link fails
	@# Not --quiet: then mkdocs counts no warnings, and --strict lets everything pass.
	$(BIN)/mkdocs build --strict

messages: $(SETUP) ## Bring the catalogues up to the texts of the code (see docs/translating.md)
	$(BIN)/pybabel -q extract -F pyproject.toml -k _ -k marked --add-location=file --sort-by-file -o .venv/messages.pot .
	for file in reflect/locales/*.po; do \
		tag=$$(basename $$file .po | tr - _); \
		$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete -w 120 \
			-i .venv/messages.pot -o $$file -l $$tag; \
	done

lock: ## Write requirements.lock, and the part of it that serving needs, anew from pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --universal --generate-hashes --no-annotate --no-header --no-emit-index-url --extra dev \
		--quiet pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --universal --generate-hashes --no-annotate --no-header --no-emit-index-url --extra postgres \
		--constraint requirements.lock --quiet pyproject.toml -o deploy/requirements.lock
	echo 'hatchling>=1.27' | $(BIN)/uv pip compile --universal --generate-hashes --no-annotate --no-header \
		--no-emit-index-url --constraint requirements.lock --quiet - -o deploy/build.lock
