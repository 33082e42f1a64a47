// SPDX-License-Identifier: Apache-2.0
//
// openkpu._rtl: the RTL under Verilator as one more KpuBackend of openkpu._golden.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "golden/kpu/kpu_backend.h"
#include "sim/engine/rtl_backend.h"

NB_MODULE(_rtl, module) {
  namespace nb = nanobind;
  using namespace nb::literals;
  nb::set_leak_warnings(false);
  nb::module_::import_("openkpu._golden");
  nb::class_<kpu::sim::RtlKpu, kpu::golden::KpuBackend>(module, "RtlBackend",
                                                        "The RTL, from reset.")
      .def_prop_ro("lanes", &kpu::sim::RtlKpu::lanes);
  module.def(
      "make_backend",
      [](const std::string& wave, std::size_t wave_layer, std::uint64_t seed, bool dma) {
        kpu::sim::RtlOptions options;
        options.wave.path = wave;
        options.wave.layer = wave_layer;
        options.seed = seed;
        options.use_dma = dma;
        return kpu::sim::make_rtl_backend(options);
      },
      "wave"_a = "", "wave_layer"_a = 0, "seed"_a = 1, "dma"_a = true);
}
