// SPDX-License-Identifier: Apache-2.0
#include "tests/fpga/simulated_board.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "Vkpu_ulx3s_bench.h"
#include "common/error.h"

namespace kpu::test {
namespace {

constexpr unsigned kClksPerBit = 8;  // as in CMakeLists.txt
constexpr unsigned kResetCycles = 300;

}  // namespace

SimulatedBoard::SimulatedBoard()
    : top_(std::make_unique<Vkpu_ulx3s_bench>()), memory_(tb::sdram_timing(25)) {
  top_->ftdi_txd = 1;
  // In the part, registers have their reset values from the start; here, from the first edge.
  for (const int clock : {0, 1}) {
    top_->clk_25mhz = static_cast<std::uint8_t>(clock);
    top_->eval();
  }
  press_reset();
}

SimulatedBoard::~SimulatedBoard() { top_->final(); }

void SimulatedBoard::press_reset() {
  top_->btn_fire1 = 1;
  for (int i = 0; i < 8; ++i) tick();
  memory_.restart();
  top_->btn_fire1 = 0;
  for (unsigned i = 0; i < kResetCycles; ++i) tick();
}

std::uint8_t SimulatedBoard::lights() const { return top_->led; }

void SimulatedBoard::send(const std::vector<std::uint8_t>& bytes) {
  to_send_.insert(to_send_.end(), bytes.begin(), bytes.end());
}

void SimulatedBoard::tick() {
  // Start bit, eight data bits, stop bit; the line rests high.
  if (send_left_ == 0 && !to_send_.empty()) {
    send_bits_ = 0x200u | to_send_.front() << 1;
    to_send_.pop_front();
    send_left_ = 10 * kClksPerBit;
  }
  if (send_left_ > 0) {
    top_->ftdi_txd = send_bits_ >> ((10 * kClksPerBit - send_left_) / kClksPerBit) & 1;
    --send_left_;
  }
  const bool memory_clock = top_->sdram_clk;
  top_->clk_25mhz = 0;
  top_->eval();
  if (!memory_clock && top_->sdram_clk) clock_memory();
  top_->clk_25mhz = 1;
  top_->eval();
  if (memory_broken_) memory_.poke(0, 0xFF);

  if (receive_left_ == 0) {
    if (top_->ftdi_rxd == 0) receive_left_ = 10 * kClksPerBit - 1;
    return;
  }
  --receive_left_;
  const unsigned passed = 10 * kClksPerBit - 1 - receive_left_;
  if (passed % kClksPerBit != kClksPerBit / 2) return;
  receive_bits_ = receive_bits_ >> 1 | static_cast<unsigned>(top_->ftdi_rxd) << 9;
  if (passed / kClksPerBit == 9) {
    received_.push_back(static_cast<std::uint8_t>(receive_bits_ >> 1));
    receive_left_ = 0;
  }
}

void SimulatedBoard::clock_memory() {
  if (!top_->sdram_cke || top_->sdram_csn) throw HardwareFault("SDRAM: CKE is low or CS# high");
  memory_.edge({.rasn = top_->sdram_rasn != 0,
                .casn = top_->sdram_casn != 0,
                .wen = top_->sdram_wen != 0,
                .bank = top_->sdram_ba,
                .address = top_->sdram_a,
                .mask = top_->sdram_dqm,
                .driven = top_->sdram_driven_o != 0,
                .data = top_->sdram_d_o});
  top_->sdram_d_i = memory_.data();
}

BoardAtPort::BoardAtPort() {
  terminal_ = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
  if (terminal_ < 0 || grantpt(terminal_) != 0 || unlockpt(terminal_) != 0) {
    throw Error("no pseudo-terminal");
  }
  termios raw{};
  tcgetattr(terminal_, &raw);
  cfmakeraw(&raw);
  tcsetattr(terminal_, TCSANOW, &raw);
  port_ = ptsname(terminal_);
  thread_ = std::thread([this] { serve(); });
}

BoardAtPort::~BoardAtPort() {
  stop_ = true;
  thread_.join();
  ::close(terminal_);
}

void BoardAtPort::serve() {
  SimulatedBoard board;
  std::array<std::uint8_t, 4096> buffer;
  while (!stop_) {
    const ssize_t n = ::read(terminal_, buffer.data(), buffer.size());
    if (n > 0) {
      if (disturb_request_.exchange(false)) buffer[0] ^= 0x10;
      board.send({buffer.begin(), buffer.begin() + n});
    }
    if (memory_broken_) board.break_memory();
    for (int i = 0; i < 256; ++i) board.tick();
    while (!board.received().empty()) {
      std::uint8_t byte = board.received().front();
      board.received().pop_front();
      if (disturb_answer_.exchange(false)) byte ^= 0x10;
      if (::write(terminal_, &byte, 1) != 1) return;
    }
  }
}

}  // namespace kpu::test
