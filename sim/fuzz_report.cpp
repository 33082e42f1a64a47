// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <fstream>
#include <memory>

#include "golden/error.h"
#include "golden/golden_backend.h"
#include "sim/compare.h"
#include "sim/fuzz.h"
#include "sim/layer_text.h"
#include "sim/report_table.h"
#include "sim/rtl_backend.h"

namespace kpu::sim {
namespace {

/// Records the layer and says how its output differs, in which stage first.
std::string describe_difference(const CapturedJob& job, const std::string& path) {
  RtlOptions options;
  options.wave_path = path + ".fst";
  golden::GoldenBackend reference;
  const golden::KpuJobResult expected = run_job(job, reference);
  const golden::KpuJobResult got = run_job(job, *make_rtl_backend(options));
  auto difference =
      find_difference(0, golden::decode(job.words), expected.output, got.output);
  if (!difference) return check_layer(job).value_or("no difference when run by itself");
  difference->stage = first_wrong_stage(job, *make_rtl_backend({}), *difference);
  return describe(*difference);
}

}  // namespace

std::string report_layer(const CapturedJob& job, const std::string& path) {
  save_layer(job, path);
  const golden::LayerArgs args = golden::decode(job.words);
  std::string text = fmt::format("layer: {} -> {}, kernel {}, {} bit weights\n", input_shape(args),
                                 output_shape(args), kernel_name(args), job.eight_bit ? 8 : 16);
  try {
    text += describe_difference(job, path) + "\n";
  } catch (const Error& error) {
    text += fmt::format("the run ended: {}\n", error.what());
  }
  text += fmt::format("waves: {0}.fst\nagain: kpu run {0}.kmodel {0}.bin\n", path);
  std::ofstream out(path + ".txt");
  out << text;
  if (!out.flush()) throw Error(fmt::format("{}.txt: cannot be written", path));
  return text;
}

}  // namespace kpu::sim
