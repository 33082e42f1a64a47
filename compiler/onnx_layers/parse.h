// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "onnx.pb.h"

namespace kpu::compiler {

/// The bytes of an ONNX file as its schema's message. Throws Error if they are none.
onnx::ModelProto parse_onnx(std::span<const std::uint8_t> file);

}  // namespace kpu::compiler
