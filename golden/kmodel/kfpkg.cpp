// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/kfpkg.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <utility>

#include "common/bits.h"
#include "common/error.h"
#include "golden/kmodel/relaxed_json.h"
#include "golden/kmodel/zip_archive.h"

namespace kpu::golden {
namespace {

constexpr const char* kListName = "flash-list.json";

/// The list's path in the archive: at the top, or in a folder; empty if there is none.
std::string find_list(const ZipArchive& archive) {
  std::string found;
  for (const std::string& name : archive.names()) {
    const bool is_list = name == kListName || name.ends_with(std::string("/") + kListName);
    if (is_list && (found.empty() || name.size() < found.size())) found = name;
  }
  return found;
}

/// Where in the archive a file of the list lies: beside the list or from the top, with slashes as
/// any system writes them.
std::string find_part(const ZipArchive& archive, const std::string& list, std::string name) {
  std::replace(name.begin(), name.end(), '\\', '/');
  while (name.starts_with("./")) name.erase(0, 2);
  const std::string beside = list.substr(0, list.size() - std::string(kListName).size()) + name;
  const auto has = [&](const std::string& path) {
    return std::find(archive.names().begin(), archive.names().end(), path) != archive.names().end();
  };
  return has(beside) || !has(name) ? beside : name;
}

/// A flash address: a number, or a string with one (decimal or "0x...").
std::uint64_t flash_address(const nlohmann::json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (value.is_string()) {
    const std::string text = value.get<std::string>();
    const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    const char* const end = text.data() + text.size();
    std::uint64_t address = 0;
    const auto [stop, error] =
        std::from_chars(text.data() + (hexadecimal ? 2 : 0), end, address, hexadecimal ? 16 : 10);
    if (error == std::errc() && stop == end) return address;
  }
  throw Error(fmt::format("kfpkg: {}: address {}: expected a whole number, 0 or more", kListName,
                          value.dump()));
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
  const ZipArchive archive(file);
  const std::string list_path = find_list(archive);
  const std::vector<std::uint8_t> list = archive.read(list_path.empty() ? kListName : list_path);
  std::vector<KfpkgPart> parts;
  try {
    const nlohmann::json json = nlohmann::json::parse(strict_json(list));
    for (const nlohmann::json& entry : json.at("files")) {
      KfpkgPart part;
      part.name = entry.at("bin").get<std::string>();
      part.address = flash_address(entry.at("address"));
      part.bytes = archive.read(find_part(archive, list_path, part.name));
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
