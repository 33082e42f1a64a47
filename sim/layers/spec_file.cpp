// SPDX-License-Identifier: Apache-2.0
#include "sim/layers/spec_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>

#include "common/bits.h"
#include "common/error.h"
#include "common/files.h"
#include "golden/kmodel/zip_archive.h"

namespace kpu::sim {
namespace {

using nlohmann::json;

template <class T>
void append(std::vector<std::uint8_t>& bytes, T value) {
  const std::size_t at = bytes.size();
  bytes.resize(at + sizeof(T));
  store_le(std::span(bytes), at, value);
}

/// Numbers of a list of lists, of which all on one level are equally long.
void flatten(const json& value, std::size_t level, std::vector<std::size_t>& shape,
             std::vector<json>& numbers) {
  if (!value.is_array()) {
    if (level != shape.size()) throw Error("lists of different depths");
    if (!value.is_number() && !value.is_boolean()) throw Error("neither a number nor a list");
    numbers.push_back(value);
    return;
  }
  if (level == shape.size() && numbers.empty()) shape.push_back(value.size());
  if (level >= shape.size() || value.size() != shape[level]) {
    throw Error("lists of different lengths");
  }
  for (const json& item : value) flatten(item, level + 1, shape, numbers);
}

NpyArray array_of(const json& value) {
  NpyArray array;
  std::vector<json> numbers;
  flatten(value, 0, array.shape, numbers);
  const bool whole = std::none_of(numbers.begin(), numbers.end(),
                                  [](const json& number) { return number.is_number_float(); });
  array.type = whole ? "i8" : "f8";
  for (const json& number : numbers) {
    if (number.is_boolean()) {
      append(array.bytes, std::int64_t{number.get<bool>()});
    } else if (whole) {
      append(array.bytes, number.get<std::int64_t>());
    } else {
      append(array.bytes, number.get<double>());
    }
  }
  return array;
}

template <class T>
void convert(std::span<const std::uint8_t> bytes, std::vector<double>& out) {
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(T)) {
    out.push_back(static_cast<double>(load_le<T>(bytes, at)));
  }
}

}  // namespace

std::vector<double> numbers_of(const NpyArray& array) {
  std::vector<double> out;
  const std::span<const std::uint8_t> bytes = array.bytes;
  const std::string& type = array.type;
  if (type == "u1" || type == "b1") convert<std::uint8_t>(bytes, out);
  if (type == "i1") convert<std::int8_t>(bytes, out);
  if (type == "u2") convert<std::uint16_t>(bytes, out);
  if (type == "i2") convert<std::int16_t>(bytes, out);
  if (type == "u4") convert<std::uint32_t>(bytes, out);
  if (type == "i4") convert<std::int32_t>(bytes, out);
  if (type == "u8") convert<std::uint64_t>(bytes, out);
  if (type == "i8") convert<std::int64_t>(bytes, out);
  if (type == "f4") convert<float>(bytes, out);
  if (type == "f8") convert<double>(bytes, out);
  return out;
}

std::vector<std::int16_t> codes_of(const NpyArray& array) {
  const std::vector<double> numbers = numbers_of(array);
  return {numbers.begin(), numbers.end()};
}

SpecFile::SpecFile(const std::string& path) : path_(path) {
  const std::vector<std::uint8_t> file = read_file(path);
  const bool zip = file.size() >= 2 && file[0] == 'P' && file[1] == 'K';
  try {
    if (zip) {
      read_npz(file);
    } else {
      read_json(file);
    }
  } catch (const Error& error) {
    const std::string text = error.what();
    throw Error(text.starts_with(path) ? text : fmt::format("{}: {}", path, text));
  }
}

void SpecFile::read_npz(const std::vector<std::uint8_t>& file) {
  const golden::ZipArchive archive(file);
  for (const std::string& name : archive.names()) {
    const std::vector<std::uint8_t> bytes = archive.read(name);
    const std::string where = fmt::format("{}: {}", path_, name);
    const std::string field = name.ends_with(".npy") ? name.substr(0, name.size() - 4) : name;
    if (const std::optional<std::string> text = npy_text(bytes)) {
      fields_[field] = *text;
    } else {
      fields_[field] = parse_npy(bytes, where);
    }
  }
}

