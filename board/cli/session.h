// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "board/debug/gdb_server.h"
#include "board/devices/accelerator.h"
#include "board/devices/picture.h"
#include "board/machine/machine.h"
#include "board/machine/repl.h"

namespace kpu::board {

/// What the command line asks for.
struct SessionOptions {
  std::string firmware;
  std::vector<std::string> flash;  ///< ADDRESS=FILE
  std::string camera;              ///< a picture, or a folder of them
  std::string lcd;                 ///< PNG of the panel at the end
  std::string lcd_frames;          ///< folder of PNGs
  std::string serial;              ///< text of all ports
  std::string repl;                ///< script to type
  std::string trace;               ///< file of register accesses
  std::uint64_t trace_from = 0;    ///< cycle of the first instruction in it
  std::uint64_t trace_count = 0;   ///< instructions in it
  std::string gdb;                 ///< port or Unix socket for a debugger
  std::string save_flash;          ///< the flash at the end
  std::string sensor = "ov2640";   ///< on I2C
  std::optional<unsigned> lcd_pin;
  std::uint64_t limit = 4000;  ///< million cycles
  std::uint64_t frames = 0;    ///< pictures on the panel after which to end, or 0
  bool interactive = false;
  bool strict = false;
  bool layers = false;
  bool quiet = false;
  bool digest = false;  ///< print checksums of what the run showed
};

/// One run of the board from the command line.
class Session {
 public:
  /// Loads everything. Throws Error for files that cannot be read or do not fit.
  Session(const SessionOptions& options, const MakeAccelerator& accelerator);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Runs to the end and writes what was asked for; the exit code: 0, or 3 if the firmware was lost
  /// or an unknown register ended it. Throws Error for files that cannot be written.
  int run();

 private:
  /// A board with an empty flash, connected to what the user gave.
  void power_on();
  /// A new board with the flash of the old one, whose program is started.
  void reboot();
  void load_flash_files();
  void load_pictures();
  const Picture& next_picture();
  void printed(char character);
  void show(const Picture& picture);
  void save_panel(const std::string& path, const Picture& picture) const;
  void open_trace();
  /// Takes what was typed at the terminal; false at its end, or after Ctrl-].
  bool poll_terminal();
  void report(End end);
  void print_digest(const Picture& panel) const;

  const SessionOptions& options_;
  const MakeAccelerator& accelerator_;
  std::unique_ptr<Machine> machine_;
  std::vector<Picture> pictures_;
  std::size_t next_picture_ = 0;
  std::string serial_;
  std::optional<Repl> repl_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> trace_{nullptr, std::fclose};
  std::optional<GdbServer> debugger_;
  std::uint64_t shown_ = 0;
  unsigned resets_ = 0;
  std::uint64_t spent_ = 0;      ///< cycles of the boards before this one
  std::optional<Picture> last_;  ///< the picture that ended the run
  std::vector<LayerReport> layers_;
};

}  // namespace kpu::board
