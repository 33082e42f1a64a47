// SPDX-License-Identifier: Apache-2.0
//
// What random layers do when they find a fault. The faults are planted between the driver and the
// RTL, so that everything else is as with a fault of the RTL itself: layers are drawn until one
// fails, that one is cut down, saved, recorded and reported. One fault shows in the layer by
// itself, one only in its group, one ends the run with an error.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "golden/kmodel/network.h"
#include "golden/kpu/golden_backend.h"
#include "sim/engine/rtl_backend.h"
#include "sim/fuzz/fuzz.h"
#include "tests/sim/engine/spoiled_backend.h"
#include "tests/sim/temp_folder.h"
#include "tests/support/catch2.h"

namespace golden = kpu::golden;
using kpu::sim::FuzzFailure;
using kpu::sim::RtlOptions;
using kpu::test::contains_text;
using kpu::test::SpoiledBackend;
using kpu::test::SpoiledJob;
using kpu::test::TempFolder;

namespace {

/// The RTL behind a hand that spoils its jobs.
kpu::sim::MakeMachine rtl_with(const SpoiledBackend::SpoilJob& spoil) {
  return [spoil](const RtlOptions& options) {
    return std::make_unique<SpoiledBackend>(kpu::sim::make_rtl_backend(options), spoil);
  };
}

FuzzFailure find_failure(const kpu::sim::MakeMachine& machine) {
  const auto failure = kpu::sim::fuzz_group(
      1, kpu::sim::kFuzzGroupLayers, [](const kpu::sim::FuzzStats&) { return true; }, machine);
  REQUIRE(failure);
  return *failure;
}

std::string text_of(const std::string& path) {
  const auto bytes = kpu::read_file(path);
  return {bytes.begin(), bytes.end()};
}

/// All layers of two and more output channels take a wrong constant into the convolution.
void spoil_wide_layers(SpoiledJob& job) {
  if (job.args.out_channels > 1) job.args.conv.arg_add += 1;
}

}  // namespace

TEST_CASE("a fault is found, shrunk, recorded and reported") {
  const TempFolder folder;
  const std::string path = folder / "found";
  const auto machine = rtl_with(spoil_wide_layers);
  const FuzzFailure failure = find_failure(machine);
  const std::string report = kpu::sim::report_failure(failure, path, machine);
  INFO(report);
  CHECK(report == text_of(path + ".txt"));
  CHECK_THAT(report, contains_text("mismatch in group 1, layer ") &&
                         contains_text("first difference: layer 0 channel ") &&
                         contains_text("first wrong stage: convolution, row ") &&
                         contains_text("again: kpu run " + path + ".kmodel " + path + ".bin") &&
                         contains_text("its group: kpu fuzz --seed 1 --count 256"));
  CHECK(std::filesystem::file_size(path + ".fst") > 1000);
  CHECK_THAT(text_of(path + ".gtkw"), contains_text("found.fst"));

  // The files hold a layer with the fault that is about as small as it can be.
  const auto model = golden::load_model(kpu::read_file(path + ".kmodel"));
  REQUIRE(model->info().kpu_layer_count() == 1);
  const golden::LayerArgs& smallest = model->info().layers.at(0).kpu->args;
  CHECK(smallest.out_channels == 2);
  CHECK(smallest.in_height * smallest.in_width <= 12);
  const auto run = [&](golden::KpuBackend& backend) {
    return golden::run_network(*model, {kpu::read_file(path + ".bin")}, backend).outputs;
  };
  golden::GoldenBackend reference;
  CHECK(run(reference) == run(*kpu::sim::make_rtl_backend({})));
  CHECK(run(reference) != run(*machine({})));
}

TEST_CASE("a fault that shows only behind other layers is reported from its group") {
  const TempFolder folder;
  const std::string path = folder / "found";
  // Counts the layers of each machine; the fifth goes wrong.
  const kpu::sim::MakeMachine machine = [](const RtlOptions& options) {
    const auto count = std::make_shared<int>(0);
    return std::make_unique<SpoiledBackend>(
        kpu::sim::make_rtl_backend(options), nullptr,
        [count](const SpoiledJob&, std::vector<std::uint8_t>& output) {
          if (++*count == 5) output.front() ^= 1;
        });
  };
  const FuzzFailure failure = find_failure(machine);
  CHECK(failure.layer == 4);
  const std::string report = kpu::sim::report_failure(failure, path, machine);
  CHECK_THAT(report, contains_text("mismatch in group 1, layer 4: channel 0, row 0, column 0") &&
                         contains_text("by itself it is right"));
  CHECK(std::filesystem::file_size(path + ".fst") > 1000);
}

TEST_CASE("a layer that ends the run with an error is reported with it") {
  const TempFolder folder;
  const std::string path = folder / "found";
  const auto machine = rtl_with([](SpoiledJob& job) { job.args.full_add = true; });
  const std::string report = kpu::sim::report_failure(find_failure(machine), path, machine);
  CHECK_THAT(report, contains_text("by itself: KPU layer 0: refused: not supported: full_add = 1"));
  CHECK(std::filesystem::file_size(path + ".fst") > 1000);
}
