// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/network.h"
#include "golden/kpu/profile.h"
#include "python/src/arrays.h"
#include "python/src/bind.h"

namespace kpu::python {

namespace nb = nanobind;
using namespace nb::literals;

namespace {

using golden::KpuLayerResult;
using golden::LayerArgs;
using golden::Model;
using golden::ModelInfo;
using golden::TensorInfo;

std::shared_ptr<Model> load(const std::string& path, const std::string& part,
                            const std::string& v5_functions) {
  try {
    return golden::load_model(read_file(path), {.v5_numbering = v5_functions, .part = part});
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", path, error.what()));
  }
}

nb::dict describe(const TensorInfo& tensor) {
  nb::dict result;
  result["type"] = golden::to_string(tensor.type);
  result["shape"] = tensor.dims;
  result["bytes"] = tensor.bytes;
  return result;
}

nb::list describe(const std::vector<TensorInfo>& tensors) {
  nb::list list;
  for (const TensorInfo& tensor : tensors) list.append(describe(tensor));
  return list;
}

nb::dict describe(const LayerArgs& args) {
  nb::dict result;
  result["in_shape"] = nb::make_tuple(args.in_channels, args.in_height, args.in_width);
  result["out_shape"] = nb::make_tuple(args.out_channels, args.out_height, args.out_width);
  result["kernel"] = args.kernel();
  result["depthwise"] = args.depthwise;
  result["pool"] = args.pool_type;
  result["load_bytes"] = args.load_bytes;
  result["macs"] = args.macs();
  return result;
}

nb::list layers_of(const ModelInfo& info) {
  nb::list list;
  for (const golden::LayerInfo& layer : info.layers) {
    nb::dict entry;
    entry["type"] = layer.type;
    entry["in"] = layer.in;
    entry["out"] = layer.out;
    entry["detail"] = layer.detail;
    entry["file_bytes"] = layer.file_bytes;
    if (layer.kpu) {
      entry["kpu"] = describe(layer.kpu->args);
    } else {
      entry["kpu"] = nb::none();
    }
    list.append(entry);
  }
  return list;
}

nb::dict report(KpuLayerResult&& layer) {
  nb::dict entry = describe(layer.args);
  std::vector<std::size_t> shape{layer.args.out_channels, layer.args.out_height,
                                 layer.args.out_width};
  if (layer.batches != 1) shape.insert(shape.begin(), layer.batches);
  entry["output"] = to_numpy(std::move(layer.output), std::move(shape));
  entry["counters"] = layer.counters;
  entry["model_layer"] = layer.model_layer;
  entry["too_wide"] = layer.range.conv_count + layer.range.norm_count;
  return entry;
}

/// (outputs as byte arrays, KPU layers as dictionaries).
nb::tuple run(const Model& model, const std::vector<InputArray<std::uint8_t>>& inputs,
              golden::KpuBackend& backend, const std::string& profile,
              std::optional<std::size_t> layers) {
  std::vector<std::vector<std::uint8_t>> bytes;
  for (const InputArray<std::uint8_t>& input : inputs) {
    const std::span<const std::uint8_t> values = values_of(input);
    bytes.emplace_back(values.begin(), values.end());
  }
  golden::RunOptions options;
  options.profile = golden::profile_by_name(profile);
  options.max_kpu_layers = layers.value_or(std::numeric_limits<std::size_t>::max());
  golden::RunResult result;
  {
    const nb::gil_scoped_release unlocked;
    result = golden::run_network(model, bytes, backend, options);
  }
  nb::list outputs;
  for (std::vector<std::uint8_t>& output : result.outputs) {
    const std::size_t size = output.size();
    outputs.append(to_numpy(std::move(output), {size}));
  }
  nb::list kpu_layers;
  for (KpuLayerResult& layer : result.kpu_layers) kpu_layers.append(report(std::move(layer)));
  return nb::make_tuple(outputs, kpu_layers);
}

}  // namespace

void bind_network(nb::module_& module) {
  nb::class_<Model>(module, "Model", "A loaded network file.")
      .def_prop_ro("format", [](const Model& self) { return to_string(self.info().format); })
      .def_prop_ro("variant", [](const Model& self) { return self.info().variant; })
      .def_prop_ro("missing", [](const Model& self) { return self.info().missing; })
      .def_prop_ro("inputs", [](const Model& self) { return describe(self.info().inputs); })
      .def_prop_ro("outputs", [](const Model& self) { return describe(self.info().outputs); })
      .def_prop_ro("layers", [](const Model& self) { return layers_of(self.info()); })
      .def("run", run, "inputs"_a, "backend"_a, "profile"_a = "default", "layers"_a = nb::none());
  module.def("load_model", load, "path"_a, "part"_a = "", "v5_functions"_a = "");
}

}  // namespace kpu::python
