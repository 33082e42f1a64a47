// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/v5/container.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/error.h"
#include "golden/kmodel/main_memory.h"

namespace kpu::golden::v5 {
namespace {

constexpr std::size_t kNameBytes = 16;
constexpr std::uint32_t kMaxRank = 8;
constexpr std::uint32_t kMergedIntoRdata = 1;

/// A name up to its first 0, fit to be printed: other bytes than ASCII become question marks.
std::string read_name(FieldReader& reader, const char* field) {
  const std::span<const std::uint8_t> raw = reader.bytes(kNameBytes, field);
  std::string name(raw.begin(), std::find(raw.begin(), raw.end(), std::uint8_t{0}));
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return name;
}

/// A count of entries of `bytes` or more each: checked before anything is made for them.
std::uint32_t read_count(FieldReader& reader, const char* field, std::size_t bytes) {
  const std::uint32_t count = reader.u32(field);
  if (count > reader.remaining() / bytes) {
    reader.fail(field, count, "as many entries as the file holds");
  }
  return count;
}

std::uint32_t read_memory_size(FieldReader& reader, const char* field) {
  return reader.u32_in(field, 0, static_cast<std::uint32_t>(kMaxMainMemory));
}

Shape read_shape(FieldReader& reader) {
  Shape shape(reader.u32_in("rank", 0, kMaxRank));
  for (std::uint32_t& dim : shape) {
    dim = reader.u32_in("dimension", 1, static_cast<std::uint32_t>(kMaxMainMemory));
  }
  return shape;
}

std::vector<Declared> read_declared(FieldReader& reader, std::uint32_t count, Location location,
                                    std::uint32_t pool_bytes) {
  std::vector<Declared> tensors(count);
  for (Declared& tensor : tensors) {
    tensor.range = read_range(reader, "range");
    if (tensor.range.location != location) {
      reader.fail("location", static_cast<std::uint64_t>(tensor.range.location),
                  fmt::format("{}", static_cast<int>(location)));
    }
    if (tensor.range.size > pool_bytes || tensor.range.start > pool_bytes - tensor.range.size) {
      reader.fail("start", tensor.range.start,
                  fmt::format("{} bytes inside the pool of {}", tensor.range.size, pool_bytes));
    }
  }
  for (Declared& tensor : tensors) {
    tensor.shape = read_shape(reader);
    if (saturating_product({shape_count(tensor.shape), size_of(tensor.range.type)}) >
        tensor.range.size) {
      reader.fail("size", tensor.range.size, "room for the declared shape");
    }
  }
  return tensors;
}

/// A function whose text is still to be found.
struct Header {
  Function function;
  std::uint32_t entrypoint;
  std::uint32_t text_size;
};

Header read_function(FieldReader& module, std::span<const std::uint8_t> file, std::size_t index) {
  const std::size_t begin = module.offset();
  module.u32("header_size");
  const std::uint32_t size = module.u32("function size");
  if (size < 32 || size - 8 > module.remaining()) {
    module.fail("function size", size, "32 or more, inside the module");
  }
  const std::size_t end = begin + size;
  FieldReader reader(file, begin + 8, end, fmt::format("{} function {}", module.where(), index));
  Header header{};
  header.function.input_bytes = read_memory_size(reader, "input_pool_size");
  header.function.output_bytes = read_memory_size(reader, "output_pool_size");
  const std::uint32_t inputs = read_count(reader, "inputs", 16);
  const std::uint32_t outputs = read_count(reader, "outputs", 16);
  header.entrypoint = reader.u32("entrypoint");
  header.text_size = reader.u32("text_size");
  header.function.inputs =
      read_declared(reader, inputs, Location::kInput, header.function.input_bytes);
  header.function.outputs =
      read_declared(reader, outputs, Location::kOutput, header.function.output_bytes);
  module.skip(size - 8, "function");
  return header;
}

struct Sections {
  std::span<const std::uint8_t> rdata;
  std::span<const std::uint8_t> text;
  std::size_t text_offset = 0;
};

Sections read_sections(FieldReader& module, std::uint32_t count) {
  Sections sections;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string name = read_name(module, "section name");
    const std::uint32_t flags = module.u32("section flags");
    const std::uint32_t start = module.u32("body_start");
    const std::uint32_t size = module.u32("body_size");
    module.u32("reserved");
    if ((flags & kMergedIntoRdata) != 0) {
      continue;  // its body is part of .rdata, which is addressed as a whole
    }
    module.skip(start, "body_start");
    const std::size_t offset = module.offset();
    const std::span<const std::uint8_t> body = module.bytes(size, "body_size");
    if (name == ".rdata") {
      sections.rdata = body;
    } else if (name == ".text") {
      sections.text = body;
      sections.text_offset = offset;
    }
  }
  return sections;
}

Module read_module(FieldReader& reader, std::span<const std::uint8_t> file,
                   const std::string& type) {
  Module module;
  module.type = type;
  const std::uint32_t mempools = read_count(reader, "mempools", 8);
  const std::uint32_t shared = reader.u32("shared_mempools");
  const std::uint32_t sections = read_count(reader, "sections", 32);
  const std::uint32_t functions = read_count(reader, "functions", 32);
  reader.u32("reserved");
  for (std::uint32_t i = 0; i < mempools; ++i) {
    const auto location = static_cast<Location>(reader.u32("location") & 0xFF);
    const std::uint32_t size = read_memory_size(reader, "mempool size");
    if (location == Location::kData) {
      module.data_bytes = size;
    }
  }
  if (shared != 0) {
    reader.fail("shared_mempools", shared, "0: no writer stores them");
  }
  std::vector<Header> headers;
  for (std::uint32_t i = 0; i < functions; ++i) {
    headers.push_back(read_function(reader, file, i));
  }
  const Sections found = read_sections(reader, sections);
  module.rdata = found.rdata;
  for (Header& header : headers) {
    if (header.entrypoint > found.text.size() ||
        header.text_size > found.text.size() - header.entrypoint) {
      reader.fail(
          "entrypoint", header.entrypoint,
          fmt::format("{} bytes inside the text of {}", header.text_size, found.text.size()));
    }
    header.function.text = found.text.subspan(header.entrypoint, header.text_size);
    header.function.text_offset = found.text_offset + header.entrypoint;
    module.functions.push_back(std::move(header.function));
  }
  return module;
}

}  // namespace

