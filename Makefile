# regsweep: set up, run a study, look at it. `make` lists the targets.
PYTHON   ?= python3
STUDY    ?= studies/mnist1d.toml
DATABASE ?= $(or $(SWEEP_DATABASE),sqlite:///sweep.db)
REPORTS  ?= reports
PORT     ?= 8000

VENV  := .venv
RUN   := $(VENV)/bin/python
READY := $(VENV)/.ready

# what torch's own machines come without; the last line is what mnist1d imports
PLATFORMS := manylinux_2_28_x86_64 manylinux_2_27_x86_64 manylinux_2_17_x86_64 manylinux2014_x86_64 any
WHEELS := optuna sqlalchemy alembic cloudpickle pydantic pydantic-core annotated-types typing-inspection \
  typing-extensions plotly mnist1d colorlog mako markupsafe greenlet rich markdown-it-py mdurl pygments \
  matplotlib contourpy cycler fonttools kiwisolver pillow pyparsing python-dateutil requests \
  charset-normalizer idna urllib3 certifi packaging tqdm pyyaml narwhals

.DEFAULT_GOAL := help
.PHONY: help sweep setup test test-long check report serve dashboard bench calibration torture wheels pictures docs clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@printf '\nSTUDY=%s\nDATABASE=%s\nREPORTS=%s\n' '$(STUDY)' '$(DATABASE)' '$(REPORTS)'

sweep: $(READY) ## run STUDY into DATABASE (or go on with it), write the report, print its path
	@$(RUN) -m sweep run '$(STUDY)' --database '$(DATABASE)' --report '$(REPORTS)'
	@$(RUN) -m dashboards --database '$(DATABASE)' --out '$(REPORTS)'

setup: $(READY) ## make the environment in .venv
$(READY): pyproject.toml constraints.txt $(wildcard sweep/*/_*.[ch])
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt -e '.[dev]'
	@# compiled here by all cores, where pip would take one; a file of another Python is left as it is
	@-$(RUN) -m compileall -q -j 0 -x '/tests?/' $(VENV)/lib >/dev/null 2>&1 || true
	@touch $@

# many tests start processes of their own, which share what is compiled also where a user's
# environment keeps no bytecode; `make clean` removes it. Files go in their order: a long file of few
# tests would else begin last
test: $(READY) ## run the tests
	PYTHONDONTWRITEBYTECODE= $(RUN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-long: $(READY) ## run the tests that take long: coverage of intervals, compiled steps, dying workers
	$(RUN) -m pytest -n 2 -m long

check: $(READY) ## lint, format and types: what CI checks before the tests
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

report: $(READY) ## write the report of every study in DATABASE again
	@$(RUN) -m dashboards --database '$(DATABASE)' --out '$(REPORTS)'

serve: $(READY) ## show REPORTS in a browser of this machine, at http://127.0.0.1:PORT
	@$(RUN) -m dashboards --serve --port '$(PORT)' --out '$(REPORTS)'

dashboard: $(READY) ## browse DATABASE live in optuna-dashboard (installed on first use)
	@$(RUN) -m pip install --quiet --disable-pip-version-check -c constraints.txt optuna-dashboard
	$(VENV)/bin/optuna-dashboard '$(DATABASE)'

bench: $(READY) ## measure against the peers, into REPORTS/bench.html; ONLY=cnn,study for parts
	@$(RUN) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	$(RUN) -m tests.bench --out '$(REPORTS)' $(if $(ONLY),--only '$(ONLY)')

# processes take the cores; threads of the linear algebra beside them made it three times as long
calibration: $(READY) ## simulate studies with a known truth, write how often intervals hold it (an hour)
	OMP_NUM_THREADS=1 $(RUN) -m tests.calibration --out tests/calibration/table.md --readme README.md
	OMP_NUM_THREADS=1 $(RUN) -m tests.calibration.unseen --out tests/calibration/unseen.md
	OMP_NUM_THREADS=1 $(RUN) -m tests.calibration.allocated --out tests/calibration/allocated.md --readme README.md
	$(RUN) -m tests.calibration.layers --out tests/calibration/layers.md

torture: $(READY) ## 200 kills and 60 first starts at once, on SQLite and PostgreSQL (3 minutes)
	$(RUN) -m tests.torture --kills 200 --starts 60 --locked 60

wheels: $(READY) ## download into .whl what a GPU machine without a network lacks (see README, 'On a GPU')
	rm -rf .whl
	$(RUN) -m pip download --quiet --disable-pip-version-check --no-deps --dest .whl \
	  --only-binary=:all: --python-version 3.12 --implementation cp --abi cp312 --abi abi3 --abi none \
	  $(PLATFORMS:%=--platform %) -c constraints.txt $(WHEELS)
	@du -sh .whl

pictures: $(READY) ## run the default study and draw README's picture of its page, with its numbers
	@$(RUN) -m sweep run studies/mnist1d.toml --database '$(DATABASE)'
	$(RUN) -m tests.pictures --database '$(DATABASE)'

docs: $(READY) ## write studies/README.md, TABLES.md, CHECKS.md and the README's tree of files from the code
	$(RUN) -m sweep.study._reference
	$(RUN) -m sweep.store._reference
	$(RUN) -m sweep.checks._reference
	$(RUN) -m tests.tree

clean: ## remove the environment, caches and reports; databases stay
	rm -rf $(VENV) $(REPORTS) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -f sweep/*/_*_library.*
	find sweep dashboards tests -name __pycache__ -prune -exec rm -rf {} +
	find . -name .regsweep-cache -prune -exec rm -rf {} +
