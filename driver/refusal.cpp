// SPDX-License-Identifier: Apache-2.0
#include "driver/refusal.h"

#include <fmt/format.h>

#include <cstddef>

#include "driver/kpu_registers.h"

namespace kpu::driver {

std::string describe_refusal(std::uint64_t code, const LayerWords& words) {
  for (const RefusalReason& reason : kRefusalReasons) {
    if (reason.code != code) continue;
    std::string fields;
    for (std::size_t i = 0; i < reason.field_count; ++i) {
      const LayerField& field = reason.fields[i];
      fields += fmt::format("{}{} = {}", i == 0 ? "" : ", ", field.name, field.of(words));
    }
    return fmt::format("{}: {}: expected {} (reason {})", reason.problem, fields, reason.expected,
                       code);
  }
  return fmt::format("reason {}", code);
}

}  // namespace kpu::driver
