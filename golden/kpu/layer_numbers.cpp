// SPDX-License-Identifier: Apache-2.0
#include "golden/kpu/layer_numbers.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>

#include "common/error.h"

namespace kpu::golden {
namespace {

constexpr std::array<std::string_view, 10> kPools{"none",    "max2",     "mean2",     "max4",
                                                  "mean4",   "lefttop2", "righttop2", "lefttop4",
                                                  "mean2s1", "max2s1"};

template <class T>
T checked(const char* field, std::int64_t value, std::int64_t first, std::int64_t last) {
  if (value < first || value > last) {
    throw Error(fmt::format("{}={}: expected {}..{}", field, value, first, last));
  }
  return static_cast<T>(value);
}

std::uint32_t size_of(const char* field, std::int64_t value, std::int64_t last) {
  return checked<std::uint32_t>(field, value, 1, last);
}

std::vector<BatchNorm> batch_norm_of(std::span<const std::int64_t> norm, std::uint32_t channels) {
  if (norm.empty()) return std::vector<BatchNorm>(channels, {.mul = 1, .add = 0, .shift = 0});
  std::vector<BatchNorm> list;
  constexpr std::int64_t kMul = 1 << 23;
  using Add = std::numeric_limits<std::int32_t>;
  for (std::size_t i = 0; i + 2 < norm.size(); i += 3) {
    list.push_back({.mul = checked<std::int32_t>("norm mul", norm[i], -kMul, kMul - 1),
                    .add = checked<std::int32_t>("norm add", norm[i + 2], Add::min(), Add::max()),
                    .shift = checked<std::uint32_t>("norm shift", norm[i + 1], 0, 15)});
  }
  if (list.size() == 1) list.resize(channels, list.front());
  return list;
}

ActTable act_of(std::span<const std::int64_t> act) {
  constexpr std::array<std::int64_t, 4> kIdentity{0, 1, 0, 0};
  if (act.empty()) act = kIdentity;
  constexpr std::int64_t kStart = std::int64_t{1} << 35;
  ActTable table;
  if (act.size() % 4 != 0 || act.size() > 4 * table.size()) {
    throw Error(fmt::format("act: {} values, expected 1..16 segments of 4", act.size()));
  }
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (4 * i >= act.size()) {
      table[i] = table[i - 1];
      table[i].x_start = kStart - 1;  // never reached
      continue;
    }
    table[i] = {.x_start = checked<std::int64_t>("act x_start", act[4 * i], -kStart, kStart - 1),
                .y_mul = checked<std::int32_t>("act y_mul", act[4 * i + 1], -32768, 32767),
                .shift = checked<std::uint32_t>("act shift", act[4 * i + 2], 0, 255),
                .bias = checked<std::uint8_t>("act bias", act[4 * i + 3], 0, 255)};
  }
  return table;
}

}  // namespace

std::uint32_t pool_by_name(std::string_view name) {
  std::string known;
  for (std::size_t i = 0; i < kPools.size(); ++i) {
    if (kPools[i] == name) return static_cast<std::uint32_t>(i);
    known += fmt::format("{}{}", i == 0 ? "" : ", ", kPools[i]);
  }
  throw Error(fmt::format("pool={}: expected one of {}", name, known));
}

SingleLayer make_single_layer(LayerNumbers numbers) {
  LayerShape form{.in_channels = size_of("in_channels", numbers.in_channels, 1024),
                  .out_channels = size_of("out_channels", numbers.out_channels, 1024),
                  .height = size_of("height", numbers.height, 512),
                  .width = size_of("width", numbers.width, 1024),
                  .kernel = size_of("kernel", numbers.kernel, 3),
                  .depthwise = numbers.depthwise,
                  .pool_type = numbers.pool_type,
                  .first_stride = numbers.first_stride};
  if (form.kernel == 2) throw Error("kernel=2: expected 1 or 3");
  form.dst_line = static_cast<std::uint32_t>(
      ImageLayout::standard(0, form.in_channels, form.height, form.width).end_line());
  SingleLayer layer;
  layer.eight_bit = numbers.eight_bit;
  layer.args = make_layer_args(form, numbers.eight_bit);
  layer.args.pad_type = numbers.pad_nearest ? 1 : 0;
  layer.args.pad_value = checked<std::uint8_t>("pad_value", numbers.pad_value, 0, 255);
  constexpr std::int64_t kArg = 1 << 23;
  constexpr std::int64_t kAdd = std::int64_t{1} << 39;
  layer.args.conv = {.arg_x = checked<std::int32_t>("arg_x", numbers.arg_x, -kArg, kArg - 1),
                     .arg_w = checked<std::int32_t>("arg_w", numbers.arg_w, -kArg, kArg - 1),
                     .shr_x = checked<std::uint32_t>("shr_x", numbers.shr_x, 0, 15),
                     .shr_w = checked<std::uint32_t>("shr_w", numbers.shr_w, 0, 15),
                     .arg_add = checked<std::int64_t>("arg_add", numbers.arg_add, -kAdd, kAdd - 1)};
  layer.weights = std::move(numbers.weights);
  layer.batch_norm = batch_norm_of(numbers.norm, form.out_channels);
  layer.act = act_of(numbers.act);
  require_valid(layer);
  return layer;
}

}  // namespace kpu::golden
