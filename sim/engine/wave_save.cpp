// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/wave_save.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "common/error.h"
#include "sim/vision/image_io.h"
#include "sim/wave/fst_file.h"

namespace kpu::sim {
namespace {

/// A unit of the design with the signals worth a first look, as lines of the save file.
struct Unit {
  std::string path;  ///< "kpu_soc.kpu_soc.u_kpu.u_core"
  std::string states;
  std::string handshakes;
};

/// What an FST file says about its signals.
struct Design {
  std::vector<Unit> units;  ///< in the order of the hierarchy
  std::uint64_t start = 0;  ///< first time in the file
};

/// Flags of a trace in a GTKWave save file.
constexpr const char* kBit = "@28";
constexpr const char* kVector = "@22";
constexpr const char* kEnumeration = "@100000028";
constexpr const char* kGroupBegin = "@800200";
constexpr const char* kGroupEnd = "@1000200";
constexpr const char* kClosedGroupBegin = "@c00200";
constexpr const char* kClosedGroupEnd = "@1401200";

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool is_state(std::string_view name) { return contains(name, "state_q"); }

bool is_handshake(std::string_view name) {
  return (contains(name, "valid") || contains(name, "ready")) &&
         (name.ends_with("_i") || name.ends_with("_o"));
}

bool is_common(std::string_view name) {
  return name == "clk_i" || name == "rst_ni" || name == "irq_o" || contains(name, "_done_o");
}

/// Whether a scope is an instance of a module; the 64 equal ones in a generate loop are too many to
/// list, and the outermost scope is the simulator's wrapper.
bool is_unit(std::string_view path, std::string_view name) {
  return name.starts_with("u_") ? !contains(path, "[") : path == "kpu_soc.kpu_soc";
}

/// Adds a variable to its unit if it is worth a look. The name of a vector ends with its range:
/// "addr [7:0]".
void add_signal(Unit& unit, const std::string& full, std::uint32_t bits) {
  const std::string name = full.substr(0, full.find(' '));
  const std::string range = full.size() > name.size() ? full.substr(name.size() + 1) : "";
  const std::string signal = fmt::format("{}.{}{}\n", unit.path, name, range);
  if (is_state(name)) {
    const std::string unit_name = unit.path.substr(unit.path.rfind('.') + 1);
    unit.states += fmt::format("{}\n+{{{}.{}}} {}", kEnumeration, unit_name, name, signal);
  } else if (is_handshake(name) || is_common(name)) {
    unit.handshakes += fmt::format("{}\n{}", bits == 1 ? kBit : kVector, signal);
  }
}

Design read_design(const std::string& fst_path) {
  const FstFile file(fst_path);
  Design design;
  design.start = file.start_time();
  struct Scope {
    std::string path;
    std::optional<std::size_t> unit;  ///< index in design.units
  };
  std::vector<Scope> open_scopes;
  for (const FstEntry& entry : file.hierarchy()) {
    if (entry.kind == FstEntry::Kind::kScope) {
      Scope scope{open_scopes.empty() ? entry.name : open_scopes.back().path + "." + entry.name,
                  {}};
      if (is_unit(scope.path, entry.name)) {
        scope.unit = design.units.size();
        design.units.push_back({scope.path, {}, {}});
      }
      open_scopes.push_back(std::move(scope));
    } else if (entry.kind == FstEntry::Kind::kUpscope) {
      open_scopes.pop_back();
    } else if (!open_scopes.empty() && open_scopes.back().unit) {
      add_signal(design.units[*open_scopes.back().unit], entry.name, entry.bits);
    }
  }
  return design;
}

}  // namespace

std::string wave_view_path(const std::string& fst_path) {
  return std::filesystem::path(fst_path).replace_extension("gtkw").string();
}

std::string wave_view(const std::string& fst_path, const std::string& shown_path) {
  const Design design = read_design(fst_path);
  std::string text = fmt::format(
      "[dumpfile] \"{}\"\n[timestart] {}\n[size] 1600 900\n*-6.0\n[sst_width] 220\n"
      "[signals_width] 420\n",
      std::filesystem::absolute(shown_path).string(), design.start);
  text += fmt::format("{}\n-states\n", kGroupBegin);
  for (const Unit& unit : design.units) text += unit.states;
  text += fmt::format("{}\n-states\n", kGroupEnd);
  for (const Unit& unit : design.units) {
    const std::string lines = unit.states + unit.handshakes;
    if (lines.empty()) continue;
    text += fmt::format("{0}\n-{1}\n{2}{3}\n-{1}\n", kClosedGroupBegin, unit.path, lines,
                        kClosedGroupEnd);
  }
  return text;
}

}  // namespace kpu::sim
