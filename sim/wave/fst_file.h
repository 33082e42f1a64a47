// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kpu::sim {

class FstCursor;

/// One entry of an FST file's hierarchy.
struct FstEntry {
  enum class Kind { kScope, kUpscope, kSignal };
  Kind kind = Kind::kScope;
  std::string name;          ///< that of a vector may end with its range: "addr [7:0]"
  std::uint32_t bits = 0;    ///< of kSignal; 0 for real numbers and strings
  std::uint32_t signal = 0;  ///< of kSignal: which values it has, counted from 0
  bool alias = false;        ///< of kSignal: an earlier entry has the same values
};

/// A wave file in the format FST, as Verilator and Icarus write it: read here because newer
/// versions of Verilator bring a writer only.
///
/// Not read: files that are packed as a whole, and blocks packed with FastLZ, which neither writes.
class FstFile {
 public:
  /// Reads the file and its hierarchy. Throws Error with one line if that fails.
  explicit FstFile(const std::string& path);

  /// In the file's order; scopes and upscopes are nested properly.
  const std::vector<FstEntry>& hierarchy() const { return hierarchy_; }

  /// First and last time, in the file's own unit.
  std::uint64_t start_time() const { return start_time_; }
  std::uint64_t end_time() const { return end_time_; }

  /// A signal has a value, a character a bit ("01x..."), most significant bit first, from a time
  /// on.
  using OnChange =
      std::function<void(std::uint32_t signal, std::uint64_t time, std::string_view value)>;

  /// Tells every change of every signal that has bits. Those of one signal come in the order of
  /// time; those of different signals do not. Returns whether the file holds any values. Throws
  /// Error with one line at a damaged place.
  bool read_changes(const OnChange& on_change) const;

 private:
  struct Block {
    std::uint8_t kind;
    std::size_t begin;  ///< behind the length
    std::size_t size;
  };

  FstCursor open(const Block& block) const;
  void read_blocks();
  void read_hierarchy(const Block& block);
  void read_widths(const Block& block);

  std::string path_;
  std::vector<std::uint8_t> bytes_;
  std::vector<Block> values_;          ///< blocks of values
  std::vector<std::uint32_t> widths_;  ///< of each signal: bytes of its value in a frame
  std::vector<bool> has_bits_;         ///< of each signal: neither a real number nor a string
  std::vector<FstEntry> hierarchy_;
  std::uint64_t start_time_ = 0;
  std::uint64_t end_time_ = 0;
};

}  // namespace kpu::sim
