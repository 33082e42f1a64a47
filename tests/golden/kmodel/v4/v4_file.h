// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "golden/kmodel/network.h"
#include "golden/kpu/golden_backend.h"
#include "tests/golden/kmodel/v3/v3_file.h"

namespace kpu::test {

/// A kmodel v4 file made by hand: one input of `inputs` floats or codes at address 0 of a main
/// memory of 4 KiB, then the nodes that a test adds.
class V4File {
 public:
  static constexpr std::uint32_t kMemory = 4096;
  static constexpr std::uint32_t kFloat = 0, kCode = 1;  ///< datatypes

  V4File(std::uint32_t type, std::uint32_t inputs)
      : input_(range(type, 0, inputs)), input_shape_(1, 1, 1, static_cast<std::int32_t>(inputs)) {}

  /// A memory_range in main memory, `count` elements at byte `start`.
  static ByteList range(std::uint32_t type, std::uint32_t start, std::uint32_t count) {
    return ByteList(1u, type, start, type == kFloat ? 4 * count : count);
  }

  /// A range in the constants.
  static ByteList constant(std::uint32_t type, std::uint32_t start, std::uint32_t count) {
    return ByteList(0u, type, start, type == kFloat ? 4 * count : count);
  }

  V4File& constants(const ByteList& bytes) {
    constants_ = bytes;
    return *this;
  }

  /// Adds a node whose body is the given pieces.
  template <class... Pieces>
  V4File& node(std::uint32_t opcode, const Pieces&... pieces) {
    ByteList body;
    (body.put_all(pieces.bytes()), ...);
    nodes_.emplace_back(opcode, body.bytes());
    return *this;
  }

  V4File& output(const ByteList& output_range) {
    outputs_.put_all(output_range.bytes());
    ++output_count_;
    return *this;
  }

  std::vector<std::uint8_t> bytes() const {
    ByteList file(0x4B4D444Cu, 4u, 0u, 1u, static_cast<std::uint32_t>(constants_.bytes().size()),
                  kMemory, static_cast<std::uint32_t>(nodes_.size()), 1u, output_count_, 0u);
    file.put_all(input_.bytes()).put_all(input_shape_.bytes()).put_all(outputs_.bytes());
    file.put_all(constants_.bytes());
    for (const auto& [opcode, body] : nodes_) {
      file.put(opcode).put(static_cast<std::uint32_t>(body.size()));
    }
    for (const auto& [opcode, body] : nodes_) {
      file.put_all(body);
    }
    return file.bytes();
  }

  /// Output 0 of a run on the golden model, as bytes or floats.
  std::vector<std::uint8_t> run_bytes(const std::vector<std::uint8_t>& input,
                                      const golden::Profile& profile = {}) const {
    const auto model = golden::load_model(bytes());
    golden::GoldenBackend backend;
    golden::RunOptions options;
    options.profile = profile;
    return golden::run_network(*model, {input}, backend, options).outputs.at(0);
  }

  std::vector<std::uint8_t> run_bytes(const std::vector<float>& input,
                                      const golden::Profile& profile = {}) const {
    return run_bytes(ByteList().put_all(input).bytes(), profile);
  }

  template <class T>
  std::vector<float> run(const std::vector<T>& input, const golden::Profile& profile = {}) const {
    const std::vector<std::uint8_t> raw = run_bytes(input, profile);
    std::vector<float> values(raw.size() / sizeof(float));
    std::memcpy(values.data(), raw.data(), raw.size());
    return values;
  }

 private:
  ByteList input_, input_shape_, outputs_, constants_;
  std::vector<std::pair<std::uint32_t, std::vector<std::uint8_t>>> nodes_;
  std::uint32_t output_count_ = 0;
};

}  // namespace kpu::test
