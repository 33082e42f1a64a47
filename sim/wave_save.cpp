// SPDX-License-Identifier: Apache-2.0
#include "sim/wave_save.h"

#include <fmt/format.h>
#include <gtkwave/fstapi.h>

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "golden/error.h"
#include "sim/image_io.h"

namespace kpu::sim {
namespace {

/// A unit of the design with the signals worth a first look.
struct Unit {
  std::string path;  ///< "kpu_top.kpu_top.u_core"
  std::vector<std::string> lines;
};

/// Flags of a trace in a GTKWave save file.
constexpr const char* kBit = "@28";
constexpr const char* kVector = "@22";
constexpr const char* kEnumeration = "@100000028";
constexpr const char* kGroupBegin = "@800200";
constexpr const char* kGroupEnd = "@1000200";

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

/// Whether a scope is an instance of a module of its own; the 64 equal ones in a generate loop are
/// too many to list.
bool is_unit(std::string_view path, std::string_view name) {
  return (name.starts_with("u_") || name == "kpu_top") && !contains(path, "[");
}

/// All units of the file in the order of the hierarchy, with their signals.
std::vector<Unit> read_units(const std::string& fst_path) {
  const std::unique_ptr<void, void (*)(void*)> reader(fstReaderOpen(fst_path.c_str()),
                                                      fstReaderClose);
  if (!reader) throw Error(fmt::format("{}: cannot be read as FST", fst_path));
  std::vector<Unit> units;
  std::vector<std::size_t> open_units;  // of each open scope; none: not a unit
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::string path;
  std::vector<std::size_t> lengths;
  while (const fstHier* entry = fstReaderIterateHier(reader.get())) {
    if (entry->htyp == FST_HT_SCOPE) {
      const std::string_view name = entry->u.scope.name;
      lengths.push_back(path.size());
      path += (path.empty() ? "" : ".") + std::string(name);
      const bool listed = is_unit(path, name);
      open_units.push_back(listed ? units.size() : kNone);
      if (listed) units.push_back({path, {}});
    } else if (entry->htyp == FST_HT_UPSCOPE && !open_units.empty()) {
      path.resize(lengths.back());
      lengths.pop_back();
      open_units.pop_back();
    } else if (entry->htyp == FST_HT_VAR && !open_units.empty() && open_units.back() != kNone) {
      // The name of a vector ends with its range: "addr [7:0]".
      const std::string full = entry->u.var.name;
      const std::string name = full.substr(0, full.find(' '));
      const std::string range = full.size() > name.size() ? full.substr(name.size() + 1) : "";
      if (!is_state(name) && !is_handshake(name) && !is_common(name)) continue;
      Unit& unit = units[open_units.back()];
      const char* flags = is_state(name) ? kEnumeration : entry->u.var.length == 1 ? kBit : kVector;
      unit.lines.push_back(fmt::format("{}\n{}.{}{}\n", flags, unit.path, name, range));
    }
  }
  return units;
}

}  // namespace

void save_wave_view(const std::string& fst_path) {
  std::string text = fmt::format("[dumpfile] \"{}\"\n[timestart] 0\n",
                                 std::filesystem::absolute(fst_path).string());
  for (const Unit& unit : read_units(fst_path)) {
    if (unit.lines.empty()) continue;
    text += fmt::format("{}\n-{}\n", kGroupBegin, unit.path);
    for (const std::string& line : unit.lines) text += line;
    text += fmt::format("{}\n-{}\n", kGroupEnd, unit.path);
  }
  const std::string save_path = std::filesystem::path(fst_path).replace_extension("gtkw").string();
  write_file(save_path, text.data(), text.size());
}

}  // namespace kpu::sim
