# Two commands do everything: make demo, make test. Both make their own environment in .venv first.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV = .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready

.PHONY: demo test lint

demo: $(READY)
	@$(BIN)/python -m tests.site.demo

test: $(READY)
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy --strict newsspider

$(READY): requirements.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "newsspider needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3.11")'
	@echo "Making the environment in $(VENV) (once, a minute or two) ..."
	@"$(PYTHON)" -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements.txt
	@touch $@
