# Every target sets up what it needs. `make demo` and `make test` are the two to know.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO := $(VENV)/.demo
COMPILED := build/compiled/.ready
INSTALL := $(if $(shell command -v uv),uv pip install --quiet --python $(BIN)/python,\
	$(BIN)/python -m pip install --quiet --disable-pip-version-check)
PORT ?= 8080
HEADLESS ?=
SECONDS ?= 60
RUNS ?=
SEED ?=
HOURS ?= 24
MINUTES ?= 60
REALTIME ?=
# Of `make test` only what `make check` leaves out.
REST ?=
WORKERS := $(shell nproc 2>/dev/null || echo 2)

.PHONY: demo test check format-check lint types cov fuzz compile test-compiled soak interop peers bench docs clean

demo: $(DEMO)
	@$(BIN)/webrtc demo --port $(PORT) $(if $(HEADLESS),--headless)

test: $(READY)
	$(BIN)/pytest -q -n $(WORKERS) -m "not interop$(if $(REST), and slow)"

check: format-check lint types
	$(BIN)/pytest -q -n $(WORKERS) -m "not interop and not slow"

format-check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/codespell

lint: $(READY)
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy webrtc tests examples benchmarks

cov: $(READY)
	$(BIN)/coverage run -m pytest -q -m "not interop"
	$(BIN)/coverage report

# Beside the source, never in it: a compiled module would hide what is edited there.
$(COMPILED): pyproject.toml hatch_build.py $(shell find webrtc -name '*.py') | $(READY)
	rm -rf build
	HATCH_BUILD_HOOKS_ENABLE=1 $(INSTALL) --no-deps --target build/compiled .
	@touch $@

compile: $(COMPILED)

# The tests of packages that have compiled modules.
test-compiled: $(COMPILED)
	$(BIN)/pytest -q -n $(WORKERS) -o pythonpath="build/compiled ." \
		-m "not interop and not slow and not interpreted" \
		$(addprefix tests/,aio attack datachannel dtls ice interceptor peer rtp scenarios sctp srtp streams util)

fuzz: $(READY)
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS) $(if $(RUNS),--runs $(RUNS)) $(if $(SEED),--seed $(SEED))

soak: $(READY)
	$(BIN)/python -m tests.scenarios.soak $(if $(REALTIME),--realtime --minutes $(MINUTES),--hours $(HOURS))

peers:
	scripts/install-peers

interop: $(READY) peers
	$(BIN)/pytest -q -m interop tests/interop

bench: $(COMPILED) peers
	$(BIN)/python -m benchmarks.strangers
	$(BIN)/python -m benchmarks.compare
	$(BIN)/python -m benchmarks.long_paths
	$(BIN)/python -m benchmarks.rtp_core
	PYTHONPATH=build/compiled $(BIN)/python benchmarks/rtp_core.py
	$(BIN)/python -m benchmarks.idle 1000
	$(BIN)/python -m benchmarks.leak 1000
	$(BIN)/python -m benchmarks.leak 1000 1 fail

docs: $(READY)
	$(BIN)/sphinx-build -W -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

clean:
	rm -rf build $(VENV) .venv-* .peers docs/_build .mypy_cache .ruff_cache .hypothesis .demo

$(READY): pyproject.toml | $(BIN)/python
	@echo "installing all that tests, documentation and benchmarks need into $(VENV)"
	@$(INSTALL) -e '.[dev]'
	@touch $(DEMO) $@

# Three packages beside the library and none of the tools.
$(DEMO): pyproject.toml | $(BIN)/python
	@echo "installing asyncio-webrtc with aiohttp, click and rich into $(VENV)"
	@$(INSTALL) -e '.[cli]'
	@touch $@

$(BIN)/python:
	@echo "making a virtual environment in $(VENV); nothing is changed outside this folder"
	@if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --allow-existing $(VENV); \
	else \
		python3 -m venv $(VENV) || { \
			rm -rf $(VENV); \
			echo 'no venv module: install it ("apt-get install python3-venv") or install uv'; exit 1; }; \
	fi
