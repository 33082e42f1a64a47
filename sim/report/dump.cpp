// SPDX-License-Identifier: Apache-2.0
#include "sim/report/dump.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "common/fnv1a.h"
#include "sim/report/contact_sheet.h"
#include "sim/text/layer_text.h"
#include "sim/text/npy.h"
#include "sim/vision/image_io.h"

namespace kpu::sim {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kManifest = "manifest.json";
constexpr const char* kMadeBy = "kpu run --dump";

/// NumPy's name of an element type; bfloat16, which it has not, as its bits.
std::string npy_type(golden::ElementType type) {
  const std::string name = golden::to_string(type);
  const char kind = name.starts_with("float") ? 'f' : name.starts_with("int") ? 'i' : 'u';
  return fmt::format("{}{}", kind, golden::size_of(type));
}

/// A folder while it is filled: it takes its place by commit(), or goes.
class DumpFolder {
 public:
  explicit DumpFolder(const std::string& path)
      : path_(fs::absolute(path).lexically_normal()),
        draft_(fmt::format("{}.{}.draft", trimmed(path_).string(), getpid())) {
    path_ = trimmed(path_);
    std::error_code failure;
    fs::create_directories(draft_, failure);
    if (failure) throw Error(fmt::format("{}: cannot be created: {}", path, failure.message()));
  }
  ~DumpFolder() {
    std::error_code ignored;
    fs::remove_all(draft_, ignored);
  }
  DumpFolder(const DumpFolder&) = delete;
  DumpFolder& operator=(const DumpFolder&) = delete;

  std::string file(const std::string& name) const { return (draft_ / name).string(); }

  void array(Json entry, const std::string& name, std::span<const std::uint8_t> bytes,
             const std::vector<std::size_t>& shape, golden::ElementType type) {
    save_npy(file(name), bytes, shape, npy_type(type));
    entry["shape"] = shape;
    entry["type"] = golden::to_string(type);
    const std::vector<float> values = golden::to_floats(bytes, type);
    if (!values.empty()) {
      const auto [least, most] = std::minmax_element(values.begin(), values.end());
      entry["least"] = *least;
      entry["most"] = *most;
    }
    entry["fnv1a64"] = fmt::format("{:016x}", fnv1a64(bytes));
    manifest_["arrays"].push_back(std::move(entry));
  }

  Json& manifest() { return manifest_; }

  void commit() {
    for (const fs::directory_entry& entry : fs::directory_iterator(draft_)) {
      manifest_["files"].push_back(entry.path().filename().string());
    }
    std::sort(manifest_["files"].begin(), manifest_["files"].end());
    write_file(file(kManifest),
               manifest_.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
    std::error_code failure;
    fs::remove_all(path_, failure);
    if (!failure) fs::rename(draft_, path_, failure);
    if (failure) {
      throw Error(fmt::format("{}: cannot be written: {}", path_.string(), failure.message()));
    }
  }

 private:
  /// "folder/" without its slash.
  static fs::path trimmed(const fs::path& path) {
    return path.filename().empty() ? path.parent_path() : path;
  }

  fs::path path_;
  fs::path draft_;
  Json manifest_ = {{"made_by", kMadeBy}};
};

void dump_layer(DumpFolder& folder, const LayerReport& layer, std::size_t index) {
  std::vector<std::size_t> shape{layer.args.out_channels, layer.args.out_height,
                                 layer.args.out_width};
  if (layer.batches > 1) shape.insert(shape.begin(), layer.batches);
  const std::string name = fmt::format("layer_{:02}", index);
  folder.array({{"name", name},
                {"file", name + ".npy"},
                {"kind", "KPU layer"},
                {"kernel", kernel_name(layer.args)},
                {"depthwise", layer.args.depthwise}},
               name + ".npy", layer.output, shape, golden::ElementType::kUint8);
  const std::string title = fmt::format("layer {}: {} {}{} -> {}", index, input_shape(layer.args),
                                        kernel_name(layer.args), layer.args.depthwise ? " dw" : "",
                                        output_shape(layer.args));
  save_png(folder.file(name + ".png"),
           contact_sheet(layer.output, static_cast<int>(layer.args.out_channels * layer.batches),
                         static_cast<int>(layer.args.out_height),
                         static_cast<int>(layer.args.out_width), title));
}

/// Shape for NumPy; the count where the file has none.
std::vector<std::size_t> array_shape(const golden::TensorInfo& info, std::size_t bytes) {
  std::vector<std::size_t> shape(info.dims.begin(), info.dims.end());
  std::size_t count = 1;
  for (std::size_t dim : shape) count *= dim;
  const std::size_t have = bytes / golden::size_of(info.type);
  if (info.dims.empty() || count != have) shape = {have};
  return shape;
}

void dump_cpu_layer(DumpFolder& folder, const CpuLayerReport& layer) {
  std::string name = fmt::format("cpu_{:03}", layer.index);
  if (layer.output > 0) name += fmt::format("_{}", layer.output);
  folder.array({{"name", name}, {"file", name + ".npy"}, {"kind", layer.type}}, name + ".npy",
               layer.bytes, array_shape(layer.info, layer.bytes.size()), layer.info.type);
}

void dump_output(DumpFolder& folder, const OutputReport& output, std::size_t index) {
  const std::string name = fmt::format("output_{}", index);
  Json entry = {
      {"name", name}, {"file", name + ".npy"}, {"raw", name + ".bin"}, {"kind", "output"}};
  if (!output.quantization.empty()) entry["quantization"] = output.quantization;
  folder.array(std::move(entry), name + ".npy", output.bytes,
               array_shape(output.info, output.bytes.size()), output.info.type);
  const std::vector<float> values = output.values();
  write_file(folder.file(name + ".bin"), values.data(), values.size() * sizeof(float));
}

}  // namespace

void require_dump_folder(const std::string& folder) {
  std::error_code failure;
  if (!fs::exists(folder, failure)) return;
  if (!fs::is_directory(folder, failure)) {
    throw Error(fmt::format("--dump {}: is a file, expected a folder", folder));
  }
  if (fs::is_empty(folder, failure)) return;
  std::set<std::string> own{kManifest};
  try {
    const std::vector<std::uint8_t> bytes = read_file((fs::path(folder) / kManifest).string());
    const Json manifest = Json::parse(bytes.begin(), bytes.end());
    if (manifest.at("made_by") == kMadeBy) {
      for (const Json& name : manifest.at("files")) own.insert(name.get<std::string>());
    }
  } catch (const std::exception&) {
    // Then nothing in it is known to be ours.
    own.clear();
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, failure)) {
    const std::string name = entry.path().filename().string();
    if (own.count(name) != 0) continue;
    throw Error(fmt::format(
        "--dump {}: has {}, which no dump has written: expected a new folder or an earlier dump",
        folder, name));
  }
}

void dump_run(const std::string& path, const RunReport& report) {
  require_dump_folder(path);
  DumpFolder folder(path);
  folder.manifest()["model"] = report.model_path;
  folder.manifest()["inputs"] = report.input_paths;
  folder.manifest()["profile"] = report.settings.profile;
  folder.manifest()["arrays"] = Json::array();
  folder.manifest()["files"] = Json::array();
  for (std::size_t i = 0; i < report.layers.size(); ++i) dump_layer(folder, report.layers[i], i);
  for (const CpuLayerReport& layer : report.cpu_layers) dump_cpu_layer(folder, layer);
  for (std::size_t i = 0; i < report.outputs.size(); ++i) {
    dump_output(folder, report.outputs[i], i);
  }
  folder.commit();
}

}  // namespace kpu::sim
