// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "common/kpu_shape.h"

namespace kpu::driver {

/// Why the decoder refused a layer, in words: the problem, the fields with their values, and what
/// was expected. `code` is the reason in the register status, `words` are the layer's.
/// docs/registers.md, "Unsupported reasons".
std::string describe_refusal(std::uint64_t code, const LayerWords& words);

}  // namespace kpu::driver
