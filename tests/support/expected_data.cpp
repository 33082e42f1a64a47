// SPDX-License-Identifier: Apache-2.0
#include "tests/support/expected_data.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "common/files.h"
#include "golden/kmodel/kmodel.h"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include <stb/stb_image.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

namespace kpu::test {
namespace {

using Json = nlohmann::json;

Json load_json(const std::filesystem::path& path) {
  std::ifstream stream(path);
  return Json::parse(stream);
}

std::uint64_t checksum(const Json& value) {
  return std::stoull(value.get<std::string>(), nullptr, 16);
}

std::vector<std::uint64_t> layer_checksums(const Json& layers) {
  std::vector<std::uint64_t> sums;
  for (const Json& layer : layers) {
    sums.push_back(checksum(layer.at("fnv1a64")));
  }
  return sums;
}

ExpectedOutput read_output(const Json& json) {
  ExpectedOutput output;
  output.bytes = json.at("bytes");
  output.fnv1a64 = checksum(json.at("fnv1a64"));
  if (json.contains("float32_count")) {
    output.is_float = true;
    output.first = json.at("first8").get<std::vector<double>>();
    output.sum = json.at("sum");
    output.abs_sum = json.at("abs_sum");
    output.argmax = json.at("argmax");
  }
  return output;
}

std::vector<std::uint8_t> float_bytes(const std::vector<float>& values) {
  std::vector<std::uint8_t> bytes(values.size() * sizeof(float));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

}  // namespace

std::vector<ExpectedRun> expected_runs(const std::filesystem::path& shared,
                                       const std::string& part) {
  std::vector<ExpectedRun> runs;
  for (const auto& entry : std::filesystem::directory_iterator(shared / "expected")) {
    const Json json = load_json(entry.path());
    const std::string model = json.at("model");
    if (model.find(part) == std::string::npos) {
      continue;
    }
    ExpectedRun run{.name = entry.path().stem().string(),
                    .model = shared / "models" / model,
                    .input = {},
                    .kpu_layers = layer_checksums(json.at("kpu_layers")),
                    .outputs = {}};
    run.input = json.contains("image")
                    ? load_planar_image(shared / "images" / json.at("image").get<std::string>())
                    : float_bytes(json.at("input_float32").get<std::vector<float>>());
    for (const Json& output : json.at("outputs")) {
      run.outputs.push_back(read_output(output));
    }
    runs.push_back(std::move(run));
  }
  std::sort(runs.begin(), runs.end(),
            [](const ExpectedRun& a, const ExpectedRun& b) { return a.name < b.name; });
  return runs;
}

std::vector<ExpectedRun> expected_vectors(const std::filesystem::path& shared) {
  std::vector<ExpectedRun> runs;
  for (const Json& json : load_json(shared / "vectors" / "manifest.json")) {
    const std::string name = json.at("case");
    ExpectedOutput output;
    output.bytes = json.at("output_bytes");
    output.fnv1a64 = checksum(json.at("output_fnv1a64"));
    runs.push_back({.name = name,
                    .model = shared / "vectors" / (name + ".kmodel"),
                    .input = read_file(shared / "vectors" / (name + ".bin")),
                    .kpu_layers = layer_checksums(json.at("kpu_layers")),
                    .outputs = {output}});
  }
  return runs;
}

std::vector<CompiledRun> compiled_runs(const std::filesystem::path& shared) {
  const std::filesystem::path folder = shared / "v5";
  std::vector<CompiledRun> runs;
  for (const Json& json : load_json(folder / "manifest.json")) {
    const std::string name = json.at("name");
    CompiledRun run{
        .name = name,
        .compiler_1_0 = json.at("compiler").get<std::string>().find(" 1.0.") != std::string::npos,
        .model = folder / (name + ".kmodel"),
        .inputs = {},
        .outputs = {}};
    for (const Json& input : json.at("inputs")) {
      run.inputs.push_back(read_file(folder / input.get<std::string>()));
    }
    for (const Json& output : json.at("outputs")) {
      run.outputs.push_back(read_file(folder / output.at("file").get<std::string>()));
    }
    runs.push_back(std::move(run));
  }
  return runs;
}

std::vector<std::uint8_t> load_planar_image(const std::filesystem::path& path) {
  int width = 0;
  int height = 0;
  int channels = 0;
  stbi_uc* pixels = stbi_load(path.c_str(), &width, &height, &channels, 0);
  if (pixels == nullptr) {
    throw std::runtime_error("cannot read " + path.string());
  }
  const std::size_t count = static_cast<std::size_t>(width) * height;
  std::vector<std::uint8_t> planar(count * channels);
  for (int channel = 0; channel < channels; ++channel) {
    for (std::size_t i = 0; i < count; ++i) {
      planar[channel * count + i] = pixels[i * channels + channel];
    }
  }
  stbi_image_free(pixels);
  return planar;
}

}  // namespace kpu::test
