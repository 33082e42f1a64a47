// SPDX-License-Identifier: Apache-2.0
//
// What a shape does not run is named before anything runs: layer, value, parameter. The model is made of two layers, one at the
// ring's edge and one just behind it; that the decoder's opinion is the same is the matter of tests/rtl/ctrl/test_schedule.cpp.
#include "sim/model/refusal.h"

#include <cstdint>

#include "golden/kpu/single_layer.h"
#include "tests/support/catch2.h"

namespace kpu::sim {
namespace {

golden::LayerInfo layer_of(std::uint32_t in_channels) {
  golden::LayerShape shape;
  shape.in_channels = in_channels;
  shape.out_channels = 2;
  shape.height = shape.width = 4;
  shape.kernel = 3;
  golden::LayerInfo info;
  info.kpu = golden::KpuLayerInfo{};
  info.kpu->args = golden::make_layer_args(shape, true);
  return info;
}

TEST_CASE("a layer whose weights do not fit the ring is named with its size and the machine's") {
  Configuration rtl = load_configuration("lanes16");
  rtl.weight_rows = 128;
  golden::ModelInfo network;
  network.layers = {layer_of(512), layer_of(513)};
  CHECK(refusal(*network.layers[0].kpu, true, rtl).empty());
  CHECK(refusal(*network.layers[1].kpu, true, rtl) == "i_ch_num = 513: weights of 129 rows: expected at most WeightRows = 128");
  CHECK(refusal(*network.layers[0].kpu, false, rtl) == "i_ch_num = 512: weights of 256 rows: expected at most WeightRows = 128");
  CHECK_NOTHROW(require_runnable(network, 1, rtl));
  CHECK_THROWS_WITH(require_runnable(network, 2, rtl),
                    "KPU layer 1: i_ch_num = 513: weights of 129 rows: expected at most WeightRows = 128");
}

TEST_CASE("a board that does not tell its shape refuses nothing here") {
  golden::ModelInfo network;
  network.layers = {layer_of(1024)};
  Configuration board = unknown_configuration();
  board.weight_rows = 64;
  CHECK_NOTHROW(require_runnable(network, 1, board));
}

}  // namespace
}  // namespace kpu::sim
