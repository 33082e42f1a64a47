// SPDX-License-Identifier: Apache-2.0
#include "compiler/onnx/tensors.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <span>
#include <system_error>
#include <vector>

#include "common/bits.h"
#include "common/error.h"

namespace kpu::compiler {
namespace {

/// TensorProto.DataType of the schema.
enum DataType {
  kFloat = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kBool = 9,
  kFloat16 = 10,
  kDouble = 11,
  kUint32 = 12,
  kUint64 = 13,
  kBfloat16 = 16,
};

int element_bytes(int type) {
  switch (type) {
    case kUint8:
    case kInt8:
    case kBool:
      return 1;
    case kUint16:
    case kInt16:
    case kFloat16:
    case kBfloat16:
      return 2;
    case kFloat:
    case kInt32:
    case kUint32:
      return 4;
    case kInt64:
    case kDouble:
    case kUint64:
      return 8;
    default:
      throw Error(
          fmt::format("data_type={}: expected float32, float16, bfloat16, double, bool or "
                      "an integer",
                      type));
  }
}

float from_half(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const float fraction = static_cast<float>(bits & 1023);
  const float sign = bits & 0x8000 ? -1.f : 1.f;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  if (exponent == 31) return fraction == 0 ? sign * INFINITY : NAN;
  return sign * std::ldexp(fraction + 1024, exponent - 25);
}

float element(std::span<const std::uint8_t> raw, std::size_t at, int type) {
  switch (type) {
    case kFloat:
      return load_le<float>(raw, at);
    case kUint8:
    case kBool:
      return raw[at];
    case kInt8:
      return static_cast<std::int8_t>(raw[at]);
    case kUint16:
      return load_le<std::uint16_t>(raw, at);
    case kInt16:
      return load_le<std::int16_t>(raw, at);
    case kInt32:
      return static_cast<float>(load_le<std::int32_t>(raw, at));
    case kUint32:
      return static_cast<float>(load_le<std::uint32_t>(raw, at));
    case kInt64:
      return static_cast<float>(load_le<std::int64_t>(raw, at));
    case kUint64:
      return static_cast<float>(load_le<std::uint64_t>(raw, at));
    case kDouble:
      return static_cast<float>(load_le<double>(raw, at));
    case kFloat16:
      return from_half(load_le<std::uint16_t>(raw, at));
    default:
      return std::bit_cast<float>(std::uint32_t{load_le<std::uint16_t>(raw, at)} << 16);
  }
}

std::uint64_t entry_number(const std::string& text, const char* key) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw Error(fmt::format("external data {}={}: expected a number", key, text));
  }
  return value;
}

std::vector<std::uint8_t> external_bytes(const onnx::TensorProto& proto, std::size_t bytes,
                                         const std::string& folder) {
  std::string location;
  std::uint64_t offset = 0;
  for (const onnx::Entry& entry : proto.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset") offset = entry_number(entry.value(), "offset");
    if (entry.key() == "length" && entry_number(entry.value(), "length") != bytes) {
      throw Error(fmt::format("external data length={}: expected {}", entry.value(), bytes));
    }
  }
  // A network must not reach files outside its own folder.
  if (location.empty() || location.front() == '/' || location.find("..") != std::string::npos) {
    throw Error(
        fmt::format("external data location='{}': expected a file beside the network", location));
  }
  std::ifstream file(folder + "/" + location, std::ios::binary);
  std::vector<std::uint8_t> raw;
  file.seekg(0, std::ios::end);
  const auto size = static_cast<std::uint64_t>(file ? static_cast<std::int64_t>(file.tellg()) : 0);
  if (!file || offset > size || bytes > size - offset) {
    throw Error(
        fmt::format("external data '{}': expected {} bytes from {} on", location, bytes, offset));
  }
  raw.resize(bytes);
  file.seekg(static_cast<std::streamoff>(offset));
  if (!file.read(reinterpret_cast<char*>(raw.data()), static_cast<std::streamsize>(bytes))) {
    throw Error(fmt::format("external data '{}': cannot be read", location));
  }
  return raw;
}

template <class Values>
void append(const Values& values, std::vector<float>& data) {
  data.insert(data.end(), values.begin(), values.end());
}

}  // namespace

bool is_whole_type(int type) {
  return type != kFloat && type != kFloat16 && type != kDouble && type != kBfloat16;
}

Tensor read_tensor(const onnx::TensorProto& proto, const std::string& folder) try {
  Tensor tensor;
  tensor.dims.assign(proto.dims().begin(), proto.dims().end());
  const auto count = static_cast<std::size_t>(element_count(tensor.dims));
  const int type = proto.data_type();
  const std::size_t size = element_bytes(type);
  tensor.integer = is_whole_type(type);
  const auto take_raw = [&](std::span<const std::uint8_t> raw) {
    if (raw.size() != count * size) {
      throw Error(fmt::format("{} bytes of data, expected {}", raw.size(), count * size));
    }
    tensor.data.resize(count);
    for (std::size_t i = 0; i < count; ++i) tensor.data[i] = element(raw, i * size, type);
  };
  if (proto.data_location() == 1) {
    take_raw(external_bytes(proto, count * size, folder));
  } else if (proto.has_raw_data()) {
    const std::string& raw = proto.raw_data();
    take_raw({reinterpret_cast<const std::uint8_t*>(raw.data()), raw.size()});
  } else {
    append(proto.float_data(), tensor.data);
    append(proto.double_data(), tensor.data);
    append(proto.int64_data(), tensor.data);
    append(proto.uint64_data(), tensor.data);
    for (std::int32_t word : proto.int32_data()) {
      const auto bits = static_cast<std::uint16_t>(word);
      tensor.data.push_back(type == kFloat16    ? from_half(bits)
                            : type == kBfloat16 ? std::bit_cast<float>(std::uint32_t{bits} << 16)
                                                : static_cast<float>(word));
    }
  }
  if (tensor.data.size() != count) {
    throw Error(fmt::format("{} elements, expected {}", tensor.data.size(), count));
  }
  return tensor;
} catch (const Error& error) {
  throw Error(fmt::format("tensor '{}': {}", proto.name(), error.what()));
}

}  // namespace kpu::compiler
