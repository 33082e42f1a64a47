// SPDX-License-Identifier: Apache-2.0
#include "sim/report/report_json.h"

#include <cstddef>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "common/files.h"
#include "common/version.h"
#include "sim/engine/counters.h"
#include "sim/model/cost_model.h"
#include "sim/report/configuration_json.h"
#include "sim/report/energy_report.h"
#include "sim/report/rule_report.h"
#include "sim/text/layer_text.h"
#include "sim/vision/image_io.h"
#include "sim/vision/presets.h"

namespace kpu::sim {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::string hex(std::uint64_t checksum) { return fmt::format("{:016x}", checksum); }

Json layer_json(const LayerReport& layer, std::size_t index, std::uint32_t lanes) {
  Json json = {{"index", index},
               {"in", input_shape(layer.args)},
               {"out", output_shape(layer.args)},
               {"kernel", layer.args.kernel()},
               {"depthwise", layer.args.depthwise},
               {"pool", layer.args.pool_type},
               {"batches", layer.batches},
               {"macs", layer.macs},
               {"parameter_bytes", layer.bytes},
               {"k210_cycles", layer.k210_cycles},
               {"lane_bound", layer.lane_bound},
               {"cycles", or_null(layer.cycles())},
               {"fnv1a64", hex(layer.fnv1a64)},
               {"match", or_null(layer.match)},
               {"overflows", layer.overflow.conv_count + layer.overflow.norm_count}};
  if (const std::uint64_t cycles = layer.cycles().value_or(0); cycles > 0) {
    const auto total = static_cast<double>(cycles);
    json["macs_per_cycle"] = static_cast<double>(layer.macs) / total;
    json["peak_share"] = static_cast<double>(layer.macs) / total / lanes / kTaps;
    json["limiter"] = limiter(layer.counters);
    json["counters"] = layer.counters;
    if (has_events(layer.counters)) json["energy_events"] = events_json(count_events(layer.counters, layer.args, {}));
  }
  return json;
}

Json output_json(const OutputReport& output, std::size_t index) {
  double sum = 0;
  for (float value : output.values()) sum += value;
  return {{"index", index},
          {"type", golden::to_string(output.info.type)},
          {"bytes", output.bytes.size()},
          {"fnv1a64", hex(output.fnv1a64)},
          {"sum", sum},
          {"match", or_null(output.match)},
          {"shape", output.info.dims},
          {"quantization", output.quantization}};
}

Json expectation_json(const Expectation& e) {
  Json json = {{"output", e.output},
               {"file", e.path},
               {"tolerance", e.tolerance},
               {"largest_difference", std::isfinite(e.largest) ? Json(e.largest) : Json(nullptr)},
               {"largest_at", e.largest_at},
               {"snr_db", or_null(e.snr_db)},
               {"values", e.values},
               {"outside", e.outside}};
  if (e.outside > 0) json["first_at"] = e.first_at;
  return json;
}

/// What was done to a file.
Json origin_json(const InputOrigin& origin) {
  Json json = {{"picture", origin.is_picture},
               {"width", origin.width},
               {"height", origin.height},
               {"resize", to_string(origin.resize)}};
  if (!origin.is_picture) return json;
  if (origin.resize == ResizeMode::kLetterbox) json["fill"] = origin.fill;
  json["planes"] = origin.is_grey ? "grey" : origin.bgr ? "BGR" : "RGB";
  if (origin.normalisation) {
    json["scale"] = origin.normalisation->scale;
    json["mean"] = origin.normalisation->mean;
    json["std"] = origin.normalisation->deviation;
  }
  json["place"] = {{"left", origin.left},
                   {"top", origin.top},
                   {"width", origin.across},
                   {"height", origin.down}};
  return json;
}

/// Pixels of the picture that a fraction of it is.
double pixels(float fraction, int size) { return static_cast<double>(fraction) * size; }

Json detection_json(const Detection& d, const Interpretation& meaning, const InputOrigin& origin) {
  Json json = {{"class", d.class_index},
               {"label", label_of(meaning.labels, d.class_index)},
               {"score", d.score},
               {"x", d.x},
               {"y", d.y},
               {"width", d.width},
               {"height", d.height}};
  json["pixels"] = {{"left", pixels(d.x - d.width / 2, origin.width)},
                    {"top", pixels(d.y - d.height / 2, origin.height)},
                    {"width", pixels(d.width, origin.width)},
                    {"height", pixels(d.height, origin.height)}};
  for (const Point& point : d.landmarks) json["landmarks"].push_back({point.x, point.y});
  return json;
}

Json meaning_json(const RunReport& report) {
  const Interpretation& meaning = report.meaning;
  Json list = Json::array();
  for (const ClassScore& c : meaning.classes) {
    list.push_back({{"class", c.index},
                    {"label", label_of(meaning.labels, c.index)},
                    {"probability", c.probability}});
  }
  for (const Detection& d : meaning.detections) {
    list.push_back(detection_json(d, meaning, report.input_origins.at(0)));
  }
  return list;
}

Json difference_json(const Difference& d) {
  Json json = {{"layer", d.layer}, {"batch", d.batch},        {"channel", d.channel},
               {"row", d.row},     {"column", d.column},      {"expected", d.expected},
               {"got", d.got},     {"values_wrong", d.count}, {"stage", nullptr}};
  if (d.stage) {
    json["stage"] = {{"name", d.stage->stage},    {"row", d.stage->row},
                     {"column", d.stage->column}, {"expected", d.stage->expected},
                     {"got", d.stage->got},       {"got_is", to_string(d.stage->how)}};
  }
  return json;
}

Json settings_json(const RunSettings& settings) {
  Json json = {{"format", settings.format},
               {"variant", settings.variant},
               {"profile", settings.profile},
               {"rules", settings.rules}};
  const tb::MemoryTiming& memory = settings.memory;
  json["tool"] = fmt::format("kpu {}", version());
  json["dma"] = settings.use_dma;
  json["layers_apart"] = settings.apart;
  json["aligned_tables"] = settings.aligned_tables;
  json["memory"] = {
      {"read_latency", memory.read_latency},           {"write_latency", memory.write_latency},
      {"bandwidth_percent", memory.bandwidth_percent}, {"max_outstanding", memory.max_outstanding},
      {"stall_percent", memory.stall_percent},         {"seed", memory.seed}};
  if (!settings.golden.empty()) {
    json["golden"] = settings.golden;
    json["threads"] = settings.threads;
  }
  return json;
}

}  // namespace

