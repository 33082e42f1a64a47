// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "golden/kpu/kpu_layer.h"
#include "golden/kpu/layer_args.h"

namespace kpu::golden {

/// One layer for a KPU to run: the words as the file has them, and the tables they point to.
///
/// The backend places the tables and fills in the address fields, int_en and send_data_out; it
/// takes nothing else from the words than what they say. The spans stay valid during run_layers().
struct KpuJob {
  std::size_t layer = 0;  ///< index among the network's KPU layers, for reports
  std::size_t batch = 0;  ///< image of the batch; each has its own job
  LayerWords words{};     ///< with the source and destination lines of this batch
  LayerTables tables;
  bool to_main_memory = false;  ///< also stream the output through fifo_data_out
};

struct KpuJobResult {
  /// Planar output. Taken from the output stream for to_main_memory, else from AI RAM.
  std::vector<std::uint8_t> output;
  std::vector<std::int64_t> channel_sums;         ///< of a full_add layer
  RangeReport range;                              ///< as far as the backend can tell
  std::map<std::string, std::uint64_t> counters;  ///< "cycles" and others the backend has
};

/// Called after each job with its index in the batch of jobs; may move from the result what the
/// caller of run_layers() does not need then.
using JobObserver = std::function<void(std::size_t index, KpuJobResult& result)>;

/// A KPU with its AI RAM: the golden model's, or the RTL under a simulator.
class KpuBackend {
 public:
  virtual ~KpuBackend() = default;

  /// Bytes of AI RAM from `address` (0 .. 2 MiB). Throws Error if the range leaves AI RAM.
  virtual void write_ram(std::size_t address, std::span<const std::uint8_t> bytes) = 0;
  virtual void read_ram(std::size_t address, std::span<std::uint8_t> bytes) = 0;

  /// The eight_bit_mode register: true for 8-bit weights. Holds for the following jobs.
  virtual void set_eight_bit_mode(bool eight_bit) = 0;

  /// Runs consecutive layers in order; nothing else touches AI RAM in between, so hardware can
  /// queue them. Returns one result per job. Throws Error for a layer that cannot run.
  virtual std::vector<KpuJobResult> run_layers(std::span<const KpuJob> jobs,
                                               const JobObserver& observer) = 0;
};

/// Writes a planar image to AI RAM at `layout`, padding bytes as zero, in as few writes as the
/// layout allows. Throws Error if it does not fit AI RAM or `planar` has the wrong size.
void upload_image(KpuBackend& backend, const ImageLayout& layout,
                  std::span<const std::uint8_t> planar);

/// Reads the image at `layout` as planar bytes. Throws Error if it does not fit AI RAM.
std::vector<std::uint8_t> download_image(KpuBackend& backend, const ImageLayout& layout);

}  // namespace kpu::golden
