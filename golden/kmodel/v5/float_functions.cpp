// SPDX-License-Identifier: Apache-2.0
//
// The v5 tensor functions that compute (kmodel format, TENSOR): what each pops from the stack, and
// the operation of golden/ops/tensor_ops.h behind it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "golden/kmodel/v5/frame.h"
#include "golden/ops/linear_codes.h"

namespace kpu::golden::v5 {
namespace {

using Frame = TensorFunctions::Frame;

/// What quantize and dequantize take from the stack.
struct Conversion {
  float bias = 0;
  float scale = 1;
  Tensor in, out;

  explicit Conversion(Frame& f) : bias(f.machine.pop_real()), scale(f.machine.pop_real()) {
    const AddressSpace::Address to = f.pop_address();
    in = f.input(f.pop_address(), f.call.type("in_datatype"), f.shape("rshape_src"),
                 f.shape("rstride_src"));
    out = f.output(to, f.call.type("dst_datatype"), in.shape);
  }
};

/// Computes with a code of the tensor's type, int8 or uint8; other types are not implemented.
template <class Convert>
void with_code_type(Frame& f, const Tensor& codes, Convert convert) {
  if (codes.type == DataType::kInt8) {
    f.compute([&] { convert(std::int8_t{}); });
    return;
  }
  f.require_type(codes, DataType::kUint8);
  f.compute([&] { convert(std::uint8_t{}); });
}

void run_quantize(Frame& f) {
  const Conversion c(f);
  f.require_type(c.in, DataType::kFloat32);
  with_code_type(f, c.out, [&](auto code) {
    std::vector<decltype(code)> codes(c.in.count());
    quantize_v5(f.load_floats(c.in), std::span(codes), c.scale, c.bias, f.rule);
    f.store_as(c.out, codes);
  });
}

void run_dequantize(Frame& f) {
  const Conversion c(f);
  f.require_type(c.out, DataType::kFloat32);
  with_code_type(f, c.in, [&](auto code) {
    using Code = decltype(code);
    std::vector<float> values(c.in.count());
    const std::vector<Code> codes = f.load_as<Code>(c.in);
    dequantize_v5(std::span<const Code>(codes), values, c.scale, c.bias, f.rule);
    f.store_floats(c.out, values);
  });
}

/// A function from each float to another.
template <class Function>
void elementwise(Frame& f, Function function) {
  const AddressSpace::Address to = f.pop_address();
  const Tensor in = f.source(f.pop_address());
  // Sigmoid of one release has no strides for its output and takes those of the input.
  const char* strides = f.call.has("rstride_dest") ? "rstride_dest" : "rstride_src";
  const Tensor out = f.output(to, in.type, in.shape, f.shape(strides));
  f.require_type(in, DataType::kFloat32);
  f.compute([&] {
    std::vector<float> values = f.load_floats(in);
    for (float& value : values) {
      value = function(value);
    }
    f.store_floats(out, values);
  });
}

void run_unary(Frame& f) {
  const UnaryOp op = f.machine.numbering().unary(f.call["unary_op"]);
  elementwise(f, [=](float x) { return apply(op, x); });
}

void run_sigmoid(Frame& f) {
  elementwise(f, [](float x) { return 1.0f / (1.0f + std::exp(-x)); });
}

/// Paddings of a window from the stack.
WindowShape pop_window(Frame& f) {
  WindowShape window;
  window.pad_width = f.machine.pop_padding();
  window.pad_height = f.machine.pop_padding();
  return window;
}

/// Sets stride, dilation and size of a window on an image of N x C x H x W.
void set_window(const Frame& f, WindowShape& window, std::uint32_t filter_height,
                std::uint32_t filter_width) {
  window.filter_height = static_cast<std::int32_t>(filter_height);
  window.filter_width = static_cast<std::int32_t>(filter_width);
  window.stride_height = static_cast<std::int32_t>(f.call["stride_h"]);
  window.stride_width = static_cast<std::int32_t>(f.call["stride_w"]);
  window.dilation_height = static_cast<std::int32_t>(f.call["dilation_h"]);
  window.dilation_width = static_cast<std::int32_t>(f.call["dilation_w"]);
  for (std::int32_t value : {window.filter_height, window.filter_width, window.stride_height,
                             window.stride_width, window.dilation_height, window.dilation_width}) {
    if (value < 1 || value > 0xFFFF) {
      throw Error(fmt::format("{}: window with a {}, expected 1 to 65535", f.call.function, value));
    }
  }
}

Shape window_output(const Frame& f, const Shape& in, std::uint32_t channels,
                    const WindowShape& window) {
  const std::int64_t height = window.out_height(in[2]);
  const std::int64_t width = window.out_width(in[3]);
  if (height < 1 || width < 1) {
    throw Error(fmt::format("{}: no window fits the image", f.call.function));
  }
  return {in[0], channels, static_cast<std::uint32_t>(height), static_cast<std::uint32_t>(width)};
}

void run_reduce_window(Frame& f) {
  WindowShape window = pop_window(f);
  const AddressSpace::Address to = f.pop_address();
  const float init = f.machine.pop_real();
  const Tensor in = f.source(f.pop_address());
  f.require_rank(in, 4);
  f.require_type(in, DataType::kFloat32);
  set_window(f, window, f.call["filter_h"], f.call["filter_w"]);
  const Tensor out = f.output(to, in.type, window_output(f, in.shape, in.shape[1], window));
  f.compute([&] {
    std::vector<float> result(out.count());
    reduce_window(f.reduce_op(), f.load_floats(in), in.shape, result, window, init,
                  f.clamp_range());
    f.store_floats(out, result);
  });
}

void run_conv2d(Frame& f) {
  WindowShape window = pop_window(f);
  const AddressSpace::Address to = f.pop_address();
  const AddressSpace::Address at_bias = f.pop_address();
  const AddressSpace::Address at_weights = f.pop_address();
  const Tensor in = f.source(f.pop_address());
  const Tensor weights =
      f.input(at_weights, in.type, f.shape("rshape_kernel"), f.shape("rstride_kernel"));
  f.require_rank(in, 4);
  f.require_rank(weights, 4);
  f.require_type(in, DataType::kFloat32);
  const std::uint32_t channels = weights.shape[0];
  const Tensor bias = f.input(at_bias, in.type, {channels}, f.shape("rstride_bias"));
  const std::uint32_t groups = f.call["groups"];
  if (groups == 0 || in.shape[1] % groups != 0 || channels % groups != 0 ||
      weights.shape[1] != in.shape[1] / groups) {
    throw Error(fmt::format("conv2d: groups={} with {} to {} channels and weights for {}", groups,
                            in.shape[1], channels, weights.shape[1]));
  }
  set_window(f, window, weights.shape[2], weights.shape[3]);
  const Tensor out = f.output(to, in.type, window_output(f, in.shape, channels, window));
  f.compute([&] {
    std::vector<float> result(out.count());
    conv2d(f.load_floats(in), in.shape, f.load_floats(weights), f.load_floats(bias), result, groups,
           channels, window, f.clamp_range(), f.rule);
    f.store_floats(out, result);
  });
}

/// An operand of matmul; older releases have no strides.
Tensor matrix(Frame& f, AddressSpace::Address address, const char* shape, const char* strides) {
  return f.call.has(strides)
             ? f.input(address, DataType::kFloat32, f.shape(shape), f.shape(strides))
             : f.packed_input(address, DataType::kFloat32, f.shape(shape));
}

/// Matrices, or batches of them: rank 3, where a batch of one goes with every other.
void run_matmul(Frame& f) {
  const AddressSpace::Address to = f.pop_address();
  const AddressSpace::Address at_bias = f.pop_address();
  const AddressSpace::Address at_b = f.pop_address();
  const Tensor a = matrix(f, f.pop_address(), "rshape_src1", "rstride_src1");
  const Tensor b = matrix(f, at_b, "rshape_src2", "rstride_src2");
  const std::size_t rank = std::max(a.shape.size(), b.shape.size());
  if (std::min(a.shape.size(), b.shape.size()) < 2 || rank > 3) {
    f.not_implemented(fmt::format("for {} and {} dimensions", a.shape.size(), b.shape.size()));
  }
  const std::size_t a_batches = a.shape.size() == 3 ? a.shape[0] : 1;
  const std::size_t b_batches = b.shape.size() == 3 ? b.shape[0] : 1;
  const std::size_t batches = std::max(a_batches, b_batches);
  const std::uint32_t rows = a.shape[a.shape.size() - 2];
  const std::uint32_t inner = a.shape.back();
  const std::uint32_t columns = b.shape.back();
  if (inner != b.shape[b.shape.size() - 2] || (a_batches != 1 && a_batches != batches) ||
      (b_batches != 1 && b_batches != batches)) {
    throw Error(fmt::format("matmul: {} by {}, expected matrices that fit each other",
                            fmt::join(a.shape, "x"), fmt::join(b.shape, "x")));
  }
  const Tensor bias = f.packed_input(at_bias, DataType::kFloat32, {columns});
  Shape out_shape = {rows, columns};
  if (rank == 3) {
    out_shape.insert(out_shape.begin(), static_cast<std::uint32_t>(batches));
  }
  const Tensor out = f.call.has("rstride_dest")
                         ? f.output(to, DataType::kFloat32, out_shape)
                         : f.packed_output(to, DataType::kFloat32, out_shape);
  f.compute([&] {
    const std::vector<float> left = f.load_floats(a);
    const std::vector<float> right = f.load_floats(b);
    const std::vector<float> offsets = f.load_floats(bias);
    std::vector<float> result(out.count());
    const std::size_t left_size = std::size_t{rows} * inner;
    const std::size_t right_size = std::size_t{inner} * columns;
    const std::size_t result_size = std::size_t{rows} * columns;
    for (std::size_t batch = 0; batch < batches; ++batch) {
      matmul(std::span(left).subspan(a_batches == 1 ? 0 : batch * left_size, left_size),
             std::span(right).subspan(b_batches == 1 ? 0 : batch * right_size, right_size), offsets,
             std::span(result).subspan(batch * result_size, result_size), rows, inner, columns,
             f.clamp_range(), f.rule);
    }
    f.store_floats(out, result);
  });
}

void run_softmax(Frame& f) {
  const AddressSpace::Address to = f.pop_address();
  const Tensor in = f.source(f.pop_address());
  const Tensor out = f.output(to, in.type, in.shape);
  f.require_type(in, DataType::kFloat32);
  const std::size_t axis = f.axis_of(f.call["axis"], in.shape.size());
  f.compute([&] {
    std::vector<float> result(out.count());
    softmax(f.load_floats(in), result, AxisCut(in.shape, axis), f.call.real("beta"));
    f.store_floats(out, result);
  });
}

constexpr std::array kFloatFunctions = {
    TensorFunction{"conv2d", run_conv2d},
    TensorFunction{"dequantize", run_dequantize},
    TensorFunction{"matmul", run_matmul},
    TensorFunction{"quantize", run_quantize},
    TensorFunction{"reduce_window2d", run_reduce_window},
    TensorFunction{"sigmoid", run_sigmoid},
    TensorFunction{"softmax", run_softmax},
    TensorFunction{"unary", run_unary},
};

}  // namespace

std::span<const TensorFunction> float_functions() { return kFloatFunctions; }

}  // namespace kpu::golden::v5
