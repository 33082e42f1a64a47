// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/wait.h>

#include <cstddef>
#include <cstdio>
#include <string>

#include "tests/support/catch2.h"

namespace kpu::test {

struct Outcome {
  int exit_code = -1;  ///< -1: ended by a signal
  std::string text;    ///< standard output and standard error
};

/// Runs a shell command.
inline Outcome shell(const std::string& command) {
  Outcome outcome;
  FILE* pipe = popen(("{ " + command + " ; } 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    outcome.text.append(buffer, n);
  }
  const int status = pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

inline const std::string kTool = KPU_BINARY_DIR "/kpu ";

/// Runs build/kpu with `arguments` in a shell.
inline Outcome kpu_tool(const std::string& arguments) { return shell(kTool + arguments); }

inline const std::string kModel = KPU_SOURCE_DIR "/examples/edges.kmodel";
inline const std::string kScene = KPU_SOURCE_DIR "/examples/scene.png";

}  // namespace kpu::test
