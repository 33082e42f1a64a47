// SPDX-License-Identifier: Apache-2.0
//
// Bodies of the v4 layers of the runtime's "cpu" kind (kmodel format, v4 body layouts): images are
// N x H x W x C. No compiler has emitted them; weights are taken as [out][ky][kx][in], depthwise
// [channel][ky][kx].
#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/kmodel/v4/program.h"
#include "golden/ops/float_rules.h"
#include "golden/ops/quantized_ops.h"
#include "golden/ops/windows.h"

namespace kpu::golden::v4 {
namespace {

/// Sizes of a layer on an N x H x W x C image.
struct Nhwc {
  Shape in;
  Shape out;
  WindowShape window;
  bool depthwise;

  std::size_t taps() const { return std::size_t(window.filter_height) * window.filter_width; }
  std::size_t summed_channels() const { return depthwise ? 1 : in[3]; }
  std::uint64_t weights() const { return saturating_product({out[3], taps(), summed_channels()}); }

  /// Calls start(channel) for each output value in memory order, then add(pixel, weight) with the
  /// offsets of each tap inside the image, then finish().
  template <class Start, class Add, class Finish>
  void each(Start start, Add add, Finish finish) const {
    each_index(out, [&](std::span<const std::uint32_t> index) {
      const std::uint32_t channel = index[3];
      start(channel);
      each_tap(window, index[1], index[2], in[1], in[2],
               [&](std::int64_t ky, std::int64_t kx, std::size_t y, std::size_t x) {
                 const std::size_t pixel = ((index[0] * in[1] + y) * in[2] + x) * in[3];
                 const std::size_t tap = channel * taps() + ky * window.filter_width + kx;
                 for (std::size_t i = 0; i < summed_channels(); ++i) {
                   add(pixel + (depthwise ? channel : i), tap * summed_channels() + i);
                 }
               });
      finish();
    });
  }
};

/// Fields from the input's shape to the dilation.
Nhwc read_sizes(Reading& r, bool depthwise) {
  Nhwc sizes;
  sizes.depthwise = depthwise;
  sizes.in = r.shape("in_shape");
  const std::uint32_t channels =
      depthwise ? sizes.in[3] : r.body.u32_in("out_channels", 1, 1 << 20);
  const Padding pad_height = r.padding("padding_h");
  const Padding pad_width = r.padding("padding_w");
  sizes.window = r.window(pad_height, pad_width);
  const Shape planar{sizes.in[0], sizes.in[3], sizes.in[1], sizes.in[2]};
  const Shape out = r.window_output(planar, channels, sizes.window);
  sizes.out = {out[0], out[2], out[3], channels};
  return sizes;
}

template <bool kDepthwise>
Step read_nhwc_conv2d(Reading r) {
  const Range in = r.in<float>("in");
  const Range out = r.out<float>("out");
  const Nhwc sizes = read_sizes(r, kDepthwise);
  const ClampRange clamp = r.clamp();
  r.take("in", in, sizes.in);
  r.give(out, sizes.out);
  const std::vector<float> weights = r.floats(sizes.weights(), "weights");
  const std::vector<float> bias = r.floats(sizes.out[3], "bias");
  return map_step<float, float>(in, shape_count(sizes.in), out, shape_count(sizes.out),
                                [=](auto x, auto y, FloatRule rule) {
                                  std::size_t i = 0;
                                  float sum = 0;
                                  sizes.each([&](std::uint32_t channel) { sum = bias[channel]; },
                                             [&](std::size_t pixel, std::size_t weight) {
                                               sum = mul_add(x[pixel], weights[weight], sum, rule);
                                             },
                                             [&] { y[i++] = clamp.apply(sum); });
                                });
}

template <bool kDepthwise>
Step read_nhwc_quantized_conv2d(Reading r) {
  const Range in = r.in<std::uint8_t>("in");
  const Range out = r.out<std::uint8_t>("out");
  const Nhwc sizes = read_sizes(r, kDepthwise);
  const std::int32_t in_offset = r.body.i32("in_off");
  const std::int32_t weight_offset = r.body.i32("filter_off");
  Requantization requantize;
  requantize.mul = r.body.i32("out_mul");
  requantize.shift = r.body.u32_in("out_shift", 0, 63);
  requantize.offset = r.body.i32("out_off");
  r.take("in", in, sizes.in);
  r.give(out, sizes.out);
  const std::span<const std::uint8_t> weights = r.body.bytes(sizes.weights(), "weights");
  const std::vector<std::int32_t> bias = r.integers(sizes.out[3], "bias");
  return map_step<std::uint8_t, std::uint8_t>(
      in, shape_count(sizes.in), out, shape_count(sizes.out), [=](auto x, auto y, FloatRule) {
        std::size_t i = 0;
        std::uint32_t sum = 0;
        // The offsets are subtracted here, unlike in quantized_conv2d.
        sizes.each([&](std::uint32_t channel) { sum = bias[channel]; },
                   [&](std::size_t pixel, std::size_t weight) {
                     sum += (x[pixel] - static_cast<std::uint32_t>(in_offset)) *
                            (weights[weight] - static_cast<std::uint32_t>(weight_offset));
                   },
                   [&] { y[i++] = requantize.code(static_cast<std::int32_t>(sum)); });
      });
}

Step read_nhwc_reduce_window(Reading r) {
  constexpr std::array kOps = {ReduceOp::kMean, ReduceOp::kMin, ReduceOp::kMax, ReduceOp::kSum};
  const Range in = r.in<float>("in");
  const Range out = r.out<float>("out");
  const ReduceOp op = kOps[r.body.u32_in("op", 0, kOps.size() - 1)];
  const Nhwc sizes = read_sizes(r, true);
  const float init = r.body.f32("init");
  const ClampRange clamp = r.clamp();
  r.take("in", in, sizes.in);
  r.give(out, sizes.out);
  return map_step<float, float>(
      in, shape_count(sizes.in), out, shape_count(sizes.out), [=](auto x, auto y, FloatRule) {
        std::size_t i = 0;
        WindowSum sum(op, init);
        sizes.each([&](std::uint32_t) { sum = WindowSum(op, init); },
                   [&](std::size_t pixel, std::size_t) { sum.add(x[pixel]); },
                   [&] { y[i++] = clamp.apply(sum.result()); });
      });
}

constexpr std::array kNhwcOpcodes = {
    Opcode{0x1001, "cpu_conv2d", read_nhwc_conv2d<false>},
    Opcode{0x1002, "cpu_depthwise_conv2d", read_nhwc_conv2d<true>},
    Opcode{0x1003, "cpu_reduce_window2d", read_nhwc_reduce_window},
    Opcode{0x1004, "cpu_quantized_conv2d", read_nhwc_quantized_conv2d<false>},
    Opcode{0x1005, "cpu_quantized_depthwise_conv2d", read_nhwc_quantized_conv2d<true>},
};

}  // namespace

std::span<const Opcode> nhwc_opcodes() { return kNhwcOpcodes; }

}  // namespace kpu::golden::v4