nlohmann::ordered_json report_json(const RunReport& report) {
  Json json = {{"model", report.model_path}};
  if (!report.model_part.empty()) json["part"] = report.model_part;
  // A file name, or one for each of several inputs.
  if (report.input_paths.size() == 1) {
    json["input"] = report.input_paths.front();
  } else {
    json["inputs"] = report.input_paths;
  }
  for (const InputOrigin& origin : report.input_origins) {
    json["input_preparation"].push_back(origin_json(origin));
  }
  json["settings"] = settings_json(report.settings);
  json["kpu_layers"] = Json::array();
  for (std::size_t i = 0; i < report.layers.size(); ++i) {
    json["kpu_layers"].push_back(layer_json(report.layers[i], i, report.lanes()));
  }
  json["outputs"] = Json::array();
  for (std::size_t i = 0; i < report.outputs.size(); ++i) {
    json["outputs"].push_back(output_json(report.outputs[i], i));
  }
  if (finds_boxes(report.meaning.kind)) json["detections"] = meaning_json(report);
  if (!report.meaning.reason.empty()) json["not_interpreted"] = report.meaning.reason;
  if (report.meaning.kind == PostKind::kSoftmax) json["classes"] = meaning_json(report);

  for (const Expectation& e : report.expectations) {
    json["expectations"].push_back(expectation_json(e));
  }
  if (report.rule) json["reference"] = rule_json(*report.rule);
  json["cpu_layers"] = report.cpu.layers;
  json["k210"] = {{"kpu_milliseconds", report.k210_cycles_total() / report.clock_hz * 1e3},
                  {"cpu_milliseconds_about", report.cpu.seconds * 1e3},
                  {"cpu_layers_not_counted", report.cpu.not_counted}};
  json["macs_total"] = report.macs_total();
  const std::uint64_t cycles = report.cycles_total();
  json["cycles_total"] = report.lanes() > 0 ? Json(cycles) : Json(nullptr);
  json["configuration"] = configuration_json(report.configuration.value_or(built_configuration()));
  if (cycles > 0) {
    const double seconds = static_cast<double>(cycles) / report.clock_hz;
    json["lanes"] = report.lanes();
    json["clock_mhz"] = report.clock_hz / 1e6;
    json["milliseconds"] = seconds * 1e3;
    json["frames_per_second"] = 1 / seconds;
    json["operations_per_mac"] = 2;
    json["tops"] = 2 * static_cast<double>(report.macs_total()) / seconds / 1e12;
    json["tops_peak"] = 2.0 * report.lanes() * kTaps * report.clock_hz / 1e12;
  }
  if (report.energy) json["energy"] = energy_json(*report.energy);
  json["verdict"] = to_string(report.verdict);
  if (report.difference) json["first_difference"] = difference_json(*report.difference);
  json["wall_seconds"] = report.wall_seconds;
  for (const auto& [master, traffic] : report.traffic) {
    json["sram_traffic"][master] = {{"read_bytes", traffic.read_bytes},
                                    {"written_bytes", traffic.written_bytes}};
  }
  return json;
}

void save_report_json(const std::string& path, const RunReport& report) {
  write_file(path, report_json(report).dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace kpu::sim
