// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "common/bits.h"
#include "golden/kmodel/network.h"
#include "golden/kpu/golden_backend.h"

namespace kpu::test {

/// Bytes put together from numbers of any type, little endian.
class ByteList {
 public:
  template <class... Values>
  explicit ByteList(Values... values) {
    (put(values), ...);
  }

  template <class T>
  ByteList& put(T value) {
    bytes_.resize(bytes_.size() + sizeof(T));
    store_le(std::span(bytes_), bytes_.size() - sizeof(T), value);
    return *this;
  }

  template <class T>
  ByteList& put_all(const std::vector<T>& values) {
    for (const T& value : values) {
      put(value);
    }
    return *this;
  }

  const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

/// A kmodel v3 file made by hand. It starts with a fully connected layer that copies the input,
/// `inputs` floats, to address 0 of a main memory of 4 KiB; tests put their layer behind it.
class V3File {
 public:
  static constexpr std::uint32_t kMemory = 4096;
  static constexpr std::uint32_t kNetworkInput = 3072;  ///< where the input itself goes

  explicit V3File(std::uint32_t inputs) {
    ByteList body(0u, kNetworkInput, 0u, inputs, inputs, 0u);
    for (std::uint32_t row = 0; row < inputs; ++row) {
      for (std::uint32_t column = 0; column < inputs; ++column) {
        body.put(row == column ? 1.0f : 0.0f);
      }
    }
    body.put_all(std::vector<float>(inputs));
    layers_.emplace_back(18, body.bytes());
  }

  /// Adds a layer; `body` without the flags that every body starts with.
  V3File& layer(std::uint32_t type, const ByteList& body) {
    ByteList whole(0u);
    whole.put_all(body.bytes());
    layers_.emplace_back(type, whole.bytes());
    return *this;
  }

  V3File& output(std::uint32_t address, std::uint32_t bytes) {
    outputs_.put(address).put(bytes);
    ++output_count_;
    return *this;
  }

  std::vector<std::uint8_t> bytes() const {
    ByteList file(3u, 1u, 0u, static_cast<std::uint32_t>(layers_.size()), 0u, kMemory,
                  output_count_);
    file.put_all(outputs_.bytes());
    for (const auto& [type, body] : layers_) {
      file.put(type).put(static_cast<std::uint32_t>(body.size()));
    }
    for (const auto& [type, body] : layers_) {
      file.put_all(body);
    }
    return file.bytes();
  }

  /// Output 0 of a run on the golden model.
  std::vector<std::uint8_t> run(const std::vector<float>& input,
                                const golden::Profile& profile = {}) const {
    const auto model = golden::load_model(bytes());
    golden::GoldenBackend backend;
    golden::RunOptions options;
    options.profile = profile;
    const ByteList input_bytes = ByteList().put_all(input);
    return golden::run_network(*model, {input_bytes.bytes()}, backend, options).outputs.at(0);
  }

  std::vector<float> run_floats(const std::vector<float>& input,
                                const golden::Profile& profile = {}) const {
    const std::vector<std::uint8_t> raw = run(input, profile);
    std::vector<float> values(raw.size() / sizeof(float));
    std::memcpy(values.data(), raw.data(), raw.size());
    return values;
  }

 private:
  std::vector<std::pair<std::uint32_t, std::vector<std::uint8_t>>> layers_;
  ByteList outputs_;
  std::uint32_t output_count_ = 0;
};

}  // namespace kpu::test
