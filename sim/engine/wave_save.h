// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace kpu::sim {

/// Writes a GTKWave save file beside an FST file (same name, ending .gtkw): all state machines,
/// then one folded group per unit of the design with its states and its valid/ready handshakes.
/// States are enumerations in the FST, so that GTKWave shows them as text. Throws kpu::Error if a
/// file cannot be read or written.
void save_wave_view(const std::string& fst_path);

}  // namespace kpu::sim
