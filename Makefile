# Thin on purpose: tools/setup.sh prepares the machine, uv runs the programs.
# Without make (Windows): see "Run it" in README.md.

export PATH := $(CURDIR)/.uv/bin:$(PATH):$(HOME)/.local/bin
UV_RUN = uv run --no-sync

.PHONY: help setup run test test-all test-nojit check bench kernels translation syllabus screenshots lock

help:
	@echo "make run         start Insonate         (make run ARGS='render --help' for its commands)"
	@echo "make test        run the tests          (make test ARGS='-k focus' for some of them)"
	@echo "make test-all    the slow tests too"
	@echo "make test-nojit  the tests marked nojit, without the numba compiler"
	@echo "make check       ruff, mypy, import contracts"
	@echo "make bench       how long a turned knob takes to reach the picture"
	@echo "make kernels     renew the list of kernels that the first start compiles"
	@echo "make translation LANGUAGE=de   the list of texts to translate (.ts), and compile it"
	@echo "make syllabus    renew docs/syllabus.md from lessons and questions"
	@echo "make screenshots renew docs/guide/*.png, the pictures of the two guides (Linux, Xvfb)"
	@echo "make lock        renew requirements.lock with the newest versions pyproject.toml allows"

setup:
	@sh tools/setup.sh

run: setup
	@$(UV_RUN) insonate $(ARGS)

test: setup
	$(UV_RUN) pytest $(ARGS)

test-all: setup
	$(UV_RUN) pytest -m "" $(ARGS)

test-nojit: setup
	NUMBA_DISABLE_JIT=1 $(UV_RUN) pytest -m nojit $(ARGS)

check: setup
	$(UV_RUN) ruff check .
	$(UV_RUN) ruff format --check .
	$(UV_RUN) mypy
	$(UV_RUN) lint-imports

bench: setup
	@set -e; for script in benchmarks/bench_*.py; do $(UV_RUN) python "$$script" $(ARGS); done

kernels: setup
	@$(UV_RUN) python tools/list_kernels.py

translation: setup
	@$(UV_RUN) python tools/make_translation.py $(LANGUAGE)

syllabus: setup
	@$(UV_RUN) python tools/make_syllabus.py

screenshots: setup
	xvfb-run -a -s "-screen 0 1366x768x24" $(UV_RUN) python tools/make_screenshots.py $(ARGS)

lock: setup
	uv pip compile --quiet --universal --upgrade --no-emit-index-url --no-annotate --no-header \
		--group dev pyproject.toml --output-file requirements.lock
