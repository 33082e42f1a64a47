// SPDX-License-Identifier: Apache-2.0
//
// Bodies of the v4 layers that move elements (kmodel format, v4 body layouts). They take floats
// and codes alike, as the ranges say.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "golden/kmodel/v4/program.h"
#include "golden/ops/move_ops.h"

namespace kpu::golden::v4 {
namespace {

std::size_t element_size(const Range& range) { return size_of(range.type); }

/// Input and output ranges of the same type.
struct Ends {
  Range in, out;

  explicit Ends(Reading& r) : in(r.range("in")), out(r.range("out")) {
    r.require_writable("out", out);
    if (in.type != out.type) {
      r.body.fail("out", out.type == ElementType::kFloat32 ? 0 : 1, "the input's datatype");
    }
  }
};

/// The step of a layer that moves whole elements: run(in, out, bytes of an element).
template <class Run>
Step move_step(const Ends& ends, const Shape& in_shape, const Shape& out_shape, Run run) {
  const std::size_t size = element_size(ends.in);
  return map_step<std::uint8_t, std::uint8_t>(ends.in, shape_count(in_shape) * size, ends.out,
                                              shape_count(out_shape) * size,
                                              [=](auto x, auto y, FloatRule) { run(x, y, size); });
}

Step read_concat(Reading r) {
  struct Part {
    Range range;
    std::size_t bytes;
  };
  const Range out = r.range("out");
  r.require_writable("out", out);
  const std::uint32_t inner = r.body.u32_in("inner_size", 1, kMaxMainMemory);
  const std::uint32_t outer = r.body.u32_in("outer_size", 1, kMaxMainMemory);
  const std::uint32_t count = r.body.u32("n");
  if (count == 0 || count > r.body.remaining() / 20) {
    r.body.fail("n", count, "1 or more inputs, as many as the body holds");
  }
  std::vector<Part> parts(count);
  for (Part& part : parts) {
    part.range = r.range("input");
  }
  std::uint64_t block = 0;
  for (Part& part : parts) {
    const std::uint64_t dim = r.body.u32("dim");
    part.bytes = inner * dim;
    if (saturating_product({part.bytes, outer}) > part.range.size) {
      r.body.fail("dim", dim, fmt::format("blocks inside the input's {} bytes", part.range.size));
    }
    block += part.bytes;
    r.layer.in += (r.layer.in.empty() ? "" : "+") + std::to_string(part.range.count());
  }
  const std::uint64_t total = saturating_product({block, outer});
  if (total > out.size) {
    r.body.fail("outer_size", outer, fmt::format("blocks inside the output's {} bytes", out.size));
  }
  const auto elements = static_cast<std::uint32_t>(total / element_size(out));
  r.give(out, {elements});
  return [=](State& state) {
    std::vector<std::uint8_t> joined(total);
    std::size_t first = 0;
    for (const Part& part : parts) {
      const auto bytes = state.load<std::uint8_t>(part.range, part.bytes * outer);
      for (std::size_t i = 0; i < outer; ++i) {
        std::copy_n(bytes.begin() + i * part.bytes, part.bytes, joined.begin() + i * block + first);
      }
      first += part.bytes;
    }
    state.store(out, joined);
  };
}

Step read_memory_copy(Reading r) {
  const Ends ends(r);
  // The runtime copies whole floats, whatever the type: up to three codes at the end stay behind.
  const std::size_t bytes = ends.in.size / 4 * 4;
  if (ends.out.size < bytes) {
    r.body.fail("out", ends.out.size, fmt::format("room for {} bytes", bytes));
  }
  const Shape shape = r.known_shape(ends.in);
  r.take("in", ends.in, shape);
  r.give(ends.out, shape);
  return [=](State& state) { state.store(ends.out, state.load<std::uint8_t>(ends.in, bytes)); };
}

Step read_pad(Reading r) {
  const Ends ends(r);
  const Shape shape = r.shape("in_shape");
  std::vector<Padding> padding;
  Shape out_shape;
  for (std::uint32_t dim : shape) {
    padding.push_back(r.padding("paddings"));
    const std::int64_t out = std::int64_t{dim} + padding.back().before + padding.back().after;
    if (out < 1) {
      r.body.fail("paddings", dim, "an output of one element or more on each axis");
    }
    out_shape.push_back(static_cast<std::uint32_t>(out));
  }
  r.body.u32("pad_value type");
  const ByteView value = r.body.bytes(4, "pad_value");
  r.take("in", ends.in, shape);
  r.give(ends.out, out_shape);
  return move_step(ends, shape, out_shape, [=](auto x, auto y, std::size_t size) {
    pad(x, y, size, shape, padding, value);
  });
}

Step read_resize(Reading r) {
  const Ends ends(r);
  const Shape shape = r.shape("in_shape");
  Resize resize;
  resize.in_height = shape[2];
  resize.in_width = shape[3];
  resize.out_height = r.body.u32_in("out_h", 1, 1 << 20);
  resize.out_width = r.body.u32_in("out_w", 1, 1 << 20);
  resize.mode = r.body.u32_in("mode", 0, 1) == 0 ? ResizeMode::kBilinear : ResizeMode::kNearest;
  const bool align_corners = r.body.u8("align_corners") != 0;
  // The runtime ignores it for the nearest pixel.
  resize.align_corners = align_corners && resize.mode == ResizeMode::kBilinear;
  r.layer.detail = resize.mode == ResizeMode::kBilinear ? "bilinear" : "nearest";
  const Shape out_shape{shape[0], shape[1], resize.out_height, resize.out_width};
  r.take("in", ends.in, shape);
  r.give(ends.out, out_shape);
  const std::size_t planes = std::size_t{shape[0]} * shape[1];
  const auto step = [&]<class T>(T) {
    return map_step<T, T>(ends.in, shape_count(shape), ends.out, shape_count(out_shape),
                          [=](std::span<const T> x, std::span<T> y, FloatRule) {
                            resize_planes(x, y, planes, resize);
                          });
  };
  return ends.in.type == ElementType::kFloat32 ? step(float{}) : step(std::uint8_t{});
}

Step read_transpose(Reading r) {
  const Ends ends(r);
  const Shape shape = r.shape("in_shape");
  std::vector<std::uint32_t> perm;
  std::uint32_t seen = 0;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    perm.push_back(r.body.u32_in("perm", 0, 3));
    seen |= 1u << perm.back();
  }
  if (seen != 0xF) {
    r.body.fail("perm", perm.back(), "each axis once");
  }
  const Shape out_shape = transposed_shape(shape, perm);
  r.take("in", ends.in, shape);
  r.give(ends.out, out_shape);
  r.layer.detail = fmt::format("perm={}", fmt::join(perm, ","));
  return move_step(ends, shape, out_shape,
                   [=](auto x, auto y, std::size_t size) { transpose(x, y, size, shape, perm); });
}

Step read_strided_slice(Reading r) {
  const Ends ends(r);
  const Shape shape = r.shape("in_shape");
  std::vector<SliceAxis> axes(shape.size());
  for (SliceAxis& axis : axes) {
    axis.begin = r.body.i32("begin");
  }
  for (SliceAxis& axis : axes) {
    axis.end = r.body.i32("end");
  }
  Shape out_shape;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    axes[i].stride = r.body.i32("strides");
    if (axes[i].stride == 0) {
      r.body.fail("strides", 0, "a stride that is not 0");
    }
    if (!axes[i].inside(shape[i])) {
      r.body.fail("begin", static_cast<std::uint32_t>(axes[i].begin),
                  fmt::format("a slice inside axis {} of {}", i, shape[i]));
    }
    out_shape.push_back(axes[i].count());
  }
  r.take("in", ends.in, shape);
  r.give(ends.out, out_shape);
  return move_step(ends, shape, out_shape,
                   [=](auto x, auto y, std::size_t size) { slice(x, y, size, shape, axes); });
}

constexpr std::array kMoveOpcodes = {
    Opcode{0x01, "concat", read_concat},
    Opcode{0x05, "pad", read_pad},
    Opcode{0x09, "memory_copy", read_memory_copy},
    Opcode{0x0A, "resize_image", read_resize},
    Opcode{0x0C, "transpose", read_transpose},
    Opcode{0x0D, "strided_slice", read_strided_slice},
};

}  // namespace

std::span<const Opcode> move_opcodes() { return kMoveOpcodes; }

}  // namespace kpu::golden::v4
