// SPDX-License-Identifier: Apache-2.0
#include "sim/report/expect.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "common/error.h"
#include "common/files.h"
#include "golden/kmodel/element_type.h"
#include "sim/text/npy.h"

namespace kpu::sim {
namespace {

using golden::ElementType;

/// NumPy's names of the element types.
constexpr std::array<std::pair<const char*, ElementType>, 12> kTypes{
    {{"i1", ElementType::kInt8},
     {"i2", ElementType::kInt16},
     {"i4", ElementType::kInt32},
     {"i8", ElementType::kInt64},
     {"u1", ElementType::kUint8},
     {"b1", ElementType::kUint8},
     {"u2", ElementType::kUint16},
     {"u4", ElementType::kUint32},
     {"u8", ElementType::kUint64},
     {"f2", ElementType::kFloat16},
     {"f4", ElementType::kFloat32},
     {"f8", ElementType::kFloat64}}};

ElementType element_type(const std::string& npy_type, const std::string& path) {
  for (const auto& [name, type] : kTypes) {
    if (npy_type == name) return type;
  }
  throw Error(fmt::format("{}: .npy file of type {}, expected numbers", path, npy_type));
}

/// Position of a value in its tensor: "3, 0, 17".
std::string position_text(const golden::TensorInfo& info, std::size_t index) {
  std::string text;
  for (std::size_t i = info.dims.size(); i-- > 0;) {
    const std::size_t dim = info.dims[i] != 0 ? info.dims[i] : 1;
    text = fmt::format("{}{}{}", index % dim, text.empty() ? "" : ", ", text);
    index /= dim;
  }
  return text.empty() ? fmt::format("{}", index) : text;
}

double difference(float a, float b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
  const double d = std::abs(static_cast<double>(a) - static_cast<double>(b));
  return std::isnan(d) ? std::numeric_limits<double>::infinity() : d;
}

}  // namespace

std::vector<float> read_expected(const std::string& path, const OutputReport& output) {
  const std::vector<std::uint8_t> file = read_file(path);
  const std::size_t count = output.info.count();
  std::vector<float> values;
  if (is_npy(file)) {
    const NpyArray array = parse_npy(file, path);
    values = golden::to_floats(array.bytes, element_type(array.type, path));
  } else if (file.size() == output.bytes.size()) {
    values = golden::to_floats(file, output.info.type);
  } else if (file.size() == count * sizeof(float)) {
    values = golden::to_floats(file, ElementType::kFloat32);
  }
  if (values.size() != count) {
    throw Error(fmt::format("{}: {} bytes, expected {} values: .npy, {} or float32", path,
                            file.size(), count, golden::to_string(output.info.type)));
  }
  return values;
}

Expectation compare_expected(const OutputReport& output, std::size_t index, const std::string& path,
                             double tolerance) {
  const std::vector<float> expected = read_expected(path, output);
  const std::vector<float> got = output.values();
  Expectation result;
  result.output = index;
  result.path = path;
  result.values = expected.size();
  result.tolerance = tolerance;
  double signal = 0;
  double noise = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double d = difference(expected[i], got[i]);
    signal += static_cast<double>(expected[i]) * expected[i];
    noise += d * d;
    if (d > result.largest) {
      result.largest = d;
      result.largest_at = position_text(output.info, i);
    }
    if (d <= tolerance) continue;
    if (result.outside++ == 0) {
      result.first_at = position_text(output.info, i);
      result.first_expected = expected[i];
      result.first_got = got[i];
    }
  }
  if (noise > 0 && std::isfinite(noise)) result.snr_db = 10 * std::log10(signal / noise);
  return result;
}

std::string expectation_text(const Expectation& e) {
  std::string text = fmt::format("output {} against {}: ", e.output, e.path);
  if (e.largest == 0) return text + fmt::format("equal ({} values)\n", e.values);
  text += fmt::format("largest difference {:g} at {}", e.largest, e.largest_at);
  if (e.snr_db) text += fmt::format(", SNR {:.1f} dB", *e.snr_db);
  text +=
      fmt::format(", {} of {} values differ by more than {:g}", e.outside, e.values, e.tolerance);
  if (e.outside > 0) {
    text += fmt::format("; first at {}: expected {:g}, got {:g}", e.first_at, e.first_expected,
                        e.first_got);
  }
  return text + "\n";
}

}  // namespace kpu::sim
