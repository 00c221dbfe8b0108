# make demo, make test, make check. Nothing here needs root; a second run installs nothing.
PYTHON ?= python3
PORT ?= 8000
WORKERS ?= 2
VENV ?= .venv
# What `make test` runs: the whole suite, or the folders named here.
TESTS ?=
PY := $(VENV)/bin/python

# A stamp is named after the hash of the locked requirements, so a changed lock installs again
# and an unchanged one costs nothing, whatever a clone or a copy did to the files' times.
RUN_STAMP := $(VENV)/installed-run-$(shell cat requirements.txt | sha256sum | cut -c1-16)
DEV_STAMP := $(VENV)/installed-dev-$(shell cat requirements.txt requirements-dev.txt | sha256sum | cut -c1-16)
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes

CHAOS_SEED ?= 7

.PHONY: demo test check chaos fuzz format venv run-packages dev-packages clean

demo: run-packages
	$(PY) bot.py demo --port $(PORT)

test: dev-packages
	$(PY) -m pytest -n $(WORKERS) --dist loadfile $(TESTS)

check: dev-packages
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy --strict .
	$(PY) -m pytest tests/test_rooms.py

# Kills the bot 300 times while it sends, and two instances on one PostgreSQL 300 times more.
chaos: dev-packages
	$(PY) -m tests.chaos.run --kills 300 --serve 30 --seed $(CHAOS_SEED)
	$(PY) -m tests.chaos.run --kills 300 --seed $(CHAOS_SEED) --postgresql

# The properties of the suite on many more random texts, envelopes and notices.
FUZZ ?= 30
fuzz: dev-packages
	FUZZ=$(FUZZ) $(PY) -m pytest tests/channels/test_fuzz.py tests/language/test_bounds.py \
		tests/programme/notice/test_variants.py tests/documents/test_notice_reader.py tests/documents/test_calendar_file.py

format: dev-packages
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

run-packages: venv
	@test -e $(RUN_STAMP) || { echo "安装运行所需的包（只在第一次和清单变化后）…"; \
	  $(INSTALL) -r requirements.txt && rm -f $(VENV)/installed-* && touch $(RUN_STAMP); }

dev-packages: venv
	@test -e $(DEV_STAMP) || { echo "安装运行和测试所需的包（只在第一次和清单变化后）…"; \
	  $(INSTALL) -r requirements.txt -r requirements-dev.txt \
	  && rm -f $(VENV)/installed-* && touch $(RUN_STAMP) $(DEV_STAMP); }

# Made again only when it does not work: half made, or its Python is gone.
venv:
	@$(PY) -c 'import pip' 2>/dev/null || { \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "需要 Python 3.11 或更新的版本，可以这样指定：make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }; \
	  $(PYTHON) -m venv --clear $(VENV); }

clean:
	rm -rf $(VENV) .venv-* .mypy_cache .ruff_cache .pytest_cache .hypothesis
