// SPDX-License-Identifier: Apache-2.0
//
// The v5 tensor functions that compute (kmodel format, TENSOR): what each pops from the stack, and
// the operation of golden/ops/tensor_ops.h behind it.
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

ClampRange clamp_range(const Frame& f) {
  return {f.call.real("fused_clamp_low"), f.call.real("fused_clamp_high")};
}

ReduceOp reduce_op(const Frame& f) {
  constexpr std::array kOps = {ReduceOp::kMean, ReduceOp::kMin, ReduceOp::kMax, ReduceOp::kSum};
  return kOps[f.call["reduce_op"]];
}

void run_quantize(Frame& f) {
  const float bias = f.machine.pop_real();
  const float scale = f.machine.pop_real();
  const AddressSpace::Address to = f.pop_address();
  const Tensor in = f.input(f.pop_address(), f.call.type("in_datatype"), f.shape("rshape_src"),
                            f.shape("rstride_src"));
  const Tensor out = f.output(to, f.call.type("dst_datatype"), in.shape);
  f.require_type(in, DataType::kFloat32);
  const auto quantize = [&](auto code) {
    std::vector<decltype(code)> codes(in.count());
    quantize_v5(f.load_floats(in), std::span(codes), scale, bias, f.rule);
    f.store_as(out, codes);
  };
  if (out.type == DataType::kInt8) {
    f.compute([&] { quantize(std::int8_t{}); });
    return;
  }
  f.require_type(out, DataType::kUint8);
  f.compute([&] { quantize(std::uint8_t{}); });
}

void run_dequantize(Frame& f) {
  const float bias = f.machine.pop_real();
  const float scale = f.machine.pop_real();
  const AddressSpace::Address to = f.pop_address();
  const Tensor in = f.input(f.pop_address(), f.call.type("in_datatype"), f.shape("rshape_src"),
                            f.shape("rstride_src"));
  const Tensor out = f.output(to, f.call.type("dst_datatype"), in.shape);
  f.require_type(out, DataType::kFloat32);
  const auto dequantize = [&](auto code) {
    using Code = decltype(code);
    std::vector<float> values(in.count());
    const std::vector<Code> codes = f.load_as<Code>(in);
    dequantize_v5(std::span<const Code>(codes), values, scale, bias, f.rule);
    f.store_floats(out, values);
  };
  if (in.type == DataType::kInt8) {
    f.compute([&] { dequantize(std::int8_t{}); });
    return;
  }
  f.require_type(in, DataType::kUint8);
  f.compute([&] { dequantize(std::uint8_t{}); });
}

