// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "compiler/graph/tensor.h"
#include "onnx.pb.h"

namespace kpu::compiler {

/// A tensor of the file as floats. External data lies in `folder`. Throws Error if the type is no
/// number, or the data is not as long as the dims say.
Tensor read_tensor(const onnx::TensorProto& proto, const std::string& folder);

/// Whether the ONNX element type holds whole numbers.
bool is_whole_type(int type);

}  // namespace kpu::compiler
