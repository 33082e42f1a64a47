// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "golden/kmodel/kmodel.h"

namespace kpu::golden {

/// How an output's numbers come from codes, as the file says it: the detail of the layer that makes
/// the output if that is a dequantize ("scale=0.105 bias=-13.8"); empty where another layer makes
/// it, or where several outputs of that shape leave it open.
std::string output_quantization(const ModelInfo& info, std::size_t index);

}  // namespace kpu::golden
