// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/batch.h"

#include <fmt/format.h>

#include <utility>

#include "common/error.h"
#include "golden/kmodel/network.h"
#include "sim/cli/cli_energy.h"
#include "sim/cli/cli_inputs.h"
#include "sim/cli/model_input.h"
#include "sim/report/report_table.h"
#include "sim/text/progress.h"
#include "sim/vision/network_input.h"
#include "sim/vision/presets.h"

namespace kpu::sim {
namespace {

BatchRow summarize(RunReport&& report, const Interpretation& meaning) {
  BatchRow row;
  row.verdict = report.verdict;
  if (report.difference) row.difference = describe(*report.difference);
  for (const OutputReport& output : report.outputs) row.outputs.push_back(output.fnv1a64);
  if (!meaning.classes.empty()) {
    row.top_class = label_of(meaning.labels, meaning.classes.front().index);
    row.probability = meaning.classes.front().probability;
  }
  if (finds_boxes(meaning.kind)) row.objects = meaning.detections.size();
  for (const Detection& d : meaning.detections) {
    row.boxes +=
        fmt::format("{}{} {:.4f} {:.4f} {:.4f} {:.4f} {:.4f}", row.boxes.empty() ? "" : "; ",
                    label_of(meaning.labels, d.class_index), d.score, d.x, d.y, d.width, d.height);
  }
  row.wall_seconds = std::move(report.wall_seconds);
  if (report.lanes() > 0) row.cycles = report.cycles_total();
  if (report.energy) row.energy_uj = report.energy->sum().total() / 1e6;
  row.macs = report.macs_total();
  return row;
}

}  // namespace

const char* BatchRow::state() const { return error.empty() ? to_string(verdict) : "failed"; }

std::vector<BatchRow> run_batch(const golden::Model& model, const std::vector<std::string>& inputs,
                                const BatchOptions& options) {
  golden::require_complete(model.info());
  require_one_input(model.info());
  const InputSpec spec = input_spec(model.info().inputs.front());
  RunRequest request = options.request;
  request.show_progress = false;  // one line for all inputs instead
  NetworkRunner runner(model, request);
  Progress progress("inputs", inputs.size());
  std::vector<BatchRow> rows;
  for (const std::string& path : inputs) {
    progress.update(rows.size(), path, 0);
    BatchRow row;
    try {
      Input input = load_input(path, spec, options.input);
      RunReport report = runner.run({std::move(input.bytes)});
      report.input_origins = {input.origin};
      if (options.energy) report.energy = energy_of_run(report, *options.energy);
      const Interpretation meaning = interpret_run(report, model.info(), options.post);
      row = summarize(std::move(report), meaning);
    } catch (const HardwareFault&) {
      throw;  // no other input would say more
    } catch (const Error& error) {
      row.error = error.what();
    }
    row.input = path;
    if (options.on_row) options.on_row(row);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace kpu::sim
