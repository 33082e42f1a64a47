// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/v5/listing.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace kpu::golden::v5 {
namespace {

/// Operands whose numbers have names.
struct NamedValues {
  std::string_view operand;
  std::vector<std::string_view> names;
};

const std::vector<NamedValues>& named_values() {
  static const std::vector<NamedValues> kNamed = {
      {"binary_op", {"add", "sub", "mul", "div", "min", "max", "pow", "floor_div", "floor_mod"}},
      {"compare_op", {"equal", "not_equal", "greater", "greater_equal", "less", "less_equal"}},
      {"reduce_op", {"mean", "min", "max", "sum"}},
      {"reduce_arg_op", {"min", "max"}},
      {"resize_mode", {"bilinear", "nearest"}},
  };
  return kNamed;
}

bool starts_with_any(std::string_view name, std::initializer_list<std::string_view> prefixes) {
  for (std::string_view prefix : prefixes) {
    if (name.substr(0, prefix.size()) == prefix) {
      return true;
    }
  }
  return false;
}

/// An operand as the listing shows it; empty for registers, types and values without effect.
std::string operand_text(const std::string& name, double value) {
  if (starts_with_any(name, {"rshape", "rstride", "rpad", "rbegins", "rends"}) ||
      name.find("datatype") != std::string::npos || std::isinf(value)) {
    return {};
  }
  for (const NamedValues& named : named_values()) {
    if (named.operand == name && value < static_cast<double>(named.names.size())) {
      return std::string(named.names[static_cast<std::size_t>(value)]);
    }
  }
  // A window of 1, and what is switched off, go without saying.
  const bool window = starts_with_any(name, {"stride_", "dilation_", "groups"});
  if (value == (window ? 1 : 0) && name != "axis") {
    return {};
  }
  return fmt::format("{}={}", name, value);
}

std::string types_text(const Operation& operation) {
  if (operation.inputs.empty() || operation.outputs.empty()) {
    return {};
  }
  const std::string from = to_string(operation.inputs.front().type);
  const std::string to = to_string(operation.outputs.front().type);
  return from == to ? from : from + " to " + to;
}

}  // namespace

std::string operation_detail(const Operation& operation) {
  std::string text = types_text(operation);
  for (const auto& [name, value] : operation.call->operands) {
    const std::string operand = operand_text(name, value);
    if (!operand.empty()) {
      text += (text.empty() ? "" : " ") + operand;
    }
  }
  return text;
}

}  // namespace kpu::golden::v5
