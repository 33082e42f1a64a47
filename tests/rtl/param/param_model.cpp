// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/param/param_model.h"

#include <algorithm>
#include <cstddef>

namespace kpu::test {

namespace {

std::uint64_t read_word(const Memory& memory, std::uint32_t addr) {
  std::uint64_t word = 0;
  for (std::uint32_t i = 0; i < 8; ++i) word |= std::uint64_t{memory(addr + i)} << (8 * i);
  return word;
}

std::int64_t sign_extend(std::uint64_t value, unsigned bits) {
  return static_cast<std::int64_t>(value << (64 - bits)) >> (64 - bits);
}

/// Weight `index` of output channel `oc`, in the order of memory.
std::uint32_t weight(const ParamJob& job, const Memory& memory, std::uint32_t oc,
                     std::uint32_t index) {
  const std::uint32_t load = oc / job.load_channels;
  const std::uint32_t addr = job.w_addr + load * job.load_bytes +
                             oc % job.load_channels * job.channel_bytes() +
                             index * (job.eight_bit ? 1 : 2);
  return job.eight_bit ? memory(addr)
                       : memory(addr) | static_cast<std::uint32_t>(memory(addr + 1)) << 8;
}

/// Channel of row `row`, slot `slot`, tap `tap` (3x3: of all taps), as the table in
/// docs/architecture.md says.
std::uint32_t channel_at(const ParamJob& job, std::uint32_t row, std::uint32_t slot,
                         std::uint32_t tap) {
  if (job.kernel3 || job.depthwise) return 4 * row + slot;
  switch (job.grp_l2) {
    case 2: return 32 * row + 4 * tap + slot;
    case 1: return 16 * (2 * row + slot / 2) + 2 * tap + slot % 2;
    default: return 8 * (4 * row + slot) + tap;
  }
}

void append_rows(const ParamJob& job, const Memory& memory, std::uint32_t oc,
                 std::uint32_t channels, std::vector<ExpectedRow>& rows) {
  const std::uint32_t per_row = job.kernel3 || job.depthwise ? 4 : 32;
  const std::uint32_t taps = job.kernel3 ? 9 : job.depthwise ? 1 : 8;
  for (std::uint32_t row = 0; row * per_row < channels; ++row) {
    for (unsigned byte = 0; byte < (job.eight_bit ? 1u : 2u); ++byte) {
      ExpectedRow expected;
      expected.bytes.fill(-1);
      for (std::uint32_t slot = 0; slot < 4; ++slot) {
        for (std::uint32_t tap = 0; tap < taps; ++tap) {
          const std::uint32_t channel = channel_at(job, row, slot, tap);
          if (channel >= channels) continue;
          const std::uint32_t kernel_oc = job.depthwise ? channel : oc;
          const std::uint32_t kernel = job.depthwise ? 0 : channel;
          const std::uint32_t index = kernel * job.kernel_weights() + (job.kernel3 ? tap : 0);
          const std::uint32_t value = weight(job, memory, kernel_oc, index);
          expected.bytes[9 * slot + tap] = static_cast<std::int16_t>(value >> (8 * byte) & 0xff);
        }
      }
      const bool last = (row + 1) * per_row >= channels;
      expected.channels_done =
          job.depthwise ? std::min(4 * (row + 1), channels) : last ? oc + 1 : oc;
      rows.push_back(expected);
    }
  }
}

std::int64_t weight_term(const ParamJob& job, std::uint64_t sum) {
  const std::int64_t product = job.arg_w * static_cast<std::int64_t>(sum);
  const std::int64_t term = (product >> job.shr_w) + job.arg_add_n;
  const std::int64_t limit = std::int64_t{1} << 48;
  return std::clamp(term, -limit, limit - 1);
}

}  // namespace

ExpectedParams expected_params(const ParamJob& job, const Memory& memory) {
  ExpectedParams expected;
  for (std::uint32_t oc = 0; oc < job.out_channels; ++oc) {
    std::uint64_t sum = 0;
    for (std::uint32_t i = 0; i < job.summed() * job.kernel_weights(); ++i) {
      sum += weight(job, memory, oc, i);
    }
    expected.k.push_back(weight_term(job, sum));
    expected.bn.push_back(read_word(memory, job.bn_addr + 8 * oc) & ((std::uint64_t{1} << 60) - 1));
    if (!job.depthwise) append_rows(job, memory, oc, job.in_channels, expected.rows);
  }
  if (job.depthwise) append_rows(job, memory, 0, job.in_channels, expected.rows);

  for (std::uint32_t i = 0; i < 16; ++i) {
    const std::uint64_t word = read_word(memory, job.act_addr + 8 * i);
    expected.shift[i] = static_cast<std::uint8_t>(word);
    expected.mul[i] = static_cast<std::int16_t>(word >> 8);
    expected.start[i] = sign_extend(word >> 24, 36);
    expected.bias[i] = memory(job.act_addr + 128 + i);
  }
  for (std::size_t i = 0; i < 16; ++i) {
    expected.key[i] = *std::min_element(expected.start.begin() + i, expected.start.end());
  }
  return expected;
}

ParamJob random_job(std::mt19937& random, std::uint32_t max_bytes) {
  const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  ParamJob job;
  job.depthwise = below(3) == 0;
  job.kernel3 = below(2) == 0;
  job.load_act = below(4) != 0;
  job.eight_bit = below(3) != 0;
  job.half = below(2) == 0;
  job.grp_l2 = below(3);
  const std::uint32_t sizes[] = {1 + below(9), 1 + below(70), 1 + below(1024)};
  job.in_channels = sizes[below(3)];
  const std::uint32_t most =
      std::clamp(max_bytes / job.channel_bytes(), std::uint32_t{1}, std::uint32_t{1024});
  job.out_channels = job.depthwise ? job.in_channels : 1 + below(most);
  job.load_channels = below(3) == 0 ? 1024 : 1 + below(job.out_channels);
  job.load_channels = std::max(job.load_channels, (job.out_channels + 63) / 64);
  // 17 bits; a single load may be longer than the distance to a next one.
  while (job.load_channels * job.channel_bytes() + 16 >= 1u << 17 &&
         job.load_channels < job.out_channels) {
    ++job.load_channels;
  }
  job.tile_channels = 1u << below(6);
  job.load_bytes = (job.load_channels * job.channel_bytes() + below(2) * below(16)) & 0x1ffff;
  job.shr_w = below(16);
  job.arg_w = static_cast<std::int32_t>(sign_extend(random(), 24));
  job.arg_add_n = sign_extend((std::uint64_t{random()} << 32 | random()) >> below(50), 50);
  if (below(8) == 0) job.arg_w = below(2) ? 0x7fffff : -0x800000;
  if (below(8) == 0) job.shr_w = 0;
  job.act_addr = static_cast<std::uint32_t>(random());
  job.bn_addr = static_cast<std::uint32_t>(random());
  job.w_addr = static_cast<std::uint32_t>(random());
  if (below(2) == 0) job.w_addr &= ~7u;
  job.burst_beats = below(2) == 0 ? 16 : 1 + below(16);
  return job;
}

}  // namespace kpu::test
