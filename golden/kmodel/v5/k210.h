// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/kpu_queue.h"
#include "golden/kmodel/v5/container.h"

namespace kpu::golden::v5 {

/// One instruction of the k210 module (kmodel format, k210 module text).
struct K210Instruction {
  enum class Kind { kUpload, kDownload, kConv2d, kCopy };

  Kind kind = Kind::kUpload;
  Range in;
  Range out;  ///< of a convolution: where main memory wants the output, size 0 for nowhere
  Shape shape;
  Shape in_strides, out_strides;  ///< of a copy, in elements
  KpuLayerInfo kpu;               ///< of a convolution
  std::size_t file_offset = 0;
  std::size_t file_bytes = 0;
};

const char* to_string(K210Instruction::Kind kind);

/// A function of the k210 module, checked: every range lies in its memory.
struct K210Function {
  const Function* declared = nullptr;
  std::vector<K210Instruction> instructions;
};

/// All functions of a k210 module. Throws Error.
std::vector<K210Function> read_k210(const Module& module, const std::string& where);

/// The k210 module while a network runs.
class K210Runner {
 public:
  K210Runner(const Module& module, const std::vector<K210Function>& functions, KpuQueue& kpu);

  /// Runs a function on its inputs' bytes; gives its outputs' bytes. `model_layer` is the index of
  /// its first instruction in the listing. Nothing comes back when the queue is full.
  std::vector<std::vector<std::uint8_t>> call(std::uint32_t function,
                                              const std::vector<std::vector<std::uint8_t>>& inputs,
                                              std::size_t model_layer);

 private:
  struct Pools {
    std::vector<std::uint8_t> input, output;
  };

  std::span<std::uint8_t> bytes(const Range& range, Pools& pools);
  bool run(const K210Instruction& instruction, Pools& pools, std::size_t model_layer);

  const std::vector<K210Function>& functions_;
  KpuQueue& kpu_;
  std::vector<std::uint8_t> rdata_;
  std::vector<std::uint8_t> data_;
};

}  // namespace kpu::golden::v5
