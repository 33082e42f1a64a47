// SPDX-License-Identifier: Apache-2.0
//
// Single layers on the RTL against the golden model.
//
// State space: kernel x depthwise x pool x layout x sizes x weight width x tables. The combinations
// that the layouts and the window logic decide on (kernel, pool, widths around every edge of a
// layout) are run one by one; channel counts, loads and heights that meet the tiles' edges
// likewise; everything else, and all of it together with queued layers and a stuttering memory, is
// left to random groups whose seeds are fixed here.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "golden/kpu/golden_backend.h"
#include "golden/kpu/layer_args.h"
#include "sim/engine/rtl_backend.h"
#include "sim/fuzz/fuzz.h"
#include "sim/fuzz/random_layer.h"
#include "tests/support/catch2.h"

namespace {

using kpu::golden::LayerArgs;
using kpu::golden::LayerShape;
using kpu::sim::CapturedJob;
using kpu::sim::RandomLayer;

/// The layer with a random input, as a job of its own.
CapturedJob job_of(kpu::sim::RandomEngine& random, const RandomLayer& layer) {
  CapturedJob job;
  job.words = kpu::golden::encode(layer.args);
  job.eight_bit = layer.eight_bit;
  job.weights = layer.weights;
  job.batch_norm = layer.batch_norm;
  job.act = layer.act;
  job.input.resize(layer.args.input_layout().planar_bytes());
  for (auto& pixel : job.input) pixel = static_cast<std::uint8_t>(random());
  return job;
}

void require_equal(kpu::sim::RandomEngine& random, const LayerArgs& args, bool eight_bit) {
  const RandomLayer layer = kpu::sim::random_tables(random, args, eight_bit);
  const auto difference = kpu::sim::check_layer(job_of(random, layer));
  INFO(fmt::format("{}x{}x{} -> {}, kernel {}, depthwise {}, pool {}, {} bits: {}",
                   args.in_channels, args.in_height, args.in_width, args.out_channels,
                   args.kernel(), args.depthwise, args.pool_type, eight_bit ? 8 : 16,
                   difference.value_or("")));
  REQUIRE(!difference);
}

LayerShape shape(std::uint32_t in, std::uint32_t out, std::uint32_t height, std::uint32_t width,
                 std::uint32_t kernel, bool depthwise, std::uint32_t pool) {
  LayerShape s;
  s.in_channels = in;
  s.out_channels = depthwise ? in : out;
  s.height = height;
  s.width = width;
  s.kernel = kernel;
  s.depthwise = depthwise;
  s.pool_type = pool;
  s.dst_line = 16384;
  return s;
}

}  // namespace

TEST_CASE("every kernel, pool type and layout edge") {
  kpu::sim::RandomEngine random(1);
  for (const std::uint32_t width : {4U, 15U, 16U, 17U, 31U, 32U, 33U, 63U, 64U, 65U, 130U}) {
    for (std::uint32_t pool = 0; pool <= 9; ++pool) {
      for (const std::uint32_t kernel : {1U, 3U}) {
        for (const bool depthwise : {false, true}) {
          const auto args = kpu::golden::make_layer_args(
              shape(5, 3, 4 + width % 3, width, kernel, depthwise, pool), true);
          require_equal(random, args, true);
        }
      }
    }
  }
}

TEST_CASE("channel counts, 8 and 16 bit weights") {
  kpu::sim::RandomEngine random(2);
  for (const std::uint32_t channels : {1U, 2U, 3U, 5U, 16U, 17U, 33U, 64U, 1024U}) {
    for (const std::uint32_t kernel : {1U, 3U}) {
      for (const bool eight_bit : {true, false}) {
        const auto wide_in = shape(channels, 6, 3, 13, kernel, false, 0);
        const auto wide_out = shape(6, channels, 3, 33, kernel, false, 1);
        const auto wide_dw = shape(channels, channels, 4, 20, kernel, true, 0);
        for (const LayerShape& s : {wide_in, wide_out, wide_dw}) {
          require_equal(random, kpu::golden::make_layer_args(s, eight_bit), eight_bit);
        }
      }
    }
  }
}

TEST_CASE("a picture of 320 columns, paddings and strides") {
  kpu::sim::RandomEngine random(3);
  for (const std::uint32_t pad_type : {0U, 1U}) {
    for (const bool first_stride : {false, true}) {
      auto args = kpu::golden::make_layer_args(shape(3, 5, 9, 320, 3, false, 0), true);
      args.pad_type = pad_type;
      args.pad_value = 77;
      if (first_stride) {
        args.first_stride = true;
        args.out_width = 160;
        args.out_height = 5;
        args.channel_byte_num = 160 * 5;
        args.dma_total_byte = 160 * 5 * 5;
      }
      require_equal(random, args, true);
    }
  }
}

