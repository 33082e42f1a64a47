// SPDX-License-Identifier: Apache-2.0
#include "board/debug/gdb_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <span>
#include <system_error>
#include <vector>

#include "board/cpu/ram.h"
#include "board/debug/gdb_registers.h"

namespace kpu::board {
namespace {

constexpr unsigned kHarts = 2;
constexpr const char* kOk = "OK";
constexpr const char* kBad = "E01";
/// Signals as GDB numbers them.
enum Signal : int { kSigint = 2, kSigtrap = 5, kSigsegv = 11 };
/// Cycles between two looks at the debugger while the board runs.
constexpr std::uint64_t kPollPeriod = 200'000;
/// Bytes that a packet may hold.
constexpr std::size_t kPacketBytes = 0x4000;

/// A number in hexadecimal, which goes to the end of the text or up to `end`; what was read is
/// removed from the text.
std::optional<std::uint64_t> take_number(std::string_view& text, char end = '\0') {
  std::uint64_t value = 0;
  const auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc()) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(next - text.data()));
  if (end != '\0') {
    if (text.empty() || text.front() != end) {
      return std::nullopt;
    }
    text.remove_prefix(1);
  }
  return value;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += fmt::format("{:02x}", byte);
  }
  return text;
}

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text) {
  std::vector<std::uint8_t> bytes(text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char* const at = text.data() + 2 * i;
    const auto [next, error] = std::from_chars(at, at + 2, bytes[i], 16);
    if (error != std::errc() || next != at + 2) {
      return std::nullopt;
    }
  }
  return text.size() % 2 == 0 ? std::optional(bytes) : std::nullopt;
}

std::string number_to_hex(std::uint64_t value, unsigned count) {
  return to_hex(std::span(reinterpret_cast<const std::uint8_t*>(&value), count));
}

/// Numbers are little endian, as the host's are (board/cpu/ram.cpp).
std::uint64_t hex_to_number(std::span<const std::uint8_t> bytes) {
  std::uint64_t value = 0;
  std::copy_n(bytes.begin(), std::min<std::size_t>(bytes.size(), 8),
              reinterpret_cast<std::uint8_t*>(&value));
  return value;
}

}  // namespace

// ---- The run
// --------------------------------------------------------------------------------------

End GdbServer::serve(Machine& machine, std::uint64_t limit) {
  machine_ = &machine;
  last_ = machine.now() + limit;
  over_ = false;
  if (left_) {
    return machine.run(limit);
  }
  if (!connection_.connected()) {
    connection_.accept();
  }
  machine.set_breakpoints(breakpoints_);
  if (running_) {
    const std::string text = resume("c");
    if (!over_) {
      connection_.send(text);
    }
  }
  while (!over_) {
    const std::optional<std::string> packet = connection_.receive();
    left_ = left_ || !packet;
    if (packet && *packet != "\x03") {
      const std::string text = answer(*packet);
      if (!over_) {
        connection_.send(text);
      }
    }
    if (left_ && !over_) {
      connection_.close();
      machine.set_breakpoints({});
      return machine.run(last_ - std::min(last_, machine.now()));
    }
  }
  return end_;
}

End GdbServer::run() {
  while (true) {
    const std::uint64_t left = last_ - std::min(last_, machine_->now());
    const End end = machine_->run(std::min(left, kPollPeriod));
    if (end != End::Limit) {
      return end;
    }
    if (machine_->now() >= last_) {
      return end;
    }
    if (connection_.has_input()) {
      const std::optional<std::string> packet = connection_.receive();
      if (!packet || *packet == "\x03") {
        return End::Limit;
      }
    }
  }
}

std::string GdbServer::resume(const std::string& packet) {
  running_ = true;
  End end = End::Limit;
  const bool steps = packet[0] == 's';
  if (steps) {
    end = machine_->step(selected_);
    stopped_ = selected_;
  } else {
    end = run();
    stopped_ = end == End::Break || end == End::Lost ? machine_->stopped_hart() : stopped_;
  }
  const bool is_last = machine_->now() >= last_;
  // A reset goes on with a new machine, other ends are the program's; those that the debugger may
  // want to look at are stops.
  if (end == End::Reset || end == End::Asked || end == End::Unknown || is_last) {
    end_ = is_last && end != End::Reset ? End::Limit : end;
    over_ = true;
    if (end != End::Reset) {
      connection_.send("W00");
      connection_.close();
      left_ = true;
    }
    return {};
  }
  running_ = false;
  selected_ = stopped_;
  return stop_reply(steps && end == End::Limit ? kSigtrap : signal_of(end));
}

