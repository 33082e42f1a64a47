// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/wait.h>

#include <cstddef>
#include <cstdio>
#include <string>

#include "tests/support/catch2.h"

namespace kpu::test {

struct Outcome {
  int exit_code = -1;
  std::string text;  ///< standard output and standard error
};

/// Runs build/kpu with `arguments` in a shell.
inline Outcome kpu_tool(const std::string& arguments) {
  const std::string command = std::string(KPU_BINARY_DIR) + "/kpu " + arguments + " 2>&1";
  Outcome outcome;
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    outcome.text.append(buffer, n);
  }
  const int status = pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

}  // namespace kpu::test
