// SPDX-License-Identifier: Apache-2.0
//
// The README's table of what runs is what the loaders' own lists of operators say, and the numbers
// of networks in it are those of the optional test data. With KPU_UPDATE_README=1 in the
// environment the test writes it.
#include "golden/kmodel/operators.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstddef>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/files.h"
#include "golden/kmodel/kmodel.h"
#include "tests/support/catch2.h"
#include "tests/support/expected_data.h"
#include "tests/support/shared_data.h"

using namespace kpu::golden;

namespace {

/// Networks, and small files, of which every KPU layer and output equals the vendor's simulators.
struct Compared {
  Format format;
  std::size_t networks;
  std::size_t small_files;
};
constexpr Compared kCompared[] = {
    {Format::kV1, 0, 0}, {Format::kV3, 5, 80}, {Format::kV4, 3, 0}, {Format::kV5, 1, 61}};

const std::string kReadme = KPU_SOURCE_DIR "/README.md";
const std::string kBegin = "<!-- test_operators: begin -->\n";
const std::string kEnd = "<!-- test_operators: end -->\n";

std::string table() {
  std::string text =
      "| kmodel | on the KPU | equal to the vendor's simulators | operators on the CPU |\n"
      "|---|---|---|---|\n";
  for (const Compared& compared : kCompared) {
    const std::vector<std::string> operators = cpu_operators(compared.format);
    const std::string equal =
        compared.networks == 0
            ? "none at hand"
            : fmt::format("{} network{}{}", compared.networks, compared.networks == 1 ? "" : "s",
                          compared.small_files > 0
                              ? fmt::format(", {} small files", compared.small_files)
                              : "");
    text += fmt::format("| {} | all layers | {} | {} |\n", to_string(compared.format), equal,
                        operators.empty()
                            ? std::string("none in such files")
                            : fmt::format("{}: {}", operators.size(), fmt::join(operators, ", ")));
  }
  return text;
}

}  // namespace

TEST_CASE("the README's table of what runs is that of the loaders") {
  const auto bytes = kpu::read_file(kReadme);
  const std::string readme(bytes.begin(), bytes.end());
  const std::size_t begin = readme.find(kBegin);
  const std::size_t end = readme.find(kEnd);
  REQUIRE(begin != std::string::npos);
  REQUIRE(end != std::string::npos);
  const std::size_t first = begin + kBegin.size();
  if (std::getenv("KPU_UPDATE_README") != nullptr) {
    kpu::write_file(kReadme, readme.substr(0, first) + table() + readme.substr(end));
    return;
  }
  INFO("KPU_UPDATE_README=1 writes it");
  CHECK(readme.substr(first, end - first) == table());
}

TEST_CASE("as many networks are compared as the table says") {
  KPU_SHARED_OR_SKIP(shared);
  std::map<Format, std::set<std::string>> networks;
  for (const auto& run : kpu::test::expected_runs(shared)) {
    networks[load_model(kpu::read_file(run.model.string()))->info().format].insert(
        run.model.string());
  }
  for (const Compared& compared : kCompared) {
    CHECK(networks[compared.format].size() == compared.networks);
  }
  CHECK(kpu::test::expected_vectors(shared).size() == 80);
  CHECK(kpu::test::compiled_runs(shared).size() == 61);
}
