// SPDX-License-Identifier: Apache-2.0
//
// Fields that bodies of format v4 have in common (kmodel format, v4 body layouts).
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/bits.h"
#include "golden/kmodel/v4/program.h"
#include "golden/kpu/ai_ram.h"

namespace kpu::golden::v4 {
namespace {

/// No dimension, filter or padding of a network that fits the chip is larger.
constexpr std::int32_t kMaxDim = 1 << 26;
constexpr std::int32_t kMaxPadding = 1 << 16;

/// Shape without leading ones, for listings.
std::string shape_text(Shape shape) {
  while (shape.size() > 1 && shape.front() == 1) {
    shape.erase(shape.begin());
  }
  return dims_text(shape);
}

}  // namespace

std::size_t Memories::size(MemoryKind kind) const {
  switch (kind) {
    case MemoryKind::kConst:
      return constants;
    case MemoryKind::kMain:
      return main;
    default:
      return kAiRamBytes;
  }
}

Range Reading::range(const char* field) {
  const std::uint32_t kind = body.u32(field);
  if (kind > 2) {
    body.fail(field, kind, "memory_type 0, 1 or 2");
  }
  const std::uint32_t type = body.u32(field);
  if (type > 1) {
    body.fail(field, type, "datatype 0 (float32) or 1 (uint8)");
  }
  Range range{.kind = static_cast<MemoryKind>(kind),
              .type = type == 0 ? ElementType::kFloat32 : ElementType::kUint8,
              .start = body.u32(field),
              .size = body.u32(field)};
  const std::size_t available = memories_.size(range.kind);
  if (range.size > available || range.start > available - range.size) {
    body.fail(field, range.start,
              fmt::format("{} bytes that end within the {} of its memory", range.size, available));
  }
  return range;
}

Range Reading::typed(const char* field, ElementType type) {
  const Range found = range(field);
  if (found.type != type) {
    body.fail(field, found.type == ElementType::kFloat32 ? 0 : 1,
              type == ElementType::kFloat32 ? "datatype 0 (float32)" : "datatype 1 (uint8)");
  }
  return found;
}

void Reading::require_writable(const char* field, const Range& range) {
  if (range.kind == MemoryKind::kConst) {
    body.fail(field, 0, "a memory_type that can be written");
  }
}

Shape Reading::shape(const char* field) {
  Shape dims;
  for (int axis = 0; axis < 4; ++axis) {
    dims.push_back(body.u32_in(field, 1, kMaxDim));
  }
  return dims;
}

Padding Reading::padding(const char* field) {
  const auto side = [&] {
    const std::int32_t value = body.i32(field);
    if (value < -kMaxPadding || value > kMaxPadding) {
      body.fail(field, static_cast<std::uint32_t>(value),
                fmt::format("{} to {}", -kMaxPadding, kMaxPadding));
    }
    return value;
  };
  const std::int32_t before = side();
  return {before, side()};
}

WindowShape Reading::window(Padding pad_height, Padding pad_width) {
  const auto positive = [&](const char* field) {
    return static_cast<std::int32_t>(body.u32_in(field, 1, kMaxPadding));
  };
  WindowShape window{.pad_height = pad_height, .pad_width = pad_width};
  window.filter_height = positive("filter_h");
  window.filter_width = positive("filter_w");
  window.stride_height = positive("stride_h");
  window.stride_width = positive("stride_w");
  window.dilation_height = positive("dilation_h");
  window.dilation_width = positive("dilation_w");
  layer.detail = fmt::format("kernel={}x{} stride={}x{}", window.filter_height, window.filter_width,
                             window.stride_height, window.stride_width);
  return window;
}

ClampRange Reading::clamp() {
  const float low = body.f32("act_min");
  return {low, body.f32("act_max")};
}

std::vector<float> Reading::floats(std::uint64_t count, const char* field) {
  const std::span<const std::uint8_t> raw = body.bytes(saturating_product({4, count}), field);
  std::vector<float> values(count);
  copy_bytes(values.data(), raw.data(), raw.size());
  return values;
}

std::vector<std::int32_t> Reading::integers(std::uint64_t count, const char* field) {
  const std::span<const std::uint8_t> raw = body.bytes(saturating_product({4, count}), field);
  std::vector<std::int32_t> values(count);
  copy_bytes(values.data(), raw.data(), raw.size());
  return values;
}

void Reading::require_count(const char* field, const Range& range, std::uint64_t count) {
  if (range.count() < count) {
    body.fail(field, range.size, fmt::format("bytes for {} elements", count));
  }
}

void Reading::require_groups(std::uint32_t groups, std::uint32_t in_channels,
                             std::uint32_t out_channels) {
  if (in_channels % groups != 0 || out_channels % groups != 0) {
    body.fail("groups", groups,
              fmt::format("a divisor of {} and {} channels", in_channels, out_channels));
  }
}

Shape Reading::window_output(const Shape& in, std::uint32_t channels, const WindowShape& window) {
  const std::int64_t height = window.out_height(in[2]);
  const std::int64_t width = window.out_width(in[3]);
  if (height < 1 || height > kMaxDim) {
    body.fail("filter_h", window.filter_height, "a window that fits the padded image");
  }
  if (width < 1 || width > kMaxDim) {
    body.fail("filter_w", window.filter_width, "a window that fits the padded image");
  }
  return {in[0], channels, static_cast<std::uint32_t>(height), static_cast<std::uint32_t>(width)};
}

void Reading::take(const char* field, const Range& range, const Shape& shape) {
  require_count(field, range, shape_count(shape));
  layer.in += (layer.in.empty() ? "" : "+") + shape_text(shape);
}

void Reading::give(const Range& range, const Shape& shape) {
  require_count("out", range, shape_count(shape));
  memories_.shapes[{range.kind, range.start}] = shape;
  layer.out = shape_text(shape);
}

Shape Reading::known_shape(const Range& range) const {
  const auto found = memories_.shapes.find({range.kind, range.start});
  if (found != memories_.shapes.end() && shape_count(found->second) == range.count()) {
    return found->second;
  }
  return {static_cast<std::uint32_t>(range.count())};
}

std::uint64_t weight_count(const Shape& in, std::uint32_t groups, std::uint32_t out_channels,
                           const WindowShape& window) {
  return saturating_product({out_channels, in[1] / groups,
                             static_cast<std::uint64_t>(window.filter_height),
                             static_cast<std::uint64_t>(window.filter_width)});
}

}  // namespace kpu::golden::v4
