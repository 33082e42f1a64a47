# SPDX-License-Identifier: Apache-2.0
#
# Targets of docs/exploring.md: many shapes of the accelerator, by models and by RTL. Included by the Makefile.

SPACE     ?= explore/spaces/small.json
SNAKEMAKE ?= $(OUT)/explore-venv/bin/snakemake
EXPLORE   := $(OUT)/explore/$(basename $(notdir $(SPACE)))

.PHONY: explore explore-quick model-error areas areas-update

explore-quick: configure ## every point of a space of shapes by the models, in seconds; a report (SPACE=file)
	@scripts/build.py $(BUILD) $(JOBS) kpu
	@explore/quick.py $(SPACE) --kpu $(BUILD)/kpu --out $(EXPLORE)-quick

$(OUT)/explore-venv/bin/snakemake: explore/requirements.txt
	@python3 -m venv $(OUT)/explore-venv
	@$(OUT)/explore-venv/bin/pip install -q -r explore/requirements.txt

# SNAKEMAKE=snakemake takes the system's. The workflow's scripts need Python's standard library only.
explore: configure $(filter $(OUT)/%,$(SNAKEMAKE)) ## the same, and the best points built, run and synthesised (SPACE=file, EXPLORE_ARGS=-n shows what would run; PyPI)
	@scripts/build.py $(BUILD) $(JOBS) kpu
	@$(SNAKEMAKE) -s explore/Snakefile --cores $(JOBS) --keep-going --rerun-incomplete $(EXPLORE_ARGS) \
	  --config space=$(SPACE) kpu=$(BUILD)/kpu out=$(EXPLORE) python=python3

model-error: configure ## the cycle model beside the RTL, every layer (docs/cycle-model.md); shapes that are not kept of this RTL are built and run, 25 minutes of processor time for all
	@scripts/build.py $(BUILD) $(JOBS) kpu
	@scripts/model_error.py measure $(BUILD)

areas: ## the area model's errors, each of the shapes in bench/areas.json left out in turn
	@explore/areas.py

areas-update: setup ## synthesise the shapes of bench/areas.json that are not of this RTL (ADD="Lanes=32 PostLanes=4": one more)
	@explore/areas.py --update $(ADD)
