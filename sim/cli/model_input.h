// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "golden/kmodel/kmodel.h"
#include "sim/engine/run_report.h"
#include "sim/vision/interpret.h"
#include "sim/vision/network_input.h"

namespace kpu::sim {

/// An input of a network as channels x height x width. Throws kpu::Error for types that no picture
/// or raw file is read as.
InputSpec input_spec(const golden::TensorInfo& input);

/// Output `index` as a tensor over `values`. Where the file states a row or rows of values, the
/// shape is that of the last KPU layer if the count fits, of a network with one output.
OutputTensor output_tensor(const RunReport& report, std::span<const float> values,
                           std::size_t index = 0);

/// What the outputs of a run mean, boxes on the picture that the first input came from; of a run
/// without outputs, nothing. Throws as interpret_outputs().
Interpretation interpret_run(const RunReport& report, const golden::ModelInfo& info,
                             const PostOptions& post);

}  // namespace kpu::sim
