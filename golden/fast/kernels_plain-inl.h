// SPDX-License-Identifier: Apache-2.0
//
// The kernels as plain loops, for the target without vectors. No include guard: kernels.cpp
// includes this inside its namespace, once.

constexpr std::size_t kVectors = 1;

ConvShape Shape(bool) { return {.group = 2, .vectors = kVectors, .lanes = 1}; }

std::uint8_t Finish(std::int32_t conv, const ChannelTerms& channel, const ActTask& task) {
  const std::int64_t norm = (std::int64_t{conv} * channel.mul >> channel.shift) + channel.add;
  switch (task.mode) {
    case ActMode::kRelu:
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
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(pixels & 0xFFFF) * low) +
         static_cast<std::uint32_t>(static_cast<std::int32_t>(pixels >> 16) * high);
}

/// conv of a channel at a position, or at one result of its window.
std::int32_t Conv(const ConvTask& task, std::size_t oc, std::size_t position, std::size_t window) {
  const std::size_t first = oc / kBlock * kBlock;
  const std::size_t block = block_channels(task.out_channels - first);
  const std::int32_t* weight = task.weights + first * task.groups * task.taps + (oc - first);
  std::uint32_t sum = static_cast<std::uint32_t>(task.channels[oc].constant);
  std::uint32_t pixel_sum = 0;
  for (std::size_t group = 0; group < task.groups; ++group) {
    const std::uint32_t* plane = task.pixels + group * task.plane + position;
    for (std::size_t tap = 0; tap < task.taps; ++tap, weight += block) {
      const std::uint32_t pixels = plane[task.offsets[window * task.taps + tap]];
      sum += PairProduct(pixels, *weight);
      pixel_sum += (pixels & 0xFFFF) + (pixels >> 16);
    }
  }
  if (task.pixel_terms) {
    const std::int64_t term = std::int64_t{pixel_sum} * task.arg_x >> task.shr_x;
    sum += static_cast<std::uint32_t>(term) +
           pixel_sum * static_cast<std::uint32_t>(task.weight_offset);
  }
  return static_cast<std::int32_t>(sum);
}

void Convolve(const ConvTask& task, std::size_t begin, std::size_t end) {
  for (std::size_t oc = 0; oc < task.out_channels; ++oc) {
    for (std::size_t position = begin; position < end; ++position) {
      std::int32_t conv = Conv(task, oc, position, 0);
      for (std::size_t window = 1; window < 4 && task.max_pool; ++window) {
        conv = std::max(conv, Conv(task, oc, position, window));
      }
      task.out[oc * task.out_stride + position] = Finish(conv, task.channels[oc], task.activation);
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

/// The pixel of an image with its border.
std::uint8_t PixelAt(const ImageRows& rows, const std::uint8_t* source, std::size_t row,
                     std::size_t column) {
  const std::size_t border = rows.border;
  const std::size_t y = std::clamp(row, border, rows.height - 1 + border);
  const std::size_t x = std::clamp(column, border, rows.width - 1 + border);
  const bool outside = y != row || x != column;
  return outside && !rows.nearest ? rows.pad_value
                                  : source[(y - border) * rows.row_stride + x - border];
}

void PackPlanes(const PackTask& task) {
  const ImageRows& rows = task.rows;
  for (std::size_t row = 0; row < rows.height + 2 * rows.border; ++row) {
    for (std::size_t column = 0; column < rows.width + 2 * rows.border; ++column) {
      std::uint32_t packed = 0;
      for (std::size_t c = 0; c < task.group; ++c) {
        if (task.sources[c] == nullptr) continue;
        packed |= std::uint32_t{PixelAt(rows, task.sources[c], row, column)}
                  << (c * 32 / task.group);
      }
      const std::size_t phase = row % task.step * task.step + column % task.step;
      task.out[phase * task.phase_plane + row / task.step * task.plane_width + column / task.step] =
          packed;
    }
  }
}

void WidenPlane(const ImageRows& rows, const std::uint8_t* source, std::uint16_t* out) {
  for (std::size_t row = 0; row < rows.height + 2 * rows.border; ++row) {
    for (std::size_t column = 0; column < rows.width + 2 * rows.border; ++column) {
      *out++ = PixelAt(rows, source, row, column);
    }
  }
}
