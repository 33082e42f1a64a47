// SPDX-License-Identifier: Apache-2.0
//
// Differences between two engines, and the stage they come from. The suspect is a golden model that
// is wrong in one stage at a time, so each answer is known.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "examples/edge_network.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kpu/golden_backend.h"
#include "sim/engine/compare.h"
#include "sim/fuzz/fuzz.h"
#include "tests/sim/engine/spoiled_backend.h"
#include "tests/support/catch2.h"

using namespace kpu::sim;
namespace golden = kpu::golden;

namespace {

using Bytes = std::vector<std::uint8_t>;
using kpu::test::SpoiledBackend;
using kpu::test::SpoiledJob;

/// Layer 3 of the example network: 1x1 with 2x2 max pooling.
constexpr std::size_t kLayer = 3;

/// What is found of a golden model with a fault. The layer starts from noise, streams its output if
/// `to_main_memory`, and its probes have `ram_lines`.
std::optional<StageDifference> stage_with(const SpoiledBackend::SpoilJob& spoil_job,
                                          const SpoiledBackend::SpoilOutput& spoil_output = {},
                                          bool to_main_memory = false,
                                          std::size_t ram_lines = kpu::kAiRamLines) {
  const auto model = golden::load_model(kpu::examples::make_edge_network());
  const auto& info = model->info().inputs.front();
  Bytes input(info.bytes);
  for (std::size_t i = 0; i < input.size(); ++i) {
    input[i] = static_cast<std::uint8_t>((i * 2654435761u) >> 13);
  }
  CapturedJob job = capture_job(*model, {input}, kLayer, 0);
  job.to_main_memory = to_main_memory;
  golden::GoldenBackend right;
  SpoiledBackend suspect(std::make_unique<golden::GoldenBackend>(), spoil_job, spoil_output);
  const auto difference = find_difference(kLayer, golden::decode(job.words),
                                          run_job(job, right).output, run_job(job, suspect).output);
  REQUIRE(difference);
  return first_wrong_stage(job, suspect, *difference, ram_lines);
}

std::string name_with(const SpoiledBackend::SpoilJob& spoil_job) {
  const auto found = stage_with(spoil_job);
  return found ? found->stage : "";
}

void spoil_convolution(SpoiledJob& job) { job.args.conv.arg_add += 3; }

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
  CHECK(name_with(spoil_convolution) == "convolution");
  // The probe for the convolution brings a batch norm of its own, which is right here.
  CHECK(name_with([](SpoiledJob& job) {
          for (std::size_t i = 0; i < job.batch_norm.size(); i += 8) {
            if (job.batch_norm[i] != 1) job.batch_norm[i + 4] ^= 1;  // bit 8 of norm_add
          }
        }) == "batch norm");
  CHECK(name_with([](SpoiledJob& job) {
          const bool is_probe = job.act[128] == 0 && job.act[129] == 0 && job.act[142] == 0;
          if (!is_probe) job.act[135] ^= 8;  // bias of segment 7
        }) == "activation");
  CHECK(name_with([](SpoiledJob& job) {
          if (job.args.pool_type == golden::kPoolMax2) job.args.pool_type = golden::kPoolMean2;
        }) == "pooling");
}

TEST_CASE("the wrong stage comes with its place and values") {
  const auto near = stage_with(spoil_convolution);
  REQUIRE(near);
  CHECK(near->how == StageDifference::Got::kExact);
  CHECK(near->got == near->expected + 3 * 8);  // arg_add counts for each of eight channels
  const auto far = stage_with([](SpoiledJob& job) { job.args.conv.arg_add -= 3000; });
  REQUIRE(far);
  CHECK(far->how == StageDifference::Got::kAtMost);
  CHECK(far->got == far->expected - 128);
}

TEST_CASE("an output stream that is wrong by itself is named") {
  const auto spoil = [](const SpoiledJob& job, Bytes& output) {
    if (job.to_main_memory) output[100] ^= 1;
  };
  const auto found = stage_with({}, spoil, true);
  REQUIRE(found);
  CHECK(found->stage == "output stream");
  CHECK((found->got ^ found->expected) == 1);
}

TEST_CASE("a stage is not known where the probes have no room or the suspect fails") {
  CHECK_FALSE(stage_with(spoil_convolution, {}, false, 16));
  int runs = 0;
  CHECK_FALSE(stage_with([&](SpoiledJob& job) {
    spoil_convolution(job);
    if (++runs == 3) throw kpu::Error("hangs");
  }));
  CHECK(runs == 3);
}

TEST_CASE("a difference that does not come back has no stage") {
  bool first = true;
  CHECK_FALSE(stage_with([&first](SpoiledJob& job) {
    if (first) job.args.conv.arg_add += 1000;
    first = false;
  }));
}
