// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace kpu::sim {

/// Name of the GTKWave save file beside an FST file: the same with the ending .gtkw.
std::string wave_view_path(const std::string& fst_path);

/// A GTKWave save file for an FST file: all state machines, then one folded group per unit of the
/// design with its states and its valid/ready handshakes. States are enumerations in the FST, so
/// that GTKWave shows them as text. `shown_path` is the name under which the FST file will be
/// found. Throws kpu::Error if the file cannot be read as FST.
std::string wave_view(const std::string& fst_path, const std::string& shown_path);

}  // namespace kpu::sim
