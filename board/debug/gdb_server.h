// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "board/debug/gdb_connection.h"
#include "board/machine/machine.h"

namespace kpu::board {

/// A server of GDB's remote serial protocol for the board: both harts as threads 1 and 2 that run
/// and stop together, registers, memory, breakpoints, steps of one hart, interruption.
class GdbServer {
 public:
  /// Listens; `where` as in GdbConnection.
  explicit GdbServer(const std::string& where) : connection_(where) {}

  /// Serves a debugger, waiting for one first where there is none, until the machine has come to an
  /// end that is not the debugger's doing, `limit` cycles have passed, or the debugger has left;
  /// then the machine runs on without. With a machine that software has reset it goes on as it was.
  End serve(Machine& machine, std::uint64_t limit);

 private:
  std::string answer(const std::string& packet);
  std::string query(std::string_view packet);
  std::string read_registers() const;
  std::string write_registers(std::string_view digits);
  std::string read_memory(std::string_view arguments);
  std::string write_memory(std::string_view arguments);
  std::string set_breakpoint(const std::string& packet);
  std::string resume(const std::string& packet);
  std::string select_thread(std::string_view packet);

  std::uint64_t get_register(unsigned number) const;
  bool set_register(unsigned number, std::uint64_t value);

  /// Lets both harts run; comes back with why they stopped.
  End run();
  std::string stop_reply(int signal) const;
  static int signal_of(End end);

  GdbConnection connection_;
  Machine* machine_ = nullptr;
  std::uint64_t last_ = 0;  ///< time at which the run ends
  unsigned selected_ = 0;   ///< hart whose registers are meant
  unsigned stopped_ = 0;    ///< hart that the last stop is reported for
  std::set<std::uint64_t> breakpoints_;
  bool running_ = false;  ///< the debugger waits for a stop
  bool left_ = false;
  End end_ = End::Limit;
  bool over_ = false;  ///< end_ is not to be told the debugger as a stop
};

}  // namespace kpu::board
