// SPDX-License-Identifier: Apache-2.0
#include "sim/model/refusal.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "common/error.h"
#include "golden/kpu/arith.h"
#include "sim/model/schedule.h"

namespace kpu::sim {

std::string refusal(const golden::KpuLayerInfo& layer, bool eight_bit, const Configuration& rtl) {
  const golden::LayerArgs& args = layer.args;
  if (rtl.pool == 0 && args.pool_type != golden::kPoolBypass) {
    return fmt::format("pool_type = {}: expected 0 on a machine with Pool = 0", args.pool_type);
  }
  if (rtl.pool == 0 && args.first_stride) return "first_stride = 1: expected 0 on a machine with Pool = 0";
  if (rtl.stream_out == 0 && layer.to_main_memory) {
    return "send_data_out = 1: expected 0 on a machine with StreamOut = 0";
  }
  if (rtl.weights16 == 0 && !eight_bit) return "weights of 16 bits: expected 8 on a machine with Weights16 = 0";
  if (rtl.point_channels == kUnknownParameter) return "";
  const Schedule schedule = make_schedule(args, eight_bit, layer.to_main_memory, rtl);
  if (schedule.fits_ring) return "";
  return fmt::format("i_ch_num = {}: weights of {} rows: expected at most WeightRows = {}", args.in_channels, schedule.ring_rows,
                     rtl.weight_rows);
}

void require_runnable(const golden::ModelInfo& network, std::size_t most, const Configuration& rtl) {
  const std::vector<golden::KpuLayerInfo> layers = network.kpu_layers();
  for (std::size_t i = 0; i < std::min(most, layers.size()); ++i) {
    const std::string why = refusal(layers[i], network.eight_bit, rtl);
    if (!why.empty()) throw Error(fmt::format("KPU layer {}: {}", i, why));
  }
}

}  // namespace kpu::sim
