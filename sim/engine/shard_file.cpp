// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/shard_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "common/error.h"
#include "common/files.h"
#include "common/fnv1a.h"
#include "common/version.h"
#include "golden/kpu/kpu_backend.h"
#include "sim/model/configuration.h"

namespace kpu::sim {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "openkpu shard 1";

std::string hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

std::vector<std::uint8_t> from_hex(const std::string& text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    throw Error(fmt::format("output: '{}': expected a hexadecimal digit", c));
  };
  if (text.size() % 2 != 0) throw Error("output: expected two digits for each byte");
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(16 * digit(text[i]) + digit(text[i + 1])));
  }
  return bytes;
}

Json job_json(const golden::KpuJobResult& result, const CapturedJob& job) {
  Json json = {{"counters", result.counters},
               {"conv_overflow", result.range.conv_count},
               {"norm_overflow", result.range.norm_count},
               {"output", nullptr}};
  if (result.output != job.output) json["output"] = hex(result.output);
  return json;
}

golden::KpuJobResult job_from(const Json& json, const CapturedJob& job) {
  golden::KpuJobResult result;
  json.at("counters").get_to(result.counters);
  json.at("conv_overflow").get_to(result.range.conv_count);
  json.at("norm_overflow").get_to(result.range.norm_count);
  const Json& output = json.at("output");
  result.output = output.is_null() ? job.output : from_hex(output.get<std::string>());
  if (result.output.size() != job.output.size()) {
    throw Error(
        fmt::format("output of {} bytes, expected {}", result.output.size(), job.output.size()));
  }
  return result;
}

Json unit_json(std::size_t index, const UnitResult& result, std::span<const CapturedJob> jobs) {
  Json json = {{"unit", index}, {"jobs", Json::array()}, {"traffic", Json::object()}};
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    json["jobs"].push_back(job_json(result.jobs[i], jobs[i]));
  }
  for (const auto& [master, traffic] : result.traffic) {
    json["traffic"][master] = {traffic.read_bytes, traffic.written_bytes};
  }
  return json;
}

UnitResult unit_from(const Json& json, std::span<const CapturedJob> jobs) {
  const Json& list = json.at("jobs");
  if (list.size() != jobs.size()) {
    throw Error(fmt::format("{} jobs in a unit, expected {}", list.size(), jobs.size()));
  }
  UnitResult result;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    result.jobs.push_back(job_from(list.at(i), jobs[i]));
  }
  for (const auto& [master, bytes] : json.at("traffic").items()) {
    result.traffic[master] = {bytes.at(0).get<std::uint64_t>(), bytes.at(1).get<std::uint64_t>()};
  }
  return result;
}

std::span<const CapturedJob> jobs_of(std::span<const CapturedJob> jobs, const JobUnit& unit) {
  return jobs.subspan(unit.first, unit.count);
}

Shard parse(const std::vector<std::uint8_t>& bytes, const std::string& run,
            std::span<const CapturedJob> jobs, std::span<const JobUnit> units) {
  const Json json = Json::parse(bytes.begin(), bytes.end());
  if (json.at("format") != kFormat) throw Error(fmt::format("expected \"{}\"", kFormat));
  Shard shard;
  json.at("run").get_to(shard.run);
  if (shard.run != run) {
    throw Error(
        "results of another run: expected the same network, input, options, RTL and version");
  }
  json.at("share").get_to(shard.share);
  json.at("shares").get_to(shard.shares);
  for (const Json& unit : json.at("units")) {
    const auto index = unit.at("unit").get<std::size_t>();
    if (index >= units.size()) throw Error(fmt::format("unit {}: expected less", index));
    shard.units[index] = unit_from(unit, jobs_of(jobs, units[index]));
  }
  return shard;
}

Shard load(const std::string& path, const std::string& run, std::span<const CapturedJob> jobs,
           std::span<const JobUnit> units) {
  const std::vector<std::uint8_t> bytes = read_file(path);
  try {
    return parse(bytes, run, jobs, units);
  } catch (const Json::exception&) {
    throw Error(fmt::format("{}: no file of kpu run --shard, or a damaged one", path));
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", path, error.what()));
  }
}

}  // namespace

std::string run_identity(std::span<const CapturedJob> jobs, const tb::MemoryTiming& memory) {
  std::string text =
      fmt::format("{} {} {} {} {} {} {} {}", version(), memory.read_latency, memory.write_latency,
                  memory.bandwidth_percent, memory.max_outstanding, memory.stall_percent,
                  memory.early_beats, memory.seed);
  for (const ConfigurationParameter& parameter : configuration_parameters()) {
    text += fmt::format(" {}={}", parameter.name, built_configuration().*parameter.member);
  }
  for (const CapturedJob& job : jobs) {
    text += fmt::format(" {}.{}{}{}:{:x}", job.layer, job.batch, job.eight_bit ? "" : "w",
                        job.to_main_memory ? "s" : "", fmt::join(job.words, "."));
    for (const auto* bytes : {&job.input, &job.weights, &job.batch_norm, &job.act}) {
      text += fmt::format(":{:x}", fnv1a64(*bytes));
    }
  }
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  return fmt::format("{:016x}", fnv1a64(bytes));
}

void save_shard(const std::string& path, const Shard& shard, std::span<const CapturedJob> jobs,
                std::span<const JobUnit> units) {
  Json json = {{"format", kFormat},
               {"run", shard.run},
               {"share", shard.share},
               {"shares", shard.shares},
               {"units", Json::array()}};
  for (const auto& [index, result] : shard.units) {
    json["units"].push_back(unit_json(index, result, jobs_of(jobs, units[index])));
  }
  write_file(path, json.dump(1) + "\n");
}

std::vector<UnitResult> merge_shards(const std::vector<std::string>& paths, const std::string& run,
                                     std::span<const CapturedJob> jobs,
                                     std::span<const JobUnit> units) {
  std::vector<std::optional<UnitResult>> found(units.size());
  std::set<std::size_t> shares_found;
  std::size_t shares = 0;
  for (const std::string& path : paths) {
    Shard shard = load(path, run, jobs, units);
    if (shares == 0) shares = shard.shares;
    if (shard.shares != shares) {
      throw Error(
          fmt::format("{}: one of {} shares, expected one of {}", path, shard.shares, shares));
    }
    if (!shares_found.insert(shard.share).second) {
      throw Error(fmt::format("{}: share {} is there twice, expected once", path, shard.share + 1));
    }
    for (auto& [index, result] : shard.units) found[index] = std::move(result);
  }
  std::vector<UnitResult> results;
  for (std::optional<UnitResult>& result : found) {
    if (!result) {
      throw Error(
          fmt::format("--merge: {} of {} shares: expected all", shares_found.size(), shares));
    }
    results.push_back(std::move(*result));
  }
  return results;
}

}  // namespace kpu::sim
