// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "compiler/onnx_layers/onnx_layers.h"
#include "golden/quantised/conv.h"
#include "golden/quantised/rules.h"
#include "sim/layers/layer_verdict.h"
#include "sim/layers/spec_file.h"
#include "sim/text/npy.h"
#include "sim/text/text_table.h"

namespace kpu::sim {
namespace {

namespace quantised = golden::quantised;
using Align = TextTable::Align;

/// Random codes of the layer's input.
compiler::CodeTensor random_codes(const quantised::QuantisedConv& conv, unsigned seed) {
  constexpr std::uint32_t kSize = 16;
  compiler::CodeTensor x{conv.in_channels, kSize, kSize, conv.x_type, {}};
  std::mt19937 random(seed);
  for (std::size_t i = 0; i < std::size_t{conv.in_channels} * kSize * kSize; ++i) {
    x.codes.push_back(
        static_cast<std::int16_t>(quantised::lowest_code(conv.x_type) + int(random() % 256)));
  }
  return x;
}

std::string shape_text(const quantised::QuantisedConv& conv) {
  return fmt::format("{}x{} {}->{}{}{}", conv.kernel, conv.kernel, conv.in_channels,
                     conv.out_channels, conv.depthwise ? " dw" : "",
                     conv.stride == 1 ? "" : fmt::format("/{}", conv.stride));
}

/// The table and its sums, line by line.
class OnnxTable {
 public:
  OnnxTable(const quantised::Engines& engines, bool with_input)
      : engines_(engines), with_input_(with_input) {}

  void add(const compiler::OnnxLayer& layer, const compiler::CodeTensor* known) {
    ++count_;
    if (!layer.conv) return refuse(layer, layer.problem);
    try {
      const compiler::CodeTensor x = known != nullptr ? *known : random_codes(*layer.conv, 1);
      const quantised::QuantisedConv conv = sized(layer, x.height, x.width);
      if (x.channels != conv.in_channels || x.type != conv.x_type) {
        return refuse(layer, fmt::format("input of {} channels, expected {} of the same type",
                                         x.channels, conv.in_channels));
      }
      show(layer, conv, check_conv(conv, x.codes, {}, engines_), known != nullptr);
    } catch (const Error& error) {
      refuse(layer, error.what());
    }
  }

  LayerVerdict verdict(quantised::Rule rule) const {
    LayerVerdict verdict;
    verdict.match = mismatches_ == 0;
    verdict.text = table_.str() + details_;
    verdict.text += fmt::format(
        "{} of {} convolutions are bit-exact with {} for all inputs, {} differ, {} have no such "
        "proof\n",
        exact_, count_, to_string(rule), differ_, count_ - exact_ - differ_);
    if (engines_.rtl != nullptr && engines_.golden != nullptr) {
      verdict.text +=
          fmt::format("RTL and golden model: {} of {} layers differ\n", mismatches_, ran_);
    }
    return verdict;
  }

 private:
  void refuse(const compiler::OnnxLayer& layer, const std::string& why) {
    table_.add_row({layer.name, layer.form, layer.conv ? shape_text(*layer.conv) : "", "-", "", "",
                    "", "", "", why});
  }

  void show(const compiler::OnnxLayer& layer, const quantised::QuantisedConv& conv,
            const quantised::ConvCheck& check, bool known) {
    ++ran_;
    const quantised::Proof& proof = check.proof;
    const bool exact = proof.exact() && layer.note.empty();
    exact_ += exact;
    if (!proof.exact()) {
      ++differ_;
      details_ += fmt::format("{}: {}\n", layer.name, proof.summary());
    }
    if (check.match && !*check.match) ++mismatches_;
    std::string why = proof.causes();
    if (!layer.note.empty()) why += (why.empty() ? "" : "; ") + layer.note;
    const auto cycles = check.counters.find("cycles");
    const char* match = !check.match ? "" : *check.match ? "yes" : "NO";
    table_.add_row({layer.name, layer.form, shape_text(conv),
                    exact           ? "yes"
                    : proof.exact() ? "no claim"
                                    : "no",
                    fmt::format("{} of {}", proof.differing(), proof.accumulators()),
                    fmt::format("{}", proof.largest()),
                    fmt::format("{} of {}{}", check.differing, check.y.size(),
                                with_input_ && !known ? " (random)" : ""),
                    match, cycles == check.counters.end() ? "" : fmt::format("{}", cycles->second),
                    why});
  }

  quantised::Engines engines_;
  bool with_input_;
  TextTable table_{{{"convolution", Align::kLeft},
                    {"form", Align::kLeft},
                    {"layer", Align::kLeft},
                    {"bit-exact", Align::kLeft},
                    {"accumulators that differ"},
                    {"by"},
                    {"outputs that differ"},
                    {"RTL", Align::kLeft},
                    {"cycles"},
                    {"why", Align::kLeft}}};
  std::string details_;  ///< a line for each layer that differs
  std::size_t count_ = 0;
  std::size_t exact_ = 0;
  std::size_t differ_ = 0;
  std::size_t ran_ = 0;
  std::size_t mismatches_ = 0;
};

}  // namespace

LayerVerdict check_onnx_file(const std::string& path, const std::string& rounding,
                             const std::string& input, const quantised::Engines& engines) {
  const quantised::Rule rule = quantised::rule_by_name(rounding.empty() ? "onnxruntime" : rounding);
  const std::vector<std::uint8_t> file = read_file(path);
  std::vector<double> values;
  if (!input.empty()) values = numbers_of(parse_npy(read_file(input), input));
  try {
    const compiler::OnnxLayers model(file, std::filesystem::path(path).parent_path().string(),
                                     rule);
    std::map<std::string, compiler::CodeTensor> codes;
    if (!input.empty()) codes = model.run(values);
    OnnxTable table(engines, !input.empty());
    for (const compiler::OnnxLayer& layer : model.layers()) {
      const auto found = codes.find(layer.input);
      table.add(layer, found == codes.end() ? nullptr : &found->second);
    }
    return table.verdict(rule);
  } catch (const HardwareFault&) {
    throw;
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", path, error.what()));
  }
}

}  // namespace kpu::sim
