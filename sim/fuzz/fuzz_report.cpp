// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <string>

#include "common/error.h"
#include "common/files.h"
#include "golden/kpu/golden_backend.h"
#include "sim/engine/compare.h"
#include "sim/fuzz/fuzz.h"
#include "sim/report/report_table.h"
#include "sim/text/layer_text.h"

namespace kpu::sim {
namespace {

std::string layer_line(const CapturedJob& job) {
  const golden::LayerArgs args = golden::decode(job.words);
  return fmt::format("{} -> {}, kernel {}{}, pool {}, {}-bit weights", input_shape(args),
                     output_shape(args), kernel_name(args), args.depthwise ? " depthwise" : "",
                     pool_name(args.pool_type), job.eight_bit ? 8 : 16);
}

/// Records a layer that fails by itself, and says how its output differs and in which stage first.
std::string describe_alone(const CapturedJob& job, const std::string& what,
                           const std::string& wave_path, const MakeMachine& machine) {
  RtlOptions options;
  options.wave.path = wave_path;
  golden::GoldenBackend reference;
  const golden::KpuJobResult expected = run_job(job, reference);
  golden::KpuJobResult got;
  try {
    got = run_job(job, *machine(options));
  } catch (const Error&) {
    return "by itself: " + what + "\n";
  }
  auto difference = find_difference(0, golden::decode(job.words), expected.output, got.output);
  if (!difference) return "by itself: " + what + "\n";
  difference->stage = first_wrong_stage(job, *machine({}), *difference);
  return difference_text(*difference);
}

/// Runs the group once more and records the layer in it.
void record_in_group(const FuzzFailure& failure, const std::string& wave_path,
                     const MakeMachine& machine) {
  fuzz_group(
      failure.group, failure.layers, [](const FuzzStats&) { return true; },
      [&](RtlOptions options) {
        options.wave.path = wave_path;
        options.wave.layer = failure.layer;
        return machine(options);
      });
}

}  // namespace

std::string report_failure(const FuzzFailure& failure, const std::string& path,
                           const MakeMachine& machine) {
  std::string text = fmt::format("mismatch in group {}, layer {}: {}\nlayer: {}\n", failure.group,
                                 failure.layer, failure.what, layer_line(failure.job));
  const LayerCheck check = [&](const CapturedJob& job) { return check_layer(job, machine); };
  const CapturedJob smallest = shrink_layer(failure.job, check);
  save_layer(smallest, path);
  if (const auto what = check(smallest)) {
    text += fmt::format("smallest that fails: {}\n", layer_line(smallest));
    text += describe_alone(smallest, *what, path + ".fst", machine);
  } else {
    text += "by itself it is right: layers before it or the memory's timing matter\n";
    record_in_group(failure, path + ".fst", machine);
  }
  text += fmt::format(
      "waves: {0}.fst\n"
      "again: kpu run {0}.kmodel {0}.bin\n"
      "its group: kpu fuzz --seed {1} --count {2}\n",
      path, failure.group, failure.layers);
  write_file(path + ".txt", text);
  return text;
}

}  // namespace kpu::sim
