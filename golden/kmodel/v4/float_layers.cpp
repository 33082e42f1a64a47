// SPDX-License-Identifier: Apache-2.0
//
// Bodies of the v4 layers that compute in float (kmodel format, v4 body layouts).
#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/kmodel/v4/nnil.h"
#include "golden/kmodel/v4/program.h"

namespace kpu::golden::v4 {
namespace {

constexpr std::array kReduceOps = {ReduceOp::kMean, ReduceOp::kMin, ReduceOp::kMax, ReduceOp::kSum};
constexpr std::array kUnaryOps = {UnaryOp::kAbs,   UnaryOp::kCeil,  UnaryOp::kCos, UnaryOp::kExp,
                                  UnaryOp::kFloor, UnaryOp::kLog,   UnaryOp::kNeg, UnaryOp::kRsqrt,
                                  UnaryOp::kSin,   UnaryOp::kSquare};

/// The operation that the field `op` names in a table.
template <class Op, std::size_t N>
Op read_op(Reading& r, const std::array<Op, N>& table) {
  return table[r.body.u32_in("op", 0, N - 1)];
}

Step read_binary(Reading r) {
  const Range a = r.in<float>("in_a");
  const Range b = r.in<float>("in_b");
  const Range out = r.out<float>("out");
  const BinaryOp op = read_op(r, kBinaryOps);
  const Shape a_shape = r.shape("a_shape");
  const Shape b_shape = r.shape("b_shape");
  const Shape out_shape = r.shape("out_shape");
  const ClampRange clamp = r.clamp();
  r.take("in_a", a, a_shape);
  r.take("in_b", b, b_shape);
  r.give(out, out_shape);
  return [=](State& state) {
    std::vector<float> result(shape_count(out_shape));
    binary(op, state.load<float>(a, shape_count(a_shape)), a_shape,
           state.load<float>(b, shape_count(b_shape)), b_shape, result, out_shape, clamp);
    state.store(out, result);
  };
}

Step read_conv2d(Reading r) {
  const Range in = r.in<float>("in");
  const Range out = r.out<float>("out");
  const Shape shape = r.shape("in_shape");
  const std::uint32_t groups = r.body.u32_in("groups", 1, shape[1]);
  const std::uint32_t channels = r.body.u32_in("out_channels", 1, 1 << 20);
  r.require_groups(groups, shape[1], channels);
  const Padding pad_height = r.padding("padding_h");
  const Padding pad_width = r.padding("padding_w");
  const WindowShape window = r.window(pad_height, pad_width);
  const ClampRange clamp = r.clamp();
  const Shape out_shape = r.window_output(shape, channels, window);
  r.take("in", in, shape);
  r.give(out, out_shape);
  const std::vector<float> weights =
      r.floats(weight_count(shape, groups, channels, window), "weights");
  const std::vector<float> bias = r.floats(channels, "bias");
  return map_step<float, float>(
      in, shape_count(shape), out, shape_count(out_shape), [=](auto x, auto y, FloatRule rule) {
        conv2d(x, shape, weights, bias, y, groups, channels, window, clamp, rule);
      });
}

Step read_conv2d_transpose(Reading r) {
  const Range in = r.in<float>("in");
  const Range out = r.out<float>("out");
  const Shape shape = r.shape("in_shape");
  const Shape out_shape = r.shape("out_shape");
  const std::uint32_t groups = r.body.u32_in("groups", 1, shape[1]);
  r.require_groups(groups, shape[1], out_shape[1]);
  const Padding pad_height = r.padding("padding_h");
  const Padding pad_width = r.padding("padding_w");
  const WindowShape window = r.window(pad_height, pad_width);
  const ClampRange clamp = r.clamp();
  if (shape[0] != out_shape[0]) {
    r.body.fail("out_shape", out_shape[0], "as many images as the input");
  }
  r.take("in", in, shape);
  r.give(out, out_shape);
  const std::vector<float> weights =
      r.floats(weight_count(shape, groups, out_shape[1], window), "weights");
  r.floats(out_shape[1], "bias");
  return map_step<float, float>(
      in, shape_count(shape), out, shape_count(out_shape), [=](auto x, auto y, FloatRule rule) {
        conv2d_transpose(x, shape, weights, y, out_shape, groups, window, clamp, rule);
      });
}

Step read_matmul(Reading r) {
  const Range a = r.in<float>("in_a");
  const Range b = r.in<float>("in_b");
  const Range out = r.out<float>("out");
  const std::uint32_t rows = r.body.u32_in("a_rows", 1, 1 << 24);
  const std::uint32_t inner = r.body.u32_in("a_cols", 1, 1 << 24);
  const std::uint32_t columns = r.body.u32_in("b_cols", 1, 1 << 24);
  const ClampRange clamp = r.clamp();
  r.take("in_a", a, {rows, inner});
  r.take("in_b", b, {inner, columns});
  r.give(out, {rows, columns});
  const std::vector<float> bias = r.floats(columns, "bias");
  return [=](State& state) {
    std::vector<float> result(std::size_t{rows} * columns);
    matmul(state.load<float>(a, std::size_t{rows} * inner),
           state.load<float>(b, std::size_t{inner} * columns), bias, result, rows, inner, columns,
           clamp, state.rule);
    state.store(out, result);
  };
}

Step read_reduce(Reading r) {
  const Range in = r.in<float>("in");
  const Range out = r.out<float>("out");
  const ReduceOp op = read_op(r, kReduceOps);
  const Shape shape = r.shape("in_shape");
  const Shape out_shape = r.shape("out_shape");
  const float init = r.body.f32("init");
  r.take("in", in, shape);
  r.give(out, out_shape);
  return map_step<float, float>(
      in, shape_count(shape), out, shape_count(out_shape),
      [=](auto x, auto y, FloatRule) { reduce(op, x, shape, y, out_shape, init, MeanRule::kMultiply); });
}

Step read_reduce_window(Reading r) {
  const Range in = r.in<float>("in");
  const Range out = r.out<float>("out");
  const ReduceOp op = read_op(r, kReduceOps);
  const Shape shape = r.shape("in_shape");
  const Padding pad_height = r.padding("padding_h");
  const Padding pad_width = r.padding("padding_w");
  const WindowShape window = r.window(pad_height, pad_width);
  const float init = r.body.f32("init");
  const ClampRange clamp = r.clamp();
  const Shape out_shape = r.window_output(shape, shape[1], window);
  r.take("in", in, shape);
  r.give(out, out_shape);
  return map_step<float, float>(
      in, shape_count(shape), out, shape_count(out_shape),
      [=](auto x, auto y, FloatRule) { reduce_window(op, x, shape, y, window, init, clamp); });
}

Step read_softmax(Reading r) {
  const Range in = r.in<float>("in");
  const Range out = r.out<float>("out");
  const std::uint32_t inner = r.body.u32_in("inner_size", 1, 1 << 26);
  const std::uint32_t outer = r.body.u32_in("outer_size", 1, 1 << 26);
  const float beta = r.body.f32("beta");
  const Shape shape{outer, inner};
  r.take("in", in, shape);
  r.give(out, shape);
  return map_step<float, float>(
      in, shape_count(shape), out, shape_count(shape),
      [=](auto x, auto y, FloatRule) { softmax(x, y, AxisCut(shape, 1), beta); });
}

/// A layer from each float to another.
template <class Function>
Step elementwise(Reading& r, const Range& in, const Range& out, Function function) {
  const Shape shape = r.known_shape(in);
  r.take("in", in, shape);
  r.give(out, shape);
  return map_step<float, float>(in, in.count(), out, in.count(), [=](auto x, auto y, FloatRule) {
    for (std::size_t i = 0; i < y.size(); ++i) {
      y[i] = function(x[i]);
    }
  });
}

Step read_unary(Reading r) {
  const Range in = r.in<float>("in");
  const Range out = r.out<float>("out");
  const UnaryOp op = read_op(r, kUnaryOps);
  return elementwise(r, in, out, [=](float x) { return apply(op, x); });
}

Step read_nnil_unary(Reading r) {
  const Range in = r.in<float>("in");
  const Range out = r.out<float>("out");
  const std::span<const std::uint8_t> code = r.body.bytes(r.body.remaining(), "code");
  check_nnil(code, r.body.where());
  return elementwise(r, in, out, [=](float x) { return run_nnil(code, x); });
}

constexpr std::array kFloatOpcodes = {
    Opcode{0x00, "binary", read_binary},
    Opcode{0x02, "conv2d", read_conv2d},
    Opcode{0x04, "matmul", read_matmul},
    Opcode{0x07, "reduce", read_reduce},
    Opcode{0x08, "reduce_window2d", read_reduce_window},
    Opcode{0x0B, "softmax", read_softmax},
    Opcode{0x0E, "unary", read_unary},
    Opcode{0x13, "conv2d_transpose", read_conv2d_transpose},
    Opcode{0x14, "nnil_unary_method", read_nnil_unary},
};

}  // namespace

std::span<const Opcode> float_opcodes() { return kFloatOpcodes; }

}  // namespace kpu::golden::v4
