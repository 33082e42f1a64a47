// SPDX-License-Identifier: Apache-2.0
//
// The v5 tensor functions that reckon with numbers of more than one type (kmodel format, TENSOR):
// binary operations, and reductions over axes. Integers wrap as they do in two's complement.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "golden/kmodel/v5/frame.h"

namespace kpu::golden::v5 {
namespace {

using Frame = TensorFunctions::Frame;

/// Numbers of the binary operations in a file.
enum BinaryNumber : std::uint32_t {
  kAdd,
  kSub,
  kMul,
  kDiv,
  kMin,
  kMax,
  kPow,
  kFloorDiv,
  kFloorMod,
  kBitwiseAnd,
  kBitwiseOr,
  kBitwiseXor,
  kLogicalAnd,
  kLogicalOr,
  kLogicalXor,
};

/// Whether both, either, or one of two is not 0.
template <class T>
T logical(std::uint32_t op, T a, T b) {
  const bool left = a != 0;
  const bool right = b != 0;
  switch (op) {
    case kLogicalAnd:
      return left && right;
    case kLogicalOr:
      return left || right;
    default:
      return left != right;
  }
}

template <class T>
T integer_binary(std::uint32_t op, T a, T b) {
  using Bits = std::make_unsigned_t<T>;
  const auto x = static_cast<Bits>(a);
  const auto y = static_cast<Bits>(b);
  // Also where the quotient does not fit: the processor would stop there.
  const bool divides = b != 0 && !(b == -1 && a == std::numeric_limits<T>::min());
  switch (op) {
    case kAdd:
      return static_cast<T>(x + y);
    case kSub:
      return static_cast<T>(x - y);
    case kMul:
      return static_cast<T>(x * y);
    case kDiv:
      return divides ? a / b : 0;
    case kMin:
      return std::min(a, b);
    case kMax:
      return std::max(a, b);
    case kBitwiseAnd:
      return a & b;
    case kBitwiseOr:
      return a | b;
    case kBitwiseXor:
      return a ^ b;
    default:
      return logical(op, a, b);
  }
}

constexpr bool is_integer_operation(std::uint32_t op) {
  return op <= kMax || (op >= kBitwiseAnd && op <= kLogicalXor);
}

template <class T, class Operate>
void each_result(Frame& f, const Tensor& a, const Tensor& b, const Tensor& out, Operate operate) {
  f.compute([&] {
    const std::vector<T> left = f.load_as<T>(a);
    const std::vector<T> right = f.load_as<T>(b);
    std::vector<T> result;
    result.reserve(out.count());
    each_pair(a.shape, b.shape, out.shape, [&](std::size_t at_a, std::size_t at_b) {
      result.push_back(operate(left[at_a], right[at_b]));
    });
    f.store_as(out, result);
  });
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
  const std::uint32_t op = f.call["binary_op"];
  const auto integers = [&](auto zero) {
    using T = decltype(zero);
    if (!is_integer_operation(op)) {
      f.not_implemented(fmt::format("for this binary_op of {}", to_string(type)));
    }
    each_result<T>(f, a, b, out, [op](T x, T y) { return integer_binary(op, x, y); });
  };
  if (type == DataType::kInt32) {
    integers(std::int32_t{});
    return;
  }
  if (type == DataType::kInt64) {
    integers(std::int64_t{});
    return;
  }
  f.require_type(out, DataType::kFloat32);
  const ClampRange clamp = f.clamp_range();
  if (op < kOps.size()) {
    each_result<float>(f, a, b, out,
                       [&](float x, float y) { return clamp.apply(apply(kOps[op], x, y)); });
  } else if (op >= kLogicalAnd && op <= kLogicalXor) {
    each_result<float>(f, a, b, out,
                       [&](float x, float y) { return clamp.apply(logical(op, x, y)); });
  } else {
    f.not_implemented("for this binary_op");
  }
}

template <class T>
T integer_accumulate(ReduceOp op, T sum, T x) {
  switch (op) {
    case ReduceOp::kMin:
      return std::min(sum, x);
    case ReduceOp::kMax:
      return std::max(sum, x);
    case ReduceOp::kProduct:
      return integer_binary<T>(kMul, sum, x);
    default:
      return integer_binary<T>(kAdd, sum, x);
  }
}

/// As reduce(), of integers: the mean is cut towards 0.
template <class T>
void integer_reduce(ReduceOp op, std::span<const T> in, const Shape& in_shape, std::span<T> out,
                    const Shape& out_shape, T init) {
  std::fill(out.begin(), out.end(), init);
  std::size_t i = 0;
  each_index(in_shape, [&](std::span<const std::uint32_t> index) {
    T& sum = out[broadcast_offset(out_shape, index)];
    sum = integer_accumulate(op, sum, in[i++]);
  });
  if (op == ReduceOp::kMean) {
    for (T& y : out) {
      y /= static_cast<T>(in.size() / out.size());
    }
  }
}

/// A reduction's start as an integer: the number as the program has it, cut to the type's range.
template <class T>
T integer_start(float init) {
  constexpr auto kLow = static_cast<float>(std::numeric_limits<T>::min());
  if (init >= -kLow) {
    return std::numeric_limits<T>::max();
  }
  return init <= kLow ? std::numeric_limits<T>::min() : static_cast<T>(init);
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
  const auto integers = [&](auto zero) {
    using T = decltype(zero);
    f.compute([&] {
      std::vector<T> result(out.count());
      const std::vector<T> values = f.load_as<T>(in);
      integer_reduce(op, std::span<const T>(values), in.shape, std::span<T>(result), kept,
                     integer_start<T>(init));
      f.store_as(out, result);
    });
  };
  if (in.type == DataType::kInt32) {
    integers(std::int32_t{});
    return;
  }
  if (in.type == DataType::kInt64) {
    integers(std::int64_t{});
    return;
  }
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
  reduce_axes(f, in, to, "rshape_axis", f.reduce_op(), init);
}

void run_reduce_prod(Frame& f) {
  const AddressSpace::Address to = f.pop_address();
  // Releases that do not store a type have floats only.
  const DataType type = f.call.has("datatype") ? f.call.type("datatype") : DataType::kFloat32;
  const Tensor in = f.input(f.pop_address(), type, f.shape("rshape_src"), f.shape("rstride_src"));
  reduce_axes(f, in, to, "rshape_axes", ReduceOp::kProduct, 1.0f);
}

constexpr std::array kArithmeticFunctions = {
    TensorFunction{"binary", run_binary},
    TensorFunction{"reduce", run_reduce},
    TensorFunction{"reduce_prod", run_reduce_prod},
};

}  // namespace

std::span<const TensorFunction> arithmetic_functions() { return kArithmeticFunctions; }

}  // namespace kpu::golden::v5
