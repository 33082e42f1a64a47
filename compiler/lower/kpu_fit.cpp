// SPDX-License-Identifier: Apache-2.0
#include "compiler/lower/kpu_fit.h"

#include <algorithm>

#include "common/kpu_shape.h"
#include "golden/kpu/ai_ram.h"

namespace kpu::compiler {

std::int64_t most_out_channels(std::int64_t channel_bytes) {
  constexpr std::int64_t kHalfWeightMemory = 36 * 1024, kLoads = 64;
  return std::min(kMostChannels, kLoads * (kHalfWeightMemory / channel_bytes));
}

std::int64_t image_lines(std::int64_t channels, std::int64_t height, std::int64_t width) {
  return static_cast<std::int64_t>(
      golden::ImageLayout::standard(0, static_cast<std::uint32_t>(channels),
                                    static_cast<std::uint32_t>(height),
                                    static_cast<std::uint32_t>(width))
          .end_line());
}

bool fits_kpu(const Dims& in, const Dims& out) {
  constexpr std::int64_t kMostRows = 256, kMostColumns = 512;  // as the vendor's compilers keep
  for (const Dims* dims : {&in, &out}) {
    if ((*dims)[1] > kMostChannels || (*dims)[2] > kMostRows || (*dims)[3] > kMostColumns) {
      return false;
    }
  }
  return image_lines(in[1], in[2], in[3]) + image_lines(out[1], out[2], out[3]) <=
         static_cast<std::int64_t>(kAiRamLines);
}

}  // namespace kpu::compiler