int GdbServer::signal_of(End end) {
  return end == End::Break ? kSigtrap : end == End::Lost ? kSigsegv : kSigint;
}

std::string GdbServer::stop_reply(int signal) const {
  return fmt::format("T{:02x}thread:{};", signal, stopped_ + 1);
}

// ---- Packets
// --------------------------------------------------------------------------------------

std::string GdbServer::answer(const std::string& packet) {
  const std::string_view rest = std::string_view(packet).substr(packet.empty() ? 0 : 1);
  switch (packet.empty() ? '\0' : packet[0]) {
    case '?':
      return stop_reply(kSigtrap);
    case 'g':
      return read_registers();
    case 'G':
      return write_registers(rest);
    case 'p': {
      std::string_view text = rest;
      const std::optional<std::uint64_t> number = take_number(text);
      return number && *number < kGdbRegisters
                 ? number_to_hex(get_register(static_cast<unsigned>(*number)),
                                 gdb_register_bytes(static_cast<unsigned>(*number)))
                 : kBad;
    }
    case 'P': {
      std::string_view text = rest;
      const std::optional<std::uint64_t> number = take_number(text, '=');
      const auto bytes = from_hex(text);
      return number && bytes && set_register(static_cast<unsigned>(*number), hex_to_number(*bytes))
                 ? kOk
                 : kBad;
    }
    case 'm':
      return read_memory(rest);
    case 'M':
      return write_memory(rest);
    case 'Z':
    case 'z':
      return set_breakpoint(packet);
    case 'c':
    case 's':
      if (std::string_view text = rest; const auto pc = take_number(text)) {
        machine_->hart(selected_).state().pc = *pc;
      }
      return resume(packet);
    case 'v':
      if (packet == "vCont?") {
        return "vCont;c;C;s;S";
      }
      if (packet.rfind("vCont;", 0) == 0) {
        // One hart steps, or all run.
        const std::size_t step = packet.find(";s");
        if (const std::size_t colon = packet.find(':', step);
            step != std::string::npos && colon != std::string::npos) {
          select_thread(std::string_view(packet).substr(colon + 1));
        }
        return resume(step == std::string::npos ? "c" : "s");
      }
      return {};
    case 'H':
      return select_thread(rest.substr(rest.empty() ? 0 : 1));
    case 'T': {
      std::string_view text = rest;
      const std::optional<std::uint64_t> thread = take_number(text);
      return thread && *thread >= 1 && *thread <= kHarts ? kOk : kBad;
    }
    case 'q':
    case 'Q':
      return query(packet);
    case 'D':
      left_ = true;
      return kOk;
    case 'k':
      end_ = End::Asked;
      over_ = left_ = true;
      return {};
    default:
      return {};
  }
}

std::string GdbServer::query(std::string_view packet) {
  const auto is = [packet](std::string_view name) { return packet.substr(0, name.size()) == name; };
  if (is("qSupported")) {
    return fmt::format(
        "PacketSize={:x};qXfer:features:read+;QStartNoAckMode+;swbreak-;vContSupported+",
        kPacketBytes);
  }
  if (is("QStartNoAckMode")) {
    connection_.stop_acknowledging();
    return kOk;
  }
  if (is("qXfer:features:read:target.xml:")) {
    std::string_view text = packet.substr(packet.rfind(':') + 1);
    const std::optional<std::uint64_t> from = take_number(text, ',');
    const std::optional<std::uint64_t> count = take_number(text);
    const std::string xml = gdb_target_description();
    if (!from || !count || *from > xml.size()) {
      return kBad;
    }
    const std::string part = xml.substr(*from, *count);
    return (*from + part.size() == xml.size() ? "l" : "m") + part;
  }
  if (is("qC")) {
    return fmt::format("QC{}", selected_ + 1);
  }
  if (is("qfThreadInfo")) {
    return "m1,2";
  }
  if (is("qsThreadInfo")) {
    return "l";
  }
  if (is("qThreadExtraInfo,")) {
    std::string_view text = packet.substr(packet.find(',') + 1);
    const std::string name = fmt::format("hart {}", take_number(text).value_or(1) - 1);
    return to_hex(std::span(reinterpret_cast<const std::uint8_t*>(name.data()), name.size()));
  }
  if (is("qAttached")) {
    return "1";
  }
  if (is("qSymbol::")) {
    return kOk;
  }
  return {};
}

std::string GdbServer::select_thread(std::string_view text) {
  if (!text.empty() && text.front() == '-') {
    return kOk;  // all of them
  }
  const std::optional<std::uint64_t> thread = take_number(text);
  if (!thread || *thread > kHarts) {
    return kBad;
  }
  selected_ = *thread == 0 ? selected_ : static_cast<unsigned>(*thread - 1);
  return kOk;
}

