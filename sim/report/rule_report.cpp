// SPDX-License-Identifier: Apache-2.0
#include "sim/report/rule_report.h"

#include <fmt/format.h>

#include <cstddef>
#include <nlohmann/json.hpp>

#include "golden/quantised/layer_rule.h"
#include "sim/text/text_table.h"

namespace kpu::sim {
namespace {

using Align = TextTable::Align;
using golden::quantised::LayerByRule;

std::string first_text(const LayerByRule& layer) {
  if (!layer.first) return "";
  const LayerByRule::First& f = *layer.first;
  return fmt::format("channel {} row {} column {}: {}, KPU {} ({})", f.channel, f.row, f.column,
                     f.rule, f.kpu, to_string(f.cause));
}

}  // namespace

std::string rule_text(const RuleReport& report) {
  TextTable table({{"#"},
                   {"outputs"},
                   {"differ"},
                   {"%"},
                   {"by"},
                   {"why", Align::kLeft},
                   {"the first", Align::kLeft}});
  LayerByRule sum;
  for (std::size_t i = 0; i < report.layers.size(); ++i) {
    const LayerByRule& layer = report.layers[i];
    sum.add(layer);
    const double share = layer.outputs == 0 ? 0
                                            : 100 * static_cast<double>(layer.differing) /
                                                  static_cast<double>(layer.outputs);
    table.add_row({fmt::format("{}", i), fmt::format("{}", layer.outputs),
                   fmt::format("{}", layer.differing), fmt::format("{:.2f}", share),
                   fmt::format("{}", layer.largest), layer.why(), first_text(layer)});
  }
  return fmt::format(
      "each layer on its own input, against {}:\n{}{} of {} outputs differ, by at most {}{}{}\n",
      to_string(report.rule), table.str(), sum.differing, sum.outputs, sum.largest,
      sum.differing == 0 ? "" : ": ", sum.why());
}

nlohmann::ordered_json rule_json(const RuleReport& report) {
  using Json = nlohmann::ordered_json;
  Json json = {{"rule", to_string(report.rule)}, {"layers", Json::array()}};
  for (const LayerByRule& layer : report.layers) {
    Json one = {{"outputs", layer.outputs},
                {"differing", layer.differing},
                {"largest", layer.largest},
                {"causes", Json::object()},
                {"first", nullptr}};
    for (const auto& [cause, count] : layer.causes) one["causes"][to_string(cause)] = count;
    if (layer.first) {
      one["first"] = {{"channel", layer.first->channel}, {"row", layer.first->row},
                      {"column", layer.first->column},   {"rule", layer.first->rule},
                      {"kpu", layer.first->kpu},         {"cause", to_string(layer.first->cause)}};
    }
    json["layers"].push_back(one);
  }
  return json;
}

}  // namespace kpu::sim
