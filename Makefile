# Two commands do everything on a fresh machine: `make demo` and `make test`.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
SHOP ?= sandbox
export SALEOR_HOME ?= $(HOME)/saleor

.PHONY: help demo serve test test-faults test-browser test-saleor serve-saleor bench schema messages lint wheel clean

help: ## Say what there is to make
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/installed: setup.cfg pyproject.toml sandbox/requirements.txt tests/requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --upgrade pip
	$(RUN) -m pip install --quiet --editable . -r sandbox/requirements.txt -r tests/requirements.txt
	touch $@

demo: $(VENV)/installed ## Play the whole road; SHOP=saleor plays it in a real Saleor
	$(RUN) -m sandbox.demo --shop $(SHOP)

serve: $(VENV)/installed ## Serve the sandbox for a person
	$(RUN) -m sandbox --history

test: $(VENV)/installed ## Run everything that needs neither a Saleor nor a browser
	$(RUN) -m pytest tests/unit tests/behaviour
	FAULTS_SEEDS=3 $(RUN) -m pytest tests/faults --show-capture=no

test-faults: $(VENV)/installed ## Play 200 seeds of deaths and failures; FAULTS_SEEDS, FAULTS_STEPS, FAULTS_SEED
	$(RUN) -m pytest tests/faults --show-capture=no

$(VENV)/browser: $(VENV)/installed tests/browser/requirements.txt
	$(RUN) -m pip install --quiet -r tests/browser/requirements.txt
	touch $@

test-browser: $(VENV)/browser ## Run what needs a browser, in the Chromium of this machine
	$(RUN) -m tests.browser.chromium
	$(RUN) -m pytest tests/browser

test-saleor: $(VENV)/installed ## Run the suites in the Saleor at SALEOR_HOME
	$(RUN) -m tests.saleor.run

serve-saleor: $(VENV)/installed ## Serve that Saleor, with the plugin, for a person
	$(RUN) -m tests.saleor.serve

bench: $(VENV)/installed ## Measure paylink beside its peers; BENCH_ORDERS, BENCH_IMPORT_ROWS, BENCH_ROUNDS
	$(RUN) -m benchmarks

schema: $(VENV)/installed ## Print the GraphQL schema into graphql/schema.graphql
	$(RUN) -m tests.schema

messages: $(VENV)/installed ## Take what the code says into the translators' catalogues
	$(RUN) -m tests.messages

lint: $(VENV)/installed ## Style, types and the direction of imports
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

wheel: $(VENV)/installed ## Build the wheel and look into it
	rm -rf build dist
	$(RUN) -m build --wheel --outdir dist .
	$(RUN) -m tests.wheel dist

clean: ## Forget all that was installed and built
	rm -rf $(VENV) .build build dist *.egg-info
