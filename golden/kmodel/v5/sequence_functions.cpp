// SPDX-License-Identifier: Apache-2.0
//
// The v5 tensor functions that sum, normalise or recur along an axis (kmodel format, TENSOR): what
// each pops from the stack, and the operation of golden/ops/sequence_ops.h behind it. None has
// strides: their tensors are contiguous.
#include "golden/ops/sequence_ops.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/kmodel/v5/frame.h"

namespace kpu::golden::v5 {
namespace {

using Frame = TensorFunctions::Frame;

void run_cumsum(Frame& f) {
  const AddressSpace::Address to = f.pop_address();
  const DataType type = f.call.type("datatype");
  const Tensor in = f.packed_input(f.pop_address(), type, f.shape("rshape_src"));
  const Tensor out = f.packed_output(to, type, in.shape);
  const AxisCut cut(in.shape, f.axis_of(f.call["axis"], in.shape.size()));
  const auto sum = [&](auto zero) {
    using T = decltype(zero);
    const std::vector<T> values = f.load_as<T>(in);
    std::vector<T> result(values.size());
    cumulative_sum(std::span<const T>(values), std::span<T>(result), cut, f.call["exclusive"] != 0,
                   f.call["reverse"] != 0);
    f.store_as(out, result);
  };
  if (type == DataType::kInt32) {
    f.compute([&] { sum(std::int32_t{}); });
    return;
  }
  f.require_type(in, DataType::kFloat32);
  f.compute([&] { sum(float{}); });
}

void run_layer_normalization(Frame& f) {
  const AddressSpace::Address to = f.pop_address();
  const AddressSpace::Address at_bias = f.pop_address();
  const AddressSpace::Address at_scale = f.pop_address();
  const DataType type = f.call.type("datatype");
  const Tensor in = f.packed_input(f.pop_address(), type, f.shape("input_shape"));
  f.require_type(in, DataType::kFloat32);
  const std::size_t axis = f.axis_of(f.call["axis"], in.shape.size());
  const Shape inner(in.shape.begin() + static_cast<std::ptrdiff_t>(axis), in.shape.end());
  const Tensor scale = f.packed_input(at_scale, type, inner);
  const Tensor bias = f.packed_input(at_bias, type, inner);
  const Tensor out = f.packed_output(to, type, in.shape);
  f.compute([&] {
    std::vector<float> result(in.count());
    layer_norm(f.load_floats(in), result, f.load_floats(scale), f.load_floats(bias),
               f.call.real("epsilon"));
    f.store_floats(out, result);
  });
}

/// Directions by their numbers in the file.
enum GruDirection : std::uint32_t { kForward, kReverse, kBidirectional };

void run_gru(Frame& f) {
  const AddressSpace::Address to_state = f.pop_address();
  const AddressSpace::Address to = f.pop_address();
  const AddressSpace::Address at_state = f.pop_address();
  const AddressSpace::Address at_bias = f.pop_address();
  const AddressSpace::Address at_r = f.pop_address();
  const AddressSpace::Address at_w = f.pop_address();
  constexpr DataType kType = DataType::kFloat32;
  const Tensor in = f.packed_input(f.pop_address(), kType, f.shape("input_shape_src"));
  const Tensor w = f.packed_input(at_w, kType, f.shape("w_shape_src"));
  f.require_rank(in, 3);
  f.require_rank(w, 3);
  const std::uint32_t directions = w.shape[0];
  const std::uint32_t hidden = w.shape[1] / 3;
  const std::uint32_t direction = f.call["direction"];
  if (w.shape[1] % 3 != 0 || w.shape[2] != in.shape[2] || direction > kBidirectional ||
      directions != (direction == kBidirectional ? 2u : 1u)) {
    throw Error(fmt::format("gru: weights {} for inputs {} with direction={}",
                            fmt::join(w.shape, "x"), fmt::join(in.shape, "x"), direction));
  }
  const Tensor r = f.packed_input(at_r, kType, {directions, 3 * hidden, hidden});
  const Tensor bias = f.packed_input(at_bias, kType, {directions, 6 * hidden});
  const Shape state_shape = {directions, in.shape[1], hidden};
  const Tensor state = f.packed_input(at_state, kType, state_shape);
  const Tensor out = f.packed_output(to, kType, {in.shape[0], directions, in.shape[1], hidden});
  const Tensor last = f.packed_output(to_state, kType, state_shape);
  f.compute([&] {
    const GruShape shape{.steps = in.shape[0],
                         .batches = in.shape[1],
                         .inputs = in.shape[2],
                         .hidden = hidden,
                         .directions = directions,
                         .reverse = direction == kReverse,
                         // The release before it had none and computed as if it were off.
                         .linear_before_reset = f.call.has("linear_before_reset") &&
                                                f.call["linear_before_reset"] != 0};
    const std::vector<float> weights = f.load_floats(w);
    const std::vector<float> recurrent = f.load_floats(r);
    const std::vector<float> offsets = f.load_floats(bias);
    std::vector<float> states = f.load_floats(state);
    std::vector<float> result(out.count());
    gru(shape, f.load_floats(in), {weights, recurrent, offsets}, states, result);
    f.store_floats(out, result);
    f.store_floats(last, states);
  });
}

constexpr std::array kSequenceFunctions = {
    TensorFunction{"cumsum", run_cumsum},
    TensorFunction{"gru", run_gru},
    TensorFunction{"layer_normalization", run_layer_normalization},
};

}  // namespace

std::span<const TensorFunction> sequence_functions() { return kSequenceFunctions; }

}  // namespace kpu::golden::v5
