// SPDX-License-Identifier: Apache-2.0
//
// Memory that compiling a large network takes: its peak in a child process, less what the process
// had before, stays below four times the file's size. The network is mostly weights, as large ones
// are; pictures and images are small beside them.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "compiler/compile/compile.h"
#include "tests/compiler/onnx_file.h"
#include "tests/support/catch2.h"

using namespace kpu::compiler;

namespace {

/// A file with 22 MB of weights.
std::vector<std::uint8_t> large_file() {
  OnnxFile file;
  file.input("x", {1, 4, 8, 8});
  std::string from = "x";
  std::int64_t channels = 4;
  for (const std::int64_t to : {256, 380, 380, 380, 380, 380}) {
    const std::string name = "y" + std::to_string(channels) + from;
    const auto deviation = 1.f / static_cast<float>(channels);
    file.random("w" + name, {to, channels, 3, 3}, deviation).random("b" + name, {to}, 0.1f);
    file.node("Conv", {from, "w" + name, "b" + name}, "c" + name,
              {{"pads", std::vector<std::int64_t>{1, 1, 1, 1}}});
    file.node("Relu", {"c" + name}, name);
    from = name;
    channels = to;
  }
  return file.output(from).bytes();
}

/// Peak of resident memory in KiB, so far.
long peak() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// Runs `work` in a process of its own, so that it neither finds nor leaves free memory here; its
/// result, or -1.
long in_child(const std::function<long()>& work) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    long result = -1;
    try {
      result = work();
    } catch (const kpu::Error&) {
    }
    const bool written = write(ends[1], &result, sizeof result) == sizeof result;
    _exit(written ? 0 : 1);
  }
  close(ends[1]);
  long result = -1;
  const bool got = read(ends[0], &result, sizeof result) == sizeof result;
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return got && status == 0 ? result : -1;
}

/// Compiles; what the process's peak rose by, in KiB.
long rise_of_compiling(const std::string& path) {
  const long before = peak();
  const Graph graph = load_onnx(path);
  const std::vector<std::uint8_t> picture(4 * 8 * 8, 100);
  const std::vector<std::vector<std::vector<std::uint8_t>>> pictures{{picture}};
  compile(graph, pictures, {});
  return peak() - before;
}

}  // namespace

TEST_CASE("compiling takes less than four times the network's size") {
  const std::string path = "large_network.onnx";
  const long size = in_child([&] {
    const std::vector<std::uint8_t> bytes = large_file();
    kpu::write_file(path, bytes.data(), bytes.size());
    return static_cast<long>(bytes.size());
  });
  REQUIRE(size > 20'000'000);
  const long rise = in_child([&] { return rise_of_compiling(path); });
  std::remove(path.c_str());
  CAPTURE(size, rise);
  CHECK(rise > 0);
  CHECK(rise * 1024 < 4 * size);
}
