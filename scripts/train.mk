# SPDX-License-Identifier: Apache-2.0
#
# Targets of docs/detector.md: the repository's own detector. Included by the Makefile. None is part of CI.

.PHONY: train train-venv detector-map detector-update

train-venv: ## PyTorch and what else train/ needs, in out/train-venv (PyPI, 5 GB)
	@python3 -m venv $(OUT)/train-venv
	@$(OUT)/train-venv/bin/pip install -q -r train/requirements.txt

train: train-venv ## train the detector on scenes it draws itself, an hour; writes out/train/detector/ (STEPS=n)
	@$(OUT)/train-venv/bin/python train/train.py $(OUT)/train --out $(OUT)/train/detector $(if $(STEPS),--steps $(STEPS))

detector-map: configure ## mAP of the detector: float network, golden model, RTL (RTL=n: on n scenes only; PyPI)
	@scripts/build.py $(BUILD) $(JOBS) kpu
	@python3 -m venv $(OUT)/map-venv
	@$(OUT)/map-venv/bin/pip install -q -r train/requirements-map.txt
	@$(OUT)/map-venv/bin/python train/detector_map.py --kpu $(BUILD)/kpu --detector examples/detector \
	  --work $(OUT)/detector-map $(if $(RTL),--rtl $(RTL))

detector-update: configure ## compile examples/detector/detector.onnx again: after a change of the compiler
	@scripts/build.py $(BUILD) $(JOBS) kpu
	@$(BUILD)/kpu compile examples/detector/detector.onnx --calibrate examples/detector/calibration \
	  -o examples/detector/detector.kmodel
