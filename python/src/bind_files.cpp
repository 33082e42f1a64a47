// SPDX-License-Identifier: Apache-2.0
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/compile/compile.h"
#include "compiler/onnx_layers/onnx_layers.h"
#include "golden/kpu/kpu_backend.h"
#include "golden/quantised/check.h"
#include "golden/quantised/conv.h"
#include "golden/quantised/rules.h"
#include "python/src/arrays.h"
#include "python/src/bind.h"
#include "sim/layers/layer_verdict.h"

namespace kpu::python {

namespace nb = nanobind;
using namespace nb::literals;

namespace {

using sim::LayerVerdict;

/// (text, whether all is equal) of one of the two commands.
template <LayerVerdict (*check)(const std::string&, const std::string&, const std::string&,
                                const golden::quantised::Engines&)>
nb::tuple verdict_of(const std::string& path, const std::string& rounding, const std::string& other,
                     golden::KpuBackend* golden_kpu, golden::KpuBackend* rtl_kpu) {
  LayerVerdict verdict;
  {
    const nb::gil_scoped_release unlocked;
    verdict = check(path, rounding, other, {golden_kpu, rtl_kpu});
  }
  return nb::make_tuple(verdict.text, verdict.match);
}

/// [(name, form, note or problem, QuantisedConv or None)].
nb::list onnx_layers(const nb::bytes& file, const std::string& folder, const std::string& rounding,
                     std::uint32_t height, std::uint32_t width) {
  const auto* data = static_cast<const std::uint8_t*>(file.data());
  const compiler::OnnxLayers model({data, file.size()}, folder,
                                   golden::quantised::rule_by_name(rounding));
  nb::list list;
  for (const compiler::OnnxLayer& layer : model.layers()) {
    std::optional<golden::quantised::QuantisedConv> conv;
    if (layer.conv) conv = sized(layer, height, width);
    list.append(nb::make_tuple(layer.name, layer.form, layer.conv ? layer.note : layer.problem,
                               std::move(conv)));
  }
  return list;
}

/// (kmodel, share of the products on the KPU, dB to the float network, ranges by) for pictures of
/// planar bytes, one array for each input.
nb::tuple compile(const std::string& path, float mean, float deviation,
                  const std::vector<std::vector<InputArray<std::uint8_t>>>& pictures,
                  const std::string& range) {
  std::vector<std::vector<std::vector<std::uint8_t>>> bytes;
  for (const auto& picture : pictures) {
    bytes.emplace_back();
    for (const auto& input : picture) {
      const auto values = values_of(input);
      bytes.back().emplace_back(values.begin(), values.end());
    }
  }
  compiler::CompileOptions options;
  options.input = {mean, deviation};
  for (compiler::RangeRule rule : compiler::kRangeRules) {
    if (range == compiler::to_string(rule)) options.rule = rule;
  }
  compiler::Compiled compiled;
  {
    const nb::gil_scoped_release unlocked;
    compiled = compiler::compile(compiler::load_onnx(path), bytes, options);
  }
  const auto kpu = static_cast<double>(compiled.share.kpu);
  const double all = kpu + static_cast<double>(compiled.share.cpu);
  const std::vector<std::uint8_t>& file = compiled.emitted.file;
  return nb::make_tuple(nb::bytes(file.data(), file.size()), all == 0 ? 0 : kpu / all,
                        compiled.network.output_snr_db,
                        std::string(compiler::to_string(compiled.network.rule)));
}

/// Shapes of the inputs of an ONNX file.
std::vector<std::vector<std::int64_t>> onnx_inputs(const std::string& path) {
  const compiler::Graph graph = compiler::load_onnx(path);
  std::vector<std::vector<std::int64_t>> shapes;
  for (const auto input : graph.inputs) shapes.push_back(graph.dims(input));
  return shapes;
}

}  // namespace

void bind_files(nb::module_& module) {
  module.def("check_layer_file", verdict_of<sim::check_layer_file>, "path"_a, "rounding"_a,
             "expect"_a, "golden"_a.none(), "rtl"_a.none());
  module.def("check_onnx_file", verdict_of<sim::check_onnx_file>, "path"_a, "rounding"_a, "input"_a,
             "golden"_a.none(), "rtl"_a.none());
  module.def("onnx_layers", onnx_layers, "file"_a, "folder"_a, "rounding"_a, "height"_a, "width"_a);
  module.def("onnx_inputs", onnx_inputs, "path"_a);
  module.def("compile", compile, "path"_a, "mean"_a, "deviation"_a, "pictures"_a, "range"_a);
}

}  // namespace kpu::python
