// SPDX-License-Identifier: Apache-2.0
#include "board/devices/layer_job.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/error.h"
#include "golden/kpu/layer_args.h"

namespace kpu::board {
namespace {

std::vector<std::uint8_t> in_ram(const Ram& ram, std::uint32_t address, std::size_t count,
                                 const char* what) {
  const std::size_t at = count == 0 ? Ram::kNowhere : Ram::offset(address, count);
  if (at == Ram::kNowhere) {
    throw Error(std::string(what) + " outside RAM");
  }
  std::vector<std::uint8_t> bytes(count);
  ram.read(at, bytes);
  return bytes;
}

}  // namespace

golden::KpuJobResult run_layer(golden::KpuBackend& backend, const Ram& ram, const LayerWords& words,
                               bool eight_bit, std::size_t index) {
  const golden::LayerArgs args = golden::decode(words);
  golden::require_valid(args, eight_bit, "layer");
  std::vector<std::uint8_t> weights;
  std::vector<std::uint8_t> batch_norm;
  std::vector<std::uint8_t> act;
  if (args.load_coor) {
    weights = in_ram(ram, args.weights_addr, args.weight_bytes(eight_bit), "weights");
  }
  if (args.load_para) {
    batch_norm = in_ram(ram, args.bn_addr, args.bn_bytes(), "batch-norm table");
  }
  if (args.load_act) {
    act = in_ram(ram, args.act_addr, golden::kActTableBytes, "activation table");
  }
  const golden::ImageLayout input = args.input_layout();
  const std::size_t first = std::size_t{input.base_line} * kLineBytes;
  std::vector<std::uint8_t> lines(input.end_line() * kLineBytes - first);
  ram.read(Ram::kAiRam + first, lines);
  backend.write_ram(first, lines);
  backend.set_eight_bit_mode(eight_bit);
  const golden::KpuJob job{.layer = index,
                           .batch = 0,
                           .words = words,
                           .tables = {.weights = weights, .batch_norm = batch_norm, .act = act},
                           .to_main_memory = args.send_data_out};
  return backend.run_layers(std::span(&job, 1), nullptr).at(0);
}

}  // namespace kpu::board
