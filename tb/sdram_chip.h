// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "tb/random.h"

namespace kpu::tb {

/// Distances between commands that a chip asks for, in cycles of its clock.
struct SdramTiming {
  unsigned trcd;   ///< row opened to column
  unsigned trp;    ///< row closed to opened, refresh, mode
  unsigned tras;   ///< row opened to closed
  unsigned trc;    ///< row opened to opened in the same bank
  unsigned trrd;   ///< row opened to opened in another bank
  unsigned trfc;   ///< refresh to anything
  unsigned twr;    ///< column written to row closed
  unsigned tmrd;   ///< mode set to anything
  unsigned power;  ///< rest before the first command
  double refresh;  ///< between refreshes, on average
};

/// What MT48LC16M16A2, W9825G6KH and IS42S16160 in their slower grades all can, at `mhz`
/// (docs/board-sdram.md).
SdramTiming sdram_timing(double mhz);

/// The chip's pins but for its clock, CKE, which is high, and CS#, which is low.
struct SdramPins {
  bool rasn, casn, wen;
  std::uint8_t bank;      ///< 0..3
  std::uint16_t address;  ///< 13 bits
  std::uint8_t mask;      ///< DQM: a bit for each byte that is not meant
  bool driven;            ///< the controller drives the data pins
  std::uint16_t data;     ///< with this
};

/// A 16-bit SDR SDRAM chip of 4 banks of 8,192 rows of 512 columns, used with bursts of length 1
/// and CAS latency 2, that looks at what it is told: every command must be legal in the state of
/// its bank and far enough from those before, refreshes come often enough, nobody drives against
/// it. What was never written is random, and so is the bus when nobody drives it.
class SdramChip {
 public:
  explicit SdramChip(const SdramTiming& timing, std::uint64_t seed = 1);

  /// A rising edge of the chip's clock. Throws HardwareFault, with the cycle, on whatever is
  /// against the rules.
  void edge(const SdramPins& pins);
  /// The data pins from this edge to the next one: what was read, or anything.
  std::uint16_t data() const { return data_; }
  /// The controller has been reset and will set the chip up again; what is in it stays.
  void restart();

  std::uint8_t peek(std::uint32_t address) const;
  void poke(std::uint32_t address, std::uint8_t value);

  /// Bytes read that nobody had written.
  std::uint64_t unwritten() const { return unwritten_; }
  std::uint64_t refreshes() const { return refreshes_; }
  std::uint64_t rows_opened() const { return rows_opened_; }

 private:
  static constexpr std::int64_t kLongAgo = -1'000'000'000;

  struct Bank {
    bool open = false;
    std::uint16_t row = 0;
    std::int64_t opened = kLongAgo;
    std::int64_t closed = kLongAgo;
    std::int64_t written = kLongAgo;
  };
  struct Row {
    std::array<std::uint16_t, 512> data;
    std::array<std::uint8_t, 512> written;  ///< a bit for each byte
  };

  [[noreturn]] void fault(const char* command, const std::string& what) const;
  /// Since `past` at least `distance` cycles must have gone by.
  void require(const char* command, std::int64_t past, unsigned distance, const char* name) const;
  void require_all_closed(const char* command) const;
  void set_mode(const SdramPins& pins);
  void refresh();
  void open_row(const SdramPins& pins);
  void close_rows(const SdramPins& pins);
  void column(const SdramPins& pins);
  /// Row of a bank, or one that does not lie in the chip until it is written.
  Row& row(unsigned bank, unsigned row);

  SdramTiming timing_;
  Random random_;
  std::int64_t cycle_ = 0;
  std::int64_t begin_ = 0;  ///< of power, or of the controller
  std::int64_t mode_at_ = kLongAgo;
  std::int64_t refresh_at_ = kLongAgo;
  std::int64_t opened_at_ = kLongAgo;
  bool mode_set_ = false;
  unsigned early_refreshes_ = 0;  ///< before the mode is set
  double owed_ = 0;               ///< refreshes
  std::array<Bank, 4> banks_;
  std::unordered_map<std::uint32_t, Row> rows_;
  bool driving_ = false;
  std::uint16_t data_ = 0;
  bool next_driving_ = false;  ///< from the next edge on
  std::uint16_t next_data_ = 0;
  std::uint64_t unwritten_ = 0;
  std::uint64_t refreshes_ = 0;
  std::uint64_t rows_opened_ = 0;
};

}  // namespace kpu::tb
