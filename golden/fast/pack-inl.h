// SPDX-License-Identifier: Apache-2.0
//
// From rows of bytes in AI RAM to planes with a border, packed for products. No include guard:
// kernels.cpp includes this inside its namespace, once for each target. Vectors write behind a row;
// what comes after it is written later.

/// A packed row of kGroup rows of bytes.
template <std::size_t kGroup>
HWY_INLINE void PackRow(const std::uint8_t* const* rows, std::size_t width, std::uint32_t* out) {
  const hn::ScalableTag<std::uint32_t> d;
  const hn::Rebind<std::uint8_t, decltype(d)> d8;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t i = 0; i < width; i += lanes) {
    auto packed = hn::PromoteTo(d, hn::LoadU(d8, rows[kGroup - 1] + i));
    for (std::size_t c = kGroup - 1; c-- > 0;) {
      packed =
          hn::Or(hn::ShiftLeft<32 / kGroup>(packed), hn::PromoteTo(d, hn::LoadU(d8, rows[c] + i)));
    }
    hn::StoreU(packed, d, out + i);
  }
}

/// Every second pixel of `count` pairs, from the first or second one on.
void EverySecond(const std::uint32_t* line, std::size_t second, std::size_t count,
                 std::uint32_t* out) {
  const hn::ScalableTag<std::uint32_t> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t i = 0; i < count; i += lanes) {
    const auto low = hn::LoadU(d, line + 2 * i);
    const auto high = hn::LoadU(d, line + 2 * i + lanes);
    hn::StoreU(second == 0 ? hn::ConcatEven(d, high, low) : hn::ConcatOdd(d, high, low), d,
               out + i);
  }
}

template <std::size_t kGroup>
void PackPlanesOf(const PackTask& task) {
  static constexpr std::uint8_t kNothing[kMostColumns + kSlack] = {};
  const ImageRows& rows = task.rows;
  const std::size_t border = rows.border;
  std::uint32_t padding = 0;
  for (std::size_t c = 0; c < kGroup; ++c) {
    padding |= task.sources[c] == nullptr ? 0u : std::uint32_t{rows.pad_value} << (32 / kGroup * c);
  }
  for (std::size_t row = 0; row < rows.height + 2 * border; ++row) {
    const unsigned phases = task.phases >> (row % task.step * task.step);
    if ((phases & ((1u << task.step) - 1)) == 0) continue;
    std::uint32_t* const out = task.out + row % task.step * task.step * task.phase_plane +
                               row / task.step * task.plane_width;
    std::uint32_t* const line = task.step == 1 ? out : task.line;
    const std::size_t from = std::clamp(row, border, rows.height - 1 + border) - border;
    if (from + border != row && !rows.nearest) {
      std::fill_n(line, rows.width + 2 * border, padding);
    } else {
      const std::uint8_t* sources[kGroup];
      for (std::size_t c = 0; c < kGroup; ++c) {
        sources[c] =
            task.sources[c] == nullptr ? kNothing : task.sources[c] + from * rows.row_stride;
      }
      PackRow<kGroup>(sources, rows.width, line + border);
      if (border != 0) {
        line[0] = rows.nearest ? line[1] : padding;
        line[rows.width + 1] = rows.nearest ? line[rows.width] : padding;
      }
    }
    for (std::size_t phase = 0; phase < task.step && task.step > 1; ++phase) {
      if ((phases >> phase & 1) == 0) continue;
      std::uint32_t* const to = out + phase * task.phase_plane;
      if (task.step == 2) {
        EverySecond(line, phase, task.plane_width, to);
      } else {
        for (std::size_t i = 0; i < task.plane_width; ++i) {
          to[i] = line[i * task.step + phase];
        }
      }
    }
  }
}

void PackPlanes(const PackTask& task) {
  return task.group == 4 ? PackPlanesOf<4>(task) : PackPlanesOf<2>(task);
}

void WidenPlane(const ImageRows& rows, const std::uint8_t* source, std::uint16_t* out) {
  const hn::ScalableTag<std::uint16_t> d;
  const hn::Rebind<std::uint8_t, decltype(d)> d8;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t width = rows.width + 2 * rows.border;
  for (std::size_t row = 0; row < rows.height + 2 * rows.border; ++row, out += width) {
    const std::size_t from =
        std::clamp(row, rows.border, rows.height - 1 + rows.border) - rows.border;
    if (from + rows.border != row && !rows.nearest) {
      std::fill_n(out, width, rows.pad_value);
      continue;
    }
    const std::uint8_t* const pixels = source + from * rows.row_stride;
    for (std::size_t i = 0; i < rows.width; i += lanes) {
      hn::StoreU(hn::PromoteTo(d, hn::LoadU(d8, pixels + i)), d, out + rows.border + i);
    }
    if (rows.border != 0) {
      out[0] = rows.nearest ? out[1] : rows.pad_value;
      out[width - 1] = rows.nearest ? out[width - 2] : rows.pad_value;
    }
  }
}
