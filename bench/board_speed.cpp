// SPDX-License-Identifier: Apache-2.0
//
// Speed of the virtual board's processor: million instructions a second of straight code, million
// cycles a second of programs that only wait. With --words it prints the straight program, for other
// interpreters (scripts/unicorn_speed.py).
#include <fmt/format.h>
#include <time.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "board/devices/model_accelerator.h"
#include "board/machine/machine.h"
#include "golden/fast/fast_backend.h"

namespace {

using namespace kpu;

/// Time of this process alone: other work on the machine does not count.
double seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// A sum over 4 KiB again and again: loads, stores, shifts, a product, two branches in fifteen
/// instructions.
constexpr std::uint32_t kStraight[] = {
    0x041B6405, 0x04528014, 0x82A24381, 0x20000313, 0x0002BE03, 0x01C3C3B3,
    0x00D39E93, 0xDE9393F6, 0xC3B30073, 0x8F3301D3, 0x0E0503C3, 0x01C2B023,
    0x008F7F93, 0x000F8463, 0x41E383B3, 0x137D02A1, 0xFC0318E3, 0x0000B7D9};
/// Waits for 400,000 cycles of mcycle, again and again, as usleep() does.
constexpr std::uint32_t kDelay[] = {0xB00022F3, 0xB0002373, 0x40530333, 0x000623B7,
                                    0xA803839B, 0xFE7368E3, 0x0000B7E5};
/// wfi; back to it.
constexpr std::uint32_t kWait[] = {0x1050'0073, 0xFFDF'F06F};
/// A loop on a word that nobody writes: lui t0, 0x40100; lw t1, 0(t0); beqz t1, back.
constexpr std::uint32_t kSpin[] = {0x4010'02B7, 0x0002'A303, 0xFE03'0EE3};

struct Speed {
  double instructions;  ///< million a second, of hart 0
  double cycles;
};

Speed measure(std::span<const std::uint32_t> words, std::uint64_t cycles) {
  golden::fast::FastBackend kpu;
  board::Machine machine(board::model_accelerator(kpu), {});
  for (std::size_t i = 0; i < words.size(); ++i) {
    machine.ram().store<std::uint32_t>(4 * i, words[i]);
  }
  // Hart 1 rests behind the program.
  machine.ram().store<std::uint32_t>(0x1000, kWait[0]);
  machine.ram().store<std::uint32_t>(0x1004, kWait[1]);
  machine.hart(1).state().pc = board::Ram::kCached + 0x1000;
  const double start = seconds();
  machine.run(cycles);
  const double time = seconds() - start;
  return {static_cast<double>(machine.hart(0).instructions()) / time / 1e6,
          static_cast<double>(machine.now()) / time / 1e6};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "--words") {
    for (const std::uint32_t word : kStraight) {
      fmt::print("{:08x}\n", word);
    }
    return 0;
  }
  fmt::print("virtual board, processor time of one thread\n");
  fmt::print("  straight code      {:>8.0f} million instructions a second\n",
             measure(kStraight, 300'000'000).instructions);
  fmt::print("  delay on mcycle    {:>8.0f} million cycles a second\n",
             measure(kDelay, 1'000'000'000).cycles);
  fmt::print("  spin on a word     {:>8.0f} million cycles a second\n",
             measure(kSpin, 1'000'000'000).cycles);
  fmt::print("  wfi                {:>8.0f} million cycles a second\n",
             measure(kWait, 1'000'000'000).cycles);
  return 0;
}
