// SPDX-License-Identifier: Apache-2.0
//
// Shapes of the RTL: the files of configs/ (docs/architecture.md, "Configurations").
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace kpu::sim {

/// A shape of the RTL: the parameters of kpu_soc. What each may be stands in
/// configs/schema/configuration.json.
struct Configuration {
  std::string name;                   ///< its file's name without ending
  std::uint32_t lanes = 0;            ///< bytes of a word: pixels that the array takes in a cycle
  std::uint32_t post_lanes = 0;       ///< pixels that post-processing takes in a cycle
  std::uint32_t weight_rows = 0;      ///< rows of 36 bytes in the weight ring
  std::uint32_t ai_lines = 0;         ///< lines of 64 bytes in AI RAM
  std::uint32_t ai_ports = 0;         ///< its read ports
  std::uint32_t ai_banks = 0;         ///< its banks of one port each; 0: a port for reads and one for writes
  std::uint32_t ai_gap = 0;           ///< cycles that a port of it rests after an access
  std::uint32_t acc_lines = 0;        ///< lines of partial sums
  std::uint32_t tile_channels = 0;    ///< output channels that compute side by side
  std::uint32_t point_channels = 0;   ///< channel groups that a 1x1 layer takes in a cycle
  std::uint32_t weight_bits = 0;      ///< of a weight that the array takes in a cycle
  std::uint32_t max_outstanding = 0;  ///< parameter bursts outstanding
  std::uint32_t perf = 0;             ///< 1: it counts its cycles
  std::uint32_t pack_rows = 0;        ///< 1: pixels of consecutive rows share a line
  std::uint32_t overlap = 0;          ///< 1: a layer begins with its first weights, its output leaves with its first channels
  std::uint32_t pool = 0;             ///< 0: no pooling unit
  std::uint32_t stream_out = 0;       ///< 0: no output stream
  std::uint32_t weights16 = 0;        ///< 0: no 16-bit weights
  std::uint32_t layer_fifo = 0;       ///< layers
  std::uint32_t out_fifo = 0;         ///< words of 8 bytes
  std::uint32_t skip_rows = 0;        ///< 0: rows that a pool drops are computed, too
  std::uint32_t drain_pass = 0;       ///< 1: sums leave in a pass of their own
  std::uint32_t pass_gap = 0;         ///< cycles in which the array rests before a pass
  std::uint32_t kernel_port = 0;      ///< bytes of kernels a cycle before a pass, 0: no time
  std::uint32_t start_cycles = 0;     ///< from a layer's end to the next one's fetch, 0: it overlaps
  std::uint32_t stream_gap = 0;       ///< cycles between words of the output stream
  std::uint32_t dma_channels = 0;
  std::uint32_t bus_bytes = 0;        ///< of a beat at the memory port
};

/// A parameter under the name that files, the RTL and reports have for it.
struct ConfigurationParameter {
  const char* name;  ///< for example "WeightRows"
  std::uint32_t Configuration::*member;
};

/// The value of a parameter that is not known.
inline constexpr std::uint32_t kUnknownParameter = 0xFFFFFFFF;

/// A configuration of which nothing is known.
Configuration unknown_configuration();

/// All parameters, in the order of the schema.
std::span<const ConfigurationParameter> configuration_parameters();

/// The shape of the RTL that this program was built with.
const Configuration& built_configuration();

/// A configuration of the repository by name, or one in a file whose path ends with ".json".
/// Throws Error naming file, parameter and what was expected.
Configuration load_configuration(const std::string& name_or_path);

/// Sets a parameter by name. Throws Error if there is no such parameter or its value is out of
/// range; `where` begins the message. Rules between parameters are check_configuration()'s.
void set_parameter(Configuration& configuration, const std::string& where, const std::string& name,
                   std::uint64_t value);

/// Throws Error if parameters do not go together; `where` begins the message.
void check_configuration(const Configuration& configuration, const std::string& where);

}  // namespace kpu::sim
