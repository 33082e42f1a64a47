// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "golden/kmodel/kmodel.h"
#include "sim/engine/run_report.h"
#include "sim/vision/image_io.h"
#include "sim/vision/interpret.h"

namespace kpu::sim {

/// An input of a network as channels x height x width. Throws kpu::Error for types that no picture
/// or raw file is read as.
InputSpec input_spec(const golden::TensorInfo& input);

/// The network's first output as a tensor over `values`. Where the file states no shape, it is that
/// of the last KPU layer if the count fits, else a row of values.
OutputTensor output_tensor(const RunReport& report, std::span<const float> values);

/// What the first output of a run means; of a run without outputs, nothing. Throws as interpret().
Interpretation interpret_run(const RunReport& report, const PostOptions& post);

}  // namespace kpu::sim