void run_binary(Frame& f) {
  constexpr std::array kOps = {BinaryOp::kAdd, BinaryOp::kSub,      BinaryOp::kMul,
                               BinaryOp::kDiv, BinaryOp::kMin,      BinaryOp::kMax,
                               BinaryOp::kPow, BinaryOp::kFloorDiv, BinaryOp::kFloorMod};
  const AddressSpace::Address to = f.pop_address();
  const AddressSpace::Address at_b = f.pop_address();
  const DataType type = f.call.type("datatype");
  const Tensor a = f.input(f.pop_address(), type, f.shape("rshape_src1"), f.shape("rstride_src1"));
  const Tensor b = f.input(at_b, type, f.shape("rshape_src2"), f.shape("rstride_src2"));
  const Tensor out = f.output(to, type, broadcast_shape(a.shape, b.shape));
  f.require_type(out, DataType::kFloat32);
  const std::uint32_t op = f.call["binary_op"];
  if (op >= kOps.size()) {
    f.not_implemented("for this binary_op");
  }
  f.compute([&] {
    std::vector<float> result(out.count());
    binary(kOps[op], f.load_floats(a), a.shape, f.load_floats(b), b.shape, result, out.shape,
           clamp_range(f));
    f.store_floats(out, result);
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

/// A reduction over the axes in register operand `axes`, starting at `init`.
void reduce_axes(Frame& f, const Tensor& in, AddressSpace::Address to, std::string_view axes,
                 ReduceOp op, float init) {
  Shape kept = in.shape;  // with a 1 for each reduced axis
  std::vector<bool> reduced(in.shape.size());
  for (std::uint32_t axis : f.shape(axes)) {
    const std::size_t at = f.axis_of(axis, kept.size());
    kept[at] = 1;
    reduced[at] = true;
  }
  Shape out_shape = kept;
  if (f.call["keep_dims"] == 0) {
    out_shape.clear();
    for (std::size_t axis = 0; axis < kept.size(); ++axis) {
      if (!reduced[axis]) {
        out_shape.push_back(kept[axis]);
      }
    }
  }
  const Tensor out = f.output(to, in.type, out_shape);
  f.require_type(in, DataType::kFloat32);
  f.compute([&] {
    std::vector<float> result(out.count());
    // The firmware's compiler turns the division into a multiplication.
    const MeanRule mean = f.rule == FloatRule::kDevice ? MeanRule::kMultiply : MeanRule::kDivide;
    reduce(op, f.load_floats(in), in.shape, result, kept, init, mean);
    f.store_floats(out, result);
  });
}

void run_reduce(Frame& f) {
  const float init = f.machine.pop_real();
  const AddressSpace::Address to = f.pop_address();
  const Tensor in = f.source(f.pop_address());
  reduce_axes(f, in, to, "rshape_axis", reduce_op(f), init);
}

void run_reduce_prod(Frame& f) {
  const AddressSpace::Address to = f.pop_address();
  // Releases that do not store a type have floats only.
  const DataType type = f.call.has("datatype") ? f.call.type("datatype") : DataType::kFloat32;
  const Tensor in = f.input(f.pop_address(), type, f.shape("rshape_src"), f.shape("rstride_src"));
  reduce_axes(f, in, to, "rshape_axes", ReduceOp::kProduct, 1.0f);
}

/// Stride, dilation and paddings of a window on an image of N x C x H x W.
WindowShape window_shape(Frame& f, Padding pad_height, Padding pad_width,
                         std::uint32_t filter_height, std::uint32_t filter_width) {
  WindowShape window{.pad_height = pad_height, .pad_width = pad_width};
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
  return window;
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
  const Padding pad_width = f.machine.pop_padding();
  const Padding pad_height = f.machine.pop_padding();
  const AddressSpace::Address to = f.pop_address();
  const float init = f.machine.pop_real();
  const Tensor in = f.source(f.pop_address());
  f.require_rank(in, 4);
  f.require_type(in, DataType::kFloat32);
  const WindowShape window =
      window_shape(f, pad_height, pad_width, f.call["filter_h"], f.call["filter_w"]);
  const Tensor out = f.output(to, in.type, window_output(f, in.shape, in.shape[1], window));
  f.compute([&] {
    std::vector<float> result(out.count());
    reduce_window(reduce_op(f), f.load_floats(in), in.shape, result, window, init, clamp_range(f));
    f.store_floats(out, result);
  });
}

void run_conv2d(Frame& f) {
  const Padding pad_width = f.machine.pop_padding();
  const Padding pad_height = f.machine.pop_padding();
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
  const WindowShape window =
      window_shape(f, pad_height, pad_width, weights.shape[2], weights.shape[3]);
  const Tensor out = f.output(to, in.type, window_output(f, in.shape, channels, window));
  f.compute([&] {
    std::vector<float> result(out.count());
    conv2d(f.load_floats(in), in.shape, f.load_floats(weights), f.load_floats(bias), result, groups,
           channels, window, clamp_range(f), f.rule);
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
             clamp_range(f), f.rule);
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

constexpr std::array kFunctions = {
    TensorFunction{"binary", run_binary},
    TensorFunction{"conv2d", run_conv2d},
    TensorFunction{"dequantize", run_dequantize},
    TensorFunction{"matmul", run_matmul},
    TensorFunction{"quantize", run_quantize},
    TensorFunction{"reduce", run_reduce},
    TensorFunction{"reduce_prod", run_reduce_prod},
    TensorFunction{"reduce_window2d", run_reduce_window},
    TensorFunction{"sigmoid", run_sigmoid},
    TensorFunction{"softmax", run_softmax},
    TensorFunction{"unary", run_unary},
};

}  // namespace

std::span<const TensorFunction> float_functions() { return kFunctions; }

}  // namespace kpu::golden::v5
