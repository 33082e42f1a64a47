// SPDX-License-Identifier: Apache-2.0
//
// The v5 tensor functions that move elements or call another module (kmodel format, TENSOR).
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "golden/kmodel/main_memory.h"
#include "golden/kmodel/v5/frame.h"
#include "golden/ops/float_rules.h"
#include "golden/ops/move_ops.h"

namespace kpu::golden::v5 {
namespace {

using Frame = TensorFunctions::Frame;

void run_copy(Frame& f) {
  const AddressSpace::Address to = f.pop_address();
  const Tensor in = f.source(f.pop_address());
  const Tensor out = f.output(to, in.type, in.shape);
  f.compute([&] { f.store(out, f.load(in)); });
}

void run_broadcast(Frame& f) {
  const AddressSpace::Address to = f.pop_address();
  const Tensor in = f.source(f.pop_address());
  const Tensor out = f.output(to, in.type, f.shape("rshape_dest"));
  if (in.shape.size() > out.shape.size()) {
    throw Error("broadcast: expected an output of no fewer dimensions");
  }
  f.compute([&] {
    const std::size_t size = size_of(in.type);
    const std::vector<std::uint8_t> values = f.load(in);
    std::vector<std::uint8_t> spread;
    each_index(out.shape, [&](std::span<const std::uint32_t> index) {
      const auto first = values.begin() + broadcast_offset(in.shape, index) * size;
      spread.insert(spread.end(), first, first + size);
    });
    f.store(out, spread);
  });
}

void run_transpose(Frame& f) {
  const AddressSpace::Address to = f.pop_address();
  const Tensor in = f.source(f.pop_address());
  const std::vector<std::uint32_t>& perm = f.shape("rshape_perm");
  std::vector<std::uint32_t> sorted = perm;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t axis = 0; axis < std::max(sorted.size(), in.shape.size()); ++axis) {
    if (sorted.size() != in.shape.size() || sorted[axis] != axis) {
      throw Error(fmt::format("transpose: perm {}, expected each of {} axes once",
                              fmt::join(perm, ","), in.shape.size()));
    }
  }
  const Tensor out = f.output(to, in.type, transposed_shape(in.shape, perm));
  f.compute([&] {
    std::vector<std::uint8_t> moved(out.count() * size_of(in.type));
    transpose(f.load(in), moved, size_of(in.type), in.shape, perm);
    f.store(out, moved);
  });
}

void run_slice(Frame& f) {
  const AddressSpace::Address to = f.pop_address();
  const Tensor in = f.source(f.pop_address());
  const Shape& begins = f.shape("rbegins");
  const Shape& ends = f.shape("rends");
  const Shape& strides = f.shape("rstrides");
  const std::size_t rank = in.shape.size();
  if (begins.size() != rank || ends.size() != rank || strides.size() != rank) {
    throw Error(fmt::format("slice: begins, ends and strides of {}, {} and {} axes, expected {}",
                            begins.size(), ends.size(), strides.size(), rank));
  }
  std::vector<SliceAxis> axes;
  Shape out_shape;
  for (std::size_t i = 0; i < rank; ++i) {
    const auto size = static_cast<std::int32_t>(in.shape[i]);
    SliceAxis axis{.begin = static_cast<std::int32_t>(begins[i]),
                   .end = std::clamp(static_cast<std::int32_t>(ends[i]), -1, size),
                   .stride = static_cast<std::int32_t>(strides[i])};
    if (axis.stride == 0 || axis.begin < 0 || axis.begin >= size || axis.count() == 0) {
      throw Error(
          fmt::format("slice: begin={} end={} stride={} on axis {}, expected elements of {}",
                      axis.begin, axis.end, axis.stride, i, size));
    }
    axes.push_back(axis);
    out_shape.push_back(axis.count());
  }
  const Tensor out = f.output(to, in.type, out_shape);
  f.compute([&] {
    std::vector<std::uint8_t> picked(out.count() * size_of(in.type));
    slice(f.load(in), picked, size_of(in.type), in.shape, axes);
    f.store(out, picked);
  });
}

/// A number on the stack as one element of a type, little endian.
std::vector<std::uint8_t> element_of(Frame& f, const StackValue& value, DataType type) {
  const auto number =
      value.is_real ? to_int(value.real, f.rule) : static_cast<std::int32_t>(value.integer);
  std::vector<std::uint8_t> element(size_of(type));
  switch (type) {
    case DataType::kFloat32:
      store_le(std::span(element), 0, value.as_real());
      return element;
    case DataType::kInt32:
      store_le(std::span(element), 0, number);
      return element;
    case DataType::kUint8:
    case DataType::kInt8:
      element[0] = static_cast<std::uint8_t>(number);
      return element;
    default:
      f.not_implemented(fmt::format("for {}", to_string(type)));
  }
}

/// What is beside the elements is made of them, not constant.
void run_pad_repeating(Frame& f, const Tensor& in, const Tensor& out,
                       const std::vector<Padding>& paddings) {
  constexpr std::array kSources = {PadSource::kReflect, PadSource::kSymmetric, PadSource::kEdge};
  const PadSource source = kSources[f.call["pad_mode"] - 1];
  for (std::size_t axis = 0; axis < paddings.size(); ++axis) {
    if (paddings[axis].gap != 0) {
      f.not_implemented("but for a constant between elements");
    }
    if (!can_repeat(source, in.shape[axis], paddings[axis])) {
      throw Error(fmt::format("pad: {},{} on axis {} of {} elements, expected no more than it has",
                              paddings[axis].before, paddings[axis].after, axis, in.shape[axis]));
    }
  }
  f.compute([&] {
    std::vector<std::uint8_t> padded(out.count() * size_of(in.type));
    pad_repeating(f.load(in), padded, size_of(in.type), in.shape, paddings, source);
    f.store(out, padded);
  });
}

void run_pad(Frame& f) {
  const StackValue value = f.machine.pop();
  const AddressSpace::Address to = f.pop_address();
  const Tensor in = f.source(f.pop_address());
  const std::vector<Padding>& paddings = f.machine.paddings(f.call["rpaddings"]);
  if (paddings.size() != in.shape.size()) {
    throw Error(fmt::format("pad: {} paddings, expected {}", paddings.size(), in.shape.size()));
  }
  Shape out_shape;
  for (std::size_t axis = 0; axis < paddings.size(); ++axis) {
    const std::int64_t gaps = std::int64_t{in.shape[axis] - 1} * paddings[axis].gap;
    const std::int64_t size =
        std::int64_t{in.shape[axis]} + gaps + paddings[axis].before + paddings[axis].after;
    if (size < 1 || size > std::int64_t{kMaxMainMemory}) {
      throw Error(fmt::format("pad: axis {} of {} elements, expected 1 or more that fit memory",
                              axis, size));
    }
    out_shape.push_back(static_cast<std::uint32_t>(size));
  }
  const Tensor out = f.output(to, in.type, out_shape);
  if (f.call["pad_mode"] != 0) {
    run_pad_repeating(f, in, out, paddings);
    return;
  }
  const std::vector<std::uint8_t> element = element_of(f, value, in.type);
  const Shape wide = spread_shape(in.shape, paddings);
  if (shape_count(wide) > kMaxMainMemory) {
    throw Error(
        fmt::format("pad: {} with gaps, expected a tensor that fits memory", fmt::join(wide, "x")));
  }
  f.compute([&] {
    std::vector<std::uint8_t> values = f.load(in);
    if (wide != in.shape) {
      std::vector<std::uint8_t> apart(shape_count(wide) * element.size());
      spread(values, apart, element.size(), in.shape, paddings, element);
      values = std::move(apart);
    }
    std::vector<std::uint8_t> padded(out.count() * element.size());
    pad(values, padded, element.size(), wide, paddings, element);
    f.store(out, padded);
  });
}

void run_resize(Frame& f) {
  const AddressSpace::Address to = f.pop_address();
  const AddressSpace::Address from = f.pop_address();
  const std::int64_t width = f.machine.pop_integer();
  const std::int64_t height = f.machine.pop_integer();
  const Tensor in = f.source(from);
  f.require_rank(in, 4);
  constexpr std::int64_t kMaxSize = 1 << 20;
  if (height < 1 || width < 1 || height > kMaxSize || width > kMaxSize) {
    throw Error(fmt::format("resize_image: to {}x{}, expected 1 to {}", height, width, kMaxSize));
  }
  Resize resize;
  resize.mode = f.call["resize_mode"] == 0 ? ResizeMode::kBilinear : ResizeMode::kNearest;
  resize.align_corners = f.call["align_corners"] != 0;
  resize.half_pixel = f.call["half_pixel_centers"] != 0;
  resize.round_codes = true;
  resize.in_height = in.shape[2];
  resize.in_width = in.shape[3];
  resize.out_height = static_cast<std::uint32_t>(height);
  resize.out_width = static_cast<std::uint32_t>(width);
  const Tensor out =
      f.output(to, in.type, {in.shape[0], in.shape[1], resize.out_height, resize.out_width});
  if (in.type != DataType::kFloat32 && in.type != DataType::kUint8) {
    f.not_implemented(fmt::format("for {}", to_string(in.type)));
  }
  const std::size_t planes = std::size_t{in.shape[0]} * in.shape[1];
  f.compute([&] {
    if (in.type == DataType::kFloat32) {
      std::vector<float> values(out.count());
      resize_planes(std::span<const float>(f.load_floats(in)), values, planes, resize);
      f.store_floats(out, values);
    } else {
      std::vector<std::uint8_t> codes(out.count());
      resize_planes(std::span<const std::uint8_t>(f.load(in)), codes, planes, resize);
      f.store(out, codes);
    }
  });
}

void run_lut1d(Frame& f) {
  f.machine.pop();  // largest and smallest input, which the vendor's runtime ignores
  f.machine.pop();
  const AddressSpace::Address to = f.pop_address();
  const AddressSpace::Address at_table = f.pop_address();
  const Tensor in = f.source(f.pop_address());
  f.require_type(in, DataType::kUint8);
  const Tensor table = f.input(at_table, in.type, {256}, {1});
  const Tensor out = f.output(to, in.type, in.shape);
  f.compute([&] {
    const std::vector<std::uint8_t> codes = f.load(table);
    std::vector<std::uint8_t> values = f.load(in);
    std::transform(values.begin(), values.end(), values.begin(),
                   [&](std::uint8_t value) { return codes[value]; });
    f.store(out, values);
  });
}

/// Block sizes and paddings of the last axes, as many of both and each axis there.
void require_blocks(const Tensor& in, const Shape& block, const std::vector<Padding>& paddings) {
  constexpr std::uint32_t kMaxBlock = 1 << 16;
  const bool sizes = std::all_of(block.begin(), block.end(),
                                 [](std::uint32_t size) { return size >= 1 && size <= kMaxBlock; });
  if (!sizes || block.size() != paddings.size() || block.size() >= in.shape.size()) {
    throw Error(fmt::format("blocks {} with {} paddings on {} dimensions", fmt::join(block, "x"),
                            paddings.size(), in.shape.size()));
  }
}

void run_space_to_batch(Frame& f) {
  const AddressSpace::Address to = f.pop_address();
  const Tensor in = f.source(f.pop_address());
  const Shape& block = f.shape("rshape_block");
  const std::vector<Padding>& paddings = f.machine.paddings(f.call["rpad_crops"]);
  require_blocks(in, block, paddings);
  for (std::size_t i = 0; i < block.size(); ++i) {
    const std::int64_t size = std::int64_t{in.shape[in.shape.size() - block.size() + i]} +
                              paddings[i].before + paddings[i].after;
    if (size < 1 || size % block[i] != 0) {
      throw Error(
          fmt::format("space_to_batch: {} elements, expected blocks of {}", size, block[i]));
    }
  }
  const Tensor out = f.output(to, in.type, space_to_batch_shape(in.shape, block, paddings));
  f.compute([&] {
    std::vector<std::uint8_t> moved(out.count() * size_of(in.type));
    space_to_batch(f.load(in), moved, size_of(in.type), in.shape, block, paddings);
    f.store(out, moved);
  });
}

void run_batch_to_space(Frame& f) {
  const AddressSpace::Address to = f.pop_address();
  const Tensor in = f.source(f.pop_address());
  const Shape& block = f.shape("rshape_block");
  const std::vector<Padding>& crops = f.machine.paddings(f.call["rpad_crops"]);
  require_blocks(in, block, crops);
  if (in.shape[0] % shape_count(block) != 0) {
    throw Error(fmt::format("batch_to_space: {} batches, expected a multiple of {}", in.shape[0],
                            shape_count(block)));
  }
  for (std::size_t i = 0; i < block.size(); ++i) {
    const std::int64_t size = std::int64_t{in.shape[in.shape.size() - block.size() + i]} * block[i];
    if (crops[i].before < 0 || crops[i].after < 0 || crops[i].before + crops[i].after >= size) {
      throw Error(fmt::format("batch_to_space: crops {},{} of {} elements", crops[i].before,
                              crops[i].after, size));
    }
  }
  const Tensor out = f.output(to, in.type, batch_to_space_shape(in.shape, block, crops));
  f.compute([&] {
    std::vector<std::uint8_t> moved(out.count() * size_of(in.type));
    batch_to_space(f.load(in), moved, size_of(in.type), in.shape, block, crops);
    f.store(out, moved);
  });
}

void run_call(Frame& f) {
  const auto pop_tensor = [&] {
    const auto strides = static_cast<std::uint32_t>(f.machine.pop_integer());
    const auto shape = static_cast<std::uint32_t>(f.machine.pop_integer());
    const std::int64_t type = f.machine.pop_integer();
    if (type < 0 || type >= static_cast<std::int64_t>(kDataTypes)) {
      throw Error(fmt::format("call: datatype {}, expected 0 to {}", type, kDataTypes - 1));
    }
    Tensor tensor{.type = static_cast<DataType>(type),
                  .address = f.pop_address(),
                  .shape = f.machine.shape(shape),
                  .strides = f.machine.shape(strides)};
    if (tensor.shape.size() != tensor.strides.size()) {
      throw Error("call: a tensor's shape and strides differ in length");
    }
    check_tensor(f.machine.memory(), tensor);
    return tensor;
  };
  std::vector<Tensor>& inputs = f.operation.inputs;
  std::vector<Tensor>& outputs = f.operation.outputs;
  for (std::uint32_t i = 0; i < f.call["num_dst"]; ++i) {
    outputs.insert(outputs.begin(), pop_tensor());
  }
  for (std::uint32_t i = 0; i < f.call["num_src"]; ++i) {
    inputs.insert(inputs.begin(), pop_tensor());
  }
  if (f.observer) {
    f.observer(f.operation);
  }
  // In a trace, too: the module's function lists its own layers.
  f.call_function(f.call["module_id"], f.call["function_id"], inputs, outputs);
}

constexpr std::array kMoveFunctions = {
    TensorFunction{"batch_to_space", run_batch_to_space},
    TensorFunction{"broadcast", run_broadcast},
    TensorFunction{"call", run_call},
    TensorFunction{"copy", run_copy},
    TensorFunction{"lut1d", run_lut1d},
    TensorFunction{"pad", run_pad},
    TensorFunction{"resize_image", run_resize},
    TensorFunction{"slice", run_slice},
    TensorFunction{"space_to_batch", run_space_to_batch},
    TensorFunction{"transpose", run_transpose},
};

}  // namespace

std::span<const TensorFunction> move_functions() { return kMoveFunctions; }

}  // namespace kpu::golden::v5
