// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "common/error.h"
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

template <class T>
T checked(const char* field, std::int64_t value, std::int64_t first, std::int64_t last) {
  if (value < first || value > last) {
    throw Error(fmt::format("{}={}: expected {}..{}", field, value, first, last));
  }
  return static_cast<T>(value);
}

/// norm: out_channels x 3 (mul, shift, add).
std::vector<golden::BatchNorm> batch_norm_of(const Integers& norm) {
  std::vector<golden::BatchNorm> list;
  const std::span<const std::int64_t> values = values_of(norm);
  for (std::size_t i = 0; i + 2 < values.size(); i += 3) {
    list.push_back({.mul = checked<std::int32_t>("norm mul", values[i], -(1 << 23), (1 << 23) - 1),
                    .add = checked<std::int32_t>("norm add", values[i + 2],
                                                 std::numeric_limits<std::int32_t>::min(),
                                                 std::numeric_limits<std::int32_t>::max()),
                    .shift = checked<std::uint32_t>("norm shift", values[i + 1], 0, 15)});
  }
  return list;
}

/// act: 16 x 4 (x_start, y_mul, shift, bias).
golden::ActTable act_of(const Integers& act) {
  golden::ActTable table;
  const std::span<const std::int64_t> values = values_of(act);
  if (values.size() != 4 * table.size()) {
    throw Error(fmt::format("act: {} values, expected 16 segments of 4", values.size()));
  }
  constexpr std::int64_t kStart = std::int64_t{1} << 35;
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = {.x_start = checked<std::int64_t>("act x_start", values[4 * i], -kStart, kStart - 1),
                .y_mul = checked<std::int32_t>("act y_mul", values[4 * i + 1], -32768, 32767),
                .shift = checked<std::uint32_t>("act shift", values[4 * i + 2], 0, 255),
                .bias = checked<std::uint8_t>("act bias", values[4 * i + 3], 0, 255)};
  }
  return table;
}

/// A layer from arrays; all checks of numbers that C++ keeps in narrower types are here.
SingleLayer make_layer(std::array<std::uint32_t, 3> shape, const InputArray<std::uint16_t>& weights,
                       std::uint32_t out_channels, std::uint32_t kernel, bool depthwise,
                       bool eight_bit, const Integers& norm, const Integers& act,
                       std::array<std::int64_t, 5> conv, std::int64_t pad_value, bool pad_nearest,
                       std::uint32_t pool, bool first_stride) {
  golden::LayerShape form{.in_channels = shape[0],
                          .out_channels = out_channels,
                          .height = shape[1],
                          .width = shape[2],
                          .kernel = kernel,
                          .depthwise = depthwise,
                          .pool_type = pool,
                          .first_stride = first_stride};
  for (const auto& [name, value, most] : {std::tuple{"in_channels", shape[0], 1024U},
                                          {"out_channels", out_channels, 1024U},
                                          {"height", shape[1], 512U},
                                          {"width", shape[2], 1024U}}) {
    checked<std::uint32_t>(name, value, 1, most);
  }
  form.dst_line = static_cast<std::uint32_t>(
      golden::ImageLayout::standard(0, shape[0], shape[1], shape[2]).end_line());
  SingleLayer layer;
  layer.eight_bit = eight_bit;
  layer.args = golden::make_layer_args(form, eight_bit);
  layer.args.pad_type = pad_nearest ? 1 : 0;
  layer.args.pad_value = checked<std::uint8_t>("pad_value", pad_value, 0, 255);
  constexpr std::int64_t kArg = 1 << 23;
  constexpr std::int64_t kAdd = std::int64_t{1} << 39;
  layer.args.conv = {.arg_x = checked<std::int32_t>("arg_x", conv[0], -kArg, kArg - 1),
                     .arg_w = checked<std::int32_t>("arg_w", conv[2], -kArg, kArg - 1),
                     .shr_x = checked<std::uint32_t>("shr_x", conv[1], 0, 15),
                     .shr_w = checked<std::uint32_t>("shr_w", conv[3], 0, 15),
                     .arg_add = checked<std::int64_t>("arg_add", conv[4], -kAdd, kAdd - 1)};
  const std::span<const std::uint16_t> numbers = values_of(weights);
  layer.weights.assign(numbers.begin(), numbers.end());
  layer.batch_norm = batch_norm_of(norm);
  layer.act = act_of(act);
  golden::require_valid(layer);
  return layer;
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
