// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/v5/k210.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "common/error.h"
#include "golden/kmodel/kpu_file.h"
#include "golden/kpu/ai_ram.h"

namespace kpu::golden::v5 {
namespace {

using Kind = K210Instruction::Kind;

/// Reads the text of one function.
class InstructionReader {
 public:
  InstructionReader(const Module& module, const Function& function, const std::string& where)
      : module_(module),
        function_(function),
        text_(function.text, 0, function.text.size(), where) {}

  std::vector<K210Instruction> read() {
    std::vector<K210Instruction> instructions;
    while (text_.remaining() > 0) {
      const std::size_t begin = text_.offset();
      K210Instruction instruction = read_one();
      instruction.file_offset = function_.text_offset + begin;
      instruction.file_bytes = text_.offset() - begin;
      instructions.push_back(std::move(instruction));
    }
    return instructions;
  }

 private:
  K210Instruction read_one() {
    K210Instruction instruction;
    const std::uint8_t opcode = text_.u8("opcode");
    text_.skip(3, "reserved");
    switch (opcode) {
      case 0:
      case 1:
        instruction.kind = opcode == 0 ? Kind::kUpload : Kind::kDownload;
        read_transfer(instruction);
        break;
      case 2:
        instruction.kind = Kind::kConv2d;
        read_conv2d(instruction);
        break;
      case 3:
        instruction.kind = Kind::kCopy;
        read_copy(instruction);
        break;
      default:
        text_.fail("opcode", opcode, "0 to 3");
    }
    return instruction;
  }

  /// Bytes of the memory that a location means here.
  std::size_t memory_size(Location location) const {
    switch (location) {
      case Location::kInput:
        return function_.input_bytes;
      case Location::kOutput:
        return function_.output_bytes;
      case Location::kRdata:
        return module_.rdata.size();
      case Location::kData:
        return module_.data_bytes;
      case Location::kKpuRam:
        return kAiRamBytes;
      default:
        return 0;
    }
  }

  Range range(const char* field) {
    const Range found = read_range(text_, field);
    const std::size_t size = memory_size(found.location);
    if (found.size > size || found.start > size - found.size) {
      text_.fail(field, found.start,
                 fmt::format("{} bytes that end within the {} of location {}", found.size, size,
                             static_cast<int>(found.location)));
    }
    return found;
  }

  void require_writable(const char* field, const Range& range) {
    if (range.location == Location::kRdata || range.location == Location::kInput) {
      text_.fail(field, static_cast<std::uint64_t>(range.location),
                 "a location that can be written");
    }
  }

  Shape shape(const char* field) {
    Shape dims(4);
    for (std::uint32_t& dim : dims) {
      dim = text_.u32(field);
    }
    return dims;
  }

  Shape checked_shape() {
    const Shape dims = shape("shape");
    for (std::uint32_t dim : dims) {
      if (dim < 1 || dim > 1u << 21) {
        text_.fail("shape", dim, "1 to 2097152");
      }
    }
    return dims;
  }

  void read_transfer(K210Instruction& instruction) {
    instruction.in = range("input");
    instruction.out = range("output");
    instruction.shape = checked_shape();
    const bool up = instruction.kind == Kind::kUpload;
    const Range& ram = up ? instruction.out : instruction.in;
    const Range& main = up ? instruction.in : instruction.out;
    if (ram.location != Location::kKpuRam || ram.start % kLineBytes != 0) {
      text_.fail(up ? "output" : "input", ram.start, "a line of AI RAM (location 64)");
    }
    if (main.location == Location::kKpuRam) {
      text_.fail(up ? "input" : "output", main.start, "a range in main memory");
    }
    if (!up) {
      require_writable("output", main);
    }
    const Shape& s = instruction.shape;
    const ImageLayout layout = ImageLayout::standard(ram.start / kLineBytes, s[1], s[2], s[3]);
    const std::uint64_t lines =
        saturating_product({(s[1] + layout.line_channels - 1ull) / layout.line_channels,
                            layout.row_lines, s[2], s[0]});
    if (lines > kAiRamLines - layout.base_line) {
      text_.fail("shape", s[3], "images that fit AI RAM");
    }
    if (main.size < shape_count(s)) {
      text_.fail(up ? "input" : "output", main.size, fmt::format("{} bytes", shape_count(s)));
    }
  }

