// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/fast_backend.h"

#include <cstddef>
#include <string>
#include "golden/kpu/golden_backend.h"
#include "golden/kpu/profile.h"
#include "python/src/bind.h"

#include <nanobind/stl/string.h>

namespace kpu::python {

namespace nb = nanobind;
using namespace nb::literals;

void bind_engines(nb::module_& module) {
  nb::class_<golden::KpuBackend>(module, "KpuBackend", "A KPU with its AI RAM.");
  nb::class_<golden::GoldenBackend, golden::KpuBackend>(module, "GoldenBackend",
                                                        "The readable reference.")
      .def(
          "__init__",
          [](golden::GoldenBackend* self, const std::string& profile) {
            new (self) golden::GoldenBackend(golden::profile_by_name(profile).kpu);
          },
          "profile"_a = "default");
  nb::class_<golden::fast::FastBackend, golden::GoldenBackend>(module, "FastBackend",
                                                               "The same bits, vectorised.")
      .def(
          "__init__",
          [](golden::fast::FastBackend* self, const std::string& profile, std::size_t threads) {
            new (self) golden::fast::FastBackend(golden::profile_by_name(profile).kpu, threads);
          },
          "profile"_a = "default", "threads"_a = 1);
}

}  // namespace kpu::python
