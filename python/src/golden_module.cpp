// SPDX-License-Identifier: Apache-2.0
//
// openkpu._golden: everything that needs no simulator. The package's Python files are its only
// user.
#include "common/error.h"
#include "python/src/bind.h"

NB_MODULE(_golden, module) {
  namespace nb = nanobind;
  nb::set_leak_warnings(false);
  nb::exception<kpu::Error>(module, "Error", PyExc_ValueError);
  kpu::python::bind_engines(module);
  kpu::python::bind_layer(module);
  kpu::python::bind_quantised(module);
  kpu::python::bind_network(module);
  kpu::python::bind_files(module);
  kpu::python::bind_vision(module);
}
