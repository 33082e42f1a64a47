// SPDX-License-Identifier: Apache-2.0
//
// Everything `kpu run` found out, in the form that the table, the JSON file and the pictures share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "driver/traffic.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/network.h"
#include "golden/kpu/layer_args.h"
#include "golden/quantised/layer_rule.h"
#include "golden/quantised/rules.h"
#include "sim/energy/layer_energy.h"
#include "sim/model/configuration.h"
#include "sim/model/cpu_cost.h"
#include "sim/vision/interpret.h"
#include "sim/vision/network_input.h"
#include "tb/axi_memory.h"

namespace kpu::sim {

/// A value inside of a layer that is wrong while all that it is made of is right.
struct StageDifference {
  /// How `got` is known: the probes show values next to the expected one only.
  enum class Got { kExact, kAtMost, kAtLeast };

  /// "convolution", "batch norm", "activation", "pooling", "output stream".
  std::string stage;
  std::uint32_t row = 0;  ///< as `column`, before pooling; of the last two stages in the output
  std::uint32_t column = 0;
  std::int64_t expected = 0;
  std::int64_t got = 0;
  Got how = Got::kExact;
};

/// The first value in which two runs of a layer differ.
struct Difference {
  std::size_t layer = 0;  ///< among the KPU layers
  std::uint32_t batch = 0;
  std::uint32_t channel = 0;
  std::uint32_t row = 0;
  std::uint32_t column = 0;
  std::uint8_t expected = 0;
  std::uint8_t got = 0;
  std::size_t count = 0;                 ///< values of the layer that differ
  std::optional<StageDifference> stage;  ///< what went wrong first, where it was found
};

/// One KPU layer as it ran.
struct LayerReport {
  golden::LayerArgs args;
  std::uint32_t batches = 1;
  std::vector<std::uint8_t> output;  ///< planar, all batches back to back
  std::uint64_t macs = 0;            ///< before pooling, all batches
  std::uint64_t bytes = 0;           ///< parameters the layer fetches, all batches
  double k210_cycles = 0;            ///< by the public fit, all batches
  std::uint64_t lane_bound = 0;      ///< cycles for the products alone on this RTL, all batches
  std::uint64_t fnv1a64 = 0;
  /// Of the RTL, "cycles" among them; empty when only the golden model ran.
  std::map<std::string, std::uint64_t> counters;
  std::optional<bool> match;     ///< when both engines ran
  golden::RangeReport overflow;  ///< values that do not fit 36 bits, by the golden model

  std::optional<std::uint64_t> cycles() const;
};

/// A tensor that a layer on the CPU gave.
struct CpuLayerReport {
  std::size_t index = 0;   ///< as `kpu info` counts the layers
  std::size_t output = 0;  ///< of a layer with several
  std::string type;
  golden::TensorInfo info;
  std::vector<std::uint8_t> bytes;
};

/// How an output compares with what a file says it should be.
struct Expectation {
  std::size_t output = 0;
  std::string path;
  std::size_t values = 0;
  double tolerance = 0;
  std::size_t outside = 0;       ///< values that differ by more than the tolerance
  double largest = 0;            ///< difference of any value; infinite where one is no number
  std::string largest_at;        ///< position in the tensor: "3, 0, 17"
  std::optional<double> snr_db;  ///< of the expected values to the differences; nothing if equal
  std::string first_at;          ///< of the values outside
  float first_expected = 0;
  float first_got = 0;
};

/// An output of the network.
struct OutputReport {
  golden::TensorInfo info;
  std::vector<std::uint8_t> bytes;
  std::uint64_t fnv1a64 = 0;
  std::optional<bool> match;
  std::string quantization;  ///< see golden::output_quantization()

  /// The values as floats, whatever their type.
  std::vector<float> values() const;
};

/// How a run was made: what its numbers depend on.
struct RunSettings {
  std::string format;               ///< "v3", ..
  std::string variant;              ///< see golden::ModelInfo
  std::string profile = "default";  ///< by name
  std::string rules;                ///< the same in full, see golden::describe()
  std::string golden;               ///< "fast", "reference"; empty when it did not run
  std::size_t threads = 1;          ///< of the fast path
  tb::MemoryTiming memory;          ///< of the RTL's system
  bool use_dma = true;
  bool apart = false;           ///< each layer of the RTL from the golden model's input
  bool aligned_tables = false;  ///< the alignment that the vendor's runtime demands was checked
};

/// The KPU layers, each on its own input, as another engine would compute them.
struct RuleReport {
  golden::quantised::Rule rule = golden::quantised::Rule::kExact;
  std::vector<golden::quantised::LayerByRule> layers;  ///< one for each of RunReport::layers
};

enum class Verdict { kMatch, kMismatch, kNotCompared };

struct RunReport {
  std::string model_path;
  std::string model_part;                  ///< of a package; may be empty
  std::vector<std::string> input_paths;    ///< one for each input of the network
  std::vector<InputOrigin> input_origins;  ///< as many: what was done to the files
  RunSettings settings;
  std::vector<LayerReport> layers;
  std::vector<CpuLayerReport> cpu_layers;  ///< if asked for
  CpuCost cpu;  ///< layers of the network that run on the CPU, and their time on the chip
  std::vector<OutputReport> outputs;
  std::vector<Expectation> expectations;
  std::optional<RuleReport> rule;  ///< if asked for
  Interpretation meaning;          ///< boxes on the first input's picture, in its own fractions
  Verdict verdict = Verdict::kNotCompared;
  std::optional<Difference> difference;
  std::map<std::string, double> wall_seconds;  ///< by engine: "golden", "rtl", "board"
  std::string hardware = "RTL";                ///< what is not the golden model: or "board"
  std::optional<Configuration> configuration;  ///< of the RTL or the board; none when neither ran
  /// Bytes between SRAM and each master of the RTL's system: "cpu", "dmac", "kpu".
  std::map<std::string, driver::Traffic> traffic;
  double clock_hz = 400e6;
  std::optional<NetworkEnergy> energy;  ///< if asked for

  /// Sum over the layers that have cycles.
  std::uint64_t cycles_total() const;
  std::uint64_t macs_total() const;
  double k210_cycles_total() const;  ///< of the KPU layers, by the public fit
  /// Of the RTL or the board; 0 when neither ran.
  std::uint32_t lanes() const { return configuration ? configuration->lanes : 0; }
};

/// "match", "mismatch", "not compared".
const char* to_string(Verdict verdict);

/// "exactly", "at most", "at least".
const char* to_string(StageDifference::Got how);

}  // namespace kpu::sim
