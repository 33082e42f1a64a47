// SPDX-License-Identifier: Apache-2.0
//
// Differences between two engines, and the stage they come from. The suspect is a golden model that
// is wrong in one stage at a time, so each answer is known.
#include <functional>
#include <vector>

#include "examples/edge_network.h"
#include "examples/scene.h"
#include "golden/golden_backend.h"
#include "golden/kmodel.h"
#include "golden/network.h"
#include "sim/compare.h"
#include "tests/support/catch2.h"

using namespace kpu::sim;
namespace golden = kpu::golden;

namespace {

/// A golden backend whose jobs pass through a hand that spoils them.
class SpoiledBackend : public golden::GoldenBackend {
 public:
  using Spoil = std::function<void(golden::LayerArgs& args, std::vector<std::uint8_t>& batch_norm,
                                   std::vector<std::uint8_t>& act)>;

  explicit SpoiledBackend(Spoil spoil) : spoil_(std::move(spoil)) {}

  std::vector<golden::KpuJobResult> run_layers(std::span<const golden::KpuJob> jobs,
                                               const golden::JobObserver&) override {
    std::vector<golden::KpuJobResult> results;
    for (const golden::KpuJob& job : jobs) {
      golden::LayerArgs args = golden::decode(job.words);
      std::vector<std::uint8_t> batch_norm(job.tables.batch_norm.begin(),
                                           job.tables.batch_norm.end());
      std::vector<std::uint8_t> act(job.tables.act.begin(), job.tables.act.end());
      spoil_(args, batch_norm, act);
      golden::KpuJob spoiled = job;
      spoiled.words = golden::encode(args);
      spoiled.tables.batch_norm = batch_norm;
      spoiled.tables.act = act;
      results.push_back(std::move(GoldenBackend::run_layers({&spoiled, 1}, {}).front()));
    }
    return results;
  }

 private:
  Spoil spoil_;
};

/// Layer 3 of the example network: 1x1 with 2x2 max pooling.
constexpr std::size_t kLayer = 3;

std::string stage_with(const SpoiledBackend::Spoil& spoil) {
  const auto model = golden::load_model(kpu::examples::make_edge_network());
  const auto& info = model->info().inputs.front();
  std::vector<std::uint8_t> input(info.bytes);
  for (std::size_t i = 0; i < input.size(); ++i) {
    input[i] = static_cast<std::uint8_t>((i * 2654435761u) >> 13);
  }
  const CapturedJob job = capture_job(*model, {input}, kLayer, 0);
  const golden::LayerArgs args = golden::decode(job.words);
  const golden::LayerTables tables{job.weights, job.batch_norm, job.act};
  const auto expected = golden::run_kpu_layer(args, job.input, tables, {});

  SpoiledBackend suspect(spoil);
  suspect.set_eight_bit_mode(true);
  golden::upload_image(suspect, args.input_layout(), job.input);
  golden::KpuJob again;
  again.words = job.words;
  again.tables = tables;
  const auto got = suspect.run_layers({&again, 1}, {}).front().output;
  const auto difference = find_difference(kLayer, args, expected.planar, got);
  REQUIRE(difference);
  return first_wrong_stage(job, suspect, *difference);
}

}  // namespace

TEST_CASE("the first difference is found and counted") {
  golden::LayerArgs args;
  args.out_channels = 2;
  args.out_height = 3;
  args.out_width = 4;
  std::vector<std::uint8_t> expected(48, 7);
  CHECK_FALSE(find_difference(5, args, expected, expected));
  std::vector<std::uint8_t> got = expected;
  got[24 + 12 + 4 + 2] = 9;
  got[47] = 0;
  const auto difference = find_difference(5, args, expected, got);
  REQUIRE(difference);
  CHECK(difference->layer == 5);
  CHECK(difference->batch == 1);
  CHECK(difference->channel == 1);
  CHECK(difference->row == 1);
  CHECK(difference->column == 2);
  CHECK(difference->expected == 7);
  CHECK(difference->got == 9);
  CHECK(difference->count == 2);
  got = expected;
  got.pop_back();
  CHECK(find_difference(0, args, expected, got)->count == 1);
}

TEST_CASE("the wrong stage is named") {
  using Bytes = std::vector<std::uint8_t>;
  CHECK(stage_with([](golden::LayerArgs& args, Bytes&, Bytes&) { args.conv.arg_add += 3; }) ==
        "convolution");
  // The probe for the convolution brings a batch norm of its own, which is right here.
  CHECK(stage_with([](golden::LayerArgs&, Bytes& batch_norm, Bytes&) {
          for (std::size_t i = 0; i < batch_norm.size(); i += 8) {
            if (batch_norm[i] != 1) batch_norm[i + 4] ^= 1;  // bit 8 of norm_add
          }
        }) == "batch norm");
  CHECK(stage_with([](golden::LayerArgs&, Bytes&, Bytes& act) {
          const bool is_probe = act[128] == 0 && act[129] == 0 && act[142] == 0;
          if (!is_probe) act[135] ^= 8;  // bias of segment 7
        }) == "activation");
  CHECK(stage_with([](golden::LayerArgs& args, Bytes&, Bytes&) {
          if (args.pool_type == golden::kPoolMax2) args.pool_type = golden::kPoolMean2;
        }) == "pooling");
}

TEST_CASE("a difference that does not come back has no stage") {
  bool first = true;
  CHECK(stage_with([&first](golden::LayerArgs& args, std::vector<std::uint8_t>&,
                            std::vector<std::uint8_t>&) {
          if (first) args.conv.arg_add += 1000;
          first = false;
        }).empty());
}
