// SPDX-License-Identifier: Apache-2.0
#include <nanobind/stl/array.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "golden/kpu/layer_numbers.h"
#include "golden/kpu/single_layer.h"
#include "python/src/arrays.h"
#include "python/src/bind.h"
#include "python/src/layer_result.h"

namespace kpu::python {

namespace nb = nanobind;
using namespace nb::literals;
using golden::SingleLayer;

namespace {

using Integers = InputArray<std::int64_t>;

/// A layer from arrays; golden::make_single_layer() checks the numbers.
SingleLayer make_layer(std::array<std::int64_t, 3> shape, const InputArray<std::uint16_t>& weights,
                       std::int64_t out_channels, std::int64_t kernel, bool depthwise,
                       bool eight_bit, const Integers& norm, const Integers& act,
                       std::array<std::int64_t, 5> conv, std::int64_t pad_value, bool pad_nearest,
                       const std::string& pool, bool first_stride) {
  golden::LayerNumbers numbers;
  numbers.in_channels = shape[0];
  numbers.height = shape[1];
  numbers.width = shape[2];
  numbers.out_channels = out_channels;
  numbers.kernel = kernel;
  numbers.depthwise = depthwise;
  numbers.eight_bit = eight_bit;
  const std::span<const std::uint16_t> values = values_of(weights);
  numbers.weights.assign(values.begin(), values.end());
  numbers.norm = values_of(norm);
  numbers.act = values_of(act);
  numbers.arg_x = conv[0];
  numbers.shr_x = conv[1];
  numbers.arg_w = conv[2];
  numbers.shr_w = conv[3];
  numbers.arg_add = conv[4];
  numbers.pad_value = pad_value;
  numbers.pad_nearest = pad_nearest;
  numbers.pool_type = golden::pool_by_name(pool);
  numbers.first_stride = first_stride;
  return golden::make_single_layer(std::move(numbers));
}

}  // namespace

nb::tuple run(golden::KpuBackend& backend, const SingleLayer& layer,
              std::span<const std::uint8_t> input) {
  golden::KpuJobResult result;
  {
    const nb::gil_scoped_release unlocked;
    result = golden::run_single_layer(backend, layer, input);
  }
  const golden::LayerArgs& args = layer.args;
  const std::uint64_t too_wide = result.range.conv_count + result.range.norm_count;
  return nb::make_tuple(
      to_numpy(std::move(result.output), {args.out_channels, args.out_height, args.out_width}),
      result.counters, too_wide);
}

void bind_layer(nb::module_& module) {
  nb::class_<SingleLayer>(module, "SingleLayer", "A KPU layer with its tables.")
      .def_prop_ro("words", [](const SingleLayer& self) { return golden::encode(self.args); })
      .def_prop_ro("macs", [](const SingleLayer& self) { return self.args.macs(); })
      .def(
          "run",
          [](const SingleLayer& self, golden::KpuBackend& backend,
             const InputArray<std::uint8_t>& x) { return run(backend, self, values_of(x)); },
          "backend"_a, "x"_a,
          "Runs it on planar pixels: (output C H W, counters, values beyond 36 bits).");
  module.def("make_layer", make_layer, "shape"_a, "weights"_a, "out_channels"_a, "kernel"_a,
             "depthwise"_a, "eight_bit"_a, "norm"_a, "act"_a, "conv"_a, "pad_value"_a,
             "pad_nearest"_a, "pool"_a, "first_stride"_a);
}

}  // namespace kpu::python
