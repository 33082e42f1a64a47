// SPDX-License-Identifier: Apache-2.0
#include "bench/cycle_file.h"

#include <fmt/format.h>

#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>

#include "common/error.h"
#include "common/files.h"
#include "golden/kmodel/kmodel.h"
#include "sim/vision/image_io.h"

namespace kpu::bench {
namespace {

std::uint64_t total(const std::vector<std::uint64_t>& layers) {
  return std::accumulate(layers.begin(), layers.end(), std::uint64_t{0});
}

bool grew(std::uint64_t kept, std::uint64_t now) { return now > kept + kept / 100 + 2; }

}  // namespace

CycleTable read_cycles(const std::string& path) {
  if (!std::filesystem::exists(path)) return {};
  const std::vector<std::uint8_t> bytes = read_file(path);
  try {
    return nlohmann::json::parse(bytes.begin(), bytes.end()).get<CycleTable>();
  } catch (const nlohmann::json::exception& error) {
    throw Error(fmt::format("{}: expected an object of lists of numbers: {}", path, error.what()));
  }
}

void write_cycles(const std::string& path, const CycleTable& table) {
  std::string text = "{";
  for (const auto& [name, layers] : table) {
    text += fmt::format("{}\n \"{}\": {}", text.size() > 1 ? "," : "", name,
                        nlohmann::json(layers).dump());
  }
  text += "\n}\n";
  write_file(path, text);
}

std::vector<std::string> compare_cycles(const std::string& name,
                                        const std::vector<std::uint64_t>& kept,
                                        const std::vector<std::uint64_t>& now) {
  if (kept.size() != now.size()) {
    return {fmt::format("{}: {} layers, the kept counts have {}", name, now.size(), kept.size())};
  }
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (grew(kept[i], now[i])) {
      lines.push_back(
          fmt::format("{}: layer {} takes {} cycles, {} before", name, i, now[i], kept[i]));
    }
  }
  if (grew(total(kept), total(now))) {
    lines.push_back(fmt::format("{}: {} cycles, {} before", name, total(now), total(kept)));
  } else if (total(now) < total(kept)) {
    lines.push_back(fmt::format("{}: {} cycles, better than the {} before: update the kept counts",
                                name, total(now), total(kept)));
  }
  return lines;
}

}  // namespace kpu::bench