  void read_conv2d(K210Instruction& instruction) {
    const Range weights = range("weights");
    const Range batch_norm = range("batch_norm");
    const Range act = range("activation");
    instruction.out = range("main_mem_output");
    KpuLayerInfo& kpu = instruction.kpu;
    kpu.batches = text_.u32_in("batches", 1, kAiRamLines);
    kpu.words = load_words(text_.bytes(kLayerWordBytes, "registers"));
    kpu.args = decode(kpu.words);
    require_valid(kpu.args, true, text_.where(), LoadTime::kIgnored);
    require_batches(kpu, text_);
    kpu.tables.weights = table("weights", weights, kpu.args.weight_bytes(true));
    kpu.tables.batch_norm = table("batch_norm", batch_norm, kpu.args.bn_bytes());
    kpu.tables.act = table("activation", act, kActTableBytes);
    kpu.to_main_memory = instruction.out.size != 0;
    if (kpu.to_main_memory) {
      require_writable("main_mem_output", instruction.out);
      const std::size_t bytes = kpu.args.output_layout().planar_bytes() * kpu.batches;
      if (instruction.out.location == Location::kKpuRam || instruction.out.size < bytes) {
        text_.fail("main_mem_output", instruction.out.size,
                   fmt::format("{} bytes of main memory", bytes));
      }
    }
  }

  std::span<const std::uint8_t> table(const char* field, const Range& range, std::size_t bytes) {
    if (range.location != Location::kRdata || range.size < bytes) {
      text_.fail(field, range.size, fmt::format("{} bytes of read-only data", bytes));
    }
    return module_.rdata.subspan(range.start, range.size);
  }

  void read_copy(K210Instruction& instruction) {
    instruction.in = range("input");
    instruction.out = range("output");
    instruction.shape = checked_shape();
    instruction.in_strides = shape("in_strides");
    instruction.out_strides = shape("out_strides");
    require_writable("output", instruction.out);
    if (instruction.in.location == Location::kKpuRam ||
        instruction.out.location == Location::kKpuRam) {
      text_.fail("input", instruction.in.start, "ranges in main memory");
    }
    if (size_of(instruction.in.type) != size_of(instruction.out.type)) {
      text_.fail("output", static_cast<std::uint64_t>(instruction.out.type),
                 "a datatype of the input's size");
    }
    span_strides("input", instruction.in, instruction.shape, instruction.in_strides);
    span_strides("output", instruction.out, instruction.shape, instruction.out_strides);
  }

  /// Makes the range of a copy reach as far as its strides do: the compiler states the bytes of the
  /// elements alone, and of a view of every n-th they are fewer than those it spans.
  void span_strides(const char* field, Range& range, const Shape& shape, const Shape& strides) {
    std::uint64_t last = 0;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      last += (shape[axis] - 1ull) * strides[axis];  // below 2^21 * 2^32 each
    }
    const std::uint64_t bytes = (last + 1) * size_of(range.type);
    const std::uint64_t room = memory_size(range.location) - range.start;
    if (bytes > room) {
      text_.fail(field, bytes,
                 fmt::format("strides that stay in the {} bytes of its memory", room));
    }
    range.size = static_cast<std::uint32_t>(bytes);
  }

  const Module& module_;
  const Function& function_;
  FieldReader text_;
};

std::size_t element_offset(const Shape& strides, std::span<const std::uint32_t> index) {
  std::size_t offset = 0;
  for (std::size_t axis = 0; axis < index.size(); ++axis) {
    offset += std::size_t{strides[axis]} * index[axis];
  }
  return offset;
}

}  // namespace

const char* to_string(Kind kind) {
  switch (kind) {
    case Kind::kUpload:
      return "kpu_upload";
    case Kind::kDownload:
      return "kpu_download";
    case Kind::kConv2d:
      return "kpu_conv2d";
    default:
      return "copy";
  }
}

std::vector<K210Function> read_k210(const Module& module, const std::string& where) {
  std::vector<K210Function> functions;
  for (const Function& function : module.functions) {
    InstructionReader reader(module, function, fmt::format("{} function {}", where, functions.size()));
    functions.push_back({&function, reader.read()});
  }
  return functions;
}

