// SPDX-License-Identifier: Apache-2.0
//
// The kernels as plain loops, for the target without vectors. No include guard: kernels.cpp
// includes this inside its namespace, once.

constexpr bool kByteProducts = false;
constexpr std::size_t kBlock = 4;
constexpr std::size_t kVectors = 16;

std::size_t Lanes() { return 1; }

std::uint8_t Finish(std::int32_t conv, const ChannelTerms& channel, const ActTask& task) {
  const std::int64_t norm = (std::int64_t{conv} * channel.mul >> channel.shift) + channel.add;
  switch (task.mode) {
    case ActMode::kLine:
      return (*task.lut->line)(norm + task.lut->line->start);
    case ActMode::kSteps: {
      constexpr std::int64_t kLimit = std::int64_t{1} << 35;
      const std::int64_t whole = norm + task.steps->base;
      if (whole >= kLimit || whole < -kLimit) {
        task.too_wide->store(true, std::memory_order_relaxed);
      }
      return (*task.steps)(whole);
    }
    default:
      return (*task.lut)(norm + task.lut->base);
  }
}

/// Products of the two 16-bit numbers in each; sums wrap like the vectors' do.
std::uint32_t PairProduct(std::uint32_t pixels, std::int32_t weights) {
  const auto low = static_cast<std::int16_t>(weights);
  const auto high = static_cast<std::int16_t>(weights >> 16);
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(pixels & 0xFFFF) * low +
                                    static_cast<std::int32_t>(pixels >> 16) * high);
}

void Convolve(const ConvTask& task, std::size_t begin, std::size_t end) {
  for (std::size_t oc = 0; oc < task.out_channels; ++oc) {
    const std::int32_t* weights =
        task.weights + oc / kBlock * task.groups * task.taps * kBlock + oc % kBlock;
    for (std::size_t position = begin; position < end; ++position) {
      auto sum = static_cast<std::uint32_t>(task.position_terms[position]) +
                 static_cast<std::uint32_t>(task.channels[oc].constant);
      const std::int32_t* weight = weights;
      for (std::size_t group = 0; group < task.groups; ++group) {
        const std::uint32_t* plane = task.pixels + group * task.plane + position;
        for (std::size_t tap = 0; tap < task.taps; ++tap, weight += kBlock) {
          sum += PairProduct(plane[task.tap_offsets[tap]], *weight);
        }
      }
      task.act[oc * task.act_stride + position] =
          Finish(static_cast<std::int32_t>(sum), task.channels[oc], task.activation);
    }
  }
}

void ConvolveDepthwise(const DepthwiseTask& task) {
  for (std::size_t position = 0; position < task.positions; ++position) {
    std::int64_t pixels = 0;
    std::int64_t conv = task.channel.constant;
    for (std::size_t tap = 0; tap < task.taps; ++tap) {
      const std::int64_t pixel = task.pixels[position + task.tap_offsets[tap]];
      pixels += pixel;
      conv += pixel * task.weights[tap];
    }
    conv += pixels * task.arg_x >> task.shr_x;
    task.act[position] = Finish(static_cast<std::int32_t>(conv), task.channel, task.activation);
  }
}

void PackPlanes(const std::uint8_t* const* planes, std::size_t group, std::uint32_t* out,
                std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = 0;
    for (std::size_t c = 0; c < group; ++c) {
      out[i] |= std::uint32_t{planes[c][i]} << (c * 32 / group);
    }
  }
}

void AddPacked(const std::uint32_t* pixels, std::size_t group, std::int32_t* sums,
               std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t c = 0; c < group; ++c) {
      sums[i] += static_cast<std::int32_t>(pixels[i] >> (c * 32 / group) & 0xFF);
    }
  }
}

void SumPositions(const PositionTask& task) {
  for (std::size_t position = 0; position < task.positions; ++position) {
    std::int64_t sum = 0;
    for (std::size_t tap = 0; tap < task.taps; ++tap) {
      sum += task.pixel_sums[position + task.tap_offsets[tap]];
    }
    const std::int64_t term = sum * task.arg_x >> task.shr_x;
    task.terms[position] = static_cast<std::int32_t>(term + sum * task.weight_offset);
  }
}

void MaxPoolRows(const std::uint8_t* top, const std::uint8_t* bottom, std::uint8_t* out,
                 std::size_t columns) {
  for (std::size_t i = 0; i < columns; ++i) {
    out[i] = std::max({top[2 * i], top[2 * i + 1], bottom[2 * i], bottom[2 * i + 1]});
  }
}
