// SPDX-License-Identifier: Apache-2.0
//
// Bodies of the v4 layers that work on uint8 codes (kmodel format, v4 body layouts).
#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/kmodel/v4/program.h"
#include "golden/ops/linear_codes.h"
#include "golden/ops/quantized_ops.h"

namespace kpu::golden::v4 {
namespace {

std::uint32_t read_shift(Reading& r, const char* field) { return r.body.u32_in(field, 0, 63); }

Requantization read_requantization(Reading& r) {
  Requantization requantize;
  requantize.mul = r.body.i32("out_mul");
  requantize.shift = read_shift(r, "out_shift");
  requantize.offset = r.body.i32("out_off");
  return requantize;
}

OperandScale read_operand(Reading& r, const char* offset, const char* mul, const char* shift) {
  OperandScale scale;
  scale.offset = r.body.i32(offset);
  scale.mul = r.body.i32(mul);
  scale.shift = read_shift(r, shift);
  return scale;
}

Step read_quantize(Reading r) {
  const Range in = r.in<float>("in");
  const Range out = r.out<std::uint8_t>("out");
  const std::int32_t zero_point = r.body.i32("zero_point");
  const float scale = r.body.f32("scale");
  const Shape shape = r.known_shape(in);
  r.take("in", in, shape);
  r.give(out, shape);
  r.layer.detail = fmt::format("scale={} zero_point={}", scale, zero_point);
  return map_step<float, std::uint8_t>(
      in, in.count(), out, in.count(),
      [=](auto x, auto y, FloatRule rule) { quantize_v4(x, y, scale, zero_point, rule); });
}

Step read_dequantize(Reading r) {
  const Range in = r.in<std::uint8_t>("in");
  const Range out = r.out<float>("out");
  const std::int32_t zero_point = r.body.i32("zero_point");
  const float scale = r.body.f32("scale");
  const Shape shape = r.known_shape(in);
  r.take("in", in, shape);
  r.give(out, shape);
  r.layer.detail = fmt::format("scale={} zero_point={}", scale, zero_point);
  return map_step<std::uint8_t, float>(
      in, in.count(), out, in.count(),
      [=](auto x, auto y, FloatRule rule) { dequantize_v4(x, y, scale, zero_point, rule); });
}

Step read_quantized_binary(Reading r) {
  const Range a = r.in<std::uint8_t>("in_a");
  const Range b = r.in<std::uint8_t>("in_b");
  const Range out = r.out<std::uint8_t>("out");
  const BinaryOp op = kBinaryOps[r.body.u32_in("op", 0, kBinaryOps.size() - 1)];
  const Shape a_shape = r.shape("a_shape");
  const Shape b_shape = r.shape("b_shape");
  const Shape out_shape = r.shape("out_shape");
  const OperandScale a_scale = read_operand(r, "a_off", "a_mul", "a_shift");
  const OperandScale b_scale = read_operand(r, "b_off", "b_mul", "b_shift");
  Requantization requantize;
  requantize.offset = r.body.i32("out_off");
  requantize.mul = r.body.i32("out_mul");
  requantize.shift = read_shift(r, "out_shift");
  r.take("in_a", a, a_shape);
  r.take("in_b", b, b_shape);
  r.give(out, out_shape);
  return [=](State& state) {
    std::vector<std::uint8_t> codes(shape_count(out_shape));
    quantized_binary(op, state.load<std::uint8_t>(a, shape_count(a_shape)), a_shape, a_scale,
                     state.load<std::uint8_t>(b, shape_count(b_shape)), b_shape, b_scale, codes,
                     out_shape, requantize);
    state.store(out, codes);
  };
}

Step read_quantized_conv2d(Reading r) {
  const Range in = r.in<std::uint8_t>("in");
  const Range out = r.out<std::uint8_t>("out");
  const Shape shape = r.shape("in_shape");
  const std::uint32_t groups = r.body.u32_in("groups", 1, shape[1]);
  const std::uint32_t channels = r.body.u32_in("out_channels", 1, 1 << 20);
  const Padding pad_height = r.padding("padding_h");
  const Padding pad_width = r.padding("padding_w");
  const WindowShape window = r.window(pad_height, pad_width);
  const std::int32_t in_offset = r.body.i32("in_off");
  const std::int32_t weight_offset = r.body.i32("filter_off");
  const Requantization requantize = read_requantization(r);
  r.require_groups(groups, shape[1], channels);
  const Shape out_shape = r.window_output(shape, channels, window);
  r.take("in", in, shape);
  r.give(out, out_shape);
  const std::vector<std::int32_t> bias = r.integers(channels, "bias");
  const std::span<const std::uint8_t> weights =
      r.body.bytes(weight_count(shape, groups, channels, window), "weights");
  return map_step<std::uint8_t, std::uint8_t>(
      in, shape_count(shape), out, shape_count(out_shape), [=](auto x, auto y, FloatRule) {
        quantized_conv2d(x, shape, weights, bias, y, groups, channels, window, in_offset,
                         weight_offset, requantize);
      });
}

Step read_quantized_matmul(Reading r) {
  const Range a = r.in<std::uint8_t>("in_a");
  const Range b = r.in<std::uint8_t>("in_b");
  const Range out = r.out<std::uint8_t>("out");
  const std::uint32_t rows = r.body.u32_in("a_rows", 1, 1 << 24);
  const std::uint32_t inner = r.body.u32_in("a_cols", 1, 1 << 24);
  const std::uint32_t columns = r.body.u32_in("b_cols", 1, 1 << 24);
  const std::int32_t a_offset = r.body.i32("a_off");
  const std::int32_t b_offset = r.body.i32("b_off");
  const Requantization requantize = read_requantization(r);
  r.take("in_a", a, {rows, inner});
  r.take("in_b", b, {inner, columns});
  r.give(out, {rows, columns});
  const std::vector<std::int32_t> bias = r.integers(columns, "bias");
  return [=](State& state) {
    std::vector<std::uint8_t> codes(std::size_t{rows} * columns);
    quantized_matmul(state.load<std::uint8_t>(a, std::size_t{rows} * inner),
                     state.load<std::uint8_t>(b, std::size_t{inner} * columns), bias, codes, rows,
                     inner, columns, a_offset, b_offset, requantize);
    state.store(out, codes);
  };
}

Step read_table_lookup(Reading r) {
  const Range in = r.in<std::uint8_t>("in");
  const Range table = r.in<std::uint8_t>("table");
  const Range out = r.out<std::uint8_t>("out");
  r.require_count("table", table, 256);
  const Shape shape = r.known_shape(in);
  r.take("in", in, shape);
  r.give(out, shape);
  return [=](State& state) {
    const std::vector<std::uint8_t> codes = state.load<std::uint8_t>(table, 256);
    std::vector<std::uint8_t> values = state.load<std::uint8_t>(in, in.count());
    for (std::uint8_t& value : values) {
      value = codes[value];
    }
    state.store(out, values);
  };
}

constexpr std::array kCodeOpcodes = {
    Opcode{0x03, "dequantize", read_dequantize},
    Opcode{0x06, "quantize", read_quantize},
    Opcode{0x0F, "quantized_conv2d", read_quantized_conv2d},
    Opcode{0x10, "quantized_matmul", read_quantized_matmul},
    Opcode{0x11, "quantized_binary", read_quantized_binary},
    Opcode{0x12, "table_lookup1d", read_table_lookup},
};

}  // namespace

std::span<const Opcode> code_opcodes() { return kCodeOpcodes; }

}  // namespace kpu::golden::v4
