// SPDX-License-Identifier: Apache-2.0
#include "board/debug/gdb_registers.h"

#include <fmt/format.h>

namespace kpu::board {
namespace {

constexpr const char* kNames[] = {"zero", "ra", "sp",  "gp",  "tp", "t0", "t1", "t2",
                                  "fp",   "s1", "a0",  "a1",  "a2", "a3", "a4", "a5",
                                  "a6",   "a7", "s2",  "s3",  "s4", "s5", "s6", "s7",
                                  "s8",   "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
constexpr const char* kFloatNames[] = {"ft0", "ft1", "ft2",  "ft3",  "ft4", "ft5", "ft6",  "ft7",
                                       "fs0", "fs1", "fa0",  "fa1",  "fa2", "fa3", "fa4",  "fa5",
                                       "fa6", "fa7", "fs2",  "fs3",  "fs4", "fs5", "fs6",  "fs7",
                                       "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11"};
constexpr const char* kStatusNames[] = {"fflags", "frm", "fcsr"};
constexpr const char* kControlNames[] = {"mstatus", "mie",    "mtvec", "mscratch",
                                         "mepc",    "mcause", "mtval", "mip"};

std::string line(const char* name, unsigned number, const char* type) {
  return fmt::format("<reg name=\"{}\" bitsize=\"{}\" regnum=\"{}\" type=\"{}\"/>\n", name,
                     8 * gdb_register_bytes(number), number, type);
}

}  // namespace

std::string gdb_target_description() {
  std::string text =
      "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
      "<target version=\"1.0\">\n<architecture>riscv:rv64</architecture>\n"
      "<feature name=\"org.gnu.gdb.riscv.cpu\">\n";
  unsigned number = 0;
  for (const char* const name : kNames) {
    text += line(name, number++, "int");
  }
  text += line("pc", number++, "code_ptr");
  text += "</feature>\n<feature name=\"org.gnu.gdb.riscv.fpu\">\n";
  for (const char* const name : kFloatNames) {
    text += line(name, number++, "ieee_double");
  }
  for (const char* const name : kStatusNames) {
    text += line(name, number++, "int");
  }
  text += "</feature>\n<feature name=\"org.gnu.gdb.riscv.csr\">\n";
  for (const char* const name : kControlNames) {
    text += line(name, number++, "int");
  }
  return text + "</feature>\n</target>\n";
}

}  // namespace kpu::board
