// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kpu::sim {

/// A signal of a wave file and the values of its bits, cycle by cycle.
struct SignalValues {
  std::string path;                              ///< "u_core.u_conv.x", below the scope that was asked for
  std::vector<std::vector<std::uint64_t>> bits;  ///< bit 0 first; of each, cycle c in bit c % 64 of word c / 64
  std::vector<std::string> aliases;              ///< further paths that have the same values
};

struct BitValues {
  std::uint64_t cycles = 0;
  std::vector<SignalValues> signals;
};

/// Values of all signals below the scope `below` ("kpu_soc.kpu_soc.u_kpu") in each cycle of its clk_i, as they stand when the
/// clock rises: what registers take. Elements of arrays have their index in the path ("u_fifo.mem[3]"), fields of structs
/// are signals of their own ("op_q.tag.row"). Throws Error if the file cannot be read or has no such clock.
BitValues bit_values(const std::string& wave, const std::string& below);

/// As text, for programs in other languages. First a line `cycles N`; then, for each signal, `path bits value ..` with a value
/// for each bit, bit 0 first: cycle 0 as the lowest bit of a hexadecimal number, or `~` for a bit that is always 1; behind a
/// signal, `path =` for each alias of it.
std::string bit_values_text(const BitValues& values);

}  // namespace kpu::sim
