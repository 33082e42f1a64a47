# SPDX-License-Identifier: Apache-2.0
#
# A thin front over CMake and Ninja. `make help` lists the targets.

CONFIG ?= lanes64
JOBS   ?= $(shell nproc)
SETUP  ?= 1
# A configuration is a file of configs/ by its name, or any other such file by its path.
CONFIGS     := $(patsubst configs/%.json,%,$(wildcard configs/*.json))
CONFIG_NAME := $(basename $(notdir $(CONFIG)))
BUILD  ?= build$(if $(filter-out lanes64,$(CONFIG)),-$(CONFIG_NAME))
OUT    ?= out

# Objects are shared between checkouts and build folders where ccache is installed.
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1
WERROR ?= OFF

.DEFAULT_GOAL := help
.PHONY: help setup configure build run test test-asan board-asan firmware-check unicorn-speed bench bench-run bench-update profiled speed-pairs lint formal soak coverage mutation fuzz-loader python wheel install record-peers peer-check peer-table clean

help: ## this list
	@echo "Targets:"
	@sed -n 's/^\([a-z0-9-]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 18
	@echo "Variables:"
	@echo "  CONFIG=name|path/to/own.json    shape of the RTL (now $(CONFIG), built in $(BUILD)/); names, which are files of configs/:"
	@echo "                                  $(CONFIGS)"
	@echo "  SETUP=0                         do not look for missing packages"
	@echo "  JOBS=n                          parallel jobs (now $(JOBS))"

setup: ## install missing packages (Debian 12, 13, Ubuntu 24.04)
	@if [ "$(SETUP)" != 0 ]; then scripts/setup.sh; fi

configure: setup
	@scripts/configs.py check $(CONFIG)
	@cmake -S . -B $(BUILD) -G Ninja -DKPU_CONFIG=$(CONFIG) -DKPU_WERROR=$(WERROR) \
	  --log-level=WARNING $(CMAKE_ARGS) > /dev/null

build: configure ## build the tool, the RTL simulation and the tests
	@scripts/build.py $(BUILD) $(JOBS)

run: configure ## compile the repository's own detector, run it on the RTL and the golden model, draw its boxes
	@scripts/build.py $(BUILD) $(JOBS) kpu
	@scripts/run_example.sh $(BUILD) $(OUT)

# The Python package first, so that the configuration finds its tests.
test: setup ## build everything and run all tests
	@scripts/python_tests.sh $(OUT)
	@$(MAKE) --no-print-directory build SETUP=0
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS) --progress

firmware-check: configure ## run the known firmware files found in DIR on the virtual board (ENGINE=both: on RTL and golden model)
	@scripts/build.py $(BUILD) $(JOBS) $(if $(ENGINE),kpu,kpu-board)
	@scripts/firmware_check.py $(BUILD)/$(if $(ENGINE),kpu,kpu-board) $(DIR) $(if $(ENGINE),--engine $(ENGINE))

unicorn-speed: configure ## the virtual board's processor beside Unicorn 2.1.4 (PyPI), FIRMWARE=file on the board, too
	@scripts/build.py $(BUILD) $(JOBS) kpu_board_speed kpu-board
	@python3 -m venv $(OUT)/unicorn-venv
	@$(OUT)/unicorn-venv/bin/pip install -q unicorn==2.1.4 setuptools
	@$(OUT)/unicorn-venv/bin/python scripts/unicorn_speed.py $(BUILD) $(FIRMWARE)

board-asan: ## the virtual board's tests with sanitizers, without the RTL
	@$(MAKE) --no-print-directory configure BUILD=$(BUILD)-board-asan CMAKE_ARGS="-DKPU_RTL=OFF -DKPU_SANITIZE=address,undefined $(CMAKE_ARGS)"
	@scripts/build.py $(BUILD)-board-asan $(JOBS) test_board
	@ctest --test-dir $(BUILD)-board-asan --output-on-failure -j $(JOBS) -L board -R '^test_board'

# Without the test that measures memory: the sanitizer keeps what was freed.
test-asan: ## all tests that run our C++, with address and undefined-behaviour sanitizers
	@$(MAKE) --no-print-directory build BUILD=$(BUILD)-asan CMAKE_ARGS="-DKPU_SANITIZE=address,undefined $(CMAKE_ARGS)"
	@ctest --test-dir $(BUILD)-asan --output-on-failure -j $(JOBS) --progress --timeout 1500 -E '^(formal|test_netlist|test_synth)|need no more memory'

bench: ## print cycles and simulation speed of every network at hand
	@$(MAKE) --no-print-directory bench-run BUILD=$(BUILD)-bench CMAKE_ARGS="-DKPU_RTL_ASSERT=OFF $(CMAKE_ARGS)"

# In a build folder of its own, without the RTL's assertions.
bench-run: configure
	@scripts/build.py $(BUILD) $(JOBS) kpu_bench kpu_array_share kpu_golden_speed kpu_board_speed
	@$(BUILD)/kpu_bench --cycles bench/cycles_$(CONFIG_NAME).json
	@$(BUILD)/kpu_array_share
	@OMP_NUM_THREADS=1 $(BUILD)/kpu_golden_speed $(sort $(wildcard $(or $(KPU_SHARED),../shared)/models/*.kmodel))
	@$(BUILD)/kpu_board_speed

bench-update: configure ## the same, and keep the cycle counts in bench/
	@scripts/build.py $(BUILD) $(JOBS) kpu_bench
	@$(BUILD)/kpu_bench --cycles bench/cycles_$(CONFIG_NAME).json --update

profiled: configure ## the tool with a simulation optimised by a profile of the examples, in a folder of its own
	@scripts/build.py $(BUILD) $(JOBS) kpu
	@scripts/profiled.sh $(BUILD) $(BUILD)-profiled $(JOBS) -DKPU_CONFIG=$(CONFIG) $(CMAKE_ARGS)

# BASE: the commit that the simulation's speed is compared with, built with the same compiler in a folder of its own.
BASE ?= bb88cbf
speed-pairs: configure ## simulation speed beside the build of an older commit (BASE=commit) and the profiled one, in pairs
	@$(MAKE) --no-print-directory profiled SETUP=0
	@[ -d $(OUT)/base-$(BASE) ] || (mkdir -p $(OUT)/base-$(BASE) && git archive $(BASE) | tar -x -C $(OUT)/base-$(BASE))
	@$(MAKE) --no-print-directory -C $(OUT)/base-$(BASE) configure SETUP=0 CONFIG=$(CONFIG) BUILD=build CMAKE_ARGS=-DKPU_TESTS=OFF
	@scripts/build.py $(OUT)/base-$(BASE)/build $(JOBS) kpu
	@scripts/speed_pairs.py $(BASE)=$(OUT)/base-$(BASE)/build/kpu today=$(BUILD)/kpu profiled=$(BUILD)-profiled/kpu \
	  examples/detector/detector.kmodel examples/detector/scenes/scene_0008.png

k210: ## the layers that were measured on the chip, on the RTL in its configuration; fails if cycles are not those of bench/k210.json
	@$(MAKE) --no-print-directory configure CONFIG=k210 BUILD=$(BUILD)-k210 CMAKE_ARGS="-DKPU_TESTS=OFF $(CMAKE_ARGS)"
	@scripts/build.py $(BUILD)-k210 $(JOBS) kpu_chip
	@$(BUILD)-k210/kpu_chip --kept bench/k210.json $(if $(UPDATE),--update,--check)

lint: setup ## Verilator -Wall on every configuration; any warning is an error
	@scripts/lint.sh

formal: setup ## prove properties of FIFOs, arbiters, AXI ports, interconnect, DMA engine, array control, batch norm, activation
	@OUT=$(OUT)/formal formal/run.sh

soak: configure ## a million random layers (COUNT=n SEED=x)
	@scripts/build.py $(BUILD) $(JOBS) kpu
	@mkdir -p $(OUT)
	@$(BUILD)/kpu fuzz --count $(or $(COUNT),1000000) --seed $(or $(SEED),100000) --jobs $(JOBS) --out $(OUT)

coverage: setup ## which lines, events and kinds of layers random layers and the tests reach (TOGGLE=1: bits)
	@scripts/coverage.sh $(BUILD)-coverage $(OUT)/coverage $(JOBS)

mutation: setup ## the tests and random layers against hundreds of faults in the RTL: how many are noticed
	@mutation/run.sh $(BUILD)-mutation $(OUT)/mutation $(JOBS)

fuzz-loader: setup ## coverage-guided fuzzing of all file readers, SECONDS=n each (needs clang)
	@SECONDS_EACH=$(or $(SECONDS),60) scripts/fuzz_loader.sh $(BUILD)-fuzz $(OUT)/fuzz-loader $(JOBS)

python: setup ## the Python package openkpu, with the RTL (OPENKPU_RTL=OFF: without), in out/venv (PyPI)
	@python3 -m venv $(OUT)/venv
	@$(OUT)/venv/bin/pip install -q -r python/requirements.txt
	@OPENKPU_RTL=$(or $(OPENKPU_RTL),ON) CMAKE_BUILD_PARALLEL_LEVEL=$(JOBS) \
	  $(OUT)/venv/bin/pip install -q --no-build-isolation --force-reinstall --no-deps .

wheel: setup ## sdist and wheel of openkpu (golden model) in out/wheel, tried in a new environment (PYTHON=python3.12; PyPI)
	@rm -rf $(OUT)/wheel
	@$(or $(PYTHON),python3) -m venv $(OUT)/wheel/build-venv
	@$(OUT)/wheel/build-venv/bin/pip install -q build
	@CMAKE_BUILD_PARALLEL_LEVEL=$(JOBS) $(OUT)/wheel/build-venv/bin/python -m build --outdir $(OUT)/wheel . > $(OUT)/wheel/build.log 2>&1 \
	  || { tail -20 $(OUT)/wheel/build.log; exit 1; }
	@$(or $(PYTHON),python3) -m venv $(OUT)/wheel/venv
	@$(OUT)/wheel/venv/bin/pip install -q $(OUT)/wheel/*.whl
	@$(OUT)/wheel/venv/bin/python examples/python/verdict.py
	@ls $(OUT)/wheel/*.whl $(OUT)/wheel/*.tar.gz

install: setup ## libraries, headers, CMake package and pkg-config files to PREFIX=folder (default out/prefix)
	@cmake -S . -B $(BUILD)-install -G Ninja -DKPU_CONFIG=$(CONFIG) -DKPU_INSTALL=ON -DKPU_TESTS=OFF \
	  -DCMAKE_INSTALL_PREFIX=$(or $(PREFIX),$(CURDIR)/$(OUT)/prefix) --log-level=WARNING $(CMAKE_ARGS) > /dev/null
	@scripts/build.py $(BUILD)-install $(JOBS) openkpu_golden openkpu_golden_static openkpu_system openkpu_system_static
	@for c in golden system; do cmake --install $(BUILD)-install --component $$c > /dev/null; done

record-peers: ## run the layers of scripts/record_peers on ONNX Runtime, LiteRT and TFLite Micro again (PyPI)
	@python3 -m venv $(OUT)/peers-venv
	@$(OUT)/peers-venv/bin/pip install -q -r scripts/record_peers/requirements.txt
	@$(OUT)/peers-venv/bin/python scripts/record_peers/record.py tests/golden/quantised/recorded

peer-check: configure ## small graphs compiled by three releases of nncase, its simulator against ours (PYTHON=3.6 to 3.10; PyPI)
	@scripts/build.py $(BUILD) $(JOBS) kpu
	@scripts/peer_check/peer_check.py --kpu $(BUILD)/kpu --work $(OUT)/peer-check $(if $(PYTHON),--python $(PYTHON))

peer-table: configure ## networks of the usual families by nncase 1.9.0 and by kpu compile, both against the float network (PYTHON=3.7 to 3.10; PyPI)
	@scripts/build.py $(BUILD) $(JOBS) kpu
	@scripts/peer_accuracy/peer_accuracy.py --kpu $(BUILD)/kpu --work $(OUT)/peer-table $(if $(PYTHON),--python $(PYTHON))

include scripts/silicon.mk
include scripts/explore.mk
include scripts/integration.mk
include scripts/machines.mk
include scripts/train.mk

clean: ## remove everything that was built
	rm -rf build build-* $(OUT)
