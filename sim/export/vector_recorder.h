// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "golden/kpu/golden_backend.h"
#include "golden/kpu/layer_args.h"

namespace kpu::sim {

/// Whole lines of AI RAM from one line on.
struct RamImage {
  std::size_t first_line = 0;
  std::vector<std::uint8_t> bytes;
};

/// Everything that a machine needs to run one layer once, and what it must leave.
struct VectorJob {
  std::size_t layer = 0;  ///< among the network's KPU layers
  std::size_t batch = 0;  ///< image of the batch
  golden::LayerArgs args;
  LayerWords words{};     ///< as for the FIFO; addresses point into `parameters`
  bool eight_bit = true;  ///< the mode register
  std::vector<std::uint8_t>
      parameters;   ///< memory from address 0 on: weights, batch norm, activation
  RamImage input;   ///< the lines of the input image before the layer
  RamImage output;  ///< the lines of the output image after it
  std::vector<std::uint8_t>
      counts;  ///< for each byte of `output`: 1 if it is a pixel, 0 for padding
  std::vector<std::uint8_t> stream;  ///< what leaves through fifo_data_out; empty for most layers
};

/// The reference model as a KPU that hands over every layer it runs as a VectorJob.
class VectorRecorder final : public golden::GoldenBackend {
 public:
  using Sink = std::function<void(const VectorJob& job)>;

  explicit VectorRecorder(Sink sink) : sink_(std::move(sink)) {}

  /// Throws Error as GoldenBackend does, and for a full_add layer, which the hardware refuses.
  std::vector<golden::KpuJobResult> run_layers(std::span<const golden::KpuJob> jobs,
                                               const golden::JobObserver& observer) override;

 private:
  RamImage lines_of(const golden::ImageLayout& layout) const;

  Sink sink_;
};

}  // namespace kpu::sim
