// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/field_reader.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/kpu_queue.h"
#include "golden/kmodel/main_memory.h"
#include "golden/kpu/profile.h"

namespace kpu::golden::v3 {

/// A network of format v3 while it runs.
struct State {
  MainMemory memory;
  KpuQueue& kpu;
  FloatRule rule;
};

/// A checked layer, ready to run.
using Step = std::function<void(State&)>;

/// What the loader knows about main memory: its size, and the tensors that lie there when the
/// layer being read runs.
class MemoryMap {
 public:
  explicit MemoryMap(std::uint32_t bytes) : bytes_(bytes) {}

  /// Bytes that can be used: the declared size rounded up to 8, as slots are.
  std::uint64_t size() const { return (std::uint64_t{bytes_} + 7) / 8 * 8; }

  /// Throws Error, naming `field`, if `count` bytes at `address` leave main memory.
  void require(const FieldReader& reader, const char* field, std::uint32_t address,
               std::uint64_t count) const;

  /// Notes that a tensor is written to `address`.
  void write(std::uint32_t address, ElementType type, std::vector<std::uint32_t> dims);

  /// Shape of the tensor at `address` if it has `count` elements, else just {count}.
  std::vector<std::uint32_t> dims(std::uint32_t address, std::uint32_t count) const;

  /// The tensor last written to `address`, or null.
  const TensorInfo* find(std::uint32_t address) const;

 private:
  std::uint32_t bytes_;
  std::map<std::uint32_t, TensorInfo> tensors_;
};

/// Reads the body of a layer that runs on the CPU (every type but K210_CONV) behind its flags, and
/// fills in `layer`'s type, shapes and detail. Throws Error for an unknown type or a bad field.
Step read_cpu_layer(std::uint32_t type, FieldReader& body, MemoryMap& map, LayerInfo& layer);

/// Names of the layer types that compute on the CPU.
std::vector<std::string> cpu_layer_names();

/// Name of a layer type ("k210_conv"), or "type <n>".
std::string layer_name(std::uint32_t type);

}  // namespace kpu::golden::v3
