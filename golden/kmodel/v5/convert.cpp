// SPDX-License-Identifier: Apache-2.0
//
// The v5 tensor function `convert` (kmodel format, TENSOR): one element type to another.
#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include "golden/kmodel/v5/frame.h"

namespace kpu::golden::v5 {
namespace {

using Frame = TensorFunctions::Frame;

/// A number as another type, as a C cast does it. A float beyond 64 bits, for which C leaves it
/// open, becomes the nearest 64-bit number, not-a-number 0; narrower integers keep the lower bits.
template <class To, class From>
To convert_number(From value) {
  if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    constexpr From kLimit = 9223372036854775808.0f;
    if (value != value) {
      return To{0};
    }
    const std::int64_t whole = value >= kLimit    ? std::numeric_limits<std::int64_t>::max()
                               : value <= -kLimit ? std::numeric_limits<std::int64_t>::min()
                                                  : static_cast<std::int64_t>(value);
    return static_cast<To>(whole);
  } else {
    return static_cast<To>(value);
  }
}

/// Calls visit with a value of the C++ type behind an element type; false if there is none.
template <class Visit>
bool with_number(DataType type, Visit visit) {
  switch (type) {
    case DataType::kInt8:
      return visit(std::int8_t{}), true;
    case DataType::kInt16:
      return visit(std::int16_t{}), true;
    case DataType::kInt32:
      return visit(std::int32_t{}), true;
    case DataType::kInt64:
      return visit(std::int64_t{}), true;
    case DataType::kUint8:
      return visit(std::uint8_t{}), true;
    case DataType::kUint16:
      return visit(std::uint16_t{}), true;
    case DataType::kUint32:
      return visit(std::uint32_t{}), true;
    case DataType::kUint64:
      return visit(std::uint64_t{}), true;
    case DataType::kFloat32:
      return visit(float{}), true;
    default:
      return false;
  }
}

bool is_number(DataType type) {
  return with_number(type, [](auto) {});
}

void run_convert(Frame& f) {
  const AddressSpace::Address to = f.pop_address();
  const Tensor in = f.input(f.pop_address(), f.call.type("in_datatype"), f.shape("rshape_src"),
                            f.shape("rstride_src"));
  const Tensor out = f.output(to, f.call.type("dst_datatype"), in.shape);
  if (in.type != out.type && !(is_number(in.type) && is_number(out.type))) {
    f.not_implemented(fmt::format("from {} to {}", to_string(in.type), to_string(out.type)));
  }
  f.compute([&] {
    if (in.type == out.type) {
      f.store(out, f.load(in));
      return;
    }
    with_number(in.type, [&](auto from) {
      with_number(out.type, [&](auto target) {
        std::vector<decltype(target)> values;
        for (const auto value : f.load_as<decltype(from)>(in)) {
          values.push_back(convert_number<decltype(target)>(value));
        }
        f.store_as(out, values);
      });
    });
  });
}

constexpr std::array kConvertFunctions = {TensorFunction{"convert", run_convert}};

}  // namespace

std::span<const TensorFunction> convert_functions() { return kConvertFunctions; }

}  // namespace kpu::golden::v5
