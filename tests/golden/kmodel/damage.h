// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "common/bits.h"
#include "common/error.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/network.h"
#include "golden/kpu/golden_backend.h"
#include "tests/support/catch2.h"

namespace kpu::test {

/// The message for a file that does not load, else "loaded".
inline std::string load_message(const std::vector<std::uint8_t>& file) {
  try {
    golden::load_model(file);
  } catch (const Error& error) {
    return error.what();
  }
  return "loaded";
}

/// Whether the file loads; anything but success or kpu::Error fails the test by escaping.
inline bool loads(const std::vector<std::uint8_t>& file) {
  try {
    golden::load_model(file);
    return true;
  } catch (const Error&) {
    return false;
  }
}

/// Loads the file and runs it on a blank input, if it loads.
inline void load_and_run(const std::vector<std::uint8_t>& file, golden::KpuBackend& backend) {
  try {
    const auto model = golden::load_model(file);
    std::vector<std::vector<std::uint8_t>> inputs;
    for (const golden::TensorInfo& input : model->info().inputs) {
      inputs.emplace_back(input.bytes);
    }
    golden::run_network(*model, inputs, backend);
  } catch (const Error&) {
    // One line for the user: what a damaged file should give.
  }
}

/// Cuts the file at every byte: it must not load.
inline void check_truncations(std::vector<std::uint8_t> file) {
  while (!file.empty()) {
    file.pop_back();
    CAPTURE(file.size());
    CHECK_FALSE(loads(file));
  }
}

/// Replaces every word of the file by extreme numbers, one at a time: the result either does not
/// load or runs.
inline void check_extreme_words(const std::vector<std::uint8_t>& file) {
  golden::GoldenBackend backend;
  const std::uint32_t extremes[] = {0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x00100000};
  for (std::size_t offset = 0; offset + 4 <= file.size(); offset += 4) {
    for (std::uint32_t value : extremes) {
      std::vector<std::uint8_t> damaged = file;
      store_le(std::span(damaged), offset, value);
      load_and_run(damaged, backend);
    }
  }
  SUCCEED("no crash");
}

}  // namespace kpu::test
