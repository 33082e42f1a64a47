# SPDX-License-Identifier: Apache-2.0
#
# Targets of docs/integration.md: the IP core in other people's build systems. Included by the Makefile.

IP_VENV ?= $(OUT)/ip-venv

.PHONY: verilog fusesoc bender litex

verilog: setup ## openkpu (AXI by its names) and kpu_top of CONFIG, each as one file of plain Verilog
	@scripts/verilog.sh $(OUT)/verilog $(if $(LANES),lanes$(LANES),$(CONFIG)) openkpu
	@scripts/verilog.sh $(OUT)/verilog $(if $(LANES),lanes$(LANES),$(CONFIG)) kpu_top

$(IP_VENV)/bin/fusesoc:
	@python3 -m venv $(IP_VENV)
	@$(IP_VENV)/bin/pip install --quiet fusesoc==2.4.7

fusesoc: setup $(IP_VENV)/bin/fusesoc ## lint the IP core by its FuseSoC core file (PyPI)
	@$(IP_VENV)/bin/fusesoc --cores-root . run --build-root $(OUT)/fusesoc --target lint openkpu:ip:openkpu

# The oldest that read the file here; its list has to be ip/openkpu.f.
$(OUT)/bender/bin/bender:
	@cargo install --quiet --locked --root $(OUT)/bender --version 0.32.1 bender

bender: $(OUT)/bender/bin/bender ## the IP core's list of files by its Bender.yml (crates.io; needs cargo)
	@$< script flist | sed "s|^$(CURDIR)/||" > $(OUT)/bender/files
	@grep '^rtl/' ip/openkpu.f | diff - $(OUT)/bender/files
	@echo "bender: the files of ip/openkpu.f"

$(OUT)/litex-venv/installed: ip/litex/requirements.txt
	@python3 -m venv $(OUT)/litex-venv
	@$(OUT)/litex-venv/bin/pip install --quiet -r ip/litex/requirements.txt
	@touch $@

litex: setup $(OUT)/litex-venv/installed ## a VexRiscv in LiteX's simulation runs the C driver on the KPU (PyPI)
	@scripts/setup.sh gcc-riscv64-unknown-elf libevent-dev libjson-c-dev
	@$(OUT)/litex-venv/bin/python ip/litex/sim.py $(OUT)/litex
