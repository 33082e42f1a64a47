// SPDX-License-Identifier: Apache-2.0
#include "sim/export/vector_recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "common/error.h"

namespace kpu::sim {
namespace {

/// Tables start at multiples of this.
constexpr std::size_t kTableAlignment = 128;

/// Appends a table to the parameter memory and returns its address.
std::uint32_t append(std::vector<std::uint8_t>& memory, std::span<const std::uint8_t> table) {
  memory.resize((memory.size() + kTableAlignment - 1) / kTableAlignment * kTableAlignment);
  const auto address = static_cast<std::uint32_t>(memory.size());
  memory.insert(memory.end(), table.begin(), table.end());
  return address;
}

/// Which bytes of the output's lines are pixels.
std::vector<std::uint8_t> pixel_bytes(const golden::ImageLayout& layout, const RamImage& image) {
  golden::AiRam marks;
  const std::vector<std::uint8_t> ones(layout.planar_bytes(), 1);
  golden::pack_image(marks.bytes(), layout, ones);
  const auto lines = marks.bytes().subspan(image.first_line * kLineBytes, image.bytes.size());
  return {lines.begin(), lines.end()};
}

}  // namespace

RamImage VectorRecorder::lines_of(const golden::ImageLayout& layout) const {
  const std::size_t first = layout.base_line;
  const std::size_t count = std::min(layout.end_line(), kAiRamLines) - first;
  const auto lines = ram().subspan(first * kLineBytes, count * kLineBytes);
  return {first, {lines.begin(), lines.end()}};
}

std::vector<golden::KpuJobResult> VectorRecorder::run_layers(std::span<const golden::KpuJob> jobs,
                                                             const golden::JobObserver& observer) {
  std::vector<golden::KpuJobResult> results;
  for (const golden::KpuJob& job : jobs) {
    VectorJob vector;
    vector.layer = job.layer;
    vector.batch = job.batch;
    vector.args = golden::decode(job.words);
    golden::require_valid(vector.args, eight_bit(), fmt::format("KPU layer {}", job.layer));
    if (vector.args.full_add) {
      throw Error(
          fmt::format("KPU layer {}: full_add=1: expected 0, the hardware refuses it", job.layer));
    }
    vector.args.weights_addr = append(vector.parameters, job.tables.weights);
    vector.args.bn_addr = append(vector.parameters, job.tables.batch_norm);
    vector.args.act_addr = append(vector.parameters, job.tables.act);
    vector.args.send_data_out = job.to_main_memory;
    vector.args.int_en = true;
    vector.words = golden::encode(vector.args);
    vector.eight_bit = eight_bit();
    vector.input = lines_of(vector.args.input_layout());

    results.push_back(GoldenBackend::run_layers({&job, 1}, {}).front());

    vector.output = lines_of(vector.args.output_layout());
    vector.counts = pixel_bytes(vector.args.output_layout(), vector.output);
    if (job.to_main_memory) vector.stream = results.back().output;
    sink_(vector);
    if (observer) observer(results.size() - 1, results.back());
  }
  return results;
}

}  // namespace kpu::sim
