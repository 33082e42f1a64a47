// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/field_reader.h"
#include "golden/kmodel/v5/isa.h"
#include "golden/ops/tensor_ops.h"

namespace kpu::golden::v5 {

/// Where a range lies.
enum class Location : std::uint8_t {
  kInput = 0,
  kOutput = 1,
  kRdata = 2,
  kData = 3,
  kSharedData = 4,
  kKpuRam = 64,
};

/// A tensor's bytes in one of a module's memories.
struct Range {
  Location location = Location::kInput;
  DataType type = DataType::kUint8;
  std::uint32_t start = 0;
  std::uint32_t size = 0;
};

/// A range with its shape, as a function declares its inputs and outputs.
struct Declared {
  Range range;
  Shape shape;
};

struct Function {
  std::uint32_t input_bytes = 0;  ///< of the pool that the inputs lie in
  std::uint32_t output_bytes = 0;
  std::vector<Declared> inputs;
  std::vector<Declared> outputs;
  std::span<const std::uint8_t> text;
  std::size_t text_offset = 0;  ///< in the file
};

struct Module {
  std::string type;              ///< "stackvm" or "k210"
  std::uint32_t data_bytes = 0;  ///< working memory
  std::vector<Function> functions;
  std::span<const std::uint8_t> rdata;
};

/// A kmodel of version 5 taken apart (kmodel format, v5 container); spans point into the file.
struct Container {
  std::vector<Module> modules;
  std::uint32_t entry_module = 0;
  std::uint32_t entry_function = 0;

  const Function& entry() const { return modules[entry_module].functions[entry_function]; }
};

/// Takes `file` apart, checking every size and offset. Throws Error.
Container read_container(std::span<const std::uint8_t> file);

/// The 12 bytes of a range: location, datatype, shared module, start, size.
Range read_range(FieldReader& reader, const char* field);

}  // namespace kpu::golden::v5