K210Runner::K210Runner(const Module& module, const std::vector<K210Function>& functions,
                       KpuQueue& kpu)
    : functions_(functions),
      kpu_(kpu),
      rdata_(module.rdata.begin(), module.rdata.end()),
      data_(module.data_bytes) {}

std::span<std::uint8_t> K210Runner::bytes(const Range& range, Pools& pools) {
  switch (range.location) {
    case Location::kInput:
      return std::span(pools.input).subspan(range.start, range.size);
    case Location::kOutput:
      return std::span(pools.output).subspan(range.start, range.size);
    case Location::kRdata:
      return std::span(rdata_).subspan(range.start, range.size);
    default:
      return std::span(data_).subspan(range.start, range.size);
  }
}

std::vector<std::vector<std::uint8_t>> K210Runner::call(
    std::uint32_t function, const std::vector<std::vector<std::uint8_t>>& inputs,
    std::size_t model_layer) {
  const K210Function& called = functions_[function];
  Pools pools{.input = std::vector<std::uint8_t>(called.declared->input_bytes),
              .output = std::vector<std::uint8_t>(called.declared->output_bytes)};
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    std::copy(inputs[i].begin(), inputs[i].end(),
              pools.input.begin() + called.declared->inputs[i].range.start);
  }
  for (const K210Instruction& instruction : called.instructions) {
    if (!run(instruction, pools, model_layer++)) {
      return {};
    }
  }
  kpu_.flush();
  std::vector<std::vector<std::uint8_t>> outputs;
  for (const Declared& output : called.declared->outputs) {
    const auto first = pools.output.begin() + output.range.start;
    outputs.emplace_back(first, first + output.range.size);
  }
  return outputs;
}

/// Runs one instruction; false when it is a layer too many.
bool K210Runner::run(const K210Instruction& instruction, Pools& pools, std::size_t model_layer) {
  if (instruction.kind == Kind::kConv2d) {
    if (kpu_.full()) {
      kpu_.flush();
      return false;
    }
    KpuQueue::Done done;
    if (instruction.kpu.to_main_memory) {
      done = [to = bytes(instruction.out, pools)](std::span<const std::uint8_t> output) {
        std::copy(output.begin(), output.end(), to.begin());
      };
    }
    kpu_.push(instruction.kpu, model_layer, std::move(done));
    return true;
  }
  kpu_.flush();
  const Shape& s = instruction.shape;
  if (instruction.kind == Kind::kCopy) {
    const std::size_t size = size_of(instruction.in.type);
    const std::span<const std::uint8_t> from = bytes(instruction.in, pools);
    const std::span<std::uint8_t> to = bytes(instruction.out, pools);
    std::vector<std::uint8_t> copied;
    each_index(s, [&](std::span<const std::uint32_t> index) {
      const auto element = from.begin() + element_offset(instruction.in_strides, index) * size;
      copied.insert(copied.end(), element, element + size);
      std::copy_n(element, size, to.begin() + element_offset(instruction.out_strides, index) * size);
    });
    if (kpu_.cpu_observer()) {
      kpu_.cpu_observer()({.model_layer = model_layer,
                           .type = instruction.in.type,
                           .bytes = copied,
                           .dims = s});
    }
    return true;
  }
  const bool up = instruction.kind == Kind::kUpload;
  const std::span<std::uint8_t> main = bytes(up ? instruction.in : instruction.out, pools);
  const std::uint32_t start = up ? instruction.out.start : instruction.in.start;
  ImageLayout layout = ImageLayout::standard(start / kLineBytes, s[1], s[2], s[3]);
  for (std::uint32_t batch = 0; batch < s[0]; ++batch) {
    const auto image = main.subspan(batch * layout.planar_bytes(), layout.planar_bytes());
    if (up) {
      kpu_.upload(layout, image);
    } else {
      const std::vector<std::uint8_t> planar = kpu_.download(layout);
      std::copy(planar.begin(), planar.end(), image.begin());
    }
    layout.base_line += batch_lines(layout);
  }
  return true;
}

}  // namespace kpu::golden::v5
