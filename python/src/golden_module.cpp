// SPDX-License-Identifier: Apache-2.0
//
// openkpu._golden: everything that needs no simulator. The package's Python files are its only
// user.
#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "common/error.h"
#include "python/src/bind.h"

namespace {

/// The arrays of a run are freed together, and the next run needs as many. glibc would give the
/// memory back in between and have it zeroed page by page, a quarter of a small network's time;
/// this keeps up to 16 MiB. Who sets its thresholds by the environment is not overruled.
void keep_freed_memory() {
#ifdef __GLIBC__
  for (const char* name : {"MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES"}) {
    if (std::getenv(name) != nullptr) return;
  }
  mallopt(M_MMAP_THRESHOLD, 4 << 20);
  mallopt(M_TRIM_THRESHOLD, 16 << 20);
#endif
}

}  // namespace

NB_MODULE(_golden, module) {
  namespace nb = nanobind;
  keep_freed_memory();
  nb::set_leak_warnings(false);
  nb::exception<kpu::Error>(module, "Error", PyExc_ValueError);
  kpu::python::bind_engines(module);
  kpu::python::bind_layer(module);
  kpu::python::bind_quantised(module);
  kpu::python::bind_network(module);
  kpu::python::bind_files(module);
  kpu::python::bind_vision(module);
}
