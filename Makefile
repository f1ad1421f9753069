# Every target sets up what it needs. `make demo` and `make test` are the two to know.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PORT ?= 8080
HEADLESS ?=
SECONDS ?= 60
RUNS ?=
SEED ?=
HOURS ?= 24
MINUTES ?= 60
REALTIME ?=
HALF := $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$n)

.PHONY: demo test check format-check lint types cov fuzz soak interop peers bench docs clean

demo: $(READY)
	$(BIN)/webrtc demo --port $(PORT) $(if $(HEADLESS),--headless)

test: $(READY)
	$(BIN)/pytest -q -n $(HALF) -m "not interop"

check: format-check lint types
	$(BIN)/pytest -q -n $(HALF) -m "not interop and not slow"

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

fuzz: $(READY)
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS) $(if $(RUNS),--runs $(RUNS)) $(if $(SEED),--seed $(SEED))

soak: $(READY)
	$(BIN)/python -m tests.scenarios.soak $(if $(REALTIME),--realtime --minutes $(MINUTES),--hours $(HOURS))

peers:
	scripts/install-peers

interop: $(READY) peers
	$(BIN)/pytest -q -m interop tests/interop

bench: $(READY) peers
	$(BIN)/python -m benchmarks.compare
	$(BIN)/python -m benchmarks.long_paths
	$(BIN)/python -m benchmarks.idle 1000
	$(BIN)/python -m benchmarks.leak 1000
	$(BIN)/python -m benchmarks.leak 1000 1 fail

docs: $(READY)
	$(BIN)/sphinx-build -W -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

clean:
	rm -rf $(VENV) .venv-* docs/_build .mypy_cache .ruff_cache .hypothesis .demo

$(READY): pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --allow-existing $(VENV) && \
		uv pip install --quiet --python $(BIN)/python -e '.[dev]'; \
	else \
		python3 -m venv $(VENV) || { \
			echo 'no venv module: install it ("apt-get install python3-venv") or install uv'; exit 1; }; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'; \
	fi
	@touch $@