std::string GdbServer::set_breakpoint(const std::string& packet) {
  if (packet.size() < 3 || (packet[1] != '0' && packet[1] != '1') || packet[2] != ',') {
    return {};  // no watchpoints
  }
  std::string_view text = std::string_view(packet).substr(3);
  const std::optional<std::uint64_t> place = take_number(text, ',');
  if (!place) {
    return kBad;
  }
  if (packet[0] == 'Z') {
    breakpoints_.insert(*place);
  } else {
    breakpoints_.erase(*place);
  }
  machine_->set_breakpoints(breakpoints_);
  return kOk;
}

// ---- Registers and memory
// -------------------------------------------------------------------------

std::uint64_t GdbServer::get_register(unsigned number) const {
  const Hart& hart = machine_->hart(selected_);
  const HartState& state = hart.state();
  if (number < kGdbPc) {
    return state.x[number];
  }
  if (number >= kGdbF0 && number < kGdbFflags) {
    return state.f[number - kGdbF0];
  }
  switch (number) {
    case kGdbPc:
      return state.pc;
    case kGdbFflags:
      return state.fflags;
    case kGdbFrm:
      return state.frm;
    case kGdbFcsr:
      return state.frm << 5 | state.fflags;
    case kGdbMstatus:
      return state.mstatus;
    case kGdbMie:
      return state.mie;
    case kGdbMtvec:
      return state.mtvec;
    case kGdbMscratch:
      return state.mscratch;
    case kGdbMepc:
      return state.mepc;
    case kGdbMcause:
      return state.mcause;
    case kGdbMtval:
      return state.mtval;
    default:
      return hart.pending();
  }
}

bool GdbServer::set_register(unsigned number, std::uint64_t value) {
  HartState& state = machine_->hart(selected_).state();
  if (number == 0 || number >= kGdbFflags) {
    return number == 0;  // zero stays zero; control registers are only shown
  }
  if (number < kGdbPc) {
    state.x[number] = value;
  } else if (number == kGdbPc) {
    state.pc = value & ~std::uint64_t{1};
  } else {
    state.f[number - kGdbF0] = value;
  }
  return true;
}

std::string GdbServer::read_registers() const {
  std::string text;
  for (unsigned i = 0; i <= kGdbPc; ++i) {
    text += number_to_hex(get_register(i), gdb_register_bytes(i));
  }
  return text;
}

std::string GdbServer::write_registers(std::string_view digits) {
  const auto bytes = from_hex(digits);
  if (!bytes || bytes->size() < 8 * (kGdbPc + 1)) {
    return kBad;
  }
  for (unsigned i = 0; i <= kGdbPc; ++i) {
    set_register(i, hex_to_number(std::span(*bytes).subspan(8 * std::size_t{i}, 8)));
  }
  return kOk;
}

std::string GdbServer::read_memory(std::string_view arguments) {
  const std::optional<std::uint64_t> address = take_number(arguments, ',');
  const std::optional<std::uint64_t> count = take_number(arguments);
  if (!address || !count || *count == 0 || *count > kPacketBytes / 2) {
    return kBad;
  }
  std::vector<std::uint8_t> bytes(*count);
  if (const std::size_t at = Ram::offset(*address, *count); at != Ram::kNowhere) {
    machine_->ram().read(at, bytes);
    return to_hex(bytes);
  }
  // A register: read as software would, with its effects.
  std::uint64_t value = 0;
  const bool whole = *count <= 8 && (*count & (*count - 1)) == 0 && *address % *count == 0;
  return whole && machine_->load(*address, static_cast<unsigned>(*count), value)
             ? number_to_hex(value, static_cast<unsigned>(*count))
             : kBad;
}

std::string GdbServer::write_memory(std::string_view arguments) {
  const std::optional<std::uint64_t> address = take_number(arguments, ',');
  const std::optional<std::uint64_t> count = take_number(arguments, ':');
  const auto bytes = from_hex(arguments);
  if (!address || !count || !bytes || bytes->size() != *count || *count == 0) {
    return kBad;
  }
  if (const std::size_t at = Ram::offset(*address, *count); at != Ram::kNowhere) {
    machine_->ram().write(at, *bytes);
    return kOk;
  }
  const bool whole = *count <= 8 && (*count & (*count - 1)) == 0 && *address % *count == 0;
  return whole && machine_->store(*address, static_cast<unsigned>(*count), hex_to_number(*bytes))
             ? kOk
             : kBad;
}

}  // namespace kpu::board
