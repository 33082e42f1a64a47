// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/bits.h"
#include "common/field_reader.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/kpu_file.h"
#include "golden/kmodel/kpu_queue.h"
#include "golden/kmodel/main_memory.h"
#include "golden/kpu/profile.h"
#include "golden/ops/tensor_ops.h"

namespace kpu::golden::v4 {

/// Operations of two inputs, in the order of their numbers in layers' bodies.
inline constexpr std::array kBinaryOps = {BinaryOp::kAdd, BinaryOp::kSub, BinaryOp::kMul,
                                          BinaryOp::kDiv, BinaryOp::kMin, BinaryOp::kMax};

enum class MemoryKind : std::uint32_t { kConst = 0, kMain = 1, kKpu = 2 };

/// Where a tensor lies; checked against its memory's size.
struct Range {
  MemoryKind kind = MemoryKind::kMain;
  ElementType type = ElementType::kUint8;
  std::uint32_t start = 0;  ///< bytes
  std::uint32_t size = 0;   ///< bytes

  std::size_t count() const { return size / size_of(type); }
};

template <class T>
constexpr ElementType kElementType =
    std::is_same_v<T, float> ? ElementType::kFloat32 : ElementType::kUint8;

/// A network of format v4 while it runs.
struct State {
  std::span<const std::uint8_t> constants;
  MainMemory memory;
  KpuQueue& kpu;
  FloatRule rule;

  /// The first `count` elements of a range.
  template <class T>
  std::vector<T> load(const Range& range, std::size_t count) {
    std::vector<T> values(count);
    if (range.kind == MemoryKind::kConst) {
      copy_bytes(values.data(), constants.data() + range.start, count * sizeof(T));
    } else if (range.kind == MemoryKind::kMain) {
      values = memory.load<T>(range.start, count);
    } else {
      kpu.read_ram(range.start,
                   {reinterpret_cast<std::uint8_t*>(values.data()), count * sizeof(T)});
    }
    return values;
  }

  template <class T>
  void store(const Range& range, const std::vector<T>& values) {
    if (range.kind == MemoryKind::kMain) {
      memory.store(range.start, values);
    } else {
      kpu.write_ram(range.start, {reinterpret_cast<const std::uint8_t*>(values.data()),
                                  values.size() * sizeof(T)});
    }
  }
};

/// A checked layer, ready to run.
using Step = std::function<void(State&)>;

/// Sizes of the memories, and the shapes of the tensors in them when the layer being read runs.
struct Memories {
  std::size_t constants = 0;
  std::size_t main = 0;
  std::map<std::pair<MemoryKind, std::uint32_t>, Shape> shapes;

  std::size_t size(MemoryKind kind) const;
};

/// What reads a layer's body: the fields, and the checks that all layers make.
class Reading {
 public:
  Reading(FieldReader& body, Memories& memories, LayerInfo& layer)
      : body(body), layer(layer), memories_(memories) {}

  /// A range inside its memory, of any type.
  Range range(const char* field);

  /// A range of T; an input's shape is listed by shapes().
  template <class T>
  Range in(const char* field) {
    return typed(field, kElementType<T>);
  }

  /// A range of T that can be written.
  template <class T>
  Range out(const char* field) {
    const Range range = typed(field, kElementType<T>);
    require_writable(field, range);
    return range;
  }

  void require_writable(const char* field, const Range& range);

  /// Four dimensions of 1 or more.
  Shape shape(const char* field);
  Padding padding(const char* field);
  /// Filter, stride and dilation, in the order of the body; the paddings come before them.
  WindowShape window(Padding pad_height, Padding pad_width);
  ClampRange clamp();
  std::vector<float> floats(std::uint64_t count, const char* field);
  std::vector<std::int32_t> integers(std::uint64_t count, const char* field);

  /// Throws Error unless `range` has at least `count` elements.
  void require_count(const char* field, const Range& range, std::uint64_t count);

  /// Throws Error unless `groups` divides both channel counts.
  void require_groups(std::uint32_t groups, std::uint32_t in_channels, std::uint32_t out_channels);

  /// Output shape of a window over `in` with `channels`; throws Error if no window fits.
  Shape window_output(const Shape& in, std::uint32_t channels, const WindowShape& window);

  /// Checks the size of an input and lists its shape.
  void take(const char* field, const Range& range, const Shape& shape);
  /// Checks the size of the output, lists its shape and remembers it.
  void give(const Range& range, const Shape& shape);
  /// The shape remembered for a range, else just its count.
  Shape known_shape(const Range& range) const;

  FieldReader& body;
  LayerInfo& layer;

 private:
  Range typed(const char* field, ElementType type);

  Memories& memories_;
};

/// Weights of a grouped convolution over the N x C x H x W image `in`.
std::uint64_t weight_count(const Shape& in, std::uint32_t groups, std::uint32_t out_channels,
                           const WindowShape& window);

/// The step of a layer with one input and one output: run(in, out, float rule) on spans.
template <class In, class Out, class Run>
Step map_step(const Range& in, std::uint64_t in_count, const Range& out, std::uint64_t out_count,
              Run run) {
  return [=](State& state) {
    const std::vector<In> input = state.load<In>(in, in_count);
    std::vector<Out> output(out_count);
    run(std::span<const In>(input), std::span<Out>(output), state.rule);
    state.store(out, output);
  };
}

/// An opcode of the runtime.
struct Opcode {
  std::uint32_t id;
  const char* name;
  Step (*read)(Reading);
};

/// The opcodes that run on the CPU, by what they work on; v4_*_layers.cpp.
std::span<const Opcode> float_opcodes();
std::span<const Opcode> code_opcodes();
std::span<const Opcode> move_opcodes();
std::span<const Opcode> nhwc_opcodes();

}  // namespace kpu::golden::v4
