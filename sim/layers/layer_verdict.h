// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "golden/quantised/check.h"

namespace kpu::sim {

/// What there is to say, in lines, and whether all that was compared is equal: the engines with
/// each other, the output with what a file expects. A rule that the KPU does not meet to the bit
/// is no mismatch.
struct LayerVerdict {
  std::string text;
  bool match = true;
};

/// Runs the layer of `path` (read_layer_spec()). `expect`: a .npy with the output's shape, O x H x
/// W, which is compared with it; may be empty. Throws kpu::Error as read_layer_spec() and
/// check_conv() do, and for an `expect` of another shape.
LayerVerdict check_layer_file(const std::string& path, const std::string& rounding,
                              const std::string& expect, const golden::quantised::Engines& engines);

/// Each quantised convolution of the ONNX file `path` by itself: a table with a line for each,
/// which are bit-exact over all inputs and why the others are not. `input`: a .npy with the model's
/// input; layers whose codes do not follow from it, and all without it, get random codes of 16 x 16
/// pixels. Throws kpu::Error for a file that is no ONNX model or no such input.
LayerVerdict check_onnx_file(const std::string& path, const std::string& rounding,
                             const std::string& input, const golden::quantised::Engines& engines);

}  // namespace kpu::sim