Range read_range(FieldReader& reader, const char* field) {
  Range range;
  const std::uint8_t location = reader.u8(field);
  if (location > 4 && location != static_cast<std::uint8_t>(Location::kKpuRam)) {
    reader.fail(field, location, "location 0 to 4, or 64");
  }
  range.location = static_cast<Location>(location);
  const std::uint8_t type = reader.u8(field);
  if (type >= kDataTypes) {
    reader.fail(field, type, "datatype 0 to 11");
  }
  range.type = static_cast<DataType>(type);
  reader.u16(field);
  range.start = reader.u32(field);
  range.size = reader.u32(field);
  return range;
}

Container read_container(std::span<const std::uint8_t> file) {
  FieldReader header(file, 0, file.size(), "kmodel v5 header");
  header.skip(4, "magic");
  header.u32_in("version", 5, 5);
  const std::uint32_t header_size = header.u32("header_size");
  if (header_size != 32) {
    header.fail("header_size", header_size,
                "32 (files of compilers before 1.0.0-beta1 have another layout that no released "
                "runtime loads)");
  }
  header.u32("flags");
  header.u32("alignment");
  const std::uint32_t modules = read_count(header, "modules", 48);
  Container container;
  container.entry_module = header.u32("entry_module");
  container.entry_function = header.u32("entry_function");

  std::size_t begin = header.offset();
  for (std::uint32_t i = 0; i < modules; ++i) {
    FieldReader prefix(file, begin, file.size(), fmt::format("module {}", i));
    const std::string type = read_name(prefix, "module type");
    prefix.u32("module version");
    prefix.u32("module header_size");
    const std::uint32_t size = prefix.u32("module size");
    if (size < 48 || size > file.size() - begin) {
      prefix.fail("module size", size, "48 or more, inside the file");
    }
    FieldReader reader(file, prefix.offset(), begin + size, fmt::format("module {} ({})", i, type));
    container.modules.push_back(read_module(reader, file, type));
    begin += size;
  }
  if (container.entry_module >= container.modules.size()) {
    header.fail("entry_module", container.entry_module,
                fmt::format("below {}", container.modules.size()));
  }
  if (container.entry_function >= container.modules[container.entry_module].functions.size()) {
    header.fail("entry_function", container.entry_function, "a function of the entry module");
  }
  return container;
}

}  // namespace kpu::golden::v5
