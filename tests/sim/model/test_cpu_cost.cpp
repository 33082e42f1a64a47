// SPDX-License-Identifier: Apache-2.0
//
// Times of CPU layers from their shapes: each rate on a layer worked out by hand, and what cannot
// be counted.
#include "sim/model/cpu_cost.h"

#include <cstddef>
#include <string>

#include "common/files.h"
#include "golden/kmodel/kmodel.h"
#include "tests/support/catch2.h"
#include "tests/support/shared_data.h"

using kpu::golden::LayerInfo;
using kpu::golden::ModelInfo;
using kpu::sim::CpuCost;
using kpu::sim::k210_cpu_cost;

namespace {

double microseconds(const std::string& type, const std::string& in, const std::string& out,
                    std::size_t file_bytes = 0) {
  ModelInfo info;
  LayerInfo layer;
  layer.type = type;
  layer.in = in;
  layer.out = out;
  layer.file_bytes = file_bytes;
  info.layers.push_back(layer);
  return k210_cpu_cost(info).seconds * 1e6;
}

}  // namespace

TEST_CASE("CPU layers by hand") {
  CHECK(microseconds("dequantize", "9000", "9000") == Approx(405));  // 404 measured
  CHECK(microseconds("kpu_upload", "3x10x10", "3x10x10") == Approx(25.8));
  CHECK(microseconds("concat", "600+400", "1000") == Approx(200));
  CHECK(microseconds("reduce", "8x5x5", "8") == Approx(40));
  CHECK(microseconds("fully_connected", "32", "10") == Approx(2 + 8));
  CHECK(microseconds("conv2d", "2x4x4+3x2x3x3+3", "3x4x4") == Approx(9.6 + 54 * 16 * 0.025));
  CHECK(microseconds("conv2d", "2x4x4", "3x4x4", 216) == Approx(9.6 + 54 * 16 * 0.025));
}

TEST_CASE("layers without shapes are not counted, calls are what is behind them") {
  ModelInfo info;
  info.layers.resize(3);
  info.layers[0].type = "slice";  // of a listing without shapes
  info.layers[1].type = "call";
  info.layers[2].type = "softmax";
  info.layers[2].in = info.layers[2].out = "10";
  const CpuCost cost = k210_cpu_cost(info);
  CHECK(cost.layers == 2);
  CHECK(cost.not_counted == 1);
  CHECK(cost.seconds == Approx(2e-6));
}

TEST_CASE("RFB-320 takes what was published") {
  KPU_SHARED_OR_SKIP(shared);
  const auto model =
      kpu::golden::load_model(kpu::read_file((shared / "models/rfb320_v4.kmodel").string()));
  // 164.8 ms, less 9.24 ms of the KPU by the fit.
  const CpuCost cost = k210_cpu_cost(model->info());
  CHECK(cost.not_counted == 0);
  CHECK(cost.seconds == Approx(0.1556).epsilon(0.1));
}
