# regsweep: set up, run a study, look at it. `make` lists the targets.
PYTHON   ?= python3
STUDY    ?= studies/mnist1d.toml
DATABASE ?= $(or $(SWEEP_DATABASE),sqlite:///sweep.db)
REPORTS  ?= reports

VENV  := .venv
RUN   := $(VENV)/bin/python
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help sweep setup test check report dashboard bench calibration torture docs clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@printf '\nSTUDY=%s\nDATABASE=%s\nREPORTS=%s\n' '$(STUDY)' '$(DATABASE)' '$(REPORTS)'

sweep: $(READY) ## run STUDY into DATABASE (or go on with it), write the report, print its path
	@$(RUN) -m sweep run '$(STUDY)' --database '$(DATABASE)'
	@$(RUN) -m dashboards --database '$(DATABASE)' --out '$(REPORTS)'

setup: $(READY) ## make the environment in .venv
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

test: $(READY) ## run the tests
	$(RUN) -m pytest -n 2 --dist loadfile

check: $(READY) ## lint, format and types: what CI checks before the tests
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

report: $(READY) ## write the report of every study in DATABASE again
	@$(RUN) -m dashboards --database '$(DATABASE)' --out '$(REPORTS)'

dashboard: $(READY) ## browse DATABASE live in optuna-dashboard (installed on first use)
	@$(RUN) -m pip install --quiet --disable-pip-version-check -c constraints.txt optuna-dashboard
	$(VENV)/bin/optuna-dashboard '$(DATABASE)'

bench: $(READY) ## measure against the peers, into REPORTS/bench.html; ONLY=cnn,study for parts
	@$(RUN) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	$(RUN) -m tests.bench --out '$(REPORTS)' $(if $(ONLY),--only '$(ONLY)')

calibration: $(READY) ## simulate studies with a known truth, write how often intervals hold it (30 minutes)
	$(RUN) -m tests.calibration --out tests/calibration/table.md --readme README.md
	$(RUN) -m tests.calibration.layers --out tests/calibration/layers.md

torture: $(READY) ## 200 kills and 60 first starts at once, on SQLite and PostgreSQL (3 minutes)
	$(RUN) -m tests.torture --kills 200 --starts 60 --locked 60

docs: $(READY) ## write studies/README.md and sweep/store/TABLES.md from the study file's and the tables' models
	$(RUN) -m sweep.study._reference
	$(RUN) -m sweep.store._reference

clean: ## remove the environment, caches and reports; databases stay
	rm -rf $(VENV) $(REPORTS) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find sweep dashboards tests -name __pycache__ -prune -exec rm -rf {} +
