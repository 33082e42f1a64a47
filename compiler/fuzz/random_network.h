// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kpu::compiler {

/// An ONNX file of random operators on one small image, with random weights: what the compiler says
/// it takes. A seed's network of n operators starts with its network of n - 1; values that nothing
/// reads are its outputs. The same on every machine.
std::vector<std::uint8_t> random_network(std::uint64_t seed, std::size_t operators);

}  // namespace kpu::compiler
