// SPDX-License-Identifier: Apache-2.0
//
// Cycles without simulation, against hand-worked layers and, where the files are at hand, against
// the published lane bounds of three whole networks.
#include "common/files.h"

#include <cstdint>
#include "golden/kmodel/kmodel.h"
#include "golden/kpu/layer_args.h"
#include "sim/model/cost_model.h"
#include "tests/support/catch2.h"
#include "tests/support/shared_data.h"

using namespace kpu::sim;
using kpu::golden::LayerArgs;
using kpu::golden::LayerShape;

namespace {

LayerArgs layer(std::uint32_t ic, std::uint32_t oc, std::uint32_t height, std::uint32_t width,
                std::uint32_t kernel, bool depthwise, std::uint32_t pool) {
  LayerShape shape;
  shape.in_channels = ic;
  shape.out_channels = oc;
  shape.height = height;
  shape.width = width;
  shape.kernel = kernel;
  shape.depthwise = depthwise;
  shape.pool_type = pool;
  return kpu::golden::make_layer_args(shape, true);
}

}  // namespace

TEST_CASE("lane bound by hand") {
  // 3x3, 3 to 16 channels, 320 x 240: 5 lines a row, 240 rows, 3 channels in, 16 out.
  CHECK(lane_bound(layer(3, 16, 240, 320, 3, false, 0), true, 64) == 5 * 240 * 3 * 16);
  CHECK(lane_bound(layer(3, 16, 240, 320, 3, false, 0), false, 64) == 2 * 5 * 240 * 3 * 16);
  CHECK(lane_bound(layer(3, 16, 240, 320, 3, false, 0), true, 16) == 20 * 240 * 3 * 16);
  // 1x1, 65 channels of 20 pixels: 2 a line, 33 groups, 5 windows of eight.
  CHECK(lane_bound(layer(65, 8, 10, 20, 1, false, 0), true, 64) == 10 * 5 * 8);
  // The same with 32 lanes: one channel a word, 65 groups, 9 windows.
  CHECK(lane_bound(layer(65, 8, 10, 20, 1, false, 0), true, 32) == 10 * 9 * 8);
  // Depthwise, 10 channels of 16 pixels: 4 a line, 3 groups.
  CHECK(lane_bound(layer(10, 10, 12, 16, 3, true, 0), true, 64) == 12 * 3);
  // Select-pools: every second or fourth row only. Others need all rows.
  CHECK(lane_bound(layer(4, 4, 64, 64, 3, false, kpu::golden::kPoolLeftTop2), true, 64) == 32 * 16);
  CHECK(lane_bound(layer(4, 4, 64, 64, 3, false, kpu::golden::kPoolLeftTop4), true, 64) == 16 * 16);
  CHECK(lane_bound(layer(4, 4, 64, 64, 3, false, kpu::golden::kPoolMax4), true, 64) == 64 * 16);
  CHECK(lane_bound(layer(4, 4, 67, 64, 3, false, kpu::golden::kPoolMax4), true, 64) == 64 * 16);
  CHECK(lane_bound(layer(4, 4, 65, 64, 3, false, kpu::golden::kPoolMax2s1), true, 64) == 65 * 16);
}

TEST_CASE("parameters of a layer in bytes") {
  CHECK(parameter_bytes(layer(3, 16, 8, 8, 3, false, 0), true) == 3 * 16 * 9 + 16 * 8 + 144);
  CHECK(parameter_bytes(layer(16, 16, 8, 8, 3, true, 0), false) == 2 * 16 * 9 + 16 * 8 + 144);
}

TEST_CASE("the chip's fit by hand") {
  // S = 3 * 5 * 16 = 240 sweeps of 247 rows.
  CHECK(k210_cycles(layer(3, 16, 240, 320, 3, false, 0), true, 400e6) == Approx(240 * 247 + 7500));
  CHECK(k210_cycles(layer(64, 64, 60, 80, 1, false, 0), true, 400e6) ==
        Approx(64 * 2 * 64 * 63.15 + 13400));
  // Tiny images wait for their weights: 512 * 512 * 9 bytes at 0.87 GB/s.
  CHECK(k210_cycles(layer(512, 512, 2, 2, 3, false, 0), true, 400e6) ==
        Approx(512.0 * 512 * 9 / 0.87e9 * 400e6));
}

TEST_CASE("lane bounds of whole networks") {
  KPU_SHARED_OR_SKIP(shared);
  const auto bound = [&](const char* name) {
    const auto model = kpu::golden::load_model(kpu::read_file((shared / "models" / name).string()));
    std::uint64_t sum = 0;
    for (const auto& entry : model->info().layers) {
      if (entry.kpu) sum += lane_bound(entry.kpu->args, model->info().eight_bit, 64);
    }
    return sum;
  };
  CHECK(bound("face_detect_v3.kmodel") == 582240);
  // 460464 with the fifteenth row of layer 8, which 2x2 pooling leaves over.
  CHECK(bound("yolo20_v3.kmodel") == 460464 - 2048);
  CHECK(bound("face_mask5_v3.kmodel") == 317184);
}
