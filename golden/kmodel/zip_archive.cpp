// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/zip_archive.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <zip.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/bits.h"
#include "common/error.h"
#include "golden/kmodel/main_memory.h"

namespace kpu::golden {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034B50;
constexpr std::size_t kLocalHeaderBytes = 30;

/// Name of a method of packing, by its number in the archive.
std::string method_name(int method) {
  constexpr std::array<std::pair<int, const char*>, 10> kNames{{{1, "Shrink"},
                                                                {6, "Implode"},
                                                                {8, "Deflate"},
                                                                {9, "Deflate64"},
                                                                {12, "bzip2"},
                                                                {14, "LZMA"},
                                                                {93, "Zstandard"},
                                                                {95, "xz"},
                                                                {97, "WavPack"},
                                                                {98, "PPMd"}}};
  for (const auto& [number, name] : kNames) {
    if (number == method) return name;
  }
  return fmt::format("method {}", method);
}

/// What a cut archive still holds, from the headers in front of the files: the directory at its end
/// is what is missing.
std::string cut_text(std::span<const std::uint8_t> file) {
  std::string whole;
  for (std::size_t at = 0; at + kLocalHeaderBytes <= file.size();) {
    if (load_le<std::uint32_t>(file, at) != kLocalHeader) break;
    const bool size_follows = (file[at + 6] & 8) != 0;
    const auto packed = load_le<std::uint32_t>(file, at + 18);
    const std::size_t name_bytes = load_le<std::uint16_t>(file, at + 26);
    const std::size_t extra_bytes = load_le<std::uint16_t>(file, at + 28);
    const std::size_t begin = at + kLocalHeaderBytes + name_bytes + extra_bytes;
    if (begin > file.size()) break;
    const std::string name(
        file.begin() + static_cast<std::ptrdiff_t>(at + kLocalHeaderBytes),
        file.begin() + static_cast<std::ptrdiff_t>(at + kLocalHeaderBytes + name_bytes));
    if (size_follows && packed == 0) return fmt::format("{}; {} may be cut", whole, name);
    if (packed > file.size() - begin) {
      return fmt::format("{}; of {} there are {} of {} bytes", whole, name, file.size() - begin,
                         packed);
    }
    whole += fmt::format("{}{}", whole.empty() ? "whole are " : ", ", name);
    at = begin + packed;
  }
  return whole;
}

}  // namespace

ZipArchive::ZipArchive(std::span<const std::uint8_t> file) : archive_(nullptr, zip_discard) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(file.data(), file.size(), 0, &error);
  archive_.reset(source != nullptr ? zip_open_from_source(source, ZIP_RDONLY, &error) : nullptr);
  const std::string what = zip_error_strerror(&error);
  zip_error_fini(&error);
  if (archive_ == nullptr) {
    if (source != nullptr) zip_source_free(source);
    const bool starts_well = file.size() >= 4 && load_le<std::uint32_t>(file, 0) == kLocalHeader;
    if (!starts_well) throw Error(fmt::format("kfpkg: {}, expected a zip archive", what));
    throw Error(fmt::format(
        "kfpkg: cut at {} bytes or damaged ({}), expected the zip directory at its end; {}",
        file.size(), what, cut_text(file)));
  }
  const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(archive_.get(), static_cast<zip_uint64_t>(i), 0);
    if (name != nullptr && !std::string(name).ends_with('/')) names_.emplace_back(name);
  }
}

std::vector<std::uint8_t> ZipArchive::read(const std::string& name) const {
  zip_stat_t stat;
  zip_stat_init(&stat);
  if (zip_stat(archive_.get(), name.c_str(), 0, &stat) != 0 || (stat.valid & ZIP_STAT_SIZE) == 0) {
    throw Error(
        fmt::format("kfpkg: {}: not in the archive, which has {}", name,
                    names_.empty() ? "no files" : fmt::format("{}", fmt::join(names_, ", "))));
  }
  if (stat.size > kMaxMainMemory) {
    throw Error(
        fmt::format("kfpkg: {}: {} bytes, expected at most {}", name, stat.size, kMaxMainMemory));
  }
  if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE) {
    throw Error(fmt::format("kfpkg: {}: encrypted, expected a file without a password", name));
  }
  if ((stat.valid & ZIP_STAT_COMP_METHOD) != 0 &&
      zip_compression_method_supported(stat.comp_method, 0) == 0) {
    throw Error(fmt::format(
        "kfpkg: {}: packed with {}, which the installed libzip cannot unpack: expected stored or "
        "Deflate (pack it again with `zip`)",
        name, method_name(stat.comp_method)));
  }
  const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> entry(
      zip_fopen(archive_.get(), name.c_str(), 0), zip_fclose);
  if (entry == nullptr) {
    throw Error(fmt::format("kfpkg: {}: cannot be read from the archive: {}", name,
                            zip_strerror(archive_.get())));
  }
  // A byte more than stated: only at the real end does the library compare the checksum.
  std::vector<std::uint8_t> bytes(stat.size + 1);
  if (zip_fread(entry.get(), bytes.data(), bytes.size()) != static_cast<zip_int64_t>(stat.size)) {
    throw Error(
        fmt::format("kfpkg: {}: damaged in the archive: {}", name, zip_file_strerror(entry.get())));
  }
  bytes.pop_back();
  return bytes;
}

}  // namespace kpu::golden