TEST_CASE("weights in many loads") {
  kpu::sim::RandomEngine random(4);
  for (const std::uint32_t load_channels : {1U, 3U, 20U, 64U}) {
    auto args = kpu::golden::make_layer_args(shape(19, 64, 5, 18, 3, false, 2), true);
    args.load_channels = load_channels;
    args.loads = (64 + load_channels - 1) / load_channels;
    args.load_bytes = load_channels * 19 * 9;
    require_equal(random, args, true);
  }
}

TEST_CASE("tables and weights kept from the layer before") {
  kpu::sim::RandomEngine random(5);
  auto first = kpu::golden::make_layer_args(shape(7, 12, 6, 16, 3, false, 0), true);
  first.load_channels = 4;
  first.loads = 3;
  first.load_bytes = 4 * 7 * 9;
  const RandomLayer loaded = kpu::sim::random_tables(random, first, true);
  auto second = kpu::golden::make_layer_args(shape(7, 4, 6, 16, 3, false, 0), true);
  second.dst_line = 20000;
  second.conv = loaded.args.conv;
  second.load_coor = false;
  second.load_para = false;
  const CapturedJob job = job_of(random, loaded);

  const auto run = [&](kpu::golden::KpuBackend& backend) {
    backend.set_eight_bit_mode(true);
    kpu::golden::upload_image(backend, first.input_layout(), job.input);
    kpu::golden::KpuJob jobs[2];
    jobs[0].words = kpu::golden::encode(loaded.args);
    jobs[1].words = kpu::golden::encode(second);
    jobs[0].tables = {loaded.weights, loaded.batch_norm, loaded.act};
    jobs[1].tables = {{}, {}, loaded.act};
    return backend.run_layers(jobs, {});
  };
  kpu::golden::GoldenBackend golden;
  const auto rtl = kpu::sim::make_rtl_backend({});
  const auto expected = run(golden);
  const auto got = run(*rtl);
  REQUIRE(got[0].output == expected[0].output);
  REQUIRE(got[1].output == expected[1].output);
}

TEST_CASE("a layer is cut to the smallest that still fails") {
  kpu::sim::RandomEngine random(6);
  const auto args = kpu::golden::make_layer_args(shape(9, 7, 13, 40, 3, false, 1), true);
  const CapturedJob job = job_of(random, kpu::sim::random_tables(random, args, true));
  const auto size_of = [](const CapturedJob& j) { return kpu::golden::decode(j.words); };
  const CapturedJob smallest =
      kpu::sim::shrink_layer(job, [&](const CapturedJob& j) -> std::optional<std::string> {
        const LayerArgs a = size_of(j);
        if (a.in_channels >= 3 && a.in_width >= 17 && a.in_height >= 2) return "fails";
        return std::nullopt;
      });
  const LayerArgs cut = size_of(smallest);
  CHECK(cut.in_channels == 3);
  CHECK(cut.out_channels == 1);
  CHECK(cut.in_height == 2);
  CHECK(cut.in_width == 17);
  CHECK_FALSE(kpu::sim::check_layer(smallest));
}

TEST_CASE("a depthwise layer is cut to the channel that fails") {
  kpu::sim::RandomEngine random(7);
  const auto args = kpu::golden::make_layer_args(shape(9, 9, 5, 20, 3, true, 0), true);
  const CapturedJob job = job_of(random, kpu::sim::random_tables(random, args, true));
  const auto marked = job.batch_norm.begin() + 5 * 8;
  const std::vector<std::uint8_t> word(marked, marked + 8);
  const CapturedJob smallest =
      kpu::sim::shrink_layer(job, [&](const CapturedJob& j) -> std::optional<std::string> {
        if (std::search(j.batch_norm.begin(), j.batch_norm.end(), word.begin(), word.end()) !=
            j.batch_norm.end()) {
          return "fails";
        }
        return std::nullopt;
      });
  CHECK(smallest.batch_norm == word);
  CHECK(smallest.weights ==
        std::vector<std::uint8_t>(job.weights.begin() + 5 * 9, job.weights.begin() + 6 * 9));
}

TEST_CASE("random layers in random sequences") {
  kpu::sim::FuzzStats stats;
  for (std::uint64_t group = 1; group <= 4; ++group) {
    const auto failure = kpu::sim::fuzz_group(group, kpu::sim::kFuzzGroupLayers,
                                              [&](const kpu::sim::FuzzStats& batch) {
                                                stats += batch;
                                                return true;
                                              });
    INFO("group " << group
                  << (failure ? ", layer " + std::to_string(failure->layer) + ": " + failure->what
                              : ""));
    REQUIRE(!failure);
  }
  fmt::print("checked {} random layers, {} values\n", stats.layers, stats.values);
  REQUIRE(stats.layers == 4 * kpu::sim::kFuzzGroupLayers);
  REQUIRE(stats.overflows > 0);
}
