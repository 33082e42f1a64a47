// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/kfpkg.h"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <utility>

#include "common/bits.h"
#include "common/error.h"
#include "golden/kmodel/main_memory.h"

namespace kpu::golden {
namespace {

constexpr const char* kListName = "flash-list.json";

/// An archive in memory, read only.
class Archive {
 public:
  explicit Archive(std::span<const std::uint8_t> file) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(file.data(), file.size(), 0, &error);
    zip_t* archive = source != nullptr ? zip_open_from_source(source, ZIP_RDONLY, &error) : nullptr;
    if (archive == nullptr) {
      const std::string what = zip_error_strerror(&error);
      zip_error_fini(&error);
      if (source != nullptr) {
        zip_source_free(source);
      }
      throw Error(fmt::format("kfpkg: {}, expected a zip archive", what));
    }
    zip_error_fini(&error);
    archive_.reset(archive);
  }

  std::vector<std::uint8_t> read(const std::string& name) const {
    zip_stat_t stat;
    zip_stat_init(&stat);
    if (zip_stat(archive_.get(), name.c_str(), 0, &stat) != 0 ||
        (stat.valid & ZIP_STAT_SIZE) == 0) {
      throw Error(fmt::format("kfpkg: {}: not in the archive", name));
    }
    if (stat.size > kMaxMainMemory) {
      throw Error(
          fmt::format("kfpkg: {}: {} bytes, expected at most {}", name, stat.size, kMaxMainMemory));
    }
    const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> entry(
        zip_fopen(archive_.get(), name.c_str(), 0), zip_fclose);
    std::vector<std::uint8_t> bytes(stat.size);
    if (entry == nullptr || zip_fread(entry.get(), bytes.data(), bytes.size()) !=
                                static_cast<zip_int64_t>(bytes.size())) {
      throw Error(fmt::format("kfpkg: {}: cannot be read from the archive", name));
    }
    return bytes;
  }

 private:
  std::unique_ptr<zip_t, void (*)(zip_t*)> archive_{nullptr, zip_discard};
};

/// The list with hexadecimal numbers, which JSON does not have and vendors' lists use, as decimals.
std::string decimal_numbers(std::span<const std::uint8_t> list) {
  static const std::regex kTokens(R"("(?:[^"\\]|\\.)*"|0[xX]([0-9a-fA-F]{1,16}))");
  const std::string text(list.begin(), list.end());
  std::string result;
  std::size_t copied = 0;
  for (std::sregex_iterator match(text.begin(), text.end(), kTokens), end; match != end; ++match) {
    if ((*match)[1].matched) {
      result.append(text, copied, static_cast<std::size_t>(match->position()) - copied);
      result += std::to_string(std::stoull((*match)[1].str(), nullptr, 16));
      copied = static_cast<std::size_t>(match->position() + match->length());
    }
  }
  return result.append(text, copied);
}

}  // namespace

bool KfpkgPart::is_kmodel() const {
  if (bytes.size() < 8) {
    return false;
  }
  const auto word = load_le<std::uint32_t>(bytes, 0);
  return word == 3 || word == 1 || word == 0x4B4D444C || word == 0x03000000;
}

bool is_zip(std::span<const std::uint8_t> file) {
  return file.size() >= 4 && load_le<std::uint32_t>(file, 0) == 0x04034B50;
}

std::vector<KfpkgPart> read_kfpkg(std::span<const std::uint8_t> file) {
  const Archive archive(file);
  const std::vector<std::uint8_t> list = archive.read(kListName);
  std::vector<KfpkgPart> parts;
  try {
    const nlohmann::json json = nlohmann::json::parse(decimal_numbers(list));
    for (const nlohmann::json& entry : json.at("files")) {
      KfpkgPart part;
      part.name = entry.at("bin").get<std::string>();
      part.address = entry.at("address").get<std::uint64_t>();
      part.bytes = archive.read(part.name);
      parts.push_back(std::move(part));
    }
  } catch (const nlohmann::json::exception& error) {
    throw Error(fmt::format("kfpkg: {}: {}", kListName, error.what()));
  }
  return parts;
}

std::vector<std::uint8_t> kmodel_from_kfpkg(std::span<const std::uint8_t> file,
                                            const std::string& name) {
  std::vector<KfpkgPart> parts = read_kfpkg(file);
  std::string listing;
  std::vector<KfpkgPart*> fitting;
  for (KfpkgPart& part : parts) {
    listing += fmt::format("{}{} ({} bytes at {:#x}{})", listing.empty() ? "" : ", ", part.name,
                           part.bytes.size(), part.address, part.is_kmodel() ? ", kmodel" : "");
    if (name.empty() ? part.is_kmodel() : part.name == name) {
      fitting.push_back(&part);
    }
  }
  if (fitting.size() != 1) {
    throw Error(fmt::format("kfpkg: {} parts {}, expected one of: {}", fitting.size(),
                            name.empty() ? "are kmodels" : "are called " + name, listing));
  }
  return std::move(fitting.front()->bytes);
}

}  // namespace kpu::golden