void SpecFile::read_json(const std::vector<std::uint8_t>& file) {
  const json spec = json::parse(file.begin(), file.end(), nullptr, false);
  if (!spec.is_object()) {
    throw Error("neither a .npz nor a .json with an object of arguments");
  }
  const std::filesystem::path folder = std::filesystem::path(path_).parent_path();
  for (const auto& [name, value] : spec.items()) {
    if (value.is_null()) continue;
    if (!value.is_string()) {
      try {
        fields_[name] = array_of(value);
      } catch (const Error& error) {
        throw Error(fmt::format("{}: {}", name, error.what()));
      }
      continue;
    }
    const auto text = value.get<std::string>();
    if (!text.ends_with(".npy")) {
      fields_[name] = text;
      continue;
    }
    const std::string path = (folder / text).string();
    fields_[name] = parse_npy(read_file(path), path);
  }
}

void SpecFile::refuse(const std::string& name, const std::string& what) const {
  throw Error(fmt::format("{}: {}: {}", path_, name, what));
}

bool SpecFile::has(const std::string& name) {
  known_.insert(name);
  return fields_.contains(name);
}

const NpyArray& SpecFile::find(const std::string& name) {
  if (!has(name)) refuse(name, "is missing");
  const auto found = fields_.find(name);
  const auto* array = std::get_if<NpyArray>(&found->second);
  if (array == nullptr) refuse(name, "a text, expected numbers");
  return *array;
}

NpyArray SpecFile::array(const std::string& name, const std::vector<std::string>& types) {
  NpyArray array = find(name);
  if (std::find(types.begin(), types.end(), array.type) != types.end()) return array;
  if (array.type != "i8") {
    refuse(name, fmt::format("of type {}, expected {}", array.type, fmt::join(types, " or ")));
  }
  // Numbers in a .json have no type of their own.
  const bool is_signed = types.front().front() == 'i';
  const int bits = 8 * (types.front().back() - '0');
  const double low = is_signed ? -std::ldexp(1.0, bits - 1) : 0;
  const double high = std::ldexp(1.0, is_signed ? bits - 1 : bits) - 1;
  std::vector<std::uint8_t> bytes;
  for (double value : numbers_of(array)) {
    if (value < low || value > high)
      refuse(name, fmt::format("{}: expected {}..{}", value, low, high));
    for (int i = 0; i < bits / 8; ++i) {
      bytes.push_back(static_cast<std::uint8_t>(static_cast<std::int64_t>(value) >> (8 * i)));
    }
  }
  array.type = types.front();
  array.bytes = std::move(bytes);
  return array;
}

std::vector<std::int64_t> SpecFile::integers(const std::string& name) {
  std::vector<std::int64_t> list;
  constexpr double kLimit = 9e15;
  for (double value : numbers_of(find(name))) {
    if (value != std::floor(value) || std::abs(value) > kLimit) {
      refuse(name, fmt::format("{}: expected a whole number", value));
    }
    list.push_back(static_cast<std::int64_t>(value));
  }
  return list;
}

std::vector<float> SpecFile::reals(const std::string& name) {
  const std::vector<double> numbers = numbers_of(find(name));
  return {numbers.begin(), numbers.end()};
}

std::int64_t SpecFile::integer(const std::string& name, std::optional<std::int64_t> missing) {
  if (missing && !has(name)) return *missing;
  const std::vector<std::int64_t> list = integers(name);
  if (list.size() != 1) refuse(name, fmt::format("{} values, expected one", list.size()));
  return list.front();
}

float SpecFile::real(const std::string& name) {
  const std::vector<float> list = reals(name);
  if (list.size() != 1) refuse(name, fmt::format("{} values, expected one", list.size()));
  return list.front();
}

bool SpecFile::flag(const std::string& name) {
  const std::int64_t value = integer(name, 0);
  if (value != 0 && value != 1) refuse(name, fmt::format("{}, expected true or false", value));
  return value == 1;
}

std::optional<std::string> SpecFile::text(const std::string& name) {
  if (!has(name)) return {};
  const auto* text = std::get_if<std::string>(&fields_.at(name));
  return text == nullptr ? std::nullopt : std::optional(*text);
}

void SpecFile::require_all_used() const {
  for (const auto& [name, value] : fields_) {
    if (!known_.contains(name)) {
      refuse(name, fmt::format("expected one of {}", fmt::join(known_, ", ")));
    }
  }
}

}  // namespace kpu::sim
