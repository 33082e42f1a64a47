// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <system_error>

#include "common/error.h"
#include "sim/cli/cli.h"

namespace kpu::sim {

int report_error(const std::exception& error) {
  const bool fault = dynamic_cast<const HardwareFault*>(&error) != nullptr;
  // A system error is standard output that cannot be written to.
  const bool bad_input = !fault && (dynamic_cast<const Error*>(&error) != nullptr ||
                                    dynamic_cast<const std::system_error*>(&error) != nullptr);
  const char* const kind = fault ? "hardware fault: " : bad_input ? "" : "internal error: ";
  fmt::print(stderr, "kpu: {}{}\n", kind, error.what());
  return bad_input ? kExitBadInput : kExitInternal;
}

}  // namespace kpu::sim
