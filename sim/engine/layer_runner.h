// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "driver/kpu_driver.h"
#include "driver/kpu_system.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kpu/kpu_backend.h"

namespace kpu::sim {

/// Which lines of the K210's AI RAM a network uses: some from the start, some up to the end, as the
/// vendor's compilers lay images out from both ends.
struct RamUse {
  std::size_t low_lines = kAiRamLines;  ///< lines 0 .. low_lines-1
  std::size_t high_lines = 0;           ///< the last so many lines
};

/// The AI RAM that the KPU layers of a network use; the whole as low lines where the two ends meet.
RamUse ram_use(const golden::ModelInfo& info);

/// Runs jobs of the network interpreter on a system with a KPU: places tables in its SRAM, queues
/// the layers, reads results.
///
/// A system with less AI RAM than the K210 (a power of two) gets the lines of both ends moved
/// together: addresses count modulo its size.
class LayerRunner {
 public:
  /// How images are written.
  enum class ImagePath {
    kDma,       ///< whole lines through SRAM by DMA, the rest by the processor
    kProcessor  ///< all by the processor
  };

  /// Throws Error if `use` does not fit the system's AI RAM. Lines that it leaves over count as low
  /// ones. `system` must outlive the runner.
  LayerRunner(driver::KpuSystem& system, const driver::DriverOptions& options, ImagePath path,
              const RamUse& use);

  /// As golden::KpuBackend. Throws Error for bytes beyond `use`.
  void write_ram(std::size_t address, std::span<const std::uint8_t> bytes);
  void read_ram(std::size_t address, std::span<std::uint8_t> bytes);
  /// Lines from line 0 on that jobs may use.
  std::size_t low_lines() const { return use_.low_lines; }
  void set_eight_bit_mode(bool eight_bit) { driver_.set_eight_bit_mode(eight_bit); }

  /// Runs as many of the jobs as there is SRAM for their tables, at least one, and appends their
  /// results; the observer's index counts from the first result. Throws Error, with the layer's
  /// index, if the tables of the first do not fit.
  void run_some(std::span<const golden::KpuJob> jobs, const golden::JobObserver& observer,
                std::vector<golden::KpuJobResult>& results);

 private:
  /// Addresses of a job's tables, and of its output stream if it has one.
  struct Placed {
    std::uint32_t weights;
    std::uint32_t batch_norm;
    std::uint32_t act;
    std::uint32_t stream;
  };

  std::vector<Placed> place_tables(std::span<const golden::KpuJob> jobs);
  std::vector<std::uint8_t> peek_image(const golden::ImageLayout& layout) const;
  /// What the layer's input is like; nothing where layers are not counted, or the image does not fit the system.
  std::map<std::string, std::uint64_t> peek_input(const golden::LayerArgs& args) const;
  /// Where `size` bytes of the K210's AI RAM lie in the system's.
  std::size_t map(std::size_t address, std::size_t size) const;
  std::uint32_t map_line(std::uint32_t line) const;

  driver::KpuSystem& system_;
  driver::KpuDriver driver_;
  ImagePath path_;
  RamUse use_;
};

/// Bytes of SRAM that a job takes for its tables and its output stream.
std::size_t memory_bytes(const golden::LayerTables& tables, const golden::LayerArgs& args,
                         bool to_main_memory);

}  // namespace kpu::sim
