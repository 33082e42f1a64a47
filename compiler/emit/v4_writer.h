// SPDX-License-Identifier: Apache-2.0
//
// The file format kmodel v4 as a writer: buffers by number, nodes with their bodies, and the file
// once every buffer has its place.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/byte_writer.h"
#include "compiler/graph/tensor.h"
#include "compiler/quant/kpu_tables.h"
#include "golden/kpu/layer_args.h"

namespace kpu::compiler {

/// Memories of the format.
enum class Memory : std::uint32_t { kConst = 0, kMain = 1, kAiRam = 2 };

/// Operators of the format's runtime (kmodel format, v4 body layouts).
enum class V4Op : std::uint32_t {
  kBinary = 0x00,
  kConcat = 0x01,
  kConv2d = 0x02,
  kDequantize = 0x03,
  kMatmul = 0x04,
  kPad = 0x05,
  kQuantize = 0x06,
  kReduce = 0x07,
  kReduceWindow = 0x08,
  kResize = 0x0A,
  kSoftmax = 0x0B,
  kTranspose = 0x0C,
  kSlice = 0x0D,
  kUnary = 0x0E,
  kQuantizedBinary = 0x11,
  kTable = 0x12,
  kConvTranspose = 0x13,
  kUpload = 0x2001,
  kKpuConv = 0x2002,
};

/// Number of a buffer.
using BufferId = int;

/// Bytes that lie somewhere while some nodes run; in AI RAM it is an image.
struct Buffer {
  Memory memory = Memory::kMain;
  bool is_float = false;
  std::size_t bytes = 0;
  Dims dims;                  ///< of an image in AI RAM: 1 x C x H x W
  int first = -1;             ///< node that writes it
  int last = -1;              ///< last node that reads it
  BufferId parent = -1;       ///< the image whose channels it is part of
  std::size_t in_parent = 0;  ///< bytes from the parent's start
  std::size_t start = 0;      ///< bytes; found by finish()
  std::string name;
};

/// Builds a v4 file. Nodes run in the order in which they are added.
class V4Writer {
 public:
  BufferId add_main(bool is_float, std::size_t elements, std::string name);
  BufferId add_constant(std::span<const std::uint8_t> bytes, bool is_float);
  BufferId add_image(const Dims& dims, std::string name);
  /// The image of some channels of `parent`, `lines` lines from its start.
  BufferId add_part(BufferId parent, const Dims& dims, std::size_t lines, std::string name);

  const Buffer& buffer(BufferId id) const { return buffers_[id]; }
  std::size_t buffer_count() const { return buffers_.size(); }
  /// The node that will be added next.
  int next_node() const { return static_cast<int>(nodes_.size()); }

  /// Adds a node that reads and writes the given buffers. `body` writes what the format says; it is
  /// called once all buffers have their place.
  void add_node(V4Op op, std::vector<BufferId> reads, std::vector<BufferId> writes,
                std::function<void(ByteWriter&)> body);
  /// The range of a buffer (16 bytes), or of `elements` of it from `first` on.
  void put_range(ByteWriter& to, BufferId id) const;
  void put_range(ByteWriter& to, BufferId id, std::size_t first, std::size_t elements) const;

  /// A KPU layer from image to image; `main` (or -1) also gets the result, without padding.
  void add_layer(const golden::LayerShape& shape, const KpuTables& tables, BufferId in,
                 BufferId out, BufferId main);
  void add_upload(BufferId from, BufferId to, const Dims& dims);

  void add_input(BufferId id, const Dims& dims);
  void add_output(BufferId id) { outputs_.push_back(id); }

  /// Finds every buffer's place. Returns the lines of AI RAM and the bytes of main memory needed.
  struct Needs {
    std::size_t ai_ram_lines = 0;
    std::size_t main_bytes = 0;
  };
  Needs place();

  /// The file; place() comes before.
  std::vector<std::uint8_t> finish() const;

 private:
  struct Node {
    V4Op op;
    std::function<void(ByteWriter&)> body;
  };

  void touch(BufferId id, int node);

  std::vector<Buffer> buffers_;
  std::vector<Node> nodes_;
  std::vector<std::pair<BufferId, Dims>> inputs_;
  std::vector<BufferId> outputs_;
  std::vector<std::uint8_t> constants_;
  std::size_t main_bytes_ = 0;
};

/// Dims with ones in front up to four axes. Throws Error if more than four axes differ from 1.
std::array<std::uint32_t, 4> four_dims(Dims dims);

/// Puts four dims.
void put_dims(ByteWriter& to, const Dims& dims);

}  // namespace kpu::compiler
