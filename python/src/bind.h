// SPDX-License-Identifier: Apache-2.0
//
// The parts of the module openkpu._golden, each in a file of its own.
#pragma once

#include <nanobind/nanobind.h>

namespace kpu::python {

void bind_engines(nanobind::module_& module);    ///< KpuBackend, GoldenBackend, FastBackend
void bind_layer(nanobind::module_& module);      ///< SingleLayer and running it
void bind_quantised(nanobind::module_& module);  ///< QuantisedConv
void bind_files(nanobind::module_& module);      ///< layers and models from files, the compiler
void bind_network(nanobind::module_& module);    ///< Network
void bind_vision(nanobind::module_& module);     ///< pictures, detections

}  // namespace kpu::python
