// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/kmodel.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/bits.h"
#include "common/error.h"
#include "golden/kmodel/file_kind.h"
#include "golden/kmodel/kfpkg.h"
#include "golden/kmodel/kmodel_formats.h"

namespace kpu::golden {
namespace {

/// "LDMK": first word of versions 4 and 5.
constexpr std::uint32_t kMagic = 0x4B4D444C;
/// 3 with its bytes the other way round.
constexpr std::uint32_t kSwappedV3 = 0x03000000;

constexpr std::uint32_t kSwappedV1 = 0x01000000;
constexpr std::uint32_t kSwappedMagic = 0x4C444D4B;

/// Says that a file is no kmodel: what it is if that can be told, else `found`.
[[noreturn]] void refuse_kind(std::span<const std::uint8_t> file, const std::string& found) {
  const std::string kind = file_kind(file);
  throw Error(fmt::format("kmodel: {}, expected a kmodel of version 1, 3, 4 or 5",
                          kind.empty() ? found : "this is " + kind));
}

/// Puts the bytes of every whole 32-bit word the other way round.
void swap_words(std::vector<std::uint8_t>& file) {
  for (std::size_t i = 0; i + 4 <= file.size(); i += 4) {
    std::swap(file[i], file[i + 3]);
    std::swap(file[i + 1], file[i + 2]);
  }
}

std::unique_ptr<Model> load_kmodel(std::vector<std::uint8_t> file,
                                   const std::string& v5_numbering) {
  if (file.size() < 8) {
    refuse_kind(file, fmt::format("{} bytes, expected at least a header", file.size()));
  }
  const auto word = load_le<std::uint32_t>(file, 0);
  const auto version = load_le<std::uint32_t>(file, 4);
  if (word == kMagic) {
    if (version == 4) {
      return load_kmodel_v4(std::move(file));
    }
    if (version == 5) {
      return load_kmodel_v5(std::move(file), v5_numbering);
    }
    throw Error(fmt::format("kmodel: version {}, expected 4 or 5 behind the magic word", version));
  }
  switch (word) {
    case 1:
      return load_kmodel_v1(std::move(file));
    case 3:
      return load_kmodel_v3(std::move(file), "");
    case kSwappedV3:
      swap_words(file);
      return load_kmodel_v3(std::move(file), "word-swapped");
    case kSwappedMagic:
    case kSwappedV1:
      refuse_kind(file, "word-swapped, which is read of version 3 only: swap it back");
    default:
      refuse_kind(file, fmt::format("starts with {:#010x}", word));
  }
}

}  // namespace

std::size_t ModelInfo::kpu_layer_count() const {
  return static_cast<std::size_t>(std::count_if(
      layers.begin(), layers.end(), [](const LayerInfo& layer) { return layer.kpu.has_value(); }));
}

std::vector<KpuLayerInfo> ModelInfo::kpu_layers() const {
  std::vector<KpuLayerInfo> found;
  bool queued = false;
  for (const LayerInfo& layer : layers) {
    if (layer.kpu) {
      found.push_back(*layer.kpu);
      found.back().queued = queued;
    }
    queued = layer.kpu.has_value();
  }
  return found;
}

const char* to_string(Format format) {
  switch (format) {
    case Format::kV1:
      return "v1";
    case Format::kV3:
      return "v3";
    case Format::kV4:
      return "v4";
    default:
      return "v5";
  }
}

std::unique_ptr<Model> load_model(std::vector<std::uint8_t> file, const LoadOptions& options) {
  if (is_zip(file)) {
    file = kmodel_from_kfpkg(file, options.part);
  } else if (!options.part.empty()) {
    throw Error(fmt::format("kmodel: part '{}' is wanted, expected a kfpkg package", options.part));
  }
  auto model = load_kmodel(std::move(file), options.v5_numbering);
  if (!options.v5_numbering.empty() && model->info().format != Format::kV5) {
    throw Error(fmt::format("kmodel {}: tensor-function numbering '{}' is wanted, expected v5",
                            to_string(model->info().format), options.v5_numbering));
  }
  return model;
}

}  // namespace kpu::golden
