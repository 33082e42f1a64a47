// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "golden/kmodel/v5/tensors.h"

namespace kpu::golden::v5 {

/// What else a listing says about an operation than its shapes: element types and those operands
/// that are neither registers nor without effect ("float32 div", "float32 max filter_h=5
/// filter_w=5", "uint8 to float32").
std::string operation_detail(const Operation& operation);

}  // namespace kpu::golden::v5
