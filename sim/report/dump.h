// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/engine/run_report.h"

namespace kpu::sim {

/// Throws kpu::Error if `folder` is something that dump_run() would not replace: a file, or a
/// folder with anything in it that an earlier dump has not written (its manifest.json lists what it
/// did).
void require_dump_folder(const std::string& folder);

/// Writes what a run computed to a folder, in place of what an earlier dump left there: it appears
/// whole or not at all.
///
/// layer_NN.npy (channels x height x width, batches in front) and a contact sheet layer_NN.png for
/// each KPU layer; cpu_NNN.npy for each layer on the CPU, NNN as in `kpu info`; output_N.npy and
/// output_N.bin (raw, float32 whatever the output's type) for each output; manifest.json with name,
/// shape, type, range and checksum of each, and for outputs their scale and zero point where the
/// file has them. Throws kpu::Error as require_dump_folder(), and if it cannot be written.
void dump_run(const std::string& folder, const RunReport& report);

}  // namespace kpu::sim
