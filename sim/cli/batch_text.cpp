// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/batch_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include "sim/text/layer_text.h"
#include "sim/text/text_table.h"

namespace kpu::sim {
namespace {

using Align = TextTable::Align;

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string checksums(const BatchRow& row) {
  std::string text;
  for (std::uint64_t sum : row.outputs) {
    text += fmt::format("{}{:016x}", text.empty() ? "" : " ", sum);
  }
  return text;
}

/// Time on the golden model, or on what it is compared with: the RTL or a board.
std::string milliseconds(const BatchRow& row, bool golden) {
  for (const auto& [engine, seconds] : row.wall_seconds) {
    if ((engine == "golden") == golden) return fmt::format("{:.3f}", seconds * 1e3);
  }
  return {};
}

/// What was found in an input, for a table.
std::string found_text(const BatchRow& row) {
  if (row.objects) return fmt::format("{} objects", *row.objects);
  return row.top_class.empty() ? ""
                               : fmt::format("{} {:.1f} %", row.top_class, 100 * row.probability);
}

std::string note(const BatchRow& row) { return row.error.empty() ? row.difference : row.error; }

bool is_bad(const BatchRow& row) { return !row.error.empty() || row.verdict == Verdict::kMismatch; }

/// Least, mean and most of an engine's time.
std::string timing_text(std::span<const BatchRow> rows, const std::string& engine) {
  double least = std::numeric_limits<double>::infinity();
  double most = 0;
  double sum = 0;
  std::size_t count = 0;
  for (const BatchRow& row : rows) {
    const auto found = row.wall_seconds.find(engine);
    if (found == row.wall_seconds.end()) continue;
    least = std::min(least, found->second);
    most = std::max(most, found->second);
    sum += found->second;
    ++count;
  }
  if (count == 0) return {};
  const auto mean = sum / static_cast<double>(count);
  return fmt::format("{}: {:.2f} s, {:.2f} ms an input ({:.2f} to {:.2f}), {:.1f} inputs/s\n",
                     engine, sum, mean * 1e3, least * 1e3, most * 1e3, 1 / mean);
}

std::string cycles_text(std::span<const BatchRow> rows, double clock_hz) {
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t most = 0;
  for (const BatchRow& row : rows) {
    if (!row.cycles) continue;
    least = std::min(least, *row.cycles);
    most = std::max(most, *row.cycles);
  }
  if (most == 0) return {};
  return fmt::format("cycles an input: {} to {}, at most {:.2f} ms at {:g} MHz\n", grouped(least),
                     grouped(most), static_cast<double>(most) / clock_hz * 1e3, clock_hz / 1e6);
}

/// The most frequent classes, or how many objects there are.
std::string found_summary(std::span<const BatchRow> rows) {
  constexpr std::size_t kShown = 10;
  std::map<std::string, std::size_t> classes;
  std::size_t objects = 0;
  bool detector = false;
  for (const BatchRow& row : rows) {
    if (!row.top_class.empty()) ++classes[row.top_class];
    detector = detector || row.objects.has_value();
    objects += row.objects.value_or(0);
  }
  if (detector) return fmt::format("{} objects found\n", objects);
  if (classes.empty()) return {};
  std::vector<std::pair<std::string, std::size_t>> ranked(classes.begin(), classes.end());
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text = "top class:";
  for (std::size_t i = 0; i < std::min(kShown, ranked.size()); ++i) {
    text += fmt::format(" {} {}x,", ranked[i].first, ranked[i].second);
  }
  text.back() = '\n';
  return text;
}

}  // namespace

std::string csv_header() {
  return "input,verdict,outputs,top_class,probability,objects,boxes,golden_ms,hardware_ms,cycles,"
         "note,energy_uj\n";
}

std::string csv_line(const BatchRow& row) {
  const std::array<std::string, 12> cells = {
      row.input,
      row.state(),
      checksums(row),
      row.top_class,
      row.top_class.empty() ? "" : fmt::format("{:.6f}", row.probability),
      row.objects ? fmt::format("{}", *row.objects) : "",
      row.boxes,
      milliseconds(row, true),
      milliseconds(row, false),
      row.cycles ? fmt::format("{}", *row.cycles) : "",
      note(row),
      row.energy_uj ? fmt::format("{:.3f}", *row.energy_uj) : ""};
  std::string line;
  for (const std::string& cell : cells) line += (&cell == cells.data() ? "" : ",") + csv_cell(cell);
  return line + "\n";
}

std::string batch_table(std::span<const BatchRow> rows, bool only_bad) {
  TextTable table({{"input", Align::kLeft},
                   {"verdict", Align::kLeft},
                   {"outputs", Align::kLeft},
                   {"found", Align::kLeft},
                   {"golden ms"},
                   {"hardware ms"},
                   {"cycles"},
                   {"note", Align::kLeft}});
  bool empty = true;
  for (const BatchRow& row : rows) {
    if (only_bad && !is_bad(row)) continue;
    empty = false;
    table.add_row({row.input, row.state(), checksums(row), found_text(row), milliseconds(row, true),
                   milliseconds(row, false), row.cycles ? grouped(*row.cycles) : "", note(row)});
  }
  return empty ? "" : table.str() + "\n";
}

std::string batch_summary(std::span<const BatchRow> rows, double clock_hz) {
  std::map<std::string, std::size_t> states;
  for (const BatchRow& row : rows) ++states[row.state()];
  std::string text = fmt::format("{} inputs:", rows.size());
  for (const auto& [state, count] : states) text += fmt::format(" {} {},", count, state);
  text.back() = '\n';
  text += found_summary(rows);
  for (const char* engine : {"golden", "rtl", "board"}) text += timing_text(rows, engine);
  return text + cycles_text(rows, clock_hz);
}

}  // namespace kpu::sim
