// SPDX-License-Identifier: Apache-2.0
#include "driver/unit_state.h"

#include <fmt/format.h>

#include <array>

namespace kpu::driver {
namespace {

constexpr std::array kLayerStates{"idle", "start", "run", "fail", "clear", "drain", "end", "?"};
constexpr std::array kNextStates{"idle", "issue", "wait", "?"};

/// A valid/ready pair: the valid bit, ready one above it.
struct Stream {
  unsigned bit;
  const char* name;
};
constexpr std::array<Stream, 9> kStreams{{{16, "line fetch request"},
                                          {18, "line fetch answer"},
                                          {20, "line of sums"},
                                          {22, "line of pixels"},
                                          {24, "pooled line"},
                                          {26, "write-back"},
                                          {28, "output stream read"},
                                          {30, "output stream"},
                                          {33, "decoded layer"}}};

struct Flag {
  unsigned bit;
  const char* name;
};
constexpr std::array<Flag, 7> kFlags{{{11, "array busy"},
                                      {12, "convolution idle"},
                                      {13, "array waits for weights"},
                                      {14, "array waits for lines"},
                                      {15, "array is stalled"},
                                      {32, "output stream runs"},
                                      {36, "parameters are asked for"}}};

}  // namespace

std::string describe_unit_state(std::uint64_t state) {
  const auto bit = [state](unsigned i) { return (state >> i & 1) != 0; };
  std::string text = fmt::format("unit state {:#012x}: layer {}, next layer {}", state,
                                 kLayerStates[state & 7], kNextStates[state >> 3 & 3]);
  for (const Flag& flag : kFlags) {
    if (bit(flag.bit)) text += fmt::format(", {}", flag.name);
  }
  for (const Stream& stream : kStreams) {
    if (bit(stream.bit)) {
      text += fmt::format(", {} {}", stream.name, bit(stream.bit + 1) ? "moves" : "is blocked");
    }
  }
  return text;
}

}  // namespace kpu::driver
